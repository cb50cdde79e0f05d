"""What the process forbids itself at its start: core dumps, being read by others, temporary files elsewhere."""

import ctypes
import os
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

_PLATFORM: str = sys.platform
_PR_SET_DUMPABLE = 4
_PT_DENY_ATTACH = 31
_SEM_FAILCRITICALERRORS = 0x0001
_SEM_NOGPFAULTERRORBOX = 0x0002


@dataclass(frozen=True)
class Hardening:
    """What was achieved; a system that refuses is no reason not to start."""

    has_no_core_dumps: bool
    is_closed_to_others: bool


def harden() -> Hardening:
    """Switch off core dumps and, where the system can, reading this process's memory by the same user's others.

    An `exec` undoes the latter, so every start calls this again. Root and a debugger of the system are not kept out.
    """
    return Hardening(_without_core_dumps(), _closed_to_others())


def keep_temporary_files_in(folder: Path) -> None:
    """Point libraries that insist on temporary files to a folder of the program's own, and empty it of leftovers."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for left in folder.iterdir():
        if left.is_file() or left.is_symlink():
            left.unlink()
    for variable in ("TMPDIR", "TEMP", "TMP"):
        os.environ[variable] = str(folder)
    tempfile.tempdir = str(folder)


def _without_core_dumps() -> bool:
    if _PLATFORM == "win32":
        # Windows Error Reporting writes the dump; without its box it is not asked.
        windows = getattr(ctypes, "windll")  # noqa: B009 - other platforms' ctypes have no such name to type-check
        windows.kernel32.SetErrorMode(_SEM_FAILCRITICALERRORS | _SEM_NOGPFAULTERRORBOX)
        return True
    import resource

    try:
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    except (OSError, ValueError):
        return False
    return resource.getrlimit(resource.RLIMIT_CORE) == (0, 0)


def _closed_to_others() -> bool:
    try:
        library = ctypes.CDLL(None, use_errno=True)
        if _PLATFORM == "linux":
            return int(library.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)) == 0
        if _PLATFORM == "darwin":
            return int(library.ptrace(_PT_DENY_ATTACH, 0, 0, 0)) == 0
    except (AttributeError, OSError, TypeError):
        # Windows has neither call, nor a library of this name.
        return False
    return False
