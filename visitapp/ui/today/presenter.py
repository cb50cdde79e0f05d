"""Decides what the Today screen shows and where its rows lead."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import groupby
from typing import Protocol

from visitapp.actions.caseload import Due, PlannedVisit, TodayView, Urgency
from visitapp.actions.needs import Need
from visitapp.domain.ids import FamilyId, VisitId
from visitapp.domain.review import UserRole
from visitapp.ui.disagreement.labels import KINDS
from visitapp.ui.due import due_words
from visitapp.ui.roles import Feed, Lanes, Navigate, WhatChanged
from visitapp.ui.wording import alert_words, count, day_words, moment_words, weekday_words

SHOWN_DUE = 8
_NEEDS = {
    "returned": ("Returned with a question", "returned", "danger"),
    "concern": ("Concern open", "danger", "danger"),
    "conflict": ("Two versions: choose one", "question", "attention"),
    "overlap": ("Two people changed the same thing", "question", "attention"),
    "stuck": ("Your service did not take it", "question", "attention"),
    "unsigned": ("Not signed for more than a day", "clock", "attention"),
    "draft": ("Notes not finished", "draft", "attention"),
}
_LEADS_TO = {
    "returned": "note",
    "unsigned": "visit",
    "draft": "visit",
    "conflict": "disagreement",
    "overlap": "disagreement",
    "stuck": "sync",
}


@dataclass(frozen=True)
class Line:
    """A row of a list: what it says and where it leads."""

    title: str
    detail: str
    screen: str
    argument: str
    lead: str = ""
    icon: str = ""
    tone: str = "muted"
    marks: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True)
class VisitLine:
    """A visit planned for today."""

    row: Line
    family: FamilyId
    draft: VisitId | None
    begin: str = "Start visit"
    """What the button beside it says; empty for whoever does not visit herself."""
    gap: str = ""
    """How long after the visit before this one starts, where both have a time."""


@dataclass(frozen=True)
class DayLines:
    """One day of the week ahead."""

    day: str
    rows: tuple[Line, ...]


@dataclass(frozen=True)
class TodayPage:
    """Everything the Today screen shows, in words."""

    greeting: str
    day: str
    visits: tuple[VisitLine, ...]
    due: tuple[Line, ...]
    more_due: int
    needs: tuple[Line, ...]
    week: tuple[DayLines, ...]
    reviews: str
    warnings: tuple[str, ...]


class TodayShows(Protocol):
    """What the presenter asks of the view."""

    def show_page(self, page: TodayPage) -> None:
        """Show everything."""


class TodayPresenter:
    """Loads what matters today and follows the record's changes while the screen is in front."""

    def __init__(
        self,
        view: TodayShows,
        *,
        load: Callable[[], TodayView],
        start: Callable[[FamilyId], VisitId],
        now: Callable[[], datetime],
        lanes: Lanes,
        feed: Feed,
        navigate: Navigate,
    ) -> None:
        self._view = view
        self._load = load
        self._start = start
        self._now = now
        self._lanes = lanes
        self._navigate = navigate
        self._in_front = False
        self._stale = True
        self._shown_day: date | None = None
        feed.follow(view, self._changed)

    def open(self) -> None:
        """Show today; what has not changed since it was last shown is not read again."""
        self._in_front = True
        if self._stale or self._is_another_day():
            self._reload()

    def leave(self) -> None:
        """Stop following until the screen is in front again."""
        self._in_front = False

    def choose(self, line: Line) -> None:
        """Open what a row stands for."""
        self._navigate(line.screen, line.argument)

    def start_visit(self, visit: VisitLine) -> None:
        """Go on with the draft of a planned visit, or begin it."""
        if visit.draft is not None:
            self._navigate("visit", visit.draft)
            return
        self._lanes.on_record(self._view, lambda: self._start(visit.family), lambda id_: self._navigate("visit", id_))

    def show_all_due(self) -> None:
        """Show everything that is overdue in the caseload."""
        self._navigate("caseload", "overdue")

    def _changed(self, changes: WhatChanged) -> None:
        if not changes.kinds:
            return
        self._stale = True
        if self._in_front:
            self._reload()

    def _reload(self) -> None:
        self._stale = False
        self._lanes.on_record(self._view, self._load, self._loaded)

    def _loaded(self, today: TodayView) -> None:
        self._shown_day = today.day
        self._view.show_page(page_of(today, self._now()))

    def _is_another_day(self) -> bool:
        return self._shown_day is not None and self._shown_day != self._now().date()


def page_of(today: TodayView, now: datetime) -> TodayPage:
    """Put what was loaded into words."""
    due = [_due_line(item, today.day) for item in today.due]
    waiting = today.reviews_waiting
    return TodayPage(
        greeting=_greeting(today.person_name, now),
        day=weekday_words(today.day),
        visits=tuple(_visit_lines(today)),
        due=tuple(due[:SHOWN_DUE]),
        more_due=max(0, len(due) - SHOWN_DUE),
        needs=tuple(_need_line(need, now) for need in today.needs),
        week=tuple(_days(today.week)),
        reviews=f"{count(waiting, 'note')} to review" if today.role is UserRole.SUPERVISOR and waiting else "",
        warnings=tuple(today.pack_warnings),
    )


def _greeting(name: str, now: datetime) -> str:
    part = "morning" if now.hour < 12 else "afternoon" if now.hour < 18 else "evening"
    first = next(iter(name.split()), "")
    return f"Good {part}, {first}" if first else f"Good {part}"


def _visit_lines(today: TodayView) -> Iterator[VisitLine]:
    """The visits of a nurse's own day, or, for a supervisor, those of the team with the nurse who makes them."""
    if today.role is UserRole.SUPERVISOR:
        for visit in today.planned:
            line = _visit_line(visit, None)
            detail = " · ".join(part for part in (visit.nurse_name, visit.babies) if part)
            yield replace(line, row=replace(line.row, detail=detail), begin="")
        return
    for before, visit in zip((None, *today.planned), today.planned, strict=False):
        yield _visit_line(visit, before)


def _visit_line(visit: PlannedVisit, before: PlannedVisit | None) -> VisitLine:
    alerts = (alert_words(alert.text, alert.code, restricted=alert.restricted) for alert in visit.alerts)
    marks = tuple((words, "attention", "warning") for words in alerts)
    if visit.draft is not None:
        marks = (*marks, ("notes not finished", "attention", "draft"))
    detail = " · ".join(part for part in (visit.babies, visit.address) if part)
    line = Line(visit.family_name, detail, "family", visit.family, lead=visit.at or "any time", marks=marks)
    begin = "Go on writing" if visit.draft else "Start visit"
    return VisitLine(line, visit.family, visit.draft, begin, _gap(before.at, visit.at) if before else "")


def _gap(before: str, at: str) -> str:
    """Say the time from one start to the next: "1 h 30 min later"."""
    minutes = _minutes(at) - _minutes(before) if before and at else 0
    if minutes <= 0:
        return ""
    hours, rest = divmod(minutes, 60)
    parts = (f"{hours} h" if hours else "", f"{rest} min" if rest else "")
    return " ".join(part for part in parts if part) + " later"


def _minutes(clock: str) -> int:
    hours, _, minutes = clock.partition(":")
    return int(hours) * 60 + int(minutes) if hours.isdecimal() and minutes.isdecimal() else 0


def _due_line(due: Due, today: date) -> Line:
    over = due.urgency is Urgency.OVERDUE
    whom = f"{due.family_name}: {due.person_name}" if due.person_name else due.family_name
    return Line(
        whom,
        due_words(due.contact, today),
        "family",
        due.family,
        icon="warning" if over else "calendar",
        tone="danger" if over else "muted",
    )


def _need_line(need: Need, now: datetime) -> Line:
    words, icon, tone = _NEEDS.get(need.kind, (need.kind, "flag", "attention"))
    when = moment_words(need.at, now) if need.at is not None else ""
    detail = " · ".join(part for part in (words, when, KINDS.get(need.detail, need.detail) if need.op else need.detail) if part)
    screen = _LEADS_TO.get(need.kind, "family")
    visit = str(need.visit or need.family)
    argument = {"note": visit, "visit": visit, "disagreement": need.op, "sync": ""}.get(screen, need.family)
    return Line(need.family_name or "A family that has left", detail, screen, argument, icon=icon, tone=tone)


def _days(week: Iterable[PlannedVisit]) -> Iterable[DayLines]:
    for day, visits in groupby(week, key=lambda visit: visit.on):
        yield DayLines(_short(day), tuple(_week_line(visit) for visit in visits))


def _week_line(visit: PlannedVisit) -> Line:
    return Line(visit.family_name, visit.babies, "family", visit.family, lead=visit.at or "–")


def _short(day: date) -> str:
    return f"{weekday_words(day).split(maxsplit=1)[0]} {day_words(day, day)}"
