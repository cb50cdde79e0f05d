"""Backups by themselves, a restore that somebody asked for, and the ballast."""

import os
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from visitapp.domain.clock import FixedClock
from visitapp.domain.ids import Ids
from visitapp.store import backup, ballast
from visitapp.store.anchors import Anchor
from visitapp.store.problems import BackupFailed, NoGoodBackup, RecordDamaged, RecordInUse, RecordRolledBack
from visitapp.store.record import Record

KEY = b"k" * 32


@pytest.fixture
def clock() -> FixedClock:
    """A clock that a test moves."""
    return FixedClock(datetime(2026, 11, 20, 10, tzinfo=UTC))


@pytest.fixture
def record(tmp_path: Path, clock: FixedClock) -> Iterator[Record]:
    """A new record."""
    made = Record.create(tmp_path / "record.db", KEY, clock=clock)
    yield made
    made.close()


def _save(record: Record, text: str) -> None:
    with record.writing() as w:
        w.put("g:", "plan_item", Ids(record.clock)(), {"family": "f", "text": text})
        w.audit("saved")


def _texts(record: Record) -> list[str]:
    with record.reading() as r:
        return sorted(body["text"] for _, _, body in r.of_kind("plan_item"))


def test_a_lock_backs_up_changes_and_only_changes_half_an_hour_apart(record: Record, clock: FixedClock) -> None:
    _save(record, "one")
    assert backup.keep_up(record) is not None
    clock.move(timedelta(minutes=31))
    assert backup.keep_up(record) is None, "nothing was changed"
    _save(record, "two")
    assert backup.keep_up(record) is not None
    clock.move(timedelta(minutes=29))
    _save(record, "three")
    assert backup.keep_up(record) is None, "too soon"
    clock.move(timedelta(minutes=1))
    assert backup.keep_up(record) is not None
    assert len(backup.backups(record.path)) == 3


def test_a_month_of_locks_keeps_few_and_none_older_than_two_weeks(record: Record, clock: FixedClock) -> None:
    for number in range(40):
        _save(record, f"note {number}")
        backup.keep_up(record)
        clock.move(timedelta(hours=10))
    kept = backup.backups(record.path)
    assert 7 <= len(kept) <= backup.KEEP_LAST + backup.KEEP_DAILY
    assert clock.now() - kept[-1].made_at <= backup.KEEP_FOR
    assert clock.now() - kept[0].made_at <= timedelta(hours=10)
    for each in kept:
        backup.check(each.path, KEY)


def test_an_older_backup_stays_when_the_new_one_does_not_open(
    record: Record, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(4):
        _save(record, "x")
        backup.keep_up(record)
        clock.move(timedelta(minutes=31))
    before = backup.backups(record.path)

    def refuses(path: Path, key: bytes) -> None:
        raise BackupFailed

    monkeypatch.setattr(backup, "check", refuses)
    _save(record, "y")
    with pytest.raises(BackupFailed):
        backup.keep_up(record)
    assert backup.backups(record.path) == before
    assert not list(backup.folder_of(record.path).glob("*.part"))


def test_restore_takes_the_newest_good_one_and_keeps_the_damaged_record(record: Record, clock: FixedClock) -> None:
    for number in range(3):
        _save(record, f"note {number}")
        made = backup.back_up(record)
        clock.move(timedelta(hours=1))
    _save(record, "in no backup")
    anchor = record.anchor()
    with pytest.raises(RecordInUse):
        backup.restore(record.path, KEY, clock)
    record.close()
    raw = bytearray(made.path.read_bytes())
    raw[-9000] ^= 1
    made.path.write_bytes(raw)
    damaged = bytearray(record.path.read_bytes())
    damaged[30_000:60_000] = bytes(30_000)
    record.path.write_bytes(damaged)
    with pytest.raises(RecordDamaged):
        Record.open(record.path, KEY, clock=clock, anchors=(anchor,))
    restored = backup.restore(record.path, KEY, clock)
    assert (restored.aside / "record.db").read_bytes() == bytes(damaged)
    assert restored.backup == backup.backups(record.path)[1]
    again = Record.open(record.path, KEY, clock=clock, anchors=(anchor,))
    assert again.rolled_back is not None
    with pytest.raises(RecordRolledBack):
        _save(again, "not yet")
    again.carry_on(restored=str(restored.backup.made_at))
    _save(again, "after")
    assert _texts(again) == ["after", "note 0", "note 1"]
    newest = again.anchor()
    again.close()
    once_more = Record.open(record.path, KEY, clock=clock, anchors=(anchor, newest))
    assert once_more.rolled_back is None
    once_more.close()


def test_without_a_good_backup_nothing_is_moved(record: Record, clock: FixedClock) -> None:
    _save(record, "words")
    made = backup.back_up(record)
    record.close()
    made.path.write_bytes(b"")
    record.path.write_bytes(b"damaged")
    with pytest.raises(NoGoodBackup) as none:
        backup.restore(record.path, KEY, clock)
    assert none.value.tried == 1
    assert record.path.read_bytes() == b"damaged"
    assert not record.path.with_name("record.db.restored").exists()


def test_a_rolled_back_record_is_not_backed_up_over_better_ones(record: Record, clock: FixedClock) -> None:
    _save(record, "words")
    record.close()
    old = Record.open(record.path, KEY, clock=clock, anchors=(Anchor(99, "ab" * 32),))
    assert backup.keep_up(old) is None
    old.close()


def test_ballast_is_laid_once_and_thrown_off(record: Record) -> None:
    assert ballast.lay(record.path)
    first = ballast.ballast_of(record.path).read_bytes()
    assert len(first) == ballast.BYTES
    assert ballast.lay(record.path)
    assert ballast.ballast_of(record.path).read_bytes() == first
    assert ballast.throw_off(record.path)
    assert not ballast.throw_off(record.path)


def test_no_ballast_is_taken_from_a_disk_with_little_room(record: Record, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ballast, "_ROOM_LEFT", 1 << 62)
    assert not ballast.lay(record.path)
    assert not ballast.ballast_of(record.path).exists()


class Killed(BaseException):
    """The process ended here."""


def test_a_restore_cut_off_anywhere_can_be_begun_again_and_loses_no_file(
    record: Record, clock: FixedClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _save(record, "in the backup")
    backup.back_up(record)
    clock.move(timedelta(hours=1))
    _save(record, "not in it")
    record.close()
    damaged = bytearray(record.path.read_bytes())
    damaged[17_000:30_000] = bytes(13_000)
    record.path.write_bytes(damaged)
    at, was_cut = 0, True
    while was_cut:
        at += 1
        folder = tmp_path / f"cut-{at}"
        folder.mkdir()
        shutil.copytree(backup.folder_of(record.path), folder / "backups")
        path = Path(shutil.copy(record.path, folder / "record.db"))
        with monkeypatch.context() as patch:
            count = [0]
            for name in ("replace", "unlink", "fsync", "mkdir"):
                patch.setattr(os, name, _cut_at(count, at, getattr(os, name)))
            try:
                backup.restore(path, KEY, clock)
                was_cut = False
            except Killed:
                pass
        if was_cut:
            clock.move(timedelta(seconds=1))
            backup.restore(path, KEY, clock)
        kept = [each.read_bytes() for each in (folder / "aside").rglob("record.db")]
        assert bytes(damaged) in kept
        again = Record.open(path, KEY, clock=clock)
        assert again.rolled_back is not None
        assert _texts(again) == ["in the backup"]
        again.close()
    assert at > 5


def _cut_at(count: list[int], at: int, call: Callable[..., object]) -> Callable[..., object]:
    def cut(*args: object, **more: object) -> object:
        count[0] += 1
        if count[0] == at:
            raise Killed
        return call(*args, **more)

    return cut
