"""Decides what the Sync screen shows. No Qt."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from visitapp.actions.disagreements import Decided
from visitapp.actions.stuck import Way, receipt_number
from visitapp.actions.syncing import SyncOverview
from visitapp.domain.problems import Problem
from visitapp.protocol.messages import ACCEPTED
from visitapp.store.arrivals import Arriving
from visitapp.store.notices import GoneRow
from visitapp.store.rows import OutboxRow, ReceiptRow, SyncLogRow
from visitapp.sync.state import NotConnected, SyncState, Working
from visitapp.ui.disagreement.labels import kind_title
from visitapp.ui.disagreement.presenter import DECIDED
from visitapp.ui.problem_words import PROBLEM_WORDS
from visitapp.ui.roles import Feed, Lanes, Navigate, Notices, WhatChanged
from visitapp.ui.sync.attention import Attention, attention_of, done_words
from visitapp.ui.sync.sentence import Sentence, sentence
from visitapp.ui.wording import count, moment_words

SHOWN_NAMES = 12
SHOWN_NUMBERS = 2
SHOWN_RECEIPTS = 12
_KINDS = {
    "family": ("family changed", "families changed"),
    "person": ("person changed", "people changed"),
    "begun": ("visit begun", "visits begun"),
    "draft": ("draft", "drafts"),
    "visit": ("signed note", "signed notes"),
    "part": ("part of a note", "parts of notes"),
    "addendum": ("addendum", "addenda"),
    "error_mark": ("note entered in error", "notes entered in error"),
    "review": ("review", "reviews"),
    "measurement": ("measurement", "measurements"),
    "referral": ("referral", "referrals"),
    "plan_item": ("plan item", "plan items"),
    "decision": ("decision", "decisions"),
    "handed_on": ("text for your supervisor", "texts for your supervisor"),
}


@dataclass(frozen=True)
class Group:
    """Changes that wait or travel, told together."""

    words: str
    detail: str
    icon: str


@dataclass(frozen=True)
class Arrival:
    """How far the families of a first sync have come."""

    words: str
    detail: str
    here: int
    of: int


@dataclass(frozen=True)
class Gone:
    """A family that is with somebody else now."""

    id: str
    words: str


@dataclass(frozen=True)
class PastDecision:
    """One decision that was taken, to be opened."""

    words: str
    when: str
    argument: str


@dataclass(frozen=True)
class Past:
    """One sync of the past."""

    when: str
    words: str
    size: str
    icon: str
    tone: str


@dataclass(frozen=True)
class SyncPage:
    """Everything the Sync screen shows, in words."""

    sentence: Sentence
    detail: str
    may_sync: bool
    arrival: Arrival | None
    attention: tuple[Attention, ...]
    waiting: tuple[Group, ...]
    travelling: tuple[Group, ...]
    received: tuple[Group, ...]
    gone: tuple[Gone, ...]
    decided: tuple[PastDecision, ...]
    history: tuple[Past, ...]


class SyncShows(Protocol):
    """What the presenter asks of the view."""

    def show_page(self, page: SyncPage) -> None:
        """Show everything."""


class SyncPresenter:
    """Shows what is where, syncs on command, and does what is chosen for what waits."""

    def __init__(
        self,
        view: SyncShows,
        *,
        load: Callable[[], SyncOverview],
        sync_now: Callable[[], None],
        act_on: Callable[[str, Way], None],
        take_note: Callable[[str], None],
        now: Callable[[], datetime],
        lanes: Lanes,
        feed: Feed,
        navigate: Navigate,
        notices: Notices,
    ) -> None:
        self._view = view
        self._load = load
        self._sync_now = sync_now
        self._act_on = act_on
        self._take_note = take_note
        self._now = now
        self._lanes = lanes
        self._navigate = navigate
        self._notices = notices
        self._loaded: SyncOverview | None = None
        self._state: SyncState | None = None
        self._in_front = False
        feed.follow(view, self._changed)
        feed.follow_sync(view, self._became)

    def open(self) -> None:
        """Come to the front."""
        self._in_front = True
        self._reload()

    def leave(self) -> None:
        """Stop following until the screen is in front again."""
        self._in_front = False

    def sync(self) -> None:
        """Sync now; how it goes is shown as it goes."""
        self._sync_now()

    def act(self, op: str, way: Way) -> None:
        """Do what was chosen for a change that waits."""
        if way is Way.DECIDE:
            self._navigate("disagreement", op)
            return

        def failed(problem: Problem) -> None:
            self._notices.problem(problem)
            self._reload()

        self._lanes.on_record(
            self._view, lambda: self._act_on(op, way), lambda _: self._notices.tell(done_words(way)), failed
        )  # fmt: skip

    def read_gone(self, notice: str) -> None:
        """Tell no more that a family has gone."""
        self._lanes.on_record(self._view, lambda: self._take_note(notice), lambda _: self._reload())

    def read_decision(self, argument: str) -> None:
        """Open a decision of the past."""
        self._navigate("disagreement", argument)

    def _changed(self, changes: WhatChanged) -> None:
        if self._in_front:
            self._reload()

    def _became(self, state: object) -> None:
        self._state = state  # type: ignore[assignment]
        if self._in_front:
            self._show()

    def _reload(self) -> None:
        self._lanes.on_record(self._view, self._load, self._has_loaded)

    def _has_loaded(self, loaded: SyncOverview) -> None:
        self._loaded = loaded
        self._show()

    def _show(self) -> None:
        if self._loaded is not None:
            self._view.show_page(page_of(self._loaded, self._state, self._now()))


def page_of(overview: SyncOverview, state: SyncState | None, now: datetime) -> SyncPage:
    """Put what was loaded into words."""
    sent = [row for row in overview.waiting if row.state == "sent"]
    here = [row for row in overview.waiting if row.state != "sent"]
    return SyncPage(
        sentence=sentence(state, overview.counts, now, practice=overview.practice),
        detail=_detail(overview, now),
        may_sync=not isinstance(state, NotConnected | Working),
        arrival=_arrival(overview.arriving),
        attention=tuple(attention_of(waiting, now) for waiting in overview.needs_you),
        waiting=tuple(_groups(here, "laptop", now)),
        travelling=tuple(_groups(sent, "sent", now)),
        received=tuple(_received(overview.received, now)),
        gone=tuple(Gone(row.id, gone_words(row, now)) for row in overview.gone),
        decided=tuple(_decision(one, now) for one in overview.decided),
        history=tuple(_past(run, now) for run in overview.history),
    )


def kind_words(kind: str, many: int) -> str:
    """Say so many records of a kind: "3 signed notes"."""
    one, several = _KINDS.get(kind, ("other change", "other changes"))
    return count(many, one, several)


def _detail(overview: SyncOverview, now: datetime) -> str:
    oldest = overview.counts.oldest_unsent_at
    said = [f"The oldest has waited since {moment_words(oldest, now)}."] if oldest else []
    trouble = next((run for run in overview.history[:1] if run.problem), None)
    if trouble is not None and problem_words(trouble.problem):
        said.append(f"Last problem, {moment_words(trouble.ended_at, now)}: {problem_words(trouble.problem)}")
    if overview.counts.drafts:
        said.append(f"{count(overview.counts.drafts, 'draft')} not signed yet: only you can see them.")
    return " ".join(said)


def _groups(rows: Sequence[OutboxRow], icon: str, now: datetime) -> Iterable[Group]:
    many = Counter(row.kind for row in rows)
    for kind, number in sorted(many.items(), key=lambda pair: list(_KINDS).index(pair[0]) if pair[0] in _KINDS else 99):
        oldest = min(row.made_at for row in rows if row.kind == kind)
        yield Group(kind_words(kind, number), f"since {moment_words(oldest, now)}", icon)


def _arrival(families: Sequence[Arriving]) -> Arrival | None:
    """Tell how far a first sync has come; None once every family is here."""
    here = [family for family in families if family.is_here]
    if not families or len(here) == len(families):
        return None
    names = [family.name for family in here if family.name]
    told = ", ".join(names[:SHOWN_NAMES]) + (f" and {len(names) - SHOWN_NAMES} more" if len(names) > SHOWN_NAMES else "")
    detail = f"Complete, and ready to work with: {told}." if names else "Families with a visit today come first."
    return Arrival(
        f"{len(here)} of {count(len(families), 'family', 'families')} are on this laptop", detail, len(here), len(families)
    )


def _received(receipts: Sequence[ReceiptRow], now: datetime) -> Iterable[Group]:
    """Tell receipts of one moment together: one sync brings many."""
    told: dict[str, list[ReceiptRow]] = {}
    for receipt in receipts:
        if receipt.outcome in ACCEPTED:
            told.setdefault(moment_words(receipt.at, now), []).append(receipt)
    for when, rows in list(told.items())[:SHOWN_RECEIPTS]:
        kinds = Counter(row.kind for row in rows)
        numbers = [receipt_number(row.op) for row in sorted(rows, key=lambda row: row.kind not in ("visit", "addendum"))]
        many = f" and {len(numbers) - SHOWN_NUMBERS} more" if len(numbers) > SHOWN_NUMBERS else ""
        word = "receipt" if len(numbers) == 1 else "receipts"
        detail = f"{when} · {word} {', '.join(numbers[:SHOWN_NUMBERS])}{many}"
        yield Group(", ".join(kind_words(kind, number) for kind, number in kinds.items()), detail, "received")


def gone_words(row: GoneRow, now: datetime) -> str:
    """Say where a family went and what became of one's own work about it. Its name is not kept."""
    when = f", {moment_words(row.at, now)}" if row.at else ""
    to = f"is now with {row.to_name}" if row.to_name else "has left your caseload"
    said = [f"A family {to}{when}."]
    if row.notes:
        said.append(f"Your {_some(row.notes, 'signed note')} arrived.")
    if row.drafts:
        said.append(f"Your {_some(row.drafts, 'draft')} went with it.")
    return " ".join(said)


def _some(number: int, what: str) -> str:
    return what if number == 1 else f"{number} {what}s"


def _decision(one: Decided, now: datetime) -> PastDecision:
    title = " · ".join(part for part in (one.family_name, kind_title(one.kind, one.about)) if part)
    return PastDecision(title, moment_words(one.at, now), f"{DECIDED}{one.id}")


def _past(run: SyncLogRow, now: datetime) -> Past:
    moved = f"{run.sent} sent, {run.received} received" if run.sent or run.received else "nothing new"
    size = f"{size_words(run.up_bytes)} up, {size_words(run.down_bytes)} down"
    when = moment_words(run.ended_at, now)
    why = problem_words(run.problem)
    match run.outcome:
        case "done":
            return Past(when, moved[0].upper() + moved[1:], size, "received", "success")
        case "partly":
            return Past(when, f"Partly: {moved}, the rest follows by itself. {why}".strip(), size, "sync", "attention")
        case "offline":
            return Past(when, "No network", "", "offline", "muted")
        case "stopped":
            return Past(when, f"Stopped half way: {moved}, the rest follows by itself", size, "sync", "muted")
        case _:
            told = why or "It did not work."
            return Past(when, f"{told} Nothing was lost, and it is tried again by itself", size, "warning", "attention")


def size_words(size: int) -> str:
    """Say an amount of data as people do: 640 bytes, 12 KB, 3.4 MB."""
    if size < 1_000:
        return count(size, "byte")
    return f"{size / 1_000:.0f} KB" if size < 1_000_000 else f"{size / 1_000_000:.1f} MB"


def problem_words(name: str) -> str:
    """Say what a problem was that is remembered by its name alone; "" for none and for one that has no words any more."""
    found = next((words for kind, words in PROBLEM_WORDS.items() if kind.__name__ == name), None)
    return "" if found is None or "{" in found.happened else found.happened
