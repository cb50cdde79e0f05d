"""The supervisor's review by keyboard, on a real record with three notes in the queue."""

from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton
from pytestqt.qtbot import QtBot

from tests.kit.desks import as_supervisor
from tests.kit.okafors import the_okafors
from tests.kit.signed import USUAL, a_signed_visit
from visitapp.actions import reviews
from visitapp.actions.addenda import add_addendum
from visitapp.actions.reading import read_visit
from visitapp.actions.session import Desk
from visitapp.domain.ids import VisitId
from visitapp.domain.visits import NoteState
from visitapp.store.changes import Changes
from visitapp.ui.review.build import build_review
from visitapp.ui.review.view import ReviewScreen
from visitapp.ui.sign.document_view import LineBox
from visitapp.ui.widgets.rows import RowButton

FLAGGED = {**USUAL, "concerns": {"X2": 1}}


class Sitting:
    """A supervisor before her queue of three notes, the youngest without a flag."""

    def __init__(self, qtbot: QtBot, desk: Desk, lanes: Any, feed: Any, told: Any) -> None:
        family = the_okafors(desk)
        self.visits = [a_signed_visit(desk, family) for _ in range(3)]
        self.nurse = desk
        self.desk = as_supervisor(desk)
        self.told = told
        self._feed = feed
        self.screen: ReviewScreen = build_review(self.desk, lanes, feed, told, told)
        qtbot.addWidget(self.screen)
        self.screen.resize(1180, 700)
        with qtbot.waitExposed(self.screen):
            self.screen.show()
        self.screen.activateWindow()
        qtbot.waitUntil(self.screen.isActiveWindow)
        self.screen.open()
        qtbot.waitUntil(lambda: isinstance(QApplication.focusWidget(), RowButton))

    def key(self, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        focus = QApplication.focusWidget()
        assert focus is not None
        QTest.keyClick(focus, key, modifier)
        QTest.qWait(5)

    def keys(self, words: str) -> None:
        focus = QApplication.focusWidget()
        assert focus is not None
        QTest.keyClicks(focus, words)
        QTest.qWait(5)

    def open_first(self) -> VisitId:
        self.key(Qt.Key.Key_Space)
        self.wait_for_line()
        return VisitId(self.screen._shown)

    def wait_for_line(self) -> None:
        for _ in range(200):
            if isinstance(QApplication.focusWidget(), LineBox):
                return
            QTest.qWait(5)
        raise AssertionError("no line has the focus")

    def words(self) -> str:
        return "\n".join(label.text() for label in self.screen.findChildren(QLabel) if label.isVisible())

    def heard(self, visit: str) -> None:
        self._feed.tell(Changes(visits=frozenset({VisitId(visit)})))
        QTest.qWait(5)

    def state(self, visit: str) -> NoteState:
        return read_visit(self.desk, VisitId(visit)).state


@pytest.fixture
def sitting(qtbot: QtBot, dressed: QApplication, desk: Desk, lanes: Any, feed: Any, told: Any) -> Sitting:
    return Sitting(qtbot, desk, lanes, feed, told)


def test_the_oldest_note_stands_first_with_the_days_it_has_waited(sitting: Sitting) -> None:
    rows = sitting.screen.findChildren(RowButton)
    assert len(rows) == 3
    assert rows[0].accessibleName().startswith("9 days, Okafor, Nia Morgan")


def test_a_flagged_note_comes_before_older_ones(sitting: Sitting, qtbot: QtBot) -> None:
    family = read_visit(sitting.desk, sitting.visits[0]).family
    asked = {"X2": 1, "X2-words": "Went still", "X2-action": "Rang the lead", "X2-told": "Lead, 12:10", "X2-outcome": 0}
    flagged = a_signed_visit(sitting.nurse, family, {**FLAGGED, "concerns": asked})
    sitting.heard(flagged)
    qtbot.waitUntil(lambda: len([r for r in sitting.screen.findChildren(RowButton) if r.isVisible()]) == 4)
    first = min((row for row in sitting.screen.findChildren(RowButton) if row.isVisible()), key=lambda row: row.y())
    assert "concern, level 3" in first.accessibleName()


def test_a_note_opens_with_the_visit_before_it_beside_it(sitting: Sitting) -> None:
    sitting.open_first()
    assert not sitting.screen._before.isEnabled()
    sitting.screen.next_wanted.emit()
    sitting.wait_for_line()
    assert sitting.screen._shown == sitting.visits[1]
    assert sitting.screen._left.isVisible()
    assert "The visit before" in sitting.words()


def test_a_comment_is_pinned_to_the_question_and_the_version(sitting: Sitting) -> None:
    visit = sitting.open_first()
    while QApplication.focusWidget().accessibleName().split(".")[0] != "What happened":
        sitting.key(Qt.Key.Key_Down)
    sitting.keys("c")
    sitting.keys("What did she try?")
    sitting.key(Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    found = read_visit(sitting.desk, visit)
    said = found.said[0]
    part = next(part for part in found.parts if part.section == "narrative")
    assert (said.text, said.part, said.link_id) == ("What did she try?", part.id, "story")
    assert found.is_about_this_version(said)
    sitting.heard(visit)
    assert "What did she try?" in sitting.words()


def test_marked_words_become_the_quote_of_a_comment(sitting: Sitting) -> None:
    visit = sitting.open_first()
    box = next(box for box in sitting.screen.findChildren(LineBox) if box.isVisible() and box.line.link_id == "story")
    box.setFocus()
    box._value.setSelection(3, 6)
    sitting.keys("c")
    sitting.keys("How?")
    sitting.key(Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert read_visit(sitting.desk, visit).said[0].quote == "talked"


def test_letters_typed_into_a_comment_decide_nothing(sitting: Sitting) -> None:
    visit = sitting.open_first()
    sitting.keys("c")
    sitting.keys("seen, nice, KR")
    assert sitting.state(visit) is NoteState.SIGNED
    sitting.key(Qt.Key.Key_Escape)
    assert read_visit(sitting.desk, visit).said == ()


def test_seen_goes_on_to_the_next_by_itself(sitting: Sitting) -> None:
    first = sitting.open_first()
    sitting.keys("s")
    sitting.wait_for_line()
    assert sitting.state(first) is NoteState.SEEN
    assert sitting.screen._shown == sitting.visits[1]
    assert sitting.told.words[-1] == "Marked as seen."


def test_a_return_needs_a_question_and_the_author_can_answer_it(sitting: Sitting) -> None:
    first = sitting.open_first()
    sitting.keys("r")
    sitting.key(Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert sitting.state(first) is NoteState.SIGNED
    assert "Something must be written here." in sitting.words()
    sitting.keys("Was he awake?")
    sitting.key(Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert sitting.state(first) is NoteState.RETURNED
    returned = read_visit(sitting.desk, first).said[0]
    add_addendum(sitting.nurse, first, "Yes, all the time.", returned.id)
    answered = [row for row in reviews.review_queue(sitting.desk) if row.visit == first]
    assert answered
    assert answered[0].answered


def test_countersigning_takes_two_keys_and_the_last_decision_leads_back_to_an_empty_queue(sitting: Sitting) -> None:
    sitting.open_first()
    sitting.keys("k")
    assert sitting.state(sitting.visits[0]) is NoteState.SIGNED
    for visit in sitting.visits:
        sitting.wait_for_line()
        assert sitting.screen._shown == visit
        sitting.key(Qt.Key.Key_K, Qt.KeyboardModifier.ShiftModifier)
        assert sitting.state(visit) is NoteState.COUNTERSIGNED
    assert "Nothing waits for you" in sitting.words()


def test_a_nurse_cannot_open_the_queue(qtbot: QtBot, dressed: QApplication, desk: Desk, lanes: Any, feed: Any, told: Any) -> None:
    screen = build_review(desk, lanes, feed, told, told)
    qtbot.addWidget(screen)
    screen.open()
    assert [type(problem).__name__ for problem in told.problems] == ["NotAllowed"]


def test_every_control_has_an_accessible_name(sitting: Sitting) -> None:
    sitting.open_first()
    for button in sitting.screen.findChildren(QPushButton):
        assert button.accessibleName(), button.text()
