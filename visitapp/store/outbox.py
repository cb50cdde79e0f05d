"""What is on its way to the server: what a screen shows of it, and which changes may go next."""

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from visitapp.protocol.messages import MAX_OPS, Act, Op
from visitapp.store.reading import Reading, at, commits, moment
from visitapp.store.rows import Disagreement, OutboxRow, ReceiptRow, SyncCounts, SyncLogRow
from visitapp.store.sql import Row, text
from visitapp.store.writing import Writing

MAX_BATCH_BYTES = 4 * 1024 * 1024
NEEDS_A_PERSON = ("conflict", "gone", "frozen", "denied", "parked")

_WINDOW = 5000
_ALONE_AFTER = 2

_ROWS = text(
    "SELECT op, grp, scope, kind, id, family, act, state, code, tries, at_ms, sent_ms, size FROM "
    "outbox "
    "WHERE :family = '' OR family = :family ORDER BY k"
)
_COUNTS = text(
    "SELECT sum(state IN ('waiting', 'sent') OR (code = 'group' AND state <> 'held')) AS unsent, "
    "sum(state IN ('conflict', 'gone', 'frozen', 'denied', 'parked') AND code <> 'group') AS attention, "
    "sum(state = 'held' AND code <> 'group') AS held, "
    "sum(kind = 'visit' AND (state IN ('waiting', 'sent') OR (code = 'group' AND state <> 'held'))) AS notes FROM outbox"
)
_DRAFTS = text("SELECT count(*) FROM draft")
_ARRIVING = text("SELECT count(*) FROM cursor WHERE scope LIKE 'f:%' AND lost = 0 AND role <> '' AND (at_ms IS NULL OR seq < head)")
_OLDEST = text("SELECT at_ms FROM outbox WHERE state IN ('waiting', 'sent') ORDER BY k LIMIT 1")


def outbox_rows(r: Reading, family: str = "") -> tuple[OutboxRow, ...]:
    """Every change that the server has not finally answered, in the order made; of one family or of all."""
    return tuple(
        OutboxRow(
            op=row.op,
            group=row.grp,
            scope=row.scope,
            kind=row.kind,
            id=row.id,
            family=row.family,
            act=row.act,
            state=row.state,
            code=row.code,
            tries=row.tries,
            made_at=moment(row.at_ms),
            sent_at=at(row.sent_ms),
            size=row.size,
        )
        for row in r.all(_ROWS, family=family)
    )


def sync_counts(r: Reading) -> SyncCounts:
    """The numbers of the status bar's sentence."""
    row = r.one(_COUNTS)
    oldest = r.one(_OLDEST)
    last = r.meta("last_sync_ms")
    return SyncCounts(
        unsent=(row.unsent or 0) if row else 0,
        attention=(row.attention or 0) if row else 0,
        held=(row.held or 0) if row else 0,
        notes_here_only=(row.notes or 0) if row else 0,
        drafts=r.number(_DRAFTS),
        arriving=r.number(_ARRIVING),
        oldest_unsent_at=at(oldest.at_ms) if oldest else None,
        last_sync_at=at(int(last)) if last else None,
    )


_LOG = text("SELECT * FROM sync_log ORDER BY k DESC LIMIT :many")
_RECEIPTS = text("SELECT * FROM receipt WHERE (:id = '' OR id = :id) ORDER BY at_ms DESC, rowid DESC LIMIT :many")


def sync_log(r: Reading, many: int = 50) -> tuple[SyncLogRow, ...]:
    """The newest exchanges with the server, newest first."""
    return tuple(
        SyncLogRow(
            moment(row.started_ms),
            moment(row.ended_ms),
            row.outcome,
            row.sent,
            row.received,
            row.up_bytes,
            row.down_bytes,
            row.requests,
            row.problem,
        )
        for row in r.all(_LOG, many=many)
    )


def receipts(r: Reading, id: str = "", many: int = 200) -> tuple[ReceiptRow, ...]:  # noqa: A002
    """What the server said to changes, newest first; of one record or of all."""
    return tuple(
        ReceiptRow(row.op, row.scope, row.kind, row.id, row.outcome, row.rev, row.code, moment(row.at_ms))
        for row in r.all(_RECEIPTS, id=id, many=many)
    )


_DISAGREEMENTS = text(
    "SELECT o.op, o.scope, o.kind, o.id, o.family, o.state, o.code, coalesce(o.body, e.body, x'') AS mine, r.body AS theirs, "
    "coalesce(r.rev, 0) AS rev, coalesce(r.author, '') AS author, r.received_ms, coalesce(r.deleted, 0) AS gone FROM outbox o "
    "LEFT JOIN rec r ON r.scope = o.scope AND r.id = o.id LEFT JOIN edit e ON e.scope = o.scope AND e.id = o.id "
    "WHERE o.state IN ('conflict', 'gone', 'frozen', 'denied', 'parked') AND o.code <> 'group' ORDER BY o.k"
)


def disagreements(r: Reading) -> tuple[Disagreement, ...]:
    """Every change that waits for a person, with both texts where there are two."""
    return tuple(
        Disagreement(
            op=row.op,
            scope=row.scope,
            kind=row.kind,
            id=row.id,
            family=row.family,
            outcome=row.state,
            code=row.code,
            mine=bytes(row.mine),
            theirs=None if row.theirs is None or row.gone else bytes(row.theirs),
            theirs_rev=row.rev,
            theirs_author=row.author,
            theirs_at=at(row.received_ms),
        )
        for row in r.all(_DISAGREEMENTS)
    )


_QUEUE = text("SELECT k, op, grp, scope, kind, id, family, base, state, tries, size FROM outbox ORDER BY k LIMIT :many")
_OPS = text(
    "SELECT o.k, o.op, o.grp, o.scope, o.kind, o.id, o.base, o.act, o.at_ms, o.offset_ms, o.sv, coalesce(o.body, e.body) AS body "
    "FROM outbox o LEFT JOIN edit e ON e.scope = o.scope AND e.id = o.id WHERE o.k IN (SELECT value FROM json_each(:ks))"
)


@dataclass(slots=True)
class _Unit:
    """What goes together or not at all: a group, or a lone change. `alone` is one that the server has failed at twice."""

    keys: list[int]
    place: str
    size: int
    alone: bool


def next_batch(r: Reading, max_ops: int = MAX_OPS, max_bytes: int = MAX_BATCH_BYTES) -> list[Op]:
    """The changes that may go next, family by family, in the order made.

    One change of a record is on its way at a time; a group goes whole or not at all; a change that the server failed at twice goes
    alone; what waits for a person holds back its own record and group, and nothing else.
    """
    chosen, _ = _cut(_units(r.all(_QUEUE, many=_WINDOW)), max_ops, max_bytes)
    return _ops(r, chosen)


class Batches:
    """The changes that may go, planned once and handed out some batches at a time.

    The plan holds as long as nobody else wrote meanwhile and the server took everything; otherwise it is made afresh.
    """

    def __init__(self, max_ops: int = MAX_OPS) -> None:
        self._max_ops = max_ops
        self._left: list[_Unit] = []
        self._commits = -1
        self.left = 0
        """How many changes of the plan have not been handed out."""

    def plan(self, r: Reading, on_their_way: Collection[str] = ()) -> bool:
        """Look what may go besides the ops that are on their way; False for nothing."""
        self._left = _units(r.all(_QUEUE, many=_WINDOW), on_their_way)
        self.left = sum(len(unit.keys) for unit in self._left)
        self._commits = commits(r)
        return bool(self._left)

    def forget(self) -> None:
        """The server did not take everything, so what follows may have to wait."""
        self._commits = -1

    def freeze_next(
        self, w: Writing, on_their_way: Collection[str] = (), most: int = 1, max_bytes: int = MAX_BATCH_BYTES
    ) -> list[list[Op]]:
        """The next batches, frozen in this very transaction: what is sent is what the record says was sent."""
        w.settle_writes()
        # Whoever wrote since this plan was made counted one up; then an op may have another text, another name or no right to go.
        if self._commits != commits(w) or not self._left:
            self.plan(w, on_their_way)
        batches: list[list[Op]] = []
        while self._left and len(batches) < most:
            chosen, self._left = _cut(self._left, self._max_ops, max_bytes)
            self.left -= len(chosen)
            batches.append(_ops(w, chosen))
        mark_sent(w, [op for batch in batches for op in batch])
        self._commits = commits(w) + 1
        return batches


def _cut(units: list[_Unit], max_ops: int, max_bytes: int) -> tuple[list[int], list[_Unit]]:
    """The keys of one batch, and the units that are left."""
    chosen: list[int] = []
    size = 0
    skipped: list[_Unit] = []
    for number, unit in enumerate(units):
        if chosen and (unit.alone or len(chosen) + len(unit.keys) > max_ops or size + unit.size > max_bytes):
            if unit.alone:
                skipped.append(unit)
                continue
            return chosen, skipped + units[number:]
        chosen += unit.keys
        size += unit.size
        if unit.alone:
            return chosen, skipped + units[number + 1 :]
    return chosen, skipped


def _units(rows: Sequence[Row], on_their_way: Collection[str] = ()) -> list[_Unit]:
    """Groups and lone changes that are free to go, sorted by family so that a batch touches few scopes."""
    units: dict[str, list[Row]] = {}
    blocked: set[str] = set()
    ahead: set[tuple[str, str]] = set()
    for row in rows:
        state, op, record = row.state, row.op, (row.scope, row.id)
        unit = row.grp or op
        if state == "held":
            continue
        if op in on_their_way:
            ahead.add(record)
            continue
        units.setdefault(unit, []).append(row)
        if record in ahead or state in NEEDS_A_PERSON:
            blocked.add(unit)
        ahead.add(record)
    closed = {
        row.family for name in blocked for row in units[name] if row.kind == "family" and row.base == 0
    }  # the server does not know these families yet, so nothing else of theirs can land
    free = [
        _unit(unit)
        for name, unit in units.items()
        if name not in blocked and not (closed and any(row.family in closed for row in unit))
    ]
    places: dict[str, int] = {}
    return sorted(free, key=lambda unit: places.setdefault(unit.place, len(places)))


def _unit(rows: list[Row]) -> _Unit:
    first = rows[0]
    place = first.family or first.scope
    if len(rows) == 1:
        return _Unit([first.k], place, first.size, first.tries >= _ALONE_AFTER)
    alone = any(row.tries >= _ALONE_AFTER for row in rows)
    return _Unit([row.k for row in rows], place, sum(row.size for row in rows), alone)


def _ops(r: Reading, chosen: list[int]) -> list[Op]:
    rows = {row.k: row for row in r.all(_OPS, ks=str(chosen))} if chosen else {}
    return [_op(rows[k]) for k in chosen]


def _op(row: Row) -> Op:
    act: Act = row.act
    return Op(
        op=row.op,
        group=row.grp,
        scope=row.scope,
        kind=row.kind,
        id=row.id,
        base=row.base,
        act=act,
        at_ms=row.at_ms,
        offset_ms=row.offset_ms,
        body=bytes(row.body),
        schema=row.sv,
    )


_FREEZE = text(
    "UPDATE outbox SET state = 'sent', sent_ms = :now WHERE op IN (SELECT value FROM json_each(:ops)) "
    "AND state IN ('waiting', 'sent')"
)
_FAILED = text(
    "UPDATE outbox SET tries = tries + 1, code = :code, state = CASE WHEN tries + 1 >= :most AND :alone THEN "
    "'parked' ELSE state END "
    "WHERE op = :op"
)
_PARK_AFTER = 3


def mark_sent(w: Writing, ops: Iterable[Op]) -> None:
    """Freeze changes byte for byte before they leave: a later edit becomes a change of its own."""
    now = w.now_ms
    w.settle_writes()
    w.connection.execute(_FREEZE, {"ops": json.dumps([op.op for op in ops]), "now": now})
    w.touched.sync = True


def mark_failed(w: Writing, ops: Sequence[Op | Row], code: str, *, alone: bool) -> None:
    """Count a failure of the server at these changes; one that failed alone for the third time waits for a person."""
    w.many(_FAILED, [{"op": op.op, "code": code, "most": _PARK_AFTER, "alone": alone} for op in ops])
    w.touched.sync = True


_AGAIN = text("UPDATE outbox SET state = 'sent', tries = 0, code = '' WHERE state = 'parked' AND (:op = '' OR op = :op)")


def send_again(w: Writing, op: str = "") -> None:
    """Let what was parked go out once more; one change or all."""
    w.connection.execute(_AGAIN, {"op": op})
    w.touched.sync = True
