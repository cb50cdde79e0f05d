"""The typefaces a report is set in: Noto Sans and its sister faces, cut to one weight and measured by HarfBuzz.

The packages hold variable fonts; a PDF wants one weight. HarfBuzz cuts one in about 25 ms (fontTools needs 4 s), so
nothing has to be prepared at installation and no font file is written anywhere.
"""

import importlib.util
import sys
import threading
from dataclasses import dataclass, field
from enum import Enum
from functools import cache
from pathlib import Path

import uharfbuzz as hb

_UNITS = 1000
"""Every width in this package is in thousandths of an em, as a PDF counts them."""

_NOT_IN_A_PDF = (b"GSUB", b"GPOS", b"GDEF", b"STAT", b"name")
"""Tables that only a shaper or a font menu reads."""

_SHAPING = threading.Lock()
"""HarfBuzz objects are shared by all documents and are not made for two threads at once."""


class Style(Enum):
    """A cut of the family: its PostScript suffix, its weight and whether it slopes."""

    REGULAR = ("Regular", 400.0, False)
    SEMIBOLD = ("SemiBold", 600.0, False)
    ITALIC = ("Italic", 400.0, True)

    @property
    def suffix(self) -> str:
        return self.value[0]

    @property
    def weight(self) -> float:
        return self.value[1]

    @property
    def sloped(self) -> bool:
        return self.value[2]


@dataclass(frozen=True, slots=True)
class Glyph:
    """One drawn shape: its number in the face, its advance and offsets, and which character of the run it stands for."""

    number: int
    advance: int
    dx: int
    dy: int
    cluster: int


@dataclass(frozen=True, slots=True)
class FaceMetrics:
    """What a PDF's font descriptor says about a face, in thousandths of an em."""

    ascent: int
    descent: int
    cap_height: int


@dataclass(frozen=True, slots=True, eq=False)
class Face:
    """One face in one weight: its bytes, what it covers, and how wide its glyphs are."""

    name: str
    data: bytes
    sloped: bool
    metrics: FaceMetrics
    _hb_face: "hb.Face"
    _hb_font: "hb.Font"
    _covered: frozenset[int]
    _plain: dict[str, tuple[int, int]] = field(default_factory=dict)
    _advances: dict[int, int] = field(default_factory=dict)

    def covers(self, char: str) -> bool:
        return ord(char) in self._covered

    def plain(self, char: str) -> tuple[int, int]:
        """Glyph number and advance of a character drawn as it is, (0, …) for one the face lacks."""
        known = self._plain.get(char)
        if known is None:
            with _SHAPING:
                number = self._hb_font.get_nominal_glyph(ord(char)) or 0
            known = self._plain[char] = (number, self.advance(number))
        return known

    def advance(self, glyph: int) -> int:
        known = self._advances.get(glyph)
        if known is None:
            with _SHAPING:
                known = self._advances[glyph] = self._hb_font.get_glyph_h_advance(glyph)
        return known

    def shape(self, text: str, *, right_to_left: bool) -> tuple[Glyph, ...]:
        """The glyphs of a run in the order they are drawn, left to right."""
        buffer = hb.Buffer()
        buffer.add_str(text)
        buffer.guess_segment_properties()
        buffer.direction = "rtl" if right_to_left else "ltr"
        with _SHAPING:
            hb.shape(self._hb_font, buffer)
        return tuple(
            Glyph(info.codepoint, position.x_advance, position.x_offset, position.y_offset, info.cluster)
            for info, position in zip(buffer.glyph_infos, buffer.glyph_positions, strict=True)
        )

    def subset(self, glyphs: set[int]) -> bytes:
        """The face as a font file that holds these glyphs only, under their own numbers."""
        wanted = hb.SubsetInput()
        wanted.flags = hb.SubsetFlags.RETAIN_GIDS | hb.SubsetFlags.NOTDEF_OUTLINE | hb.SubsetFlags.NO_LAYOUT_CLOSURE
        wanted.glyph_set.update(glyphs | {0})
        wanted.drop_table_tag_set.update({int.from_bytes(tag) for tag in _NOT_IN_A_PDF})
        with _SHAPING:
            return bytes(wanted.subset(self._hb_face).blob.data)


@dataclass(frozen=True, slots=True, eq=False)
class Shelf:
    """The faces of one style in the order in which they are asked for a character."""

    latin: Face
    others: tuple[Face, ...]

    def face_for(self, char: str, before: Face | None) -> Face:
        """The face that draws `char`; marks, joiners and spaces stay with the face `before` them if it has them."""
        if before is not None and not char.isalnum() and before.covers(char):
            return before
        # Noto Sans carries a little Devanagari of its own; the sister face is the complete one.
        order = (self.latin, *self.others) if ord(char) < 0x0590 else (*self.others, self.latin)
        return next((face for face in order if face.covers(char)), self.latin)

    def has(self, char: str) -> bool:
        return self.face_for(char, None).covers(char)


@cache
def shelf(style: Style) -> Shelf:
    """The shelf of a style, cut on first use (about 60 ms) and kept: faces never change while a program runs."""
    file = "NotoSans-Italic[wdth,wght].ttf" if style.sloped else "NotoSans[wdth,wght].ttf"
    return Shelf(
        latin=_cut(_package_folder("fontpkg_noto_sans") / file, f"NotoSans-{style.suffix}", style.weight, sloped=style.sloped),
        others=tuple(_sister(file, style.weight) for file in _sister_files()),
    )


@cache
def _sister(file: Path, weight: float) -> Face:
    suffix = Style.SEMIBOLD.suffix if weight == Style.SEMIBOLD.weight else Style.REGULAR.suffix
    return _cut(file, f"{file.name.partition('[')[0]}-{suffix}", weight, sloped=False)


def _sister_files() -> tuple[Path, ...]:
    """Every Noto Sans of another script that is installed: one more package is all that a further script needs."""
    # One look at each place: to ask for modules would open every folder of every package.
    found = {package.name for place in sys.path if place for package in Path(place).glob("fontpkg_noto_sans_*") if package.is_dir()}
    names = sorted(name for name in found if name.isidentifier())
    files = (file for name in names for file in sorted(_package_folder(name).glob("NotoSans*.ttf")))
    return tuple(file for file in files if "Italic" not in file.name and "Display" not in file.name)


def _package_folder(package: str) -> Path:
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise FileNotFoundError(f"the font package {package} is not installed")
    return Path(next(iter(spec.submodule_search_locations))) / "files"


def _cut(file: Path, name: str, weight: float, *, sloped: bool) -> Face:
    whole = hb.Face(hb.Blob.from_file_path(str(file)))
    wanted = hb.SubsetInput()
    wanted.keep_everything()
    for axis in whole.axis_infos:
        if axis.tag == "wght":
            wanted.pin_axis_location(whole, "wght", weight)
        else:
            wanted.pin_axis_to_default(whole, axis.tag)
    face = wanted.subset(whole)
    data = bytes(face.blob.data)
    face = hb.Face(hb.Blob(data))
    font = hb.Font(face)
    font.scale = (_UNITS, _UNITS)
    extents = font.get_font_extents("ltr")
    metrics = FaceMetrics(extents.ascender, extents.descender, cap_height=714)
    return Face(name, data, sloped, metrics, face, font, frozenset(face.unicodes))
