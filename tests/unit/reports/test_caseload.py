"""The lists on paper: every family once, heads and owner on every page."""

from dataclasses import replace
from datetime import UTC, date, datetime, time

from tests.kit.paper import names_in, page_count, words_of
from visitapp.reports.caseload import CaseloadRow, DayVisit, ListDetails, caseload_list, day_sheet

DETAILS = ListDetails("Ruth Ellison", date(2026, 11, 21), "Ruth Ellison", datetime(2026, 11, 21, 8, tzinfo=UTC))


def a_row(number: int) -> CaseloadRow:
    return CaseloadRow(
        f"Family{number:03d}",
        ("Amina, 19 years", "Zofia, 5 months (3 months corrected)"),
        "Infancy",
        date(2026, 11, 2),
        None,
        "12-month review by 3 Dec 2026",
        is_overdue=number % 2 == 0,
        flags=("concern open",),
    )


def test_every_family_is_listed_once_and_every_page_says_whose_list_it_is() -> None:
    pdf = caseload_list(tuple(a_row(n) for n in range(60)), DETAILS)
    words = words_of(pdf)
    assert all(words.count(f"Family{n:03d}") == 1 for n in range(60))
    assert words.count("overdue") == 30
    assert "60 families" in words
    count = page_count(pdf)
    assert count > 2
    for page in range(1, count + 1):
        said = words_of(pdf, page=page)
        assert f"Page {page} of {count}" in said
        assert "Ruth Ellison, 21 November 2026" in said
        assert "Baby last seen" in said


def test_a_name_in_any_script_is_listed() -> None:
    row = replace(a_row(1), family="فاطمة", members=("அமீனா", "Łukasz"))
    words = words_of(caseload_list((row,), DETAILS))
    assert {"فاطمة", "அமீனா", "Łukasz"} <= set(words.split())


def test_an_empty_caseload_says_so() -> None:
    assert "Nothing to list." in words_of(caseload_list((), DETAILS))


def test_the_day_is_in_order_of_time_and_open_times_come_last() -> None:
    visits = (DayVisit("Open", ("A",)), DayVisit("Late", ("B",), time(14, 0)), DayVisit("Early", ("C",), time(9, 0)))
    words = words_of(day_sheet(visits, DETAILS))
    assert words.index("Early") < words.index("Late") < words.index("Open")


def test_a_list_of_invented_families_says_so_and_names_nobody_in_its_properties() -> None:
    pdf = caseload_list((a_row(1),), replace(DETAILS, is_practice=True))
    assert "Invented families" in words_of(pdf)
    assert not names_in(pdf) & {"/JS", "/URI", "/Launch"}
    assert "Invented" not in words_of(caseload_list((a_row(1),), DETAILS))
