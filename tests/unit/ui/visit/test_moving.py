"""A visit begun for the wrong family or baby is moved whole, by the page that asks which baby is which."""

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QLabel, QPushButton
from pytestqt.qtbot import QtBot

from tests.kit.okafors import ONE_BABY, TWINS, the_okafors
from visitapp.actions.people import new_family
from visitapp.actions.session import Desk
from visitapp.actions.visits import open_draft, save_answers, start_visit
from visitapp.domain.visits import first_answer
from visitapp.ui.visit.build import build_visit
from visitapp.ui.visit.view import VisitScreen
from visitapp.ui.widgets.rows import RowButton


def a_screen(qtbot: QtBot, desk: Desk, lanes: Any, told: Any, visit: str) -> VisitScreen:
    screen = build_visit(desk, lanes, told, told)
    qtbot.addWidget(screen)
    screen.resize(1180, 700)
    with qtbot.waitExposed(screen):
        screen.show()
    screen.activateWindow()
    qtbot.waitUntil(screen.isActiveWindow)
    screen.open(visit)
    return screen


def offered(screen: VisitScreen) -> list[RowButton]:
    QTest.qWait(20)
    return [button for button in screen.moving.findChildren(RowButton) if not button.isHidden()]


def write(desk: Desk, visit: Any) -> None:
    key = next(sheet.key for sheet in open_draft(desk, visit).sheets if sheet.section == "voice")
    save_answers(desk, visit, {key: [{"linkId": "voice", "answer": [{"valueString": "I like it here."}]}]})


def voices(desk: Desk, visit: Any) -> dict[str, Any]:
    draft = open_draft(desk, visit)
    return {
        person.short_name: first_answer(sheet.answers, "voice")
        for sheet in draft.sheets
        if sheet.section == "voice" and (person := draft.person(sheet.subject.id))
    }


def test_a_visit_is_moved_to_the_family_it_is_about(
    qtbot: QtBot, dressed: QApplication, desk: Desk, lanes: Any, told: Any
) -> None:
    visit = start_visit(desk, the_okafors(desk))
    write(desk, visit)
    ebba = {"role": "baby", "given_name": "Ebba", "born_on": "2026-06-01"}
    lindqvists = new_family(desk, {"name": "Lindqvist"}, (ONE_BABY[0], ebba))
    screen = a_screen(qtbot, desk, lanes, told, visit)
    screen.move_wanted.emit()
    QTest.keyClicks(QApplication.focusWidget(), "lindq")
    qtbot.waitUntil(lambda: [button.accessibleName().split(",")[0] for button in offered(screen)] == ["Lindqvist"])
    qtbot.mouseClick(offered(screen)[0], Qt.MouseButton.LeftButton)
    move = next(b for b in screen.moving.findChildren(QPushButton) if b.text() == "Move it to Lindqvist")
    qtbot.mouseClick(move, Qt.MouseButton.LeftButton)
    assert open_draft(desk, visit).family == lindqvists
    assert voices(desk, visit) == {"Ebba": "I like it here."}
    assert not screen.moving.isVisible()


def test_what_was_written_about_one_twin_goes_to_the_other(
    qtbot: QtBot, dressed: QApplication, desk: Desk, lanes: Any, told: Any
) -> None:
    family = the_okafors(desk, TWINS)
    from visitapp.actions.caseload import family_view

    yusuf = next(person for person in family_view(desk, family).people if person.short_name == "Yusuf")
    visit = start_visit(desk, family, (yusuf.id,))
    write(desk, visit)
    screen = a_screen(qtbot, desk, lanes, told, visit)
    screen.move_wanted.emit()
    qtbot.mouseClick(offered(screen)[0], Qt.MouseButton.LeftButton)
    QTest.qWait(20)
    box = next(box for box in screen.moving.findChildren(QComboBox) if not box.isHidden())
    box.setCurrentIndex(1)
    move = next(b for b in screen.moving.findChildren(QPushButton) if b.text() == "Move it to Okafor")
    qtbot.mouseClick(move, Qt.MouseButton.LeftButton)
    assert voices(desk, visit) == {"Zara": "I like it here."}


def test_a_family_with_fewer_babies_is_refused_in_words(
    qtbot: QtBot, dressed: QApplication, desk: Desk, lanes: Any, told: Any
) -> None:
    visit = start_visit(desk, the_okafors(desk, TWINS))
    new_family(desk, {"name": "Lindqvist"}, ONE_BABY)
    screen = a_screen(qtbot, desk, lanes, told, visit)
    screen.move_wanted.emit()
    small = next(button for button in offered(screen) if button.accessibleName().startswith("Lindqvist"))
    qtbot.mouseClick(small, Qt.MouseButton.LeftButton)
    words = [label.text() for label in screen.moving.findChildren(QLabel) if not label.isHidden()]
    assert "Lindqvist has fewer babies than this visit is about." in words
