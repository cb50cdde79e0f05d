"""The Sync screen's widgets, read and pressed."""

import pytest
from PySide6.QtWidgets import QLabel, QPushButton

from tests.unit.ui import invented
from tests.unit.ui.sync.test_sync_presenter import TWO, loaded, outbox
from visitapp.sync.state import Working
from visitapp.ui.sync.presenter import page_of
from visitapp.ui.sync.view import SyncScreen


@pytest.fixture
def screen(qtbot, dressed):
    found = SyncScreen()
    qtbot.addWidget(found)
    found.resize(1000, 700)
    found.show()
    return found


def show(screen, qtbot, state=None, **told):
    screen.show_page(page_of(loaded(**told), state, invented.NOW))
    qtbot.wait(5)


def button(screen, name):
    return next(b for b in screen.findChildren(QPushButton) if b.accessibleName() == name)


def test_both_texts_stand_side_by_side_and_either_can_be_chosen(qtbot, screen):
    show(screen, qtbot, two=[TWO])
    words = [label.text() for label in screen.findChildren(QLabel)]
    assert "01632 960 118" in words
    assert "01632 960 555" in words
    with qtbot.waitSignal(screen.theirs_chosen) as chosen:
        button(screen, "Use the server's: Wiśniewska · family changed").click()
    assert chosen.args == ["op1"]


def test_button_rests_while_a_sync_runs(qtbot, screen):
    show(screen, qtbot, state=Working("sending"))
    assert not button(screen, "Sync now").isEnabled()
    show(screen, qtbot)
    with qtbot.waitSignal(screen.sync_wanted):
        button(screen, "Sync now").click()


def test_every_list_says_what_will_be_there(qtbot, screen):
    show(screen, qtbot)
    words = [label.text() for label in screen.findChildren(QLabel)]
    for empty in (
        "Nothing waits here.",
        "Nothing is on its way.",
        "What the server confirms shows here with its time.",
        "No sync yet",
    ):
        assert empty in words


def test_each_step_of_a_sync_leaves_unchanged_lists_alone(qtbot, screen):
    show(screen, qtbot, waiting=[outbox("visit")], two=[TWO])
    kept = button(screen, "Use mine: Wiśniewska · family changed")
    show(screen, qtbot, state=Working("sending", 1, 2), waiting=[outbox("visit")], two=[TWO])
    assert button(screen, "Use mine: Wiśniewska · family changed") is kept
