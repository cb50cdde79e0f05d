"""The help: every screen's page is there, found by any word, opened where the user was."""

import re

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QListWidget, QTextBrowser

from tests.unit.ui.conftest import RESOURCES, LanesAtOnce
from visitapp.ui.help.build import build_help
from visitapp.ui.help.presenter import HelpPresenter, page_from

PAGES = tuple(page_from(path.stem, path.read_text("utf-8")) for path in sorted((RESOURCES / "help").glob("*.md")))
SCREENS = ("today", "caseload", "family", "families", "visit", "sign", "note", "print", "review", "sync", "settings")


class View:
    def __init__(self):
        self.pages, self.entries, self.current = [], [], ""

    def show_entries(self, entries, current):
        self.entries, self.current = list(entries), current

    def show_page(self, page):
        self.pages.append(page)


@pytest.fixture
def view():
    return View()


@pytest.fixture
def presenter(view):
    return HelpPresenter(view, load=lambda: PAGES, lanes=LanesAtOnce())


@pytest.mark.parametrize("screen", SCREENS)
def test_every_screen_has_a_page_of_its_own(presenter, view, screen):
    presenter.open(screen)
    assert view.pages[-1].name != "getting-started"
    assert view.current == view.pages[-1].name


def test_without_a_screen_it_begins_at_the_beginning(presenter, view):
    presenter.open("")
    assert view.pages[-1].name == "getting-started"
    assert view.entries[0].name == "getting-started"


@pytest.mark.parametrize(
    ("typed", "name"), [("overdue", "today"), ("print", "printing"), ("corection", None), ("PASSPHRASE", "security")]
)
def test_search_finds_pages_by_any_word_in_them(presenter, view, typed, name):
    presenter.open("")
    presenter.search(typed)
    names = [entry.name for entry in view.entries]
    assert (name in names) if name else names == []


def test_words_in_the_title_come_first(presenter, view):
    presenter.open("")
    presenter.search("sync")
    assert view.entries[0].name == "sync"


def test_front_matter_is_not_shown():
    for page in PAGES:
        assert page.title
        assert page.text.startswith("# ")
        assert "screen:" not in page.text.split("\n", 1)[0]


def test_links_lead_to_pages_that_exist():
    names = {page.name for page in PAGES}
    for page in PAGES:
        for link in re.findall(r"\]\(([^)#:]+)\)", page.text):
            assert link.removesuffix(".md").rsplit("/", 1)[-1] in names, (page.name, link)


def test_help_never_uses_words_the_practice_avoids():
    said = " ".join(page.text for page in PAGES).lower()
    for word in ("non-compliant", "insecurely attached", "failing mother"):
        assert word not in said


def test_screen_lists_searches_and_shows(qtbot, dressed):
    screen = build_help(RESOURCES, LanesAtOnce())
    qtbot.addWidget(screen)
    screen.resize(1000, 600)
    screen.show()
    screen.open("caseload")
    listed = screen.findChild(QListWidget)
    text = screen.findChild(QTextBrowser)
    assert listed.count() == len(PAGES)
    assert "caseload" in text.toPlainText().lower()
    qtbot.keyClicks(screen._search, "overdue")
    assert listed.count() < len(PAGES)
    listed.setCurrentRow(0)
    assert text.toPlainText().split("\n", 1)[0] == listed.item(0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert not text.openLinks()
