"""Drawing: bands, words, rules and marks on the sheets of a PDF, and the PDF itself."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from io import BytesIO
from typing import Any

from reportlab.pdfgen.canvas import Canvas

from visitapp.reports.embedding import EmbeddedFaces
from visitapp.reports.fonts import Style
from visitapp.reports.page import (
    HAIRLINE,
    Align,
    Band,
    Colour,
    Column,
    Frame,
    Paper,
    Placed,
    SetLine,
    Shape,
    TextStyle,
    fitted,
    flow,
    paragraph,
)
from visitapp.reports.structure import with_structure
from visitapp.reports.text import TextLine, break_lines


class Sheet:
    """One page to draw on; y is counted from the top of the page in points.

    Columns drawn outside of `artifact()` are content, each under a tag of its own; `tags` lists them in reading order.
    """

    def __init__(self, canvas: Canvas, faces: EmbeddedFaces, paper: Paper) -> None:
        self._canvas = canvas
        self._paper = paper
        self._faces = faces
        self._is_artifact = False
        self.tags: list[str] = []
        self._code: list[str] = getattr(canvas, "_code")  # noqa: B009 - private to reportlab, unknown to its types

    @contextmanager
    def artifact(self) -> Iterator[None]:
        """What is drawn inside belongs to the paper, not to the text: rules, tints, headers and footers."""
        if self._is_artifact:
            yield
            return
        self._is_artifact = True
        self._code.append("/Artifact BMC")
        yield
        self._code.append("EMC")
        self._is_artifact = False

    def text(self, line: SetLine, x: float, top: float, width: float, *, align: Align = Align.START) -> None:
        """Draws `line` with its line box beginning at `top`."""
        if not line.line.runs:
            return
        style = line.style
        used = line.line.width * style.size / 1000
        from_right = align is Align.END or line.line.right_to_left
        start = x + (width - used if from_right else 0.0)
        # The baseline sits where cap height and descender share the line box evenly for Noto Sans.
        baseline = self._paper.height - (top + style.line_height / 2 + style.size * 0.345)
        self._show(line.line, style, start, baseline)

    def words(self, text: str, style: TextStyle, x: float, top: float, width: float, *, align: Align = Align.START) -> float:
        """Draws a short text and returns the height it took."""
        column = paragraph(text, style, x, width, align=align)
        self.column(column, top)
        return column.height

    def column(self, column: Column, top: float) -> None:
        """Draws the lines of `column` from `top` down."""
        if not self._is_artifact:
            self._code.append(f"/{column.tag} <</MCID {len(self.tags)}>> BDC")
            self.tags.append(column.tag)
        shapes: list[tuple[Shape, float, float, TextStyle]] = []
        for line in column.lines:
            top += line.above
            x = column.x + line.indent
            self.text(line, x, top, column.width - line.indent, align=column.align)
            if line.shape is not None:
                shapes.append((line.shape, x - line.style.size * 0.95, top + line.style.line_height / 2, line.style))
            top += line.style.line_height
        if not self._is_artifact:
            self._code.append("EMC")
        with self.artifact():
            for shape in shapes:
                self.shape(*shape)

    def rule(self, x: float, y: float, width: float, colour: Colour = HAIRLINE, weight: float = 0.5) -> None:
        self._canvas.setStrokeColorRGB(*colour)
        self._canvas.setLineWidth(weight)
        self._canvas.line(x, self._paper.height - y, x + width, self._paper.height - y)

    def box(self, x: float, y: float, width: float, height: float, colour: Colour) -> None:
        self._canvas.setFillColorRGB(*colour)
        self._canvas.rect(x, self._paper.height - y - height, width, height, stroke=0, fill=1)

    def shape(self, shape: Shape, x: float, y: float, style: TextStyle) -> None:
        """Draws a mark with its centre at (x, y), in the size and colour of the words beside it."""
        canvas, radius, down = self._canvas, style.size * 0.30, self._paper.height - y
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
        self._canvas.translate(self._paper.width / 2, self._paper.height / 2)
        self._canvas.rotate(52)
        self._show(line, style, -width / 2, -20)
        self._canvas.restoreState()

    def _show(self, line: TextLine, style: TextStyle, x: float, baseline: float) -> None:
        """Text goes to the page as operators of our own: reportlab's know characters, not glyphs."""
        red, green, blue = style.colour
        operators = self._faces.operators(line, style.size)
        self._code.append(f"BT {red:.3f} {green:.3f} {blue:.3f} rg 1 0 0 1 {x:.3f} {baseline:.3f} Tm\n{operators}\nET")


Furniture = Callable[[Sheet, int, int], None]
"""Draws what every page carries, given the page's number and how many there are."""


def make_pdf(bands: Sequence[Band], frame: Frame, furniture: Furniture, *, title: str, language: str) -> bytes:
    """The finished PDF. `title` names the kind of document and nobody in it; nothing else is said about its origin."""
    buffer = BytesIO()
    # Pages are compressed once, at the end; reportlab would also write them as ASCII.
    canvas = Canvas(buffer, pagesize=frame.paper.value, pageCompression=0, invariant=1, lang=language)
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
    tags: list[list[str]] = []
    for number, page in enumerate(pages, start=1):
        sheet = Sheet(canvas, faces, frame.paper)
        with sheet.artifact():
            furniture(sheet, number, len(pages))
        for placed in page:
            _draw(sheet, placed, frame)
        tags.append(sheet.tags)
        canvas.showPage()
    canvas.save()
    return with_structure(buffer.getvalue(), tags)


def _draw(sheet: Sheet, placed: Placed, frame: Frame) -> None:
    band, top = placed.band, placed.top
    with sheet.artifact():
        if band.tint is not None:
            sheet.box(frame.left, top, frame.width, band.height + 0.3, band.tint)
        if band.bar is not None:
            sheet.box(frame.left, top, 2.4, band.height + 0.3, band.bar)
        if band.rule is not None:
            sheet.rule(frame.left, top + band.above / 2, frame.width, band.rule, band.rule_weight)
    for column in band.columns:
        sheet.column(column, top + band.above)
