"""The words that reports add to what was written, and how they say dates, times and numbers."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from visitapp.reports.document import NoteState, Scale, Signature

_HERE = ZoneInfo("Europe/London")

# strftime would follow the language of the machine.
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

STATES = {
    NoteState.DRAFT: "draft, not signed",
    NoteState.SIGNED: "signed",
    NoteState.RECEIVED: "signed, received by the server",
    NoteState.SEEN: "signed, seen by supervisor",
    NoteState.RETURNED: "signed, returned with a question",
    NoteState.COUNTERSIGNED: "countersigned",
    NoteState.IN_ERROR: "entered in error",
}

FAMILY_STATES = {NoteState.DRAFT: "draft, not signed", NoteState.IN_ERROR: "entered in error"}
"""A family need not know how far a note has come on its way through the service: else it is just signed."""

SCALE = {
    Scale.SEEN: "Seen",
    Scale.EMERGING: "Emerging",
    Scale.NOT_SEEN: "Not seen",
    Scale.NO_OPPORTUNITY: "No opportunity",
}

PRACTICE = "Invented families: a practice copy about nobody real"
STRUCK = "Entered in error: do not rely on this note"
DRAFT = "Draft: not signed, may still change"
RESTRICTED = "A restricted part of this note exists. It is in no printed copy."
ELSEWHERE = "This copy leaves out {count} of the note about other people; each belongs in the copy about that person."
UNDRAWN = "Characters that no installed typeface can draw are shown as boxes; the record holds them unchanged: {codes}."
NOT_A_TEST = "A relationship observation is not a test: it has no total, no percentile and no attachment class."
AWAITING_REVIEW = "The checklist is a draft, awaiting review by an infant mental health clinician."
SCORE_IS_AN_AID = "A score is an aid to judgement, not a diagnosis."
NO_TOTAL = "No total: {answered} of {asked} answered."
UNANSWERED = "not answered"

FAMILY_TITLE = "Our visit"
FAMILY_TITLE_MISSED = "We did not meet this time"
FAMILY_STRENGTHS = "What we saw together"
FAMILY_VOICE = "What {name} might say"
FAMILY_PLAN = "What we agreed"
FAMILY_NEXT = "We meet again"
FAMILY_NOTHING = "There is nothing else to show on this copy."
FAMILY_CLOSING = "This copy is yours to keep. If something here is not right, tell your nurse: it can be put right."
FAMILY_NOT_A_TEST = "What we saw together is not a test, and nobody gives marks."


def day(on: date) -> str:
    return f"{on.day} {_MONTHS[on.month - 1]} {on.year}"


def short_day(on: date) -> str:
    return f"{on.day} {_MONTHS[on.month - 1][:3]} {on.year}"


def weekday(on: date) -> str:
    return f"{_DAYS[on.weekday()]} {day(on)}"


def local_day(at: datetime) -> date:
    """The day it was in the United Kingdom at an aware UTC time."""
    return at.astimezone(_HERE).date()


def clock(at: datetime) -> str:
    return f"{at.astimezone(_HERE):%H:%M}"


def time_of_day(at: time) -> str:
    return f"{at:%H:%M}"


def moment(at: datetime) -> str:
    return f"{short_day(local_day(at))}, {clock(at)}"


def duration(start: datetime, end: datetime) -> str:
    minutes = max(0, round((end.astimezone(UTC) - start.astimezone(UTC)).total_seconds() / 60))
    hours, rest = divmod(minutes, 60)
    if not hours:
        return f"{minutes} minutes"
    return f"{hours} h {rest:02d} min"


def form_name(canonical: str) -> str:
    """The name and version of a questionnaire: "visit-plan 1.0.0" for its whole address."""
    return canonical.rpartition("/")[2].replace("|", " ")


def nhs_number(number: str) -> str:
    """An NHS number in groups of 3, 3 and 4; anything else as it was entered."""
    digits = number.replace(" ", "").replace("-", "")
    if len(digits) == 10 and digits.isascii() and digits.isdigit():
        return f"{digits[:3]}\u00a0{digits[3:6]}\u00a0{digits[6:]}"
    return number


def short_hash(content_hash: str) -> str:
    """The first 16 hex digits in groups of four: enough to compare two copies by eye."""
    return " ".join(content_hash[at : at + 4] for at in range(0, min(16, len(content_hash)), 4))


def signed(signature: Signature) -> str:
    return ", ".join(part for part in (signature.name, signature.role, moment(signature.at)) if part)


def listed(words: tuple[str, ...]) -> str:
    """ "Amina, Yusuf and Zofia"."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"
