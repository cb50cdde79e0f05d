"""What a presenter may ask of its surroundings, described without Qt."""

from collections.abc import Callable, Collection
from typing import Protocol, TypeVar

from visitapp.domain.problems import Problem

T = TypeVar("T")


class Lanes(Protocol):
    """Where work goes that must not hold up the window; outcomes come back on the main thread."""

    def on_record(
        self,
        asker: object,
        work: Callable[[], T],
        done: Callable[[T], None],
        failed: Callable[[Problem], None] | None = None,
    ) -> None:
        """Run work on the one record thread, in the order asked; drop the outcome if the asker has gone."""

    def slowly(
        self,
        asker: object,
        work: Callable[[], T],
        done: Callable[[T], None],
        failed: Callable[[Problem], None] | None = None,
    ) -> None:
        """Run work that leaves the record alone (a PDF, a backup) on one of a few other threads."""


class WhatChanged(Protocol):
    """What a committed transaction touched, as the store announces it."""

    @property
    def families(self) -> Collection[str]:
        """Ids of the families touched."""

    @property
    def visits(self) -> Collection[str]:
        """Ids of the visits touched, signed or not."""

    @property
    def kinds(self) -> Collection[str]:
        """Kinds of record touched."""


class Feed(Protocol):
    """Tells screens what changed in the record, on the main thread."""

    def follow(self, follower: object, heard: Callable[[WhatChanged], None]) -> None:
        """Call `heard` after every commit for as long as the follower lives."""

    def follow_sync(self, follower: object, heard: Callable[[object], None]) -> None:
        """Call `heard` with every new state of the sync loop, and at once with the latest."""


class Navigate(Protocol):
    """Takes the user to another screen."""

    def __call__(self, screen: str, argument: str = "") -> None:
        """Show a screen by its name; the argument is usually the id of what it should show."""


class Notices(Protocol):
    """Says something short without taking the user's place on the screen."""

    def tell(self, words: str, undo: Callable[[], None] | None = None) -> None:
        """Show a line for a few seconds, with an Undo button where something can be undone."""

    def problem(self, problem: Problem) -> None:
        """Say what happened, what is safe, and what to do; stays until it is put away."""
