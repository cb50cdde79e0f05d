"""The look of a report: sizes, margins, and the bands that its parts are made of."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from visitapp.reports import page
from visitapp.reports.fonts import Style
from visitapp.reports.page import Align, Band, Column, Frame, Shape, TextStyle, paragraph, stack


@dataclass(frozen=True, slots=True)
class Setting:
    """The sizes of one report. With `stacked` a label stands above its text, as large print needs, not beside it."""

    body: TextStyle
    frame: Frame
    stacked: bool = False
    label_width: float = 116.0

    @property
    def muted(self) -> TextStyle:
        return replace(self.body, colour=page.MUTED)

    @property
    def running(self) -> TextStyle:
        """For texts of several paragraphs."""
        return replace(self.body, paragraph_gap=0.45)

    @property
    def strong(self) -> TextStyle:
        return replace(self.body, cut=Style.SEMIBOLD)

    @property
    def small(self) -> TextStyle:
        return replace(self.body, size=self.body.size * 0.86, colour=page.MUTED)

    @property
    def section_title(self) -> TextStyle:
        return TextStyle(self.body.size * 1.25, Style.SEMIBOLD, page.ACCENT, 1.3)

    @property
    def title(self) -> TextStyle:
        return TextStyle(self.body.size * (1.7 if self.stacked else 2.1), Style.SEMIBOLD, page.INK, 1.2)

    @property
    def gap(self) -> float:
        return self.body.size * 0.45

    @property
    def text_x(self) -> float:
        return self.frame.left + (0.0 if self.stacked else self.label_width + 16.0)

    @property
    def text_width(self) -> float:
        return self.frame.left + self.frame.width - self.text_x

    def wide(self, text: str, style: TextStyle | None = None, tag: str = "P", **how: object) -> Band:
        """A paragraph across the whole page."""
        column = paragraph(text, style or self.body, self.frame.left, self.frame.width)
        return replace(Band((replace(column, tag=tag),), above=self.gap), **how)  # type: ignore[arg-type]

    def pair(self, label: str, *texts: Column, above: float | None = None, keep_with_next: bool = False) -> Band:
        """A label and what it is about: side by side, or one above the other in large print."""
        space = self.gap if above is None else above
        content = stack(texts, self.gap * 0.35)
        if not label:
            return Band((content,), above=space, keep_with_next=keep_with_next)
        if self.stacked:
            named = paragraph(label, self.muted, self.text_x, self.text_width)
            return Band((stack((named, content)),), above=space, keep_with_next=keep_with_next)
        # The label is smaller; the same line height keeps both on one baseline.
        style = replace(self.muted, size=self.body.size * 0.92)
        style = replace(style, leading=self.body.line_height / style.size)
        named = paragraph(label, style, self.frame.left, self.label_width)
        return Band((named, content), above=space, keep_with_next=keep_with_next)

    def text(self, text: str, style: TextStyle | None = None, *, shape: Shape | None = None, indent: float = 0.0) -> Column:
        """A paragraph in the text column."""
        return paragraph(text, style or self.body, self.text_x + indent, self.text_width - indent, shape=shape)

    def heading(self, title: str, aside: str = "") -> Band:
        """A section's title under a hairline, with whom it is about at the right."""
        left, width = self.frame.left, self.frame.width
        titled = paragraph(title, self.section_title, left, width * (0.62 if aside else 1.0))
        columns = [replace(titled, tag="H2")]
        if aside:
            leading = self.section_title.line_height / self.small.size
            style = replace(self.small, leading=leading)
            columns.append(paragraph(aside, style, left + width * 0.64, width * 0.36, align=Align.END))
        return Band(tuple(columns), above=self.body.size * 2.2, below=self.gap * 0.4, keep_with_next=True, rule=page.HAIRLINE)

    def card(self, paragraphs: Sequence[tuple[str, TextStyle]], *, danger: bool = False) -> Band:
        """A tinted notice with a bar at its left."""
        inset = self.body.size * 1.1
        columns = [paragraph(text, style, self.frame.left + inset, self.frame.width - 2 * inset) for text, style in paragraphs]
        return Band(
            (stack(columns, self.gap * 0.3),),
            above=self.gap,
            below=self.gap,
            tint=page.DANGER_TINT if danger else page.ACCENT_TINT,
            bar=page.DANGER if danger else page.ACCENT,
        )

    def space(self, points: float) -> Band:
        return Band((), above=points)
