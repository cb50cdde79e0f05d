"""The wired client: doors, lock, scratch, settings, on real vaults and records in a real (offscreen) window."""

import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from PySide6.QtTest import QTest

from visitapp.actions.caseload import caseload
from visitapp.actions.session import shipped
from visitapp.actions.visits import open_draft, start_visit
from visitapp.config.paths import places, resources_folder
from visitapp.desktop import Desktop, Options, options_from
from visitapp.domain.clock import SystemClock
from visitapp.rehearsal.caseload import families_of, size_named
from visitapp.rehearsal.cast import Cast, a_cast, secrets_for
from visitapp.rehearsal.records import fill_record, prepare_record
from visitapp.rehearsal.scratch import scratch_record
from visitapp.sync.problems import ServiceUnreachable
from visitapp.vault.keys import FLOOR
from visitapp.vault.problems import WrongPassphrase


@pytest.fixture
def cast() -> Cast:
    return a_cast(SystemClock(), size_named("small"))


@pytest.fixture
def data(tmp_path: Path, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A nurse's data folder with three invented families, opened by a cheap key so that the tests are quick."""
    monkeypatch.setattr("visitapp.vault.keys.suitable_params", lambda memory, reduced=False: FLOOR)
    at, clock = places(tmp_path / "data"), SystemClock()
    prepared = prepare_record(at, cast.nurses[0], secrets_for(at), shipped(resources_folder()), clock, kdf=FLOOR)
    fill_record(prepared.desk, families_of(0, size_named("small"))[:3], 2)
    prepared.close()
    return at.data


@pytest.fixture
def replaced() -> list[Sequence[str]]:
    return []


@pytest.fixture
def desktop(data: Path, replaced: list[Sequence[str]]) -> Iterator[Desktop]:
    desktop = Desktop(Options(data), practise=scratch_record, replace_with=replaced.append)
    yield desktop
    desktop.close_record()
    desktop.lanes.close()
    if desktop.locked is not None:
        desktop.locked.close()


def until(holds: object, seconds: float = 30.0) -> None:
    end = time.monotonic() + seconds
    while not holds():  # type: ignore[operator]
        assert time.monotonic() < end
        QTest.qWait(20)


def unlocked(desktop: Desktop, cast: Cast) -> None:
    player = cast.nurses[0]
    desktop.has_opened(desktop.doors.unlock(player.user_name, bytearray(player.passphrase.encode())))
    until(lambda: desktop.lanes.is_idle)


def test_a_name_nobody_has_looks_like_a_wrong_passphrase(desktop: Desktop, cast: Cast) -> None:
    with pytest.raises(WrongPassphrase):
        desktop.doors.unlock("somebody", bytearray(cast.nurses[0].passphrase.encode()))
    with pytest.raises(WrongPassphrase):
        desktop.doors.unlock(cast.nurses[0].user_name, bytearray(b"not the words"))


def test_locking_saves_the_draft_closes_the_record_and_replaces_the_process(
    desktop: Desktop, cast: Cast, data: Path, replaced: list[Sequence[str]]
) -> None:
    unlocked(desktop, cast)
    assert desktop.opened is not None
    assert desktop.window is not None
    desk = desktop.opened.desk
    visit = start_visit(desk, caseload(desk)[0].family)
    desktop.window.navigate("visit", visit)
    until(lambda: desktop.lanes.is_idle)
    QTest.qWait(500)
    record = desktop.opened.record
    desktop.lock("asked")
    assert replaced == [["-m", "visitapp", "--data", str(data), "--locked-by", "asked"]]
    assert desktop.opened is None
    with pytest.raises(Exception, match="RecordClosed"), record.reading():
        pass
    again = desktop.doors.unlock(cast.nurses[0].user_name, bytearray(cast.nurses[0].passphrase.encode()))
    assert open_draft(again.desk, visit).visit == visit
    again.close()


def test_idleness_locks(desktop: Desktop, cast: Cast, replaced: list[Sequence[str]]) -> None:
    unlocked(desktop, cast)
    desktop.idle.idle.emit()
    assert replaced[0][-1] == "idle"


def test_a_service_that_does_not_answer_leaves_no_vault_behind(desktop: Desktop, data: Path) -> None:
    before = sorted(path.name for path in (data / "vaults").iterdir())
    with pytest.raises(ServiceUnreachable):
        desktop.doors.connect("http://127.0.0.1:9", "AAAA-BBBB-CCCC", "nia", bytearray(b"words that nobody guesses"))
    assert sorted(path.name for path in (data / "vaults").iterdir()) == before


def test_a_throw_away_record_is_gone_when_it_is_closed(desktop: Desktop) -> None:
    opened = desktop.doors.practise()
    folder = opened.vault.folder
    assert opened.desk.practice
    assert len(caseload(opened.desk)) == 25
    assert folder.is_dir()
    opened.close()
    assert not folder.exists()


def test_a_changed_theme_is_kept_and_shown(desktop: Desktop, cast: Cast) -> None:
    from dataclasses import replace

    unlocked(desktop, cast)
    desktop.change_settings(replace(desktop.settings, theme="dark"))
    assert '"dark"' in desktop.at.settings_file.read_text("utf-8")


def test_the_command_line_is_read() -> None:
    assert options_from(["--scratch"]).scratch
    assert options_from(["--data", "x"]).again("idle") == ["-m", "visitapp", "--data", "x", "--locked-by", "idle"]
