"""Dates and times as a nurse types them: "3/12", "3 Dec", "in 2 weeks", "1030"; no Qt."""

import re
from datetime import date, time, timedelta

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_NUMERIC = re.compile(r"(\d{1,2})\s*[/.\-]\s*(\d{1,2})(?:\s*[/.\-]\s*(\d{4}|\d{2}))?")
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_WORDS = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?\s+([a-z]{3,})\.?(?:\s+(\d{4}|\d{2}))?")
_AHEAD = re.compile(r"(?:in\s+|\+)(\d{1,3})\s*(d|day|days|w|wk|week|weeks|m|month|months)?")
_CLOCK = re.compile(r"(\d{1,2})(?:[:. ]?(\d{2}))?\s*(am|pm)?")


def parse_date(text: str, today: date) -> date | None:
    """The day meant by `text`, or None when it cannot be told; a day without a year is the nearest to come.

    Day comes before month, as written in the United Kingdom.
    """
    said = text.strip().lower()
    for read in (_named, _counted, _figures, _in_words):
        if (day := read(said, today)) is not None:
            return day
    return None


def parse_time(text: str) -> time | None:
    """The time of day meant by `text`, or None: "1030", "10:30", "10.30", "9", "2.15 pm"."""
    match = _CLOCK.fullmatch(text.strip().lower())
    if match is None:
        return None
    hour, minute = int(match[1]), int(match[2] or 0)
    if match[3] == "pm" and hour < 12:
        hour += 12
    elif match[3] == "am" and hour == 12:
        hour = 0
    return time(hour, minute) if hour < 24 and minute < 60 else None


def spoken_date(day: date) -> str:
    """A day in full words: "Thursday 3 December 2026"."""
    return f"{day:%A} {day.day} {day:%B %Y}"


def _named(said: str, today: date) -> date | None:
    days = {"today": 0, "t": 0, "tomorrow": 1, "tom": 1, "yesterday": -1, "y": -1}.get(said)
    if days is not None:
        return today + timedelta(days=days)
    weekday = said.removeprefix("next ")[:3]
    if weekday in _DAYS:
        return today + timedelta(days=(_DAYS.index(weekday) - today.weekday() - 1) % 7 + 1)
    return None


def _counted(said: str, today: date) -> date | None:
    match = _AHEAD.fullmatch(said)
    return _ahead(today, int(match[1]), (match[2] or "d")[0]) if match else None


def _figures(said: str, today: date) -> date | None:
    if match := _ISO.fullmatch(said):
        return _day(int(match[1]), int(match[2]), int(match[3]))
    match = _NUMERIC.fullmatch(said)
    return _with_year(int(match[1]), int(match[2]), match[3], today) if match else None


def _in_words(said: str, today: date) -> date | None:
    match = _WORDS.fullmatch(said)
    if match is None or match[2][:3] not in _MONTHS:
        return None
    return _with_year(int(match[1]), _MONTHS.index(match[2][:3]) + 1, match[3], today)


def _ahead(today: date, count: int, unit: str) -> date | None:
    if unit == "d":
        return today + timedelta(days=count)
    if unit == "w":
        return today + timedelta(weeks=count)
    months = today.month - 1 + count
    year, month = today.year + months // 12, months % 12 + 1
    for day in range(today.day, 27, -1):
        if found := _day(year, month, day):
            return found
    return _day(year, month, min(today.day, 28))


def _with_year(day: int, month: int, year: str | None, today: date) -> date | None:
    if year is not None:
        return _day(int(year) + (2000 if len(year) == 2 else 0), month, day)
    for candidate in range(today.year, today.year + 9):
        found = _day(candidate, month, day)
        if found is not None and found >= today:
            return found
    return None


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
