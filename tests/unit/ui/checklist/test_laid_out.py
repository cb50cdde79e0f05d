"""A form with a layout: pages, tabs, tables, formatted words, and what stands beside a question."""

import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QLineEdit, QPushButton, QSlider, QTabBar, QWidget
from pytestqt.qtbot import QtBot

from visitapp.forms import Filling, load_questionnaire
from visitapp.forms.filling import Row
from visitapp.forms.values import Quantity, Reference
from visitapp.ui import theme
from visitapp.ui.checklist.arrange import Kind, slots
from visitapp.ui.checklist.pages import Pager
from visitapp.ui.checklist.questions.question import Question
from visitapp.ui.checklist.view import Checklist

DATA = Path(__file__).parents[3] / "data"
RESOURCES = Path(__file__).parents[4] / "resources"
FORM = json.loads((DATA / "laid-out.json").read_bytes())
KEYS = {"\t": Qt.Key.Key_Tab, ">": Qt.Key.Key_Right, "\n": Qt.Key.Key_Return}
CORE = "http://hl7.org/fhir/StructureDefinition/"


class Sitting:
    """A checklist on the screen with its filling behind it."""

    def __init__(self, qtbot: QtBot, form: dict[str, Any] = FORM, language: str = "en", people: tuple[Reference, ...] = ()) -> None:
        self.filling = Filling(load_questionnaire(form), language=language, people=people)
        self.checklist = Checklist("Test")
        self.checklist.answered.connect(self._take)
        self.checklist.added.connect(self._add)
        self.checklist.show_rows(self.filling.rows())
        qtbot.addWidget(self.checklist)
        self.checklist.focus_place("")
        self.checklist.resize(1100, 900)
        with qtbot.waitExposed(self.checklist):
            self.checklist.show()
        self.checklist.activateWindow()
        qtbot.waitUntil(self.checklist.isActiveWindow)

    def question(self, place: str) -> Question:
        return next(each for each in self.checklist.findChildren(Question) if each.place == place)

    def values(self, place: str) -> tuple[Any, ...]:
        return self.filling.row(place).values

    def shown(self) -> set[str]:
        return {each.place for each in self.checklist.findChildren(Question) if each.isVisible()}

    def go(self, place: str) -> None:
        assert self.checklist.focus_place(place)
        QApplication.processEvents()

    def press(self, keys: str) -> None:
        for key in keys:
            focus = QApplication.focusWidget()
            assert focus is not None
            if key in KEYS:
                QTest.keyClick(focus, KEYS[key])
            else:
                QTest.keyClicks(focus, key)

    def _take(self, place: str, values: tuple[Any, ...]) -> None:
        self.filling.answer(place, values)
        self.checklist.show_rows(self.filling.rows())

    def _add(self, place: str) -> None:
        self.filling.add(place)
        self.checklist.show_rows(self.filling.rows())


@pytest.fixture
def sitting(dressed: QApplication, qtbot: QtBot) -> Sitting:
    return Sitting(qtbot)


@pytest.fixture
def from_the_right(dressed: QApplication) -> Iterator[QApplication]:
    dressed.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    yield dressed
    dressed.setLayoutDirection(Qt.LayoutDirection.LeftToRight)


def left_of(widget: QWidget, within: QWidget) -> int:
    return widget.mapTo(within, QPoint(0, 0)).x()


def test_nothing_in_the_form_is_unknown() -> None:
    assert load_questionnaire(FORM).facts == ()


def test_one_page_is_shown_at_a_time_with_header_and_footer_on_each(sitting: Sitting) -> None:
    assert {"head", "foot", "p1", "beside"} <= sitting.shown()
    assert not {"p2", "p3", "after"} & sitting.shown()
    pager = sitting.checklist.findChildren(Pager)[0]
    assert pager.on.accessibleName() == "Next page: Tables"
    pager.on.setFocus()
    sitting.press("\n")
    assert {"head", "foot", "p2"} <= sitting.shown()
    assert "p1" not in sitting.shown()


def test_the_header_stands_first_and_the_footer_after_the_pager() -> None:
    kinds = [(slot.key, slot.kind) for slot in slots(Filling(load_questionnaire(FORM)).rows())]
    assert kinds[0] == ("head", Kind.ROW)
    assert [key for key, _ in kinds][-2:] == ["foot", "foot-note"] or kinds[-2][0] == "foot"
    assert [kind for _, kind in kinds][-3] is Kind.PAGER


def test_at_the_last_page_the_focus_is_not_lost_on_a_button_that_is_off(sitting: Sitting) -> None:
    pager = sitting.checklist.findChildren(Pager)[0]
    pager.on.setFocus()
    sitting.press("\n\n")
    assert "p3" in sitting.shown()
    assert not pager.on.isEnabled()
    assert pager.back.hasFocus()


def test_going_to_a_question_turns_to_its_page_and_its_tab(sitting: Sitting) -> None:
    place = next(row.place for row in sitting.filling.rows() if row.item.link_id == "t2-q")
    sitting.go(place)
    assert sitting.question(place).isVisible()
    focus = QApplication.focusWidget()
    assert focus is not None
    assert focus.accessibleName() == "What does she eat?"


def test_enter_after_the_last_question_of_a_page_goes_on_to_the_next_page(sitting: Sitting) -> None:
    sitting.go(next(row.place for row in sitting.filling.rows() if row.item.link_id == "sure"))
    sitting.press("\n")
    focus = QApplication.focusWidget()
    assert focus is not None
    assert "Little interest" in focus.accessibleDescription()


def test_tabs_are_turned_with_arrow_keys(sitting: Sitting) -> None:
    sitting.go(next(row.place for row in sitting.filling.rows() if row.item.link_id == "t1-q"))
    bar = sitting.checklist.findChild(QTabBar)
    assert isinstance(bar, QTabBar)
    assert bar.accessibleName()
    bar.setFocus()
    sitting.press(">")
    shown = {sitting.question(place).row.item.link_id for place in sitting.shown()}
    assert "t2-q" in shown
    assert "t1-q" not in shown


def test_a_table_of_choices_stands_in_columns_when_wide_and_below_the_words_when_narrow(sitting: Sitting) -> None:
    first, third = (next(r.place for r in sitting.filling.rows() if r.item.link_id == f"often-{n}") for n in (1, 3))
    sitting.go(first)

    def columns(place: str) -> list[int]:
        return [left_of(button, sitting.checklist) for button in sitting.question(place).findChildren(QAbstractButton)]

    assert columns(first) == columns(third)
    words = sitting.question(first).findChildren(QLabel)[0]
    assert columns(first)[0] >= left_of(words, sitting.checklist) + words.width()
    sitting.checklist.resize(500, 900)
    QApplication.processEvents()
    QTest.qWait(20)
    assert columns(first)[0] == left_of(words, sitting.checklist)
    sitting.press("2")
    assert sitting.values(first)[0].display == "Several days"


def test_the_cells_of_a_grid_stand_side_by_side_when_wide_and_below_each_other_when_narrow(sitting: Sitting) -> None:
    places = [row.place for row in sitting.filling.rows() if row.item.link_id.startswith("day1-")]
    sitting.go(places[0])
    questions = [sitting.question(place) for place in places]
    assert len({each.y() for each in questions}) == 1
    assert sorted(each.x() for each in questions) == [each.x() for each in questions]
    sitting.checklist.resize(420, 900)
    QTest.qWait(20)
    assert len({each.x() for each in questions}) == 1
    assert sorted(each.y() for each in questions) == [each.y() for each in questions]


def test_another_line_of_a_table_is_answered_by_keys_and_tab_goes_along_the_line(sitting: Sitting) -> None:
    sitting.go(next(row.place for row in sitting.filling.rows() if row.item.link_id == "med"))
    add = next(b for b in sitting.checklist.findChildren(QPushButton) if b.text() == "Add another: Medicine")
    add.setFocus()
    QTest.keyClick(add, Qt.Key.Key_Space)
    second = [row.place for row in sitting.filling.rows() if row.item.link_id in ("med", "dose", "since")][3:]
    sitting.go(second[0])
    sitting.press("Iron\t20 mg")
    assert [sitting.values(place) for place in second[:2]] == [("Iron",), ("20 mg",)]


def test_formatted_words_are_shown_clean_and_a_link_only_says_where_it_leads(sitting: Sitting) -> None:
    place = next(row.place for row in sitting.filling.rows() if row.item.link_id == "rich")
    words = sitting.question(place).findChildren(QLabel)[0]
    assert "<strong>Look</strong>" in words.text()
    assert not words.openExternalLinks()
    words.linkActivated.emit("https://example.org/guide")
    assert "https://example.org/guide" in [label.text() for label in sitting.question(place).findChildren(QLabel)]
    script = next(row.place for row in sitting.filling.rows() if row.item.link_id == "xhtml")
    assert all("script" not in label.text() for label in sitting.question(script).findChildren(QLabel))


@pytest.mark.parametrize("look", ["light", "dark"])
def test_a_style_is_followed_but_for_colours_that_cannot_be_read(dressed: QApplication, qtbot: QtBot, look: str) -> None:
    theme.apply(dressed, theme.load_theme(RESOURCES / "themes" / f"{look}.json"))
    sitting = Sitting(qtbot)
    place = next(row.place for row in sitting.filling.rows() if row.item.link_id == "styled")
    text = sitting.question(place).findChildren(QLabel)[0].text()
    assert "font-weight:bold" in text
    assert ("#fefefe" in text) == (look == "dark")


def test_where_to_read_more_shows_the_address_and_opens_nothing(sitting: Sitting) -> None:
    place = next(row.place for row in sitting.filling.rows() if row.item.link_id == "beside")
    sitting.go(place)
    field = QApplication.focusWidget()
    assert isinstance(field, QLineEdit)
    assert field.placeholderText() == "a service, a leaflet"
    assert "Think of the last visit, too." in field.accessibleDescription()
    sitting.press("\t")
    button = QApplication.focusWidget()
    assert button is not None
    assert button.accessibleName() == "Where to read more: What was offered?"
    QTest.keyClick(button, Qt.Key.Key_Space)
    labels = {label.text() for label in sitting.question(place).findChildren(QLabel) if label.isVisible()}
    assert {"https://example.org/offers", "Kept for 25 years.", "Think of the last visit, too."} <= labels


def test_what_a_paragraph_is_there_for_is_said_above_it(sitting: Sitting) -> None:
    said = {label.text() for label in sitting.checklist.findChildren(QLabel) if label.isVisible()}
    assert {"How to fill this in", "Legal notice"} <= said


@pytest.mark.parametrize(("typed", "meant"), [("lodz\n", "Łódź"), ("GDANSK\n", "Gdańsk"), ("mon\n", "Ynys Môn")])
def test_a_long_list_is_searched_without_accents(sitting: Sitting, typed: str, meant: str) -> None:
    place = next(row.place for row in sitting.filling.rows() if row.item.link_id == "place")
    sitting.go(place)
    sitting.press(typed)
    assert [value.display for value in sitting.values(place)] == [meant]


def test_what_could_be_several_is_not_guessed(sitting: Sitting) -> None:
    place = next(row.place for row in sitting.filling.rows() if row.item.link_id == "place")
    sitting.go(place)
    sitting.press("n\n")
    assert sitting.values(place) == ()


def test_a_slider_has_words_at_its_ends_and_takes_the_kind_of_number_asked_for(sitting: Sitting) -> None:
    place = next(row.place for row in sitting.filling.rows() if row.item.link_id == "sure")
    sitting.go(place)
    sitting.press(">>>")
    assert sitting.values(place) == (Decimal(3),)
    slider = sitting.question(place).findChild(QSlider)
    assert isinstance(slider, QSlider)
    assert slider.accessibleDescription() == "From Guessing to Certain. 3"


def test_a_slider_for_a_quantity_keeps_its_unit_and_its_step(dressed: QApplication, qtbot: QtBot) -> None:
    control = {"url": CORE + "questionnaire-itemControl", "valueCodeableConcept": {"coding": [{"code": "slider"}]}}
    unit = {
        "url": CORE + "questionnaire-unit",
        "valueCoding": {"system": "http://unitsofmeasure.org", "code": "mL", "display": "ml"},
    }
    bounds = [{"url": CORE + "questionnaire-sliderStepValue", "valueInteger": 30}]
    item = {"linkId": "q", "type": "quantity", "text": "How much?", "extension": [control, unit, *bounds]}
    sitting = Sitting(qtbot, {"resourceType": "Questionnaire", "status": "draft", "item": [item]})
    sitting.go("q")
    sitting.press(">>")
    (value,) = sitting.values("q")
    assert value == Quantity(value=Decimal(60), unit="ml", system="http://unitsofmeasure.org", code="mL")


def test_the_form_shows_in_welsh_where_it_has_it(dressed: QApplication, qtbot: QtBot) -> None:
    sitting = Sitting(qtbot, language="cy")
    place = next(row.place for row in sitting.filling.rows() if row.item.link_id == "welsh")
    question = sitting.question(place)
    assert question.findChildren(QLabel)[0].text() == "Sut oedd y babi?"
    assert [button.text() for button in question.findChildren(QAbstractButton)] == ["Effro", "Yn cysgu"]
    sitting.go(place)
    sitting.press("1")
    assert sitting.values(place)[0].display == "Awake", "what is kept is the form's own word"


def test_from_right_to_left_the_words_the_marks_and_the_order_are_turned_round(from_the_right: QApplication, qtbot: QtBot) -> None:
    sitting = Sitting(qtbot)
    places = [row.place for row in sitting.filling.rows() if row.item.link_id.startswith("day1-")]
    sitting.go(places[0])
    questions = [sitting.question(place) for place in places]
    assert sorted((each.x() for each in questions), reverse=True) == [each.x() for each in questions]
    words = questions[0].findChildren(QLabel)[0]
    assert words.alignment() & Qt.AlignmentFlag.AlignRight


def test_a_reference_offers_the_people_of_the_kind_asked_for_and_takes_others_in_words(dressed: QApplication, qtbot: QtBot) -> None:
    kind = {"url": CORE + "questionnaire-referenceResource", "valueCode": "RelatedPerson"}
    item = {"linkId": "q", "type": "reference", "text": "Who held her?", "extension": [kind]}
    zoe = Reference(reference="RelatedPerson/1", display="Zoë", type="RelatedPerson")
    ayla = Reference(reference="Patient/2", display="Ayla", type="Patient")
    form = {"resourceType": "Questionnaire", "status": "draft", "item": [item]}
    sitting = Sitting(qtbot, form, people=(zoe, ayla))
    assert [option.text for option in sitting.filling.row("q").options] == ["Zoë"]
    sitting.go("q")
    sitting.press("zoe\n")
    assert sitting.values("q") == (zoe,)
    assert sitting.filling.facts() == ()
    focus = sitting.checklist.findChildren(QLineEdit)[0]
    sitting.go("q")
    focus.selectAll()
    sitting.press("a friend\n")
    assert sitting.values("q") == (Reference(display="a friend"),)
    assert focus.text() == "a friend"


def test_a_question_that_comes_between_others_is_reached_between_them(dressed: QApplication, qtbot: QtBot) -> None:
    when = [{"question": "a", "operator": "=", "answerBoolean": True}]
    items: list[dict[str, Any]] = [
        {"linkId": "a", "text": "A", "type": "boolean"},
        {"linkId": "b", "text": "B", "type": "string", "enableWhen": when},
        {"linkId": "c", "text": "C", "type": "string"},
    ]
    sitting = Sitting(qtbot, {"resourceType": "Questionnaire", "status": "draft", "item": items})
    sitting.go("a")
    sitting.press("1")
    sitting.go("a")
    sitting.press("\t")
    focus = QApplication.focusWidget()
    assert focus is not None
    assert focus.accessibleName() == "B"
    sitting.press("\t")
    focus = QApplication.focusWidget()
    assert focus is not None
    assert focus.accessibleName() == "C"


def test_pages_of_one_are_no_pages() -> None:
    page = {"url": CORE + "questionnaire-itemControl", "valueCodeableConcept": {"coding": [{"code": "page"}]}}
    inner = {"linkId": "q", "type": "string", "text": "Q"}
    form = {"linkId": "p", "type": "group", "text": "P", "extension": [page], "item": [inner]}
    rows: tuple[Row, ...] = Filling(load_questionnaire({"resourceType": "Questionnaire", "status": "draft", "item": [form]})).rows()
    assert [slot.kind for slot in slots(rows)] == [Kind.ROW, Kind.ROW]
