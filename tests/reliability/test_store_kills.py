"""kill -9 in the middle of saving: whatever was acknowledged is there afterwards, whole, and nothing is half."""

import random
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.kit.mortals import Mother
from visitapp.domain.bodies import load
from visitapp.domain.clock import FixedClock
from visitapp.store import audit, backup
from visitapp.store.outbox import next_batch
from visitapp.store.record import Record
from visitapp.store.search import search_notes
from visitapp.store.visits import drafts

KEY = b"k" * 32
CLOCK = FixedClock(datetime(2026, 11, 20, 10, tzinfo=UTC))
KILLS = 100

# Types into one draft as autosave does, signs now and then, and says each number only after its commit has returned.
WRITER = """
import sys
from pathlib import Path
from visitapp.domain.clock import SystemClock
from visitapp.store.outbox import next_batch
from visitapp.store.record import Record

path, first = Path(sys.argv[1]), int(sys.argv[2])
record = Record.open(path, b"k" * 32, clock=SystemClock())
family, user = "01a1f866-0d00-7f3e-8c55-1e6a5320669d", "01a1f866-0d00-7f3e-8c55-1e6a53206690"
print("open", flush=True)
for turn in range(first, first + 100_000):
    draft = "01a1f866-0d00-7f3e-8c55-%012x" % (turn // 20)
    words = f"turn{turn} " + "she held him close and he smiled " * (turn % 40)
    sheet = {"key": "story", "restricted": False, "answers": [{"linkId": "story", "answer": [{"valueString": words}]}]}
    with record.writing() as w:
        if turn % 20 == 19:
            part = w.new_id()
            w.put(f"f:{family}", "part", part, {"visit": draft, "answers": sheet["answers"]}, group=draft)
            signed = {"visit": draft, "summary": words[:20], "parts": [{"id": part}]}
            w.put(f"f:{family}", "visit", draft, signed, group=draft, type="sign")
            w.delete(f"u:{user}", draft, "draft", group=draft)
        else:
            w.put(f"u:{user}", "draft", draft, {"visit": draft, "family": family, "turn": turn, "sheets": [sheet]})
        w.audit("saved", turn=turn)
    print(turn, flush=True)
"""


def _type_until_killed(mother: Mother, path: Path, first: int, after_s: float) -> int:
    """Start the writer, kill it some time after its first save; returns the last turn it acknowledged."""
    writer = mother.bear([str(path), str(first)])
    assert writer.told.readline() == "open\n"
    last = int(writer.told.readline())
    time.sleep(after_s)
    told = writer.kill()
    return int(told[-1]) if told else last


def _check(record: Record, acknowledged: int) -> int:
    """Everything acknowledged is there, and at most the one save that was under way beside it; returns the last turn held."""
    with record.reading() as r:
        held = [int(link.entry["turn"]) for link in _all_links(r)]
        assert held == list(range(len(held)))
        last = held[-1]
        assert acknowledged <= last <= acknowledged + 1
        assert audit.first_break(r) == 0
        signed = r.number(text("SELECT count(*) FROM visit"))
        assert signed == (last + 1) // 20
        assert r.number(text("SELECT count(*) FROM part")) == signed
        assert r.number(text("SELECT count(*) FROM outbox WHERE kind = 'visit'")) == signed
        open_drafts = drafts(r)
        assert len(open_drafts) == (0 if last % 20 == 19 else 1)
        if open_drafts:
            body = r.body(open_drafts[0].scope, open_drafts[0].visit)
            assert body is not None
            assert body["turn"] == last
            assert body["sheets"][0]["answers"][0]["answer"][0]["valueString"].startswith(f"turn{last} ")
            found = search_notes(r, f"turn{last}")
            assert [note.id for note in found if note.kind == "draft"] == [open_drafts[0].visit]
            ops = [op for op in next_batch(r, 100_000, 1 << 30) if op.kind == "draft"]
            assert [load(op.body)["turn"] for op in ops] == [last]
        assert r.number(text("SELECT count(*) FROM searched")) == r.number(text("SELECT count(*) FROM word"))
    assert record.is_intact()
    return last


def _all_links(r: object) -> list[audit.Link]:
    found: list[audit.Link] = []
    while True:
        more = audit.links(r, found[-1].seq if found else 0)  # type: ignore[arg-type]
        if not more:
            return found
        found += more


def _kill_often(path: Path, kills: int, seed: int) -> None:
    chance = random.Random(seed)
    Record.create(path, KEY, clock=CLOCK).close()
    first = 0
    with Mother(WRITER) as mother:
        for _ in range(kills):
            acknowledged = _type_until_killed(mother, path, first, chance.uniform(0.0, 0.12))
            record = Record.open(path, KEY, clock=CLOCK)
            first = _check(record, acknowledged) + 1
            record.close()
    assert first > kills


@pytest.mark.timeout(1200)
def test_killed_in_the_middle_of_autosave_no_acknowledged_word_is_lost(tmp_path: Path) -> None:
    _kill_often(tmp_path / "record.db", KILLS, seed=1)


@pytest.mark.hunt
@pytest.mark.timeout(7200)
def test_killed_two_thousand_times(tmp_path: Path) -> None:
    _kill_often(tmp_path / "record.db", 2000, seed=2)


def test_half_a_backup_is_no_backup_and_is_cleared_away(tmp_path: Path) -> None:
    path = tmp_path / "record.db"
    record = Record.create(path, KEY, clock=CLOCK)
    with record.writing() as w:
        w.audit("saved", turn=0)
    record.close()
    half = path.parent / "backups"
    half.mkdir()
    (half / "record-20261119T090000000000Z.part").write_bytes(b"half a copy")
    again = Record.open(path, KEY, clock=CLOCK)
    assert backup.backups(path) == ()
    backup.back_up(again)
    assert [made.path.suffix for made in backup.backups(path)] == [".db"]
    assert not list(half.glob("*.part"))
    again.close()
