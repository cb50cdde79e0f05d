"""The organisation's audit: who did or was refused what, when, to which id; each entry's hash covers the one before.

Ids and names of acts only, never a name or a word of what was written. What was cut off at the end shows against an anchor: a
head that was exported, or that an auditor wrote down.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import Connection, text

from visitapp.server.gate import Denial

START: Final = bytes(32)
OPERATOR: Final = "operator"
"""Who works at the command line of the machine itself."""
_CHUNK: Final = 1_000


@dataclass(frozen=True, slots=True)
class Entry:
    """One line. `who` is a user's id, empty for nobody known and "operator" for the command line; `about` is an id."""

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
        moment = self.at.astimezone(UTC).isoformat(timespec="microseconds")
        told = [self.n, moment, self.who, self.what, self.about, self.told]
        return hashlib.sha256(self.previous + json.dumps(told, ensure_ascii=False).encode()).digest()


@dataclass(frozen=True, slots=True)
class Anchor:
    """What is known of the chain from elsewhere: the hash of one of its entries."""

    n: int
    hash: bytes


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a look at the whole chain found. `broken` is the first entry that cannot be believed, 0 for none."""

    entries: int
    head: bytes
    broken: int = 0
    why: str = ""


def note(connection: Connection, who: str, what: str, about: str = "", told: str = "") -> None:
    """Adds one entry at the end of the chain, inside the transaction that does what it tells of; best as its last statement."""
    note_all(connection, [(who, what, about, told)])


def note_all(connection: Connection, lines: Sequence[tuple[str, str, str, str]]) -> None:
    """Adds entries, each as who, what, about and told."""
    head = connection.execute(text("select n, hash, clock_timestamp() as now from audit_head for update")).one()
    n, previous = int(head.n), bytes(head.hash)
    rows = []
    for who, what, about, told in lines:
        n += 1
        entry = Entry(n, head.now, who, what, about, told, previous, b"")
        previous = entry.computed()
        rows.append({**_fields(entry), "hash": previous})
    connection.execute(
        text(
            "insert into audit(n, at, who, what, about, told, previous, hash)"
            " values (:n, :at, :who, :what, :about, :told, :previous, :hash)"
        ),
        rows,
    )
    connection.execute(text("update audit_head set n = :n, hash = :hash"), {"n": n, "hash": previous})


def note_denials(connection: Connection, user: str, device: str, denials: Iterable[Denial]) -> None:
    """Adds what somebody was not allowed: one line for each operation, reason and thing concerned."""
    times = Counter(denials)
    lines = [
        (user, f"denied {one.operation}"[:80], one.about[:80] or device, f"{one.reason} x{count}") for one, count in times.items()
    ]
    if len(lines) > _MOST:
        lines[_MOST:] = [(user, "denied more", device, f"{len(lines) - _MOST} more")]
    note_all(connection, lines)


_MOST: Final = 50
"""How many lines one request can add: whoever tries out five hundred families is found by fifty of them and their number."""


def _fields(entry: Entry) -> Mapping[str, Any]:
    return {name: getattr(entry, name) for name in ("n", "at", "who", "what", "about", "told", "previous")}


def entries(connection: Connection, after: int = 0) -> Iterator[Entry]:
    """All entries after a number, oldest first, read in portions."""
    words = text("select * from audit where n > :after order by n limit :count")
    while found := connection.execute(words, {"after": after, "count": _CHUNK}).all():
        yield from (_entry(row) for row in found)
        after = found[-1].n


def between(connection: Connection, first: int, last: int) -> list[Entry]:
    """The entries from one number to another, both included, as far as they are there."""
    words = text("select * from audit where n between :first and :last order by n")
    return [_entry(row) for row in connection.execute(words, {"first": first, "last": last})]


def newest(connection: Connection, before: int = 0, count: int = 100) -> list[Entry]:
    """Entries from the newest back; `before` leaves out those from that number on."""
    words = "select * from audit where :before = 0 or n < :before order by n desc limit :count"
    return [_entry(row) for row in connection.execute(text(words), {"before": before, "count": count})]


def verify(connection: Connection, anchors: Iterable[Anchor] = ()) -> Verdict:
    """Looks at every entry, at the head that the service keeps, and at anchors from elsewhere."""
    known = {anchor.n: anchor.hash for anchor in anchors}
    kept = connection.execute(text("select n, hash from audit_head")).one()
    previous, n = START, 0
    for entry in entries(connection):
        n += 1
        if entry.n != n or entry.previous != previous or entry.computed() != entry.hash:
            return Verdict(n, previous, n, "chain")
        previous = entry.hash
        if known.pop(n, previous) != previous:
            return Verdict(n, previous, n, "anchor")
    if known:
        return Verdict(n, previous, n + 1, "anchor")
    if (int(kept.n), bytes(kept.hash)) != (n, previous):
        return Verdict(n, previous, n + 1, "head")
    return Verdict(n, previous)


def _entry(row: Any) -> Entry:
    return Entry(row.n, row.at, row.who, row.what, row.about, row.told, bytes(row.previous), bytes(row.hash))
