"""The observation page by keyboard and mouse, with the questionnaire that ships."""

from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QLineEdit, QPushButton
from pytestqt.qtbot import QtBot

from tests.kit.desks import shipped_library
from visitapp.domain.visits import QUESTIONNAIRES, Sheet, Subject
from visitapp.ui.visit.concerns import ConcernList
from visitapp.ui.visit.observation import ItemRow, ObservationForm
from visitapp.ui.visit.observation_rows import layout
from visitapp.ui.visit.sheets import OpenSheet

SHORT = ("IN1", "IN3", "IN6", "IN9", "IN13", "IN14")


def a_sheet(name: str) -> OpenSheet:
    questionnaire = shipped_library().latest(QUESTIONNAIRES + name)
    assert questionnaire is not None
    return OpenSheet(Sheet(name, "x", questionnaire.canonical, Subject("person", "b", "baby")), questionnaire)


class Sitting:
    """A form on the screen with its sheet behind it."""

    def __init__(self, qtbot: QtBot, form: Any, sheet: OpenSheet) -> None:
        self.sheet = sheet
        self.form = form
        self.ended = 0
        form.answered.connect(self._take)
        form.ended.connect(self._end)
        form.show_rows(sheet.rows())
        qtbot.addWidget(form)
        form.resize(900, 900)
        with qtbot.waitExposed(form):
            form.show()
        form.activateWindow()
        qtbot.waitUntil(form.isActiveWindow)

    def keys(self, words: str) -> None:
        for letter in words:
            QTest.keyClicks(self.focus, letter)

    def enter(self) -> None:
        QTest.keyClick(self.focus, Qt.Key.Key_Return)

    @property
    def focus(self) -> Any:
        found = QApplication.focusWidget()
        assert found is not None
        return found

    def code(self, link_id: str) -> str:
        values = self.sheet.filling.values(link_id)
        return getattr(values[0], "code", str(values[0])) if values else ""

    def shown_items(self) -> list[str]:
        rows = [row for row in self.form.findChildren(ItemRow) if row.isVisible()]
        return [row.item.place for row in sorted(rows, key=lambda row: row.y())]

    def _take(self, place: str, values: tuple[Any, ...]) -> None:
        shown = self.sheet.answer(place, values)
        if shown.anew:
            self.form.show_rows(shown.rows)
        else:
            self.form.show_changed(shown.rows)

    def _end(self) -> None:
        self.ended += 1


@pytest.fixture
def sitting(qtbot: QtBot, dressed: QApplication) -> Sitting:
    return Sitting(qtbot, ObservationForm("Amina with Yusuf"), a_sheet("observation-in"))


def test_strengths_come_first_and_then_the_short_form_in_three_groups(sitting: Sitting) -> None:
    assert sitting.form.focus_first()
    assert sitting.focus.accessibleName() == "A strength you saw today"
    assert tuple(sitting.shown_items()) == SHORT
    groups = [title for title, _items in layout(sitting.sheet.rows()).groups]
    assert groups == ["Baby", "Caregiver", "Together"]


def test_the_whole_observation_is_keyed_without_the_mouse(sitting: Sitting) -> None:
    sitting.form.focus_first()
    sitting.keys("He turns to her")
    sitting.enter()
    sitting.keys("She waits")
    sitting.enter()
    sitting.keys("141141")
    assert [sitting.code(code) for code in SHORT] == ["S", "O", "S", "S", "O", "S"]
    assert sitting.ended == 1


@pytest.mark.parametrize(("key", "asks"), [("1", False), ("2", True), ("3", True), ("4", False)])
def test_only_emerging_and_not_seen_ask_for_one_line(sitting: Sitting, key: str, asks: bool) -> None:
    sitting.form.focus_place("IN1")
    sitting.keys(key)
    assert isinstance(sitting.focus, QLineEdit) is asks
    if asks:
        sitting.keys("twice, on the mat")
        sitting.enter()
        assert sitting.code("IN1-evidence") == "twice, on the mat"
    assert sitting.focus.accessibleDescription().startswith("Recovers from upset with help")


def test_what_was_written_as_evidence_survives_a_change_of_mind(sitting: Sitting) -> None:
    sitting.form.focus_place("IN1")
    sitting.keys("2")
    sitting.keys("once")
    sitting.form.focus_place("IN1")
    sitting.keys("3")
    assert sitting.code("IN1") == "N"
    assert sitting.code("IN1-evidence") == "once"


def test_the_hint_shows_only_where_the_focus_is(sitting: Sitting) -> None:
    sitting.form.focus_place("IN3")
    hints = [row.hint for row in sitting.form.findChildren(ItemRow) if row.hint.isVisible()]
    assert len(hints) == 1
    assert hints[0].text().startswith("Looks like: ")


def test_all_items_show_on_request_and_an_answered_one_stays_in_the_short_form(qtbot: QtBot, sitting: Sitting) -> None:
    more = next(button for button in sitting.form.findChildren(QPushButton) if button.text() == "Show all 14")
    qtbot.mouseClick(more, Qt.MouseButton.LeftButton)
    assert len(sitting.shown_items()) == 14
    sitting.form.focus_place("IN2")
    sitting.keys("1")
    qtbot.mouseClick(more, Qt.MouseButton.LeftButton)
    assert set(sitting.shown_items()) == {*SHORT, "IN2"}


def test_a_click_chooses_and_does_not_move_on(qtbot: QtBot, sitting: Sitting) -> None:
    row = next(row for row in sitting.form.findChildren(ItemRow) if row.item.place == "IN1")
    qtbot.mouseClick(row.choices.buttons[0], Qt.MouseButton.LeftButton)
    assert sitting.code("IN1") == "S"
    assert row.choices.buttons[0].isChecked()


def test_it_says_that_it_is_no_test_and_shows_no_total(sitting: Sitting) -> None:
    words = [label.text() for label in sitting.form.findChildren(QLabel)]
    assert any(text.startswith("This is not a test. It has no total") for text in words)
    sitting.form.focus_place("IN1")
    sitting.keys("111111")
    assert sitting.sheet.score_words() == ""
    assert not any("%" in label.text() for label in sitting.form.findChildren(QLabel))


@pytest.mark.parametrize("band", ["an", "nb", "in", "mb", "td"])
def test_every_band_has_its_answers_in_the_fixed_order(qtbot: QtBot, dressed: QApplication, band: str) -> None:
    found = layout(a_sheet(f"observation-{band}").rows())
    for item in found.items:
        assert [option.text for option in item.row.options] == ["Seen", "Emerging", "Not seen", "No opportunity"]
    assert len(found.strengths) == 2
    assert 5 <= sum(item.short for item in found.items) <= 6


def test_a_concern_opens_a_card_and_says_its_level(qtbot: QtBot, dressed: QApplication) -> None:
    sheet = a_sheet("concern-markers")
    sitting = Sitting(qtbot, ConcernList("Concerns"), sheet)
    assert sitting.form.focus_place("X2")
    sitting.keys("2")
    assert sitting.code("X2") == "once"
    names = [field.accessibleName() for field in sitting.form.findChildren(QAbstractButton) if field.isVisible()]
    assert "Close" in [button.text() for button in sitting.form.findChildren(QPushButton) if button.isVisible()]
    assert any("3" in name for name in names)
    assert sheet.progress().missing >= 3


def test_a_changed_answer_to_a_concern_shows_at_once(qtbot: QtBot, dressed: QApplication) -> None:
    sitting = Sitting(qtbot, ConcernList("Concerns"), a_sheet("concern-markers"))
    assert not sitting.form.findChildren(QAbstractButton, "Seen once")
    assert sitting.form.focus_place("X2")
    sitting.keys("2")
    sitting.form.focus_place("X2")
    sitting.keys("3")
    on = [b.accessibleName() for b in sitting.form.findChildren(QAbstractButton) if b.isCheckable() and b.isChecked()]
    assert "Seen more than once" in on
    assert "Seen once" not in on
