"""What the lists on paper are made of: the rows of the caseload and of a day sheet, and whose list it is."""

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
