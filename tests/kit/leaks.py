"""Looks for what must not lie in clear: words in five encodings, in every file below some folders."""

import base64
from collections.abc import Iterator
from pathlib import Path


def encodings_of(words: str) -> tuple[bytes, ...]:
    """Return a text as UTF-8, UTF-16LE, hex, base64 (at each of three offsets) and JSON-escaped bytes."""
    raw = words.encode()
    inner = [base64.b64encode(b"x" * offset + raw)[4:-4] for offset in range(3)]
    escaped = words.encode("ascii", "backslashreplace")
    return tuple(dict.fromkeys((raw, words.encode("utf-16-le"), raw.hex().encode(), *inner, escaped)))


def files_below(*folders: Path) -> Iterator[Path]:
    """Yield every regular file below the folders."""
    for folder in folders:
        for path in folder.rglob("*"):
            if path.is_file() and not path.is_symlink():
                yield path
