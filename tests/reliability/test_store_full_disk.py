"""A disk that is really full: a mounted 3 MB file system, a record, and everything that was acknowledged."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from visitapp.domain.clock import FixedClock
from visitapp.domain.ids import Ids
from visitapp.store import backup, ballast
from visitapp.store.problems import BackupFailed, DiskFull
from visitapp.store.record import Record

KEY = b"k" * 32
CLOCK = FixedClock(datetime(2026, 11, 20, 10, tzinfo=UTC))


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 3 MB."""
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("mounting needs Linux and root")
    place = tmp_path / "small"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(place)],
        capture_output=True,
        check=False,
    )
    if mounted.returncode:
        pytest.skip("mounting is not allowed here")
    try:
        yield place
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=True)


def _save(record: Record, text: str) -> None:
    with record.writing() as w:
        w.put("g:", "plan_item", Ids(CLOCK)(), {"family": "f", "text": text})
        w.audit("saved")


def _texts(record: Record) -> set[str]:
    with record.reading() as r:
        return {body["text"] for _, _, body in r.of_kind("plan_item")}


def _fill(record: Record) -> set[str]:
    """Save until the disk is full; returns what was acknowledged."""
    saved: set[str] = set()
    try:
        for number in range(10_000):
            text = f"{number} {os.urandom(2000).hex()}"
            _save(record, text)
            saved.add(text)
    except DiskFull:
        pass
    assert len(saved) < 10_000
    assert saved
    return saved


def test_what_was_acknowledged_survives_and_the_ballast_lets_the_last_words_in(
    small_disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ballast, "_ROOM_LEFT", 0)
    path = small_disk / "vault" / "record.db"
    record = Record.create(path, KEY, clock=CLOCK)
    assert ballast.lay(path)
    saved = _fill(record)
    assert not ballast.ballast_of(path).exists()
    assert _texts(record) == saved
    record.checkpoint()
    _save(record, "the last words")
    assert _texts(record) == saved | {"the last words"}
    anchor = record.anchor()
    record.close()
    again = Record.open(path, KEY, clock=CLOCK, anchors=(anchor,))
    assert again.rolled_back is None
    assert again.is_intact()
    assert _texts(again) == saved | {"the last words"}
    again.close()


def test_a_full_disk_without_ballast_loses_nothing_and_still_reads(small_disk: Path) -> None:
    path = small_disk / "vault" / "record.db"
    record = Record.create(path, KEY, clock=CLOCK)
    saved = _fill(record)
    for _ in range(3):
        with pytest.raises(DiskFull):
            _save(record, os.urandom(20_000).hex())
    assert _texts(record) == saved
    record.close()
    again = Record.open(path, KEY, clock=CLOCK)
    assert _texts(again) == saved
    again.close()


def test_a_backup_that_does_not_fit_leaves_the_one_before(small_disk: Path) -> None:
    path = small_disk / "vault" / "record.db"
    record = Record.create(path, KEY, clock=CLOCK)
    _save(record, "first")
    made = backup.back_up(record)
    free = shutil.disk_usage(small_disk).free
    (small_disk / "films").write_bytes(bytes(max(0, free - made.path.stat().st_size // 2)))
    with pytest.raises((DiskFull, BackupFailed)):
        backup.copy(path, KEY, CLOCK)
    backup.check(made.path, KEY)
    assert not list(backup.folder_of(path).glob("*.part"))
    assert _texts(record) == {"first"}
    record.close()
