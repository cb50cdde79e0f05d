"""What is due and when, and how old a child is, with the awkward days of the calendar."""

import json
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from visitapp.domain.people import FamilyState
from visitapp.domain.programme import (
    Band,
    DueContact,
    Phase,
    Programme,
    VisitDone,
    add_months,
    age_on,
    age_text,
    band_for,
    contact_for_visit,
    contact_standings,
    corrected_age,
    doses,
    due_contacts,
    expected_visits,
    in_force,
    phase,
)

PACKS = Path(__file__).parents[3] / "resources" / "programmes"


@dataclass(frozen=True)
class AChild:
    born_on: date | None = None
    due_on: date | None = None
    gestation_days: int | None = None
    died_on: date | None = None


def pack(name: str) -> Programme:
    return Programme.from_pack(json.loads((PACKS / name).read_text(encoding="utf-8")))


@pytest.fixture(scope="module")
def fnp() -> Programme:
    return pack("fnp-2026-11-22.json")


@pytest.fixture(scope="module")
def hcp() -> Programme:
    return pack("hcp-england-2026-02-06.json")


def by_code(found: tuple[DueContact, ...]) -> dict[str, DueContact]:
    return {contact.code: contact for contact in found}


# How old


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2023, 1, 31), 1, date(2023, 2, 28)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2024, 2, 29), 48, date(2028, 2, 29)),
        (date(2025, 11, 30), 3, date(2026, 2, 28)),
        (date(2025, 12, 31), 1, date(2026, 1, 31)),
        (date(2026, 1, 15), -1, date(2025, 12, 15)),
    ],
)
def test_months_are_added_by_the_calendar_and_end_where_the_month_ends(day: date, months: int, expected: date) -> None:
    assert add_months(day, months) == expected


@pytest.mark.parametrize(
    ("born", "today", "text"),
    [
        (date(2026, 11, 22), date(2026, 11, 22), "0 days"),
        (date(2026, 11, 21), date(2026, 11, 22), "1 day"),
        (date(2025, 12, 30), date(2026, 1, 2), "3 days"),
        (date(2026, 10, 4), date(2026, 11, 22), "7 weeks"),
        (date(2026, 8, 24), date(2026, 11, 22), "12 weeks"),
        (date(2026, 8, 22), date(2026, 11, 22), "3 months"),
        (date(2024, 2, 29), date(2025, 2, 27), "11 months"),
        (date(2024, 2, 29), date(2025, 2, 28), "12 months"),
        (date(2024, 12, 31), date(2026, 12, 30), "23 months"),
        (date(2024, 12, 31), date(2026, 12, 31), "2 years"),
        (date(2024, 8, 20), date(2026, 11, 22), "2 years 3 months"),
        (date(2023, 10, 31), date(2026, 11, 30), "3 years 1 month"),
    ],
)
def test_age_is_said_in_days_then_weeks_then_months_then_years(born: date, today: date, text: str) -> None:
    assert age_text(AChild(born_on=born), today) == text


def test_age_never_runs_backwards_from_one_day_to_the_next() -> None:
    for born in (date(2024, 2, 29), date(2023, 12, 31), date(2024, 1, 31), date(2025, 8, 30)):
        ages = [age_on(born, born + timedelta(days=n)) for n in range(1200)]
        assert all(later.months - sooner.months in (0, 1) for sooner, later in pairwise(ages))
        assert [age.days for age in ages] == list(range(1200))


def test_age_of_a_child_born_before_37_weeks_is_given_both_ways() -> None:
    child = AChild(born_on=date(2026, 6, 1), gestation_days=34 * 7)
    assert age_text(child, date(2026, 11, 22)) == "5 months (4 months corrected)"


def test_correction_starts_at_36_plus_6_and_not_at_37_weeks() -> None:
    born, today = date(2026, 1, 1), date(2026, 7, 1)
    assert corrected_age(born, 37 * 7 - 1, today) is not None
    assert corrected_age(born, 37 * 7, today) is None
    assert corrected_age(born, None, today) is None


def test_correction_ends_on_the_second_birthday() -> None:
    born = date(2024, 3, 10)
    assert corrected_age(born, 200, date(2026, 3, 9)) is not None
    assert corrected_age(born, 200, date(2026, 3, 10)) is None


def test_a_preterm_child_before_the_expected_day_is_not_yet_term() -> None:
    child = AChild(born_on=date(2026, 11, 1), gestation_days=30 * 7)
    assert age_text(child, date(2026, 11, 22)) == "3 weeks (not yet term)"
    assert band_for(child, date(2026, 11, 22)) is Band.NB


def test_an_unborn_child_has_its_gestation_instead_of_an_age() -> None:
    child = AChild(due_on=date(2027, 2, 17))
    assert age_text(child, date(2026, 11, 22)) == "27+4 weeks"
    assert age_text(child, date(2027, 2, 17)) == "40+0 weeks"
    assert age_text(AChild(), date(2026, 11, 22)) == "not born yet"


def test_nothing_is_counted_any_more_after_a_pregnancy_has_ended() -> None:
    child = AChild(due_on=date(2027, 2, 17))
    assert age_text(child, date(2026, 11, 22), state=FamilyState.PREGNANCY_ENDED) == ""
    assert age_text(child, date(2027, 5, 1)) == ""


def test_the_age_of_a_child_who_died_stands_still_and_is_said_with_care() -> None:
    child = AChild(born_on=date(2026, 3, 1), died_on=date(2026, 4, 8), gestation_days=200)
    assert age_text(child, date(2026, 11, 22)) == "lived 5 weeks"
    assert age_text(child, date(2028, 11, 22)) == "lived 5 weeks"
    assert age_text(AChild(died_on=date(2026, 4, 8)), date(2026, 11, 22)) == ""
    assert age_text(AChild(born_on=date(2026, 4, 8), died_on=date(2026, 4, 8)), date(2026, 11, 22)) == ""


@pytest.mark.parametrize(
    ("months", "band"),
    [(0, Band.NB), (2, Band.NB), (3, Band.IN), (8, Band.IN), (9, Band.MB), (17, Band.MB), (18, Band.TD), (40, Band.TD)],
)
def test_the_band_changes_on_the_day_a_month_is_full(months: int, band: Band) -> None:
    born = date(2024, 2, 29)
    assert band_for(AChild(born_on=born), add_months(born, months)) is band
    assert band_for(AChild(born_on=born), add_months(born, months + 1) - timedelta(days=1)) is band


def test_the_band_goes_by_the_corrected_age_and_the_phase_by_the_age_from_birth() -> None:
    child = AChild(born_on=date(2025, 11, 20), gestation_days=28 * 7)
    today = date(2026, 11, 22)
    assert phase(child, today) is Phase.TODDLERHOOD
    assert band_for(child, today) is Band.MB
    assert band_for(child, date(2026, 10, 1)) is Band.IN
    assert band_for(AChild(due_on=date(2027, 1, 1)), today) is Band.AN


def test_phases_change_at_birth_and_at_the_first_and_second_birthday() -> None:
    born = date(2024, 12, 31)
    child = AChild(born_on=born)
    assert phase(child, date(2024, 12, 30)) is Phase.PREGNANCY
    assert phase(child, born) is Phase.INFANCY
    assert phase(child, date(2025, 12, 30)) is Phase.INFANCY
    assert phase(child, date(2025, 12, 31)) is Phase.TODDLERHOOD
    assert phase(child, date(2026, 12, 30)) is Phase.TODDLERHOOD
    assert phase(child, date(2026, 12, 31)) is Phase.GRADUATED
    assert phase(AChild(born_on=born, died_on=date(2025, 2, 1)), date(2025, 6, 1)) is Phase.NONE


# England's Healthy Child Programme


def test_the_new_birth_visit_opens_on_day_10_and_is_overdue_from_day_15(hcp: Programme) -> None:
    child = AChild(born_on=date(2026, 12, 25))
    statuses = {
        day: by_code(due_contacts(hcp, child, None, (), child.born_on + timedelta(days=day))).get("new-birth")
        for day in (9, 10, 14, 15, 30, 31)
    }
    assert [each.status if each else "gone" for each in statuses.values()] == [
        "upcoming", "due", "due", "overdue", "overdue", "gone",
    ]  # fmt: skip
    assert statuses[10] == DueContact(
        "new-birth", "New birth visit", date(2027, 1, 4), date(2027, 1, 8), date(2027, 1, 8), "due", True
    )


def test_reviews_go_by_the_age_from_birth_even_for_a_preterm_child(hcp: Programme) -> None:
    term = AChild(born_on=date(2026, 2, 1))
    preterm = AChild(born_on=date(2026, 2, 1), gestation_days=28 * 7)
    today = date(2026, 11, 22)
    assert due_contacts(hcp, preterm, None, (), today) == due_contacts(hcp, term, None, (), today)
    assert by_code(due_contacts(hcp, preterm, None, (), today))["twelve-months"].status == "due"


def test_the_windows_of_a_child_born_on_a_leap_day_fall_on_real_days(hcp: Programme) -> None:
    child = AChild(born_on=date(2024, 2, 29))
    standings = {each.contact.code: each for each in contact_standings(hcp, child, None, (), date(2025, 2, 28))}
    assert (standings["twelve-months"].opens_on, standings["twelve-months"].closes_on) == (
        date(2024, 11, 29),
        date(2025, 2, 28),
    )
    assert standings["twelve-months"].status == "due"
    assert standings["two-years"].closes_on == date(2026, 8, 29)


def test_the_antenatal_contact_opens_at_28_weeks_and_goes_with_the_birth(hcp: Programme) -> None:
    due_on = date(2027, 3, 1)
    unborn = AChild(due_on=due_on)
    assert by_code(due_contacts(hcp, unborn, None, (), date(2026, 12, 6)))["antenatal"].status == "upcoming"
    assert by_code(due_contacts(hcp, unborn, None, (), date(2026, 12, 7)))["antenatal"].status == "due"
    assert set(by_code(due_contacts(hcp, unborn, None, (), date(2026, 12, 7)))) == {"antenatal"}
    born = AChild(born_on=date(2027, 1, 2), due_on=due_on)
    assert "antenatal" not in by_code(due_contacts(hcp, born, None, (), date(2027, 1, 3)))
    after_birth = [VisitDone(date(2027, 1, 12))]
    standings = {s.contact.code: s for s in contact_standings(hcp, born, None, after_birth, date(2027, 1, 13))}
    assert standings["antenatal"].status == "missed"
    assert standings["new-birth"].done_on == date(2027, 1, 12)


def test_a_visit_in_the_window_counts_for_the_review_unless_the_nurse_said_otherwise(hcp: Programme) -> None:
    child = AChild(born_on=date(2026, 9, 1))
    today = date(2026, 10, 25)
    in_window = date(2026, 10, 20)
    assert "six-eight-weeks" not in by_code(due_contacts(hcp, child, None, [VisitDone(in_window)], today))
    told_none = [VisitDone(in_window, contacts=())]
    assert by_code(due_contacts(hcp, child, None, told_none, today))["six-eight-weeks"].status == "due"
    tagged_early = [VisitDone(date(2026, 10, 10), contacts=("six-eight-weeks",))]
    assert "six-eight-weeks" not in by_code(due_contacts(hcp, child, None, tagged_early, today))


def test_a_telephone_call_is_no_review(hcp: Programme) -> None:
    child = AChild(born_on=date(2026, 9, 1))
    called = [VisitDone(date(2026, 10, 20), mode="phone")]
    assert "six-eight-weeks" in by_code(due_contacts(hcp, child, None, called, date(2026, 10, 25)))


def test_what_closed_before_the_family_came_is_not_asked_for(hcp: Programme) -> None:
    child = AChild(born_on=date(2026, 8, 1))
    found = by_code(due_contacts(hcp, child, date(2026, 9, 27), (), date(2026, 9, 28)))
    assert "six-eight-weeks" not in found
    assert by_code(due_contacts(hcp, child, date(2026, 9, 26), (), date(2026, 9, 28)))["six-eight-weeks"].status == "overdue"


def test_the_contact_of_a_visit_is_known_from_the_childs_age(hcp: Programme) -> None:
    child = AChild(born_on=date(2026, 1, 1), due_on=date(2026, 1, 10))
    found = contact_for_visit(hcp, child, date(2026, 1, 12))
    assert found is not None
    assert (found.code, found.csds_activity) == ("new-birth", "08")
    assert contact_for_visit(hcp, child, date(2026, 1, 5)) is None
    before = contact_for_visit(hcp, child, date(2025, 12, 1))
    assert before is not None
    assert before.code == "antenatal"


@pytest.mark.parametrize("state", [state for state in FamilyState if state is not FamilyState.ACTIVE])
def test_nothing_is_due_once_a_family_is_not_active(fnp: Programme, hcp: Programme, state: FamilyState) -> None:
    child = AChild(born_on=date(2026, 9, 1))
    for programme in (fnp, hcp):
        assert due_contacts(programme, child, date(2026, 5, 1), (), date(2026, 10, 25))
        assert due_contacts(programme, child, date(2026, 5, 1), (), date(2026, 10, 25), state=state) == ()


def test_nothing_is_due_for_a_child_who_died_while_a_twins_list_goes_on(fnp: Programme, hcp: Programme) -> None:
    born, today = date(2026, 9, 1), date(2026, 10, 25)
    died, twin = AChild(born_on=born, died_on=date(2026, 9, 20)), AChild(born_on=born)
    for programme in (fnp, hcp):
        assert due_contacts(programme, died, date(2026, 5, 1), (), today) == ()
        assert due_contacts(programme, twin, date(2026, 5, 1), (), today)


# The Family Nurse Partnership


@pytest.mark.parametrize("weeks", range(10, 34))
def test_visits_expected_in_pregnancy_follow_the_published_arithmetic(fnp: Programme, weeks: int) -> None:
    enrolled = date(2026, 10, 5)
    child = AChild(due_on=enrolled + timedelta(weeks=40 - weeks))
    left = 40 - weeks + 1
    expected = min(4, left) + max(0, left - 4) // 2
    assert expected_visits(fnp, child, enrolled, date(2030, 1, 1)) == {Phase.PREGNANCY: expected}


def test_a_whole_programme_is_about_14_28_and_22_visits(fnp: Programme) -> None:
    born = date(2025, 2, 10)
    child = AChild(born_on=born, due_on=born)
    found = expected_visits(fnp, child, born - timedelta(weeks=24), date(2030, 1, 1))
    assert found == {Phase.PREGNANCY: 14, Phase.INFANCY: 28, Phase.TODDLERHOOD: 22}


def test_infancy_begins_with_six_weekly_visits_and_goes_on_every_fortnight(fnp: Programme) -> None:
    born = date(2025, 12, 20)
    child = AChild(born_on=born, due_on=born)
    counts = [expected_visits(fnp, child, born, born + timedelta(days=n))[Phase.INFANCY] for n in (6, 7, 42, 55, 56, 69, 70)]
    assert counts == [0, 1, 6, 6, 7, 7, 8]


def test_an_early_birth_ends_the_visits_of_pregnancy(fnp: Programme) -> None:
    enrolled = date(2026, 1, 5)
    child = AChild(born_on=enrolled + timedelta(days=21), due_on=enrolled + timedelta(weeks=20))
    assert expected_visits(fnp, child, enrolled, date(2026, 12, 1))[Phase.PREGNANCY] == 3


def next_visit(programme: Programme, child: AChild, enrolled: date, done: list[date], today: date) -> DueContact | None:
    found = due_contacts(programme, child, enrolled, [VisitDone(day) for day in done], today)
    return next((contact for contact in found if contact.code == "fnp-visit"), None)


def test_the_next_visit_counts_from_the_last_one_made(fnp: Programme) -> None:
    born = date(2026, 6, 1)
    child = AChild(born_on=born)
    weekly = next_visit(fnp, child, date(2026, 2, 1), [date(2026, 6, 9)], date(2026, 6, 12))
    assert weekly is not None
    assert (weekly.title, weekly.due_on, weekly.status, weekly.for_family) == (
        "Weekly visit", date(2026, 6, 16), "upcoming", True,
    )  # fmt: skip
    fortnightly = next_visit(fnp, child, date(2026, 2, 1), [date(2026, 9, 1)], date(2026, 9, 20))
    assert fortnightly is not None
    assert (fortnightly.title, fortnightly.due_on, fortnightly.status) == (
        "Fortnightly visit", date(2026, 9, 15), "overdue",
    )  # fmt: skip


def test_the_sixth_weekly_visit_is_followed_by_a_fortnight_even_when_made_a_day_early(fnp: Programme) -> None:
    born = date(2026, 6, 1)
    early = next_visit(fnp, AChild(born_on=born), date(2026, 2, 1), [born + timedelta(days=41)], born + timedelta(days=45))
    assert early is not None
    assert early.due_on == born + timedelta(days=55)


def test_the_first_visit_after_a_birth_is_due_within_the_week_whatever_came_before(fnp: Programme) -> None:
    born = date(2026, 12, 28)
    found = next_visit(fnp, AChild(born_on=born), date(2026, 6, 1), [date(2026, 12, 27)], date(2026, 12, 29))
    assert found is not None
    assert found.due_on == date(2027, 1, 4)


def test_monthly_visits_begin_at_21_months_and_end_with_the_second_birthday(fnp: Programme) -> None:
    born = date(2025, 1, 31)
    child = AChild(born_on=born)
    monthly = next_visit(fnp, child, date(2024, 9, 1), [date(2026, 11, 1)], date(2026, 11, 10))
    assert monthly is not None
    assert (monthly.title, monthly.due_on) == ("Monthly visit", date(2026, 12, 1))
    assert next_visit(fnp, child, date(2024, 9, 1), [date(2027, 1, 5)], date(2027, 1, 10)) is None
    assert next_visit(fnp, child, date(2024, 9, 1), [], date(2027, 1, 31)) is None


def test_a_family_without_a_visit_is_due_one_from_the_day_it_enrolled(fnp: Programme) -> None:
    enrolled = date(2026, 11, 20)
    found = next_visit(fnp, AChild(due_on=date(2027, 4, 1)), enrolled, [], date(2026, 11, 22))
    assert found is not None
    assert (found.due_on, found.status) == (enrolled, "due")


def test_the_dose_compares_visits_made_with_visits_expected_by_phase(fnp: Programme) -> None:
    born = date(2026, 6, 1)
    child = AChild(born_on=born, due_on=born)
    done = [VisitDone(born + timedelta(days=7 * n)) for n in (1, 2, 4)]
    done.append(VisitDone(born + timedelta(days=20), mode="phone"))
    infancy = next(d for d in doses(fnp, child, born, done, born + timedelta(days=42)) if d.phase is Phase.INFANCY)
    assert (infancy.expected, infancy.made, infancy.goal_percent, infancy.target) == (6, 3, 65, 4)


# Packs


def test_a_pack_past_its_end_warns_and_the_newest_one_begun_holds(hcp: Programme) -> None:
    assert not hcp.is_past_its_end(date(2027, 3, 31))
    assert hcp.is_past_its_end(date(2027, 4, 1))
    assert "31 March 2027" in hcp.warning
    raw = json.loads((PACKS / "hcp-england-2026-02-06.json").read_text(encoding="utf-8"))
    newer = Programme.from_pack({**raw, "version": "2027-04-01", "effective": {"start": "2027-04-01"}})
    assert in_force([newer, hcp], "hcp-england", date(2027, 3, 31)) is hcp
    assert in_force([newer, hcp], "hcp-england", date(2027, 4, 1)) is newer
    assert in_force([newer, hcp], "fnp", date(2027, 4, 1)) is None
    assert not newer.is_past_its_end(date(2040, 1, 1))


@pytest.mark.parametrize("name", [path.name for path in sorted(PACKS.glob("*.json"))])
def test_every_pack_says_where_it_comes_from_and_until_when_it_holds(name: str) -> None:
    programme = pack(name)
    assert programme.source
    assert programme.ends_on is not None
    assert programme.ends_on > programme.starts_on
    for plan in programme.phases:
        lows = sum(low for low, _ in plan.domain_share.values())
        highs = sum(high for _, high in plan.domain_share.values())
        assert lows <= 100 <= highs + 7  # the published ranges of infancy and toddlerhood leave some minutes to services


def test_a_pack_with_an_unknown_anchor_or_unit_is_refused(hcp: Programme) -> None:
    raw = json.loads((PACKS / "hcp-england-2026-02-06.json").read_text(encoding="utf-8"))
    with pytest.raises(ValueError, match="anchored"):
        Programme.from_pack({**raw, "contacts": [{**raw["contacts"][0], "anchor": "enrolment"}]})
    with pytest.raises(ValueError, match="offset"):
        Programme.from_pack({**raw, "contacts": [{**raw["contacts"][0], "opens": {"hours": 3}}]})
