"""Days and times as people type them."""

from datetime import date, time

import pytest

from visitapp.ui.checklist.dates import parse_date, parse_time, spoken_date

FRIDAY = date(2026, 11, 20)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("today", FRIDAY),
        ("tomorrow", date(2026, 11, 21)),
        ("yesterday", date(2026, 11, 19)),
        ("3/12", date(2026, 12, 3)),
        ("3.12.26", date(2026, 12, 3)),
        ("3-12-2027", date(2027, 12, 3)),
        ("2026-12-03", date(2026, 12, 3)),
        ("3 Dec", date(2026, 12, 3)),
        ("3rd december 2026", date(2026, 12, 3)),
        ("2/1", date(2027, 1, 2)),
        ("29 feb", date(2028, 2, 29)),
        ("in 2 weeks", date(2026, 12, 4)),
        ("+10", date(2026, 11, 30)),
        ("in 3 months", date(2027, 2, 20)),
        ("mon", date(2026, 11, 23)),
        ("next friday", date(2026, 11, 27)),
        (" Thursday ", date(2026, 11, 26)),
    ],
)
def test_a_day_is_understood(typed: str, meant: date) -> None:
    assert parse_date(typed, FRIDAY) == meant


@pytest.mark.parametrize("typed", ["", "soon", "32/1", "3/13/2026", "30 feb 2026", "3 foo", "0/0", "in weeks", "12"])
def test_what_cannot_be_told_is_not_guessed(typed: str) -> None:
    assert parse_date(typed, FRIDAY) is None


def test_a_month_ahead_from_the_31st_is_the_last_day_of_a_shorter_month() -> None:
    assert parse_date("in 1 month", date(2027, 1, 31)) == date(2027, 2, 28)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("1030", time(10, 30)), ("10:30", time(10, 30)), ("9", time(9)), ("9.05", time(9, 5)), ("2 pm", time(14)), ("12am", time(0))],
)
def test_a_time_of_day_is_understood(typed: str, meant: time) -> None:
    assert parse_time(typed) == meant


@pytest.mark.parametrize("typed", ["", "24:00", "10:60", "ten", "99"])
def test_a_time_that_is_none_is_refused(typed: str) -> None:
    assert parse_time(typed) is None


def test_a_day_is_said_in_full() -> None:
    assert spoken_date(date(2026, 12, 3)) == "Thursday 3 December 2026"
