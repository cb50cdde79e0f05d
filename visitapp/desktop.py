"""Builds the client and wires its parts: the only file that knows them all, to be read top to bottom.

What the locked window does not need (the record, sync, the screens) is imported when it is unlocked, or in the background
while somebody types her passphrase: the first window is there in the time that Qt itself takes.
"""

import visitapp.ui.sparing  # noqa: F401

# isort: split
import gc
import importlib
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from visitapp.actions.folders import UNSENT_FILE, has_order, is_settled, practice_user, unsent_in
from visitapp.actions.opening import PRACTICE_FILE, Doors, Opened, Practise, secret_store
from visitapp.config import hardening
from visitapp.config.logs import start_logging
from visitapp.config.options import Options, options_from
from visitapp.config.paths import places, resources_folder
from visitapp.config.settings import Settings, load_settings, save_settings
from visitapp.domain.clock import Clock, SystemClock
from visitapp.domain.problems import Problem
from visitapp.ui import theme
from visitapp.ui.background import BackgroundLanes
from visitapp.ui.crash import CrashCatcher
from visitapp.ui.dressing import ClassesAhead, application
from visitapp.ui.theme import TextSize
from visitapp.ui.unlock.presenter import Place, UnlockPresenter
from visitapp.ui.unlock.saying import Page, Standing, being_taken_off, going_back, not_taken_off
from visitapp.ui.unlock.view import UnlockView, join

if TYPE_CHECKING:
    from visitapp.actions.keeping import Keeping
    from visitapp.sync.loop import SyncLoop
    from visitapp.ui.app import MainWindow
    from visitapp.ui.lease.watch import LeaseWatch
    from visitapp.ui.lock import IdleWatch, SystemWatch
    from visitapp.vault.lease import Leave
    from visitapp.vault.secrets import SecretStore

WIPED = "wiped"
# The first window is painted first.
READ_AHEAD_AFTER_MS = 100
SYNC_AFTER_MS = 500
CHECK_AFTER_MS = 60_000
WHAT_COMES_NEXT = ("visitapp.ui.screens", "visitapp.vault.vault", "visitapp.actions.connecting", "visitapp.sync.loop")

Replace = Callable[[Sequence[str]], None]


class Desktop:
    """The running client: first the locked window, then the record's window, then a new process."""

    def __init__(self, options: Options, *, practise: Practise | None = None, replace_with: Replace | None = None) -> None:
        self.options = options
        self._replace = replace_with
        hardening.harden()
        self.at = places(options.data)
        hardening.keep_temporary_files_in(self.at.temporary)
        start_logging(self.at.log_file)
        self.settings, damaged = load_settings(self.at.settings_file)
        resources = resources_folder()
        self._themes = theme.themes_in(resources / "themes")
        self.app: QApplication = application([], self._themes[self.settings.theme], TextSize(self.settings.text_size))
        self.clock: Clock = SystemClock()
        self.crash = CrashCatcher(self.clock.now)
        self.crash.install()
        self.lanes = BackgroundLanes()
        self.lanes.bug_met.connect(self.crash.take)
        self.resources = resources
        self.doors = Doors(self.at, lambda: self.secrets, resources, self.clock, practise, self._keep_service)
        self.locked: UnlockView | None = None
        self.window: MainWindow | None = None
        self.opened: Opened | None = None
        self.sync: SyncLoop | None = None
        self._lease: LeaseWatch | None = None
        self._settings_damaged: Problem | None = damaged
        self.idle: IdleWatch | None = None
        self.system: SystemWatch | None = None
        self._ends: list[Callable[[], object]] = []
        """What must be undone with the window, or the next one of the same record would hear everything twice."""

    @cached_property
    def secrets(self) -> "SecretStore":
        """Where device secrets lie; looked for when a door is tried, not before the first window."""
        return secret_store(self.at, self.settings)

    def run(self) -> int:
        """Show the first window and stay until the last one closes."""
        self._let_signals_in()
        if self.options.scratch:
            self.has_opened(self.doors.practise())
        else:
            self.show_locked()
        code = self.app.exec()
        self.close_record()
        self.lanes.close()
        return code

    def _let_signals_in(self) -> None:
        # Python sees a signal only when its own code runs: a slow timer lets it.
        signal.signal(signal.SIGTERM, lambda *_: self.app.quit())
        signal.signal(signal.SIGINT, lambda *_: self.app.quit())
        self._breath = QTimer()
        self._breath.start(200)
        self._breath.timeout.connect(lambda: None)

    def show_locked(self) -> None:
        """Show the locked window: welcome, or the way in."""
        folders = self.at.vault_folders()
        is_practice = bool(folders) and all((folder / PRACTICE_FILE).exists() for folder in folders)
        standing = Standing(
            has_vault=any(not is_settled(folder) for folder in folders),
            is_reduced=self.settings.key_place == "file",
            is_practice=is_practice,
            unsent=unsent_in(folders),
            locked_by=self.options.locked_by,
            user=practice_user(folders) if is_practice else "",
            is_wiping=self.options.locked_by == WIPED or any(is_settled(folder) for folder in folders),
        )
        self.locked = UnlockView()
        # Kept here: a signal holds a bound method only weakly.
        self._presenter = UnlockPresenter(self.locked, self.doors, self.lanes, standing, self.has_opened)
        join(self.locked, self._presenter)
        self._presenter.start()
        self.locked.show()
        reading = threading.Thread(target=read_ahead, args=(self.doors,), daemon=True)
        QTimer.singleShot(READ_AHEAD_AFTER_MS, reading.start)
        QTimer.singleShot(READ_AHEAD_AFTER_MS, ClassesAhead(self.app).start)

    def has_opened(self, opened: Opened) -> None:
        """Show the window of an opened record and let sync and the idle watch begin; one that is to go is not shown any more."""
        from visitapp.actions.connecting import service_client
        from visitapp.actions.guarding import Guard
        from visitapp.actions.keeping import Keeping
        from visitapp.sync.loop import SyncLoop
        from visitapp.ui.feed import ScreenFeed
        from visitapp.ui.lease.watch import LeaseWatch
        from visitapp.ui.notices import LateNotices, ProblemDialog, WindowNotices
        from visitapp.ui.screens import Surroundings, first_screen, main_window
        from visitapp.ui.sync.build import follow_sync

        self.opened = opened
        if has_order(opened.vault.folder):
            self.take_off()
            return
        _collect_from_now_on()
        feed = ScreenFeed()
        self._ends.append(opened.record.changes.subscribe(feed.changed))
        notices = LateNotices()
        self.sync = SyncLoop(
            opened.record,
            lambda: service_client(opened.record, self.clock),
            self.clock,
            feed.sync_became,
            user=opened.desk.user.user,
            custody=Guard(opened.record, opened.vault),
        )
        feed.follow_sync(self, self._sync_became)
        keeping = Keeping(opened.record, opened.vault, opened.desk.user.name)
        surroundings = Surroundings(
            desk=opened.desk,
            lanes=self.lanes,
            feed=feed,
            navigate=self._navigate,
            notices=notices,
            resources=self.resources,
            settings=lambda: self.settings,
            change_settings=self.change_settings,
            sync_now=self.sync.sync_now,
            window_file=self.at.window_file,
            keeping=keeping,
            restore=self.go_back,
        )
        self.window = window = main_window(surroundings)
        notices.window = WindowNotices(window, window.tell)
        self.lanes.problem_met.connect(notices.problem)
        self._ends.append(notices.fall_silent)
        self._status = follow_sync(window, opened.desk, self.lanes, feed)
        self._status.show()
        self._each_minute = QTimer(window)
        self._each_minute.timeout.connect(self._status.show)
        # What is on the screen must go when the leave ends, and what was read of it must leave the memory.
        self._lease = LeaseWatch(window, opened.desk, self.lanes, lambda _: self.lock("lease"), self._open_again)
        self._each_minute.timeout.connect(self._lease.judge)
        self._each_minute.start(60_000)
        window.lock_asked.connect(lambda: self.lock("asked"))
        window.navigate(first_screen(surroundings))
        self._lease.judge()
        window.show()
        if self.locked is not None:
            self.locked.close()
            self.locked.deleteLater()
            self.locked = None
        self._watch()
        # The first screen comes first.
        QTimer.singleShot(SYNC_AFTER_MS, window, self.sync.start)
        QTimer.singleShot(CHECK_AFTER_MS, window, lambda: self._check_up(keeping, was_clean=opened.was_clean))
        for trouble in (self._settings_damaged, opened.record.rolled_back):
            if trouble is not None:
                ProblemDialog(trouble, window).open()

    def _check_up(self, keeping: "Keeping", *, was_clean: bool) -> None:
        """Read every page in the background, weekly and after a program that ended badly; a damaged one is told at once."""
        if self.window is not None:
            self.lanes.slowly(self.window, lambda: keeping.is_due(was_clean=was_clean) and keeping.check(), lambda _: None)

    def go_back(self, made_at: datetime) -> None:
        """Put a backup in the record's place and show it; what it lacks comes with the next sync."""
        opened, self.opened = self.opened, None
        if opened is None:
            return
        view = self._wait_page(going_back(), "Reading the backup…")

        def failed(_: Problem) -> None:
            opened.vault.close()
            self._start_anew("asked")

        self.lanes.slowly(view, lambda: self.doors.go_back(opened, made_at), self.has_opened, failed)

    def _wait_page(self, page: Page, busy: str) -> UnlockView:
        """Close the window and show a page in its place while something is done to the record, on lanes of its own."""
        old = self.window
        self._close_window()
        # Finishes what was being saved.
        self.lanes.close()
        self.lanes = BackgroundLanes()
        self.lanes.bug_met.connect(self.crash.take)
        if old is not None:
            old.deleteLater()
        self.locked = view = self.locked or UnlockView()
        view.show_told(*page)
        view.show_place(Place.TOLD)
        view.show_busy(busy)
        view.show()
        return view

    def _sync_became(self, state: object) -> None:
        from visitapp.sync.state import Blocked, Idle

        if isinstance(state, Blocked) and state.proved:
            self.take_off()
        elif isinstance(state, Idle) and self._lease is not None:
            self._lease.judge()

    def _open_again(self, leave: "Leave") -> None:
        """Show everything that a renewed lease allows: a new window in the old one's place."""
        opened, old = self.opened, self.window
        if opened is not None and old is not None:
            self._close_window()
            old.deleteLater()
            self.has_opened(replace(opened, desk=replace(opened.desk, leave=leave)))

    def take_off(self) -> None:
        """Take a record off this laptop as its service ordered: save the draft, hand in or seal what is unsent, start anew.

        The new process holds no key and carries out the rest; cut off anywhere, the next start goes on from there.
        """
        opened, self.opened = self.opened, None
        if opened is None:
            return
        view = self._wait_page(being_taken_off(), "Handing in what only this laptop has…")

        def failed(_: Problem) -> None:
            opened.close()
            view.show_busy("")
            view.show_told(*not_taken_off())

        self.lanes.slowly(view, lambda: self.doors.settle_wipe(opened), lambda _: self._is_settled(opened), failed)

    def _is_settled(self, opened: Opened) -> None:
        opened.backs_up = False
        opened.close()
        self._start_anew(WIPED)

    def _watch(self) -> None:
        from visitapp.ui.lock import IdleWatch, SystemWatch

        self.idle = IdleWatch(self.settings.idle_minutes * 60)
        self.idle.idle.connect(lambda: self.lock("idle"))
        self.idle.start()
        self._ends.append(self.idle.stop)
        if self.system is None:
            # Whatever the window: one pair of ears for the desktop is enough.
            self.system = SystemWatch()
            self.system.leaving.connect(self.lock)
            self.system.start()

    def _navigate(self, screen: str, argument: str = "") -> None:
        if self.window is None:
            return
        if self.window.has_screen(screen):
            self.window.navigate(screen, argument)
        else:
            self.window.navigate("lease" if self.window.has_screen("lease") else "today")

    def change_settings(self, changes: Settings) -> None:
        """Keep changed settings and show them at once."""
        self.settings = changes
        save_settings(self.at.settings_file, changes)
        theme.apply(self.app, self._themes[changes.theme], TextSize(changes.text_size))
        if self.idle is not None:
            self.idle.set_after(changes.idle_minutes * 60)

    def _keep_service(self, address: str) -> None:
        """Remember the service's address for the doctor; called on a background lane."""
        self.settings = replace(self.settings, server=address)
        save_settings(self.at.settings_file, self.settings)

    def lock(self, why: str) -> None:
        """Save the draft, close everything and put a new process in this one's place: it never held a key."""
        if self.opened is None:
            return
        if self.window is not None:
            self.window.close()
            self.window = None
        QApplication.clipboard().clear()
        # Before sleep there is no time for more than closing.
        self.opened.backs_up = self.opened.backs_up and why != "sleep"
        self.close_record()
        self._start_anew(why)

    def _start_anew(self, why: str) -> None:
        from visitapp.ui.lock import replace_process

        scratch = self.options.scratch
        (self._replace or replace_process)(replace(self.options, scratch=False).again(why) if not scratch else ["-m", "visitapp"])

    def _close_window(self) -> None:
        while self._ends:
            self._ends.pop()()
        if self.window is not None:
            self.window.close()
            self.window = None
        if self.sync is not None:
            self.sync.stop()

    def close_record(self) -> None:
        """Close window, sync and record in reverse; what is unsent is counted for the locked window."""
        opened, self.opened = self.opened, None
        if opened is None:
            return
        self._close_window()
        self.lanes.close()
        from visitapp.store.outbox import sync_counts

        with opened.record.reading() as r:
            unsent = sync_counts(r).notes_here_only
        opened.record.checkpoint()
        folder = opened.vault.folder
        opened.close()
        if folder.is_dir():
            (folder / UNSENT_FILE).write_text(str(unsent), "ascii")


def read_ahead(doors: Doors) -> None:
    """Import and read what comes after unlocking; done while the passphrase is being typed."""
    for name in WHAT_COMES_NEXT:
        importlib.import_module(name)
    doors.read_clinical_data()
    _collect_from_now_on()


def _collect_from_now_on() -> None:
    """Let rubbish be looked for again (`__main__` put that off), but not in what the start made, for it stays."""
    if not gc.isenabled():
        gc.freeze()
        gc.enable()


def main(argv: Sequence[str], *, practise: Practise | None = None) -> int:
    """Open the application; returns its exit code."""
    try:
        desktop = Desktop(options_from(argv), practise=practise)
    except Problem as problem:
        return _could_not_start(problem)
    return desktop.run()


def _could_not_start(problem: Problem) -> int:
    """Say in a window, or without one on the terminal, why the program cannot start."""
    from visitapp.ui.notices import ProblemDialog
    from visitapp.ui.wording import words_for

    words = words_for(problem)
    sys.stderr.write(f"{words.happened} {words.do}\n".strip() + "\n")
    if QApplication.instance() is not None:
        ProblemDialog(problem).exec()
    return 1
