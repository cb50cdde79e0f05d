"""What the tests of screens share: the theme, lanes that answer at once, and a record of where the user was taken."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication, QMainWindow

from tests.kit.desks import a_desk
from tests.kit.hands import Hands
from visitapp.actions.session import Desk
from visitapp.domain.problems import Problem
from visitapp.ui import fonts, theme
from visitapp.ui.background import BackgroundLanes

RESOURCES = Path(__file__).parents[3] / "resources"


class LanesAtOnce:
    """Runs work where it stands, so that a presenter can be tested without threads."""

    def on_record(
        self,
        asker: object,
        work: Callable[[], Any],
        done: Callable[[Any], None],
        failed: Callable[[Problem], None] | None = None,
    ) -> None:
        try:
            value = work()
        except Problem as problem:
            if failed is None:
                raise
            failed(problem)
        else:
            done(value)

    slowly = on_record


class FeedByHand:
    """A feed that tells its followers what the test says."""

    def __init__(self) -> None:
        self.followers: list[Callable[[Any], None]] = []
        self.sync_followers: list[Callable[[Any], None]] = []

    def follow(self, follower: object, heard: Callable[[Any], None]) -> None:
        self.followers.append(heard)

    def follow_sync(self, follower: object, heard: Callable[[Any], None]) -> None:
        self.sync_followers.append(heard)

    def tell(self, changes: object) -> None:
        for heard in self.followers:
            heard(changes)

    def tell_sync(self, state: object) -> None:
        for heard in self.sync_followers:
            heard(state)


class Told:
    """Remembers what was said and where the user was taken."""

    def __init__(self) -> None:
        self.places: list[tuple[str, str]] = []
        self.words: list[str] = []
        self.problems: list[Problem] = []
        self.undo: Callable[[], None] | None = None

    def __call__(self, screen: str, argument: str = "") -> None:
        self.places.append((screen, argument))

    def tell(self, words: str, undo: Callable[[], None] | None = None) -> None:
        self.words.append(words)
        self.undo = undo

    def problem(self, problem: Problem) -> None:
        self.problems.append(problem)


@pytest.fixture
def lanes() -> LanesAtOnce:
    return LanesAtOnce()


@pytest.fixture
def feed() -> FeedByHand:
    return FeedByHand()


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
def dressed(qapp: QApplication) -> QApplication:
    """The application with typefaces and the light theme."""
    assert not fonts.load()
    theme.apply(qapp, theme.load_theme(RESOURCES / "themes" / "light.json"))
    return qapp


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """A nurse's desk on a real record."""
    made = a_desk(tmp_path)
    yield made
    made.record.close()


@pytest.fixture
def hands(dressed: QApplication) -> Iterator[Hands]:
    """A window that is worked by keys, with real lanes."""
    lanes = BackgroundLanes()
    window = QMainWindow()
    window.resize(1180, 700)
    yield Hands(window, lanes)
    lanes.close()
    window.close()
    window.deleteLater()
