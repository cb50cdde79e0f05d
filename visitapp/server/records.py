"""The statements of the exchange: each names one scope, so that records may one day be spread over machines unchanged."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, text

from visitapp.protocol.digest import hash_start
from visitapp.protocol.messages import Rec, Receipt


@dataclass(slots=True)
class ScopeState:
    """Where a scope stands: its last number, how many records it holds, their digest; `before` is the number at the start."""

    before: int
    seq: int
    count: int
    digest: int


@dataclass(frozen=True, slots=True)
class Version:
    """One version of one record as it lies in a table."""

    id: str
    kind: str
    seq: int
    rev: int
    hash: bytes
    deleted: bool
    author: str
    device: str
    op: str
    at_ms: int
    received_ms: int
    late: bool
    body: bytes


@dataclass(frozen=True, slots=True)
class Outline:
    """What is known of a record without reading its body."""

    kind: str
    seq: int
    rev: int
    hash: bytes
    deleted: bool


_LOCK: Final = text("select seq, n, dig from scope where id = :scope for update")
_UPDATE_SCOPE: Final = text("update scope set seq = :seq, n = :n, dig = :dig where id = :scope")
_RECEIPTS: Final = text("select op, outcome, rev, seq, code from receipt where scope = :scope and op = any(cast(:ops as text[]))")
_OUTLINES: Final = text("select id, kind, seq, rev, h, del from rec where scope = :scope and id = any(cast(:ids as text[]))")
_CURRENT: Final = text(
    "select id, kind, rev, h, del, author, recv_ms, body from rec where scope = :scope and id = any(cast(:ids as text[]))"
)
_PAST_BODY: Final = text(
    "select body from hist where scope = :scope and id = :id and rev = :rev and outcome = 'ok' order by op limit 1"
)
_FEED: Final = text(
    "select id, kind, rev, h, del, author, recv_ms, body, seq from rec"
    " where scope = :scope and seq > :after order by seq limit :rows"
)
_SUPERSEDE: Final = text(
    "insert into hist(scope, id, rev, op, kind, outcome, h, author, device, at_ms, recv_ms, late, body)"
    " select scope, id, rev, op, kind, 'ok', h, author, device, at_ms, recv_ms, late, body"
    " from rec where scope = :scope and id = any(cast(:ids as text[]))"
)
_HELD: Final = text(
    "insert into held(scope, op, user_id, device, why, meta, raw)"
    " values (:scope, :op, :user, :device, :why, :meta, :raw) on conflict do nothing"
)

# Arrays of bytea travel in binary only when the placeholder says so, which SQLAlchemy's own placeholders cannot (measured:
# a third of the time); hence the driver's.
_PUT: Final = """
insert into rec(scope, id, kind, seq, rev, h, del, author, device, op, at_ms, recv_ms, late, body)
select %s, u.* from unnest(%s::text[], %s::text[], %s::bigint[], %s::int[], %b::bytea[], %s::bool[], %s::text[], %s::text[],
  %s::text[], %s::bigint[], %s::bigint[], %s::bool[], %b::bytea[]) u
on conflict (scope, id) do update set kind = excluded.kind, seq = excluded.seq, rev = excluded.rev, h = excluded.h,
  del = excluded.del, author = excluded.author, device = excluded.device, op = excluded.op, at_ms = excluded.at_ms,
  recv_ms = excluded.recv_ms, late = excluded.late, body = excluded.body
"""
_KEEP: Final = """
insert into hist(scope, outcome, id, kind, rev, h, author, device, op, at_ms, recv_ms, late, body)
select %s, %s, u.* from unnest(%s::text[], %s::text[], %s::int[], %b::bytea[], %s::text[], %s::text[], %s::text[],
  %s::bigint[], %s::bigint[], %s::bool[], %b::bytea[]) u on conflict do nothing
"""
_FILE: Final = """
insert into receipt(scope, user_id, op, outcome, rev, seq, code)
select %s, %s, u.* from unnest(%s::text[], %s::text[], %s::int[], %s::bigint[], %s::text[]) u
"""


def lock(connection: Connection, scope: str) -> ScopeState | None:
    """Takes a scope's numbers and keeps everyone else from them until the transaction ends; None if it isn't there."""
    row = connection.execute(_LOCK, {"scope": scope}).first()
    return ScopeState(row.seq, row.seq, row.n, row.dig) if row else None


def advance(connection: Connection, scope: str, state: ScopeState) -> None:
    """Writes a locked scope's new numbers."""
    connection.execute(_UPDATE_SCOPE, {"scope": scope, "seq": state.seq, "n": state.count, "dig": state.digest})


def receipts(connection: Connection, scope: str, ops: Sequence[str]) -> Iterator[Receipt]:
    """The caller's receipts for those of the ops that were seen before."""
    for row in connection.execute(_RECEIPTS, {"scope": scope, "ops": list(ops)}):
        yield Receipt(row.op, row.outcome, row.rev, row.seq, row.code)


def outlines(connection: Connection, scope: str, ids: Iterable[str]) -> dict[str, Outline]:
    """Those of the records that exist, without their bodies."""
    rows = connection.execute(_OUTLINES, {"scope": scope, "ids": list(ids)})
    return {id_: Outline(kind, seq, rev, bytes(h), deleted) for id_, kind, seq, rev, h, deleted in rows}


def current(connection: Connection, scope: str, ids: Iterable[str]) -> dict[str, Rec]:
    """Those of the records that exist, as they travel."""
    rows = connection.execute(_CURRENT, {"scope": scope, "ids": list(ids)})
    return {row[0]: _as_rec(row) for row in rows}


def past_body(connection: Connection, scope: str, record: str, rev: int) -> bytes | None:
    """The body a superseded revision had, if history holds it."""
    row = connection.execute(_PAST_BODY, {"scope": scope, "id": record, "rev": rev}).first()
    return bytes(row.body) if row else None


def feed(connection: Connection, scope: str, after: int, rows: int) -> list[tuple[int, Rec]]:
    """The next records of a scope with their numbers, oldest change first."""
    found = connection.execute(_FEED, {"scope": scope, "after": after, "rows": rows}).all()
    return [(row[8], _as_rec(row)) for row in found]


def _as_rec(row: Any) -> Rec:
    id_, kind, rev, h, deleted, author, received, body = row[:8]
    return Rec(id_, kind, rev, hash_start(h), deleted, author, received, bytes(body))


def supersede(connection: Connection, scope: str, ids: Sequence[str]) -> None:
    """Moves the present versions of records into history, before new ones take their place."""
    connection.execute(_SUPERSEDE, {"scope": scope, "ids": list(ids)})


def put(connection: Connection, scope: str, versions: Sequence[Version]) -> None:
    """Makes versions the present ones of their records."""
    columns = [
        [getattr(version, name) for version in versions]
        for name in (
            *("id", "kind", "seq", "rev", "hash", "deleted", "author", "device"),
            *("op", "at_ms", "received_ms", "late", "body"),
        )
    ]
    connection.exec_driver_sql(_PUT, (scope, *columns))


def keep(connection: Connection, scope: str, outcome: str, versions: Sequence[Version]) -> None:
    """Writes versions straight into history: superseded at once, or sent and not accepted."""
    columns = [
        [getattr(version, name) for version in versions]
        for name in (
            *("id", "kind", "rev", "hash", "author", "device"),
            *("op", "at_ms", "received_ms", "late", "body"),
        )
    ]
    connection.exec_driver_sql(_KEEP, (scope, outcome, *columns))


def file_receipts(connection: Connection, scope: str, user: str, filed: Sequence[Receipt]) -> None:
    """Keeps receipts, so that a lost answer can be given again."""
    columns = [[getattr(one, name) for one in filed] for name in ("op", "outcome", "rev", "seq", "code")]
    connection.exec_driver_sql(_FILE, (scope, user, *columns))


def hold(connection: Connection, **row: object) -> None:
    """Keeps an op that nobody can carry out now, raw, for a person to look at."""
    connection.execute(_HELD, row)
