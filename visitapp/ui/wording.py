"""The words for every Problem a user can meet: what happened, what is safe, what to do; and the words for states."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from visitapp.config import problems as of_the_installation
from visitapp.domain import problems as of_the_work
from visitapp.domain.people import FamilyState, Role
from visitapp.domain.problems import Problem
from visitapp.domain.visits import NoteState, Outcome
from visitapp.store import problems as of_the_store
from visitapp.vault import problems as of_the_vault

LONDON = ZoneInfo("Europe/London")


@dataclass(frozen=True)
class Words:
    """What is said about a Problem; braces take its facts."""

    happened: str
    safe: str = ""
    do: str = ""


_WORDS: dict[type[Problem], Words] = {
    of_the_work.NotAllowed: Words(
        "Your role does not allow this.", "Nothing was changed.", "Ask your supervisor if you think it should."
    ),
    of_the_work.NoSuchFamily: Words(
        "This family is no longer in your caseload on this laptop.",
        "What you wrote and signed was kept and sent.",
        "Go back to the caseload. If the family should be yours, ask your supervisor.",
    ),
    of_the_work.NoSuchVisit: Words(
        "This note is not on this laptop.",
        "Nothing was lost by opening it.",
        "Sync, then look in the family's timeline.",
    ),
    of_the_work.VisitNotComplete: Words(
        "This visit cannot be signed yet: {count} answers are missing.",
        "Everything you wrote is saved on this laptop.",
        "Choose a missing answer in the list to go to it.",
    ),
    of_the_work.AlreadySigned: Words(
        "This visit is signed, so it cannot be changed.",
        "The signed note is safe.",
        "Add to it: write an addendum or a correction.",
    ),
    of_the_work.ReasonNeeded: Words("A reason is needed here.", "Nothing was changed.", "Write one sentence that says why."),
    of_the_work.TextNeeded: Words("Something must be written here.", "Nothing was changed.", "Fill in the marked field."),
    of_the_work.NotAValidNhsNumber: Words(
        "This is not a valid NHS number.",
        "Nothing was changed.",
        "Check the ten digits, or leave the field empty until you have them.",
    ),
    of_the_work.NotAValidDate: Words("This date cannot be right.", "Nothing was changed.", "Check day, month and year."),
    of_the_work.BabyNotInFamily: Words(
        "This visit names a baby who does not belong to this family.",
        "Nothing was signed.",
        "Choose the right baby in the first step of the visit.",
    ),
    of_the_work.SignatureDoesNotVerify: Words(
        "This note's signature does not match what it says.",
        "Other notes are not affected.",
        "Do not rely on this note. Tell your supervisor and your service's support.",
    ),
    of_the_work.PracticeAndServiceMixed: Words(
        "Practice and real work cannot be mixed.",
        "Nothing was sent or received.",
        "Use a practice record with a practice server, and your own record with your service.",
    ),
    of_the_work.SomebodyElsesCode: Words(
        "This enrolment code belongs to somebody else.",
        "Nothing was changed.",
        "Ask your administrator for your own code.",
    ),
    of_the_store.RecordMissing: Words(
        "The record's file is not where it was.",
        "Nothing new was made in its place. What the server received is safe there.",
        "Do not start afresh. Ask your service's support to look for the file or a backup.",
    ),
    of_the_store.RecordExists: Words(
        "There is already a record here.", "It was not touched.", "Unlock it, or choose another folder."
    ),
    of_the_store.RecordInUse: Words(
        "visitapp is already running with this record.",
        "Nothing is wrong with it.",
        "Go to the other window, or close it.",
    ),
    of_the_store.RecordUnreadable: Words(
        "The record cannot be opened with this key.",
        "It was not changed. What the server received is safe there.",
        "Ask your service's support before you try anything else.",
    ),
    of_the_store.RecordDamaged: Words(
        "The record is damaged.",
        "What the server received is safe there.",
        "Stop writing in it and ask your service's support to restore a backup.",
    ),
    of_the_store.RecordTooNew: Words(
        "This record was last used by a newer visitapp.", "It was not touched.", "Install the newer visitapp."
    ),
    of_the_store.DiskFull: Words(
        "There is no room left on this laptop's disk.",
        "Everything saved before is safe. The last words you typed may not be saved.",
        "Make room, then type a letter to save again.",
    ),
    of_the_store.DiskRefuses: Words(
        "The disk does not let visitapp write.",
        "Everything saved before is safe. The last words you typed may not be saved.",
        "Leave this window open, write down what is new, and ask your service's support.",
    ),
    of_the_store.RecordBusy: Words(
        "The record was busy for too long.", "Everything saved before is safe.", "Try again in a moment."
    ),
    of_the_store.RecordClosed: Words("visitapp was locked meanwhile.", "What was saved before is safe.", "Unlock and go on."),
    of_the_store.CipherTooOld: Words(
        "The encryption on this laptop is missing or too old.",
        "No record was opened or made.",
        "Ask your service's support to install visitapp again.",
    ),
    of_the_store.BackupFailed: Words(
        "The backup could not be written, or could not be read back.",
        "The record itself is not affected.",
        "Check the disk it was meant for, then try again.",
    ),
    of_the_vault.WrongPassphrase: Words(
        "This passphrase is not right.", "The record is safe.", "{wait} Check Caps Lock and the keyboard's language."
    ),
    of_the_vault.TooSoon: Words("It is too soon for another try.", "The record is safe.", "{wait}"),
    of_the_vault.Sealed: Words(
        "There were ten wrong passphrases in a row.",
        "The record is safe: nothing was deleted.",
        "{wait} If you have forgotten the passphrase, ask your administrator.",
    ),
    of_the_vault.VaultMissing: Words(
        "There is no record in this folder.", "Nothing was made or changed.", "Choose the folder your record is in."
    ),
    of_the_vault.VaultExists: Words(
        "There is already a record in this folder.", "It was not touched.", "Unlock it, or choose another folder."
    ),
    of_the_vault.VaultDamaged: Words(
        "The file that holds the record's lock is damaged.",
        "The record itself was not touched. What the server received is safe there.",
        "Do not start afresh. Ask your service's support to restore the file.",
    ),
    of_the_vault.VaultTooNew: Words(
        "This record was last used by a newer visitapp.", "It was not touched.", "Install the newer visitapp."
    ),
    of_the_vault.KeyringUnavailable: Words(
        "This computer has no keyring that visitapp can trust.",
        "The record is safe.",
        "Sign in to your own account on this computer. If it stays so, ask your service's support.",
    ),
    of_the_vault.KeyringIsLocked: Words(
        "This computer's keyring is locked.", "The record is safe.", "Unlock the keyring, then try again."
    ),
    of_the_vault.KeyringDismissed: Words(
        "The keyring asked for permission and did not get it.", "The record is safe.", "Try again and allow it."
    ),
    of_the_vault.KeyringFailed: Words(
        "This computer's keyring did not answer as it should.",
        "The record is safe.",
        "Sign out of this computer and in again. If it stays so, ask your service's support.",
    ),
    of_the_vault.DeviceSecretMissing: Words(
        "This computer's keyring does not know this record.",
        "The record is safe.",
        "Sign in with the account you used before. A record copied from another laptop cannot be opened here.",
    ),
    of_the_vault.PassphraseTooWeak: Words(
        "This passphrase would be guessed too soon.",
        "Nothing was changed.",
        "Use four or more words that do not belong together.",
    ),
    of_the_vault.VaultClosed: Words("visitapp was locked meanwhile.", "What was saved before is safe.", "Unlock and go on."),
    of_the_vault.DerivationFailed: Words(
        "There is not enough free memory to unlock ({memory_mib} MB are needed).",
        "The record is safe.",
        "Close other programs, then try again.",
    ),
    of_the_store.TextTooLong: Words(
        "This text is longer than your service takes in one piece.",
        "What was saved before is safe.",
        "Shorten the text, or put part of it in another step.",
    ),
    of_the_installation.DataFolderIsSynced: Words(
        "The data folder lies where {service} copies it to other machines.",
        "Nothing was written there.",
        "Choose a folder on this laptop only.",
    ),
    of_the_installation.DataFolderUnusable: Words(
        "The data folder cannot be used.",
        "Nothing was changed.",
        "Choose another folder, or ask your service's support.",
    ),
    of_the_installation.ResourcesMissing: Words(
        "Some of visitapp's own files are missing.", "Your record was not touched.", "Install visitapp again."
    ),
    of_the_installation.SettingsDamaged: Words(
        "Some settings could not be read, so the usual ones apply.",
        "Your record is not affected.",
        "Look at the settings and choose again.",
    ),
}


def has_words(kind: type[Problem]) -> bool:
    """Tell whether a kind of Problem has words, its own or those of the kind it is one of."""
    return any(parent in _WORDS for parent in kind.__mro__)


def words_for(problem: Problem) -> Words:
    """Return what to say about a Problem, its facts filled in."""
    found = next((_WORDS[kind] for kind in type(problem).__mro__ if kind in _WORDS), None)
    if found is None:
        return Words(
            "Something did not work.",
            "What was saved before is safe.",
            "Try again. If it stays so, ask your service's support.",
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
