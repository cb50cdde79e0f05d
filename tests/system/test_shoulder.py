"""What somebody who sits down beside her, takes the laptop or opens its lid gets to see: nothing (S23)."""

import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from tests.kit.custody import cheaply
from visitapp.actions.caseload import caseload
from visitapp.actions.visits import open_draft, save_answers, start_visit
from visitapp.config.options import Options
from visitapp.config.paths import places, resources_folder
from visitapp.desktop import Desktop
from visitapp.domain.clock import SystemClock
from visitapp.domain.ids import FamilyId
from visitapp.rehearsal.caseload import families_of, size_named
from visitapp.rehearsal.cast import Cast, a_cast, secrets_for
from visitapp.rehearsal.records import fill_record, prepare_record
from visitapp.store.problems import DiskFull
from visitapp.store.record import Record
from visitapp.ui.notices import ProblemDialog
from visitapp.ui.widgets.frame import QuickHide
from visitapp.vault.keys import FLOOR


@pytest.fixture(scope="module")
def cast() -> Cast:
    return a_cast(SystemClock(), size_named("small"))


@pytest.fixture
def open_window(tmp_path: Path, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desktop]:
    """A nurse's window with two invented families, unlocked; `replaced` is where the next process would be started."""
    cheaply(monkeypatch)
    monkeypatch.setattr("visitapp.vault.keys.suitable_params", lambda memory, reduced=False: FLOOR)
    at, clock, player = places(tmp_path / "data"), SystemClock(), cast.nurses[0]
    from visitapp.actions.session import shipped

    prepared = prepare_record(at, player, secrets_for(at), shipped(resources_folder()), clock, kdf=FLOOR)
    fill_record(prepared.desk, families_of(0, size_named("small"))[:2], 2)
    prepared.close()
    replaced: list[Sequence[str]] = []
    desktop = Desktop(Options(at.data), replace_with=replaced.append)
    desktop.replaced = replaced  # type: ignore[attr-defined]
    desktop.has_opened(desktop.doors.unlock(player.user_name, bytearray(player.passphrase.encode())))
    until(lambda: desktop.lanes.is_idle)
    yield desktop
    desktop.close_record()
    desktop.lanes.close()
    for widget in QApplication.topLevelWidgets():
        widget.close()


def until(holds: Callable[[], object], seconds: float = 30.0) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        QTest.qWait(20)


def why(desktop: Desktop) -> str:
    return str(desktop.replaced[-1][-1]) if desktop.replaced else ""  # type: ignore[attr-defined]


def cover(desktop: Desktop) -> QuickHide:
    assert desktop.window is not None
    return desktop.window._hidden


@pytest.mark.parametrize("word", ["sleep", "screen-lock", "user-switch"])
def test_what_the_system_says_locks(open_window: Desktop, word: str) -> None:
    assert open_window.system is not None
    opened = open_window.opened
    assert opened is not None
    open_window.system.leaving.emit(word)
    assert why(open_window) == word
    assert open_window.opened is None
    # Before sleep there is no time for a backup.
    assert opened.backs_up is (word != "sleep")


def test_nobody_there_for_the_time_in_the_settings_locks(open_window: Desktop, monkeypatch: pytest.MonkeyPatch) -> None:
    watch = open_window.idle
    assert watch is not None
    now = watch._seconds()
    monkeypatch.setattr(watch, "_seconds", lambda: now + open_window.settings.idle_minutes * 60 - 2)
    watch._looked_at = now + open_window.settings.idle_minutes * 60 - 3
    watch.look()
    assert why(open_window) == ""
    monkeypatch.setattr(watch, "_seconds", lambda: now + open_window.settings.idle_minutes * 60 + 2)
    watch.look()
    assert why(open_window) == "idle"


def test_control_and_l_lock_at_once(open_window: Desktop) -> None:
    assert open_window.window is not None
    open_window.window.activateWindow()
    until(open_window.window.isActiveWindow)
    QTest.keyClick(open_window.window, Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    until(lambda: why(open_window) == "asked")


def test_nothing_is_left_in_the_clipboard(open_window: Desktop) -> None:
    QApplication.clipboard().setText("the key is under the third pot")
    open_window.lock("asked")
    assert QApplication.clipboard().text() == ""


def test_no_window_says_in_its_title_whose_it_is_or_whom_it_shows(open_window: Desktop) -> None:
    assert open_window.window is not None
    assert open_window.opened is not None
    family = caseload(open_window.opened.desk)[0]
    for screen, argument in (
        ("today", ""),
        ("caseload", ""),
        ("family", family.family),
        ("sync", ""),
        ("settings", ""),
        ("help", ""),
    ):
        open_window.window.navigate(screen, argument)
        until(lambda: open_window.lanes.is_idle)
        assert {w.windowTitle() for w in QApplication.topLevelWidgets() if w.isVisible()} == {"visitapp"}


def test_one_key_covers_everything_and_nothing_is_typed_into_what_is_hidden(open_window: Desktop) -> None:
    assert open_window.window is not None
    open_window.window.quick_hide()
    assert cover(open_window).isVisible()
    assert cover(open_window).geometry() == open_window.window.rect()
    before = open_window.window.screen_name
    QTest.keyClick(cover(open_window), Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(cover(open_window), Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    assert (why(open_window), open_window.window.screen_name) == ("", before)
    QTest.keyClick(cover(open_window), Qt.Key.Key_F12)
    assert not cover(open_window).isVisible()


def test_a_dialog_is_covered_too_and_is_back_afterwards(open_window: Desktop) -> None:
    assert open_window.window is not None
    dialog = ProblemDialog(DiskFull(), open_window.window)
    dialog.open()
    until(dialog.isVisible)
    open_window.window._focus_moved(None, dialog)
    QTest.keyClick(dialog, Qt.Key.Key_F12)
    assert not dialog.isVisible()
    assert cover(open_window).isVisible()
    late = ProblemDialog(DiskFull(), open_window.window)
    late.open()
    open_window.window._focus_moved(None, late)
    assert not late.isVisible()
    QTest.keyClick(cover(open_window), Qt.Key.Key_F12)
    assert dialog.isVisible()
    assert late.isVisible()


def test_locking_takes_an_open_dialog_along(open_window: Desktop) -> None:
    assert open_window.window is not None
    dialog = ProblemDialog(DiskFull(), open_window.window)
    dialog.open()
    until(dialog.isVisible)
    open_window.lock("screen-lock")
    assert not dialog.isVisible()


def test_the_draft_is_there_to_the_letter_after_unlocking(open_window: Desktop, cast: Cast) -> None:
    assert open_window.opened is not None
    desk = open_window.opened.desk
    visit = start_visit(desk, FamilyId(caseload(desk)[0].family))
    sheet = open_draft(desk, visit).sheets[0]
    words = "Łucja smiled — “the first time”,\tsaid 小玲 \u202eok\u202c"
    save_answers(desk, visit, {sheet.key: [{"linkId": "note", "answer": [{"valueString": words}]}]})
    before = open_draft(desk, visit).sheets[0].answers
    open_window.lock("sleep")
    player = cast.nurses[0]
    again = open_window.doors.unlock(player.user_name, bytearray(player.passphrase.encode()))
    assert open_draft(again.desk, visit).sheets[0].answers == before
    again.close()


def test_the_locked_window_offers_no_name_and_shows_no_family(open_window: Desktop) -> None:
    from visitapp.store.people import families

    assert open_window.opened is not None
    record: Record = open_window.opened.record
    with record.reading() as r:
        names = [row.name for row in families(r)]
    open_window.lock("asked")
    (open_window.at.vault_folders()[0] / "practice").unlink(missing_ok=True)
    open_window.show_locked()
    assert open_window.locked is not None
    assert open_window.locked.unlock.user == ""
    from PySide6.QtWidgets import QLabel

    said = " ".join(label.text() for label in open_window.locked.findChildren(QLabel))
    assert not [name for name in names if name in said]
