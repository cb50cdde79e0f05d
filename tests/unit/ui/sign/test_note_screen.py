"""A signed visit on the screen: read, added to, corrected, struck; remarks stand beside what they are about."""

from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton
from pytestqt.qtbot import QtBot

from tests.kit.desks import as_supervisor
from tests.kit.okafors import the_okafors
from tests.kit.signed import a_signed_visit
from visitapp.actions import reviews
from visitapp.actions.reading import read_visit
from visitapp.actions.session import Desk
from visitapp.domain.ids import VisitId
from visitapp.domain.visits import NoteState
from visitapp.store.changes import Changes
from visitapp.ui.sign.build import build_note
from visitapp.ui.sign.document import document_of
from visitapp.ui.sign.document_view import LineBox
from visitapp.ui.sign.note_view import NoteScreen


@pytest.fixture
def visit(desk: Desk) -> VisitId:
    return a_signed_visit(desk, the_okafors(desk))


class Sitting:
    """The screen with its presenter, and the feed told by hand after each change."""

    def __init__(self, qtbot: QtBot, desk: Desk, lanes: Any, feed: Any, told: Any, visit: VisitId) -> None:
        self.screen: NoteScreen = build_note(desk, lanes, feed, told, told)
        self.visit = visit
        self._feed = feed
        qtbot.addWidget(self.screen)
        self.screen.resize(1100, 700)
        with qtbot.waitExposed(self.screen):
            self.screen.show()
        self.screen.activateWindow()
        qtbot.waitUntil(self.screen.isActiveWindow)
        self.screen.open(visit)

    def heard(self) -> None:
        self._feed.tell(Changes(visits=frozenset({self.visit})))

    def button(self, words: str) -> QPushButton:
        found = [b for b in self.screen.findChildren(QPushButton) if b.text() == words and b.isVisible()]
        assert len(found) == 1, [b.text() for b in self.screen.findChildren(QPushButton) if b.isVisible()]
        return found[0]

    def line(self, question: str) -> LineBox:
        found = [box for box in self.screen.findChildren(LineBox) if box.line.text == question and box.isVisible()]
        assert len(found) == 1, question
        return found[0]

    def words(self) -> str:
        return "\n".join(label.text() for label in self.screen.findChildren(QLabel) if label.isVisible())

    def keys(self, words: str) -> None:
        focus = QApplication.focusWidget()
        assert focus is not None
        QTest.keyClicks(focus, words)


@pytest.fixture
def sitting(qtbot: QtBot, dressed: QApplication, desk: Desk, visit: VisitId, lanes: Any, feed: Any, told: Any) -> Sitting:
    return Sitting(qtbot, desk, lanes, feed, told, visit)


def test_a_signed_visit_says_who_when_and_how_far_it_has_come(sitting: Sitting) -> None:
    words = sitting.words()
    assert "Signed by Nia Morgan, Family nurse" in words
    assert "We talked about sleep." in words
    assert not sitting.screen.findChildren(QPushButton, "Sign and lock")


def test_empty_questions_show_only_on_request(qtbot: QtBot, sitting: Sitting) -> None:
    assert "What was reported to you" not in sitting.words()
    qtbot.mouseClick(sitting.button("Show empty questions too"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "What was reported to you" in sitting.words())


def test_words_are_added_under_the_nurses_name(qtbot: QtBot, sitting: Sitting, desk: Desk) -> None:
    qtbot.mouseClick(sitting.button("Add to it"), Qt.MouseButton.LeftButton)
    sitting.keys("She rang to say thank you.")
    qtbot.mouseClick(sitting.button("Add"), Qt.MouseButton.LeftButton)
    sitting.heard()
    assert [added.text for added in read_visit(desk, sitting.visit).added] == ["She rang to say thank you."]
    qtbot.waitUntil(lambda: "She rang to say thank you." in sitting.words())


def test_an_addendum_without_words_is_refused_in_words(qtbot: QtBot, sitting: Sitting, desk: Desk) -> None:
    qtbot.mouseClick(sitting.button("Add to it"), Qt.MouseButton.LeftButton)
    qtbot.mouseClick(sitting.button("Add"), Qt.MouseButton.LeftButton)
    assert read_visit(desk, sitting.visit).added == ()
    assert "Something must be written here." in sitting.words()


def test_a_correction_keeps_the_old_words_the_new_and_the_reason(qtbot: QtBot, sitting: Sitting, desk: Desk) -> None:
    box = sitting.line("In her or his own words")
    qtbot.mouseDClick(box, Qt.MouseButton.LeftButton)
    sitting.keys("I was tired, but they are lovely.")
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
    sitting.keys("Misheard")
    qtbot.mouseClick(sitting.button("Correct"), Qt.MouseButton.LeftButton)
    sitting.heard()
    found = read_visit(desk, sitting.visit)
    assert [(c.old, c.new, c.reason) for c in found.added] == [
        ("I was tired, but he is lovely.", "I was tired, but they are lovely.", "Misheard")
    ]
    qtbot.waitUntil(lambda: "Reason: Misheard" in sitting.line("In her or his own words").line.correction)
    assert sitting.line("In her or his own words").line.value == "I was tired, but he is lovely."


def test_a_correction_needs_a_reason(qtbot: QtBot, sitting: Sitting, desk: Desk) -> None:
    qtbot.mouseDClick(sitting.line("In her or his own words"), Qt.MouseButton.LeftButton)
    sitting.keys("New words")
    qtbot.mouseClick(sitting.button("Correct"), Qt.MouseButton.LeftButton)
    assert read_visit(desk, sitting.visit).added == ()
    assert "A reason is needed here." in sitting.words()


def test_a_visit_entered_in_error_stays_readable_and_can_no_longer_be_added_to(qtbot: QtBot, sitting: Sitting, desk: Desk) -> None:
    qtbot.mouseClick(sitting.button("Entered in error…"), Qt.MouseButton.LeftButton)
    sitting.keys("Wrong family")
    qtbot.mouseClick(sitting.button("Mark as entered in error"), Qt.MouseButton.LeftButton)
    sitting.heard()
    assert read_visit(desk, sitting.visit).state is NoteState.IN_ERROR
    qtbot.waitUntil(lambda: "Wrong family" in sitting.words())
    assert "We talked about sleep." in sitting.words()
    assert not [b for b in sitting.screen.findChildren(QPushButton) if b.text() == "Add to it" and b.isVisible()]


def test_up_and_down_go_from_answer_to_answer_with_one_tab_stop(sitting: Sitting) -> None:
    sitting.screen._document.focus_line()
    first = QApplication.focusWidget()
    QTest.keyClick(first, Qt.Key.Key_Down)
    second = QApplication.focusWidget()
    assert isinstance(first, LineBox)
    assert isinstance(second, LineBox)
    assert first is not second
    stops = [box for box in sitting.screen.findChildren(LineBox) if box.focusPolicy() is Qt.FocusPolicy.StrongFocus]
    assert stops == [second]


def test_the_supervisors_question_stands_at_its_line_and_is_answered_from_the_thread(
    qtbot: QtBot, sitting: Sitting, desk: Desk
) -> None:
    part = next(part for part in read_visit(desk, sitting.visit).parts if part.section == "narrative")
    supervisor = as_supervisor(desk)
    reviews.comment(supervisor, sitting.visit, "What did she try?", part=part.id, link_id="story", quote="about sleep")
    sitting.heard()
    qtbot.waitUntil(lambda: "What did she try?" in sitting.words())
    line = sitting.line("What happened").line
    assert [remark.text for remark in line.remarks] == ["What did she try?"]
    qtbot.mouseClick(sitting.button("Answer"), Qt.MouseButton.LeftButton)
    sitting.keys("A dark room.")
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    sitting.heard()
    found = read_visit(desk, sitting.visit)
    assert [added.replies_to for added in found.added] == [found.said[0].id]
    assert document_of(found, desk.clock.now()).thread[0].answered


def test_ctrl_p_leads_to_the_print_screen(sitting: Sitting, told: Any) -> None:
    sitting.screen._document.focus_line()
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_P, Qt.KeyboardModifier.ControlModifier)
    assert told.places == [("print", sitting.visit)]


def test_every_control_has_an_accessible_name(sitting: Sitting) -> None:
    for button in sitting.screen.findChildren(QPushButton):
        assert button.accessibleName(), button.text()
    for box in sitting.screen.findChildren(LineBox):
        assert box.accessibleName()
