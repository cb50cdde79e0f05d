"""Decides what the unlock screen shows, from the first start to the open record; knows no Qt.

Words and problems are loaded when there is one to tell: the locked window waits for neither.
"""

import time
from collections.abc import Callable
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol

from visitapp.domain.problems import Problem
from visitapp.ui.roles import Lanes
from visitapp.ui.unlock.saying import (
    Meter,
    Standing,
    Trouble,
    being_taken_off,
    meter,
    must_be_strong,
    reason_line,
    restoring,
    service_address,
    taken_off,
    trouble,
    unsent_line,
    wait_line,
)

if TYPE_CHECKING:
    from visitapp.vault.strength import Strength


class Place(StrEnum):
    """Which of its pages the unlock screen shows."""

    WELCOME = "welcome"
    CONNECT = "connect"
    PASSPHRASE = "passphrase"  # noqa: S105 - the name of a page
    UNLOCK = "unlock"
    RECOVER = "recover"
    TOLD = "told"


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

    def begin_recovery(self, user: str) -> Any:
        """Return an occasion to get into a user's record without her passphrase; its `request` has a `text()` and a `check()`."""

    def finish_recovery(self, recovery: Any, answer: str, user: str, passphrase: bytearray) -> Any:
        """Take what administrators answered, and open the record under a new passphrase."""

    def restore(self, user: str, passphrase: bytearray) -> Any:
        """Put the newest good backup in the place of a user's damaged record, and open it."""

    def finish_wipes(self) -> Any:
        """Carry out what is left of every wipe that was ordered; the answer has `gone` and `waiting`."""


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
        """Say what is wrong with a field: address, code, user, passphrase, again or answer; empty words: nothing."""

    def show_request(self, text: str, check: str) -> None:
        """Show a request to be let in, and its eight digits."""

    def show_told(self, heading: str, lines: tuple[str, ...], button: str) -> None:
        """Show on a page of its own what happened; without words for the button there is nothing to choose yet."""


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
        self._is_busy = self._is_restoring = False
        self._may_try_at = 0.0
        self._address = self._code = self._user = ""
        self._judged = 0
        self._place = Place.WELCOME
        self._recovery: Any = None

    def start(self) -> None:
        """Show the first page."""
        self._screen.show_standing(self._standing, reason_line(self._standing), unsent_line(self._standing))
        if self._standing.is_wiping:
            self._finish_wipes()
        else:
            self.begin()

    def begin(self) -> None:
        """Show the way in, or welcome somebody new."""
        self._go(Place.UNLOCK if self._standing.has_vault else Place.WELCOME)

    def go_back(self) -> None:
        """Go one page back; nothing that was typed is kept but address and code."""
        if self._is_busy:
            return
        self._end_recovery()
        if self._place is Place.PASSPHRASE:
            self._go(Place.CONNECT)
        else:
            self.begin()

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
            must_be_strong(passphrase, name, address)
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
        if self._is_restoring:
            words = "Checking your backups and restoring the newest good one…"
            self._begin(words, lambda: self._doors.restore(name, passphrase), self._has_opened)
        else:
            self._begin("Unlocking…", lambda: self._doors.unlock(name, passphrase), self._has_opened)

    def recover(self, user: str) -> None:
        """Begin to let two administrators let somebody in."""
        name = user.strip()
        self._screen.show_wrong("user", "" if name else "Type your user name first.")
        if not name:
            return
        self._user = name

        def work() -> tuple[Any, str, str]:
            recovery = self._doors.begin_recovery(name)
            return recovery, recovery.request.text(), recovery.request.check()

        self._begin("Preparing a request for your administrators…", work, self._has_request)

    def _has_request(self, begun: tuple[Any, str, str]) -> None:
        self._end_recovery()
        self._recovery, text, check = begun
        self._ended()
        self._screen.show_request(text, check)
        self._go(Place.RECOVER)

    def finish_recovery(self, answer: str, passphrase: bytearray, again: bytearray) -> None:
        """Take what the administrators answered, and a new passphrase that was typed twice."""
        alike = passphrase == again
        again[:] = bytes(len(again))
        self._screen.show_wrong("answer", "" if answer.strip() else "Type or paste what your administrators give you.")
        self._screen.show_wrong("passphrase", "")
        self._screen.show_wrong("again", "" if alike else "The two are not the same.")
        recovery, user = self._recovery, self._user
        if not answer.strip() or not alike or self._is_busy or recovery is None:
            passphrase[:] = bytes(len(passphrase))
            return

        def work() -> Any:
            must_be_strong(passphrase, user)
            return self._doors.finish_recovery(recovery, answer, user, passphrase)

        self._begin("Unlocking with the new passphrase…", work, self._has_opened)

    def _end_recovery(self) -> None:
        if self._recovery is not None:
            self._recovery.end()
            self._recovery = None

    def restore(self) -> None:
        """Have the newest good backup take the damaged record's place when the passphrase is typed the next time."""
        if not self._is_busy:
            self._is_restoring = True
            self._screen.show_trouble(restoring())

    def _finish_wipes(self) -> None:
        self._screen.show_told(*being_taken_off())
        self._go(Place.TOLD)
        self._begin("Finishing…", self._doors.finish_wipes, self._has_wiped)

    def _has_wiped(self, wiped: Any) -> None:
        self._ended()
        self._screen.show_told(*taken_off(waiting=wiped.waiting))

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
