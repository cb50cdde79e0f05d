"""Decides what the screen of two versions shows, and when a decision is whole. No Qt."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from visitapp.actions.disagreements import Decided, DecidedField, Told, TwoVersions
from visitapp.domain.differences import Chosen, Path, Piece, both_texts, marked
from visitapp.domain.problems import Problem
from visitapp.ui.disagreement.labels import field_label, kind_title, value_words
from visitapp.ui.roles import Lanes, Navigate, Notices
from visitapp.ui.wording import count, moment_words

DECIDED = "decided/"
"""What an argument begins with that names a decision of the past instead of a change that waits."""
_WHY = {
    "state": "The referral moved on at your service while this was written, and one step does not follow from the other.",
    "moved": "It was filed in another family, and changed there meanwhile.",
    "overlap": "Two people changed the same thing before either knew of the other. The newest text counts until you choose.",
}
CHOSEN_WORDS = {
    "mine": "The text written on the laptop was kept",
    "theirs": "The server's text was kept",
    "combined": "One text was made from both",
    "addendum": "The second note was filed as an addendum",
    "anew": "It was kept under a new name",
    "aside": "It was put aside",
    "handed_on": "It was given to a supervisor",
    "seen": "It was dealt with",
    "moved_out": "It was filed in another family",
    "moved_in": "It was filed here from another family",
}


@dataclass(frozen=True)
class Place:
    """One place at which the texts differ: a label, both texts in pieces, and what may be done."""

    path: Path
    label: str
    mine: tuple[Piece, ...]
    theirs: tuple[Piece, ...]
    mine_empty: str
    theirs_empty: str
    both: str
    """What a text of both would begin with; only where `combine` is "text"."""
    combine: str
    """"text" where one may be written from both, "list" where the entries of both may stand, "" where it is one or the other."""


@dataclass(frozen=True)
class DisagreementPage:
    """Everything the screen shows of a change that waits."""

    title: str
    lead: str
    mine: str
    theirs: str
    places: tuple[Place, ...]
    left: str
    """How many more wait after this one, in words."""


@dataclass(frozen=True)
class PastField:
    """One place of a decision that was taken."""

    label: str
    chosen: str
    others: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class PastPage:
    """A decision that was taken, to be read."""

    title: str
    lead: str
    fields: tuple[PastField, ...]


class DisagreementShows(Protocol):
    """What the presenter asks of the view."""

    def show_page(self, page: DisagreementPage) -> None:
        """Show two versions, nothing chosen."""

    def show_chosen(self, chosen: Mapping[Path, Chosen], left: str) -> None:
        """Show what is chosen so far; `left` says what is missing, "" when the decision is whole."""

    def show_past(self, page: PastPage) -> None:
        """Show a decision that was taken."""

    def show_nothing(self, words: str, hint: str) -> None:
        """Say that there is nothing to decide."""


class DisagreementPresenter:
    """Leads through one decision, then to the next that waits."""

    def __init__(
        self,
        view: DisagreementShows,
        *,
        waiting: Callable[[], Sequence[TwoVersions]],
        past: Callable[[], Sequence[Decided]],
        decide: Callable[[str, Mapping[Path, Chosen]], object],
        now: Callable[[], datetime],
        lanes: Lanes,
        navigate: Navigate,
        notices: Notices,
    ) -> None:
        self._view = view
        self._waiting = waiting
        self._past = past
        self._decide = decide
        self._now = now
        self._lanes = lanes
        self._navigate = navigate
        self._notices = notices
        self._two: TwoVersions | None = None
        self._chosen: dict[Path, Chosen] = {}
        self._back = ""

    def open(self, argument: str) -> None:
        """Show the change named by its op, the first that waits, or a decision of the past."""
        self._two = None
        self._chosen = {}
        if argument.startswith(DECIDED):
            self._lanes.on_record(self._view, self._past, lambda found: self._show_past(found, argument.removeprefix(DECIDED)))
            return
        self._lanes.on_record(self._view, self._waiting, lambda found: self._show(found, argument))

    def choose(self, path: Path, side: str) -> None:
        """Choose a side at one place: mine, theirs, or both."""
        place = self._place(path)
        if place is None:
            return
        if side == "both" and place.is_written:
            self._chosen[path] = Chosen("text", both_texts(place.mine, place.theirs))
        elif side in ("mine", "theirs", "both"):
            self._chosen[path] = Chosen("mine" if side == "mine" else "theirs" if side == "theirs" else "both")
        self._tell_chosen()

    def write(self, path: Path, text: str) -> None:
        """Take in what is written as the text of both."""
        if self._chosen.get(path, Chosen("mine")).side == "text":
            self._chosen[path] = Chosen("text", text)

    def choose_all(self, side: str) -> None:
        """Choose one side everywhere."""
        for place in self._two.places if self._two else ():
            self._chosen[place.path] = Chosen("mine" if side == "mine" else "theirs")
        self._tell_chosen()

    def save(self) -> None:
        """Sign the decision, then show the next that waits or go back to where these are listed."""
        two = self._two
        if two is None or self._missing():
            return
        chosen = dict(self._chosen)
        self._lanes.on_record(
            self._view, lambda: self._decide(two.op, chosen), lambda _done: self._saved(two.op), self._failed
        )  # fmt: skip

    def later(self) -> None:
        """Leave it undecided; it goes on waiting."""
        self._navigate("sync")

    def _saved(self, op: str) -> None:
        self._notices.tell("Decided and signed. The text that was not chosen stays in the history.")
        self._lanes.on_record(self._view, self._waiting, self._go_on)

    def _go_on(self, found: Sequence[TwoVersions]) -> None:
        following = [two for two in found if two.places]
        if following:
            self._show(found, following[0].op)
        else:
            self._navigate("sync")

    def _failed(self, problem: Problem) -> None:
        self._notices.problem(problem)
        self.open("")

    def _show(self, found: Sequence[TwoVersions], op: str) -> None:
        able = [two for two in found if two.places]
        two = next((two for two in able if two.op == op), None) if op else next(iter(able), None)
        if two is None:
            self._view.show_nothing(
                "There is nothing to decide here", "It was decided already, or another way is offered on the Sync screen."
            )
            return
        self._two = two
        self._chosen = {}
        self._view.show_page(page_of(two, len(able) - 1, self._now()))
        self._tell_chosen()

    def _show_past(self, found: Sequence[Decided], id_: str) -> None:
        one = next((one for one in found if one.id == id_), None)
        if one is None:
            self._view.show_nothing("This decision is not on this laptop", "Sync, then look in the family's timeline.")
            return
        self._view.show_past(past_of(one, self._now()))

    def _place(self, path: Path) -> Told | None:
        return next((place for place in (self._two.places if self._two else ()) if place.path == path), None)

    def _missing(self) -> int:
        return len(self._two.places) - len(self._chosen) if self._two else 0

    def _tell_chosen(self) -> None:
        missing = self._missing()
        left = f"{count(missing, 'place')} still to decide" if missing else ""
        self._view.show_chosen(dict(self._chosen), left)


def page_of(two: TwoVersions, others: int, now: datetime) -> DisagreementPage:
    """Put two versions into words."""
    title = " · ".join(part for part in (two.family_name, kind_title(two.kind, two.about)) if part)
    lead = _WHY.get(two.code) or "This was changed on this laptop and by somebody else, before either knew of the other."
    return DisagreementPage(
        title=title,
        lead=f"{lead} Nothing is lost: the text you do not choose stays in the history.",
        mine=_whose(f"{two.mine_by}, counts now" if two.mine_by else "You, on this laptop", two.mine_at, now),
        theirs=_whose(f"{_other(two)}, {'before that' if two.mine_by else 'at the server'}", two.theirs_at, now),
        places=tuple(_shown(place) for place in two.places),
        left=f"{count(others, 'more decision')} after this one." if others else "",
    )


def _other(two: TwoVersions) -> str:
    if two.kind == "draft":
        return "You, on another laptop"
    return two.theirs_by or "A colleague"


def _whose(who: str, at: datetime | None, now: datetime) -> str:
    return f"{who}, {moment_words(at, now)}" if at is not None else who


def _shown(place: Told) -> Place:
    texts = [text if place.is_written else value_words(place.path, text) for text in (place.mine, place.theirs)]
    mine, theirs = marked(*texts)
    combine = "text" if place.is_written else "list" if place.is_list else ""
    return Place(
        path=place.path,
        label=field_label(place.path, place.question, place.sheet),
        mine=mine,
        theirs=theirs,
        mine_empty="" if mine else "Nothing is written here.",
        theirs_empty="" if theirs else "Nothing is written here.",
        both=both_texts(place.mine, place.theirs) if combine == "text" else "",
        combine=combine,
    )


def past_of(one: Decided, now: datetime) -> PastPage:
    """Put a decision of the past into words, with every text that was not chosen."""
    title = " · ".join(part for part in (one.family_name, kind_title(one.kind, one.about)) if part)
    words = CHOSEN_WORDS.get(one.chosen, "It was decided")
    why = f" Reason: {one.reason}" if one.reason else ""
    lead = f"{words} by {one.by}, {moment_words(one.at, now)}. This decision is signed and cannot be changed.{why}"
    return PastPage(title, lead, tuple(_past_field(one, field) for field in one.fields))


def _past_field(one: Decided, field: DecidedField) -> PastField:
    label = field.label or field_label(field.path)
    chosen = {"mine": "the laptop's text", "theirs": "the server's text", "both": "both", "text": "a text made from both"}
    others = [
        (f"Written by {one.by}", field.mine),
        (f"Written by {one.theirs_by}" if one.theirs_by else "At the server", field.theirs),
    ]
    shown = tuple((whose, value_words(field.path, text) or "nothing") for whose, text in others if text is not None)
    return PastField(label, chosen.get(field.chosen, field.chosen), shown)
