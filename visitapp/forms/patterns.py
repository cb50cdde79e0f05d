"""Regular expressions from questionnaires, matched within a time limit: their authors aren't to be trusted with it."""

from functools import lru_cache

import regex  # type: ignore[import-untyped]

MAX_PATTERN = 2000
TIMEOUT_S = 0.1


class BadPattern(ValueError):
    """The expression can't be used."""


class PatternTimeout(Exception):
    """Matching took too long."""


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> "regex.Pattern[str] | None":
    if len(pattern) > MAX_PATTERN:
        return None
    try:
        return regex.compile(pattern)
    except (regex.error, RecursionError, OverflowError, MemoryError):
        return None


def is_usable(pattern: str) -> bool:
    """Whether the expression can be read."""
    return _compiled(pattern) is not None


def matches(pattern: str, text: str) -> bool:
    """Whether the whole text matches; raises `BadPattern` or `PatternTimeout`."""
    compiled = _compiled(pattern)
    if compiled is None:
        raise BadPattern
    try:
        return compiled.fullmatch(text, timeout=TIMEOUT_S) is not None
    except TimeoutError:
        raise PatternTimeout from None


def occurs(pattern: str, text: str) -> bool:
    """Whether any part of the text matches; raises `BadPattern` or `PatternTimeout`."""
    compiled = _compiled(pattern)
    if compiled is None:
        raise BadPattern
    try:
        return compiled.search(text, timeout=TIMEOUT_S) is not None
    except TimeoutError:
        raise PatternTimeout from None


def replaced(pattern: str, text: str, by: str) -> str:
    """The text with every match replaced, `$1` for a group; raises `BadPattern` or `PatternTimeout`."""
    compiled = _compiled(pattern)
    if compiled is None:
        raise BadPattern
    try:
        return str(compiled.sub(regex.sub(r"\$(\d+)", r"\\\1", by), text, timeout=TIMEOUT_S))
    except TimeoutError:
        raise PatternTimeout from None
    except (regex.error, IndexError):
        raise BadPattern from None
