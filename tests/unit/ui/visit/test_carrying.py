"""A newer version comes while a visit is written: a line says so, a page shows what would move, and nothing is lost."""

from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QMenu, QPushButton
from pytestqt.qtbot import QtBot

from tests.kit.okafors import TWINS, the_okafors
from tests.unit.ui.visit.test_moving import a_screen
from visitapp.actions.session import Desk
from visitapp.actions.visits import add_sheet, open_draft, save_answers, start_visit
from visitapp.domain.ids import VisitId
from visitapp.forms import load_questionnaire
from visitapp.ui.visit.view import VisitScreen

pytestmark = pytest.mark.usefixtures("dressed")
URL = "https://forms.example/Questionnaire/bath-time"
SECTION = {"url": "https://visitapp.example/fhir/StructureDefinition/section", "valueCode": "health"}


def publish(desk: Desk, version: str, **texts: str) -> None:
    items = [{"linkId": link_id, "type": "string", "text": text} for link_id, text in texts.items()]
    head = {"resourceType": "Questionnaire", "url": URL, "version": version, "title": "Bath time", "status": "active"}
    desk.library.add(load_questionnaire(head | {"extension": [SECTION], "item": items}))


@pytest.fixture
def begun(desk: Desk) -> tuple[Desk, VisitId, str]:
    desk = replace(desk, library=desk.library.copy())
    publish(desk, "1", warm="How warm?", toys="Toys", mood="Mood")
    visit = start_visit(desk, the_okafors(desk, TWINS))
    mother = next(person for person in open_draft(desk, visit).people if person.is_parent)
    key = add_sheet(desk, visit, URL, mother.id)
    told = {"warm": "about right", "toys": "a duck", "mood": "happy"}
    save_answers(desk, visit, {key: [{"linkId": each, "answer": [{"valueString": said}]} for each, said in told.items()]})
    return desk, visit, key


def words(screen: VisitScreen) -> list[str]:
    return [label.text() for label in screen.findChildren(QLabel) if label.isVisible()]


def a_button(screen: VisitScreen, name: str) -> QPushButton:
    found = [each for each in screen.findChildren(QPushButton) if each.isVisible() and name in (each.text(), each.accessibleName())]
    assert len(found) == 1, name
    return found[0]


def test_nothing_is_said_while_there_is_nothing_newer(
    qtbot: QtBot, begun: tuple[Desk, VisitId, str], lanes: Any, told: Any
) -> None:
    desk, visit, _ = begun
    screen = a_screen(qtbot, desk, lanes, told, visit)
    assert not any("newer version" in each for each in words(screen))
    screen._show_more(screen)
    menu = screen.findChildren(QMenu)[-1]
    assert [action.text() for action in menu.actions() if action.isVisible() and "ewer version" in action.text()] == []
    menu.close()


def test_what_would_move_is_shown_before_it_is_done_and_nothing_typed_is_lost(
    qtbot: QtBot, begun: tuple[Desk, VisitId, str], lanes: Any, told: Any
) -> None:
    desk, visit, key = begun
    publish(desk, "2", warm="Was the water warm?", mood="Mood")
    screen = a_screen(qtbot, desk, lanes, told, visit)
    assert "A newer version of Bath time is here." in words(screen)
    QTest.mouseClick(a_button(screen, "See what would move"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "2 answers go along." in words(screen))
    said = words(screen)
    assert {"Version 1, newer: 2", "2 answers go along.", "How warm? about right"} <= set(said)
    assert "Toys: a duck (the question is no longer asked)" in said
    assert next(sheet for sheet in open_draft(desk, visit).sheets if sheet.key == key).questionnaire == f"{URL}|1"
    QTest.mouseClick(a_button(screen, "Carry over: Bath time"), Qt.MouseButton.LeftButton)
    sheet = next(sheet for sheet in open_draft(desk, visit).sheets if sheet.key == key)
    assert (sheet.questionnaire, [each["text"] for each in sheet.left_behind]) == (f"{URL}|2", ["Toys"])
    assert told.words == ["Carried to the newer version. 1 answer without a place stays with the visit."]
    assert not any("newer version of" in each for each in words(screen))


def test_the_page_is_worked_with_keys_alone_and_left_with_nothing_changed(
    qtbot: QtBot, begun: tuple[Desk, VisitId, str], lanes: Any, told: Any
) -> None:
    desk, visit, key = begun
    publish(desk, "2", warm="Was the water warm?")
    screen = a_screen(qtbot, desk, lanes, told, visit)
    screen.carry_wanted.emit()
    focus = QApplication.focusWidget()
    assert isinstance(focus, QPushButton)
    assert focus.text() == "Back to the visit"
    QTest.keyClick(focus, Qt.Key.Key_Return)
    assert not screen.carrying.isVisible()
    assert next(sheet for sheet in open_draft(desk, visit).sheets if sheet.key == key).questionnaire == f"{URL}|1"


def test_what_was_just_typed_is_carried_too(qtbot: QtBot, begun: tuple[Desk, VisitId, str], lanes: Any, told: Any) -> None:
    desk, visit, key = begun
    publish(desk, "2", warm="Was the water warm?", toys="Toys", mood="Mood")
    screen = a_screen(qtbot, desk, lanes, told, f"{visit}|health|{key}|toys")
    field = QApplication.focusWidget()
    assert isinstance(field, QLineEdit)
    field.end(False)
    QTest.keyClicks(field, " and a boat")
    screen.carry_wanted.emit()
    qtbot.waitUntil(lambda: "3 answers go along." in words(screen))
    QTest.mouseClick(a_button(screen, "Carry over: Bath time"), Qt.MouseButton.LeftButton)
    sheet = next(sheet for sheet in open_draft(desk, visit).sheets if sheet.key == key)
    answers = {each["linkId"]: each["answer"][0]["valueString"] for each in sheet.answers}
    assert answers == {"warm": "about right", "toys": "a duck and a boat", "mood": "happy"}
