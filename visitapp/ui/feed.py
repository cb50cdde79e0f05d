"""Carries what the record and the sync loop announce on their threads to the screens on the main thread."""

import weakref
from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot

from visitapp.store.changes import Changes
from visitapp.ui.background import is_here
from visitapp.ui.roles import WhatChanged

_TOGETHER_MS = 100
_Followers = list[tuple[weakref.ref[object], Callable[..., None]]]


class ScreenFeed(QObject):
    """What changed and how sync stands, told to every follower that still exists.

    `changed` and `sync_became` may be called on any thread; they are what the record and the sync loop are given.
    """

    _changed = Signal(object)
    _sync_became = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._following: _Followers = []
        self._following_sync: _Followers = []
        self._sync_state: object | None = None
        self._pending: Changes | None = None
        self._quiet = QTimer(self)
        self._quiet.setSingleShot(True)
        self._quiet.timeout.connect(self._tell_pending)
        self._changed.connect(self._tell, Qt.ConnectionType.QueuedConnection)
        self._sync_became.connect(self._tell_sync, Qt.ConnectionType.QueuedConnection)

    def changed(self, changes: Changes) -> None:
        """Take a commit's changes; from any thread."""
        self._changed.emit(changes)

    def sync_became(self, state: object) -> None:
        """Take a new state of the sync loop; from any thread."""
        self._sync_became.emit(state)

    def follow(self, follower: object, heard: Callable[[WhatChanged], None]) -> None:
        """Call `heard` on the main thread after every commit for as long as the follower lives."""
        self._following.append((weakref.ref(follower), heard))

    def follow_sync(self, follower: object, heard: Callable[[object], None]) -> None:
        """Call `heard` with every new sync state, and at once with the latest one if there is any."""
        self._following_sync.append((weakref.ref(follower), heard))
        if self._sync_state is not None:
            heard(self._sync_state)

    @Slot(object)
    def _tell(self, changes: Changes) -> None:
        # A first sync commits hundreds of times: the first is told at once, what follows closely is told together.
        if self._quiet.isActive():
            self._pending = changes if self._pending is None else self._pending | changes
            return
        self._quiet.start(_TOGETHER_MS)
        _tell_all(self._following, changes)

    @Slot()
    def _tell_pending(self) -> None:
        pending, self._pending = self._pending, None
        if pending is not None:
            self._tell(pending)

    @Slot(object)
    def _tell_sync(self, state: object) -> None:
        self._sync_state = state
        _tell_all(self._following_sync, state)


def _tell_all(followers: _Followers, news: object) -> None:
    for entry in list(followers):
        follower = entry[0]()
        if follower is not None and is_here(follower):
            entry[1](news)
        else:
            followers.remove(entry)
