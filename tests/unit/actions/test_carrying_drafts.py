"""A draft begun with an older version of a form: carried over when asked, nothing lost without being kept and named."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.kit.desks import a_desk
from tests.kit.okafors import TWINS, the_okafors
from visitapp.actions.carrying import carry_sheet, newer_versions
from visitapp.actions.paper import visit_document
from visitapp.actions.reading import read_visit
from visitapp.actions.session import Desk
from visitapp.actions.signing import preview_signing, sign_visit
from visitapp.actions.visits import add_sheet, open_draft, save_answers, start_visit
from visitapp.domain.ids import VisitId
from visitapp.domain.problems import NoSuchVisit
from visitapp.forms import Filling, Questionnaire, load_questionnaire
from visitapp.forms.carrying import Outcome
from visitapp.reports.document import Answer

URL = "urn:bath"


def a_form(version: str, *items: dict[str, Any]) -> Questionnaire:
    head = {"resourceType": "Questionnaire", "url": URL, "version": version, "title": "Bath time", "status": "active"}
    return load_questionnaire(head | {"item": list(items)})


def item(link_id: str, kind: str, text: str) -> dict[str, Any]:
    return {"linkId": link_id, "type": kind, "text": text}


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = a_desk(tmp_path)
    yield replace(made, library=made.library.copy())
    made.record.close()


def begun(desk: Desk) -> tuple[VisitId, str]:
    desk.library.add(a_form("1", item("warm", "boolean", "Warm?"), item("toys", "string", "Toys")))
    visit = start_visit(desk, the_okafors(desk, TWINS))
    mother = next(person for person in open_draft(desk, visit).people if person.is_parent)
    key = add_sheet(desk, visit, URL, mother.id)
    answers = [{"linkId": "warm", "answer": [{"valueBoolean": True}]}, {"linkId": "toys", "answer": [{"valueString": "a duck"}]}]
    save_answers(desk, visit, {key: answers})
    return visit, key


def test_a_draft_stays_with_its_version_until_it_is_carried(desk: Desk) -> None:
    visit, key = begun(desk)
    assert newer_versions(desk, visit) == ()
    desk.library.add(a_form("2", item("warm", "boolean", "Was the water warm?")))
    sheet = next(sheet for sheet in open_draft(desk, visit).sheets if sheet.key == key)
    assert sheet.questionnaire == f"{URL}|1"
    assert desk.questionnaire(sheet.questionnaire).version == "1"
    (newer,) = newer_versions(desk, visit)
    assert (newer.key, newer.old, newer.new) == (key, f"{URL}|1", f"{URL}|2")


def test_carrying_says_what_became_of_each_answer_and_keeps_what_had_no_place(desk: Desk) -> None:
    visit, key = begun(desk)
    desk.library.add(a_form("2", item("warm", "boolean", "Was the water warm?")))
    carried = carry_sheet(desk, visit, key)
    assert [(move.link_id, move.outcome) for move in carried.moves] == [("warm", Outcome.REWORDED), ("toys", Outcome.LOST)]
    sheet = next(sheet for sheet in open_draft(desk, visit).sheets if sheet.key == key)
    assert sheet.questionnaire == f"{URL}|2"
    assert [each["linkId"] for each in sheet.answers] == ["warm"]
    with desk.record.reading() as r:
        body = r.body(desk.drafts_scope, visit)
    assert body is not None
    (left,) = next(each for each in body["sheets"] if each["key"] == key)["left_behind"]
    assert left["answer"] == [{"valueString": "a duck"}]
    assert (left["questionnaire"], left["text"], left["why"]) == (f"{URL}|1", "Toys", "gone")
    assert newer_versions(desk, visit) == ()


def test_there_is_nothing_to_carry_where_nothing_is_newer(desk: Desk) -> None:
    visit, key = begun(desk)
    with pytest.raises(NoSuchVisit):
        carry_sheet(desk, visit, key)


def finished(desk: Desk, visit: VisitId) -> None:
    """The rest that a visit needs before it is signed."""
    told: dict[str, dict[str, Any]] = {"arrival": {"baby-seen": 0}, "risks": {"risks-none": True}}
    for sheet in open_draft(desk, visit).sheets:
        filling = Filling(desk.questionnaire(sheet.questionnaire), sheet.answers)
        for row in filling.rows():
            value = told.get(sheet.section, {}).get(row.item.link_id)
            if value is not None:
                filling.answer(row.place, (row.options[value].value if row.options else value,))
        if sheet.section in told:
            save_answers(desk, visit, {sheet.key: filling.answers()})


def test_what_had_no_place_is_signed_read_and_printed_with_the_note(desk: Desk) -> None:
    visit, key = begun(desk)
    desk.library.add(a_form("2", item("other", "string", "Anything else?")))
    carry_sheet(desk, visit, key)
    finished(desk, visit)
    sign_visit(desk, visit)
    note = read_visit(desk, visit)
    assert note.genuine
    part = next(part for part in note.parts if part.questionnaire == f"{URL}|2")
    said = {line.text: line.value_text for line in part.lines}
    assert (said["Toys"], said["Warm?"]) == ("a duck", "true")
    document = visit_document(desk, note)
    printed = next(section for section in document.sections if "Bath time" in section.title)
    assert Answer("Toys", "a duck") in printed.lines
    assert Answer("Not answered", "Anything else?") in printed.lines
    assert not printed.family_copy


def test_a_note_is_read_and_printed_in_the_language_asked_for(desk: Desk) -> None:
    def in_welsh(words: str) -> dict[str, Any]:
        pair = [{"url": "lang", "valueCode": "cy"}, {"url": "content", "valueString": words}]
        return {"extension": [{"url": "http://hl7.org/fhir/StructureDefinition/translation", "extension": pair}]}

    yes = {"valueCoding": {"code": "y", "display": "Yes", "_display": in_welsh("Oedd")}}
    warm = item("warm", "choice", "Was it warm?") | {"_text": in_welsh("Oedd e'n gynnes?"), "answerOption": [yes], "required": True}
    head = {"resourceType": "Questionnaire", "url": URL, "version": "3", "title": "Bath time", "status": "active"}
    desk.library.add(load_questionnaire(head | {"_title": in_welsh("Amser bath"), "item": [warm]}))
    visit = start_visit(desk, the_okafors(desk, TWINS))
    mother = next(person for person in open_draft(desk, visit).people if person.is_parent)
    key = add_sheet(desk, visit, URL, mother.id)
    finished(desk, visit)
    assert [each.text for each in preview_signing(desk, visit, "cy").missing] == ["Oedd e'n gynnes?"]
    save_answers(desk, visit, {key: [{"linkId": "warm", "answer": [{"valueCoding": {"code": "y"}}]}]})
    sign_visit(desk, visit)
    for language, expected in (("en", ("Bath time", "Was it warm?", "Yes")), ("cy", ("Amser bath", "Oedd e'n gynnes?", "Oedd"))):
        note = read_visit(desk, visit, language)
        part = next(part for part in note.parts if part.questionnaire == f"{URL}|3")
        line = part.lines[0]
        assert (part.title, line.text, line.value_text) == expected
        for corrected in (False, True):
            document = visit_document(desk, note, as_corrected=corrected)
            section = next(each for each in document.sections if expected[0] in each.title)
            assert Answer(expected[1], expected[2]) in section.lines
