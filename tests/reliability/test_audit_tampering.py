"""Seven ways to falsify an audit chain behind the program's back: each is found, the last two by the anchor alone (S11)."""

import json
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from visitapp.domain.clock import FixedClock
from visitapp.store import audit
from visitapp.store.anchors import Anchor
from visitapp.store.connection import connect
from visitapp.store.record import Record

KEY = b"k" * 32
CLOCK = FixedClock(datetime(2026, 11, 20, 10, tzinfo=UTC))
LINKS = 40
IN_CI, AT_NIGHT = 200, 2_900


@dataclass
class Chain:
    """The links of a chain as a forger holds them: number, previous hash, entry, hash."""

    rows: list[tuple[int, bytes, str, bytes]]

    def rewritten(self, since: int) -> None:
        """Work out every hash again from a link on, as somebody would who knows how."""
        for place in range(since, len(self.rows)):
            prev = self.rows[place - 1][3] if place else audit.START
            seq, _, entry, _ = self.rows[place]
            self.rows[place] = (seq, prev, entry, audit.link_hash(seq, prev, entry))

    def numbered(self, since: int) -> None:
        self.rows[since:] = [(since + 1 + at, *row[1:]) for at, row in enumerate(self.rows[since:])]


def _edited(entry: str, chance: random.Random) -> str:
    return json.dumps({**json.loads(entry), "visit": f"v{chance.randrange(10**6)}"}, sort_keys=True, separators=(",", ":"))


def _edit(chain: Chain, chance: random.Random) -> None:
    at = chance.randrange(LINKS)
    seq, prev, entry, hash_ = chain.rows[at]
    chain.rows[at] = (seq, prev, _edited(entry, chance), hash_)


def _edit_with_its_hash(chain: Chain, chance: random.Random) -> None:
    at = chance.randrange(LINKS - 1)
    seq, prev, entry, _ = chain.rows[at]
    entry = _edited(entry, chance)
    chain.rows[at] = (seq, prev, entry, audit.link_hash(seq, prev, entry))


def _delete(chain: Chain, chance: random.Random) -> None:
    at = chance.randrange(LINKS - 1)
    del chain.rows[at]
    if chance.random() < 0.5:
        chain.numbered(at)


def _swap(chain: Chain, chance: random.Random) -> None:
    one, two = chance.sample(range(LINKS), 2)
    first, second = chain.rows[one], chain.rows[two]
    chain.rows[one], chain.rows[two] = (first[0], *second[1:]), (second[0], *first[1:])


def _insert(chain: Chain, chance: random.Random) -> None:
    at = chance.randrange(1, LINKS)
    prev = chain.rows[at - 1][3]
    entry = _edited(chain.rows[at][2], chance)
    chain.rows.insert(at, (at + 1, prev, entry, audit.link_hash(at + 1, prev, entry)))
    chain.numbered(at)


def _cut(chain: Chain, chance: random.Random) -> None:
    del chain.rows[chance.randrange(LINKS) :]


def _rewrite(chain: Chain, chance: random.Random) -> None:
    at = chance.randrange(LINKS)
    seq, prev, entry, hash_ = chain.rows[at]
    chain.rows[at] = (seq, prev, _edited(entry, chance), hash_)
    chain.rewritten(0)


KINDS: dict[str, Callable[[Chain, random.Random], None]] = {
    "an entry changed": _edit,
    "an entry and its hash changed": _edit_with_its_hash,
    "a link deleted": _delete,
    "two links swapped": _swap,
    "a link inserted": _insert,
    "the end cut off": _cut,
    "everything after a link written anew": _rewrite,
}
NEED_AN_ANCHOR = {"the end cut off", "everything after a link written anew"}


@pytest.fixture(scope="module")
def honest(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Anchor, Chain]:
    """A closed record whose chain holds, with the anchor of its last moment."""
    path = tmp_path_factory.mktemp("honest") / "record.db"
    record = Record.create(path, KEY, clock=CLOCK)
    for number in range(LINKS):
        with record.writing() as w:
            w.audit("viewed", visit=f"v{number}")
    found = record.anchor()
    with record.reading() as r:
        rows = r.all(text("SELECT seq, prev, entry, hash FROM audit ORDER BY seq"))
        chain = Chain([(row.seq, bytes(row.prev), row.entry, bytes(row.hash)) for row in rows])
    record.close()
    # The page code would tell of any change whatever; here the chain and its head are to tell by themselves.
    return path, Anchor(found.counter, found.head), chain


def _laid(raw: Any, chain: Chain) -> None:
    raw.execute("BEGIN")
    raw.execute("DELETE FROM audit")
    raw.executemany("INSERT INTO audit (seq, prev, entry, hash) VALUES (?, ?, ?, ?)", chain.rows)
    raw.execute("COMMIT")


def _hunt(honest: tuple[Path, Anchor, Chain], kind: str, many: int, seed: str) -> tuple[int, int]:
    """Falsify many times; returns how many the chain found and how many the anchor did."""
    path, anchor, chain = honest
    raw = connect(path, KEY)
    by_chain = by_anchor = 0
    try:
        for trigger in ("audit_stays", "audit_grows", "audit_adds"):
            raw.execute(f"DROP TRIGGER IF EXISTS {trigger}")
        raw.execute("PRAGMA synchronous=OFF")
        for number in range(many):
            false = Chain(list(chain.rows))
            KINDS[kind](false, random.Random(f"{seed} {number}"))
            if false.rows == chain.rows:
                continue
            _laid(raw, false)
            record = Record.open(path, KEY, clock=CLOCK, anchors=(anchor,))
            with record.reading() as r:
                broken = audit.first_break(r) > 0
            by_chain += broken
            by_anchor += record.rolled_back is not None
            assert broken or record.rolled_back is not None, f"{kind}, seed {seed}, number {number}"
            record.close()
        _laid(raw, chain)
    finally:
        raw.close()
    return by_chain, by_anchor


@pytest.mark.parametrize("kind", KINDS)
def test_every_falsification_is_found(honest: tuple[Path, Anchor, Chain], kind: str) -> None:
    by_chain, by_anchor = _hunt(honest, kind, IN_CI, "ci")
    if kind in NEED_AN_ANCHOR:
        assert by_chain == 0
        assert by_anchor >= IN_CI - 5
    else:
        assert by_chain >= IN_CI - 15
    record = Record.open(honest[0], KEY, clock=CLOCK, anchors=(honest[1],))
    assert record.rolled_back is None
    with record.reading() as r:
        assert audit.first_break(r) == 0
    record.close()


@pytest.mark.hunt
@pytest.mark.parametrize("kind", KINDS)
def test_thousands_of_falsifications_are_found(honest: tuple[Path, Anchor, Chain], kind: str) -> None:
    _hunt(honest, kind, AT_NIGHT, str(random.SystemRandom().randrange(1 << 30)))
