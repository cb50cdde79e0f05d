"""The settings: each choice applies at once, and about says what is installed."""

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QRadioButton

from tests.unit.ui.conftest import LanesAtOnce
from visitapp.config.settings import LANGUAGES, TEXT_SIZES, THEMES, Settings
from visitapp.ui.settings.presenter import LANGUAGE_WORDS, SIZE_WORDS, THEME_WORDS, SettingsPresenter, installed_parts
from visitapp.ui.settings.view import SettingsScreen


class View:
    def __init__(self):
        self.pages, self.parts = [], []

    def show_page(self, page):
        self.pages.append(page)

    def show_parts(self, parts):
        self.parts = list(parts)


class Kept:
    def __init__(self):
        self.now = Settings()
        self.changes = []

    def change(self, settings):
        self.now = settings
        self.changes.append(settings)


@pytest.fixture
def kept():
    return Kept()


def presenter(view, kept):
    return SettingsPresenter(
        view,
        settings=lambda: kept.now,
        change=kept.change,
        facts=[("Version", "0.1.0")],
        parts=installed_parts,
        lanes=LanesAtOnce(),
    )


def test_each_choice_is_handed_on_at_once_and_shown(kept):
    view = View()
    screen = presenter(view, kept)
    screen.open()
    screen.choose_theme("dark")
    screen.choose_size("large")
    screen.choose_idle("2")
    screen.choose_language("cy")
    assert kept.now == replace(Settings(), theme="dark", text_size="large", idle_minutes=2, language="cy")
    assert view.pages[-1].language == "cy"
    assert (view.pages[-1].theme, view.pages[-1].size, view.pages[-1].idle) == ("dark", "large", "2")


def test_choosing_what_is_set_already_writes_nothing(kept):
    presenter(View(), kept).choose_theme(kept.now.theme)
    assert kept.changes == []


def test_everything_that_can_be_set_has_words():
    assert set(THEMES) <= set(THEME_WORDS)
    assert set(TEXT_SIZES) <= set(SIZE_WORDS)
    assert set(LANGUAGES) <= set(LANGUAGE_WORDS)


def test_about_names_versions_and_licences(kept):
    view = View()
    presenter(view, kept).open()
    parts = {part.name: part for part in view.parts}
    assert "AGPL" in parts["visitapp"].licence
    assert parts["PySide6-Essentials"].version


def test_screen_tells_a_choice_once_and_does_not_echo_what_it_is_shown(qtbot, dressed, kept):
    screen = SettingsScreen()
    qtbot.addWidget(screen)
    told = presenter(screen, kept)
    screen.theme_chosen.connect(told.choose_theme)
    screen.show()
    told.open()
    assert kept.changes == []
    next(b for b in screen.findChildren(QRadioButton) if b.accessibleName() == "Colours: Dark").click()
    assert [settings.theme for settings in kept.changes] == ["dark"]


def test_the_language_of_checklists_is_chosen_with_the_arrow_key(qtbot, dressed, kept):
    screen = SettingsScreen()
    qtbot.addWidget(screen)
    told = presenter(screen, kept)
    screen.language_chosen.connect(told.choose_language)
    told.open()
    with qtbot.waitExposed(screen):
        screen.show()
    screen.activateWindow()
    qtbot.waitUntil(screen.isActiveWindow)
    name = "Language of checklists: Questions in English"
    english = next(b for b in screen.findChildren(QRadioButton) if b.accessibleName() == name)
    english.setFocus()
    qtbot.keyClick(english, Qt.Key.Key_Down)
    assert kept.now.language == "cy"
