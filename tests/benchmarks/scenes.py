"""What the felt-speed benchmarks measure, each scene in a process of its own: `python -m tests.benchmarks.scenes SCENE`."""

import time

BEGAN = time.perf_counter()

import gc  # noqa: E402
import json  # noqa: E402
import sys  # noqa: E402
from pathlib import Path  # noqa: E402

PASSPHRASE = "lantern orchard quiet saucepan"


def prepare(folder: Path) -> None:
    """Make a data folder with the real caseload."""
    from visitapp.actions.session import shipped
    from visitapp.config.paths import places, resources_folder
    from visitapp.domain.clock import SystemClock
    from visitapp.rehearsal.caseload import families_of, size_named
    from visitapp.rehearsal.cast import a_cast, secrets_for
    from visitapp.rehearsal.records import fill_record, prepare_record
    from visitapp.vault.keys import FLOOR

    clock, size, at = SystemClock(), size_named("real"), places(folder)
    prepared = prepare_record(at, a_cast(clock, size).nurses[0], secrets_for(at), shipped(resources_folder()), clock, kdf=FLOOR)
    fill_record(prepared.desk, families_of(0, size), size.visits_each)
    prepared.close()


def _say(**told: float) -> None:
    rss = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmRSS"))
    print(json.dumps({"rss_mib": int(rss.split()[1]) / 1024, **told}), flush=True)


def bare() -> None:
    """A window of PySide6 and nothing else."""
    from PySide6.QtWidgets import QApplication, QWidget

    app = QApplication([])
    window = QWidget()
    window.resize(1024, 720)
    window.show()
    app.processEvents()
    _say(seconds=time.perf_counter() - BEGAN)


def locked(data: str) -> None:
    """The application's own first window; rubbish is not looked for, as `visitapp.__main__` has it."""
    gc.disable()
    from visitapp.desktop import Desktop, Options

    desktop = Desktop(Options(Path(data)))
    desktop.show_locked()
    desktop.app.processEvents()
    _say(seconds=time.perf_counter() - BEGAN)


def _desktop_with_key(data: str):  # type: ignore[no-untyped-def]
    """A desktop past its key derivation: everything that comes after it is still to do."""
    from visitapp.desktop import Desktop, Options, read_ahead
    from visitapp.vault.vault import Vault

    desktop = Desktop(Options(Path(data)))
    desktop.show_locked()
    desktop.app.processEvents()
    read_ahead(desktop.doors)
    # Nobody types her passphrase faster.
    _pass(desktop, 1.0)
    folder = desktop.at.vault_folders()[0]
    return desktop, folder, Vault.open(folder, bytearray(PASSPHRASE.encode()), desktop.secrets, clock=desktop.clock)


def _idle(desktop) -> None:  # type: ignore[no-untyped-def]
    end = time.monotonic() + 30
    while time.monotonic() < end:
        desktop.app.processEvents()
        if desktop.lanes.is_idle:
            desktop.app.processEvents()
            return
        time.sleep(0.001)


def _pass(desktop, seconds: float) -> None:  # type: ignore[no-untyped-def]
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        desktop.app.processEvents()
        time.sleep(0.005)


def caseload(data: str) -> None:
    """From the derived key to the caseload on the screen, beside a bare scan of the same encrypted file."""
    from PySide6.QtWidgets import QTableView

    desktop, folder, vault = _desktop_with_key(data)
    began = time.perf_counter()
    desktop.has_opened(desktop.doors.opened(vault, desktop.doors.record_in(folder, vault)))
    desktop.window.navigate("caseload")
    _idle(desktop)
    table = desktop.window.findChild(QTableView)
    seconds = time.perf_counter() - began
    rows = table.model().rowCount() if table else 0
    _pass(desktop, 2.5)
    _idle(desktop)
    _say(seconds=seconds, rows=rows, bare_query=_bare_query(desktop.opened.record.path, vault.db_key()))


def _bare_query(path: Path, key: bytes) -> float:
    import sqlcipher3

    began = time.perf_counter()
    connection = sqlcipher3.connect(str(path))
    connection.execute(f"PRAGMA key=\"x'{key.hex()}'\"")
    connection.execute("PRAGMA cipher_page_size=16384")
    connection.execute("SELECT sum(length(body)) FROM edit").fetchall()
    connection.close()
    return time.perf_counter() - began


def _text_field(desktop):  # type: ignore[no-untyped-def]
    """Go through the steps of a visit to the first that takes text, and put the keyboard there."""
    from PySide6.QtCore import Qt
    from PySide6.QtTest import QTest
    from PySide6.QtWidgets import QApplication, QPlainTextEdit

    window = desktop.window
    window.activateWindow()
    QTest.qWaitForWindowActive(window)
    for _ in range(8):
        fields = [field for field in window.findChildren(QPlainTextEdit) if field.isVisible()]
        if fields:
            fields[0].setFocus()
            _pass(desktop, 1.0)
            return QApplication.focusWidget() or fields[0]
        QTest.keyClick(window.windowHandle(), Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
        _pass(desktop, 0.8)
        _idle(desktop)
    raise AssertionError("no step of the visit takes text")


def typing(data: str) -> None:
    """Types into a visit while it is saved again and again, and watches for moments in which the window is held up."""
    from PySide6.QtTest import QTest

    from visitapp.actions.caseload import caseload as rows_of
    from visitapp.actions.visits import start_visit

    desktop, folder, vault = _desktop_with_key(data)
    desktop.has_opened(desktop.doors.opened(vault, desktop.doors.record_in(folder, vault)))
    desk, window = desktop.opened.desk, desktop.window
    visit = start_visit(desk, rows_of(desk)[0].family)
    window.navigate("visit", visit)
    _idle(desktop)
    field = _text_field(desktop)
    saves: list[object] = []
    desktop.opened.record.changes.subscribe(saves.append)
    longest, felt, letters = 0.0, 0.0, 0
    end = time.perf_counter() + 6.0
    while time.perf_counter() < end:
        # Processor time of this thread: what others do on the same machine is no fault of the window.
        began, at = time.thread_time(), time.perf_counter()
        QTest.keyClicks(field, "a")
        desktop.app.processEvents()
        longest, felt = max(longest, time.thread_time() - began), max(felt, time.perf_counter() - at)
        letters += 1
        pause = time.perf_counter() + (0.6 if letters % 20 == 0 else 0.04)
        while time.perf_counter() < pause:
            began, at = time.thread_time(), time.perf_counter()
            desktop.app.processEvents()
            longest, felt = max(longest, time.thread_time() - began), max(felt, time.perf_counter() - at)
            time.sleep(0.002)
    _say(longest_ms=longest * 1000, felt_ms=felt * 1000, letters=letters, saves=len(saves))


if __name__ == "__main__":
    import os

    {"bare": bare, "locked": locked, "caseload": caseload, "typing": typing}[sys.argv[1]](*sys.argv[2:])
    os._exit(0)
