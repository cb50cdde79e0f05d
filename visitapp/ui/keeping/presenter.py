"""Decides what the screens about passphrase and backups say; no Qt."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from visitapp.actions.keeping import KeepingView
from visitapp.domain.problems import Problem
from visitapp.store.backup import Backup
from visitapp.ui.roles import Lanes, Navigate, Notices
from visitapp.ui.unlock.saying import Meter, meter, trouble, wait_line
from visitapp.ui.wording import count, moment_words
from visitapp.vault.problems import PassphraseTooWeak, TooSoon, WrongPassphrase
from visitapp.vault.strength import Strength, strength


class PassphraseShows(Protocol):
    """What the passphrase screen offers."""

    def show_meter(self, found: Meter) -> None:
        """Show how good the new passphrase is so far."""

    def show_wrong(self, field: str, words: str) -> None:
        """Say what is wrong with current, new or again."""

    def show_busy(self, busy: bool) -> None:
        """Take no further orders for a moment."""


class PassphrasePresenter:
    """Changes the passphrase."""

    def __init__(
        self,
        view: PassphraseShows,
        *,
        change: Callable[[bytearray, bytearray], None],
        user: str,
        lanes: Lanes,
        navigate: Navigate,
        notices: Notices,
    ) -> None:
        self._view = view
        self._change = change
        self._user = user
        self._lanes = lanes
        self._navigate = navigate
        self._notices = notices
        self._judged = 0

    def judge(self, words: str) -> None:
        """Say how good the new passphrase is, while it is being typed."""
        self._judged += 1
        this = self._judged

        def show(found: Strength) -> None:
            if this == self._judged:
                self._view.show_meter(meter(found) if words else Meter(0, "muted", ""))

        self._lanes.slowly(self._view, lambda: strength(words, (self._user,)), show)

    def change(self, current: bytearray, new: bytearray, again: bytearray) -> None:
        """Change it, if the new one was typed the same twice."""
        alike = new == again
        again[:] = bytes(len(again))
        self._view.show_wrong("current", "" if current else "Type your present passphrase.")
        self._view.show_wrong("new", "")
        self._view.show_wrong("again", "" if alike else "The two are not the same.")
        if not current or not alike:
            for typed in (current, new):
                typed[:] = bytes(len(typed))
            return
        self._view.show_busy(True)
        self._lanes.slowly(self._view, lambda: self._change(current, new), self._changed, self._failed)

    def _changed(self, _: None) -> None:
        self._view.show_busy(False)
        self._notices.tell("Your passphrase is changed. The one before opens nothing any more.")
        self._navigate("settings")

    def _failed(self, problem: Problem) -> None:
        self._view.show_busy(False)
        if isinstance(problem, WrongPassphrase | TooSoon):
            said = trouble(problem)
            wait = f" {wait_line(problem.retry_after_s)}" if problem.retry_after_s else ""
            self._view.show_wrong("current", f"{said.happened}{wait}")
        elif isinstance(problem, PassphraseTooWeak):
            self._view.show_wrong("new", "Use four or more words that do not belong together.")
        else:
            self._notices.problem(problem)


@dataclass(frozen=True)
class BackupLine:
    """A backup: when it was made in words, and the moment that names it."""

    words: str
    made_at: datetime


class BackupsShows(Protocol):
    """What the backups screen offers."""

    def show_facts(self, facts: Sequence[tuple[str, str]]) -> None:
        """Show how the record is kept."""

    def show_backups(self, lines: Sequence[BackupLine]) -> None:
        """Show the backups there are."""

    def show_busy(self, words: str) -> None:
        """Say what is under way; empty words end it."""


class BackupsPresenter:
    """Shows how a record is kept, and what can be done for it."""

    def __init__(
        self,
        view: BackupsShows,
        *,
        load: Callable[[], KeepingView],
        back_up: Callable[[], KeepingView],
        check: Callable[[], tuple[str, ...]],
        restore: Callable[[datetime], None],
        now: Callable[[], datetime],
        lanes: Lanes,
        notices: Notices,
    ) -> None:
        self._view = view
        self._load = load
        self._back_up = back_up
        self._check = check
        self._restore = restore
        self._now = now
        self._lanes = lanes
        self._notices = notices

    def open(self) -> None:
        """Show what there is."""
        self._lanes.on_record(self._view, self._load, self._loaded)

    def back_up(self) -> None:
        """Make a backup now."""
        self._view.show_busy("Writing a backup and reading it back…")

        def made(found: KeepingView) -> None:
            self._view.show_busy("")
            self._loaded(found)
            self._notices.tell("A backup was made and read back.")

        self._lanes.slowly(self._view, self._back_up, made, self._failed)

    def check(self) -> None:
        """Read every page now."""
        self._view.show_busy("Reading every page of the record…")

        def checked(wrong: tuple[str, ...]) -> None:
            self._view.show_busy("")
            self._notices.tell("Every page is as it should be." if not wrong else checked_words(len(wrong)))
            self.open()

        self._lanes.slowly(self._view, self._check, checked, self._failed)

    def restore(self, made_at: datetime) -> None:
        """Go back to a backup; it was asked twice."""
        self._restore(made_at)

    def _failed(self, problem: Problem) -> None:
        self._view.show_busy("")
        self._notices.problem(problem)

    def _loaded(self, found: KeepingView) -> None:
        now = self._now()
        checked = moment_words(found.checked_at, now) if found.checked_at else "not yet; it is done by itself once a week"
        facts = [
            ("Every page checked", checked),
            ("If you forget your passphrase", escrow_words(in_escrow=found.in_escrow)),
        ]
        if found.put_aside:
            facts.append(("Kept aside for support", count(found.put_aside, "damaged file", "damaged files")))
        self._view.show_facts(facts)
        self._view.show_backups([BackupLine(_line(backup, now), backup.made_at) for backup in found.backups])


def checked_words(wrong: int) -> str:
    """Say that some families did not add up."""
    return f"{count(wrong, 'part', 'parts')} of the record did not add up: the next sync compares them with your service."


def escrow_words(*, in_escrow: bool) -> str:
    """Say who else can let her in."""
    if in_escrow:
        return "two of your administrators together can let you in"
    return "nobody can let you in: your service has not set that up"


def _line(backup: Backup, now: datetime) -> str:
    size = backup.path.stat().st_size / 1_000_000 if backup.path.exists() else 0.0
    return f"{moment_words(backup.made_at, now)} · {size:.1f} MB"
