"""The sign screen by keyboard: one button, pressed on purpose."""

from typing import Any

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit
from pytestqt.qtbot import QtBot

from visitapp.ui.sign.presenter import LockedLine, MissingLine, SignPage
from visitapp.ui.sign.view import SignButton, SignScreen
from visitapp.ui.widgets.rows import RowButton

READY = SignPage("Okafor · Yusuf", "Visit completed", (LockedLine("Arrival", "", False),), (), "", (), "Nia", True)


@pytest.fixture
def screen(qtbot: QtBot, dressed: QApplication) -> SignScreen:
    made = SignScreen()
    qtbot.addWidget(made)
    made.resize(900, 600)
    with qtbot.waitExposed(made):
        made.show()
    made.activateWindow()
    qtbot.waitUntil(made.isActiveWindow)
    return made


def heard(screen: SignScreen) -> list[Any]:
    found: list[Any] = []
    screen.signed.connect(found.append)
    screen.missing_chosen.connect(found.append)
    return found


def test_the_focus_is_on_the_one_button_and_enter_presses_it(qtbot: QtBot, screen: SignScreen) -> None:
    said = heard(screen)
    screen.show_page(READY)
    qtbot.waitUntil(lambda: isinstance(QApplication.focusWidget(), SignButton))
    QTest.keyClick(screen._sign, Qt.Key.Key_Return)
    assert said == [""]


def test_a_key_held_down_does_not_sign(qtbot: QtBot, screen: SignScreen) -> None:
    said = heard(screen)
    screen.show_page(READY)
    qtbot.waitUntil(lambda: isinstance(QApplication.focusWidget(), SignButton))
    for key in (Qt.Key.Key_Return, Qt.Key.Key_Space):
        held = QKeyEvent(QEvent.Type.KeyPress, key, Qt.KeyboardModifier.NoModifier, "", True, 1)
        QApplication.sendEvent(screen._sign, held)
    QTest.keyClick(screen._sign, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert said == []


def test_what_is_missing_has_the_focus_and_enter_goes_there(qtbot: QtBot, screen: SignScreen) -> None:
    said = heard(screen)
    line = MissingLine("Say yes or no", "Risks and actions", "v|risks|key|risks-none")
    screen.show_page(SignPage("Okafor", "", (), (line,), "", (), "Nia", False))
    qtbot.waitUntil(lambda: isinstance(QApplication.focusWidget(), RowButton))
    assert not screen._sign.isEnabled()
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Return)
    assert said == [line]


def test_a_late_entry_asks_for_its_reason_first(qtbot: QtBot, screen: SignScreen) -> None:
    said = heard(screen)
    screen.show_page(SignPage("Okafor", "", (), (), "The visit ended yesterday.", (), "Nia", True))
    qtbot.waitUntil(lambda: isinstance(QApplication.focusWidget(), QLineEdit))
    QTest.keyClicks(QApplication.focusWidget(), "No battery")
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Return)
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Return)
    assert said == ["No battery"]
