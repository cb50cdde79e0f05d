"""The unlock window works by keyboard alone, forgets passphrases, and fits small screens."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton

from visitapp.ui.unlock.pages import FORGETTING, FORGOTTEN, REDUCED
from visitapp.ui.unlock.pieces import Passphrase
from visitapp.ui.unlock.presenter import Place
from visitapp.ui.unlock.saying import Meter, Standing, Trouble
from visitapp.ui.unlock.view import UnlockView


@pytest.fixture
def view(dressed, qtbot):
    view = UnlockView()
    qtbot.addWidget(view)
    view.resize(1366, 768)
    view.show()
    qtbot.waitExposed(view)
    view.activateWindow()
    return view


def said(view):
    return " ".join(label.text() for label in view.findChildren(QLabel) if label.isVisible())


def button(view, words):
    (found,) = [each for each in view.findChildren(QPushButton) if each.text() == words and each.isVisible()]
    return found


def type_into(qtbot, field, words):
    qtbot.keyClicks(field, words)


def test_the_first_start_has_two_doors(view, qtbot):
    view.show_place(Place.WELCOME)
    with qtbot.waitSignal(view.practise_asked):
        qtbot.mouseClick(button(view, "Try it"), Qt.MouseButton.LeftButton)
    with qtbot.waitSignal(view.connect_asked):
        qtbot.mouseClick(button(view, "Connect"), Qt.MouseButton.LeftButton)


def test_unlocking_needs_no_mouse(view, qtbot):
    view.show_place(Place.UNLOCK)
    type_into(qtbot, view.focusWidget(), "gwen")
    qtbot.keyClick(view.focusWidget(), Qt.Key.Key_Return)
    type_into(qtbot, view.focusWidget(), "kettle harbour")
    with qtbot.waitSignal(view.unlock_asked) as asked:
        qtbot.keyClick(view.focusWidget(), Qt.Key.Key_Return)
    assert asked.args == ["gwen", bytearray(b"kettle harbour")]
    assert all(field.line.text() == "" for field in view.findChildren(Passphrase))


def test_connecting_needs_no_mouse(view, qtbot):
    view.show_place(Place.CONNECT)
    type_into(qtbot, view.focusWidget(), "visits.example.org")
    qtbot.keyClick(view.focusWidget(), Qt.Key.Key_Return)
    type_into(qtbot, view.focusWidget(), "A1B2")
    with qtbot.waitSignal(view.service_given) as given:
        qtbot.keyClick(view.focusWidget(), Qt.Key.Key_Return)
    assert given.args == ["visits.example.org", "A1B2"]


def test_choosing_says_plainly_what_forgetting_costs(view, qtbot):
    view.show_place(Place.PASSPHRASE)
    assert FORGETTING in said(view)
    assert "lost" in FORGETTING
    with qtbot.waitSignals([view.passphrase_typed] * 3):
        type_into(qtbot, view.choose._passphrase.line, "abc")
    view.show_meter(Meter(2, "attention", "Not strong enough yet: add a word"))
    assert "Not strong enough yet" in said(view)
    type_into(qtbot, view.choose._again.line, "abc")
    with qtbot.waitSignal(view.record_asked) as asked:
        qtbot.mouseClick(button(view, "Create my record"), Qt.MouseButton.LeftButton)
    assert asked.args == ["", bytearray(b"abc"), bytearray(b"abc")]
    assert "Not strong enough" not in said(view)


def test_a_passphrase_is_hidden_unless_asked_and_hidden_again_when_taken(view, qtbot):
    view.show_place(Place.UNLOCK)
    field = view.unlock._passphrase
    assert field.line.echoMode() is QLineEdit.EchoMode.Password
    qtbot.mouseClick(field._eye, Qt.MouseButton.LeftButton)
    assert field.line.echoMode() is QLineEdit.EchoMode.Normal
    assert field._eye.accessibleName() == "Hide passphrase"
    field.line.setText("shown")
    assert field.take() == bytearray(b"shown")
    assert field.line.echoMode() is QLineEdit.EchoMode.Password
    field.line.undo()
    assert field.line.text() == ""


def test_reduced_protection_and_unsent_notes_are_said(view):
    view.show_standing(Standing(True, is_reduced=True), "Locked because nobody used it for a while.", "3 notes wait")
    view.show_place(Place.UNLOCK)
    assert REDUCED in said(view)
    assert "3 notes wait" in said(view)
    view.show_standing(Standing(True), "", "")
    assert REDUCED not in said(view)
    assert "practice" not in said(view)


def test_forgotten_is_answered_on_the_spot(view, qtbot):
    view.show_place(Place.UNLOCK)
    qtbot.mouseClick(button(view, "Forgotten it?"), Qt.MouseButton.LeftButton)
    assert FORGOTTEN in said(view)
    qtbot.mouseClick(button(view, "Forgotten it?"), Qt.MouseButton.LeftButton)
    assert FORGOTTEN not in said(view)


def test_a_wait_keeps_button_and_enter_from_trying_and_ticks(view, qtbot):
    view.show_place(Place.UNLOCK)
    view.show_trouble(Trouble("This passphrase is not right.", "The record is safe."))
    view.show_wait("You can try again in 0:30.")
    assert "You can try again in 0:30." in said(view)
    assert not button(view, "Unlock").isEnabled()
    with qtbot.assertNotEmitted(view.unlock_asked):
        qtbot.keyClick(view.unlock._passphrase.line, Qt.Key.Key_Return)
    with qtbot.waitSignal(view.ticked, timeout=3000):
        pass
    view.show_wait("")
    assert button(view, "Unlock").isEnabled()
    assert not view._timer.isActive()


def test_while_busy_nothing_else_can_be_asked(view):
    view.show_place(Place.UNLOCK)
    view.show_busy("Unlocking…")
    assert "Unlocking…" in said(view)
    assert not button(view, "Unlock").isEnabled()
    view.show_busy("")
    assert button(view, "Unlock").isEnabled()
    assert "Unlocking…" not in said(view)


def test_the_spare_is_offered_only_where_there_is_one(view, qtbot):
    view.show_place(Place.UNLOCK)
    view.show_trouble(Trouble("The file is damaged.", offers_spare=True))
    with qtbot.waitSignal(view.spare_asked):
        qtbot.mouseClick(button(view, "Use the spare copy"), Qt.MouseButton.LeftButton)
    view.show_trouble(Trouble("Something else."))
    assert "Use the spare copy" not in [each.text() for each in view.findChildren(QPushButton) if each.isVisible()]


def test_what_is_wrong_with_a_field_is_said_below_it(view):
    for place, field in ((Place.CONNECT, "code"), (Place.PASSPHRASE, "again"), (Place.UNLOCK, "user")):
        view.show_place(place)
        view.show_wrong(field, "Something is missing here.")
        assert "Something is missing here." in said(view)
        view.show_wrong(field, "")
        assert "Something is missing here." not in said(view)


def test_the_title_names_nobody(view):
    view.show_standing(Standing(True, user="gwen"), "", "")
    assert view.windowTitle() == "visitapp"


@pytest.mark.parametrize("place", list(Place))
@pytest.mark.parametrize(("width", "height"), [(1366, 768), (683, 384), (480, 320)])
def test_nothing_scrolls_sideways_or_is_cut(view, qtbot, place, width, height):
    view.resize(width, height)
    view.show_standing(Standing(True, is_reduced=True, is_practice=True), "", "3 notes on this laptop only")
    view.show_place(place)
    view.show_trouble(Trouble("The file that holds the record's lock is damaged.", "Safe.", "Do.", offers_spare=True))
    qtbot.wait(20)
    page = view.page(place)
    assert page.widget().width() <= page.viewport().width()
    for label in page.findChildren(QLabel):
        if label.isVisible() and label.text():
            assert label.height() >= label.heightForWidth(label.width())


def test_every_control_has_a_name(view):
    for place in Place:
        view.show_place(place)
        for control in [*view.findChildren(QPushButton), *view.findChildren(QLineEdit)]:
            if control.isVisible():
                assert control.accessibleName(), control
