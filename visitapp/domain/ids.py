"""Identifiers: UUIDv7 strings made on the device, each kind its own type."""

import os
import threading
import uuid
from collections.abc import Callable
from typing import NewType

from visitapp.domain.clock import Clock

RecordId = NewType("RecordId", str)
FamilyId = NewType("FamilyId", str)
PersonId = NewType("PersonId", str)
VisitId = NewType("VisitId", str)
PartId = NewType("PartId", str)
UserId = NewType("UserId", str)
TeamId = NewType("TeamId", str)
DeviceId = NewType("DeviceId", str)
OpId = NewType("OpId", str)


def new_id(now_ms: int, random: bytes) -> str:
    """Return a UUIDv7 (RFC 9562): 48 bits of Unix time in milliseconds, then 74 random bits.

    `random` is at least 10 bytes; only the first 10 are used.
    """
    value = (now_ms & ((1 << 48) - 1)) << 80 | int.from_bytes(random[:10], "big")
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return str(uuid.UUID(int=value))


class Ids:
    """A source of new ids, each greater than the last one of this process even when the clock stands still or jumps back."""

    def __init__(self, clock: Clock, random: Callable[[int], bytes] = os.urandom) -> None:
        self._clock = clock
        self._random = random
        self._last = 0
        self._lock = threading.Lock()

    def __call__(self) -> str:
        """Return a new UUIDv7 string."""
        made = uuid.UUID(new_id(int(self._clock.now().timestamp() * 1000), self._random(10))).int
        with self._lock:
            self._last = made if made > self._last else self._last + 1
            return str(uuid.UUID(int=self._last))


def is_id(text: object) -> bool:
    """Tell whether `text` is a UUID in its usual lower-case, dashed form."""
    if not isinstance(text, str) or len(text) != 36:
        return False
    try:
        return str(uuid.UUID(text)) == text
    except ValueError:
        return False
