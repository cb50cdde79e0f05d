"""The frame: it swaps screens, finds, hides, folds, and never shows a name in its title."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton, QVBoxLayout

from visitapp.ui import dressing, fonts, theme
from visitapp.ui.app import FOLDS_UNDER, MainWindow
from visitapp.ui.widgets.finder import Finder, Found
from visitapp.ui.widgets.focus import FocusRing
from visitapp.ui.widgets.frame import QuickHide, Rail, RailButton
from visitapp.ui.widgets.screen import Screen
from visitapp.ui.widgets.toast import Toast


class Paper(Screen):
    """A screen that remembers what the window asked of it."""

    def __init__(self, title):
        super().__init__()
        self.title = title
        self.asked = []
        column = QVBoxLayout(self)
        self.field = QLineEdit()
        self.field.setAccessibleName("Words")
        column.addWidget(self.field)
        column.addWidget(QLabel("Wiśniewska"))

    def open(self, argument=""):
        self.asked.append(argument)

    def leave(self):
        self.asked.append("left")


class Deeper(Paper):
    rail = "caseload"
    help_page = "family"


@pytest.fixture
def screens():
    return {"today": Paper("Today"), "caseload": Paper("Caseload"), "family": Deeper("Wiśniewska"), "help": Paper("Help")}


@pytest.fixture
def window(qtbot, dressed, screens):
    def find(words, answer):
        answer([Found("Wiśniewska", "Zofia, Łukasz", "family", "f1")] if words == "wis" else [])

    found = MainWindow(screens, who="Nell Marsh, family nurse", find_families=find)
    qtbot.addWidget(found)
    found.resize(1280, 720)
    found.navigate("today")
    found.show()
    found.activateWindow()
    qtbot.waitUntil(found.isActiveWindow)
    return found


def press(qtbot, window, key, modifier=Qt.KeyboardModifier.NoModifier):
    qtbot.keyClick(window, key, modifier)
    qtbot.wait(5)


def one(window, kind):
    return window.findChild(kind)


def test_title_is_the_programs_name_whatever_screen_shows(window):
    window.navigate("family", "f1")
    assert window.windowTitle() == "visitapp"


def test_screens_are_opened_with_their_argument_and_left(window, screens):
    window.navigate("family", "f1")
    window.navigate("family", "f2")
    assert screens["today"].asked == ["", "left"]
    assert screens["family"].asked == ["f1", "f2"]


def test_back_goes_where_the_user_came_from(qtbot, window, screens):
    window.navigate("caseload")
    window.navigate("family", "f1")
    press(qtbot, window, Qt.Key.Key_Left, Qt.KeyboardModifier.AltModifier)
    assert window.screen_name == "caseload"
    window.back()
    assert window.screen_name == "today"
    window.back()
    assert window.screen_name == "today"


def test_rail_has_no_dead_entry_and_lights_where_the_user_is(window):
    buttons = {b.accessibleName(): b for b in one(window, Rail).findChildren(RailButton)}
    assert set(buttons) == {"Today", "Caseload", "Help"}
    window.navigate("family", "f1")
    assert [name for name, button in buttons.items() if button.isChecked()] == ["Caseload"]


@pytest.mark.parametrize(("width", "folded"), [(FOLDS_UNDER - 1, True), (FOLDS_UNDER, False)])
def test_rail_folds_to_icons_with_tooltips_when_there_is_little_room(qtbot, window, width, folded):
    window.resize(width, 700)
    qtbot.wait(5)
    today = one(window, Rail).findChildren(RailButton)[0]
    assert (today.text() == "") is folded
    assert (today.toolTip() == "Today") is folded


def test_ctrl_k_finds_a_family_by_part_of_its_name_and_opens_it(qtbot, window, screens):
    press(qtbot, window, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    finder = one(window, Finder)
    assert finder.isVisible()
    qtbot.keyClicks(finder.findChild(QLineEdit), "wis")
    qtbot.keyClick(finder.findChild(QLineEdit), Qt.Key.Key_Return)
    assert not finder.isVisible()
    assert screens["family"].asked == ["f1"]


def test_ctrl_k_finds_screens_with_arrows_and_escape_gives_the_keyboard_back(qtbot, window, screens):
    screens["today"].field.setFocus()
    press(qtbot, window, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    field = one(window, Finder).findChild(QLineEdit)
    qtbot.keyClick(field, Qt.Key.Key_Down)
    qtbot.keyClick(field, Qt.Key.Key_Escape)
    assert window.focusWidget() is screens["today"].field
    press(qtbot, window, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClick(field, Qt.Key.Key_Down)
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert window.screen_name == "caseload"


def test_finder_says_when_nothing_has_this_name(qtbot, window):
    window.open_finder()
    qtbot.keyClicks(one(window, Finder).findChild(QLineEdit), "zzz")
    said = [label.text() for label in one(window, Finder).findChildren(QLabel) if label.isVisible()]
    assert said == ["Nothing in your caseload has this name."]


def test_f12_hides_everything_swallows_keys_and_lifts(qtbot, window, screens):
    screens["today"].field.setFocus()
    press(qtbot, window, Qt.Key.Key_F12)
    hide = one(window, QuickHide)
    assert hide.geometry() == window.rect()
    assert window.focusWidget() is hide
    qtbot.keyClicks(hide, "secret")
    assert screens["today"].field.text() == ""
    qtbot.keyClick(hide, Qt.Key.Key_F12)
    assert not hide.isVisible()
    assert window.focusWidget() is screens["today"].field


def test_nothing_of_the_screen_shows_through_the_quick_hide(qtbot, window):
    window.quick_hide()
    qtbot.wait(5)
    hidden = window.grab().toImage()
    window.navigate("family", "f1")
    window.tell("Wiśniewska has been added.")
    qtbot.wait(5)
    assert window.grab().toImage() == hidden
    assert window.focusWidget() is one(window, QuickHide)


def test_ctrl_l_asks_for_the_lock(qtbot, window):
    with qtbot.waitSignal(window.lock_asked):
        press(qtbot, window, Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)


def test_f1_opens_the_help_about_this_screen(qtbot, window, screens):
    window.navigate("family", "f1")
    press(qtbot, window, Qt.Key.Key_F1)
    assert screens["help"].asked == ["family"]


def test_closing_lets_the_screen_in_front_save_itself(qtbot, window, screens):
    with qtbot.waitSignal(window.closing):
        window.close()
    assert screens["today"].asked[-1] == "left"


def test_toast_offers_undo_and_does_it_once(qtbot, window):
    undone = []
    window.tell("The draft was discarded.", lambda: undone.append("back"))
    toast = one(window, Toast)
    assert toast.isVisible()
    button = toast.findChild(QPushButton)
    button.click()
    button.click()
    assert undone == ["back"]
    assert not toast.isVisible()


def test_focus_ring_goes_round_what_has_the_keyboard(qtbot, window, screens):
    screens["today"].field.setFocus()
    qtbot.wait(5)
    ring = one(window, FocusRing)
    field = screens["today"].field
    assert ring.isVisible()
    assert ring.geometry().contains(field.rect().translated(field.mapTo(window, field.rect().topLeft())))


def test_focus_ring_goes_when_what_it_surrounded_is_taken_away(qtbot, window, screens):
    import shiboken6

    screens["today"].field.setFocus()
    qtbot.wait(5)
    shiboken6.delete(screens["today"].field)
    qtbot.wait(5)
    window.navigate("caseload")
    assert window.focusWidget() is screens["caseload"].field


def test_opening_a_screen_puts_the_keyboard_into_it(window, screens):
    window.navigate("caseload")
    assert window.focusWidget() is screens["caseload"].field


def test_any_key_or_click_counts_as_use(qtbot, window):
    from PySide6.QtTest import QTest

    with qtbot.waitSignal(window.used):
        QTest.keyClick(window.windowHandle(), Qt.Key.Key_A)


def test_every_button_of_the_frame_has_a_name_and_room(qtbot, window):
    for button in window.findChildren(QPushButton):
        if button.isVisible():
            assert button.accessibleName(), button
            assert button.height() >= 32, button.accessibleName()


def test_application_refuses_to_start_without_its_typefaces(dressed, monkeypatch):
    monkeypatch.setattr(fonts, "load", lambda: ("Noto Sans Tamil",))
    with pytest.raises(RuntimeError, match="Tamil"):
        dressing.application([], theme.current())


@pytest.mark.parametrize("text", ["Łukasz ŵ", "فاطمة", "अमीना", "தமிழ்"])
def test_names_in_every_script_have_glyphs(dressed, text):
    from PySide6.QtGui import QTextLayout

    layout = QTextLayout(text, fonts.font("body"))
    layout.beginLayout()
    layout.createLine()
    layout.endLayout()
    assert all(0 not in run.glyphIndexes() for run in layout.glyphRuns())


def test_live_change_of_theme_and_size_reaches_every_text(qtbot, window, dressed):
    from pathlib import Path

    from visitapp.ui import theme
    from visitapp.ui.widgets.text import Text

    label = one(window, Rail).findChildren(RailButton)[0]
    themes = theme.themes_in(Path(__file__).parents[3] / "resources" / "themes")
    before = label.font().pointSizeF()
    theme.apply(dressed, themes["dark"], theme.TextSize.LARGEST)
    qtbot.wait(5)
    assert label.font().pointSizeF() > before
    assert all(text.font().pointSizeF() >= 14 for text in window.findChildren(Text))
    theme.apply(dressed, themes["light"])
