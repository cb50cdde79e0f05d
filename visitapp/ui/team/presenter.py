"""Decides what the Team screen shows and where its figures lead. No Qt."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from visitapp.actions.team import Behind, Figure, NurseLine, Risk, SyncHealth, TeamView
from visitapp.store.team import HandedRow
from visitapp.ui.disagreement.labels import kind_title
from visitapp.ui.roles import Feed, Lanes, Navigate, Notices, WhatChanged
from visitapp.ui.wording import LONDON, ago_words, count, moment_words

_WORDS: Mapping[Figure, tuple[str, str, str]] = {
    Figure.FAMILIES: ("family", "families", "muted"),
    Figure.OVERDUE: ("overdue", "overdue", "danger"),
    Figure.DUE: ("due", "due", "muted"),
    Figure.NOT_SEEN: ("baby not seen awake", "babies not seen awake", "attention"),
    Figure.UNSIGNED: ("note not signed for a day", "notes not signed for a day", "attention"),
    Figure.CONCERN: ("concern open", "concerns open", "danger"),
}
_HEADINGS: Mapping[Figure, str] = {
    Figure.FAMILIES: "Families",
    Figure.OVERDUE: "A contact is overdue",
    Figure.DUE: "A contact is due",
    Figure.NOT_SEEN: "The baby was not seen awake at the last two visits",
    Figure.UNSIGNED: "A visit was begun more than a day ago and is not signed",
    Figure.CONCERN: "A concern is open",
}
_RISKS: Mapping[Risk, tuple[str, str]] = {
    Risk.HIGH: ("danger", "danger"),
    Risk.LATE: ("attention", "warning"),
    Risk.NONE: ("success", "received"),
}


@dataclass(frozen=True)
class FigureWords:
    """One figure: what it says, its tone, and whether there is anything behind it."""

    figure: Figure
    words: str
    tone: str
    leads: bool


@dataclass(frozen=True)
class NurseWords:
    """One nurse in words."""

    user: str
    name: str
    sync: str
    sync_tone: str
    sync_icon: str
    figures: tuple[FigureWords, ...]


@dataclass(frozen=True)
class FamilyWords:
    """One family behind a figure."""

    family: str
    name: str
    detail: str


@dataclass(frozen=True)
class Opened:
    """The families behind one figure of one nurse."""

    title: str
    families: tuple[FamilyWords, ...]


@dataclass(frozen=True)
class HandedWords:
    """A text that a nurse could not send and gave to this supervisor."""

    id: str
    title: str
    detail: str
    text: str


@dataclass(frozen=True)
class TeamPage:
    """Everything the Team screen shows, in words."""

    lead: str
    nurses: tuple[NurseWords, ...]
    handed: tuple[HandedWords, ...]
    opened: Opened | None


class TeamShows(Protocol):
    """What the presenter asks of the view."""

    def show_page(self, page: TeamPage) -> None:
        """Show everything."""


class TeamPresenter:
    """Loads the team, follows changes while in front, and opens what lies behind a figure."""

    def __init__(
        self,
        view: TeamShows,
        *,
        load: Callable[[], TeamView],
        deal_with: Callable[[str], object],
        now: Callable[[], datetime],
        lanes: Lanes,
        feed: Feed,
        navigate: Navigate,
        notices: Notices,
    ) -> None:
        self._view = view
        self._load = load
        self._deal_with = deal_with
        self._now = now
        self._lanes = lanes
        self._navigate = navigate
        self._notices = notices
        self._in_front = False
        self._team: TeamView | None = None
        self._chosen: tuple[str, Figure] | None = None
        feed.follow(view, self._changed)

    def open(self) -> None:
        """Come to the front."""
        self._in_front = True
        self._reload()

    def leave(self) -> None:
        """Stop following until the screen is in front again."""
        self._in_front = False

    def choose(self, user: str, figure: Figure) -> None:
        """Show the families behind a figure; the same one again puts them away."""
        self._chosen = None if self._chosen == (user, figure) else (user, figure)
        self._show()

    def open_family(self, family: str) -> None:
        """Go to a family."""
        self._navigate("family", family)

    def deal_with(self, handed: str) -> None:
        """Note that a text handed on has been dealt with."""
        self._lanes.on_record(
            self._view,
            lambda: self._deal_with(handed),
            lambda _: self._notices.tell("Noted as dealt with. The text stays under Sync, Decided."),
            self._notices.problem,
        )

    def _changed(self, changes: WhatChanged) -> None:
        if self._in_front and changes.kinds:
            self._reload()

    def _reload(self) -> None:
        self._lanes.on_record(self._view, self._load, self._loaded)

    def _loaded(self, team: TeamView) -> None:
        self._team = team
        self._show()

    def _show(self) -> None:
        if self._team is not None:
            self._view.show_page(page_of(self._team, self._chosen, self._now()))


def page_of(team: TeamView, chosen: tuple[str, Figure] | None, now: datetime) -> TeamPage:
    """Put the team into words."""
    risky = sum(line.sync.risk is Risk.HIGH for line in team.nurses)
    lead = f"{count(risky, 'nurse')} to ring: work may be on her laptop only." if risky else ""
    return TeamPage(
        lead=lead,
        nurses=tuple(_nurse(line, now) for line in team.nurses),
        handed=tuple(_handed(row, now) for row in team.handed),
        opened=_opened(team, chosen, now) if chosen else None,
    )


def _nurse(line: NurseLine, now: datetime) -> NurseWords:
    tone, icon = _RISKS[line.sync.risk]
    if line.sync.last_sync_at is None and line.sync.risk is Risk.NONE:
        tone, icon = "muted", "laptop"
    figures = tuple(_figure(figure, families) for figure, families in line.figures.items())
    return NurseWords(line.user, line.name or "A nurse without a name here", sync_words(line.sync, now), tone, icon, figures)


def _figure(figure: Figure, families: tuple[Behind, ...]) -> FigureWords:
    one, many, tone = _WORDS[figure]
    number = len(families)
    return FigureWords(figure, count(number, one, many), tone if number else "muted", bool(number))


def sync_words(sync: SyncHealth, now: datetime) -> str:
    """Say how a nurse's sync stands: "2 visits today, last sync 3 days ago, 5 changes not sent"."""
    today = now.astimezone(LONDON).date()
    said = [f"{count(sync.visits_today, 'visit')} today"] if sync.visits_today else []
    if sync.last_sync_at is None:
        said.append("no sync known yet")
    else:
        said.append(f"last sync {ago_words(sync.last_sync_at.astimezone(LONDON).date(), today)}")
    if sync.unsent:
        said.append(f"{count(sync.unsent, 'change')} not sent")
    words = ", ".join(said)
    return words[0].upper() + words[1:]


def _opened(team: TeamView, chosen: tuple[str, Figure], now: datetime) -> Opened | None:
    line = next((line for line in team.nurses if line.user == chosen[0]), None)
    if line is None:
        return None
    families = line.figures.get(chosen[1], ())
    return Opened(f"{line.name}: {_HEADINGS[chosen[1]]}", tuple(_family(family, now) for family in families))


def _family(family: Behind, now: datetime) -> FamilyWords:
    detail = f"Begun {moment_words(family.since, now)}" if family.since is not None else ""
    return FamilyWords(family.family, family.name or "A family without a name here", detail)


def _handed(row: HandedRow, now: datetime) -> HandedWords:
    title = " · ".join(part for part in (row.family_name, kind_title(row.kind)) if part)
    when = f", written {moment_words(row.written_at, now)}" if row.written_at else ""
    return HandedWords(row.id, title, f"From {row.sender_name or 'a nurse'}{when}. Receipt number {row.number}.", row.text)
