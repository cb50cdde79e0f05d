"""A person who stands in the wrong family: named with both families, compared, moved, and the reason kept in both histories."""

import pytest

from tests.kit.okafors import TWINS, the_okafors
from tests.kit.signed import a_signed_visit
from visitapp.actions.caseload import family_view
from visitapp.actions.disagreements import decided
from visitapp.actions.people import new_family
from visitapp.domain.problems import CheckNeeded, TextNeeded
from visitapp.ui.disagreement.presenter import past_of
from visitapp.ui.family.refiling import RefilePerson

REASON = "Typed into the wrong family after the birth."


@pytest.fixture
def families(desk):
    return the_okafors(desk, TWINS), new_family(
        desk, {"name": "Brandt"}, [{"role": "baby", "given_name": "Ida", "born_on": "2026-05-09"}]
    )


def person(desk, family, name):
    return next(p.id for p in family_view(desk, family).people if p.given_name == name)


def test_what_will_happen_names_the_person_with_birthday_and_both_families(desk, families):
    okafor, brandt = families
    a_signed_visit(desk, okafor)
    zara = person(desk, okafor, "Zara")
    opened = RefilePerson(desk).load(okafor)
    said = opened.introduction({"person": zara, "to": brandt})
    for words in ("Zara, baby, born 2 May 2026", "out of Okafor", "with Brandt (Ida)", "1 signed note of Okafor"):
        assert words in said


def test_nothing_moves_before_the_family_is_chosen_the_reason_written_and_the_tick_set(desk, families):
    okafor, brandt = families
    values = {"person": person(desk, okafor, "Zara"), "to": brandt, "reason": REASON, "checked": True}
    for key, empty, problem in (("to", "", CheckNeeded), ("reason", " ", TextNeeded), ("checked", False, CheckNeeded)):
        with pytest.raises(problem):
            RefilePerson(desk).save(okafor, {**values, key: empty})
    assert len(family_view(desk, okafor).people) == 4


def test_the_person_stands_in_the_other_family_and_the_reason_in_both_histories(desk, families):
    okafor, brandt = families
    zara = person(desk, okafor, "Zara")
    page = RefilePerson(desk)
    assert page.save(okafor, {"person": zara, "to": brandt, "reason": REASON, "checked": True}) == okafor
    assert [p.given_name for p in family_view(desk, brandt).people] == ["Ida", "Zara"]
    for family, words in ((okafor, "It was filed in another family"), (brandt, "It was filed here from another family")):
        [step] = decided(desk, family)
        told = past_of(step, desk.clock.now())
        assert told.title.endswith("Person: Zara")
        assert words in told.lead
        assert REASON in told.lead
        assert "Brandt" not in told.lead
