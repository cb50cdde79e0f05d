"""When a draft is saved: soon after the last key, never long after the first, and at once when a field is left."""

from collections.abc import Callable
from typing import Protocol

QUIET_MS = 300
LONGEST_MS = 1000


class Later(Protocol):
    """Something that calls a function once after a while and gives a way to call it off."""

    def __call__(self, delay_ms: int, call: Callable[[], None], /) -> Callable[[], None]: ...


class Autosave:
    """Decides the moment of each save; it holds no text itself.

    `save` begins a save and must not block; its owner reports back with `saved` or `failed`. A save may begin while another is
    under way: the record lane keeps their order, and a screen that is left must not wait for its last words to be taken.
    """

    def __init__(self, later: Later, now_ms: Callable[[], int], save: Callable[[], None]) -> None:
        self._later = later
        self._now_ms = now_ms
        self._save = save
        self._first_unsaved_ms: int | None = None
        self._call_off: Callable[[], None] | None = None
        self._running = 0

    @property
    def is_clean(self) -> bool:
        """Whether everything handed in has reached the record."""
        return self._first_unsaved_ms is None and not self._running

    def touch(self) -> None:
        """Something was typed or chosen."""
        now = self._now_ms()
        if self._first_unsaved_ms is None:
            self._first_unsaved_ms = now
        self._stop_waiting()
        waited = now - self._first_unsaved_ms
        self._call_off = self._later(max(0, min(QUIET_MS, LONGEST_MS - waited)), self._begin)

    def flush(self) -> None:
        """A field, a step or the screen is being left: whatever is unsaved is saved now."""
        if self._first_unsaved_ms is not None:
            self._stop_waiting()
            self._begin()

    def saved(self) -> None:
        """A save reached the record."""
        self._running = max(0, self._running - 1)

    def failed(self) -> None:
        """A save did not reach the record: its answers stay unsaved and are tried again after the longest wait."""
        self.saved()
        if self._first_unsaved_ms is None:
            self._first_unsaved_ms = self._now_ms()
        self._stop_waiting()
        self._call_off = self._later(LONGEST_MS, self._begin)

    def stop(self) -> None:
        """No more saves: the draft was signed or discarded."""
        self._stop_waiting()
        self._first_unsaved_ms = None

    def _begin(self) -> None:
        self._call_off = None
        self._first_unsaved_ms = None
        self._running += 1
        self._save()

    def _stop_waiting(self) -> None:
        if self._call_off is not None:
            self._call_off()
            self._call_off = None
