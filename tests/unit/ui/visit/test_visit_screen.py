"""The visit screen put together: what folds in a narrow window, what keys lead where, that nothing is cut."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QLineEdit, QPlainTextEdit, QScrollArea, QWidget
from pytestqt.qtbot import QtBot

from tests.kit.desks import a_desk
from tests.kit.okafors import TWINS, the_okafors, with_phones
from tests.kit.signed import a_signed_visit
from visitapp.actions.session import Desk
from visitapp.actions.visits import start_visit
from visitapp.ui import theme
from visitapp.ui.visit.build import build_visit
from visitapp.ui.visit.view import VisitScreen

STEPS = ("arrival", "narrative", "observation", "voice", "health", "parents", "topics", "risks", "plan")
SMALL_LAPTOP_AT_200 = (600, 300)
"""What a 1366x768 screen leaves a screen of ours at twice the scale, beside the folded rail and below the header."""


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = with_phones(a_desk(tmp_path))
    yield made
    made.record.close()


@pytest.fixture
def screen(qtbot: QtBot, dressed: QApplication, desk: Desk, lanes: Any, told: Any) -> VisitScreen:
    family = the_okafors(desk, TWINS)
    a_signed_visit(desk, family)
    made = build_visit(desk, lanes, told, told)
    qtbot.addWidget(made)
    made.resize(1180, 680)
    with qtbot.waitExposed(made):
        made.show()
    made.activateWindow()
    qtbot.waitUntil(made.isActiveWindow)
    made.open(start_visit(desk, family))
    return made


def too_wide(screen: QWidget) -> list[str]:
    QTest.qWait(20)
    return [
        f"{area.accessibleName()}: {area.widget().minimumSizeHint().width()} > {area.viewport().width()}"
        for area in screen.findChildren(QScrollArea)
        if area.isVisible() and area.widget().minimumSizeHint().width() > area.viewport().width()
    ]


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("size", [(1180, 680), SMALL_LAPTOP_AT_200])
def test_no_step_scrolls_sideways(screen: VisitScreen, step: str, size: tuple[int, int]) -> None:
    screen.resize(*size)
    screen.step_chosen.emit(step)
    assert too_wide(screen) == []
    assert screen.minimumSizeHint().width() <= SMALL_LAPTOP_AT_200[0]


@pytest.mark.parametrize("step", ["arrival", "observation", "parents"])
def test_no_step_scrolls_sideways_with_the_largest_text(qapp: QApplication, screen: VisitScreen, step: str) -> None:
    theme.apply(qapp, theme.current(), theme.TextSize.LARGEST)
    screen.step_chosen.emit(step)
    found = too_wide(screen)
    theme.apply(qapp, theme.current())
    assert found == []


def test_a_narrow_window_folds_the_steps_into_one_line_and_the_last_visit_away(screen: VisitScreen) -> None:
    assert screen._list.isVisible()
    assert screen._panel.isVisible()
    screen.resize(600, 400)
    assert not screen._list.isVisible()
    assert screen._box.isVisible()
    assert not screen._panel.isVisible()
    assert screen._box.currentText().startswith("1 of 9: Arrival")


def test_the_observation_takes_the_room_of_the_last_visit_unless_she_wants_it(qtbot: QtBot, screen: VisitScreen) -> None:
    screen.step_chosen.emit("observation")
    assert not screen._panel.isVisible()
    qtbot.mouseClick(screen._top.panel, Qt.MouseButton.LeftButton)
    assert screen._panel.isVisible()
    screen.step_chosen.emit("voice")
    screen.step_chosen.emit("observation")
    assert screen._panel.isVisible()


def test_alt_and_a_number_lead_to_a_step_and_ctrl_enter_to_the_next(screen: VisitScreen) -> None:
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_5, Qt.KeyboardModifier.AltModifier)
    assert screen._current == "health"
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert screen._current == "parents"
    chord = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Return, chord)
    assert screen._current == "health"


def test_going_away_and_back_keeps_undo_and_the_cursor(screen: VisitScreen) -> None:
    screen.step_chosen.emit("narrative")
    field = QApplication.focusWidget()
    assert isinstance(field, QPlainTextEdit)
    QTest.keyClicks(field, "She smiled at him")
    screen.step_chosen.emit("plan")
    screen.step_chosen.emit("narrative")
    assert field.toPlainText() == "She smiled at him"
    field.undo()
    assert field.toPlainText() != "She smiled at him"


def test_the_wheel_changes_no_answer(screen: VisitScreen) -> None:
    screen.resize(600, 400)
    before = screen._box.currentIndex()
    middle = QPointF(screen._box.rect().center())
    wheel = QWheelEvent(
        middle, QPointF(screen._box.mapToGlobal(middle)), QPoint(0, -120), QPoint(0, -120), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(screen._box, wheel)
    assert screen._box.currentIndex() == before


@pytest.mark.parametrize("step", STEPS)
def test_every_control_has_an_accessible_name(screen: VisitScreen, step: str) -> None:
    screen.step_chosen.emit(step)
    for kind in (QAbstractButton, QLineEdit, QPlainTextEdit, QComboBox):
        for control in screen.findChildren(kind):
            if control.isVisible() and not isinstance(control.parent(), QComboBox):
                assert control.accessibleName(), (type(control), control.objectName())


def test_in_a_narrow_window_the_last_visit_takes_the_place_of_the_page_and_gives_it_back(
    qtbot: QtBot, screen: VisitScreen
) -> None:
    screen.resize(*SMALL_LAPTOP_AT_200)
    qtbot.mouseClick(screen._top.panel, Qt.MouseButton.LeftButton)
    assert screen._panel.isVisible()
    assert not screen._stack.isVisible()
    assert too_wide(screen) == []
    qtbot.mouseClick(screen._top.panel, Qt.MouseButton.LeftButton)
    assert screen._stack.isVisible()
    assert not screen._panel.isVisible()
