"""Opening and closing the record, and what a transaction promises."""

import multiprocessing
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlcipher3.dbapi2 as cipher
from sqlalchemy import text

from visitapp.domain.clock import FixedClock
from visitapp.store import connection
from visitapp.store.changes import Changes
from visitapp.store.connection import StoreError
from visitapp.store.problems import (
    CipherTooOld,
    DiskFull,
    RecordClosed,
    RecordExists,
    RecordInUse,
    RecordMissing,
    RecordUnreadable,
    TextTooLong,
)
from visitapp.store.record import Record

KEY = bytes(range(32))
CLOCK = FixedClock(datetime(2026, 11, 20, 10, tzinfo=UTC))
FAMILY = "01a1f866-0d00-7f3e-8c55-1e6a5320669d"


@pytest.fixture
def record(tmp_path: Path) -> Iterator[Record]:
    """A new record."""
    made = Record.create(tmp_path / "vault" / "record.db", KEY, clock=CLOCK)
    yield made
    made.close()


def put_family(record: Record, name: str = "Okafor") -> None:
    """Write one family."""
    with record.writing() as w:
        w.put(f"f:{FAMILY}", "family", FAMILY, {"id": FAMILY, "name": name})


def test_what_was_written_is_there_after_reopening(record: Record) -> None:
    put_family(record)
    record.close()
    again = Record.open(record.path, KEY, clock=CLOCK)
    with again.reading() as r:
        assert r.body(f"f:{FAMILY}", FAMILY) == {"id": FAMILY, "name": "Okafor"}
    again.close()


def test_nothing_readable_reaches_the_disk(record: Record) -> None:
    put_family(record, "Marmaladewicz")
    on_disk = b"".join(path.read_bytes() for path in record.path.parent.rglob("*") if path.is_file())
    assert len(on_disk) > 50_000
    assert b"Marmaladewicz" not in on_disk
    assert b"armalade" not in on_disk
    assert b"SQLite format" not in on_disk


def test_missing_record_is_refused_and_nothing_made_in_its_place(tmp_path: Path) -> None:
    with pytest.raises(RecordMissing):
        Record.open(tmp_path / "record.db", KEY, clock=CLOCK)
    assert list(tmp_path.iterdir()) == []


def test_empty_file_is_refused_and_left_empty(tmp_path: Path) -> None:
    (tmp_path / "record.db").touch()
    with pytest.raises(RecordMissing):
        Record.open(tmp_path / "record.db", KEY, clock=CLOCK)
    assert (tmp_path / "record.db").stat().st_size == 0


def test_wrong_key_is_refused_and_the_right_one_still_works(record: Record) -> None:
    put_family(record)
    record.close()
    before = record.path.read_bytes()
    with pytest.raises(RecordUnreadable):
        Record.open(record.path, bytes(32), clock=CLOCK)
    assert record.path.read_bytes() == before
    Record.open(record.path, KEY, clock=CLOCK).close()


def test_record_is_never_created_over_another(record: Record) -> None:
    record.close()
    with pytest.raises(RecordExists):
        Record.create(record.path, KEY, clock=CLOCK)
    Record.open(record.path, KEY, clock=CLOCK).close()


def test_second_opening_in_this_process_is_refused(record: Record) -> None:
    with pytest.raises(RecordInUse):
        Record.open(record.path, KEY, clock=CLOCK)


def _open_elsewhere(path: str, answers: "multiprocessing.Queue[str]") -> None:
    try:
        Record.open(Path(path), KEY, clock=CLOCK).close()
        answers.put("opened")
    except RecordInUse:
        answers.put("in use")


def test_second_process_is_refused_until_the_first_lets_go(record: Record) -> None:
    context = multiprocessing.get_context("spawn")
    answers: multiprocessing.Queue[str] = context.Queue()
    for expected in ("in use", "opened"):
        other = context.Process(target=_open_elsewhere, args=(str(record.path), answers))
        other.start()
        assert answers.get(timeout=60) == expected
        other.join(60)
        record.close()


def test_old_or_plain_library_is_refused(record: Record, monkeypatch: pytest.MonkeyPatch) -> None:
    record.close()
    monkeypatch.setattr(connection, "_OLDEST_CIPHER", (99, 0))
    with pytest.raises(CipherTooOld) as raised:
        Record.open(record.path, KEY, clock=CLOCK)
    assert raised.value.cipher.startswith("4.")


def test_settings_are_what_durability_needs(record: Record) -> None:
    wanted = {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "secure_delete": 1,
        "trusted_schema": 0,
        "page_size": "16384",
    }
    with record.reading() as r:
        found = {name: r.connection.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in wanted}
    assert found == wanted


@pytest.mark.parametrize(
    "statement", ["ATTACH ':memory:' AS other", "PRAGMA key='x'", "PRAGMA rekey='x'", "PRAGMA writable_schema=1"]
)
def test_connection_refuses_to_open_another_file_or_change_the_key(record: Record, statement: str) -> None:
    with pytest.raises(StoreError), record.reading() as r:
        r.connection.exec_driver_sql(statement)


def test_transaction_that_fails_leaves_nothing_and_announces_nothing(record: Record) -> None:
    heard: list[Changes] = []
    record.changes.subscribe(heard.append)

    def fail() -> None:
        with record.writing() as w:
            w.put(f"f:{FAMILY}", "family", FAMILY, {"id": FAMILY, "name": "Okafor"})
            w.settle_writes()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with record.reading() as r:
        assert r.body(f"f:{FAMILY}", FAMILY) is None
        assert r.number(text("SELECT count(*) FROM outbox")) == 0
    assert heard == []


def test_changes_are_announced_after_the_commit_on_the_writing_thread(record: Record) -> None:
    heard: list[tuple[Changes, int, object]] = []

    def listen(changes: Changes) -> None:
        with record.reading() as r:
            heard.append((changes, threading.get_ident(), r.body(f"f:{FAMILY}", FAMILY)))

    stop = record.changes.subscribe(listen)
    put_family(record)
    [(changes, thread, seen)] = heard
    assert changes.kinds == {"family"}
    assert changes.families == {FAMILY}
    assert changes.sync
    assert thread == threading.get_ident()
    assert seen is not None
    stop()
    put_family(record, "Evans")
    assert len(heard) == 1


def test_listener_that_fails_harms_neither_the_writer_nor_the_others(record: Record, caplog: pytest.LogCaptureFixture) -> None:
    heard: list[Changes] = []
    record.changes.subscribe(lambda changes: 1 / 0)
    record.changes.subscribe(heard.append)
    put_family(record)
    assert len(heard) == 1
    assert "Okafor" not in caplog.text


def test_write_inside_a_write_is_a_bug_and_says_so(record: Record) -> None:
    with record.writing() as w, pytest.raises(RuntimeError), record.writing():
        raise AssertionError(w)


def test_transaction_sees_what_it_has_put(record: Record) -> None:
    with record.writing() as w:
        w.put(f"f:{FAMILY}", "family", FAMILY, {"id": FAMILY, "name": "Okafor"})
        assert w.body(f"f:{FAMILY}", FAMILY) == {"id": FAMILY, "name": "Okafor"}
        assert w.number(text("SELECT count(*) FROM family")) == 1
        w.delete(f"f:{FAMILY}", FAMILY, "family")
        assert w.body(f"f:{FAMILY}", FAMILY) is None


def test_full_disk_is_told_and_what_was_saved_before_is_safe(record: Record) -> None:
    put_family(record)
    pages = int((record.path.stat().st_size + 200_000) / 16384) + 4

    def fill() -> None:
        with record.writing() as w:
            w.connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")
            for _ in range(200):
                w.put(f"f:{FAMILY}", "plan_item", w.new_id(), {"family": FAMILY, "text": "x" * 20_000})

    with pytest.raises(DiskFull):
        fill()
    with record.reading() as r:
        assert r.body(f"f:{FAMILY}", FAMILY) is not None
        assert r.number(text("SELECT count(*) FROM plan_item")) == 0


def test_error_of_a_statement_names_no_value(record: Record) -> None:
    with pytest.raises(StoreError) as raised, record.writing() as w:
        w.connection.execute(text("INSERT INTO meta (key, value) VALUES (:a, :a), (:a, :a)"), {"a": "a secret word"})
    assert "secret" not in str(raised.value)
    assert "secret" not in repr(raised.value.__context__ and raised.value.__context__.args)


def test_closed_record_can_neither_be_read_nor_written(record: Record) -> None:
    record.close()
    with pytest.raises(RecordClosed), record.reading():
        pass
    with pytest.raises(RecordClosed), record.writing():
        pass


def test_record_larger_than_the_service_takes_is_refused_at_once(record: Record) -> None:
    with pytest.raises(TextTooLong), record.writing() as w:
        w.put(f"f:{FAMILY}", "plan_item", FAMILY, {"text": "x" * 300_000})


def test_commits_are_counted_and_mirrored(record: Record) -> None:
    told: list[tuple[int, bytes]] = []
    record.mirror_commits(lambda number, head: told.append((number, head)))
    put_family(record)
    with record.writing() as w:
        w.audit("opened", family=FAMILY)
    assert told[1][0] == told[0][0] + 1
    assert told[0][1] != told[1][1]
    assert record.commits() == told[1]


def test_four_threads_write_and_read_at_once_and_nothing_is_lost(record: Record) -> None:
    def work(number: int) -> None:
        for turn in range(20):
            with record.writing() as w:
                w.put(f"f:{FAMILY}", "plan_item", w.new_id(), {"family": FAMILY, "text": f"{number} {turn}"})
            with record.reading() as r:
                r.number(text("SELECT count(*) FROM plan_item"))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with record.reading() as r:
        assert r.number(text("SELECT count(*) FROM plan_item")) == 80
        assert r.number(text("SELECT count(*) FROM outbox")) == 80
    assert record.is_intact()


def test_ordinary_sqlite_cannot_read_the_file(record: Record) -> None:
    import sqlite3

    put_family(record)
    record.checkpoint()
    plain = sqlite3.connect(record.path)
    with pytest.raises(sqlite3.DatabaseError):
        plain.execute("SELECT count(*) FROM sqlite_master")
    plain.close()
    assert cipher.sqlite_version_info >= (3, 51, 3)
