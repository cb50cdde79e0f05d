"""Custody as a nurse meets it: the whole client in its window, against the real service."""

import time
import weakref
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from pathlib import Path

import pytest
import shiboken6
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from tests.kit.custody import WORDS, KeptLaptop, administered, begin_family, kept
from tests.kit.service import ServiceKit
from visitapp.actions.caseload import caseload
from visitapp.actions.visits import open_draft, start_visit
from visitapp.config.options import Options
from visitapp.config.paths import places
from visitapp.config.settings import Settings, save_settings
from visitapp.desktop import Desktop
from visitapp.domain.ids import FamilyId
from visitapp.server.admin import custody
from visitapp.store import backup
from visitapp.store.problems import DiskFull
from visitapp.ui.feed import ScreenFeed
from visitapp.ui.notices import ProblemDialog
from visitapp.ui.unlock.presenter import Place
from visitapp.vault.secrets import FileSecretStore
from visitapp.vault.wiping import Step, under_way

__all__ = ["kept"]
Make = Callable[..., KeptLaptop]


def until(holds: Callable[[], object], seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        QTest.qWait(20)


class Window:
    """A laptop's client, started again and again as locking does."""

    def __init__(self, laptop: KeptLaptop) -> None:
        self.laptop = laptop
        self.started: list[Desktop] = []
        self.replaced: list[Sequence[str]] = []
        save_settings(laptop.at.settings_file, Settings(key_place="file"))

    def start(self, locked_by: str = "") -> Desktop:
        desktop = Desktop(Options(self.laptop.folder, locked_by=locked_by), replace_with=self.replaced.append)
        desktop.clock = self.laptop.clock
        desktop.doors._clock = self.laptop.clock
        self.started.append(desktop)
        return desktop

    def unlock(self) -> Desktop:
        desktop = self.start()
        desktop.has_opened(desktop.doors.unlock("bea", bytearray(WORDS)))
        until(lambda: desktop.lanes.is_idle)
        return desktop

    def close(self) -> None:
        for desktop in self.started:
            desktop.close_record()
            desktop.lanes.close()
            if desktop.locked is not None:
                desktop.locked.close()


@pytest.fixture
def window(kept: Make, tmp_path: Path) -> Iterator[Window]:
    """A laptop that has synced a family once, locked."""
    laptop = kept(secrets=FileSecretStore(places(tmp_path / "data0").secret_file))
    begin_family(laptop.here.record, "Okafor")
    assert laptop.sync().complete
    laptop.lock()
    window = Window(laptop)
    yield window
    window.close()


def test_an_order_closes_the_window_saves_the_draft_and_the_next_process_finishes(service: ServiceKit, window: Window) -> None:
    desktop = window.unlock()
    assert desktop.opened is not None
    assert desktop.window is not None
    desk = desktop.opened.desk
    visit = start_visit(desk, FamilyId(caseload(desk)[0].family))
    desktop.window.navigate("visit", visit)
    until(lambda: desktop.lanes.is_idle)
    with desk.record.reading() as r:
        administered(service, custody.ask_wipe, r.meta("device"))
    folder = desktop.opened.vault.folder
    assert desktop.sync is not None
    desktop.sync.start()
    desktop.sync.sync_now()
    until(lambda: window.replaced)
    assert window.replaced[0][-1] == "wiped"
    assert under_way(folder) is Step.SETTLED
    again = window.start("wiped")
    again.show_locked()
    assert again.locked is not None
    until(lambda: not folder.exists())
    until(lambda: again.lanes.is_idle)
    assert again.locked._place is Place.TOLD
    again.locked.told_read.emit()
    assert again.locked._place is Place.WELCOME
    drafts = service.sql("select id from rec where kind = 'draft'")
    assert [row.id for row in drafts] == [visit]
    assert administered(service, custody.wipes)[0]["wiped_at"] is not None


def test_a_lease_that_ends_while_the_window_is_open_locks_it_and_the_next_window_writes_only(window: Window) -> None:
    desktop = window.unlock()
    assert desktop.window is not None
    assert desktop.window.screen_name == "today"
    window.laptop.clock.off_by = timedelta(days=11)
    desktop._each_minute.timeout.emit()
    until(lambda: desktop.lanes.is_idle)
    assert "has to reach your service by" in desktop.window._strip._words.text()
    window.laptop.clock.off_by = timedelta(days=15)
    desktop._each_minute.timeout.emit()
    until(lambda: window.replaced)
    assert window.replaced[0][-1] == "lease"
    desktop = window.unlock()
    assert desktop.window is not None
    assert desktop.window.screen_name == "lease"
    assert not desktop.window.has_screen("caseload")
    desktop._navigate("caseload")
    assert desktop.window.screen_name == "lease"
    screen = desktop.window._screens["lease"]
    screen.family_looked_for.emit("Okafor")
    until(lambda: desktop.lanes.is_idle)
    assert desktop.opened is not None
    screen.family_chosen.emit(_family(desktop))
    until(lambda: desktop.window is not None and desktop.window.screen_name == "visit")
    visit = desktop.window.argument
    until(lambda: desktop.lanes.is_idle)
    # The service is reached: the same process shows everything again, and nothing of the window before is left to answer.
    bugs: list[object] = []
    desktop.lanes.bug_met.connect(bugs.append)
    before = weakref.ref(desktop.window)
    window.laptop.clock.off_by = timedelta()
    assert desktop.sync is not None
    desktop.sync.start()
    desktop.sync.sync_now()
    until(lambda: desktop.window is not None and desktop.window.has_screen("caseload"))
    until(lambda: desktop.lanes.is_idle)
    assert desktop.opened is not None
    assert open_draft(desktop.opened.desk, visit).visit == visit
    until(lambda: before() is None or not shiboken6.isValid(before()))
    heard = [each for each in desktop.opened.record.changes._listeners if isinstance(getattr(each, "__self__", None), ScreenFeed)]
    assert len(heard) == 1
    begin_family(desktop.opened.record, "Whitlock")
    desktop.lanes.problem_met.emit(DiskFull())
    until(lambda: desktop.lanes.is_idle)
    shown = [dialog for dialog in QApplication.topLevelWidgets() if isinstance(dialog, ProblemDialog) and dialog.isVisible()]
    assert len(shown) == 1
    assert not bugs


def _family(desktop: Desktop) -> str:
    assert desktop.opened is not None
    from visitapp.actions.offline import families_named

    return families_named(desktop.opened.desk, "Okafor")[0].family


def test_the_passphrase_is_changed_in_the_settings(window: Window) -> None:
    desktop = window.unlock()
    assert desktop.window is not None
    desktop.window.navigate("settings")
    desktop.window._screens["settings"].passphrase_asked.emit()
    screen = desktop.window._screens["passphrase"]
    new = b"lantern otter cabbage seven"
    screen.asked.emit(bytearray(b"not mine at all"), bytearray(new), bytearray(new))
    until(lambda: desktop.lanes.is_idle)
    assert desktop.window.screen_name == "passphrase"
    screen.asked.emit(bytearray(WORDS), bytearray(new), bytearray(new))
    until(lambda: desktop.window is not None and desktop.window.screen_name == "settings")
    until(lambda: desktop.lanes.is_idle)
    desktop.close_record()
    opened = window.start().doors.unlock("bea", bytearray(new))
    assert opened.was_clean
    opened.close()


def test_a_backup_is_made_gone_back_to_and_what_it_lacks_comes_from_the_service(service: ServiceKit, window: Window) -> None:
    desktop = window.unlock()
    assert desktop.opened is not None
    assert desktop.window is not None
    desktop.window.navigate("backups")
    until(lambda: desktop.lanes.is_idle)
    screen = desktop.window._screens["backups"]
    screen.backup_wanted.emit()
    until(lambda: desktop.lanes.is_idle)
    screen.check_wanted.emit()
    until(lambda: desktop.lanes.is_idle)
    with desktop.opened.record.reading() as r:
        assert r.meta("checked_ms")
    made = backup.backups(desktop.opened.record.path)[0]
    begin_family(desktop.opened.record, "Later")
    assert desktop.sync is not None
    desktop.sync.start()
    desktop.sync.sync_now()
    until(lambda: len(service.sql("select 1 from rec where kind = 'family'")) == 2)
    desktop.go_back(made.made_at)
    until(lambda: desktop.opened is not None and desktop.window is not None)
    assert desktop.opened is not None
    assert [row.name for row in caseload(desktop.opened.desk)] == ["Okafor"]
    assert desktop.sync is not None
    desktop.sync.start()
    desktop.sync.sync_now()
    until(lambda: [row.name for row in caseload(desktop.opened.desk)] == ["Later", "Okafor"])


def test_a_damaged_record_is_offered_a_backup_at_the_locked_window(window: Window) -> None:
    desktop = window.unlock()
    assert desktop.opened is not None
    backup.back_up(desktop.opened.record)
    path = desktop.opened.record.path
    desktop.close_record()
    with path.open("r+b") as file:
        file.seek(4096 + 100)
        file.write(b"\0" * 3000)
    again = window.start()
    again.show_locked()
    assert again.locked is not None
    again.locked.unlock_asked.emit("bea", bytearray(WORDS))
    until(lambda: again.lanes.is_idle)
    card = again.locked._trouble
    assert card._backup.isVisibleTo(card)
    again.locked.backup_asked.emit()
    again.locked.unlock_asked.emit("bea", bytearray(WORDS))
    until(lambda: again.opened is not None)
    assert again.opened is not None
    assert [row.name for row in caseload(again.opened.desk)] == ["Okafor"]
    assert any(aside.is_dir() for aside in (path.parent / "aside").iterdir())


def test_a_program_that_ended_badly_has_every_page_read_at_the_next_unlock(window: Window) -> None:
    desktop = window.unlock()
    assert desktop.opened is not None
    opened = desktop.opened
    assert opened.was_clean
    # As a killed process leaves it: the file lock goes, nothing is anchored.
    with opened.record.writing() as w:
        w.meta_set("checked_ms", str(round(opened.record.clock.now().timestamp() * 1000)))
    desktop.opened = None
    desktop._close_window()
    desktop.lanes.close()
    opened.record.close()
    again = window.unlock()
    assert again.opened is not None
    assert not again.opened.was_clean
    from visitapp.actions.keeping import Keeping

    keeping = Keeping(again.opened.record, again.opened.vault)
    assert keeping.is_due(was_clean=again.opened.was_clean)
    assert not keeping.is_due(was_clean=True)
    assert keeping.check() == ()


def test_forgotten_at_the_locked_window_two_administrators_let_her_in(service: ServiceKit, window: Window) -> None:
    from visitapp.vault.recovery import answered, new_recovery_key

    key = new_recovery_key(needed=2, of=2)
    administered(service, custody.set_recovery_key, key.public.hex())
    desktop = window.unlock()
    assert desktop.opened is not None
    with desktop.opened.record.writing() as w:
        w.meta_set("lease", "")
    assert desktop.sync is not None
    desktop.sync.start()
    desktop.sync.sync_now()
    until(lambda: service.sql("select 1 from escrow"))
    begin_family(desktop.opened.record, "Unsent")
    desktop.close_record()
    again = window.start()
    again.show_locked()
    view = again.locked
    assert view is not None
    view.unlock._user_line.setText("bea")
    view.recovery_asked.emit(view.unlock.user)
    until(lambda: view._place is Place.RECOVER)
    until(lambda: again.lanes.is_idle)
    text, check = view.recover._request, view.recover._digits.text()
    answer, new = answered(text, check, key.halves), b"lantern otter cabbage seven"
    view.answer_given.emit("VA1.", bytearray(new), bytearray(b"something else"))
    assert again.opened is None
    view.answer_given.emit(answer, bytearray(b"short"), bytearray(b"short"))
    until(lambda: again.lanes.is_idle)
    assert view.recover._passphrase._wrong.text()
    view.answer_given.emit(f" {answer[:40]} \n {answer[40:]} ", bytearray(new), bytearray(new))
    until(lambda: again.opened is not None)
    assert again.opened is not None
    assert [row.name for row in caseload(again.opened.desk)] == ["Okafor", "Unsent"]
