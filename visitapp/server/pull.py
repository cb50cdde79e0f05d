"""PULL: what a user holds and what is new in it, all from one snapshot."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from visitapp.protocol.digest import fingerprint
from visitapp.protocol.messages import CaseloadEntry, Cursor, Feed, PullAsk, Rec
from visitapp.server import records
from visitapp.server.access import Assignments, version_of
from visitapp.server.database import driver_of

_CHUNK: Final = 200
_MAX_BUDGET: Final = 4 * 1024 * 1024
_OVERHEAD: Final = 200

_WORTH_SORTING: Final = 500
_OF_FAMILIES: Final = ("f:", "r:")
_LONDON: Final = ZoneInfo("Europe/London")

_HEADS: Final = "select id, seq, n, dig from scope where id = any(%s::text[])"

_PLANNED: Final = (
    "select distinct scope from rec where scope = any(%s::text[]) and kind = 'plan_item' and not del"
    " and position(%s::bytea in body) > 0"
)


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
    cursors: Sequence[Cursor] = ask.cursors
    if _is_first(heads, cursors):
        cursors = _todays_first(connection, cursors)
    feeds, more = _feeds(connection, heads, cursors, min(ask.budget, _MAX_BUDGET))
    return Pulled(version, told, feeds, more, False)


def _is_first(heads: dict[str, _Head], cursors: Sequence[Cursor]) -> bool:
    """Whether this is the first page of a first sync that will take several: the laptop cannot know yet whom she visits today."""
    families = [cursor for cursor in cursors if cursor.scope.startswith("f:")]
    if len(families) < 2 or any(cursor.seq for cursor in families):
        return False
    return sum(heads[cursor.scope].count for cursor in families if cursor.scope in heads) >= _WORTH_SORTING


def _todays_first(connection: Connection, cursors: Sequence[Cursor]) -> list[Cursor]:
    """The families with a visit planned for today before the other families; everything else stays where it is."""
    families = [cursor.scope for cursor in cursors if cursor.scope.startswith("f:")]
    day = f'"due_on":"{datetime.now(_LONDON).date().isoformat()}"'.encode()
    soon = {row[0][2:] for row in driver_of(connection).execute(_PLANNED, (families, day), binary=True)}
    return sorted(cursors, key=lambda cursor: 0 if cursor.scope[:2] not in _OF_FAMILIES or cursor.scope[2:] in soon else 1)


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
