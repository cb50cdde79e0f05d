"""Decides which families the Caseload screen shows, in which order and in what words."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol

from visitapp.actions.caseload import BabyLine, CaseloadRow, Found, Urgency
from visitapp.domain.ids import FamilyId
from visitapp.domain.people import FamilyState
from visitapp.store.folding import fold
from visitapp.ui.due import window_words
from visitapp.ui.roles import Feed, Lanes, Navigate, WhatChanged
from visitapp.ui.wording import FAMILY_STATES, LONDON, ago_words, alert_words, count, flag_words

SEARCHES_NOTES_FROM = 3
_FIRST = (0, "")


class Filter(StrEnum):
    """What the table can be narrowed to; several narrow further."""

    PREGNANCY = "pregnancy"
    INFANCY = "infancy"
    TODDLERHOOD = "toddlerhood"
    OVERDUE = "overdue"
    ALERT = "alert"
    UNSIGNED = "unsigned"
    FLAGGED = "flagged"


PHASES = frozenset({Filter.PREGNANCY, Filter.INFANCY, Filter.TODDLERHOOD})
FILTER_WORDS = {
    Filter.PREGNANCY: "Pregnancy",
    Filter.INFANCY: "Infancy",
    Filter.TODDLERHOOD: "Toddlerhood",
    Filter.OVERDUE: "Overdue",
    Filter.FLAGGED: "Concern",
    Filter.ALERT: "Alert",
    Filter.UNSIGNED: "Not signed",
}


class Column(StrEnum):
    """The columns of the table, in order."""

    FAMILY = "family"
    BABIES = "babies"
    PHASE = "phase"
    LAST_VISIT = "last_visit"
    BABY_SEEN = "baby_seen"
    NEXT_DUE = "next_due"
    FLAGS = "flags"
    SYNC = "sync"


COLUMN_WORDS = {
    Column.FAMILY: "Family",
    Column.BABIES: "Baby",
    Column.PHASE: "Phase",
    Column.LAST_VISIT: "Last visit",
    Column.BABY_SEEN: "Seen awake",
    Column.NEXT_DUE: "Next due",
    Column.FLAGS: "Flags",
    Column.SYNC: "Sync",
}


@dataclass(frozen=True)
class Cell:
    """One cell: words, quieter words after them, tone, chips, and what it sorts by."""

    words: str
    quiet: str = ""
    tone: str = "ink"
    chips: tuple[tuple[str, str, str], ...] = ()
    key: tuple[int, str] = _FIRST
    more: str = ""
    """Said in the tooltip only."""

    @property
    def said(self) -> str:
        """All of it in one line, for tooltip and screen reader."""
        return ", ".join(part for part in (self.words, self.quiet, *(chip[0] for chip in self.chips), self.more) if part)


@dataclass(frozen=True)
class TableRow:
    """One family in words, with what it is searched and narrowed by."""

    family: FamilyId
    cells: dict[Column, Cell]
    searched: str
    filters: frozenset[Filter]
    is_active: bool


@dataclass(frozen=True)
class CaseloadPage:
    """What the screen shows: rows and one sentence about them."""

    rows: tuple[TableRow, ...]
    sentence: str
    total: int


class CaseloadShows(Protocol):
    """What the presenter asks of the view."""

    def show_page(self, page: CaseloadPage) -> None:
        """Show rows and sentence."""

    def show_filters(self, filters: Iterable[Filter]) -> None:
        """Show which filters are on."""


class CaseloadPresenter:
    """Keeps the families in words and answers every key typed into the search at once."""

    def __init__(
        self,
        view: CaseloadShows,
        *,
        load: Callable[[], Sequence[CaseloadRow]],
        find: Callable[[str], Sequence[Found]],
        now: Callable[[], datetime],
        lanes: Lanes,
        feed: Feed,
        navigate: Navigate,
    ) -> None:
        self._view = view
        self._load = load
        self._find = find
        self._now = now
        self._lanes = lanes
        self._navigate = navigate
        self._rows: tuple[TableRow, ...] = ()
        self._filters: frozenset[Filter] = frozenset()
        self._text = ""
        self._in_notes: frozenset[FamilyId] = frozenset()
        self._in_front = False
        self._stale = True
        self._shown_day: date | None = None
        feed.follow(view, self._changed)

    def open(self, argument: str) -> None:
        """Come to the front; the argument may name a filter to begin with."""
        self._in_front = True
        if argument in set(Filter):
            self._filters = frozenset({Filter(argument)})
            self._view.show_filters(self._filters)
        if self._stale or self._shown_day != self._now().astimezone(LONDON).date():
            self._reload()
        else:
            self._show()

    def leave(self) -> None:
        """Stop following until the screen is in front again."""
        self._in_front = False

    def search(self, text: str) -> None:
        """Narrow to families whose names hold every word typed, and those with a note that does."""
        self._text = text.strip()
        self._in_notes = frozenset()
        self._show()
        if len(self._text) >= SEARCHES_NOTES_FROM:
            asked = self._text
            self._lanes.on_record(self._view, lambda: self._find(asked), lambda found: self._found(asked, found))

    def narrow(self, filters: Iterable[Filter]) -> None:
        """Show only families that all of these filters let through; phases widen each other."""
        self._filters = frozenset(filters)
        self._show()

    def choose(self, family: str) -> None:
        """Open a family."""
        self._navigate("family", family)

    def begin_family(self) -> None:
        """Open the page for a new family."""
        self._navigate("new-family")

    def _changed(self, changes: WhatChanged) -> None:
        if not changes.kinds:
            return
        self._stale = True
        if self._in_front:
            self._reload()

    def _reload(self) -> None:
        self._stale = False
        self._lanes.on_record(self._view, self._load, self._loaded)

    def _loaded(self, rows: Sequence[CaseloadRow]) -> None:
        today = self._now().astimezone(LONDON).date()
        self._shown_day = today
        self._rows = tuple(table_row(row, today) for row in rows)
        self._show()

    def _found(self, asked: str, found: Sequence[Found]) -> None:
        if asked == self._text:
            self._in_notes = frozenset(hit.family for hit in found if hit.kind != "family")
            if self._in_notes:
                self._show()

    def _show(self) -> None:
        words = fold(self._text).split()
        shown = []
        for row in self._rows:
            if not _let_through(row, self._filters):
                continue
            if all(word in row.searched for word in words):
                shown.append(row)
            elif row.family in self._in_notes:
                shown.append(_found_in_note(row))
        self._view.show_page(CaseloadPage(tuple(shown), self._sentence(len(shown)), len(self._rows)))

    def _sentence(self, shown: int) -> str:
        total = len(self._rows)
        if shown == total:
            return count(total, "family", "families")
        return f"{shown} of {count(total, 'family', 'families')}"


def table_row(row: CaseloadRow, today: date) -> TableRow:
    """Put one family into words."""
    active = row.state is FamilyState.ACTIVE
    return TableRow(
        family=row.family,
        cells={
            Column.FAMILY: Cell(row.name, row.mother.removesuffix(row.name).strip(), key=(0, fold(row.name))),
            Column.BABIES: _babies(row.babies),
            Column.PHASE: Cell(row.phase.capitalize(), tone="muted", key=(0, row.phase)),
            Column.LAST_VISIT: _day(row.last_visit_at, today, never="none yet"),
            Column.BABY_SEEN: _day(row.last_awake_at, today, never="not yet" if _has_born(row) and active else ""),
            Column.NEXT_DUE: _next_due(row, today),
            Column.FLAGS: _flags(row),
            Column.SYNC: _sync(row),
        },
        searched=fold(" ".join([row.name, row.mother, row.town, *(baby.name for baby in row.babies)])),
        filters=frozenset(_filters(row)),
        is_active=active,
    )


def _let_through(row: TableRow, filters: frozenset[Filter]) -> bool:
    phases = filters & PHASES
    return (filters - PHASES) <= row.filters and (not phases or bool(phases & row.filters))


def _found_in_note(row: TableRow) -> TableRow:
    name = row.cells[Column.FAMILY]
    marked = replace(name, chips=(("in a note", "accent", "note"),))
    return replace(row, cells={**row.cells, Column.FAMILY: marked})


def _babies(babies: Sequence[BabyLine]) -> Cell:
    if not babies:
        return Cell("")
    names = ", ".join(baby.name for baby in babies)
    ages = list(dict.fromkeys(baby.age for baby in babies if baby.age))
    return Cell(names, "; ".join(ages), key=(0, fold(names)))


def _has_born(row: CaseloadRow) -> bool:
    return any(not baby.unborn for baby in row.babies)


def _day(at: datetime | None, today: date, *, never: str) -> Cell:
    if at is None:
        return Cell(never, tone="muted", key=(0, ""))
    day = at.astimezone(LONDON).date()
    return Cell(ago_words(day, today), key=(day.toordinal(), ""))


def _next_due(row: CaseloadRow, today: date) -> Cell:
    if row.state is not FamilyState.ACTIVE:
        return Cell(FAMILY_STATES[row.state], tone="muted", key=(10**8, ""))
    due = row.next_due
    if due is None:
        return Cell("nothing due", tone="muted", key=(10**7, ""))
    tone = "danger" if due.urgency is Urgency.OVERDUE else "ink"
    return Cell(due.contact.title, window_words(due.contact, today), tone, key=(due.contact.closes_on.toordinal(), ""))


def _flags(row: CaseloadRow) -> Cell:
    codes = list(row.flags)
    chips = [flag_words(code) for code in codes]
    chips += [(alert_words(alert.text, alert.code, restricted=alert.restricted), "attention", "warning") for alert in row.alerts]
    if row.drafts:
        chips.append((count(row.drafts, "note") + " not signed", "attention", "draft"))
    worst = min((_WEIGHT.get(chip[1], 3) for chip in chips), default=9)
    return Cell("", chips=tuple(chips), key=(worst, " ".join(codes)))


_WEIGHT = {"danger": 0, "attention": 1}


def _sync(row: CaseloadRow) -> Cell:
    words, tone, key = _SYNC.get(row.sync, _SYNC["received"])
    waiting = f"{count(row.unsent, 'change')} on this laptop only" if row.unsent else ""
    return Cell(words, tone=tone, key=(key, ""), more=waiting)


_SYNC = {
    "attention": ("needs you", "danger", 0),
    "waiting": ("not sent", "attention", 1),
    "arriving": ("arriving", "muted", 2),
    "received": ("received", "muted", 3),
}


def _filters(row: CaseloadRow) -> Iterable[Filter]:
    if row.phase in PHASES:
        yield Filter(row.phase)
    if row.next_due is not None and row.next_due.urgency is Urgency.OVERDUE:
        yield Filter.OVERDUE
    if row.alerts:
        yield Filter.ALERT
    if row.drafts:
        yield Filter.UNSIGNED
    if row.flags:
        yield Filter.FLAGGED
