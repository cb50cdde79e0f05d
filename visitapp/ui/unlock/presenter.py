"""Decides what the unlock screen shows, from the first start to the open record; knows no Qt.

Words and problems are loaded when there is one to tell: the locked window waits for neither.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlsplit

from visitapp.domain.problems import Problem
from visitapp.ui.roles import Lanes

if TYPE_CHECKING:
    from visitapp.vault.strength import Strength

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_LONGEST_ADDRESS = 2048
_FEW_TRIES = 5


class Place(StrEnum):
    """Which of its pages the unlock screen shows."""

    WELCOME = "welcome"
    CONNECT = "connect"
    PASSPHRASE = "passphrase"  # noqa: S105 - the name of a page
    UNLOCK = "unlock"


@dataclass(frozen=True)
class Standing:
    """What is known while everything is locked.

    `locked_by` is "idle", "sleep", "screen-lock", "user-switch", "asked" or empty; `user` is filled in beforehand on
    practice records only; `unsent` is the number of notes on this laptop only.
    """

    has_vault: bool
    is_reduced: bool = False
    is_practice: bool = False
    unsent: int = 0
    locked_by: str = ""
    user: str = ""


class Doors(Protocol):
    """What can be opened; each call takes about a second and belongs on a background lane.

    What comes back is passed on and never looked into. Passphrases are zeroed by whoever gets them.
    """

    def unlock(self, user: str, passphrase: bytearray) -> Any:
        """Open a user's record."""

    def connect(self, address: str, code: str, user: str, passphrase: bytearray) -> Any:
        """Make a record, enrol this laptop at the service and return the record open."""

    def practise(self) -> Any:
        """Make a throw-away record with invented families and return it open."""

    def use_spare(self, user: str) -> None:
        """Put the spare copy of a damaged header in its place."""


@dataclass(frozen=True)
class Trouble:
    """What went wrong, what is safe, what to do; `tone` is attention or danger, `offers_spare` adds a button."""

    happened: str
    safe: str = ""
    do: str = ""
    tone: str = "danger"
    offers_spare: bool = False


@dataclass(frozen=True)
class Meter:
    """How good the passphrase is so far: 0 to 4 bars, a tone and words."""

    bars: int
    tone: str
    words: str


class UnlockScreen(Protocol):
    """What the presenter asks of the view."""

    def show_place(self, place: Place) -> None:
        """Show a page, its fields empty."""

    def show_standing(self, standing: Standing, reason: str, unsent: str) -> None:
        """Show what is true while everything is locked: why it is, and what waits to be sent."""

    def show_busy(self, words: str) -> None:
        """Show that something is under way; empty words end it."""

    def show_trouble(self, trouble: Trouble | None) -> None:
        """Show what went wrong, or that nothing is wrong any more."""

    def show_wait(self, words: str) -> None:
        """Show how long until the next try, or with empty words that it may be made now."""

    def show_meter(self, meter: Meter) -> None:
        """Show how good the passphrase is so far."""

    def show_wrong(self, field: str, words: str) -> None:
        """Say what is wrong with a field: address, code, user, passphrase or again; empty words: nothing."""


_LOCKED_BY = {
    "idle": "Locked because nobody used it for a while.",
    "sleep": "Locked when the laptop went to sleep.",
    "screen-lock": "Locked together with the screen.",
    "user-switch": "Locked when somebody else took the laptop.",
    "asked": "",
}
_METER = (
    ("danger", "Would be guessed at once"),
    ("danger", "Would be guessed soon"),
    ("attention", "Not strong enough yet: add a word"),
    ("success", "Good"),
    ("success", "Strong"),
)


class UnlockPresenter:
    """Leads from the locked screen to an open record, which it hands to `opened`."""

    def __init__(
        self,
        screen: UnlockScreen,
        doors: Doors,
        lanes: Lanes,
        standing: Standing,
        opened: Callable[[Any], None],
        *,
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        self._screen = screen
        self._doors = doors
        self._lanes = lanes
        self._standing = standing
        self._opened = opened
        self._seconds = seconds
        self._is_busy = False
        self._may_try_at = 0.0
        self._address = self._code = self._user = ""
        self._judged = 0
        self._place = Place.WELCOME

    def start(self) -> None:
        """Show the first page."""
        self._screen.show_standing(self._standing, reason_line(self._standing), unsent_line(self._standing))
        self._go(Place.UNLOCK if self._standing.has_vault else Place.WELCOME)

    def go_back(self) -> None:
        """Go one page back; nothing that was typed is kept but address and code."""
        if self._is_busy:
            return
        if self._place is Place.PASSPHRASE:
            self._go(Place.CONNECT)
        else:
            self._go(Place.UNLOCK if self._standing.has_vault else Place.WELCOME)

    def connect(self) -> None:
        """Begin to connect to a service, for the first or for one more person on this laptop."""
        if not self._is_busy:
            self._go(Place.CONNECT)

    def practise(self) -> None:
        """Open invented families."""
        self._begin("Inventing some families…", self._doors.practise, self._has_opened)

    def take_service(self, address: str, code: str) -> None:
        """Take address and enrolment code, and go on to the passphrase when both can be right."""
        try:
            self._address = service_address(address)
        except ValueError as wrong:
            self._screen.show_wrong("address", str(wrong))
            return
        self._screen.show_wrong("address", "")
        self._code = "".join(code.split())
        if not self._code:
            self._screen.show_wrong("code", "Type the enrolment code you were given.")
            return
        self._screen.show_wrong("code", "")
        self._go(Place.PASSPHRASE)

    def judge(self, user: str, passphrase: str) -> None:
        """Say how good a passphrase is, while it is being typed."""
        self._judged += 1
        this = self._judged
        if not passphrase:
            self._screen.show_meter(Meter(0, "muted", ""))
            return

        def show(found: "Strength") -> None:
            # Only the latest keystroke counts; judging a long text takes longer than typing the next letter.
            if this == self._judged:
                self._screen.show_meter(meter(found))

        def judged() -> "Strength":
            from visitapp.vault.strength import strength

            return strength(passphrase, (user, self._address))

        self._lanes.slowly(self._screen, judged, show)

    def create(self, user: str, passphrase: bytearray, again: bytearray) -> None:
        """Make the record under a passphrase, if it is good enough and was typed the same twice."""
        name = user.strip()
        alike = passphrase == again
        again[:] = bytes(len(again))
        self._screen.show_wrong("user", "" if name else "Type your user name.")
        self._screen.show_wrong("again", "" if alike else "The two are not the same.")
        if not name or not alike or self._is_busy:
            passphrase[:] = bytes(len(passphrase))
            return
        self._user = name
        address, code = self._address, self._code

        def work() -> Any:
            from visitapp.vault.problems import PassphraseTooWeak
            from visitapp.vault.strength import strength

            judged = strength(passphrase.decode(), (name, address))
            if not judged.acceptable:
                passphrase[:] = bytes(len(passphrase))
                raise PassphraseTooWeak(score=judged.score)
            return self._doors.connect(address, code, name, passphrase)

        self._begin("Making your record and connecting to your service…", work, self._has_opened)

    def unlock(self, user: str, passphrase: bytearray) -> None:
        """Try a passphrase."""
        name = user.strip()
        self._screen.show_wrong("user", "" if name else "Type your user name.")
        self._screen.show_wrong("passphrase", "" if passphrase else "Type your passphrase.")
        if not name or not passphrase or self._is_busy or self._remaining_s():
            passphrase[:] = bytes(len(passphrase))
            return
        self._user = name
        self._begin("Unlocking…", lambda: self._doors.unlock(name, passphrase), self._has_opened)

    def use_spare(self) -> None:
        """Put the spare copy of the header in place of the damaged one."""
        user = self._user
        self._begin("Putting the spare copy in place…", lambda: self._doors.use_spare(user), lambda _: self._ended())

    def tick(self) -> None:
        """Count the wait down; the view calls this every second while there is one."""
        remaining_s = self._remaining_s()
        self._screen.show_wait(wait_line(remaining_s) if remaining_s else "")

    def _begin(self, words: str, work: Callable[[], Any], done: Callable[[Any], None]) -> None:
        if self._is_busy:
            return
        self._is_busy = True
        self._screen.show_trouble(None)
        self._screen.show_busy(words)
        self._lanes.slowly(self._screen, work, done, self._has_failed)

    def _has_opened(self, opened: Any) -> None:
        # The screen stays busy: what comes next is the first screen of the record.
        self._opened(opened)

    def _has_failed(self, problem: Problem) -> None:
        from visitapp.vault.problems import PassphraseTooWeak

        self._ended()
        retry_after_s = int(getattr(problem, "retry_after_s", 0))
        if retry_after_s:
            self._may_try_at = self._seconds() + retry_after_s
        self._screen.show_trouble(trouble(problem))
        if retry_after_s:
            self.tick()
        if isinstance(problem, PassphraseTooWeak):
            self._screen.show_wrong("passphrase", "Use four or more words that do not belong together.")

    def _ended(self) -> None:
        self._is_busy = False
        self._screen.show_busy("")

    def _go(self, place: Place) -> None:
        self._place = place
        self._screen.show_trouble(None)
        self._screen.show_place(place)
        if place is Place.UNLOCK:
            self.tick()

    def _remaining_s(self) -> int:
        return max(0, -int(-(self._may_try_at - self._seconds()) // 1)) if self._may_try_at else 0


def reason_line(standing: Standing) -> str:
    """Say why the screen is locked, if it was not its user who locked it."""
    return _LOCKED_BY.get(standing.locked_by, "")


def unsent_line(standing: Standing) -> str:
    """Say what waits to be sent, if anything does: nothing is sent while locked."""
    notes = "1 note" if standing.unsent == 1 else f"{standing.unsent} notes"
    return f"{notes} on this laptop only: unlock to send." if standing.unsent else ""


def trouble(problem: Problem) -> Trouble:
    """Return what to show of a problem; how long to wait is counted down elsewhere."""
    from visitapp.ui.wording import count, words_for
    from visitapp.vault.problems import PassphraseTooWeak, TooSoon, VaultDamaged, WrongPassphrase

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
    return Trouble(words.happened, words.safe, words.do)


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
