"""PULL: what a user holds and what is new in it, all from one snapshot."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection

from visitapp.protocol.digest import fingerprint
from visitapp.protocol.messages import CaseloadEntry, Cursor, Feed, PullAsk, Rec
from visitapp.server import records
from visitapp.server.access import Assignments, version_of
from visitapp.server.database import driver_of

_CHUNK: Final = 200
_MAX_BUDGET: Final = 4 * 1024 * 1024
_OVERHEAD: Final = 200

_HEADS: Final = "select id, seq, n, dig from scope where id = any(%s::text[])"


@dataclass(frozen=True, slots=True)
class Pulled:
    """An answer before it is greeted."""

    caseload_version: int
    caseload: tuple[CaseloadEntry, ...] | None
    feeds: tuple[Feed, ...]
    more: bool
    differs: bool


@dataclass(frozen=True, slots=True)
class _Head:
    seq: int
    count: int
    digest: int


def answer(connection: Connection, assignments: Assignments, ask: PullAsk) -> Pulled:
    """Answers a pull inside a REPEATABLE READ transaction, so that heads and records belong together."""
    caseload = assignments.caseload()
    version = version_of(caseload)
    scopes = [entry.scope for entry in caseload]
    heads = {row[0]: _Head(*row[1:]) for row in driver_of(connection).execute(_HEADS, (scopes,), binary=True)}
    told = caseload if ask.caseload_version != version else None
    if ask.fingerprint and not ask.cursors:
        level = [Cursor(scope, heads[scope].seq, heads[scope].digest) for scope in scopes if scope in heads]
        differs = fingerprint(version, level) != ask.fingerprint
        return Pulled(version, told if differs else None, (), False, differs)
    feeds, more = _feeds(connection, heads, ask.cursors, min(ask.budget, _MAX_BUDGET))
    return Pulled(version, told, feeds, more, False)


def _feeds(
    connection: Connection, heads: dict[str, _Head], cursors: Sequence[Cursor], budget: int
) -> tuple[tuple[Feed, ...], bool]:
    feeds: list[Feed] = []
    spent, more = 0, False
    for cursor in cursors:
        head = heads.get(cursor.scope)
        if head is None:
            feeds.append(Feed(cursor.scope, cursor.seq, cursor.seq, 0, 0, 0, "gone"))
        elif cursor.seq > head.seq:
            feeds.append(Feed(cursor.scope, cursor.seq, cursor.seq, head.seq, head.count, head.digest, "ahead"))
        elif cursor.seq == head.seq:
            if cursor.digest != head.digest:
                feeds.append(Feed(cursor.scope, cursor.seq, cursor.seq, head.seq, head.count, head.digest, "resync"))
        elif spent >= budget:
            more = True
        else:
            feed, size = _one_feed(connection, cursor, head, 2 * budget - spent)
            feeds.append(feed)
            spent += size
            more = more or feed.last < head.seq
    return tuple(feeds), more


def _one_feed(connection: Connection, cursor: Cursor, head: _Head, room: int) -> tuple[Feed, int]:
    """A scope's records after a cursor, as many as there is room for; at least one, so that every pull gets further."""
    found: list[Rec] = []
    size, last = 0, cursor.seq
    while last < head.seq:
        chunk = records.feed(connection, cursor.scope, last, _CHUNK)
        if not chunk:
            last = head.seq
        for seq, rec in chunk:
            if found and size + len(rec.body) > room:
                return Feed(cursor.scope, cursor.seq, last, head.seq, head.count, head.digest, "", tuple(found)), size
            found.append(rec)
            size += len(rec.body) + _OVERHEAD
            last = seq
    return Feed(cursor.scope, cursor.seq, last, head.seq, head.count, head.digest, "", tuple(found)), size
