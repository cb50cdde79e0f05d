"""Files in a visit: together they stay below what can travel, and what is not taken is said in words."""

import base64
from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtWidgets import QLabel, QPushButton
from pytestqt.qtbot import QtBot

from tests.kit.okafors import TWINS, the_okafors
from tests.unit.ui.checklist.test_questions import Sitting
from tests.unit.ui.visit.test_carrying import SECTION
from tests.unit.ui.visit.test_moving import a_screen
from visitapp.actions.session import Desk
from visitapp.actions.visits import add_sheet, open_draft, save_answers, start_visit
from visitapp.domain.problems import Problem
from visitapp.forms import Attachment, load_questionnaire
from visitapp.ui.checklist.questions.attached import AttachmentQuestion
from visitapp.ui.checklist.questions.attached_size import MOST_BYTES
from visitapp.ui.visit.files import TOO_MANY
from visitapp.ui.wording import sentence_for

pytestmark = pytest.mark.usefixtures("dressed")


def a_file(size: int) -> Attachment:
    return Attachment("image/png", base64.b64encode(b"x" * size).decode(), size=size, title="drawing.png")


def test_the_files_of_a_visit_have_a_bound_together_and_it_still_travels(qtbot: QtBot, desk: Desk, lanes: Any, told: Any) -> None:
    desk = replace(desk, library=desk.library.copy())
    items = [{"linkId": each, "type": "attachment", "text": each} for each in ("first", "second")]
    head = {"resourceType": "Questionnaire", "url": "urn:files", "version": "1", "title": "Drawings", "status": "active"}
    desk.library.add(load_questionnaire(head | {"extension": [SECTION], "item": items}))
    visit = start_visit(desk, the_okafors(desk, TWINS))
    mother = next(person for person in open_draft(desk, visit).people if person.is_parent)
    key = add_sheet(desk, visit, "urn:files", mother.id)
    screen = a_screen(qtbot, desk, lanes, told, f"{visit}|health")
    screen.answered.emit(key, "first", (a_file(MOST_BYTES - 5000),))
    screen.answered.emit(key, "second", (a_file(9000),))
    assert told.words == [TOO_MANY]
    screen.answered.emit(key, "second", (a_file(4000),))
    screen.answered.emit(key, "first", (a_file(MOST_BYTES - 4002),))
    screen.leave()
    assert told.words == [TOO_MANY]
    assert told.problems == []
    sheet = next(each for each in open_draft(desk, visit).sheets if each.key == key)
    assert [each["linkId"] for each in sheet.answers] == ["first", "second"]


def test_what_cannot_travel_is_refused_in_words_where_it_is_saved(desk: Desk) -> None:
    visit = start_visit(desk, the_okafors(desk, TWINS))
    key = next(sheet.key for sheet in open_draft(desk, visit).sheets if sheet.section == "voice")
    with pytest.raises(Problem) as refused:
        save_answers(desk, visit, {key: [{"linkId": "voice", "answer": [{"valueString": "x" * 300_000}]}]})
    assert "longer than your service takes" in sentence_for(refused.value)


def test_a_question_may_take_several_files_one_after_the_other(qtbot: QtBot) -> None:
    sitting = Sitting(qtbot, [{"linkId": "f", "type": "attachment", "text": "Pictures", "repeats": True}])
    (question,) = sitting.checklist.findChildren(AttachmentQuestion)
    for size in (10, 20):
        question._take(a_file(size))
    assert [value.size for value in sitting.values("f")] == [10, 20]
    assert any(label.text() == "drawing.png, drawing.png" for label in question.findChildren(QLabel) if label.isVisible())
    sitting.find(QPushButton, "Pictures: take the file away").click()
    assert [value.size for value in sitting.values("f")] == [10]
