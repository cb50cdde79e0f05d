"""Regular expressions from questionnaires, matched within a time limit: their authors aren't to be trusted with it."""

import re
from functools import lru_cache

import regex  # type: ignore[import-untyped]

MAX_PATTERN = 2000
MAX_EXPANDED = 20_000
TIMEOUT_S = 0.1
_PIECES = re.compile(r"\\.|\[(?:\\.|[^\]\\])*\]|\{\d+(?:,\d*)?\}|.", re.DOTALL)


class BadPattern(ValueError):
    """The expression can't be used."""


class PatternTimeout(Exception):
    """Matching took too long."""


def _expanded(pattern: str) -> int:
    """About how long the pattern is with its counted repeats written out, as the compiler does."""
    lengths = [0]
    last = 0
    for piece in _PIECES.findall(pattern):
        if piece == "(":
            lengths.append(0)
            last = 0
        elif piece == ")" and len(lengths) > 1:
            last = lengths.pop()
            lengths[-1] += last
        elif piece[0] == "{" and len(piece) > 1:
            times = max(int(count) for count in piece[1:-1].split(",") if count)
            lengths[-1] += last * (min(times, MAX_EXPANDED) - 1)
            last *= min(times, MAX_EXPANDED)
        elif piece not in "*+?":
            last = 1
            lengths[-1] += 1
        if lengths[-1] > MAX_EXPANDED:
            return lengths[-1]
    return sum(lengths)


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> "regex.Pattern[str] | None":
    if len(pattern) > MAX_PATTERN or _expanded(pattern) > MAX_EXPANDED:
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
