"""What becomes of changes once the server has answered, and what a person decides about those that it could not take."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from visitapp.domain.bodies import Body, dump
from visitapp.domain.problems import Problem
from visitapp.protocol.messages import ACCEPTED, Head, Receipt
from visitapp.protocol.rules import three_way
from visitapp.store.acknowledged import Acknowledged, keep_copy, put_rows
from visitapp.store.moving import give_up_move, move_all_the_same
from visitapp.store.outbox import mark_failed
from visitapp.store.projections import Shown, project, refresh_states
from visitapp.store.reading import readable
from visitapp.store.showing import show
from visitapp.store.sql import text
from visitapp.store.writing import Writing

_OPS = text(
    "SELECT o.k, o.op, o.grp, o.scope, o.kind, o.id, o.family, o.base, o.act, coalesce(o.body, e.body, x'') AS body, "
    "e.rowid AS held FROM json_each(:ops) j CROSS JOIN outbox o ON o.op = j.value "
    "LEFT JOIN edit e ON e.scope = o.scope AND e.id = o.id"
)
_FOLLOWING = text(
    "SELECT f.k, f.scope, f.id, f.act, coalesce(f.body, e.body, x'') AS body, o.k AS after FROM json_each(:ops) j "
    "CROSS JOIN outbox o ON o.op = j.value CROSS JOIN outbox f ON f.scope = o.scope AND f.id = o.id AND f.k > o.k "
    "LEFT JOIN edit e ON e.scope = f.scope AND e.id = f.id ORDER BY f.k DESC"
)
_DROP_OP = text("DELETE FROM outbox WHERE k = :k")
_DROP_OPS = text("DELETE FROM outbox WHERE k IN (SELECT value FROM json_each(:ks))")
_DROP_EDIT = text("DELETE FROM edit WHERE scope = :scope AND id = :id")
_DROP_EDITS = text("DELETE FROM edit WHERE rowid IN (SELECT value FROM json_each(:places))")
_REBASE_OP = text("UPDATE outbox SET base = :base, size = :size WHERE k = :k")
_REBASE_EDIT = text("UPDATE edit SET base = :base, body = :body WHERE scope = :scope AND id = :id")
_WAITS = text("UPDATE outbox SET state = :state, code = :code WHERE k = :k")
_TAKE_OVER = text("UPDATE outbox SET body = NULL, size = :size, act = :act WHERE k = :k")
_RECEIPT = text(
    "INSERT OR REPLACE INTO receipt (op, scope, kind, id, outcome, rev, seq, code, at_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_HEAD = text(
    "UPDATE cursor SET seq = :after, head = :after, at_ms = :now WHERE scope = :scope AND seq = :before AND n = :n AND "
    "digest = :digest"
)
_BEHIND = text("UPDATE cursor SET head = :after WHERE scope = :scope AND head < :after")


@dataclass
class _Books:
    """What one answer changes, collected so that it is written in a few statements."""

    following: dict[int, Any] = field(default_factory=dict)
    rows: list[Acknowledged] = field(default_factory=list)
    shown: list[Shown] = field(default_factory=list)
    drop_ops: list[int] = field(default_factory=list)
    drop_edits: list[int] = field(default_factory=list)
    receipts: list[tuple[Any, ...]] = field(default_factory=list)
    families: set[str] = field(default_factory=set)
    kinds: set[str] = field(default_factory=set)
    visits: set[str] = field(default_factory=set)
    server: list[tuple[str, str, str, bytes | None]] = field(default_factory=list)


def settle(w: Writing, receipts: Sequence[Receipt], heads: Sequence[Head], *, author: str, received_ms: int) -> None:
    """Take in the answer to a push. `author` is the signed-in user, `received_ms` the server's time.

    An accepted change leaves the outbox and becomes the acknowledged row; a later change of the same record is set upon it. One
    that needs a person stays, with the server's version beside it. Receipts for changes no longer here are ignored.
    """
    w.settle_writes()
    named = {"ops": json.dumps([receipt.op for receipt in receipts])}
    ops = {row.op: row for row in w.connection.execute(_OPS, named)}
    # Newest first, so that the one right behind a change is what remains.
    books = _Books({row.after: row for row in w.connection.execute(_FOLLOWING, named)})
    retried = []
    for receipt in receipts:
        row = ops.get(receipt.op)
        if row is None:
            continue
        if receipt.outcome == "retry":
            retried.append((row, receipt))
            continue
        books.receipts.append(
            (row.op, row.scope, row.kind, row.id, receipt.outcome, receipt.rev, receipt.seq, receipt.code, received_ms)
        )
        books.families.add(row.family)
        books.kinds.add(row.kind)
        if receipt.outcome in ACCEPTED:
            _accepted(w, books, row, receipt, author, received_ms)
        else:
            _refused(w, books, row, receipt)
    w.touched.families |= books.families - {""}
    w.touched.kinds |= books.kinds
    _write(w, books)
    _move_cursors(w, heads)
    groups = {row.grp or row.op for row, _ in retried}
    mark_failed(w, [row for row, _ in retried], retried[0][1].code if retried else "", alone=len(groups) == 1)
    w.touched.sync = True


def _accepted(w: Writing, books: _Books, row: Any, receipt: Receipt, author: str, received_ms: int) -> None:
    body, kind = row.body, row.kind
    deleted = not body
    if receipt.record is not None:
        record = receipt.record
        body, deleted, kind, author, received_ms = record.body, record.deleted, record.kind, record.author, record.received_ms
    # Without an overlay the family was purged meanwhile: its rows don't come back through a receipt.
    # What the server calls newer is its own text, which the next pull brings.
    unseen = receipt.code == "newer" or (receipt.outcome == "merged" and receipt.record is None)
    if row.held is not None and receipt.rev and not unseen:
        rev = receipt.record.rev if receipt.record else receipt.rev
        books.rows.append(Acknowledged(row.scope, row.id, kind, rev, deleted, author, received_ms, body))
    books.drop_ops.append(row.k)
    following = books.following.get(row.k)
    if following is None:
        if row.held is not None:
            books.drop_edits.append(row.held)
        if receipt.outcome == "merged" or deleted:
            books.shown.append(Shown(row.scope, kind, row.id, None if deleted else body))
    else:
        _rebase(w, books, row, following, receipt, body)
    if row.kind == "visit":
        books.visits.add(row.id)


def _rebase(w: Writing, books: _Books, row: Any, following: Any, receipt: Receipt, standing: bytes) -> None:
    """Set the next change of the record upon what the server now has; after a merge, field by field."""
    body = bytes(following.body)
    rev = receipt.record.rev if receipt.record else receipt.rev
    if receipt.outcome == "merged" and following.act != "del":
        base, theirs, mine = readable(bytes(row.body)), readable(standing), readable(body)
        if base is not None and theirs is not None and mine is not None:
            body = dump(three_way(base, theirs, mine)[0])
            books.shown.append(Shown(row.scope, row.kind, row.id, body))
    w.connection.execute(_REBASE_OP, {"k": following.k, "base": rev, "size": len(body)})
    w.connection.execute(_REBASE_EDIT, {"scope": row.scope, "id": row.id, "base": rev, "body": body})


def _refused(w: Writing, books: _Books, row: Any, receipt: Receipt) -> None:
    """Leave the change where a person will find it. A later change of the same record is the newest text: it takes its place."""
    following = books.following.get(row.k)
    if receipt.outcome != "held" and following is not None:
        if bytes(row.body) and row.kind != "draft":
            keep_copy(w, row.scope, row.kind, row.id, row.base, bytes(row.body), "overtaken")
        w.connection.execute(_TAKE_OVER, {"k": row.k, "size": len(bytes(following.body)), "act": following.act})
        books.drop_ops.append(following.k)
    w.connection.execute(_WAITS, {"k": row.k, "state": receipt.outcome, "code": receipt.code})
    record = receipt.record
    if record is not None and row.held is not None:
        books.rows.append(
            Acknowledged(row.scope, row.id, record.kind, record.rev, record.deleted, record.author, record.received_ms, record.body)
        )
        books.server.append((row.scope, record.kind, row.id, None if record.deleted else record.body))
    if row.kind == "visit":
        books.visits.add(row.id)


def _write(w: Writing, books: _Books) -> None:
    # The overlays first: the rows that take their place are written on the pages that they leave.
    w.connection.execute(_DROP_EDITS, {"places": json.dumps(books.drop_edits)})
    w.connection.execute(_DROP_OPS, {"ks": json.dumps(books.drop_ops)})
    put_rows(w, books.rows)
    w.many(_RECEIPT, books.receipts)
    project(w, books.shown, w.touched)
    if books.server:
        show(w, books.server)
    if books.visits:
        refresh_states(w, books.visits)
        w.touched.visits |= books.visits


def _move_cursors(w: Writing, heads: Sequence[Head]) -> None:
    """A scope in which nobody else wrote needs no pull: its cursor moves if our own sums agree with the server's."""
    now = w.now_ms
    w.many(
        _HEAD,
        [{"scope": h.scope, "before": h.before, "after": h.after, "n": h.count, "digest": h.digest, "now": now} for h in heads],
    )
    w.many(_BEHIND, [{"scope": head.scope, "after": head.after} for head in heads])


@dataclass
class NothingToDecide(Problem):
    """The change has been settled meanwhile."""


_WAITING = text(
    "SELECT o.k, o.op, o.grp, o.scope, o.kind, o.id, o.base, o.act, coalesce(o.body, e.body, x'') AS body, "
    "e.scope IS NOT NULL AS held, r.rev, r.body AS theirs, r.kind AS their_kind, r.deleted AS their_deleted FROM outbox o "
    "LEFT JOIN rec r ON r.scope = o.scope AND r.id = o.id LEFT JOIN edit e ON e.scope = o.scope AND e.id = o.id "
    "WHERE o.op = :op AND o.state IN ('conflict', 'gone', 'frozen', 'denied', 'parked')"
)
_OF_GROUP = text("SELECT k FROM outbox WHERE grp = :grp AND grp <> '' AND k <> :k")
_ANEW = text(
    "UPDATE outbox SET op = :op, base = :base, act = CASE WHEN act = 'del' THEN 'put' ELSE act END, state = 'waiting', code "
    "= '', "
    "tries = 0, sent_ms = NULL, at_ms = :now, size = :size, body = :body WHERE k = :k"
)
_ANEW_AS_IS = text("UPDATE outbox SET op = :op, state = 'waiting', code = '', tries = 0, sent_ms = NULL WHERE k = :k")


def _waiting(w: Writing, op: str) -> Any:
    w.settle_writes()
    row = w.one(_WAITING, op=op)
    if row is None:
        raise NothingToDecide
    return row


def write_again(w: Writing, op: str, body: Mapping[str, Any]) -> None:
    """Decide a disagreement with a text made from both: it is sent upon the server's version, and both old texts are kept.

    The rest of the change's group goes out again with it. Raises NothingToDecide.
    """
    row = _waiting(w, op)
    if row.act == "move":
        move_all_the_same(w, row)
        return
    raw = dump(body)
    rev = int(row.rev or 0)
    if row.theirs is not None and not row.their_deleted and bytes(row.theirs) != raw:
        keep_copy(w, row.scope, row.kind, row.id, rev, bytes(row.theirs), "decided_theirs")
    if bytes(row.body) != raw and row.body:
        keep_copy(w, row.scope, row.kind, row.id, row.base, bytes(row.body), "decided_mine")
    anew = {"k": row.k, "op": w.new_id(), "base": rev, "now": w.now_ms, "size": len(raw)}
    w.connection.execute(_ANEW, {**anew, "body": None if row.held else raw})
    w.connection.execute(_REBASE_EDIT, {"scope": row.scope, "id": row.id, "base": rev, "body": raw})
    _send_group_again(w, row)
    project(w, [Shown(row.scope, row.kind, row.id, raw)], w.touched)
    w.audit("decided", op=op, record=row.id, kept="both")
    w.touched.sync = True


def keep_mine(w: Writing, op: str) -> None:
    """Decide a disagreement for what was written here. Raises NothingToDecide."""
    row = _waiting(w, op)
    body = {} if row.act == "move" else readable(bytes(row.body))
    if body is None:
        raise NothingToDecide
    write_again(w, op, body)


def take_theirs(w: Writing, op: str) -> None:
    """Decide a disagreement for the server's version; what was written here is kept aside. Raises NothingToDecide."""
    row = _waiting(w, op)
    if row.act == "move":
        give_up_move(w, row)
        return
    if row.body:
        keep_copy(w, row.scope, row.kind, row.id, row.base, bytes(row.body), "decided_mine")
    w.many(_DROP_OP, [{"k": row.k}])
    w.many(_DROP_EDIT, [{"scope": row.scope, "id": row.id}])
    _send_group_again(w, row)
    gone = row.theirs is None or row.their_deleted
    project(w, [Shown(row.scope, row.their_kind or row.kind, row.id, None if gone else bytes(row.theirs))], w.touched)
    w.audit("decided", op=op, record=row.id, kept="theirs")
    w.touched.sync = True


def _send_group_again(w: Writing, row: Any) -> None:
    # The server has a receipt for every change of the refused group, so each needs a new name to be judged afresh.
    for other in w.all(_OF_GROUP, grp=row.grp, k=row.k):
        w.connection.execute(_ANEW_AS_IS, {"k": other.k, "op": w.new_id()})


_KEPT = text("SELECT body FROM kept WHERE scope = :scope AND id = :id ORDER BY k")


def kept_bodies(w: Any, scope: str, id: str) -> tuple[Body, ...]:  # noqa: A002
    """Texts of a record that were put aside by a decision or a repair, oldest first."""
    found = (readable(bytes(row.body)) for row in w.all(_KEPT, scope=scope, id=id))
    return tuple(body for body in found if body is not None)
