# ruff: noqa: F811 - a fixture is imported and then asked for by its name
"""A laptop whose record was damaged and restored from a backup: the server gives back what it has, and nothing is laid over it."""

import pytest

from tests.kit.laptops import MakeLaptop, SyncedLaptop, laptop, team  # noqa: F401
from tests.kit.postgres import databases, postgres, service  # noqa: F401
from visitapp.store import backup
from visitapp.store.outbox import sync_counts
from visitapp.store.people import family
from visitapp.store.problems import RecordRolledBack
from visitapp.store.record import Record
from visitapp.store.visits import visits
from visitapp.sync.exchange import run_exchange

KEY = b"k" * 32


def _damaged_and_restored(one: SyncedLaptop) -> None:
    """Damage the record where its first page is, and put the newest backup in its place; it is read only yet."""
    path, clock = one.record.path, one.clock
    anchor = one.record.anchor()
    one.close()
    raw = bytearray(path.read_bytes())
    raw[2000:3000] = bytes(1000)
    path.write_bytes(raw)
    with pytest.raises(Exception, match=r"RecordUnreadable|RecordDamaged"):
        Record.open(path, KEY, clock=clock, anchors=(anchor,))
    backup.restore(path, KEY, clock)
    one.record = Record.open(path, KEY, clock=clock, anchors=(anchor,))


def test_what_the_server_has_comes_back_and_what_was_sent_is_not_sent_twice(laptop: MakeLaptop) -> None:
    one, other = laptop(), laptop()
    home = one.begin_family("Okafor")
    first = one.sign(home, "before the backup, sent before it")
    one.level()
    second = one.sign(home, "before the backup, sent after it")
    backup.back_up(one.record)
    one.level()
    third = one.sign(home, "after the backup, sent")
    body = {**one.body(f"f:{home}", home), "note": "newer than the backup"}
    one.do(lambda w: w.put(f"f:{home}", "family", home, body))
    one.level()

    _damaged_and_restored(one)
    assert one.record.rolled_back is not None
    one.client = one.connect()
    requests = len(one.line.requests)
    with pytest.raises(RecordRolledBack):
        run_exchange(one.record, one.client, user=one.user)
    assert not [path for path in one.line.requests[requests:] if "push" in path], "nothing is sent until somebody decides"

    one.record.carry_on(why="restored")
    one.level()
    one.level()
    assert {row.id for row in one.ask(visits, home)} == {first, second, third}
    assert one.ask(sync_counts).unsent == 0
    assert one.ask(sync_counts).attention == 0
    assert one.body(f"f:{home}", home)["note"] == "newer than the backup"
    assert one.ask(family, home) is not None
    fourth = one.sign(home, "after everything")
    one.level()
    assert len(one.ask(visits, home)) == 4
    assert fourth in {row.id for row in one.ask(visits, home)}
    assert one.record.is_intact()
    one.close()
    other.close()


def test_a_note_that_only_the_backup_has_still_goes(laptop: MakeLaptop) -> None:
    one = laptop()
    home = one.begin_family("Okafor")
    one.level()
    kept = one.sign(home, "never sent, but in the backup")
    backup.back_up(one.record)
    _damaged_and_restored(one)
    one.record.carry_on(why="restored")
    one.client = one.connect()
    one.level()
    assert {row.id for row in one.ask(visits, home)} == {kept}
    assert one.ask(sync_counts).unsent == 0
    one.close()
