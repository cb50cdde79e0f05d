"""The audit chain: every link names what was done, to which ids, and the link before it."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from visitapp.domain.clock import iso
from visitapp.store.reading import Reading
from visitapp.store.sql import text

if TYPE_CHECKING:
    from visitapp.store.writing import Writing

START = bytes(32)

_HEAD = text("SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1")
_ADD = text("INSERT INTO audit (seq, prev, entry, hash) VALUES (:seq, :prev, :entry, :hash)")
_ALL = text("SELECT seq, prev, entry, hash FROM audit WHERE seq > :after ORDER BY seq LIMIT 5000")


@dataclass(frozen=True)
class ChainHead:
    """The newest link: its number (0 for none) and its hash."""

    seq: int
    hash: bytes


@dataclass(frozen=True)
class Link:
    """One link as it can be shown to an auditor."""

    seq: int
    entry: Mapping[str, str | int]


def head(r: Reading) -> ChainHead:
    """The newest link of the chain."""
    row = r.connection.execute(_HEAD).first()
    return ChainHead(row.seq, bytes(row.hash)) if row else ChainHead(0, START)


def append(w: "Writing", action: str, ids: Mapping[str, str | int]) -> None:
    """Add a link. Ids, numbers and codes only: an audit that repeats a note is a second, unprotected note."""
    before = head(w)
    entry = json.dumps({"at": iso(w.clock.now()), "do": action, **ids}, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    row = {
        "seq": before.seq + 1,
        "prev": before.hash,
        "entry": entry,
        "hash": link_hash(before.seq + 1, before.hash, entry),
    }
    w.connection.execute(_ADD, row)


def link_hash(seq: int, prev: bytes, entry: str) -> bytes:
    """SHA-256 over number, previous hash and entry."""
    return hashlib.sha256(seq.to_bytes(8, "big") + prev + entry.encode()).digest()


def first_break(r: Reading) -> int:
    """The number of the first link that does not hold, or 0 if the whole chain does. Missing links at the end need an anchor to
    show.
    """
    expected, prev = 1, START
    while True:
        rows = r.all(_ALL, after=expected - 1)
        for row in rows:
            if row.seq != expected or bytes(row.prev) != prev or bytes(row.hash) != link_hash(row.seq, prev, row.entry):
                return expected
            expected, prev = expected + 1, bytes(row.hash)
        if not rows:
            return 0


def links(r: Reading, after: int = 0) -> tuple[Link, ...]:
    """Up to 5,000 links after a number, in order."""
    return tuple(Link(row.seq, json.loads(row.entry)) for row in r.all(_ALL, after=after))
