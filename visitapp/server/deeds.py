"""What administrators did, in a chain: each entry's hash covers the one before, so that none can go or change unnoticed."""

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import Connection, text

_START: Final = bytes(32)
_LOCK: Final = 0x76697369


@dataclass(frozen=True, slots=True)
class Deed:
    """One entry: who did what to whom or what. `about` is an id, `told` a few words without anything clinical."""

    n: int
    at: datetime
    who: str
    what: str
    about: str
    told: str
    previous: bytes
    hash: bytes

    def computed(self) -> bytes:
        """The hash that this entry should have."""
        told = [self.n, self.at.astimezone(UTC).isoformat(timespec="microseconds"), self.who, self.what, self.about, self.told]
        return hashlib.sha256(self.previous + json.dumps(told, ensure_ascii=False).encode()).digest()


def note_deed(connection: Connection, who: str, what: str, about: str = "", told: str = "") -> None:
    """Adds an entry at the end of the chain, inside the transaction that does the deed."""
    connection.execute(text("select pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    last = connection.execute(text("select n, hash from deed order by n desc limit 1")).first()
    moment = connection.execute(text("select clock_timestamp()")).scalar_one()
    entry = Deed(last.n + 1 if last else 1, moment, who, what, about, told, bytes(last.hash) if last else _START, b"")
    connection.execute(
        text(
            "insert into deed(n, at, who, what, about, told, previous, hash)"
            " values (:n, :at, :who, :what, :about, :told, :previous, :hash)"
        ),
        {
            "n": entry.n,
            "at": moment,
            "who": who,
            "what": what,
            "about": about,
            "told": told,
            "previous": entry.previous,
            "hash": entry.computed(),
        },
    )


def newest(connection: Connection, before: int = 0, count: int = 100) -> list[Deed]:
    """Entries from the newest back; `before` leaves out those from that number on."""
    words = "select * from deed where :before = 0 or n < :before order by n desc limit :count"
    return [_deed(row) for row in connection.execute(text(words), {"before": before, "count": count})]


def first_broken(connection: Connection) -> int:
    """The number of the first entry that was changed or that follows a gap; 0 if the chain is whole."""
    previous, expected = _START, 1
    for row in connection.execute(text("select * from deed order by n")):
        deed = _deed(row)
        if deed.n != expected or deed.previous != previous or deed.computed() != deed.hash:
            return expected
        previous, expected = deed.hash, expected + 1
    return 0


def _deed(row: Any) -> Deed:
    return Deed(row.n, row.at, row.who, row.what, row.about, row.told, bytes(row.previous), bytes(row.hash))
