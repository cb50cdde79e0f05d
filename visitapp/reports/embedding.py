"""How the faces get into a PDF: every glyph by its number, with the way back from glyphs to the text entered."""

import unicodedata
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from reportlab.pdfbase import pdfdoc

from visitapp.reports.fonts import Face, Glyph
from visitapp.reports.text import Run, TextLine

_SILENT = "\u200c"
"""Zero width non-joiner: drawn by every face that has it as nothing at all."""


@dataclass(slots=True)
class _Used:
    """What one document draws with one face."""

    label: str
    glyphs: set[int] = field(default_factory=set)
    meaning: dict[int, str] = field(default_factory=dict)


class EmbeddedFaces:
    """The faces of one document; hands out drawing operators and writes the fonts when the document is saved."""

    fontName = "visitapp-faces"  # noqa: N815 - reportlab asks the fonts that it writes late for their name

    def __init__(self) -> None:
        self._used: dict[Face, _Used] = {}

    def operators(self, line: TextLine, size: float) -> str:
        """The text-showing operators of `line`; the caller has opened the text object and moved to its start."""
        parts: list[str] = []
        face: Face | None = None
        for run in line.runs:
            if run.face is not face:
                face = run.face
                parts.append(f"/{self._entry(face).label} {size:.3f} Tf")
            parts.append(self._show(run, size))
        return "\n".join(parts)

    def addObjects(self, doc: Any) -> None:
        """Writes the fonts into reportlab's `doc`, which calls this when it is saved."""
        for face, used in self._used.items():
            _write_font(doc, face, used)

    def _entry(self, face: Face) -> _Used:
        entry = self._used.get(face)
        if entry is None:
            entry = self._used[face] = _Used(label=f"V{len(self._used) + 1}")
        return entry

    def _show(self, run: Run, size: float) -> str:
        used = self._entry(run.face)
        used.glyphs.update(glyph.number for glyph in run.glyphs)
        if run.shaped and run.level % 2:
            return self._show_right_to_left(run, used, size)
        if run.shaped:
            return _said(run.text, _shaped_operators(run.face, run.glyphs, size))
        shown = "<" + "".join(f"{glyph.number:04X}" for glyph in run.glyphs) + "> Tj"
        means_itself = True
        for glyph, char in zip(run.glyphs, run.text, strict=True):
            # One glyph may draw two characters (a space and a hard space); the second has to say what it is.
            if glyph.number == 0 or used.meaning.setdefault(glyph.number, char) != char:
                means_itself = False
        return shown if means_itself else _said(run.text, shown)

    def _show_right_to_left(self, run: Run, used: _Used, size: float) -> str:
        """Each character says itself: readers take text as drawn from left to right and turn it round themselves.

        One ActualText over the whole run would be turned round too, and come back as its mirror image.
        """
        silent, width = run.face.plain(_SILENT)
        parts: list[str] = []
        end = len(run.text)
        for cluster, group in groupby(run.glyphs, key=lambda glyph: glyph.cluster):
            chars = run.text[cluster:end][::-1]
            end = cluster
            marks, drawn = _letter_operators(run.face, tuple(group), size)
            if marks:
                parts.append(_said("", marks))
            if len(chars) == 1 or width or not silent:
                parts.append(_said(chars[::-1], drawn))
                continue
            # One letter speaks for the shape; its vowel signs, and the rest of a ligature, for a glyph without ink
            # or width at its edge.
            used.glyphs.add(silent)
            speaker = next((at for at, char in enumerate(chars) if not unicodedata.combining(char)), 0)
            for at, char in enumerate(chars):
                parts.append(_said(char, drawn if at == speaker else f"<{silent:04X}> Tj"))
        return "\n".join(parts)


def _said(text: str, operators: str) -> str:
    return f"/Span <</ActualText <FEFF{text.encode('utf-16-be').hex().upper()}>>> BDC\n{operators}\nEMC"


def _letter_operators(face: Face, glyphs: Sequence[Glyph], size: float) -> tuple[str, str]:
    """Operators for the dots and marks of a letter, which say nothing, and for its body, which speaks for them.

    Readers take a letter to be as wide as what is drawn under its ActualText, so the body has to be drawn alone.
    """
    body = max(range(len(glyphs)), key=lambda at: glyphs[at].advance)
    pen = 0
    marks: list[str] = []
    drawn = ""
    total = sum(glyph.advance for glyph in glyphs)
    for at, glyph in enumerate(glyphs):
        place, own = pen + glyph.dx, face.advance(glyph.number)
        back = place + own - (total if at == body else 0)
        operators = f"[{-place} <{glyph.number:04X}> {back}] TJ"
        if glyph.dy:
            operators = f"{glyph.dy * size / 1000:.3f} Ts {operators} 0 Ts"
        if at == body:
            drawn = operators
        else:
            marks.append(operators)
        pen += glyph.advance
    return "\n".join(marks), drawn


def _shaped_operators(face: Face, glyphs: Sequence[Glyph], size: float) -> str:
    """Glyphs with HarfBuzz's own offsets; in TJ a positive number moves to the left."""
    parts: list[str] = []
    row: list[str] = []
    rise = 0
    owed = 0
    for glyph in glyphs:
        if glyph.dy != rise:
            if row:
                parts.append(f"[{' '.join(row)}] TJ")
                row = []
            rise = glyph.dy
            parts.append(f"{rise * size / 1000:.3f} Ts")
        before = -(owed + glyph.dx)
        if before:
            row.append(str(before))
        row.append(f"<{glyph.number:04X}>")
        owed = glyph.advance - face.advance(glyph.number) - glyph.dx
    if owed:
        row.append(str(-owed))
    if row:
        parts.append(f"[{' '.join(row)}] TJ")
    if rise:
        parts.append("0 Ts")
    return "\n".join(parts)


def _write_font(doc: Any, face: Face, used: _Used) -> None:
    name = f"{_tag(face, used)}+{face.name}"
    dictionary = pdfdoc.PDFDictionary
    array = pdfdoc.PDFArray
    descriptor = dictionary(
        {
            "Type": pdfdoc.PDFName("FontDescriptor"),
            "FontName": pdfdoc.PDFName(name),
            "Flags": 4 | (64 if face.sloped else 0),
            "FontBBox": array([-1000, face.metrics.descent, 3000, face.metrics.ascent]),
            "ItalicAngle": -12 if face.sloped else 0,
            "Ascent": face.metrics.ascent,
            "Descent": face.metrics.descent,
            "CapHeight": face.metrics.cap_height,
            "StemV": 80,
            "FontFile2": _stream(doc, f"file:{name}", face.subset(used.glyphs)),
        }
    )
    widths = array([item for glyph in sorted(used.glyphs) for item in (glyph, array([face.advance(glyph)]))])
    descendant = dictionary(
        {
            "Type": pdfdoc.PDFName("Font"),
            "Subtype": pdfdoc.PDFName("CIDFontType2"),
            "BaseFont": pdfdoc.PDFName(name),
            "CIDSystemInfo": dictionary(
                {"Registry": pdfdoc.PDFString("Adobe"), "Ordering": pdfdoc.PDFString("Identity"), "Supplement": 0}
            ),
            "FontDescriptor": doc.Reference(descriptor, f"descriptor:{name}"),
            "DW": 0,
            "W": widths,
            "CIDToGIDMap": pdfdoc.PDFName("Identity"),
        }
    )
    doc.idToObject["BasicFonts"].dict[used.label] = dictionary(
        {
            "Type": pdfdoc.PDFName("Font"),
            "Subtype": pdfdoc.PDFName("Type0"),
            "BaseFont": pdfdoc.PDFName(name),
            "Encoding": pdfdoc.PDFName("Identity-H"),
            "DescendantFonts": array([doc.Reference(descendant, f"descendant:{name}")]),
            "ToUnicode": _stream(doc, f"unicode:{name}", _to_unicode(used.meaning)),
        }
    )


def _stream(doc: Any, label: str, content: bytes) -> Any:
    stream = pdfdoc.PDFStream()
    stream.content = content
    stream.dictionary["Length1"] = len(content)
    stream.filters = [pdfdoc.PDFZCompress]
    return doc.Reference(stream, label)


def _tag(face: Face, used: _Used) -> str:
    """Six capitals, other for another set of glyphs, so that a reader never takes one subset for another."""
    number = zlib.crc32(f"{face.name}{sorted(used.glyphs)}".encode())
    letters = []
    for _ in range(6):
        number, letter = divmod(number, 26)
        letters.append(chr(ord("A") + letter))
    return "".join(letters)


def _to_unicode(meaning: dict[int, str]) -> bytes:
    rows = [f"<{glyph:04X}> <{char.encode('utf-16-be').hex().upper()}>" for glyph, char in sorted(meaning.items())]
    blocks = []
    for start in range(0, len(rows), 100):
        block = rows[start : start + 100]
        blocks.append(f"{len(block)} beginbfchar\n" + "\n".join(block) + "\nendbfchar")
    return (
        "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n"
        "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n"
        "/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n"
        "1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n"
        + "\n".join(blocks)
        + "\nendcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n"
    ).encode("ascii")
