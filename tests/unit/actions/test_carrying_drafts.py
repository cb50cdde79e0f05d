"""A draft begun with an older version of a form: carried over when asked, nothing lost without being kept and named."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.kit.desks import a_desk
from tests.kit.okafors import TWINS, the_okafors
from visitapp.actions.carrying import carry_sheet, newer_versions
from visitapp.actions.session import Desk
from visitapp.actions.visits import add_sheet, open_draft, save_answers, start_visit
from visitapp.domain.ids import VisitId
from visitapp.domain.problems import NoSuchVisit
from visitapp.forms import Questionnaire, load_questionnaire
from visitapp.forms.carrying import Outcome

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
