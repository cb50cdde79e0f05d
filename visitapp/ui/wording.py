"""The words for every Problem a user can meet: what happened, what is safe, what to do; and the words for states."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from visitapp.domain.people import FamilyState, Role
from visitapp.domain.problems import Problem
from visitapp.domain.visits import NoteState, Outcome
from visitapp.ui.problem_words import PROBLEM_WORDS, WORDS_BY_NAME, Words

LONDON = ZoneInfo("Europe/London")


def has_words(kind: type[Problem]) -> bool:
    """Tell whether a kind of Problem has words, its own or those of the kind it is one of."""
    return _found(kind) is not None


def _found(kind: type[Problem]) -> Words | None:
    known = (PROBLEM_WORDS.get(each) or WORDS_BY_NAME.get(each.__name__) for each in kind.__mro__ if issubclass(each, Problem))
    return next((words for words in known if words is not None), None)


def words_for(problem: Problem) -> Words:
    """Return what to say about a Problem, its facts filled in."""
    found = _found(type(problem)) or Words(
        "Something did not work.", "What was saved before is safe.", "Try again. If it stays so, ask your service's support."
    )
    facts: dict[str, object] = {"wait": wait_words(getattr(problem, "retry_after_s", 0))}
    if is_dataclass(problem):
        facts |= {field.name: getattr(problem, field.name) for field in fields(problem)}
    return Words(*(" ".join(part.format_map(facts).split()) for part in (found.happened, found.safe, found.do)))


def sentence_for(problem: Problem) -> str:
    """Return all that is to be said about a Problem as one paragraph."""
    words = words_for(problem)
    return " ".join(part for part in (words.happened, words.safe, words.do) if part)


def wait_words(seconds: int) -> str:
    """Say how long to wait until the next try."""
    if seconds <= 0:
        return "Try again."
    if seconds < 90:
        return f"Try again in {seconds} seconds."
    return f"Try again in {round(seconds / 60)} minutes."


def count(number: int, one: str, many: str = "") -> str:
    """Write a number with its noun: "1 note", "3 notes"."""
    return f"{number} {one if number == 1 else many or one + 's'}"


NOTE_STATES: Mapping[NoteState, tuple[str, str, str]] = {
    NoteState.DRAFT: ("draft", "attention", "draft"),
    NoteState.SIGNED: ("signed, on this laptop only", "attention", "laptop"),
    NoteState.RECEIVED: ("received by the server", "success", "received"),
    NoteState.SEEN: ("seen by supervisor", "success", "seen"),
    NoteState.RETURNED: ("returned with a question", "danger", "returned"),
    NoteState.COUNTERSIGNED: ("countersigned", "success", "signed"),
    NoteState.IN_ERROR: ("entered in error", "muted", "error"),
}
"""How far a note has come: words, tone, icon."""

OUTCOMES: Mapping[Outcome, str] = {
    Outcome.COMPLETED: "visit completed",
    Outcome.NO_ACCESS: "no access",
    Outcome.CANCELLED_FAMILY: "cancelled by the family",
    Outcome.CANCELLED_SERVICE: "cancelled by the service",
    Outcome.DECLINED: "declined",
    Outcome.NOT_BROUGHT: "was not brought",
}

MODES: Mapping[str, str] = {
    "home": "at home", "other-home": "at another home", "gp": "at the GP surgery", "hub": "at a family hub",
    "phone": "by phone", "video": "by video", "text": "by text",
}  # fmt: skip

BABY_SEEN: Mapping[str, str] = {"awake": "baby seen awake", "asleep": "baby seen asleep", "not-seen": "baby not seen"}

FAMILY_STATES: Mapping[FamilyState, str] = {
    FamilyState.ACTIVE: "Active",
    FamilyState.MOVED: "Moved away",
    FamilyState.GRADUATED: "Graduated",
    FamilyState.DECLINED: "Declined the service",
    FamilyState.PREGNANCY_ENDED: "The pregnancy has ended",
    FamilyState.BABY_DIED: "A baby has died",
}

LOSS = frozenset({FamilyState.PREGNANCY_ENDED, FamilyState.BABY_DIED})
"""States in which no screen may ask, remind or congratulate."""

ROLES: Mapping[Role, str] = {
    Role.MOTHER: "mother",
    Role.FATHER: "father",
    Role.PARTNER: "partner",
    Role.CARER: "carer",
    Role.BABY: "baby",
    Role.UNBORN: "unborn baby",
    Role.SIBLING: "sibling",
    Role.OTHER: "other",
}

FLAGS: Mapping[str, tuple[str, str, str]] = {
    "concern-1": ("concern, level 1", "muted", "flag"),
    "concern-2": ("concern, level 2", "attention", "flag"),
    "concern-3": ("concern, level 3", "danger", "danger"),
    "risk-now": ("risk now", "danger", "danger"),
    "baby-not-seen": ("baby not seen", "attention", "hide"),
    "late": ("late entry", "muted", "clock"),
    "unsigned": ("unsigned", "attention", "draft"),
    "alert": ("alert", "attention", "warning"),
}
"""Codes of flags: words, tone, icon."""


HIDDEN_ALERT = "Restricted alert"
"""What is said of an alert that is read only by asking for it, in the family's own screen."""


def alert_words(text: str, code: str, *, restricted: bool) -> str:
    """Say an alert in a list, where somebody may be looking over her shoulder."""
    return HIDDEN_ALERT if restricted else text or code


def flag_words(code: str) -> tuple[str, str, str]:
    """Return words, tone and icon of a flag; one that a newer version wrote is shown as it is."""
    return FLAGS.get(code, (code.replace("-", " "), "attention", "flag"))


_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def day_words(day: date, today: date | None = None) -> str:
    """Write a date: 3 Dec 2025, and without its year when that is today's."""
    year = "" if today is not None and day.year == today.year else f" {day.year}"
    return f"{day.day} {_MONTHS[day.month - 1]}{year}"


def weekday_words(day: date) -> str:
    """Write a day in full: Monday 3 Dec."""
    return f"{_DAYS[day.weekday()]} {day.day} {_MONTHS[day.month - 1]}"


def time_words(at: datetime) -> str:
    """Write a time of day as it was in the United Kingdom: 10:42."""
    return at.astimezone(LONDON).strftime("%H:%M")


def moment_words(at: datetime, now: datetime) -> str:
    """Write a moment as near as matters: 10:42, yesterday 10:42, 3 Dec 10:42, 3 Dec 2024."""
    local, today = at.astimezone(LONDON), now.astimezone(LONDON).date()
    if local.date() == today:
        return time_words(at)
    if local.date() == today - timedelta(days=1):
        return f"yesterday {time_words(at)}"
    if local.year == today.year:
        return f"{day_words(local.date(), today)} {time_words(at)}"
    return day_words(local.date())


def ago_words(day: date, today: date) -> str:
    """Say how long ago a day was: today, yesterday, 5 days ago, 3 weeks ago, 4 months ago."""
    days = (today - day).days
    if days <= 1:
        return {1: "yesterday", 0: "today"}.get(days, day_words(day, today))
    if days < 21:
        return f"{days} days ago"
    if days < 120:
        return f"{days // 7} weeks ago"
    return count(days // 30, "month") + " ago"
