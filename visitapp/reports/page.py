"""Pages: bands of set text, flowed over A4 sheets that all carry who, which version and which copy."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from io import BytesIO
from typing import Any

from reportlab.pdfgen.canvas import Canvas

from visitapp.reports.embedding import EmbeddedFaces
from visitapp.reports.fonts import Style
from visitapp.reports.text import TextLine, break_lines, clean

WIDTH, HEIGHT = 595.28, 841.89
"""A4 in points."""

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
    """Set lines one below the other, from `x` across `width` points."""

    x: float
    width: float
    lines: tuple[SetLine, ...]
    align: Align = Align.START

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
        above = style.size * 0.45 if lines else 0.0
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


class Sheet:
    """One page to draw on; y is counted from the top of the page in points."""

    def __init__(self, canvas: Canvas, faces: EmbeddedFaces) -> None:
        self._canvas = canvas
        self._faces = faces

    def text(self, line: SetLine, x: float, top: float, width: float, *, align: Align = Align.START) -> None:
        """Draws `line` with its line box beginning at `top`."""
        if not line.line.runs:
            return
        style = line.style
        used = line.line.width * style.size / 1000
        from_right = align is Align.END or line.line.right_to_left
        start = x + (width - used if from_right else 0.0)
        # The baseline sits where cap height and descender share the line box evenly for Noto Sans.
        baseline = HEIGHT - (top + style.line_height / 2 + style.size * 0.345)
        self._show(line.line, style, start, baseline)

    def words(self, text: str, style: TextStyle, x: float, top: float, width: float, *, align: Align = Align.START) -> float:
        """Draws a short text and returns the height it took."""
        column = paragraph(text, style, x, width, align=align)
        self.column(column, top)
        return column.height

    def column(self, column: Column, top: float) -> None:
        for line in column.lines:
            top += line.above
            x = column.x + line.indent
            self.text(line, x, top, column.width - line.indent, align=column.align)
            if line.shape is not None:
                self.shape(line.shape, x - line.style.size * 0.95, top + line.style.line_height / 2, line.style)
            top += line.style.line_height

    def rule(self, x: float, y: float, width: float, colour: Colour = HAIRLINE, weight: float = 0.5) -> None:
        self._canvas.setStrokeColorRGB(*colour)
        self._canvas.setLineWidth(weight)
        self._canvas.line(x, HEIGHT - y, x + width, HEIGHT - y)

    def box(self, x: float, y: float, width: float, height: float, colour: Colour) -> None:
        self._canvas.setFillColorRGB(*colour)
        self._canvas.rect(x, HEIGHT - y - height, width, height, stroke=0, fill=1)

    def shape(self, shape: Shape, x: float, y: float, style: TextStyle) -> None:
        """Draws a mark with its centre at (x, y), in the size and colour of the words beside it."""
        canvas, radius, down = self._canvas, style.size * 0.30, HEIGHT - y
        canvas.setStrokeColorRGB(*style.colour)
        canvas.setFillColorRGB(*style.colour)
        canvas.setLineWidth(style.size * 0.09)
        match shape:
            case Shape.FULL:
                canvas.circle(x, down, radius, stroke=1, fill=1)
            case Shape.DOT:
                canvas.circle(x, down, radius * 0.55, stroke=0, fill=1)
            case Shape.RING:
                canvas.circle(x, down, radius, stroke=1, fill=0)
            case Shape.HALF:
                canvas.circle(x, down, radius, stroke=1, fill=0)
                path = canvas.beginPath()
                path.moveTo(x, down - radius)
                path.arcTo(x - radius, down - radius, x + radius, down + radius, startAng=90, extent=180)
                path.close()
                canvas.drawPath(path, stroke=0, fill=1)
            case Shape.DASH:
                canvas.line(x - radius * 0.8, down, x + radius * 0.8, down)
            case Shape.BOX:
                side = style.size * 0.72
                canvas.roundRect(x - side / 2, down - side / 2, side, side, side * 0.18, stroke=1, fill=0)

    def watermark(self, text: str, colour: Colour) -> None:
        """Large words across the page; drawn first, so that everything else stays readable above them."""
        style = TextStyle(58, Style.SEMIBOLD, colour)
        line = break_lines(text, style.cut, style.size, 10_000)[0]
        width = line.width * style.size / 1000
        self._canvas.saveState()
        self._canvas.translate(WIDTH / 2, HEIGHT / 2)
        self._canvas.rotate(52)
        self._show(line, style, -width / 2, -20)
        self._canvas.restoreState()

    def _show(self, line: TextLine, style: TextStyle, x: float, baseline: float) -> None:
        """Text goes to the page as operators of our own: reportlab's know characters, not glyphs."""
        red, green, blue = style.colour
        operators = self._faces.operators(line, style.size)
        code: list[str] = getattr(self._canvas, "_code")  # noqa: B009 - private to reportlab, unknown to its types
        code.append(f"BT {red:.3f} {green:.3f} {blue:.3f} rg 1 0 0 1 {x:.3f} {baseline:.3f} Tm\n{operators}\nET")


@dataclass(frozen=True, slots=True)
class Frame:
    """Where bands go on a page, in points from the page's edges."""

    left: float
    right: float
    top: float
    bottom: float

    @property
    def width(self) -> float:
        return WIDTH - self.left - self.right

    @property
    def limit(self) -> float:
        return HEIGHT - self.bottom


@dataclass(frozen=True, slots=True)
class Placed:
    """A band, or the part of it on one page, and how far down it begins."""

    band: Band
    top: float


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
    closer = [replace(band, above=band.above * 0.72) for band in bands]
    return closer if len(flow(closer, frame)) < len(flow(bands, frame)) else bands


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
    if band.height <= space:
        return band, None
    longest = max((len(column.lines) for column in band.columns), default=0)
    if longest < 2:
        return band, None
    fitting = [_count_fitting(column, space - band.above) for column in band.columns]
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


Furniture = Callable[[Sheet, int, int], None]
"""Draws what every page carries, given the page's number and how many there are."""


def make_pdf(bands: Sequence[Band], frame: Frame, furniture: Furniture, *, title: str, language: str) -> bytes:
    """The finished PDF. `title` names the kind of document and nobody in it; nothing else is said about its origin."""
    buffer = BytesIO()
    canvas = Canvas(buffer, pagesize=(WIDTH, HEIGHT), pageCompression=1, invariant=1, lang=language)
    canvas.setTitle(title)
    canvas.setAuthor("")
    canvas.setSubject("")
    canvas.setCreator("visitapp")
    canvas.setProducer("visitapp")
    canvas.setViewerPreference("DisplayDocTitle", "true")
    faces = EmbeddedFaces()
    document: Any = getattr(canvas, "_doc")  # noqa: B009 - private to reportlab, unknown to its types
    document.delayedFonts.append(faces)
    pages = flow(fitted(bands, frame), frame)
    for number, page in enumerate(pages, start=1):
        sheet = Sheet(canvas, faces)
        furniture(sheet, number, len(pages))
        for placed in page:
            _draw(sheet, placed, frame)
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def _draw(sheet: Sheet, placed: Placed, frame: Frame) -> None:
    band, top = placed.band, placed.top
    if band.tint is not None:
        sheet.box(frame.left, top, frame.width, band.height + 0.3, band.tint)
    if band.bar is not None:
        sheet.box(frame.left, top, 2.4, band.height + 0.3, band.bar)
    if band.rule is not None:
        sheet.rule(frame.left, top + band.above / 2, frame.width, band.rule, band.rule_weight)
    for column in band.columns:
        sheet.column(column, top + band.above)
