"""Keeps the status bar true: counts after every commit, the state of the loop as it changes. No Qt."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Protocol

from visitapp.store.rows import SyncCounts
from visitapp.sync.state import SyncState
from visitapp.ui.roles import Feed, Lanes, WhatChanged
from visitapp.ui.sync.sentence import sentence


class StatusShows(Protocol):
    """What the frame offers."""

    def show_sync(self, sentence: str, icon: str = "", tone: str = "") -> None:
        """Show the one sentence."""

    def show_count(self, screen: str, count: int) -> None:
        """Show how many things wait on a screen."""

    def tell(self, words: str) -> None:
        """Say something short."""


class SyncStatus:
    """Follows record and sync loop for the frame."""

    def __init__(
        self,
        frame: StatusShows,
        *,
        load: Callable[[], SyncCounts],
        names: Callable[[], Mapping[str, str]],
        now: Callable[[], datetime],
        practice: bool,
        lanes: Lanes,
        feed: Feed,
    ) -> None:
        self._frame = frame
        self._load = load
        self._names = names
        self._held: Mapping[str, str] = {}
        self._now = now
        self._practice = practice
        self._lanes = lanes
        self._counts: SyncCounts | None = None
        self._state: SyncState | None = None
        feed.follow(frame, self._changed)
        feed.follow_sync(frame, self._became)
        self._reload()
        self._look_who_is_held()

    def show(self) -> None:
        """Say it anew: "10:42" becomes "yesterday 10:42" without anything having happened."""
        if self._counts is None:
            return
        said = sentence(self._state, self._counts, self._now(), practice=self._practice)
        self._frame.show_sync(said.words, said.icon, said.tone)
        self._frame.show_count("sync", self._counts.attention)

    def _changed(self, changes: WhatChanged) -> None:
        self._reload()
        if "family" in changes.kinds or "caseload" in changes.kinds:
            self._look_who_is_held()

    def _look_who_is_held(self) -> None:
        self._lanes.on_record(self._frame, self._names, self._have_looked)

    def _have_looked(self, held: Mapping[str, str]) -> None:
        # A family that has gone is named only while the window remembers it: this laptop keeps nothing of it.
        gone = sorted(name for family, name in self._held.items() if family not in held)
        self._held = held
        if gone:
            has = "have" if len(gone) > 1 else "has"
            self._frame.tell(f"{', '.join(gone)} {has} left your caseload. What you signed is with your service.")

    def _became(self, state: object) -> None:
        self._state = state  # type: ignore[assignment]
        self._reload()

    def _reload(self) -> None:
        self._lanes.on_record(self._frame, self._load, self._loaded)

    def _loaded(self, counts: SyncCounts) -> None:
        self._counts = counts
        self.show()
