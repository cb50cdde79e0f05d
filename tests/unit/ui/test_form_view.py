"""The page of fields: names, values, what is wrong, keys."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QLabel, QLineEdit

from visitapp.ui.family import forms, person_forms
from visitapp.ui.widgets.form import FormScreen


@pytest.fixture
def screen(qtbot, dressed):
    found = FormScreen("Edit person")
    qtbot.addWidget(found)
    found.resize(900, 700)
    found.show()
    found.show_form(person_forms.person_form("Edit person", known=True))
    return found


def control(screen, name, kind=QLineEdit):
    return next(c for c in screen.findChildren(kind) if c.accessibleName() == name)


def test_every_field_is_named_by_its_label(qtbot, screen):
    for kind in (QLineEdit, QCheckBox):
        for found in screen.findChildren(kind):
            assert found.accessibleName(), found


def test_what_is_typed_is_told_on_save(qtbot, screen):
    screen.show_values({"role": "baby", "given_name": "Łukasz", "lives_here": True, "note": "sleeps"})
    screen.activateWindow()
    qtbot.waitUntil(screen.isActiveWindow)
    qtbot.keyClicks(control(screen, "Family name"), "Nowak")
    with qtbot.waitSignal(screen.saved) as saved:
        qtbot.keyClick(control(screen, "Family name"), Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    values = saved.args[0]
    assert (values["role"], values["given_name"], values["family_name"]) == ("baby", "Łukasz", "Nowak")
    assert values["lives_here"] is True
    assert values["note"] == "sleeps"


def test_fields_that_make_no_sense_are_hidden_but_keep_what_was_typed(qtbot, screen):
    screen.show_values({"phone": "01632 960 001"})
    screen.show_fields(person_forms.person_fields("unborn"))
    assert not control(screen, "Phone").isVisible()
    assert control(screen, "Expected on").isVisible()
    with qtbot.waitSignal(screen.saved) as saved:
        screen._save.click()
    assert saved.args[0]["phone"] == "01632 960 001"


def test_what_is_wrong_stands_beside_the_field_and_takes_the_keyboard(qtbot, screen):
    screen.show_wrong({"nhs_number": "This is not a valid NHS number."})
    qtbot.wait(5)
    said = [label for label in screen.findChildren(QLabel) if label.text() == "This is not a valid NHS number."]
    assert said[0].isVisible()
    assert screen.focusWidget() is control(screen, "NHS number")
    screen.show_wrong({})
    assert not said[0].isVisible()


def test_a_date_is_tidied_when_it_is_left(qtbot, screen):
    born = control(screen, "Born on")
    with qtbot.waitSignal(screen.changed) as changed:
        born.setText("3/12/25")
        born.editingFinished.emit()
    assert born.text() == "3 Dec 2025"
    assert changed.args[0] == "born_on"


def test_wheel_over_a_choice_leaves_it_alone(qtbot, screen):
    screen.show_form(forms.state_form([]))
    from visitapp.ui.widgets.fields import Choice

    choice = screen.findChild(Choice)
    before = choice.value
    from PySide6.QtCore import QPoint, QPointF
    from PySide6.QtGui import QWheelEvent

    event = QWheelEvent(QPointF(5, 5), QPointF(5, 5), QPoint(0, -120), QPoint(0, -120), Qt.MouseButton.NoButton,
                        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False)  # fmt: skip
    choice.wheelEvent(event)
    assert choice.value == before
