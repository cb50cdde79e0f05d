"""A record that was put back or lost its log: found at opening, readable, explained, never written or sent."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from visitapp.domain.clock import FixedClock
from visitapp.domain.ids import Ids
from visitapp.store.anchors import Anchor, aside_folder, log_of, page_code
from visitapp.store.connection import PAGE_BYTES
from visitapp.store.outbox import outbox_rows
from visitapp.store.problems import DiskRefuses, RecordDamaged, RecordRolledBack
from visitapp.store.record import Record

KEY = b"k" * 32
CLOCK = FixedClock(datetime(2026, 11, 20, 10, tzinfo=UTC))
FAMILY = Ids(CLOCK)()


def _save(record: Record, text: str) -> None:
    with record.writing() as w:
        w.put(f"f:{FAMILY}", "plan_item", Ids(CLOCK)(), {"family": FAMILY, "text": text})
        w.audit("saved", family=FAMILY)


def _texts(record: Record) -> list[str]:
    with record.reading() as r:
        return sorted(body["text"] for _, _, body in r.of_kind("plan_item"))


@dataclass
class Crashed:
    """A record as it lay on the disk when the machine stopped: file and log, and the anchor that was outside."""

    path: Path
    anchor: Anchor
    old: Path

    def open(self, *more: Anchor) -> Record:
        return Record.open(self.path, KEY, clock=CLOCK, anchors=(self.anchor, *more))


@pytest.fixture
def crashed(tmp_path: Path) -> Crashed:
    """Three notes in the main file, two in its log."""
    live, path, old = tmp_path / "live" / "record.db", tmp_path / "record.db", tmp_path / "old.db"
    record = Record.create(live, KEY, clock=CLOCK)
    anchors: list[Anchor] = []
    record.mirror_commits(lambda counter, head: anchors.append(Anchor(counter, head.hex())))
    for number in range(3):
        _save(record, f"file {number}")
    record.checkpoint()
    shutil.copy(live, old)
    for number in range(2):
        _save(record, f"log {number}")
    shutil.copy(live, path)
    shutil.copy(log_of(live), log_of(path))
    record.close()
    return Crashed(path, anchors[-1], old)


def test_what_a_crash_leaves_opens_as_it_was(crashed: Crashed) -> None:
    record = crashed.open()
    assert record.rolled_back is None
    assert len(_texts(record)) == 5
    _save(record, "after")
    record.close()
    assert not list(aside_folder(crashed.path).glob("*"))


def _lose_log(at: Crashed) -> None:
    log_of(at.path).unlink()


def _flip_bit_of_log(at: Crashed) -> None:
    raw = bytearray(log_of(at.path).read_bytes())
    raw[len(raw) // 2] ^= 4
    log_of(at.path).write_bytes(raw)


def _cut_log(at: Crashed) -> None:
    raw = log_of(at.path).read_bytes()
    log_of(at.path).write_bytes(raw[: len(raw) - 100])


def _old_file(at: Crashed) -> None:
    log_of(at.path).unlink()
    shutil.copy(at.old, at.path)


@pytest.mark.parametrize("harm", [_lose_log, _flip_bit_of_log, _cut_log, _old_file])
def test_lost_saves_are_noticed_and_the_record_is_only_read(crashed: Crashed, harm: Callable[[Crashed], None]) -> None:
    harm(crashed)
    had_log = log_of(crashed.path).exists()
    log = log_of(crashed.path).read_bytes() if had_log else b""
    record = crashed.open()
    assert record.rolled_back is not None
    assert (record.rolled_back.reason, record.rolled_back.expected) == ("older", crashed.anchor.counter)
    assert record.rolled_back.commits < crashed.anchor.counter
    assert set(_texts(record)) >= {"file 0", "file 1", "file 2"}
    with pytest.raises(RecordRolledBack):
        _save(record, "new")
    with pytest.raises(DiskRefuses), record.reading() as r:
        r.connection.exec_driver_sql("DELETE FROM edit")
    record.close()
    kept = [path.read_bytes() for path in aside_folder(crashed.path).glob("log-*.wal")]
    assert kept == ([log] if had_log else [])
    again = crashed.open()
    assert again.rolled_back is not None
    again.close()


def test_a_whole_log_of_another_time_does_not_pass(crashed: Crashed) -> None:
    log = log_of(crashed.path).read_bytes()
    record = crashed.open()
    for number in range(3):
        _save(record, f"later {number}")
    anchor = record.anchor()
    record.close()
    log_of(crashed.path).write_bytes(log)
    try:
        again = Record.open(crashed.path, KEY, clock=CLOCK, anchors=(anchor,))
    except RecordDamaged:
        return
    assert again.rolled_back is not None
    again.close()


def test_another_history_of_the_same_length_is_noticed(crashed: Crashed) -> None:
    record = Record.open(crashed.path, KEY, clock=CLOCK)
    _save(record, "one more, told to nobody")
    same_length = record.anchor()
    record.close()
    forged = Anchor(same_length.counter, "ab" * 32)
    again = Record.open(crashed.path, KEY, clock=CLOCK, anchors=(forged,))
    assert again.rolled_back is not None
    assert again.rolled_back.reason == "another-history"
    again.close()
    older = Anchor(same_length.counter - 2, "ab" * 32)
    again = Record.open(crashed.path, KEY, clock=CLOCK, anchors=(older,))
    assert again.rolled_back is not None
    again.close()


def test_one_old_page_in_a_record_that_rested_is_damage(tmp_path: Path) -> None:
    path = tmp_path / "record.db"
    record = Record.create(path, KEY, clock=CLOCK)
    _save(record, "first words")
    record.checkpoint()
    before = path.read_bytes()
    _save(record, "second words")
    anchor = record.anchor()
    record.close()
    after = path.read_bytes()
    assert page_code(path) == anchor.pages
    changed = [
        at
        for at in range(0, min(len(before), len(after)), PAGE_BYTES)
        if before[at : at + PAGE_BYTES] != after[at : at + PAGE_BYTES]
    ]
    assert len(changed) >= 3
    for at in changed:
        mixed = bytearray(after)
        mixed[at : at + PAGE_BYTES] = before[at : at + PAGE_BYTES]
        path.write_bytes(mixed)
        try:
            opened = Record.open(path, KEY, clock=CLOCK, anchors=(anchor,))
        except RecordDamaged:
            continue
        assert opened.rolled_back is not None
        opened.close()
    path.write_bytes(after)
    opened = Record.open(path, KEY, clock=CLOCK, anchors=(anchor,))
    assert opened.rolled_back is None
    opened.close()
    # Opening and closing alone changes nothing that the code covers.
    assert page_code(path) == anchor.pages


def test_going_on_is_a_decision_that_the_audit_keeps(crashed: Crashed) -> None:
    _lose_log(crashed)
    record = crashed.open()
    record.carry_on(by="administrator")
    assert record.rolled_back is None
    _save(record, "after the decision")
    with record.reading() as r:
        assert [row.kind for row in outbox_rows(r)] == ["plan_item"] * 4
    anchor = record.anchor()
    assert anchor.counter > crashed.anchor.counter
    record.close()
    again = crashed.open(anchor)
    assert again.rolled_back is None
    assert len(_texts(again)) == 4
    again.close()
