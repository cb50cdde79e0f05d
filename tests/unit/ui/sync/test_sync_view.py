"""The Sync screen's widgets, read and pressed."""

import pytest
from PySide6.QtWidgets import QLabel, QPushButton

from tests.unit.ui import invented
from tests.unit.ui.sync.test_sync_presenter import STUCK, loaded, outbox
from visitapp.actions.disagreements import Decided
from visitapp.actions.stuck import Way
from visitapp.domain.ids import FamilyId, RecordId
from visitapp.sync.state import Working
from visitapp.ui.sync.presenter import page_of
from visitapp.ui.sync.view import SyncScreen

TITLE = "Wiśniewska · Family, written 06:12"


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


def test_what_waits_is_told_with_a_button_for_what_can_be_done(qtbot, screen):
    show(screen, qtbot, needs=[STUCK])
    words = [label.text() for label in screen.findChildren(QLabel)]
    assert "Needs your attention" in words
    assert "Both texts are kept." in words
    with qtbot.waitSignal(screen.way_chosen) as chosen:
        button(screen, f"Compare and decide: {TITLE}").click()
    assert chosen.args == ["op1", Way.DECIDE]


def test_a_decision_of_the_past_can_be_opened(qtbot, screen):
    one = Decided(RecordId("d1"), FamilyId("f1"), "Okafor", "person", "Amina", "theirs", invented.NOW, "Nia", "Ruth", "", "", ())
    show(screen, qtbot, decided=[one])
    with qtbot.waitSignal(screen.decision_chosen) as chosen:
        button(screen, "Okafor · Person: Amina, 09:12").click()
    assert chosen.args == ["decided/d1"]


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
    show(screen, qtbot, waiting=[outbox("visit")], needs=[STUCK])
    kept = button(screen, f"Compare and decide: {TITLE}")
    show(screen, qtbot, state=Working("sending", 1, 2), waiting=[outbox("visit")], needs=[STUCK])
    assert button(screen, f"Compare and decide: {TITLE}") is kept
