"""Rows that the server has acknowledged, and each scope's digest added up from them as they are written."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from visitapp.protocol.digest import add, body_hash, term
from visitapp.protocol.messages import Rec
from visitapp.store.reading import Reading
from visitapp.store.sql import text
from visitapp.store.writing import Writing


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """One record at the version the server holds; its hash and what it adds to the digest, where somebody has worked them out."""

    scope: str
    id: str
    kind: str
    rev: int
    deleted: bool
    author: str
    received_ms: int
    body: bytes
    h: bytes = b""
    change: int = 0


@dataclass(frozen=True)
class Sum:
    """What a scope's rows add up to."""

    count: int
    digest: int


def acknowledged(scope: str, rec: Rec) -> Acknowledged:
    """A record as it travels, as a row of a scope."""
    return Acknowledged(scope, rec.id, rec.kind, rec.rev, rec.deleted, rec.author, rec.received_ms, rec.body)


_OLD = text(
    "SELECT t.scope, t.id, t.rev, t.h, t.kind, t.body FROM json_each(:keys) j "
    "CROSS JOIN rec t ON t.scope = j.value->>0 AND t.id = j.value->>1"
)
_CURSOR = text("SELECT * FROM cursor WHERE scope IN (SELECT value FROM json_each(:scopes))")
_NEW_CURSOR = text(
    "INSERT INTO cursor (scope, role, seq, head, n, digest, gen, repairs, lost, at_ms) VALUES (:scope, '', 0, 0, 0, 0, 0, "
    "0, 0, NULL)"
)
_PUT = text(
    "INSERT INTO rec (scope, id, kind, rev, h, deleted, author, received_ms, gen, body) VALUES "
    "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (scope, id) DO UPDATE SET "
    "kind = excluded.kind, rev = excluded.rev, h = excluded.h, deleted = excluded.deleted, author = excluded.author, "
    "received_ms = excluded.received_ms, gen = excluded.gen, body = excluded.body"
)
_SUM = text("UPDATE cursor SET n = :n, digest = :digest WHERE scope = :scope")
_KEEP = text("INSERT INTO kept (scope, id, kind, rev, why, at_ms, body) VALUES (:scope, :id, :kind, :rev, :why, :now, :body)")


def ensure_cursors(w: Writing, scopes: Iterable[str]) -> dict[str, Any]:
    """The cursor rows of these scopes; a scope that has none (a family begun here) gets one."""
    wanted = sorted(set(scopes))
    found = {row.scope: row for row in w.connection.execute(_CURSOR, {"scopes": json.dumps(wanted)})}
    fresh = [{"scope": scope} for scope in wanted if scope not in found]
    if fresh:
        w.many(_NEW_CURSOR, fresh)
        found = {row.scope: row for row in w.connection.execute(_CURSOR, {"scopes": json.dumps(wanted)})}
    return found


def put_rows(w: Writing, rows: Sequence[Acknowledged]) -> None:
    """Write server versions, newest last for a record that occurs twice; where one takes the place of a newer one, that is kept."""
    if not rows:
        return
    latest = {(row.scope, row.id): row for row in rows}
    cursors = ensure_cursors(w, (scope for scope, _ in latest))
    old = {(row.scope, row.id): row for row in w.connection.execute(_OLD, {"keys": json.dumps(list(latest))})}
    sums = {scope: Sum(cursor.n, cursor.digest) for scope, cursor in cursors.items()}
    values, kept = [], []
    for key, row in latest.items():
        before, h = old.get(key), row.h or body_hash(row.body)
        so_far = sums[row.scope]
        change = row.change if row.h else term(row.id, row.rev, h)
        if before is not None:
            so_far = Sum(so_far.count - 1, add(so_far.digest, -term(row.id, before.rev, bytes(before.h))))
            if before.rev > row.rev and bytes(before.h) != h:
                kept.append(_copy(row.scope, row.id, before, "server_older", w.now_ms))
        sums[row.scope] = Sum(so_far.count + 1, add(so_far.digest, change))
        values.append(
            (row.scope, row.id, row.kind, row.rev, h, row.deleted, row.author, row.received_ms, cursors[row.scope].gen, row.body)
        )
    w.many(_KEEP, kept)
    w.many(_PUT, values)
    w.many(_SUM, [{"scope": scope, "n": total.count, "digest": total.digest} for scope, total in sums.items()])


def _copy(scope: str, id: str, row: Any, why: str, now: int) -> dict[str, Any]:  # noqa: A002
    body = bytes(row.body)
    return {"scope": scope, "id": id, "kind": row.kind, "rev": row.rev, "why": why, "now": now, "body": body}


_SET_HASH = text("UPDATE rec SET h = :h WHERE scope = :scope AND id = :id")
_ROWS = text("SELECT id, rev, h, body FROM rec WHERE scope = :scope")


def add_up(r: Reading, scope: str) -> Sum:
    """A scope's count and digest worked out afresh from its bodies; not even the stored hashes are trusted."""
    count, digest = 0, 0
    for row in r.connection.execute(_ROWS, {"scope": scope}):
        h = body_hash(bytes(row.body))
        count, digest = count + 1, add(digest, term(row.id, row.rev, h))
    return Sum(count, digest)


def set_sum(w: Writing, scope: str) -> Sum:
    """Add a scope up from its bodies and let its cursor say so."""
    rows = w.connection.execute(_ROWS, {"scope": scope}).all()
    hashes = [(row, body_hash(bytes(row.body))) for row in rows]
    w.many(_SET_HASH, [{"scope": scope, "id": row.id, "h": h} for row, h in hashes if h != bytes(row.h)])
    true = Sum(len(rows), add(0, *(term(row.id, row.rev, h) for row, h in hashes)))
    w.many(_SUM, [{"scope": scope, "n": true.count, "digest": true.digest}])
    return true


_SUMS = text("SELECT n, digest FROM cursor WHERE scope = :scope")


def agrees(w: Writing, scope: str, count: int, digest: int) -> bool:
    """Whether a scope's rows add up to what the server says; where the running sum says no, the rows themselves decide."""
    sums = w.one(_SUMS, scope=scope)
    if sums is not None and (sums.n, sums.digest) == (count, digest):
        return True
    return set_sum(w, scope) == Sum(count, digest)


def correct_sums(w: Writing) -> tuple[str, ...]:
    """Add up every scope from its bodies; returns those that were not what their cursor says.

    Done when idle: the next pull then shows the server a digest that differs, and the scope is repaired.
    """
    wrong = []
    for row in w.all(text("SELECT scope, n, digest FROM cursor WHERE lost = 0")):
        true = set_sum(w, row.scope)
        if (true.count, true.digest) != (row.n, row.digest):
            wrong.append(row.scope)
    return tuple(wrong)


def keep_copy(w: Writing, scope: str, kind: str, id: str, rev: int, body: bytes, why: str) -> None:  # noqa: A002
    """Put a text aside that is about to leave the record."""
    row = {"scope": scope, "id": id, "kind": kind, "rev": rev, "why": why, "now": w.now_ms, "body": body}
    w.many(_KEEP, [row])
