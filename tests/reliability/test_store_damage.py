"""A damaged record: found or harmless, never shown as something it is not, never replaced by an empty one."""

import random
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from visitapp.domain.clock import FixedClock
from visitapp.domain.ids import Ids
from visitapp.domain.problems import Problem
from visitapp.store.record import Record

KEY = b"k" * 32
CLOCK = FixedClock(datetime(2026, 11, 20, 10, tzinfo=UTC))
NOTES = 120
PAGE = 16384


@pytest.fixture(scope="module")
def intact(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A closed record with notes in it."""
    path = tmp_path_factory.mktemp("intact") / "record.db"
    ids = Ids(CLOCK)
    family = ids()
    record = Record.create(path, KEY, clock=CLOCK)
    with record.writing() as w:
        for number in range(NOTES):
            w.put(f"f:{family}", "plan_item", ids(), {"family": family, "text": f"goal {number} " + "steady " * 200})
    record.checkpoint()
    record.close()
    return path


def _read_all(path: Path) -> list[str]:
    record = Record.open(path, KEY, clock=CLOCK)
    try:
        with record.reading() as r:
            return sorted(row.what for row in r.all(text("SELECT what FROM plan_item")))
    finally:
        record.close()


def _flip(raw: bytearray, chance: random.Random) -> None:
    raw[chance.randrange(len(raw))] ^= 1 << chance.randrange(8)


def _zero_page(raw: bytearray, chance: random.Random) -> None:
    page = chance.randrange(len(raw) // PAGE)
    raw[page * PAGE : (page + 1) * PAGE] = bytes(PAGE)


def _truncate(raw: bytearray, chance: random.Random) -> None:
    del raw[chance.randrange(1, len(raw) // PAGE) * PAGE :]


def _swap_pages(raw: bytearray, chance: random.Random) -> None:
    one, two = chance.sample(range(len(raw) // PAGE), 2)
    held = raw[one * PAGE : (one + 1) * PAGE]
    raw[one * PAGE : (one + 1) * PAGE] = raw[two * PAGE : (two + 1) * PAGE]
    raw[two * PAGE : (two + 1) * PAGE] = held


@pytest.mark.parametrize("harm", [_flip, _zero_page, _truncate, _swap_pages])
def test_damage_is_found_or_harmless_and_the_file_is_left_as_it_is(
    intact: Path, tmp_path: Path, harm: Callable[[bytearray, random.Random], None]
) -> None:
    truth = _read_all(intact)
    chance = random.Random(harm.__name__)
    for number in range(25):
        path = tmp_path / str(number) / "record.db"
        path.parent.mkdir()
        raw = bytearray(intact.read_bytes())
        harm(raw, chance)
        path.write_bytes(raw)
        try:
            shown = _read_all(path)
        except Problem:
            assert path.read_bytes()[:PAGE] == bytes(raw[:PAGE])
        else:
            assert shown == truth
            record = Record.open(path, KEY, clock=CLOCK)
            try:
                found = not record.is_intact()
            except Problem:
                found = True
            finally:
                record.close()
            assert found
        assert path.stat().st_size >= len(raw)


def test_another_persons_record_is_refused(intact: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.db"
    Record.create(other, b"o" * 32, clock=CLOCK).close()
    path = tmp_path / "record.db"
    shutil.copy(other, path)
    with pytest.raises(Problem):
        Record.open(path, KEY, clock=CLOCK)
    assert path.read_bytes() == other.read_bytes()
    assert len(_read_all(intact)) == NOTES
