"""Decides what the Sync screen shows. No Qt."""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol

from visitapp.actions.disagreements import TwoVersions
from visitapp.actions.syncing import SyncOverview
from visitapp.domain.problems import Problem
from visitapp.protocol.messages import ACCEPTED
from visitapp.store.rows import OutboxRow, ReceiptRow, SyncLogRow
from visitapp.sync.state import NotConnected, SyncState, Working
from visitapp.ui.roles import Feed, Lanes, Notices, WhatChanged
from visitapp.ui.sync.sentence import Sentence, sentence
from visitapp.ui.wording import count, day_words, moment_words

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
}
_WHY = {
    "conflict": "It was changed here and at the server.",
    "gone": "It was taken away at the server meanwhile.",
    "frozen": "It cannot be changed any more at the server.",
    "denied": "Your service did not accept it: the family may have been passed on.",
    "parked": "The server could not take it several times.",
}
_UNSHOWN = frozenset({"id", "family", "rev", "order", "twin_of", "colour"})


@dataclass(frozen=True)
class Group:
    """Changes that wait or travel, told together."""

    words: str
    detail: str
    icon: str


@dataclass(frozen=True)
class Difference:
    """One thing of which there are two texts."""

    what: str
    mine: str
    theirs: str


@dataclass(frozen=True)
class Choice:
    """A record with two versions, to be decided."""

    op: str
    title: str
    why: str
    differences: tuple[Difference, ...]
    theirs_gone: bool


@dataclass(frozen=True)
class Past:
    """One sync of the past."""

    when: str
    words: str
    icon: str
    tone: str


@dataclass(frozen=True)
class SyncPage:
    """Everything the Sync screen shows, in words."""

    sentence: Sentence
    detail: str
    may_sync: bool
    waiting: tuple[Group, ...]
    travelling: tuple[Group, ...]
    received: tuple[Group, ...]
    choices: tuple[Choice, ...]
    history: tuple[Past, ...]


class SyncShows(Protocol):
    """What the presenter asks of the view."""

    def show_page(self, page: SyncPage) -> None:
        """Show everything."""


@dataclass(frozen=True)
class Loaded:
    """What the record told."""

    overview: SyncOverview
    two: tuple[TwoVersions, ...]


class SyncPresenter:
    """Shows what is where, syncs on command, and takes decisions."""

    def __init__(
        self,
        view: SyncShows,
        *,
        load: Callable[[], Loaded],
        sync_now: Callable[[], None],
        decide_for_mine: Callable[[str], None],
        decide_for_theirs: Callable[[str], None],
        now: Callable[[], datetime],
        lanes: Lanes,
        feed: Feed,
        notices: Notices,
    ) -> None:
        self._view = view
        self._load = load
        self._sync_now = sync_now
        self._mine = decide_for_mine
        self._theirs = decide_for_theirs
        self._now = now
        self._lanes = lanes
        self._notices = notices
        self._loaded: Loaded | None = None
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

    def keep_mine(self, op: str) -> None:
        """Decide for what was written here."""
        self._decide(self._mine, op, "Your text is sent again with the next sync. The other one is kept aside.")

    def take_theirs(self, op: str) -> None:
        """Decide for what the server has."""
        self._decide(self._theirs, op, "The server's text is used. Yours is kept aside.")

    def _decide(self, decide: Callable[[str], None], op: str, words: str) -> None:
        def failed(problem: Problem) -> None:
            self._notices.problem(problem)
            self._reload()

        self._lanes.on_record(self._view, lambda: decide(op), lambda _: self._notices.tell(words), failed)

    def _changed(self, changes: WhatChanged) -> None:
        if self._in_front:
            self._reload()

    def _became(self, state: object) -> None:
        self._state = state  # type: ignore[assignment]
        if self._in_front:
            self._show()

    def _reload(self) -> None:
        self._lanes.on_record(self._view, self._load, self._has_loaded)

    def _has_loaded(self, loaded: Loaded) -> None:
        self._loaded = loaded
        self._show()

    def _show(self) -> None:
        if self._loaded is not None:
            self._view.show_page(page_of(self._loaded, self._state, self._now()))


def page_of(loaded: Loaded, state: SyncState | None, now: datetime) -> SyncPage:
    """Put what was loaded into words."""
    overview = loaded.overview
    sent = [row for row in overview.waiting if row.state == "sent"]
    here = [row for row in overview.waiting if row.state != "sent"]
    return SyncPage(
        sentence=sentence(state, overview.counts, now, practice=overview.practice),
        detail=_detail(overview, now),
        may_sync=not isinstance(state, NotConnected | Working),
        waiting=tuple(_groups(here, "laptop", now)),
        travelling=tuple(_groups(sent, "sent", now)),
        received=tuple(_received(overview.received, now)),
        choices=tuple(_choice(each) for each in loaded.two),
        history=tuple(_past(run, now) for run in overview.history),
    )


def kind_words(kind: str, many: int) -> str:
    """Say so many records of a kind: "3 signed notes"."""
    one, several = _KINDS.get(kind, ("other change", "other changes"))
    return count(many, one, several)


def _detail(overview: SyncOverview, now: datetime) -> str:
    oldest = overview.counts.oldest_unsent_at
    said = [f"The oldest has waited since {moment_words(oldest, now)}."] if oldest else []
    if overview.counts.held:
        said.append(f"{count(overview.counts.held, 'change')} with the service desk.")
    if overview.counts.drafts:
        said.append(f"{count(overview.counts.drafts, 'draft')} not signed yet: only you can see them.")
    return " ".join(said)


def _groups(rows: Sequence[OutboxRow], icon: str, now: datetime) -> Iterable[Group]:
    many = Counter(row.kind for row in rows)
    for kind, number in sorted(many.items(), key=lambda pair: list(_KINDS).index(pair[0]) if pair[0] in _KINDS else 99):
        oldest = min(row.made_at for row in rows if row.kind == kind)
        yield Group(kind_words(kind, number), f"since {moment_words(oldest, now)}", icon)


def _received(receipts: Sequence[ReceiptRow], now: datetime) -> Iterable[Group]:
    """Tell receipts of one moment together: one sync brings many."""
    told: dict[str, Counter[str]] = {}
    for receipt in receipts:
        if receipt.outcome in ACCEPTED:
            told.setdefault(moment_words(receipt.at, now), Counter())[receipt.kind] += 1
    for when, kinds in list(told.items())[:SHOWN_RECEIPTS]:
        yield Group(", ".join(kind_words(kind, number) for kind, number in kinds.items()), when, "received")


def _past(run: SyncLogRow, now: datetime) -> Past:
    moved = f"{run.sent} sent, {run.received} received" if run.sent or run.received else "nothing new"
    when = moment_words(run.ended_at, now)
    match run.outcome:
        case "done":
            return Past(when, moved[0].upper() + moved[1:], "received", "success")
        case "partly":
            return Past(when, f"Partly: {moved}, the rest follows by itself", "sync", "attention")
        case "offline":
            return Past(when, "No network", "offline", "muted")
        case "stopped":
            return Past(when, f"Stopped half way: {moved}, the rest follows by itself", "sync", "muted")
        case _:
            return Past(when, "It did not work. Nothing was lost, and it is tried again by itself", "warning", "attention")


def _choice(two: TwoVersions) -> Choice:
    one, _ = _KINDS.get(two.kind, ("record", "records"))
    title = " · ".join(part for part in (two.family_name, one) if part)
    return Choice(two.op, title, _WHY.get(two.why, "Your service did not take it."), tuple(_differences(two)), two.theirs is None)


def _differences(two: TwoVersions) -> Iterable[Difference]:
    theirs = two.theirs or {}
    for key in dict.fromkeys([*two.mine, *theirs]):
        if key in _UNSHOWN or key.endswith("_id"):
            continue
        mine_text, their_text = _text(two.mine.get(key)), _text(theirs.get(key))
        if mine_text != their_text:
            yield Difference(key.replace("_", " ").capitalize(), mine_text or "empty", their_text or "empty")


def _text(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(part for part in (_text(each) for each in value.values()) if part)
    if isinstance(value, list):
        return "; ".join(part for part in (_text(each) for each in value) if part)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return _day_or_text(value) if isinstance(value, str) else "" if value is None else json.dumps(value)


def _day_or_text(value: str) -> str:
    try:
        return day_words(date.fromisoformat(value))
    except ValueError:
        return value
