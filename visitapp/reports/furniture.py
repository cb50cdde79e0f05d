"""What every page carries: the copy, who it is about, version and state at the top; page, hash and printing below."""

from dataclasses import dataclass, replace

from visitapp.reports import page, wording
from visitapp.reports.document import CopyType, NoteState, PrintedPerson, SubjectKind, VisitDocument
from visitapp.reports.fonts import Style
from visitapp.reports.page import Align, Frame, Paper, TextStyle, paragraph
from visitapp.reports.sheet import Sheet

_LONGEST = 400
"""Characters of one text at a page's edge: five people with names and numbers, and some to spare."""


@dataclass(frozen=True, slots=True)
class Furniture:
    """The texts around a page's frame, drawn the same on every page."""

    left_margin: float
    right_margin: float
    copy: str
    identity: str
    status: str
    foot: tuple[str, ...]
    strips: tuple[tuple[str, bool], ...] = ()
    watermark: str = ""
    size: float = 8.4
    paper: Paper = Paper.PORTRAIT

    def __post_init__(self) -> None:
        # Around the text is room for names, not for stories; whatever is cut here stands whole in the text itself.
        for name in ("identity", "status", "copy"):
            object.__setattr__(self, name, _shortened(getattr(self, name)))
        object.__setattr__(self, "foot", tuple(_shortened(text) for text in self.foot))

    @property
    def _strip(self) -> float:
        return self.size * 2.3

    @property
    def _label(self) -> TextStyle:
        return TextStyle(self.size, Style.SEMIBOLD, page.ACCENT)

    @property
    def _small(self) -> TextStyle:
        return TextStyle(self.size * 0.94, colour=page.MUTED)

    @property
    def _identity(self) -> TextStyle:
        return TextStyle(self.size * 1.08, Style.SEMIBOLD)

    @property
    def _width(self) -> float:
        return self.paper.width - self.left_margin - self.right_margin

    def frame(self) -> Frame:
        """The room that is left for the text."""
        return Frame(self.left_margin, self.right_margin, self._head_height() + 20, self._foot_height() + 16, self.paper)

    def draw(self, sheet: Sheet, number: int, count: int) -> None:
        if self.watermark:
            sheet.watermark(self.watermark, (0.975, 0.90, 0.90))
        self._draw_head(sheet)
        self._draw_foot(sheet, number, count)

    def _head_top(self) -> float:
        return 30.0 + self._strip * len(self.strips)

    def _head_height(self) -> float:
        left = self.left_margin
        copy = paragraph(self.copy, self._label, left, self._width * 0.45).height
        status = paragraph(self.status, self._small, left, self._width * 0.53).height
        identity = paragraph(self.identity, self._identity, left, self._width).height
        return self._head_top() + max(copy, status) + identity + 7

    def _draw_head(self, sheet: Sheet) -> None:
        left, width = self.left_margin, self._width
        for at, (text, danger) in enumerate(self.strips):
            top = self._strip * at
            sheet.box(0, top, self.paper.width, self._strip, page.DANGER if danger else page.ACCENT_TINT)
            style = TextStyle(self.size, Style.SEMIBOLD, (1, 1, 1) if danger else page.ACCENT, leading=2.3)
            sheet.words(text, style, left, top, width)
        top = self._head_top()
        used = sheet.words(self.copy, self._label, left, top, width * 0.45)
        status = replace(self._small, leading=self._label.line_height / self._small.size)
        beside = sheet.words(self.status, status, left + width * 0.47, top, width * 0.53, align=Align.END)
        top += max(used, beside)
        top += sheet.words(self.identity, self._identity, left, top, width)
        sheet.rule(left, top + 5, width, page.ACCENT, 0.8)

    def _foot_height(self) -> float:
        return 30.0 + sum(paragraph(text, self._small, self.left_margin, self._width * 0.8).height for text in self.foot)

    def _draw_foot(self, sheet: Sheet, number: int, count: int) -> None:
        left, width = self.left_margin, self._width
        top = self.paper.height - self._foot_height() + 6
        sheet.rule(left, top - 5, width)
        sheet.words(f"Page {number} of {count}", replace(self._small, cut=Style.SEMIBOLD), left, top, width, align=Align.END)
        for text in self.foot:
            top += sheet.words(text, self._small, left, top, width * 0.8)


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def professional_furniture(doc: VisitDocument, subject: PrintedPerson | None, size: float) -> Furniture:
    return Furniture(
        left_margin=51,
        right_margin=51,
        copy="Professional copy",
        identity=_identity(doc, subject),
        status=_status(doc),
        foot=_foot(doc),
        strips=_strips(doc),
        watermark="ENTERED IN ERROR" if doc.strike else "",
        size=size,
    )


def family_furniture(doc: VisitDocument, people: tuple[PrintedPerson, ...], size: float) -> Furniture:
    # After a loss the paper is the parents'; it is not made out to a child who has died.
    named = [p for p in people if p.kind is SubjectKind.PARENT or not doc.after_loss]
    names = wording.listed(tuple(p.first_name for p in named if p.first_name and p.lives_here))
    printed = f"Printed on {wording.day(wording.local_day(doc.printed_at))}" if doc.printed_at else ""
    return Furniture(
        left_margin=64,
        right_margin=64,
        copy="Family copy",
        identity=f"For {names}" if names else "For the family",
        status=f"Version {doc.version}, {wording.FAMILY_STATES.get(doc.state, 'signed')}",
        foot=tuple(part for part in (printed,) if part) or ("",),
        strips=_strips(doc),
        watermark="ENTERED IN ERROR" if doc.strike else "",
        size=size,
    )


def copy_title(copy: CopyType) -> str:
    """The title a reader's window shows: what it is, never about whom."""
    return f"Visit summary, {copy.value} copy"


def _identity(doc: VisitDocument, subject: PrintedPerson | None) -> str:
    people = (subject,) if subject else tuple(p for p in doc.people if p.nhs_number) or doc.people
    if subject:
        born = f"born {wording.short_day(subject.born_on)}" if subject.born_on else ""
        return ", ".join(part for part in (subject.name, born, _numbered(subject)) if part)
    # What belongs to one person stays on one line.
    said = ";  ".join(" ".join((p.name, _numbered(p))).strip().replace(" ", "\u00a0") for p in people)
    return f"{doc.family_name} family:  {said}"


def _numbered(person: PrintedPerson) -> str:
    return f"NHS\u00a0{wording.nhs_number(person.nhs_number)}" if person.nhs_number else ""


def _status(doc: VisitDocument) -> str:
    state = wording.STATES[NoteState.IN_ERROR if doc.strike else doc.state]
    late = ", late entry" if doc.signature and doc.signature.is_late else ""
    return f"Version {doc.version}, {state}{late}"


def _strips(doc: VisitDocument) -> tuple[tuple[str, bool], ...]:
    strips: list[tuple[str, bool]] = []
    if doc.is_practice:
        strips.append((wording.PRACTICE, False))
    if doc.strike:
        strips.append((wording.STRUCK, True))
    elif doc.state is NoteState.DRAFT:
        strips.append((wording.DRAFT, True))
    return tuple(strips)


def _foot(doc: VisitDocument) -> tuple[str, ...]:
    printed = []
    if doc.printed_at:
        printed.append(f"Printed {wording.moment(doc.printed_at)}")
    if doc.printed_by:
        printed.append(f"by {doc.printed_by}")
    if doc.printed_for:
        printed.append(f"for {doc.printed_for}")
    content = f"Content {wording.short_hash(doc.content_hash)}" if doc.content_hash else "Preview, not yet signed"
    return (" ".join(printed) or "Preview", f"{content}. Confidential health record.")
