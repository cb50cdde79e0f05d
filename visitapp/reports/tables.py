"""Tables on lying sheets whose column heads come back on every page."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from visitapp.reports import page, wording
from visitapp.reports.fonts import Style
from visitapp.reports.furniture import Furniture
from visitapp.reports.lists import CaseloadRow, DayVisit, ListDetails
from visitapp.reports.page import Band, Column, Frame, Paper, TextStyle, paragraph, stack
from visitapp.reports.sheet import Sheet, make_pdf

_BODY = TextStyle(9.2, leading=1.4)
_STRONG = replace(_BODY, cut=Style.SEMIBOLD)
_MUTED = replace(_BODY, size=8.3, colour=page.MUTED)
_LATE = replace(_STRONG, colour=page.DANGER)
_GAP = 12.0


@dataclass(frozen=True, slots=True)
class _Table:
    """Column heads with their shares of the width."""

    heads: tuple[tuple[str, float], ...]
    frame: Frame

    def place(self, at: int) -> tuple[float, float]:
        """Left edge and width of a column, in points."""
        before = sum(share for _, share in self.heads[:at])
        width = self.frame.width * self.heads[at][1]
        return self.frame.left + self.frame.width * before, width - _GAP

    def cell(self, at: int, *texts: tuple[str, TextStyle]) -> Column:
        x, width = self.place(at)
        said = [paragraph(text, style, x, width) for text, style in texts if text]
        return stack(said) if said else Column(x, width, ())

    def head_row(self) -> Band:
        cells = tuple(self.cell(at, (head, _MUTED)) for at, (head, _) in enumerate(self.heads))
        return Band(tuple(replace(cell, tag="H3") for cell in cells), above=6, below=3)


def caseload_pdf(rows: Sequence[CaseloadRow], details: ListDetails) -> bytes:
    """See `caseload.caseload_list`."""
    heads = (
        ("Family", 0.23), ("Phase", 0.11), ("Last visit", 0.11), ("Baby last seen", 0.12), ("Next due", 0.23), ("Flags", 0.20),
    )  # fmt: skip
    furniture = _furniture(details, "Caseload")
    table = _Table(heads, furniture.frame())
    bands = [
        _row(
            table.cell(0, (row.family, _STRONG), *((member, _MUTED) for member in row.members)),
            table.cell(1, (row.phase, _BODY)),
            table.cell(2, (wording.short_day(row.last_visit_on) if row.last_visit_on else "not yet", _BODY)),
            table.cell(3, (wording.short_day(row.baby_seen_on) if row.baby_seen_on else "not yet", _BODY)),
            table.cell(4, (row.due, _BODY), ("overdue" if row.is_overdue else "", _LATE)),
            table.cell(5, *((flag, _BODY) for flag in row.flags)),
        )
        for row in rows
    ]
    title = f"Caseload of {details.nurse}"
    count = "1 family" if len(rows) == 1 else f"{len(rows)} families"
    return _finish(title, f"{wording.weekday(details.on)}, {count}", bands, table, furniture, details)


def day_sheet_pdf(visits: Sequence[DayVisit], details: ListDetails) -> bytes:
    """See `caseload.day_sheet`."""
    heads = (("Time", 0.08), ("Family", 0.24), ("Where", 0.20), ("For", 0.16), ("Alerts", 0.14), ("Agreed last time", 0.18))
    furniture = _furniture(details, "Day sheet")
    table = _Table(heads, furniture.frame())
    ordered = sorted(visits, key=lambda visit: (visit.at is None, visit.at or 0))
    bands = [
        _row(
            table.cell(0, (wording.time_of_day(visit.at) if visit.at else "open", _STRONG)),
            table.cell(1, (visit.family, _STRONG), *((member, _MUTED) for member in visit.members)),
            table.cell(2, (visit.place, _BODY)),
            table.cell(3, (visit.purpose, _BODY)),
            table.cell(4, *((alert, _LATE) for alert in visit.alerts)),
            table.cell(5, *((item, _BODY) for item in visit.agreed)),
        )
        for visit in ordered
    ]
    return _finish(f"Visits of {details.nurse}", wording.weekday(details.on), bands, table, furniture, details)


def _row(*cells: Column) -> Band:
    return Band(cells, above=7, below=2, rule=page.HAIRLINE, whole=max(cell.height for cell in cells) < 160)


def _finish(title: str, said: str, rows: Sequence[Band], table: _Table, furniture: Furniture, details: ListDetails) -> bytes:
    frame = table.frame
    heads = table.head_row()
    opening = [
        Band((replace(paragraph(title, TextStyle(17, Style.SEMIBOLD), frame.left, frame.width), tag="H1"),)),
        Band((paragraph(said, replace(_MUTED, size=10), frame.left, frame.width),), above=2, below=6),
    ]
    if not rows:
        rows = [Band((paragraph("Nothing to list.", _BODY, frame.left, frame.width),), above=8)]
    below_heads = replace(frame, top=frame.top + heads.height)

    def draw(sheet: Sheet, number: int, count: int) -> None:
        furniture.draw(sheet, number, count)
        # On the first page the heads stand under the title, as text.
        for column in heads.columns if number > 1 else ():
            sheet.column(column, frame.top - 8)

    return make_pdf(
        [*opening, replace(heads, keep_with_next=True), *rows],
        below_heads,
        draw,
        title="List of families",
        language=details.language,
    )


def _furniture(details: ListDetails, copy: str) -> Furniture:
    return Furniture(
        left_margin=45,
        right_margin=45,
        copy=copy,
        identity=f"{details.nurse}, {wording.day(details.on)}",
        status="For the nurse's own use; keep it with you, then destroy it",
        foot=(f"Printed {wording.moment(details.printed_at)} by {details.printed_by}", "Confidential health record."),
        strips=((wording.PRACTICE, False),) if details.is_practice else (),
        paper=Paper.LANDSCAPE,
    )
