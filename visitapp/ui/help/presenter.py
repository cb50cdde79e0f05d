"""Decides which help pages are listed and which one is open. No Qt."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from visitapp.store.folding import excerpt, words
from visitapp.ui.roles import Lanes

FIRST = "getting-started"
_RULE = "---\n"
OF_SCREEN = {
    "families": "family", "visit": "recording-a-visit", "note": "signing-and-corrections",
    "sign": "signing-and-corrections", "print": "printing",
}  # fmt: skip
"""Which page is about a screen, where its name is not the screen's own."""
_ORDER = (
    "getting-started", "today", "caseload", "family", "recording-a-visit", "observation", "scores", "risk-now",
    "signing-and-corrections", "printing", "review", "sync", "security", "settings", "loss",
)  # fmt: skip


@dataclass(frozen=True)
class HelpPage:
    """One page of the help, as it ships: its name, its title, its text in Markdown, which screen it is about."""

    name: str
    title: str
    text: str
    screen: str = ""
    words: str = ""
    """Other words that people look for."""


@dataclass(frozen=True)
class HelpEntry:
    """A page in the list, with the words around what was sought."""

    name: str
    title: str
    found: str = ""


class HelpShows(Protocol):
    """What the presenter asks of the view."""

    def show_entries(self, entries: Sequence[HelpEntry], current: str) -> None:
        """Show the list of pages."""

    def show_page(self, page: HelpPage) -> None:
        """Show a page."""


class HelpPresenter:
    """Opens the page that is about where the user was, and finds pages by any word in them."""

    def __init__(self, view: HelpShows, *, load: Callable[[], Sequence[HelpPage]], lanes: Lanes) -> None:
        self._view = view
        self._load = load
        self._lanes = lanes
        self._pages: tuple[HelpPage, ...] = ()
        self._wanted = FIRST
        self._sought = ""

    def open(self, screen: str) -> None:
        """Open at the page about a screen; without one, at the page that was open before."""
        if screen:
            self._wanted = OF_SCREEN.get(screen, screen)
            self._sought = ""
        if self._pages:
            self._show()
        else:
            self._lanes.slowly(self._view, self._load, self._loaded)

    def search(self, text: str) -> None:
        """List only pages that hold every word typed, those with a word in the title first."""
        self._sought = text.strip()
        self._list()

    def choose(self, name: str) -> None:
        """Show a page of the list; links in pages name one too."""
        page = self._page(name.removesuffix(".md"))
        if page is not None:
            self._wanted = page.name
            self._view.show_page(page)
            self._list()

    def _loaded(self, pages: Sequence[HelpPage]) -> None:
        self._pages = tuple(sorted(pages, key=_place))
        self._show()

    def _show(self) -> None:
        page = self._page(self._wanted) or self._about(self._wanted) or self._page(FIRST) or next(iter(self._pages), None)
        if page is not None:
            self._wanted = page.name
            self._view.show_page(page)
        self._list()

    def _list(self) -> None:
        sought = words(self._sought)
        found = [(_rank(page, sought), page) for page in self._pages]
        entries = [
            HelpEntry(page.name, page.title, excerpt(_plain(page.text), sought, 80) if sought else "")
            for rank, page in sorted(found, key=lambda pair: -pair[0])
            if rank or not sought
        ]
        self._view.show_entries(entries, self._wanted)

    def _about(self, screen: str) -> HelpPage | None:
        return next((page for page in self._pages if page.screen == screen), None)

    def _page(self, name: str) -> HelpPage | None:
        return next((page for page in self._pages if page.name == name), None)


def page_from(name: str, raw: str) -> HelpPage:
    """Read a page; what stands between two lines of "---" at its top says title, screen and other words for it."""
    told: dict[str, str] = {}
    text = raw
    if raw.startswith(_RULE):
        head, _, text = raw.removeprefix(_RULE).partition(f"\n{_RULE}")
        told = {key.strip(): value.strip() for key, _, value in (line.partition(":") for line in head.splitlines())}
    return HelpPage(name, told.get("title") or name.replace("-", " "), text.lstrip(), told.get("screen", ""), told.get("words", ""))


def _rank(page: HelpPage, sought: Sequence[str]) -> int:
    """Return how well a page answers: 0 when a word is missing, more for words in the title."""
    in_title, in_text = words(page.title), words(f"{page.title} {page.words} {page.text}")
    if not all(any(have.startswith(want) for have in in_text) for want in sought):
        return 0
    return sum(20 * any(have.startswith(want) for have in in_title) for want in sought) + sum(
        have.startswith(tuple(sought)) for have in in_text
    )


def _plain(text: str) -> str:
    return " ".join(line.lstrip("#-*> ").replace("**", "").replace("`", "") for line in text.splitlines() if line.strip())


def _place(page: HelpPage) -> tuple[int, str]:
    return (_ORDER.index(page.name) if page.name in _ORDER else len(_ORDER), page.title)
