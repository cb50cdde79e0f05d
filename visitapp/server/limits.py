"""How much of a request is read, and how often a code may be tried."""

import time
from collections import deque
from collections.abc import AsyncIterator
from typing import Final

from visitapp.protocol.problems import TooLarge

_TRIES: Final = 20
_WINDOW_S: Final = 15 * 60
_MAX_PLACES: Final = 10_000


async def read_at_most(chunks: AsyncIterator[bytes], limit: int) -> bytes:
    """A request's body, given up as soon as it is longer than `limit` bytes. Raises TooLarge."""
    parts: list[bytes] = []
    size = 0
    async for chunk in chunks:
        size += len(chunk)
        if size > limit:
            raise TooLarge(limit=limit)
        parts.append(chunk)
    return b"".join(parts)


class WrongTries:
    """Counts failed enrolments per place they come from, for a quarter of an hour."""

    def __init__(self) -> None:
        self._seen: dict[str, deque[float]] = {}

    def wait_s(self, place: str) -> int:
        """How many seconds the place has to wait before it may try again; 0 if it may now."""
        tries = self._recent(place)
        return 0 if len(tries) < _TRIES else max(1, int(tries[0] + _WINDOW_S - time.monotonic()) + 1)

    def note(self, place: str) -> None:
        """Remembers a wrong try."""
        if len(self._seen) >= _MAX_PLACES:
            self._seen = {known: tries for known in list(self._seen) if (tries := self._recent(known))}
        self._seen.setdefault(place, deque()).append(time.monotonic())

    def _recent(self, place: str) -> deque[float]:
        tries = self._seen.get(place, deque())
        while tries and tries[0] < time.monotonic() - _WINDOW_S:
            tries.popleft()
        return tries
