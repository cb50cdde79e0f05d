"""Pages: columns of set lines, side by side in bands, and how bands flow over A4 sheets."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import Enum

from visitapp.reports.fonts import Style
from visitapp.reports.text import TextLine, break_lines, clean


class Paper(Enum):
    """A4, standing and lying, in points."""

    PORTRAIT = (595.28, 841.89)
    LANDSCAPE = (841.89, 595.28)

    @property
    def width(self) -> float:
        return self.value[0]

    @property
    def height(self) -> float:
        return self.value[1]


Colour = tuple[float, float, float]

INK: Colour = (0.11, 0.13, 0.15)
MUTED: Colour = (0.37, 0.41, 0.44)
HAIRLINE: Colour = (0.80, 0.83, 0.84)
ACCENT: Colour = (0.05, 0.39, 0.40)
ACCENT_TINT: Colour = (0.925, 0.955, 0.95)
DANGER: Colour = (0.64, 0.11, 0.13)
DANGER_TINT: Colour = (0.985, 0.93, 0.925)


class Align(Enum):
    """To which side of its column a line goes; START is the side its script begins on."""

    START = "start"
    END = "end"


class Shape(Enum):
    """Small drawn marks; each stands beside the word it means, never alone."""

    FULL = "full"
    HALF = "half"
    RING = "ring"
    DASH = "dash"
    BOX = "box"
    DOT = "dot"


@dataclass(frozen=True, slots=True)
class TextStyle:
    """How a paragraph is set; sizes in points."""

    size: float
    cut: Style = Style.REGULAR
    colour: Colour = INK
    leading: float = 1.45
    paragraph_gap: float = 0.0
    """Space between paragraphs of one text, in ems."""

    @property
    def line_height(self) -> float:
        return self.size * self.leading


@dataclass(frozen=True, slots=True)
class SetLine:
    """A broken line with the style it is drawn in, and space above and before it in points."""

    line: TextLine
    style: TextStyle
    above: float = 0.0
    indent: float = 0.0
    shape: Shape | None = None

    @property
    def height(self) -> float:
        return self.above + self.style.line_height


@dataclass(frozen=True, slots=True)
class Column:
    """Set lines one below the other, from `x` across `width` points; `tag` is what they are to a screen reader."""

    x: float
    width: float
    lines: tuple[SetLine, ...]
    align: Align = Align.START
    tag: str = "P"

    @property
    def height(self) -> float:
        return sum(line.height for line in self.lines)


@dataclass(frozen=True, slots=True)
class Band:
    """Columns side by side: a row of a table, a paragraph, a heading. It breaks between lines unless it is `whole`."""

    columns: tuple[Column, ...]
    above: float = 0.0
    below: float = 0.0
    keep_with_next: bool = False
    whole: bool = False
    rule: Colour | None = None
    rule_weight: float = 0.5
    tint: Colour | None = None
    bar: Colour | None = None
    new_page: bool = False

    @property
    def height(self) -> float:
        return self.above + max((column.height for column in self.columns), default=0.0) + self.below


def paragraph(
    text: str, style: TextStyle, x: float, width: float, *, align: Align = Align.START, shape: Shape | None = None
) -> Column:
    """`text` as a column of lines; user text goes in as it is, nothing in it is markup."""
    lines: list[SetLine] = []
    for part in clean(text).split("\n"):
        if not part.strip() and lines:
            continue
        above = style.size * style.paragraph_gap if lines else 0.0
        for line in break_lines(part, style.cut, style.size, width):
            lines.append(SetLine(line, style, above))
            above = 0.0
    if len(lines) == 1:
        # A single line stands beside its label whichever way it reads; paragraphs go to their own side.
        lines[0] = replace(lines[0], line=replace(lines[0].line, right_to_left=False))
    if shape is not None and lines:
        lines[0] = replace(lines[0], shape=shape)
    return Column(x, width, tuple(lines), align)


def stack(columns: Sequence[Column], gap: float = 0.0) -> Column:
    """Several columns of one place under each other as one."""
    first = columns[0]
    lines: list[SetLine] = []
    for column in columns:
        for at, line in enumerate(column.lines):
            extra = gap if at == 0 and lines else 0.0
            lines.append(replace(line, above=line.above + extra, indent=line.indent + column.x - first.x))
    return Column(first.x, first.width, tuple(lines), first.align)


def texts(bands: Sequence[Band]) -> Iterator[str]:
    """The text of every line of `bands`."""
    return (line.line.text for band in bands for column in band.columns for line in column.lines)


@dataclass(frozen=True, slots=True)
class Frame:
    """Where bands go on a page, in points from the page's edges."""

    left: float
    right: float
    top: float
    bottom: float
    paper: Paper = Paper.PORTRAIT

    @property
    def width(self) -> float:
        return self.paper.width - self.left - self.right

    @property
    def limit(self) -> float:
        return self.paper.height - self.bottom


@dataclass(frozen=True, slots=True)
class Placed:
    """A band, or the part of it on one page, and how far down it begins."""

    band: Band
    top: float


_FEW_PAGES = 20


def flow(bands: Sequence[Band], frame: Frame) -> tuple[tuple[Placed, ...], ...]:
    """The pages that `bands` fill; a heading is never the last thing on a page, a paragraph never leaves one line."""
    pages: list[list[Placed]] = [[]]
    top = frame.top
    for at, band in enumerate(bands):
        if pages[-1] and (band.new_page or not _fits(bands, at, frame.limit - top)):
            pages.append([])
            top = frame.top
        rest: Band | None = band
        while rest is not None:
            if not pages[-1]:
                rest = _at_the_top(rest)
            part, rest = _split(rest, frame.limit - top)
            pages[-1].append(Placed(part, top))
            top += part.height
            if rest is not None:
                pages.append([])
                top = frame.top
    return tuple(tuple(page) for page in pages)


def fitted(bands: Sequence[Band], frame: Frame) -> Sequence[Band]:
    """`bands` a little closer together where that saves a page, as for two lines left over; else as they are."""
    count = len(flow(bands, frame))
    closer = [replace(band, above=band.above * 0.72) for band in bands]
    return closer if count <= _FEW_PAGES and len(flow(closer, frame)) < count else bands


def _at_the_top(band: Band) -> Band:
    """A band that opens a page needs no distance to what was before, and a heading no rule under the page's own."""
    if band.tint is not None:
        return band
    return replace(band, above=min(band.above, 6.0), rule=None if band.keep_with_next else band.rule)


def _fits(bands: Sequence[Band], at: int, space: float) -> bool:
    """Whether the band and those it must stay with can begin in `space`."""
    needed = 0.0
    for band in bands[at:]:
        if band.keep_with_next:
            needed += band.height
            continue
        return needed + _least(band) <= space
    return needed <= space


def _least(band: Band) -> float:
    """The height of the smallest piece of a band that may stand at the foot of a page."""
    longest = max((len(column.lines) for column in band.columns), default=0)
    if band.whole or longest <= 3:
        return band.height
    return band.above + max(sum(line.height for line in column.lines[:2]) for column in band.columns)


def _split(band: Band, space: float) -> tuple[Band, Band | None]:
    fitting = [_count_fitting(column, space - band.above) for column in band.columns]
    longest = max((len(column.lines) for column in band.columns), default=0)
    if longest < 2 or all(count == len(c.lines) for count, c in zip(fitting, band.columns, strict=True)):
        return band, None
    taken: list[Column] = []
    left: list[Column] = []
    for column, count in zip(band.columns, fitting, strict=True):
        spared = 1 if len(column.lines) - count == 1 and count > 3 else 0
        cut = max(count - spared, 1)
        taken.append(replace(column, lines=column.lines[:cut]))
        left.append(replace(column, lines=column.lines[cut:]))
    if not any(column.lines for column in left):
        return band, None
    return (
        replace(band, columns=tuple(taken), below=0.0),
        replace(band, columns=tuple(left), rule=None, above=band.above if band.tint else 0.0, new_page=False),
    )


def _count_fitting(column: Column, space: float) -> int:
    used = 0.0
    for count, line in enumerate(column.lines):
        used += line.height
        if used > space:
            return count
    return len(column.lines)
