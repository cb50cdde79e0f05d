"""What signed forms say for the timeline: totals, marked answers and what was seen of each construct."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.kit.desks import a_desk
from tests.kit.okafors import TWINS, the_okafors
from tests.kit.signed import a_signed_visit
from visitapp.actions.addenda import strike_visit
from visitapp.actions.caseload import family_view
from visitapp.actions.session import Desk
from visitapp.actions.signing import sign_visit
from visitapp.actions.visits import add_sheet, open_draft, save_answers, start_visit
from visitapp.domain.ids import FamilyId, VisitId
from visitapp.domain.observation import CONSTRUCT_GROUPS, Scale
from visitapp.forms import Filling, load_questionnaire
from visitapp.forms.extraction import extracts, observation

PHQ = {f"phq9-{number}": 1 for number in range(1, 10)}
EXTRACT = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-observationExtract"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = a_desk(tmp_path)
    yield replace(made, library=made.library.copy())
    made.record.close()


def answered(desk: Desk, family: FamilyId, name: str, answers: dict[str, int]) -> VisitId:
    """A signed visit with one more sheet about the mother."""
    visit = start_visit(desk, family)
    mother = next(person for person in open_draft(desk, visit).people if person.is_parent)
    key = add_sheet(desk, visit, name, mother.id)
    saved = {}
    for sheet in open_draft(desk, visit).sheets:
        told = {"arrival": {"baby-seen": 0}, "risks": {"risks-none": True}}.get(sheet.section, {}) | (
            answers if sheet.key == key else {}
        )
        filling = Filling(desk.questionnaire(sheet.questionnaire), sheet.answers)
        for row in filling.rows():
            if row.item.link_id in told:
                value = told[row.item.link_id]
                filling.answer(row.place, (row.options[value].value if row.options else value,))
        saved[sheet.key] = filling.answers()
    save_answers(desk, visit, saved)
    sign_visit(desk, visit)
    return visit


def finish(desk: Desk, visit: VisitId, answers: dict[str, list[dict[str, Any]]]) -> None:
    """The least that a visit needs, with these answers, and its signature."""
    for sheet in open_draft(desk, visit).sheets:
        told = {"arrival": {"baby-seen": 0}, "risks": {"risks-none": True}}.get(sheet.section, {})
        filling = Filling(desk.questionnaire(sheet.questionnaire), sheet.answers)
        for row in filling.rows():
            if row.item.link_id in told:
                value = told[row.item.link_id]
                filling.answer(row.place, (row.options[value].value if row.options else value,))
        answers = {sheet.key: filling.answers()} | answers if told else answers
    save_answers(desk, visit, answers)
    sign_visit(desk, visit)


def test_an_observation_becomes_ribbons_of_its_constructs(desk: Desk) -> None:
    family = the_okafors(desk, TWINS)
    visit = a_signed_visit(desk, family)
    told = family_view(desk, family).extracts
    assert {each.visit for each in told.ribbons} == {visit}
    seen = told.ribbons[0].seen
    assert set(seen) <= set(CONSTRUCT_GROUPS)
    assert {mark for marks in seen.values() for mark in marks} == {Scale.SEEN, Scale.EMERGING}


def test_a_total_stands_on_the_timeline_and_an_incomplete_one_does_not(desk: Desk) -> None:
    family = the_okafors(desk, TWINS)
    answered(desk, family, "phq-9", {key: value for key, value in PHQ.items() if key != "phq9-4"} | {"phq9-9": 0})
    assert family_view(desk, family).extracts.said == ()
    desk.clock.move(timedelta(days=1))  # type: ignore[attr-defined]
    answered(desk, family, "phq-9", PHQ | {"phq9-9": 0})
    said = family_view(desk, family).extracts.said
    assert [each.words.split(",")[0] for each in said] == ["8"]
    assert said[0].title


def test_an_answer_that_a_form_marks_for_it_is_taken(desk: Desk) -> None:
    code = [{"system": "http://loinc.org", "code": "8867-4", "display": "Heart rate"}]
    item = {"linkId": "rate", "type": "integer", "text": "Heart rate", "code": code}
    form = {"resourceType": "Questionnaire", "url": "urn:pulse", "version": "1", "title": "Pulse", "status": "active"}
    extension = [{"url": EXTRACT, "valueBoolean": True}]
    desk.library.add(load_questionnaire(form | {"extension": extension, "item": [item]}))
    family = the_okafors(desk, TWINS)
    visit = answered(desk, family, "urn:pulse", {"rate": 72})
    assert [(each.visit, each.title, each.words) for each in family_view(desk, family).extracts.said] == [
        (visit, "Heart rate", "72")
    ]


def test_a_total_entered_by_hand_stands_there_with_its_band(desk: Desk) -> None:
    family = the_okafors(desk, TWINS)
    answered(desk, family, "epds-score", {"epds-total": 14, "epds-10": 0})
    (said,) = family_view(desk, family).extracts.said
    epds = desk.library.latest("https://visitapp.example/fhir/Questionnaire/epds-score")
    assert epds is not None
    assert (said.title, said.words.split(",")[0], said.is_score) == (epds.title, "14", True)
    assert said.words.partition(", ")[2]


def test_what_a_form_marks_without_a_code_is_called_by_its_words(desk: Desk) -> None:
    marked = [{"url": EXTRACT, "valueBoolean": True}]
    items = [
        {"linkId": "naps", "type": "integer", "text": "Naps a day", "extension": marked},
        {"linkId": "other", "type": "integer", "text": "Not marked"},
        {
            "linkId": "g",
            "type": "group",
            "text": "Evening",
            "item": [{"linkId": "t", "type": "integer", "text": "Total", "extension": marked}],
        },
    ]
    form = {"resourceType": "Questionnaire", "url": "urn:naps", "version": "1", "title": "Naps", "status": "active", "item": items}
    desk.library.add(load_questionnaire(form))
    family = the_okafors(desk, TWINS)
    answered(desk, family, "urn:naps", {"naps": 3, "other": 9, "t": 4})
    assert [(each.title, each.words) for each in family_view(desk, family).extracts.said] == [
        ("Naps, Naps a day", "3"),
        ("Naps, Evening", "4"),
    ]


def test_a_weight_stands_on_the_timeline_once(desk: Desk) -> None:
    family = the_okafors(desk, TWINS)
    visit = start_visit(desk, family)
    sheet = next(each for each in open_draft(desk, visit).sheets if each.section == "health")
    weight = {"value": 4200, "unit": "g", "system": "http://unitsofmeasure.org", "code": "g"}
    found = extracts(desk.questionnaire(sheet.questionnaire), [{"linkId": "weight", "answer": [{"valueQuantity": weight}]}])
    assert [(each.kind, each.link_id) for each in found] == [("answer", "weight")]
    made = observation(found[0], subject="Patient/1", effective="2026-11-23", derived_from="QuestionnaireResponse/1")
    assert (made["code"]["coding"][0]["code"], made["valueQuantity"]["value"]) == ("27113001", 4200)
    finish(desk, visit, {sheet.key: [{"linkId": "weight", "answer": [{"valueQuantity": weight}]}]})
    view = family_view(desk, family)
    assert [each.value for each in view.measurements] == [4200]
    assert view.extracts.said == ()


def test_a_struck_note_says_nothing_there(desk: Desk) -> None:
    family = the_okafors(desk, TWINS)
    visit = a_signed_visit(desk, family)
    strike_visit(desk, visit, "Written for another family")
    assert family_view(desk, family).extracts.ribbons == ()
