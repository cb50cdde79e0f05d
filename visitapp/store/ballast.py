"""A file that is there to be given up: on a full disk its room lets the record come to rest and the last words be saved."""

import os
import shutil
from contextlib import suppress
from pathlib import Path
from typing import Final

BYTES: Final = 1024 * 1024
_NAME: Final = "ballast"
_ROOM_LEFT: Final = 16 * BYTES


def ballast_of(record_path: Path) -> Path:
    """Where the ballast of a record lies: on the same disk."""
    return record_path.parent / _NAME


def lay(record_path: Path) -> bool:
    """Take up the ballast's room while there is plenty; True if it lies there afterwards. Done at each unlock."""
    path = ballast_of(record_path)
    with suppress(OSError):
        if path.exists() and path.stat().st_size == BYTES:
            return True
        if shutil.disk_usage(record_path.parent).free < _ROOM_LEFT:
            return False
        # Bytes of chance: a file system that compresses would keep no room for zeroes.
        with path.open("wb") as file:
            file.write(os.urandom(BYTES))
            file.flush()
            os.fsync(file.fileno())
        return True
    throw_off(record_path)
    return False


def throw_off(record_path: Path) -> bool:
    """Give the ballast's room back to the disk; True if there was any."""
    try:
        ballast_of(record_path).unlink()
    except OSError:
        return False
    return True
