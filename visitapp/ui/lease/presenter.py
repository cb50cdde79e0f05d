"""Decides what the page says while the caseload is closed, and leads to what may still be written; no Qt."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from visitapp.actions.offline import Named, OfflineView, OwnWork
from visitapp.domain.clock import spoken_date
from visitapp.domain.ids import VisitId
from visitapp.ui.roles import Feed, Lanes, Navigate, Notices
from visitapp.ui.wording import LONDON, count, moment_words
from visitapp.vault.lease import Leave, Standing


@dataclass(frozen=True)
class Said:
    """A heading and the lines under it."""

    heading: str
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Line:
    """A visit of one's own: its family, when it was, and what to open."""

    family: str
    detail: str
    screen: str
    visit: str


class LeaseShows(Protocol):
    """What the view offers."""

    def show_said(self, said: Said, *, may_write: bool) -> None:
        """Show why the caseload is closed, and whether a visit may be begun."""

    def show_work(self, lines: Sequence[Line]) -> None:
        """Show visits of one's own that were not sent."""

    def show_found(self, found: Sequence[tuple[str, str]], words: str) -> None:
        """Show families of the name that was typed (id, words), or say that there is none."""


class LeasePresenter:
    """The page behind "connect to read your caseload"."""

    def __init__(
        self,
        view: LeaseShows,
        *,
        load: Callable[[], OfflineView],
        find: Callable[[str], Sequence[Named]],
        start: Callable[[str], VisitId],
        sync_now: Callable[[], None],
        now: Callable[[], datetime],
        lanes: Lanes,
        feed: Feed,
        navigate: Navigate,
        notices: Notices,
        may_visit: bool = True,
    ) -> None:
        """`may_visit` is False for whoever makes no visits."""
        self._view = view
        self._may_visit = may_visit
        self._load = load
        self._find = find
        self._start = start
        self._sync_now = sync_now
        self._now = now
        self._lanes = lanes
        self._navigate = navigate
        self._notices = notices
        feed.follow(view, lambda _changes: self.open())

    def open(self) -> None:
        """Show how things stand."""
        self._lanes.on_record(self._view, self._load, self._loaded)

    def _loaded(self, found: OfflineView) -> None:
        leave = found.standing.leave
        may_open = leave is not Leave.SEALED
        self._view.show_said(said(found, self._now(), may_visit=self._may_visit), may_write=may_open and self._may_visit)
        self._view.show_work([_line(work, self._now()) for work in found.work] if may_open else [])

    def sync(self) -> None:
        """Try at once to reach the service."""
        self._sync_now()
        self._notices.tell("Looking for your service…")

    def look_for(self, name: str) -> None:
        """Look for the families that go by a name."""
        if not name.strip():
            self._view.show_found((), "Type the whole name of the family.")
            return
        self._lanes.on_record(
            self._view, lambda: self._find(name), lambda found: self._found(name.strip(), found), self._notices.problem
        )

    def _found(self, name: str, found: Sequence[Named]) -> None:
        words = "" if found else f"No family on this laptop goes by “{name}”. Type the whole name, as it is written."
        self._view.show_found(
            [(each.family, f"{each.name} · {each.mother}" if each.mother else each.name) for each in found], words
        )

    def start_visit(self, family: str) -> None:
        """Begin a visit to a family."""
        self._lanes.on_record(
            self._view, lambda: self._start(family), lambda visit: self._navigate("visit", visit), self._notices.problem
        )

    def choose(self, screen: str, visit: str) -> None:
        """Open a visit of one's own."""
        self._navigate(screen, visit)


def _line(work: OwnWork, now: datetime) -> Line:
    at = moment_words(work.at, now)
    if work.is_signed:
        return Line(work.family_name, f"Signed, not sent yet · visit {at}", "note", work.visit)
    return Line(work.family_name, f"Being written · begun {at}", "visit", work.visit)


def said(found: OfflineView, now: datetime, *, may_visit: bool = True) -> Said:
    """Say why the caseload is closed, what is safe, and until when a visit can be written."""
    since = f" The last time was {moment_words(found.last_sync_at, now)}." if found.last_sync_at else ""
    reached = f"This laptop has not reached your service for too long.{since}"
    kept = "Everything you wrote is kept here, encrypted, and is sent as soon as there is a network."
    if found.standing.leave is Leave.SEALED:
        waiting = f" ({count(len(found.work), 'visit')} of yours)" if found.work else ""
        return Said(
            "Connect to open your record",
            (reached, f"{kept}{waiting}", "Connect to a network and choose “Sync now”. Nothing else can be opened until then."),
        )
    until = found.standing.until
    by = f" until {spoken_date(until.astimezone(LONDON).date())}" if until else ""
    return Said(
        "Connect to read your caseload",
        (
            f"{reached} Until it does, what came from your service stays closed, so that a lost laptop cannot be read for ever.",
            f"You can still {'record a visit and ' if may_visit else ''}read what you have not sent{by}.",
            kept,
        ),
    )


def warning(standing: Standing) -> str:
    """Say that the leave ends soon; nothing where there is time or it is over."""
    if standing.leave is not Leave.WARN or standing.until is None:
        return ""
    day = spoken_date(standing.until.astimezone(LONDON).date())
    return f"This laptop has to reach your service by {day}. Connect to a network: the rest happens by itself."
