"""How much goes into one request or answer: as much as the line carries in a moment, so that a line that breaks wastes little."""

from typing import Final

_MOMENT_S: Final = 1.5
_START: Final = 128 * 1024
_LEAST: Final = 16 * 1024
_MOST: Final = 8 * 1024 * 1024
_GROWTH: Final = 8


class Pace:
    """What one direction of a line has shown that it carries; lasts as long as the connection's owner.

    A first sync over 64 kbit/s that is cut every 20 seconds ends because of it: pages of a megabyte would start again for ever.
    """

    def __init__(self) -> None:
        self.bytes = _START

    def took(self, size: int, seconds: float) -> None:
        """Learn from `size` bytes of bodies that were there after so long. What was small tells nothing, unless it was slow."""
        if size < self.bytes // 2 and seconds < _MOMENT_S:
            return
        fits = int(size * _MOMENT_S / max(seconds, 0.001))
        self.bytes = max(_LEAST, min(fits, self.bytes * _GROWTH, _MOST))

    def broke(self) -> None:
        """The line broke under what was on its way."""
        self.bytes = max(_LEAST, self.bytes // 4)
