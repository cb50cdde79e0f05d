"""The statements of the exchange: each names one scope, so that records may one day be spread over machines unchanged.

They go to the driver, many in one round trip: a batch over 25 families is 150 statements, which one by one take three times as
long (measured). Arrays travel in binary, made in one go (`arrays.py`).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, Final

from sqlalchemy import Connection

from visitapp.protocol.digest import hash_start
from visitapp.protocol.messages import Rec, Receipt
from visitapp.server.arrays import Array, Bigints, Blobs, Flags, Ints, Texts
from visitapp.server.database import driver_of


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
    via: str
    restored: bool
    body: bytes


@dataclass(frozen=True, slots=True)
class Outline:
    """What is known of a record without reading its body."""

    kind: str
    seq: int
    rev: int
    hash: bytes
    deleted: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """What a push wants to know of one scope: which ops were seen, which records exist; `lock` if it may change them."""

    ops: Sequence[str]
    ids: Sequence[str]
    lock: bool


@dataclass(frozen=True, slots=True)
class Found:
    """What there is in one scope; `state` only of a scope that was locked and exists."""

    state: ScopeState | None
    receipts: Mapping[str, Receipt]
    outlines: Mapping[str, Outline]


Statement = tuple[str, tuple[Any, ...]]

_LOCK: Final = "select seq, n, dig from scope where id = %s for update"
_ADVANCE: Final = "update scope set seq = %s, n = %s, dig = %s where id = %s"
_RECEIPTS: Final = "select op, outcome, rev, seq, code from receipt where scope = %s and op = any(%s::text[])"
_HEAD: Final = "select seq, n, dig from scope where id = %s"
_ALL_OUTLINES: Final = "select id, kind, seq, rev, h, del from rec where scope = %s"
_OUTLINES: Final = "select id, kind, seq, rev, h, del from rec where scope = %s and id = any(%s::text[])"
_CURRENT: Final = "select id, kind, rev, h, del, author, recv_ms, body from rec where scope = %s and id = any(%s::text[])"
_PAST_BODY: Final = "select body from hist where scope = %s and id = %s and rev = %s and outcome = 'ok' order by op limit 1"
_HAS_PAST: Final = "select 1 from hist where scope = %s and id = %s limit 1"
_FEED: Final = (
    "select id, kind, rev, h, del, author, recv_ms, body, seq from rec where scope = %s and seq > %s order by seq limit %s"
)
_SUPERSEDE: Final = """
insert into hist(scope, id, rev, op, kind, outcome, h, author, device, at_ms, recv_ms, late, via, restored, body)
select scope, id, rev, op, kind, 'ok', h, author, device, at_ms, recv_ms, late, via, restored, body
from rec where scope = %s and id = any(%s::text[])
"""
_PUT: Final = """
insert into rec(scope, id, kind, seq, rev, h, del, author, device, op, at_ms, recv_ms, late, via, restored, body)
select %s, u.* from unnest(%b::text[], %b::text[], %b::bigint[], %b::int[], %b::bytea[], %b::bool[], %b::text[], %b::text[],
  %b::text[], %b::bigint[], %b::bigint[], %b::bool[], %b::text[], %b::bool[], %b::bytea[]) u
on conflict (scope, id) do update set kind = excluded.kind, seq = excluded.seq, rev = excluded.rev, h = excluded.h,
  del = excluded.del, author = excluded.author, device = excluded.device, op = excluded.op, at_ms = excluded.at_ms,
  recv_ms = excluded.recv_ms, late = excluded.late, via = excluded.via, restored = excluded.restored, body = excluded.body
"""
_KEEP: Final = """
insert into hist(scope, outcome, id, kind, rev, h, author, device, op, at_ms, recv_ms, late, via, restored, body)
select %s, %s, u.* from unnest(%b::text[], %b::text[], %b::int[], %b::bytea[], %b::text[], %b::text[], %b::text[],
  %b::bigint[], %b::bigint[], %b::bool[], %b::text[], %b::bool[], %b::bytea[]) u on conflict do nothing
"""
_FILE: Final = """
insert into receipt(scope, user_id, op, outcome, rev, seq, code)
select %s, %s, u.* from unnest(%b::text[], %b::text[], %b::int[], %b::bigint[], %b::text[]) u
"""
_HOLD: Final = """
insert into held(scope, op, user_id, device, why, meta, raw) values (%s, %s, %s, %s, %s, %s, %s) on conflict do nothing
"""


def run(connection: Connection, statements: Iterable[Statement]) -> None:
    """Carries out statements that answer nothing, in order, in as few round trips as may be."""
    driver = driver_of(connection)
    with driver.pipeline():
        for words, values in statements:
            driver.execute(words, values)


def lock_and_read(connection: Connection, asked: Mapping[str, Asked]) -> dict[str, Found]:
    """Locks scopes in the order given and reads what a push meets in them.

    The answer holds what was committed before each lock was given: the statements run one after the other.
    """
    driver = driver_of(connection)
    with driver.pipeline():
        cursors = {
            scope: (
                driver.execute(_LOCK, (scope,)) if wanted.lock else None,
                driver.execute(_RECEIPTS, (scope, Texts(wanted.ops)), binary=True),
                driver.execute(_OUTLINES, (scope, Texts(wanted.ids)), binary=True),
            )
            for scope, wanted in asked.items()
        }
    return {
        scope: Found(
            _state_of(lock.fetchone() if lock else None),
            {row[0]: Receipt(*row) for row in receipts},
            {row[0]: Outline(*row[1:]) for row in outlines},
        )
        for scope, (lock, receipts, outlines) in cursors.items()
    }


def _state_of(row: tuple[Any, ...] | None) -> ScopeState | None:
    return ScopeState(row[0], *row) if row else None


def head(connection: Connection, scope: str) -> ScopeState | None:
    """Where a scope stands, without locking it."""
    return _state_of(driver_of(connection).execute(_HEAD, (scope,)).fetchone())


def all_outlines(connection: Connection, scope: str) -> dict[str, Outline]:
    """Every record of a scope without its body."""
    return {row[0]: Outline(*row[1:]) for row in driver_of(connection).execute(_ALL_OUTLINES, (scope,), binary=True)}


def current(connection: Connection, scope: str, ids: Iterable[str]) -> dict[str, Rec]:
    """Those of the records that exist, as they travel."""
    rows = driver_of(connection).execute(_CURRENT, (scope, list(ids)), binary=True)
    return {row[0]: _as_rec(row) for row in rows}


def past_body(connection: Connection, scope: str, record: str, rev: int) -> bytes | None:
    """The body a superseded revision had, if history holds it."""
    row = driver_of(connection).execute(_PAST_BODY, (scope, record, rev), binary=True).fetchone()
    return row[0] if row else None


def has_past(connection: Connection, scope: str, record: str) -> bool:
    """Whether history knows a record."""
    return driver_of(connection).execute(_HAS_PAST, (scope, record)).fetchone() is not None


def feed(connection: Connection, scope: str, after: int, rows: int) -> list[tuple[int, Rec]]:
    """The next records of a scope with their numbers, oldest change first."""
    found = driver_of(connection).execute(_FEED, (scope, after, rows), binary=True)
    return [(row[8], _as_rec(row)) for row in found]


def _as_rec(row: tuple[Any, ...]) -> Rec:
    id_, kind, rev, h, deleted, author, received, body = row[:8]
    return Rec(id_, kind, rev, hash_start(h), deleted, author, received, body)


def advance(scope: str, state: ScopeState) -> Statement:
    """Writes a locked scope's new numbers."""
    return _ADVANCE, (state.seq, state.count, state.digest, scope)


def supersede(scope: str, ids: Sequence[str]) -> Statement:
    """Copies the present versions of records into history, before new ones take their place."""
    return _SUPERSEDE, (scope, list(ids))


def put(scope: str, versions: Sequence[Version]) -> Statement:
    """Makes versions the present ones of their records."""
    columns = _columns(versions, _PUT_COLUMNS)
    return _PUT, (scope, *columns)


def keep(scope: str, outcome: str, versions: Sequence[Version]) -> Statement:
    """Writes versions straight into history: superseded at once, or sent and not accepted."""
    columns = _columns(versions, _KEEP_COLUMNS)
    return _KEEP, (scope, outcome, *columns)


_Column = tuple[Callable[[Any], Any], Callable[[list[Any]], Array]]


def _each(**columns: Callable[[list[Any]], Array]) -> tuple[_Column, ...]:
    return tuple((attrgetter(name), kind) for name, kind in columns.items())


_KEEP_COLUMNS: Final = _each(
    id=Texts, kind=Texts, rev=Ints, hash=Blobs, author=Texts, device=Texts, op=Texts, at_ms=Bigints, received_ms=Bigints,
    late=Flags, via=Texts, restored=Flags, body=Blobs,
)  # fmt: skip
_PUT_COLUMNS: Final = _each(
    id=Texts, kind=Texts, seq=Bigints, rev=Ints, hash=Blobs, deleted=Flags, author=Texts, device=Texts, op=Texts, at_ms=Bigints,
    received_ms=Bigints, late=Flags, via=Texts, restored=Flags, body=Blobs,
)  # fmt: skip
_RECEIPT_COLUMNS: Final = _each(op=Texts, outcome=Texts, rev=Ints, seq=Bigints, code=Texts)


def _columns(rows: Sequence[Version] | Sequence[Receipt], columns: Sequence[_Column]) -> list[Array]:
    return [made(list(map(read, rows))) for read, made in columns]


def file_receipts(scope: str, user: str, filed: Sequence[Receipt]) -> Statement:
    """Keeps receipts, so that a lost answer can be given again."""
    return _FILE, (scope, user, *_columns(filed, _RECEIPT_COLUMNS))


def hold(scope: str, op: str, user: str, device: str, why: str, meta: str, raw: bytes) -> Statement:
    """Keeps an op that nobody can carry out now, raw, for a person to look at."""
    return _HOLD, (scope, op, user, device, why, meta, raw)
