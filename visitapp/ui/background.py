"""Carries work to a thread and its outcome back to the main thread: one lane for the record, one for slow work."""

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

import shiboken6
from PySide6.QtCore import QObject, Qt, Signal, Slot

from visitapp.domain.problems import Problem

T = TypeVar("T")
_SLOW_THREADS = 2
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Outcome:
    asker: object
    told: Callable[[Any], None]
    value: Any


class BackgroundLanes(QObject):
    """The two lanes; one long-lived object through which every outcome returns by a queued signal.

    `problem_met` carries a Problem nobody asked to hear of; `bug_met` carries any other exception.
    """

    problem_met = Signal(object)
    bug_met = Signal(object)
    busy_changed = Signal(bool)
    _returned = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        # One thread, so that what a screen asks of the record happens in the order it asked.
        self._record = ThreadPoolExecutor(1, thread_name_prefix="record")
        self._slow = ThreadPoolExecutor(_SLOW_THREADS, thread_name_prefix="slow")
        self._open = True
        self._waiting = 0
        self._returned.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    def on_record(
        self,
        asker: object,
        work: Callable[[], T],
        done: Callable[[T], None],
        failed: Callable[[Problem], None] | None = None,
    ) -> None:
        """Run work on the record lane."""
        self._ask(self._record, asker, work, done, failed)

    def slowly(
        self,
        asker: object,
        work: Callable[[], T],
        done: Callable[[T], None],
        failed: Callable[[Problem], None] | None = None,
    ) -> None:
        """Run work on the slow lane; it must leave the record alone."""
        self._ask(self._slow, asker, work, done, failed)

    @property
    def is_idle(self) -> bool:
        """Whether nothing is under way and every outcome has been delivered."""
        return self._waiting == 0

    def close(self) -> None:
        """Finish what was asked of the record, drop slow work that has not begun, and take no more."""
        self._open = False
        self._slow.shutdown(wait=True, cancel_futures=True)
        self._record.shutdown(wait=True)

    def _ask(
        self,
        lane: ThreadPoolExecutor,
        asker: object,
        work: Callable[[], T],
        done: Callable[[T], None],
        failed: Callable[[Problem], None] | None,
    ) -> None:
        if not self._open:
            return

        def run() -> None:
            try:
                outcome = _Outcome(asker, done, work())
            except Problem as problem:
                outcome = _Outcome(asker, failed or self.problem_met.emit, problem)
            except Exception as bug:  # noqa: BLE001 - a bug on a thread goes to the crash dialog
                outcome = _Outcome(self, self.bug_met.emit, bug)
            self._returned.emit(outcome)

        self._waiting += 1
        if self._waiting == 1:
            self.busy_changed.emit(True)
        lane.submit(run)

    @Slot(object)
    def _deliver(self, outcome: _Outcome) -> None:
        self._waiting -= 1
        if self._waiting == 0:
            self.busy_changed.emit(False)
        if not is_here(outcome.asker):
            log.debug("outcome dropped: the screen that asked has gone")
            return
        outcome.told(outcome.value)


def is_here(asker: object) -> bool:
    """Tell whether the one who asked still exists: a Qt object whose C++ half is gone must not be touched."""
    return not isinstance(asker, QObject) or shiboken6.isValid(asker)
