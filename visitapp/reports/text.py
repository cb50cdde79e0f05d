"""Text in any script, broken into lines of glyph runs in the order they are drawn.

Latin, Greek and Cyrillic are drawn character by character; a run that needs it (Arabic, Devanagari, Tamil, a combining
mark) is shaped. Lines with right-to-left text are ordered by the Unicode bidirectional algorithm of python-bidi.
"""

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from bidi import algorithm as bidi

from visitapp.reports.fonts import Face, Glyph, Shelf, Style, shelf

_BREAKS = dict.fromkeys(map(ord, "\r\x0b\x0c\x85\u2028\u2029"), "\n")
_STRONG_RTL = frozenset({"R", "AL", "AN", "RLE", "RLO", "RLI"})
_BREAK_AFTER = frozenset("/–—")
"""Not the hyphen: readers join a word broken at one and drop the hyphen with it."""
_ISOLATES = frozenset({"LRI", "RLI", "FSI", "PDI"})
_JOINERS = frozenset("\u200c\u200d")
_LONGEST_WORD = 400
"""Characters of a word without a space that are measured at once; a longer one is cut, so that a line never starves."""


@dataclass(frozen=True, slots=True)
class Run:
    """Glyphs of one face, drawn from left to right, and the text they stand for in reading order."""

    face: Face
    text: str
    glyphs: tuple[Glyph, ...]
    width: int
    level: int
    shaped: bool


@dataclass(frozen=True, slots=True)
class TextLine:
    """One line: its runs in drawing order, its width in thousandths of an em, and its reading direction."""

    runs: tuple[Run, ...]
    width: int
    right_to_left: bool
    text: str


@dataclass(frozen=True, slots=True)
class _Piece:
    """What is never parted by a line break: the runs of a word in reading order, or the spaces after one."""

    runs: tuple[Run, ...]
    width: int
    is_space: bool


def clean(text: str) -> str:
    """`text` as it can be printed: one kind of line break, U+FFFD for what no page can show (NUL, lone surrogates)."""
    if text.isascii() and text.isprintable():
        return text
    text = text.replace("\r\n", "\n").translate(_BREAKS).replace("\t", " ")
    return "".join("\ufffd" if unicodedata.category(c) in ("Cc", "Cs") and c != "\n" else c for c in text)


def unprintable(text: str) -> frozenset[str]:
    """The characters of `text` that none of the installed faces can draw."""
    regular = shelf(Style.REGULAR)
    return frozenset(c for c in set(clean(text)) if not c.isspace() and not _is_invisible(c) and not regular.has(c))


def is_right_to_left(text: str) -> bool:
    """Whether the first letter with a direction reads from the right."""
    for char in text:
        direction = unicodedata.bidirectional(char)
        if direction in ("R", "AL"):
            return True
        if direction == "L":
            return False
    return False


def break_lines(text: str, style: Style, size: float, width: float) -> tuple[TextLine, ...]:
    """The lines of `text` set in `size` points within `width` points; line breaks in the text are kept."""
    limit = max(1, int(width * 1000 / size))
    lines: list[TextLine] = []
    for paragraph in clean(text).split("\n"):
        lines.extend(_paragraph_lines(paragraph, shelf(style), limit))
    return tuple(lines)


def text_width(text: str, style: Style, size: float) -> float:
    """The width of `text` on one line, in points."""
    lines = break_lines(text, style, size, 1e6)
    return max((line.width for line in lines), default=0) * size / 1000


def _paragraph_lines(paragraph: str, faces: Shelf, limit: int) -> Iterator[TextLine]:
    base = 1 if is_right_to_left(paragraph) else 0
    pieces: list[_Piece] = []
    used = 0
    for piece in _pieces(paragraph, faces, base):
        if piece.is_space:
            pieces.append(piece)
            used += piece.width
            continue
        for part in _fitting(piece, limit):
            if used + part.width > limit and any(not p.is_space for p in pieces):
                yield _line(pieces, faces, base)
                pieces, used = [], 0
            pieces.append(part)
            used += part.width
    yield _line(pieces, faces, base)


def _line(pieces: Sequence[_Piece], faces: Shelf, base: int) -> TextLine:
    kept = list(pieces)
    while kept and kept[-1].is_space:
        kept.pop()
    runs = [run for piece in kept for run in piece.runs]
    text = "".join(run.text for run in runs)
    width = sum(run.width for run in runs)
    drawn = _drawing_order(runs)
    if drawn and not base:
        # Heard, not seen: without a space at the end a screen reader joins the last word to the next line's first.
        drawn = [*drawn, *_runs(" ", faces, 0)]
    return TextLine(tuple(drawn), width, base == 1, text)


def _drawing_order(runs: list[Run]) -> list[Run]:
    """Rule L2 of the bidirectional algorithm on whole runs: from the highest level down, turn what is at least that."""
    highest = max((run.level for run in runs), default=0)
    for level in range(highest, 0, -1):
        start = 0
        while start < len(runs):
            end = start
            while end < len(runs) and runs[end].level >= level:
                end += 1
            runs[start:end] = runs[start:end][::-1]
            start = max(end, start + 1)
    return runs


def _pieces(paragraph: str, faces: Shelf, base: int) -> Iterator[_Piece]:
    if not paragraph:
        return
    levels = _levels(paragraph, base)
    start = 0
    for end in range(1, len(paragraph) + 1):
        if end < len(paragraph) and not _may_part(paragraph, end, start):
            continue
        word = paragraph[start:end]
        runs = _runs(word, faces, 0) if levels is None else _runs_by_level(word, levels[start:end], faces)
        yield _Piece(runs, sum(run.width for run in runs), word.isspace() and "\u00a0" not in word)
        start = end


def _may_part(text: str, at: int, start: int) -> bool:
    before, after = text[at - 1], text[at]
    if (before == " ") != (after == " "):
        return True
    if at - start >= _LONGEST_WORD:
        return not _needs_shaping(after)
    return before in _BREAK_AFTER and after not in _BREAK_AFTER and after.isalpha() and at - start > 2


def _fitting(piece: _Piece, limit: int) -> Iterator[_Piece]:
    """`piece` whole if it fits on a line, else cut into as few parts as do."""
    if piece.width <= limit:
        yield piece
        return
    part: list[Run] = []
    used = 0
    for run in piece.runs:
        for cut in _cut_run(run, limit):
            if part and used + cut.width > limit:
                yield _Piece(tuple(part), used, is_space=False)
                part, used = [], 0
            part.append(cut)
            used += cut.width
    if part:
        yield _Piece(tuple(part), used, is_space=False)


def _cut_run(run: Run, limit: int) -> Iterator[Run]:
    if run.width <= limit:
        yield run
        return
    start = 0
    while start < len(run.text):
        end = start + 1
        used = 0
        while end <= len(run.text):
            grown = (
                _run(run.text[start:end], run.face, run.level, run.shaped).width
                if run.shaped
                else (used + run.face.plain(run.text[end - 1])[1])
            )
            if grown > limit and end > start + 1:
                break
            used = grown
            end += 1
        yield _run(run.text[start : end - 1], run.face, run.level, run.shaped)
        start = end - 1


def _runs_by_level(word: str, levels: Sequence[int], faces: Shelf) -> tuple[Run, ...]:
    runs: list[Run] = []
    start = 0
    for end in range(1, len(word) + 1):
        if end == len(word) or levels[end] != levels[start]:
            runs.extend(_runs(word[start:end], faces, levels[start]))
            start = end
    return tuple(runs)


@lru_cache(maxsize=20_000)
def _runs(word: str, faces: Shelf, level: int) -> tuple[Run, ...]:
    runs: list[Run] = []
    start, face, shaped = 0, None, False
    for at, char in enumerate(word):
        chosen = faces.face_for(char, face)
        needs = _needs_shaping(char)
        if face is not None and chosen is not face:
            runs.append(_run(word[start:at], face, level, shaped))
            start, shaped = at, False
        face, shaped = chosen, shaped or needs
    if face is not None:
        runs.append(_run(word[start:], face, level, shaped))
    return tuple(runs)


def _run(text: str, face: Face, level: int, shaped: bool) -> Run:
    right_to_left = level % 2 == 1
    if shaped or (right_to_left and not text.isspace()):
        # HarfBuzz mirrors brackets in right-to-left runs by itself.
        glyphs = face.shape(text, right_to_left=right_to_left)
        return Run(face, text, glyphs, sum(g.advance for g in glyphs), level, shaped=True)
    glyphs = tuple(Glyph(*face.plain(c), 0, 0, at) for at, c in enumerate(text))
    return Run(face, text, glyphs, sum(g.advance for g in glyphs), level, shaped=False)


def _needs_shaping(char: str) -> bool:
    code = ord(char)
    if code < 0x0300:
        return code == 0x00AD
    return (
        0x0590 <= code < 0x10A0
        or 0x1700 <= code < 0x1D00
        or 0xA800 <= code < 0xAC00
        or char in _JOINERS
        or unicodedata.category(char)[0] == "M"
        or _is_invisible(char)
    )


def _is_invisible(char: str) -> bool:
    return unicodedata.category(char) == "Cf"


def _levels(paragraph: str, base: int) -> list[int] | None:
    """The embedding level of each character, or None where everything reads from the left."""
    if paragraph.isascii() or not any(unicodedata.bidirectional(c) in _STRONG_RTL for c in paragraph):
        return None
    storage: dict[str, Any] = bidi.get_empty_storage()
    storage["base_level"] = base
    storage["base_dir"] = "LR"[base]
    bidi.get_embedding_levels(paragraph, storage)
    for at, char in enumerate(storage["chars"]):
        char["at"] = at
        # The library knows neither isolates nor letters that Unicode has not assigned yet.
        if not char["type"]:
            char["type"] = char["orig"] = "L"
        elif char["type"] in _ISOLATES:
            char["type"] = char["orig"] = "BN"
    bidi.explicit_embed_and_overrides(storage)
    bidi.resolve_weak_types(storage)
    bidi.resolve_neutral_types(storage, False)
    bidi.resolve_implicit_levels(storage, False)
    known = {char["at"]: int(char["level"]) for char in storage["chars"]}
    levels: list[int] = []
    for at in range(len(paragraph)):
        # The algorithm drops direction marks (rule X9); they stay with what is before them.
        levels.append(known.get(at, levels[-1] if levels else base))
    return levels
