"""Each kind of question: mouse, keys, names for a screen reader, and what it says was answered."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import pytest
from PySide6.QtCore import QDate, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QLineEdit, QPlainTextEdit, QPushButton
from pytestqt.qtbot import QtBot

from visitapp.forms.definition import load_questionnaire
from visitapp.forms.filling import Filling
from visitapp.forms.values import Coding, PartialDate, Quantity, TimeOfDay
from visitapp.ui.checklist.questions.group import Unanswerable
from visitapp.ui.checklist.questions.table import widget_for
from visitapp.ui.checklist.view import Checklist

FRUIT = [{"valueCoding": {"code": code, "display": code.title()}} for code in ("apple", "pear", "plum")]
NONE = {
    "extension": [{"url": "http://hl7.org/fhir/StructureDefinition/questionnaire-optionExclusive", "valueBoolean": True}],
    "valueCoding": {"code": "none", "display": "None of these"},
}
GRAMS = [
    {
        "url": "http://hl7.org/fhir/StructureDefinition/questionnaire-unit",
        "valueCoding": {"system": "http://unitsofmeasure.org", "code": "g", "display": "g"},
    }
]


class Sitting:
    """A checklist on the screen with its filling behind it, as a presenter would hold them together."""

    def __init__(self, qtbot: QtBot, items: Sequence[Mapping[str, Any]]) -> None:
        questionnaire = load_questionnaire({"resourceType": "Questionnaire", "status": "draft", "item": list(items)})
        self.filling = Filling(questionnaire)
        self.said: list[tuple[str, tuple[Any, ...]]] = []
        self.ended = 0
        self.checklist = Checklist("Test")
        self.checklist.answered.connect(self._take)
        self.checklist.ended.connect(self._end)
        self.checklist.added.connect(self._add)
        self.checklist.removed.connect(self._remove)
        self.checklist.show_rows(self.filling.rows())
        qtbot.addWidget(self.checklist)
        self.checklist.resize(700, 500)
        with qtbot.waitExposed(self.checklist):
            self.checklist.show()
        self.checklist.activateWindow()
        qtbot.waitUntil(self.checklist.isActiveWindow)

    def values(self, place: str) -> tuple[Any, ...]:
        return self.filling.row(place).values

    def find(self, kind: type[Any], name: str) -> Any:
        found = [each for each in self.checklist.findChildren(kind) if each.accessibleName() == name and each.isVisible()]
        assert len(found) == 1, [each.accessibleName() for each in self.checklist.findChildren(kind)]
        return found[0]

    def keys(self, words: str) -> None:
        focus = QApplication.focusWidget()
        assert focus is not None
        QTest.keyClicks(focus, words)

    def key(self, key: Qt.Key) -> None:
        focus = QApplication.focusWidget()
        assert focus is not None
        QTest.keyClick(focus, key)

    def _take(self, place: str, values: tuple[Any, ...]) -> None:
        self.said.append((place, values))
        self.filling.answer(place, values)
        self.checklist.show_rows(self.filling.rows())

    def _add(self, place: str) -> None:
        self.filling.add(place)
        self.checklist.show_rows(self.filling.rows())

    def _remove(self, place: str) -> None:
        self.filling.remove(place)
        self.checklist.show_rows(self.filling.rows())

    def _end(self) -> None:
        self.ended += 1


def test_a_choice_is_made_by_a_click_and_taken_back_by_a_second(qtbot: QtBot, dressed: QApplication) -> None:
    sitting = Sitting(qtbot, [{"linkId": "q", "text": "Fruit", "type": "choice", "answerOption": FRUIT}])
    pear = sitting.find(QAbstractButton, "Pear")
    qtbot.mouseClick(pear, Qt.MouseButton.LeftButton)
    assert sitting.values("q")[0].code == "pear"
    assert pear.isChecked()
    qtbot.mouseClick(pear, Qt.MouseButton.LeftButton)
    assert sitting.values("q") == ()
    assert not pear.isChecked()


def test_a_number_key_chooses_and_goes_on_to_the_next_open_question(qtbot: QtBot, dressed: QApplication) -> None:
    fruit = {"type": "choice", "answerOption": FRUIT}
    sitting = Sitting(qtbot, [{"linkId": "a", "text": "A", **fruit}, {"linkId": "b", "text": "B", **fruit}])
    sitting.checklist.focus_first()
    sitting.keys("2")
    sitting.keys("3")
    assert [sitting.values(place)[0].code for place in ("a", "b")] == ["pear", "plum"]
    assert sitting.ended == 1


def test_enter_goes_on_without_choosing_and_arrows_only_move(qtbot: QtBot, dressed: QApplication) -> None:
    sitting = Sitting(qtbot, [{"linkId": "a", "text": "A", "type": "choice", "answerOption": FRUIT}])
    sitting.checklist.focus_first()
    sitting.key(Qt.Key.Key_Right)
    assert sitting.said == []
    sitting.key(Qt.Key.Key_Space)
    assert sitting.values("a")[0].code == "pear"
    sitting.key(Qt.Key.Key_Backspace)
    assert sitting.values("a") == ()
    sitting.key(Qt.Key.Key_Return)
    assert sitting.values("a") == ()
    assert sitting.ended == 1


def test_ticks_keep_the_others_and_an_exclusive_answer_stands_alone(qtbot: QtBot, dressed: QApplication) -> None:
    item = {"linkId": "q", "text": "Fruit", "type": "choice", "repeats": True, "answerOption": [*FRUIT, NONE]}
    sitting = Sitting(qtbot, [item])
    sitting.checklist.focus_first()
    sitting.keys("13")
    assert [value.code for value in sitting.values("q")] == ["apple", "plum"]
    sitting.keys("4")
    assert [value.code for value in sitting.values("q")] == ["none"]
    sitting.keys("2")
    assert [value.code for value in sitting.values("q")] == ["pear"]


def test_an_open_choice_takes_words_of_its_own(qtbot: QtBot, dressed: QApplication) -> None:
    sitting = Sitting(qtbot, [{"linkId": "q", "text": "Fruit", "type": "open-choice", "answerOption": FRUIT}])
    field = sitting.find(QLineEdit, "Fruit: something else")
    field.setFocus()
    sitting.keys("quince")
    assert sitting.values("q") == ("quince",)
    qtbot.mouseClick(sitting.find(QAbstractButton, "Plum"), Qt.MouseButton.LeftButton)
    assert sitting.values("q")[0].code == "plum"
    assert field.text() == ""


def test_many_answers_become_a_list_that_narrows_while_typing(qtbot: QtBot, dressed: QApplication) -> None:
    options = [{"valueCoding": {"code": f"c{n}", "display": f"Place {n}"}} for n in range(30)]
    sitting = Sitting(qtbot, [{"linkId": "q", "text": "Where", "type": "choice", "answerOption": options}])
    box = sitting.checklist.findChild(QComboBox)
    assert box is not None
    line = box.lineEdit()
    assert line is not None
    line.setFocus()
    line.selectAll()
    sitting.keys("place 17")
    sitting.key(Qt.Key.Key_Return)
    assert sitting.values("q") == (Coding("c17", None, "Place 17"),)


def test_yes_and_no_are_not_the_same_as_no_answer(qtbot: QtBot, dressed: QApplication) -> None:
    sitting = Sitting(qtbot, [{"linkId": "q", "text": "Alone?", "type": "boolean"}])
    assert sitting.values("q") == ()
    sitting.checklist.focus_first()
    sitting.keys("2")
    assert sitting.values("q") == (False,)
    sitting.checklist.focus_first()
    sitting.key(Qt.Key.Key_Delete)
    assert sitting.values("q") == ()


def test_text_can_be_undone_after_the_row_was_shown_again(qtbot: QtBot, dressed: QApplication) -> None:
    sitting = Sitting(qtbot, [{"linkId": "q", "text": "Story", "type": "text"}])
    field = sitting.find(QPlainTextEdit, "Story")
    field.setFocus()
    sitting.keys("She smiled")
    sitting.key(Qt.Key.Key_Return)
    sitting.keys("and waited")
    assert sitting.values("q") == ("She smiled\nand waited",)
    field.undo()
    assert sitting.values("q") != ("She smiled\nand waited",)
    field.redo()
    assert sitting.values("q") == ("She smiled\nand waited",)


def test_a_line_goes_on_with_enter_and_the_limit_is_kept(qtbot: QtBot, dressed: QApplication) -> None:
    sitting = Sitting(qtbot, [{"linkId": "q", "text": "Evidence", "type": "string", "maxLength": 5}])
    sitting.checklist.focus_first()
    sitting.keys("1234567")
    assert sitting.values("q") == ("12345",)
    sitting.key(Qt.Key.Key_Return)
    assert sitting.ended == 1


def test_a_number_is_a_number_and_anything_else_is_said_to_be_none(qtbot: QtBot, dressed: QApplication) -> None:
    sitting = Sitting(
        qtbot, [{"linkId": "n", "text": "Minutes", "type": "integer"}, {"linkId": "d", "text": "Dose", "type": "decimal"}]
    )
    sitting.find(QLineEdit, "Minutes").setFocus()
    sitting.keys("45")
    assert sitting.values("n") == (45,)
    sitting.keys(".5")
    assert sitting.values("n") == ()
    sitting.find(QLineEdit, "Dose").setFocus()
    sitting.keys("2,50")
    assert sitting.values("d") == (Decimal("2.50"),)
    assert sitting.find(QLineEdit, "Dose").text() == "2,50"


def test_a_quantity_carries_its_unit(qtbot: QtBot, dressed: QApplication) -> None:
    sitting = Sitting(qtbot, [{"linkId": "w", "text": "Weight", "type": "quantity", "extension": GRAMS}])
    sitting.checklist.focus_first()
    sitting.keys("7200")
    assert sitting.values("w") == (Quantity(Decimal(7200), "g", "http://unitsofmeasure.org", "g"),)


def test_a_day_and_a_time_are_typed_as_people_write_them(qtbot: QtBot, dressed: QApplication) -> None:
    sitting = Sitting(qtbot, [{"linkId": "on", "text": "On", "type": "date"}, {"linkId": "at", "text": "At", "type": "time"}])
    sitting.checklist.focus_first()
    sitting.keys("in 2 weeks")
    assert sitting.values("on") == (PartialDate(QDate.currentDate().addDays(14).toString(Qt.DateFormat.ISODate)),)
    sitting.key(Qt.Key.Key_Return)
    sitting.keys("1030")
    assert sitting.values("at") == (TimeOfDay("10:30:00"),)


def test_a_day_that_is_not_understood_does_not_let_enter_pass(qtbot: QtBot, dressed: QApplication) -> None:
    sitting = Sitting(qtbot, [{"linkId": "on", "text": "On", "type": "date"}])
    sitting.checklist.focus_first()
    sitting.keys("someday")
    sitting.key(Qt.Key.Key_Return)
    assert sitting.ended == 0
    assert sitting.values("on") == ()
    assert sitting.find(QLineEdit, "On").text() == "someday"


def test_a_repeating_group_is_added_to_and_taken_from(qtbot: QtBot, dressed: QApplication) -> None:
    item = {
        "linkId": "g",
        "text": "Step",
        "type": "group",
        "repeats": True,
        "item": [{"linkId": "w", "text": "What", "type": "string"}],
    }
    sitting = Sitting(qtbot, [item])
    qtbot.mouseClick(sitting.find(QPushButton, "Add another: Step"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: len([f for f in sitting.checklist.findChildren(QLineEdit) if f.isVisible()]) == 2)
    away = [b for b in sitting.checklist.findChildren(QPushButton) if b.isVisible() and b.text() == "Take this one away"]
    qtbot.mouseClick(away[0], Qt.MouseButton.LeftButton)
    assert len(sitting.filling.places("g")) == 1


def test_every_type_of_item_has_a_widget(qtbot: QtBot, dressed: QApplication) -> None:
    kinds = (
        "group", "display", "boolean", "decimal", "integer", "date", "dateTime", "time", "string", "text", "url", "choice",
        "open-choice", "quantity", "attachment", "reference",
    )  # fmt: skip
    items = [{"linkId": kind, "text": kind, "type": kind} for kind in kinds]
    items[0]["item"] = [{"linkId": "inner", "text": "x", "type": "string"}]  # type: ignore[assignment]
    rows = {
        row.place: row
        for row in Filling(load_questionnaire({"resourceType": "Questionnaire", "status": "draft", "item": items})).rows()
    }
    assert {kind for kind in kinds if widget_for(rows[kind]) is Unanswerable} == set()


@pytest.mark.parametrize("kind", ["boolean", "string", "text", "integer", "date", "time", "quantity"])
def test_every_field_has_a_name_and_its_help_is_its_description(qtbot: QtBot, dressed: QApplication, kind: str) -> None:
    control = {
        "url": "http://hl7.org/fhir/StructureDefinition/questionnaire-itemControl",
        "valueCodeableConcept": {"coding": [{"code": "help"}]},
    }
    helped = {"linkId": "h", "type": "display", "text": "Look closely.", "extension": [control]}
    sitting = Sitting(qtbot, [{"linkId": "q", "text": "How much?", "type": kind, "item": [helped]}])
    kinds = (QLineEdit, QPlainTextEdit, QAbstractButton)
    shown = [field for kind_ in kinds for field in sitting.checklist.findChildren(kind_) if field.isVisible()]
    assert shown
    for field in shown:
        assert field.accessibleName()
        assert "Look closely." in field.accessibleDescription()


def test_a_long_form_is_built_bit_by_bit_and_a_far_question_can_still_be_reached(qtbot: QtBot, dressed: QApplication) -> None:
    items = [{"linkId": f"q{n}", "text": f"Question {n}", "type": "string"} for n in range(400)]
    filling = Filling(load_questionnaire({"resourceType": "Questionnaire", "status": "draft", "item": items}))
    checklist = Checklist("Long")
    qtbot.addWidget(checklist)
    checklist.show_rows(filling.rows())
    assert len(checklist.findChildren(QLineEdit)) < 100
    checklist.show()
    checklist.activateWindow()
    qtbot.waitUntil(checklist.isActiveWindow)
    assert checklist.focus_place("q300")
    focus = QApplication.focusWidget()
    assert focus is not None
    assert focus.accessibleName() == "Question 300"
    qtbot.waitUntil(lambda: len(checklist.findChildren(QLineEdit)) == 400, timeout=5000)


def test_a_question_that_no_longer_applies_goes_and_the_others_stay_the_same_widgets(qtbot: QtBot, dressed: QApplication) -> None:
    when = [{"question": "a", "operator": "=", "answerBoolean": True}]
    items = [
        {"linkId": "a", "text": "A", "type": "boolean"},
        {"linkId": "b", "text": "B", "type": "string", "enableWhen": when},
        {"linkId": "c", "text": "C", "type": "string"},
    ]
    sitting = Sitting(qtbot, items)
    last = sitting.find(QLineEdit, "C")
    sitting.checklist.focus_first()
    sitting.keys("1")
    assert sitting.find(QLineEdit, "B").isVisible()
    sitting.checklist.focus_place("a")
    sitting.keys("2")
    assert [f.accessibleName() for f in sitting.checklist.findChildren(QLineEdit) if f.isVisible()] == ["C"]
    assert sitting.find(QLineEdit, "C") is last


def test_several_short_answers_stand_one_a_line_and_none_is_lost(qtbot: QtBot, dressed: QApplication) -> None:
    sitting = Sitting(qtbot, [{"linkId": "n", "text": "Numbers", "type": "integer", "repeats": True}])
    sitting.checklist.focus_first()
    sitting.keys("3")
    sitting.key(Qt.Key.Key_Return)
    sitting.keys("x")
    sitting.key(Qt.Key.Key_Return)
    sitting.keys("5")
    assert sitting.values("n") == (3, 5)
    assert sitting.find(QPlainTextEdit, "Numbers").toPlainText() == "3\nx\n5"
