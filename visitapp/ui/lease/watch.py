"""Judges the lease while a window is open: warns in it, and says when less or more may be shown. No Qt."""

from collections.abc import Callable
from typing import Final, Protocol

from visitapp.actions.offline import standing_of
from visitapp.actions.session import Desk
from visitapp.ui.lease.presenter import warning
from visitapp.ui.roles import Lanes
from visitapp.vault.lease import Leave, Standing

_RANK: Final = {Leave.FREE: 0, Leave.WARN: 0, Leave.WRITE_ONLY: 1, Leave.SEALED: 2}


class Warns(Protocol):
    """What the window offers."""

    def show_warning(self, words: str) -> None:
        """Show what should be known soon."""


class LeaseWatch:
    """Asked each minute and after each exchange; `lost` and `regained` are told what may be done from now on."""

    def __init__(
        self, window: Warns, desk: Desk, lanes: Lanes, lost: Callable[[Leave], None], regained: Callable[[Leave], None]
    ) -> None:
        self._window = window
        self._desk = desk
        self._lanes = lanes
        self._lost = lost
        self._regained = regained

    def judge(self) -> None:
        """Judge on the record's lane."""
        self._lanes.on_record(self._window, lambda: standing_of(self._desk), self._judged)

    def _judged(self, standing: Standing) -> None:
        self._window.show_warning(warning(standing))
        before, after = _RANK[self._desk.leave], _RANK[standing.leave]
        if after > before:
            self._lost(standing.leave)
        elif after < before:
            self._regained(standing.leave)
