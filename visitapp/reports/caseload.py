"""Lists on paper: the caseload, and the day sheet that goes with her; the door to them, light to import."""

from dataclasses import dataclass
from datetime import date, datetime, time


@dataclass(frozen=True, slots=True)
class CaseloadRow:
    """A family of the list; `members` are names with ages in words, `due` is what is next and by when."""

    family: str
    members: tuple[str, ...]
    phase: str = ""
    last_visit_on: date | None = None
    baby_seen_on: date | None = None
    due: str = ""
    is_overdue: bool = False
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DayVisit:
    """A visit planned for the day; alerts in words, restricted ones never among them."""

    family: str
    members: tuple[str, ...]
    at: time | None = None
    place: str = ""
    purpose: str = ""
    alerts: tuple[str, ...] = ()
    agreed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ListDetails:
    """Whose list it is, of which day, and who printed it when (aware UTC)."""

    nurse: str
    on: date
    printed_by: str
    printed_at: datetime
    language: str = "en-GB"
    is_practice: bool = False


def caseload_list(rows: tuple[CaseloadRow, ...], details: ListDetails) -> bytes:
    """The caseload as a PDF on A4 lying; made in memory."""
    from visitapp.reports.tables import caseload_pdf

    return caseload_pdf(rows, details)


def day_sheet(visits: tuple[DayVisit, ...], details: ListDetails) -> bytes:
    """The day's visits as a PDF on A4 lying; made in memory. Visits without a time come last."""
    from visitapp.reports.tables import day_sheet_pdf

    return day_sheet_pdf(visits, details)
