"""What the unlock screen says: why it is locked, what went wrong, how good a passphrase is, which address is meant. No Qt."""

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from visitapp.domain.problems import Problem

if TYPE_CHECKING:
    from visitapp.vault.strength import Strength

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_LONGEST_ADDRESS = 2048
_FEW_TRIES = 5


@dataclass(frozen=True)
class Standing:
    """What is known while everything is locked.

    `locked_by` is "idle", "sleep", "screen-lock", "user-switch", "asked", "lease", "wiped" or empty. `user` is filled in
    beforehand on practice records only. `unsent` is the number of notes on this laptop only. `is_wiping` says that a record was
    ordered off this laptop, and is to go before anything else.
    """

    has_vault: bool
    is_reduced: bool = False
    is_practice: bool = False
    unsent: int = 0
    locked_by: str = ""
    user: str = ""
    is_wiping: bool = False


@dataclass(frozen=True)
class Trouble:
    """What went wrong, what is safe, what to do; `tone` is attention or danger, `offers_…` adds a button."""

    happened: str
    safe: str = ""
    do: str = ""
    tone: str = "danger"
    offers_spare: bool = False
    offers_backup: bool = False
    offers_recovery: bool = False


@dataclass(frozen=True)
class Meter:
    """How good the passphrase is so far: 0 to 4 bars, a tone and words."""

    bars: int
    tone: str
    words: str


_LOCKED_BY = {
    "idle": "Locked because nobody used it for a while.",
    "sleep": "Locked when the laptop went to sleep.",
    "screen-lock": "Locked together with the screen.",
    "user-switch": "Locked when somebody else took the laptop.",
    "asked": "",
    "lease": "Locked because this laptop has been without your service for too long. Connect to a network, then unlock.",
}
_METER = (
    ("danger", "Would be guessed at once"),
    ("danger", "Would be guessed soon"),
    ("attention", "Not strong enough yet: add a word"),
    ("success", "Good"),
    ("success", "Strong"),
)


def reason_line(standing: Standing) -> str:
    """Say why the screen is locked, if it was not its user who locked it."""
    return _LOCKED_BY.get(standing.locked_by, "")


def unsent_line(standing: Standing) -> str:
    """Say what waits to be sent, if anything does: nothing is sent while locked."""
    notes = "1 note" if standing.unsent == 1 else f"{standing.unsent} notes"
    return f"{notes} on this laptop only: unlock to send." if standing.unsent else ""


def trouble(problem: Problem) -> Trouble:
    """Return what to show of a problem; how long to wait is counted down elsewhere."""
    from visitapp.store.problems import RecordDamaged, RecordUnreadable
    from visitapp.ui.wording import count, words_for
    from visitapp.vault.problems import (
        DeviceSecretMissing,
        NeedsRecovery,
        PassphraseTooWeak,
        TooSoon,
        VaultDamaged,
        WrongPassphrase,
    )

    words = words_for(problem)
    if isinstance(problem, TooSoon):
        return Trouble("It is too soon for another try.", words.safe, tone="attention")
    if isinstance(problem, WrongPassphrase):
        do = "Check Caps Lock and the keyboard's language."
        if problem.tries_left <= _FEW_TRIES:
            do += f" {count(problem.tries_left, 'more try', 'more tries')} before a long wait."
        return Trouble(words.happened, words.safe, do, tone="attention")
    if isinstance(problem, PassphraseTooWeak):
        return Trouble(words.happened, words.safe, words.do, tone="attention")
    if isinstance(problem, VaultDamaged) and problem.has_spare:
        do = "A spare copy is on this laptop. It may ask for the passphrase before your last change."
        return Trouble(words.happened, words.safe, do, offers_spare=True)
    if isinstance(problem, RecordDamaged | RecordUnreadable):
        do = (
            "The newest good backup on this laptop can take its place; what it lacks comes from the server with the next sync. "
            "The damaged files are kept for your service's support."
        )
        return Trouble(words.happened, words.safe, do, offers_backup=True)
    offers_recovery = isinstance(problem, NeedsRecovery | DeviceSecretMissing)
    return Trouble(words.happened, words.safe, words.do, offers_recovery=offers_recovery)


def restoring() -> Trouble:
    """Say what is needed before a backup takes the record's place."""
    return Trouble(
        "Type your passphrase once more.",
        "Every backup is opened and checked first, and the damaged files are kept.",
        "What was written after the newest good backup and not yet sent is not in it.",
        tone="attention",
    )


Page = tuple[str, tuple[str, ...], str]
"""A heading, lines and the words of a button."""


def being_taken_off() -> Page:
    """Say what is going on while a record goes."""
    return (
        "Your service is taking its record off this laptop",
        ("What only this laptop has is handed in or sealed first. Leave the laptop on for a moment.",),
        "",
    )


def not_taken_off() -> Page:
    """Say that an order could not be carried out."""
    return (
        "Your service asked for its record, but it could not be taken off yet",
        ("Nothing was deleted. Telephone your administrator, and close visitapp.",),
        "",
    )


def going_back() -> Page:
    """Say what is going on while a backup takes the record's place."""
    return "Going back to a backup", ("Every page of it is read first. Nothing is deleted.",), ""


def taken_off(*, waiting: int) -> Page:
    """Say that it has gone, and what became of what was unsent."""
    kept = (
        "What you had not sent is sealed on this laptop: only your service can read it. It is handed over when visitapp is started "
        "with a network."
        if waiting
        else "Your service has everything you wrote and has been told that the record is gone."
    )
    return (
        "Your service took its record off this laptop",
        (
            "Your families' records are no longer on this laptop, and your passphrase opens nothing here any more.",
            kept,
            "If you did not expect this, telephone your administrator. To work on this laptop again you need a new enrolment code.",
        ),
        "Go on",
    )


def must_be_strong(passphrase: bytearray, *known: str) -> None:
    """Raise PassphraseTooWeak for a passphrase that would be guessed too soon, and zero it."""
    from visitapp.vault.problems import PassphraseTooWeak
    from visitapp.vault.strength import strength

    judged = strength(passphrase.decode(), known)
    if not judged.acceptable:
        passphrase[:] = bytes(len(passphrase))
        raise PassphraseTooWeak(score=judged.score)


def meter(judged: "Strength") -> Meter:
    """Return what the meter shows for a judged passphrase."""
    score = max(judged.score, 3) if judged.acceptable else min(judged.score, 2)
    tone, words = _METER[score]
    return Meter(score, tone, words)


def wait_line(seconds: int) -> str:
    """Say how long until the next try, to the second."""
    if seconds >= 3600:
        hours, minutes = divmod(-(-seconds // 60), 60)
        return f"You can try again in {hours} h {minutes:02} min."
    minutes, rest = divmod(seconds, 60)
    return f"You can try again in {minutes}:{rest:02}."


def service_address(typed: str) -> str:
    """Return the address of a service as typed, completed to a URL; raises ValueError with words for the field.

    Plain http is accepted on this very machine only: anywhere else it would show what is sent to the network.
    """
    text = typed.strip()
    if not text or len(text) > _LONGEST_ADDRESS or any(character.isspace() for character in text):
        raise ValueError("Type the address you were given, for example visits.example.org.")
    if "://" not in text:
        text = f"https://{text}"
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host, parts = None, urlsplit("")
    if not host or parts.scheme not in ("https", "http") or parts.username or parts.query or parts.fragment:
        raise ValueError("This is not the address of a service. An example: visits.example.org")
    if parts.scheme == "http" and host not in LOOPBACK:
        raise ValueError("The address must begin with https://, so that nobody can listen.")
    return text.rstrip("/")
