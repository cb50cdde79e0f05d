"""Keeps None, True and False alive under PySide6 6.12 on Python 3.10 and 3.11."""

import ctypes
import sys

_IMMORTAL_FROM = (3, 12)
_FAR_FROM_NOTHING = 1 << 40
"""More references than a process can drop in years of work; half of it is still far from nothing."""


def keep_singletons() -> None:
    """Raise the reference counts of None, True and False so far that they never reach nothing.

    PySide6 6.12.0 drops one reference to None with each call that returns nothing (`setText`) and one to True with each
    `emit`. From Python 3.12 these objects cannot die; on 3.11 the interpreter aborts after some minutes of clicking
    ("none_dealloc: deallocating None"). Calling this again, or under a PySide6 that is mended, does no harm.
    """
    if sys.version_info >= _IMMORTAL_FROM or sys.implementation.name != "cpython":
        return
    for single in (None, True, False):
        count = ctypes.c_ssize_t.from_address(id(single))
        if count.value < _FAR_FROM_NOTHING // 2:
            count.value += _FAR_FROM_NOTHING
