"""Parts that fold away, tables with their words at the head, very long lists, and questions whose list is not here."""

from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QLineEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from tests.unit.forms.shapes import coded, control, core, form, item, sdc
from tests.unit.forms.shapes_taken import TAKEN
from tests.unit.ui.checklist.test_questions import Sitting
from visitapp.forms import Coding, Filling, load_questionnaire
from visitapp.ui.checklist.questions.group import NothingToChoose
from visitapp.ui.checklist.questions.lists import SeveralQuestion
from visitapp.ui.checklist.questions.question import Question
from visitapp.ui.checklist.questions.table import widget_for
from visitapp.ui.checklist.view import Checklist

pytestmark = pytest.mark.usefixtures("dressed")


def seen(sitting: Sitting) -> list[str]:
    """The words of the questions that stand there."""
    return [each.row.text for each in sitting.checklist.findChildren(Question) if each.isVisible()]


def folding(how: str) -> list[dict[str, Any]]:
    inner = [item("b", "string"), item("c", "group", item=[item("c.1", "string")])]
    return [item("a", "string"), item("g", "group", sdc("collapsible", "valueCode", how), item=inner), item("z", "string")]


def test_a_part_folds_away_and_opens_by_its_button(qtbot: QtBot) -> None:
    sitting = Sitting(qtbot, folding("default-open"))
    assert seen(sitting) == [f"Text of {each}" for each in ("a", "g", "b", "c", "c.1", "z")]
    button = sitting.find(QPushButton, "Hide this part: Text of g")
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert seen(sitting) == ["Text of a", "Text of g", "Text of z"]
    button.setFocus()
    sitting.key(Qt.Key.Key_Space)
    assert button.accessibleName() == "Hide this part: Text of g"
    assert "Text of c.1" in seen(sitting)


def test_a_part_that_begins_folded_opens_for_who_is_taken_there(qtbot: QtBot) -> None:
    sitting = Sitting(qtbot, folding("default-closed"))
    assert seen(sitting) == ["Text of a", "Text of g", "Text of z"]
    assert sitting.find(QPushButton, "Show this part: Text of g").isVisible()
    assert sitting.checklist.focus_place("c.1")
    assert "Text of c.1" in seen(sitting)


def test_a_folded_part_stays_folded_while_something_else_is_answered(qtbot: QtBot) -> None:
    sitting = Sitting(qtbot, folding("default-closed"))
    QTest.keyClicks(sitting.find(QLineEdit, "Text of a"), "x")
    assert seen(sitting) == ["Text of a", "Text of g", "Text of z"]


def words_over(sitting: Sitting, link_id: str) -> list[str]:
    cells = [each for each in sitting.checklist.findChildren(Question) if each.row.item.link_id == link_id and each.isVisible()]
    return [label.text() for cell in cells for label in cell.findChildren(QLabel) if label.isVisible() and label.text()]


def test_a_table_has_its_words_once_at_its_head_and_in_each_line_where_it_is_narrow(qtbot: QtBot) -> None:
    cells = [item("a", "string"), item("b", "integer")]
    sitting = Sitting(qtbot, [item("t", "group", control("gtable"), repeats=True, item=cells)])
    for _ in range(2):
        QTest.mouseClick(sitting.find(QPushButton, "Add another: Text of t"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: words_over(sitting, "a") == ["Text of a"])
    fields = [each for each in sitting.checklist.findChildren(QLineEdit) if each.accessibleName() == "Text of a"]
    assert len(fields) == 3
    sitting.checklist.setFixedWidth(260)
    qtbot.waitUntil(lambda: words_over(sitting, "a") == ["Text of a"] * 3)


def test_a_grid_of_the_same_columns_has_their_words_once(qtbot: QtBot) -> None:
    def line(at: int) -> dict[str, Any]:
        return item(f"l{at}", "group", item=[item(f"l{at}.a", "string", text="First"), item(f"l{at}.b", "string", text="Second")])

    other = item("l3", "group", item=[item("l3.a", "string", text="Other")])
    sitting = Sitting(qtbot, [item("t", "group", control("grid"), item=[line(1), line(2), other])])
    qtbot.waitUntil(lambda: words_over(sitting, "l2.a") == [])
    assert words_over(sitting, "l1.a") == ["First"]
    assert words_over(sitting, "l3.a") == ["Other"]


def test_an_answer_is_offered_with_the_prefix_the_form_gives_it(qtbot: QtBot) -> None:
    prefixed = {
        "extension": [core("questionnaire-optionPrefix", "valueString", "a)")],
        "valueCoding": {"code": "x", "display": "Milk"},
    }
    sitting = Sitting(qtbot, [item("q", "choice", answerOption=[prefixed, *coded("y")])])
    QTest.mouseClick(sitting.find(QAbstractButton, "a) Milk"), Qt.MouseButton.LeftButton)
    assert sitting.values("q")[0].display == "Milk"


def test_a_question_whose_list_is_not_here_says_so(qtbot: QtBot) -> None:
    sitting = Sitting(qtbot, [item("q", "choice", control("autocomplete"), answerValueSet="urn:elsewhere")])
    assert widget_for(sitting.filling.row("q")) is NothingToChoose
    said = [label.text() for label in sitting.checklist.findChildren(QLabel) if label.isVisible()]
    assert any("not on this laptop" in words for words in said)


def test_several_of_very_many_are_found_by_typing_and_taken_away_by_a_button(qtbot: QtBot) -> None:
    many = [{"valueCoding": {"code": f"{at}", "display": f"Answer {at:03}"}} for at in range(300)]
    alone = {
        "extension": [core("questionnaire-optionExclusive", "valueBoolean", True)],
        "valueCoding": {"code": "n", "display": "None"},
    }
    sitting = Sitting(qtbot, [item("q", "choice", repeats=True, answerOption=[*many, alone]), item("r", "string")])
    assert widget_for(sitting.filling.row("q")) is SeveralQuestion
    field = sitting.find(QLineEdit, "Text of q")
    for words in ("answer 017", "Answer 255", "Answer 017"):
        field.setFocus()
        QTest.keyClicks(field, words)
        QTest.keyClick(field, Qt.Key.Key_Return)
    assert [each.code for each in sitting.values("q")] == ["17", "255"]
    QTest.mouseClick(sitting.find(QPushButton, "Take away: Answer 017"), Qt.MouseButton.LeftButton)
    assert [each.code for each in sitting.values("q")] == ["255"]
    field.setFocus()
    QTest.keyClicks(field, "None")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert sitting.values("q") == (Coding("n", None, "None"),)


def test_a_question_without_a_text_is_called_by_its_help(qtbot: QtBot) -> None:
    flyover = {"linkId": "a.1", "type": "display", "text": "Say it in a word", "extension": [control("flyover")]}
    bare = {"linkId": "b", "type": "string"}
    sitting = Sitting(qtbot, [{"linkId": "a", "type": "string", "item": [flyover]}, bare])
    assert sitting.find(QLineEdit, "Say it in a word").accessibleDescription() == ""
    assert sitting.find(QLineEdit, "b").isVisible()


@pytest.mark.parametrize("name", TAKEN)
def test_each_form_of_others_is_shown_with_a_name_for_every_control(qtbot: QtBot, name: str) -> None:
    filling = Filling(load_questionnaire(TAKEN[name]))
    page = Checklist("Form")
    qtbot.addWidget(page)
    page.show_rows(filling.rows())
    page.focus_place("")
    assert {each.row.place for each in page.findChildren(Question)} == {row.place for row in filling.rows()}
    controls = [each for each in page.findChildren(QWidget) if each.focusPolicy() is not Qt.FocusPolicy.NoFocus]
    reached = [each for each in controls if isinstance(each, QLineEdit | QAbstractButton)]
    assert all(each.accessibleName() for each in reached)


def test_a_form_of_no_questions_is_an_empty_page(qtbot: QtBot) -> None:
    page = Checklist("Form")
    qtbot.addWidget(page)
    page.show_rows(Filling(load_questionnaire(form())).rows())
    assert not page.findChildren(Question)


def test_an_answer_of_a_megabyte_is_cut(qtbot: QtBot) -> None:
    sitting = Sitting(qtbot, [item("q", "choice", answerOption=[{"valueString": "x" * 1_000_000}, {"valueString": "y"}])])
    labels = [each.text() for each in sitting.checklist.findChildren(QAbstractButton) if each.isVisible()]
    assert [len(label) for label in labels] == [501, 1]
    QTest.keyClick(sitting.find(QAbstractButton, labels[0]), Qt.Key.Key_1)
    assert [len(value) for value in sitting.values("q")] == [1_000_000]


def test_from_right_to_left_the_first_answer_stands_at_the_right(qtbot: QtBot, dressed: QApplication) -> None:
    dressed.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    try:
        sitting = Sitting(qtbot, [item("q", "choice", answerOption=coded("a", "b", "c"))])
        left = [sitting.find(QAbstractButton, name).mapTo(sitting.checklist, QPoint(0, 0)).x() for name in ("A", "B", "C")]
        assert left == sorted(left, reverse=True)
        assert left[0] > sitting.checklist.width() / 2
    finally:
        dressed.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
