"""How much of a request is read and how long that may take, how often one may ask, and how often a code may be tried."""

import asyncio
import threading
import time
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from visitapp.protocol.problems import TooLarge

_TRIES: Final = 20
_WINDOW_S: Final = 15 * 60
_MAX_PLACES: Final = 10_000
CHUNK_S: Final = 30.0
"""How long a sender may keep silent in the middle of a body."""
BODY_S: Final = 15 * 60.0
"""How long a whole body may take: 4 MB at 64 kbit/s are eight minutes."""
AT_ONCE: Final = 96 * 1024 * 1024
"""How many bytes of bodies are held at one time, of all requests together."""


class TooSlow(Exception):
    """A body did not come on."""


class TooBusy(Exception):
    """So many bodies are on their way that this one finds no room now."""


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


class Intake:
    """Takes in bodies, each within its limit and time, all together within the memory there is for them."""

    def __init__(self, at_once: int = AT_ONCE, chunk_s: float = CHUNK_S, body_s: float = BODY_S) -> None:
        self._room = at_once
        self._chunk_s = chunk_s
        self._body_s = body_s

    @asynccontextmanager
    async def body(self, chunks: AsyncIterator[bytes], limit: int) -> AsyncIterator[bytes]:
        """A request's body for as long as it is needed. Raises TooLarge, TooSlow, TooBusy."""
        taken = 0

        async def counted() -> AsyncIterator[bytes]:
            nonlocal taken
            async for chunk in self._patiently(chunks):
                if len(chunk) > self._room:
                    raise TooBusy
                self._room -= len(chunk)
                taken += len(chunk)
                yield chunk

        try:
            yield await read_at_most(counted(), limit)
        finally:
            self._room += taken

    async def _patiently(self, chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        clock = asyncio.get_running_loop().time
        ends = clock() + self._body_s
        while True:
            try:
                async with asyncio.timeout(min(self._chunk_s, ends - clock())):
                    chunk = await anext(chunks)
            except StopAsyncIteration:
                return
            except TimeoutError:
                raise TooSlow from None
            yield chunk


class Pace:
    """So many requests a minute for each who asks, and a burst now and then; 0 a minute is without limit."""

    def __init__(self, per_minute: int, burst: int) -> None:
        self._per_s = per_minute / 60
        self._burst = float(burst)
        self._left: dict[str, tuple[float, float]] = {}
        self._lock = threading.Lock()

    def spend(self, who: str) -> int:
        """Takes one request off; answers 0, or how many seconds to wait if there is none left."""
        wait_s = self.wait_s(who)
        if not wait_s:
            self._change(who, -1)
        return wait_s

    def give_back(self, who: str) -> None:
        """A request that was not to be counted."""
        self._change(who, 1)

    def wait_s(self, who: str) -> int:
        """How many seconds to wait before the next request; 0 if it may come now."""
        if not self._per_s:
            return 0
        with self._lock:
            left = self._now(who)
        return 0 if left >= 1 else int((1 - left) / self._per_s) + 1

    def _change(self, who: str, by: int) -> None:
        if self._per_s:
            with self._lock:
                if len(self._left) >= _MAX_PLACES:
                    self._left = {known: self._left[known] for known in self._left if self._now(known) < self._burst}
                    for known in list(self._left)[: len(self._left) - _MAX_PLACES + 1]:
                        del self._left[known]
                self._left[who] = (min(self._burst, self._now(who) + by), time.monotonic())

    def _now(self, who: str) -> float:
        left, at = self._left.get(who, (self._burst, 0.0))
        return min(self._burst, left + (time.monotonic() - at) * self._per_s)


class WrongTries:
    """Counts failed tries, of enrolments or sign-ins, per place they come from or account they name, for a quarter of an hour."""

    def __init__(self, tries: int = _TRIES) -> None:
        self._tries = tries
        self._seen: dict[str, deque[float]] = {}

    def wait_s(self, place: str) -> int:
        """How many seconds the place has to wait before it may try again; 0 if it may now."""
        tries = self._recent(place)
        return 0 if len(tries) < self._tries else max(1, int(tries[0] + _WINDOW_S - time.monotonic()) + 1)

    def note(self, place: str) -> None:
        """Remembers a wrong try."""
        if len(self._seen) >= _MAX_PLACES:
            self._seen = {known: tries for known in list(self._seen) if (tries := self._recent(known))}
        self._seen.setdefault(place, deque()).append(time.monotonic())

    def take_back(self, place: str) -> None:
        """One try less: it was right after all."""
        if tries := self._recent(place):
            tries.pop()

    def _recent(self, place: str) -> deque[float]:
        tries = self._seen.get(place, deque())
        while tries and tries[0] < time.monotonic() - _WINDOW_S:
            tries.popleft()
        return tries
