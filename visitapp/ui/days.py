"""Dates as people in the UK type and read them; no Qt."""

import re
from datetime import date

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_TYPED = re.compile(r"(\d{1,2})[\s./-]+(\d{1,2}|[A-Za-z]{3,9})[\s./-]+(\d{4}|\d{2})")


def read_day(text: str) -> date | None:
    """Read a typed date, day first ("3/12/2025", "3 Dec 25"), or an ISO date; None when it is not one.

    A year of two digits is in this century.
    """
    found = _TYPED.fullmatch(text.strip())
    try:
        if found is None:
            return date.fromisoformat(text.strip())
        day, month, year = found.groups()
        number = int(month) if month.isdecimal() else _month(month)
        return date(int(year) + (2000 if len(year) == 2 else 0), number, int(day))
    except ValueError:
        return None


def typed_day(day: date) -> str:
    """Write a date as a field shows it: 3 Dec 2025."""
    return f"{day.day} {_MONTHS[day.month - 1].capitalize()} {day.year}"


def _month(word: str) -> int:
    start = word[:3].lower()
    return _MONTHS.index(start) + 1 if start in _MONTHS else 0
