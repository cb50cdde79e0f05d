"""The time, always handed in."""

from datetime import UTC, date, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")


class Clock(Protocol):
    """Whoever knows what time it is."""

    def now(self) -> datetime:
        """Return the present moment, aware, in UTC."""

    def today(self) -> date:
        """Return today's date where the nurse works (Europe/London)."""


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """Return the present moment, aware, in UTC."""
        return datetime.now(UTC)

    def today(self) -> date:
        """Return today's date where the nurse works (Europe/London)."""
        return datetime.now(LONDON).date()


class FixedClock:
    """A clock that stands still until it is moved; for rehearsals and tests."""

    def __init__(self, at: datetime) -> None:
        self._at = at.astimezone(UTC)

    def now(self) -> datetime:
        """Return the moment this clock was last set to."""
        return self._at

    def today(self) -> date:
        """Return that moment's date in London."""
        return self._at.astimezone(LONDON).date()

    def move(self, by: timedelta) -> None:
        """Move the clock by a duration, forwards or backwards."""
        self._at += by


def iso(at: datetime) -> str:
    """Write an aware moment as ISO 8601 in UTC with seconds and a Z, as bodies hold it."""
    return at.astimezone(UTC).replace(microsecond=0).isoformat().replace("+00:00", "Z")


def moment(text: str) -> datetime:
    """Read back what `iso` wrote; raises ValueError on anything that is not an aware ISO 8601 moment."""
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError("a moment without a zone")
    return at.astimezone(UTC)


def spoken_date(day: date) -> str:
    """Write a date as people say it: 3 December 2026."""
    return f"{day.day} {day:%B %Y}"


def spoken_time(at: datetime) -> str:
    """Write a moment's time of day in London: 10:42."""
    return f"{at.astimezone(LONDON):%H:%M}"
