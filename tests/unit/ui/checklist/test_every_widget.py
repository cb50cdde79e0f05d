"""A form with every kind of question: each can be answered by keys alone, has a name to be read out, and is cut nowhere."""

import json
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QFileDialog, QLabel, QLineEdit, QSlider, QWidget
from pytestqt.qtbot import QtBot

from visitapp.forms import Filling, load_questionnaire
from visitapp.forms.values import Attachment, Coding, Reference
from visitapp.ui import theme
from visitapp.ui.checklist.questions.attached import AttachmentQuestion, attachment_of
from visitapp.ui.checklist.questions.question import Question
from visitapp.ui.questionnaires.door import FormWindow
from visitapp.ui.questionnaires.form_page import FormPage, previewed
from visitapp.ui.questionnaires.preview import FormPreview

DATA = Path(__file__).parents[3] / "data"
RESOURCES = Path(__file__).parents[4] / "resources"
FORM = json.loads((DATA / "every-widget.json").read_bytes())
SIZES = ((1366 - 220, 768), (1366 // 2, 768 // 2))
"""A small laptop's window beside the rail, and what it has room for at twice the scale."""

KEYS: dict[str, tuple[str, Any]] = {
    "string": ("in her cot", "in her cot"),
    "postcode": ("AB1 2CD", "AB1 2CD"),
    "text": ("two words", "two words"),
    "text-area": ("more room", "more room"),
    "lines": ("one\ntwo", ("one", "two")),
    "url": ("https://example.org/a", "https://example.org/a"),
    "arabic": ("نامت جيدا", "نامت جيدا"),
    "arabic-choice": ("2", "n"),
    "boolean": ("1", True),
    "radio": ("3", "not-seen"),
    "radio-down": ("2", "sleeping"),
    "ticks": ("13", ("hungry", "unwell")),
    "drop-down": ("Polish\n", "polish"),
    "autocomplete": ("GP\n", "gp"),
    "open": ("2", "in-the-clinic"),
    "open-list": ("In the park\n", "In the park"),
    "open-ticks": ("1", ("cot",)),
    "follow": ("1", True),
    "integer": ("12", 12),
    "slider": (">>>", 3),
    "decimal": ("36.6", "36.6"),
    "quantity": ("4150", "4150"),
    "quantity-units": ("4150", "4150"),
    "date": ("3/12/2026", "2026-12-03"),
    "time": ("1030", "10:30:00"),
    "dateTime": ("3/12/2026 10:30", "2026-12-03T10:30"),
    "reference": ("Practitioner/nia", "Practitioner/nia"),
    "who": ("Gran", "Gran"),
    "how": ("her mother", "her mother"),
}
"""What is typed with the focus in a question, and what it answers; ">" is the arrow key. A file is tested by itself."""


class Sitting:
    """The form on the screen with its presenter."""

    def __init__(self, qtbot: QtBot) -> None:
        self.page = FormPage()
        self.preview: FormPreview = previewed(self.page)
        self.preview.open(load_questionnaire(FORM))
        self.page.show_whole()
        qtbot.addWidget(self.page)
        self.page.resize(900, 700)
        with qtbot.waitExposed(self.page):
            self.page.show()
        self.page.activateWindow()
        qtbot.waitUntil(self.page.isActiveWindow)

    def question(self, link_id: str) -> Question:
        return next(each for each in self.questions() if each.row.item.link_id == link_id)

    def questions(self) -> list[Question]:
        return [each for each in self.page.findChildren(Question) if each.isVisible()]

    def values(self, link_id: str) -> tuple[Any, ...]:
        filling = self.preview._filling
        assert isinstance(filling, Filling)
        return filling.values(link_id)


@pytest.fixture
def sitting(dressed: QApplication, qtbot: QtBot) -> Sitting:
    return Sitting(qtbot)


def plain(value: Any) -> Any:
    if isinstance(value, Coding):
        return value.code
    if isinstance(value, Reference):
        return value.reference
    return getattr(value, "value", value)


def press(keys: str) -> None:
    for key in keys:
        target = QApplication.focusWidget()
        assert target is not None
        if key == ">":
            QTest.keyClick(target, Qt.Key.Key_Right)
        elif key == "\n":
            QTest.keyClick(target, Qt.Key.Key_Return)
        elif ord(key) < 128:
            QTest.keyClick(target, key)
        else:
            assert isinstance(target, QLineEdit)
            target.insert(key)
            target.textEdited.emit(target.text())


@pytest.mark.parametrize("link_id", KEYS)
def test_each_can_be_answered_with_keys_alone(sitting: Sitting, link_id: str) -> None:
    keys, expected = KEYS[link_id]
    assert sitting.question(link_id).take_focus()
    press(keys)
    QApplication.processEvents()
    found = tuple(plain(value) for value in sitting.values(link_id))
    wanted = expected if isinstance(expected, tuple) else (expected,)
    assert len(found) == len(wanted)
    assert [str(value)[: len(str(want))] for value, want in zip(found, wanted, strict=True)] == [str(want) for want in wanted]


def test_the_form_asks_every_kind_of_question() -> None:
    questionnaire = load_questionnaire(FORM)
    asked = {item.link_id for item in questionnaire.all_items() if item.is_question and not item.read_only}
    assert asked == {*KEYS, "attachment", "follow-more"}
    assert {item.type for item in questionnaire.all_items()} == {
        "group", "display", "boolean", "decimal", "integer", "date", "dateTime", "time", "string", "text", "url", "choice",
        "open-choice", "attachment", "reference", "quantity",
    }  # fmt: skip
    assert questionnaire.facts == ()


def test_tab_reaches_every_question_in_reading_order(sitting: Sitting) -> None:
    wanted = [each.row.item.link_id for each in sitting.questions() if each.is_askable]
    assert sitting.question(wanted[0]).take_focus()
    met: list[str] = []
    for _ in range(len(wanted) * 6):
        focus = QApplication.focusWidget()
        assert focus is not None
        owner: QWidget | None = focus
        while owner is not None and not isinstance(owner, Question):
            owner = owner.parentWidget()
        if owner is not None and owner.row.item.link_id not in met:
            met.append(owner.row.item.link_id)
        QTest.keyClick(focus, Qt.Key.Key_Tab)
    assert met == wanted


def test_every_control_has_a_name_to_be_read_out(sitting: Sitting) -> None:
    for question in sitting.questions():
        if not question.is_askable:
            continue
        controls = [
            control
            for kind in (QAbstractButton, QLineEdit, QComboBox, QSlider)
            for control in question.findChildren(kind)
            if control.isVisible() and control.focusPolicy() != Qt.FocusPolicy.NoFocus
        ]
        for control in controls:
            told = f"{control.accessibleName()} {control.accessibleDescription()}"
            assert control.accessibleName() or isinstance(control.parentWidget(), QComboBox), question.row.item.link_id
            if not isinstance(control.parentWidget(), QComboBox):
                assert question.row.text.split()[0] in told, f"{question.row.item.link_id}: {told}"


def test_a_hint_is_part_of_what_is_read_out(sitting: Sitting) -> None:
    field = sitting.question("string").findChildren(QLineEdit)[0]
    assert field.accessibleDescription() == "A few words are enough."


def test_words_from_right_to_left_stand_above_their_field(sitting: Sitting) -> None:
    question = sitting.question("arabic")
    words = next(label for label in question.findChildren(QLabel) if label.text())
    assert words.alignment() & Qt.AlignmentFlag.AlignAbsolute
    field = question.findChildren(QLineEdit)[0]
    assert question.take_focus()
    field.setText("نامت جيدا")
    assert field.isRightToLeft() == field.text().isascii(), "the field itself keeps the direction of the page"


@pytest.mark.parametrize("look", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_nothing_is_cut_in_either_look(dressed: QApplication, qtbot: QtBot, look: str, size: tuple[int, int]) -> None:
    theme.apply(dressed, theme.load_theme(RESOURCES / "themes" / f"{look}.json"))
    page = FormPage()
    previewed(page).open(load_questionnaire(FORM))
    window = FormWindow(page)
    page.show_whole()
    window.resize(*size)
    with qtbot.waitExposed(window):
        window.show()
    QTest.qWait(50)
    area = page.parentWidget()
    assert area is not None
    assert area.minimumSizeHint().width() <= size[0]
    for label in page.findChildren(QLabel):
        if label.isVisibleTo(page) and label.text():
            needed = label.heightForWidth(label.width()) if label.wordWrap() else label.sizeHint().height()
            assert label.height() >= needed, label.text()
            assert label.mapTo(window, label.rect().topRight()).x() <= size[0], label.text()
    window.close()


def test_a_file_is_chosen_named_and_taken_away(sitting: Sitting, qtbot: QtBot, tmp_path: Path) -> None:
    file = tmp_path / "drawing.png"
    file.write_bytes(b"\x89PNG....")
    question = sitting.question("attachment")
    assert isinstance(question, AttachmentQuestion)
    assert question.take_focus()
    press(" ")
    dialog = question.findChild(QFileDialog)
    assert dialog is not None
    assert dialog.testOption(QFileDialog.Option.DontUseNativeDialog)
    dialog.close()
    question.bring(str(file))
    qtbot.waitUntil(lambda: bool(sitting.values("attachment")))
    value = sitting.values("attachment")[0]
    assert (value.title, value.content_type, value.size) == ("drawing.png", "image/png", 8)
    drop = next(b for b in question.findChildren(QAbstractButton) if b.text() == "Take it away")
    sitting.page.activateWindow()
    qtbot.waitUntil(sitting.page.isActiveWindow)
    drop.setFocus()
    press(" ")
    assert sitting.values("attachment") == ()


def test_a_file_that_is_too_large_or_gone_is_said_in_words(tmp_path: Path) -> None:
    file = tmp_path / "a.png"
    file.write_bytes(b"x" * 2001)
    assert attachment_of(file, 2000) == "The file is too large: 2 KB at most. A photograph can be made smaller before it is chosen."
    assert attachment_of(tmp_path / "none", 2000) == "The file cannot be read."
    assert isinstance(attachment_of(file, 2001), Attachment)


def test_a_slider_answers_nothing_until_it_is_used_and_can_be_cleared(sitting: Sitting) -> None:
    assert sitting.values("slider") == ()
    question = sitting.question("slider")
    assert question.take_focus()
    press("\n")
    assert sitting.values("slider") == (0,), "Enter takes the lowest, which cannot be reached by moving"
    assert question.take_focus()
    press(">>")
    assert sitting.values("slider") == (2,)
    focus = QApplication.focusWidget()
    assert focus is not None
    QTest.keyClick(focus, Qt.Key.Key_Delete)
    assert sitting.values("slider") == ()


def test_what_is_no_number_is_said_and_stays_said(sitting: Sitting) -> None:
    question = sitting.question("integer")
    assert question.take_focus()
    press("1x")
    assert sitting.values("integer") == ()
    assert any("Please write it as a number." in label.text() and label.isVisible() for label in question.findChildren(QLabel))
    focus = QApplication.focusWidget()
    assert focus is not None
    QTest.keyClick(focus, Qt.Key.Key_Backspace)
    assert sitting.values("integer") == (1,)
    assert not any("Please write" in label.text() for label in question.findChildren(QLabel))


def test_a_question_of_a_megabyte_is_cut_and_says_so(dressed: QApplication, qtbot: QtBot) -> None:
    page = FormPage()
    qtbot.addWidget(page)
    item = {"linkId": "a", "type": "string", "text": "w" * 1_000_000}
    previewed(page).open(load_questionnaire({"resourceType": "Questionnaire", "status": "active", "item": [item]}))
    words = max((label.text() for label in page.findChildren(QLabel)), key=len)
    assert len(words) < 10_000
    assert words.endswith("(cut here; there are 1,000,000 characters)")
