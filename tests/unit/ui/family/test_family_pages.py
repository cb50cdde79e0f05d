"""The pages that change a family, on a real encrypted record; no Qt."""

import pytest

from visitapp.actions.caseload import caseload, family_view
from visitapp.domain.people import FamilyState, Role
from visitapp.domain.problems import NotAValidDate, NotAValidNhsNumber
from visitapp.ui.family.form_pages import AddPerson, ChangeState, EditFamily, EditPerson, NewFamily, RecordBirth
from visitapp.ui.family.page import page_of


@pytest.fixture
def family(desk):
    values = {"name": "Petrov", "mother-given_name": "Mila", "baby": "expected", "due_on": "1/12/2026", "town": "Port Larkin"}
    return NewFamily(desk).save("", values)


def people(desk, family, role):
    return [person for person in family_view(desk, family).people if person.role is role]


def test_new_family_is_in_the_caseload_with_what_was_typed(desk, family):
    row = caseload(desk)[0]
    assert (row.name, row.mother, row.town) == ("Petrov", "Mila", "Port Larkin")
    assert [baby.unborn for baby in row.babies] == [True]


def test_editing_shows_what_is_known_and_keeps_the_rest(desk, family):
    page = EditFamily(desk)
    values = dict(page.load(family).values) | {
        "phone": "01632 960 007",
        "alert-text": "Large dog",
        "languages": "Bulgarian, English",
    }
    page.save(family, values)
    view = family_view(desk, family)
    assert view.body["phone"] == "01632 960 007"
    assert view.body["address"]["town"] == "Port Larkin"
    assert [alert.text for alert in view.row.alerts] == ["Large dog"]
    assert dict(page.load(family).values)["languages"] == "Bulgarian, English"


def test_birth_of_twins_keeps_the_history_with_the_first_and_gives_each_a_card(desk, family):
    unborn = people(desk, family, Role.UNBORN)[0]
    RecordBirth(desk).save(
        f"{family}/{unborn.id}",
        {"many": "2", "born_on": "20/11/2026", "weeks": "36", "days": "2", "given_name-0": "Ana", "given_name-1": "Iva"},
    )
    babies = people(desk, family, Role.BABY)
    assert {baby.short_name for baby in babies} == {"Ana", "Iva"}
    assert unborn.id in {baby.id for baby in babies}
    cards = page_of(family_view(desk, family), desk.clock.now(), may_write=True).children
    assert len({card.colour for card in cards}) == 2


def test_weeks_are_filled_in_from_the_expected_day(desk, family):
    unborn = people(desk, family, Role.UNBORN)[0]
    opened = RecordBirth(desk).load(f"{family}/{unborn.id}")
    assert opened.fills({"born_on": "20/11/2026"}, "born_on") == {"weeks": "38", "days": "3"}


def test_father_is_added_and_edited(desk, family):
    AddPerson(desk).save(family, {"role": "father", "given_name": "Ivo", "lives_here": False, "parental_responsibility": True})
    father = people(desk, family, Role.FATHER)[0]
    page = EditPerson(desk)
    values = dict(page.load(f"{family}/{father.id}").values)
    assert (values["given_name"], values["lives_here"]) == ("Ivo", False)
    page.save(f"{family}/{father.id}", values | {"given_name": "Ivan"})
    assert people(desk, family, Role.FATHER)[0].given_name == "Ivan"


def test_a_wrong_nhs_number_changes_nothing(desk, family):
    with pytest.raises(NotAValidNhsNumber):
        AddPerson(desk).save(family, {"role": "father", "given_name": "Ivo", "nhs_number": "1234567890"})
    assert people(desk, family, Role.FATHER) == []


def test_family_that_moved_is_due_nothing(desk, family):
    assert family_view(desk, family).due
    ChangeState(desk).save(family, {"state": "moved", "on": "23/11/2026", "baby": ""})
    view = family_view(desk, family)
    assert view.row.state is FamilyState.MOVED
    assert view.due == ()


def test_a_day_in_the_future_is_refused(desk, family):
    with pytest.raises(NotAValidDate):
        ChangeState(desk).save(family, {"state": "moved", "on": "1/1/2030", "baby": ""})


def test_when_one_twin_dies_the_other_keeps_its_contacts(desk):
    family = NewFamily(desk).save(
        "", {"name": "Petrov", "baby": "two", "born_on": "1/11/2026", "given_name-0": "Ana", "given_name-1": "Iva"}
    )
    ana, iva = sorted(people(desk, family, Role.BABY), key=lambda baby: baby.given_name)
    page = ChangeState(desk)
    assert "other baby go on" in page.load(family).introduction({"state": "baby_died"})
    page.save(family, {"state": "baby_died", "on": "20/11/2026", "baby": ana.id})
    view = family_view(desk, family)
    assert view.row.state is FamilyState.ACTIVE
    assert view.due
    assert all(due.person_name != "Ana" for due in view.due)
    page.save(family, {"state": "baby_died", "on": "21/11/2026", "baby": iva.id})
    after = family_view(desk, family)
    assert (after.row.state, after.due) == (FamilyState.BABY_DIED, ())
