"""A log that helps to mend the program and tells nobody anything about a family.

A line holds the time, the level, the place in the program, the literal message and numbers. Texts that were passed in
are withheld, whatever they are; an exception is told by its type and the lines it passed through, never by its message,
because databases and PDF libraries quote whole notes in theirs.
"""

import logging
import os
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path
from types import TracebackType

WITHHELD = "(withheld)"
OWN = "visitapp"
_KEEP_BYTES = 512 * 1024
_KEEP_FILES = 2
_MOST_FRAMES = 20


def redacted(value: object) -> object:
    """Return a value as the log may show it: numbers and our own named constants as they are, all else withheld."""
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, Enum) and type(value).__module__.startswith(OWN):
        return value.name
    if isinstance(value, type):
        return value.__name__
    return WITHHELD


def frames(trace: TracebackType | None) -> list[str]:
    """Return the lines an exception passed through as `file:line function`, without folders that name a user."""
    found = []
    while trace is not None:
        place = trace.tb_frame.f_code
        parts = Path(place.co_filename).parts
        start = parts.index(OWN) if OWN in parts else max(0, len(parts) - 2)
        found.append(f"{'/'.join(parts[start:])}:{trace.tb_lineno} {place.co_name}")
        trace = trace.tb_next
    return found[-_MOST_FRAMES:]


class RedactingFormatter(logging.Formatter):
    """Formats a record from literal message, numbers and places alone."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line (and the frames of an exception below it)."""
        at = datetime.fromtimestamp(record.created, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
        lines = [f"{at} {record.levelname} {record.name}:{record.lineno} {self._message(record)}"]
        error = record.exc_info[1] if record.exc_info else None
        while error is not None:
            lines.append(f"  {type(error).__module__}.{type(error).__name__}")
            lines += [f"    {frame}" for frame in frames(error.__traceback__)]
            error = error.__cause__ or error.__context__
        return "\n".join(lines)

    def _message(self, record: logging.LogRecord) -> str:
        if record.name.split(".")[0] != OWN or not isinstance(record.msg, str):
            # Other people's libraries put what they please into their messages.
            return WITHHELD
        arguments = record.args
        try:
            if isinstance(arguments, Mapping):
                return record.msg % {key: redacted(value) for key, value in arguments.items()}
            return record.msg % tuple(map(redacted, arguments)) if arguments else record.msg
        except (TypeError, ValueError):
            # A number was asked for and a text was withheld: the message alone still says where.
            return record.msg


class RotatingFile(logging.Handler):
    """A small rotating file that is opened with the first record: what rotates it brings sockets and pickles along."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path
        self._file: logging.Handler | None = None

    def emit(self, record: logging.LogRecord) -> None:
        """Write a record."""
        if self._file is None:
            from logging.handlers import RotatingFileHandler

            self._file = RotatingFileHandler(
                self._path, maxBytes=_KEEP_BYTES, backupCount=_KEEP_FILES, encoding="utf-8", delay=True
            )
            self._file.setFormatter(self.formatter)
        self._file.emit(record)

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()
        super().close()


def start_logging(path: Path | None, *, level: int = logging.INFO, to_terminal: bool = False) -> logging.Handler | None:
    """Send every logger's records to a small rotating file that only its owner may read; returns its handler.

    Without a path (or where it cannot be written) there is no file; `to_terminal` adds standard error.
    """
    root = logging.getLogger()
    root.setLevel(level)
    formatter = RedactingFormatter()
    if to_terminal:
        terminal = logging.StreamHandler(sys.stderr)
        terminal.setFormatter(formatter)
        root.addHandler(terminal)
    if path is None:
        return None
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600))
    except OSError:
        return None
    handler = RotatingFile(path)
    handler.setFormatter(formatter)
    root.addHandler(handler)
    return handler
