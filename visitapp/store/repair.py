"""Making a scope level again: compared record by record, or pulled from the start; what the server lost goes back to it."""

import json
from typing import Any

from visitapp.protocol.digest import body_hash, hash_start
from visitapp.protocol.messages import SCHEMA, CheckAnswer, Holding
from visitapp.protocol.rules import KINDS
from visitapp.store.acknowledged import acknowledged, agrees, keep_copy, put_rows, set_sum
from visitapp.store.projections import family_of
from visitapp.store.reading import Reading
from visitapp.store.showing import show
from visitapp.store.sql import text
from visitapp.store.writing import Writing

_HOLDINGS = text("SELECT id, rev, h FROM rec WHERE scope = :scope ORDER BY id")
_WANTED = text(
    "SELECT r.id, r.kind, r.rev, r.body, r.deleted FROM json_each(:ids) j CROSS JOIN rec r ON r.scope = :scope AND r.id = j.value"
)
_DROP = text("DELETE FROM rec WHERE scope = :scope AND id = :id")
_LEVEL = text("UPDATE cursor SET seq = :head, head = :head, repairs = repairs + 1, at_ms = :now WHERE scope = :scope")


def manifest(r: Reading, scope: str) -> tuple[Holding, ...]:
    """Everything this laptop holds of a scope as the server acknowledged it: id, revision, start of the hash."""
    return tuple(Holding(row.id, row.rev, hash_start(bytes(row.h))) for row in r.all(_HOLDINGS, scope=scope))


def apply_check(w: Writing, answer: CheckAnswer) -> bool:
    """Take in a comparison; True when the scope is now level. What the server lost is laid out to go back to it.

    A text that was typed here and not yet sent stays over whatever arrives; of every version that leaves, a copy is kept.
    False means that a body was damaged on its way or that the sums still differ.
    """
    scope = answer.scope
    if any(hash_start(body_hash(rec.body)) != rec.hash_start for rec in answer.put):
        return False
    taken = {rec.id for rec in answer.put}
    wanted = w.all(_WANTED, scope=scope, ids=json.dumps([*answer.want, *answer.delete]))
    for row in wanted:
        if row.id in answer.want:
            hand_back(w, scope, row, over=row.id not in taken)
        else:
            keep_copy(w, scope, row.kind, row.id, row.rev, bytes(row.body), "server_lacks")
        w.connection.execute(_DROP, {"scope": scope, "id": row.id})
    set_sum(w, scope)
    put_rows(w, [acknowledged(scope, rec) for rec in answer.put])
    gone = [(scope, row.kind, row.id, None) for row in wanted if row.id not in taken]
    show(w, [*gone, *((scope, rec.kind, rec.id, None if rec.deleted else rec.body) for rec in answer.put)])
    w.touched.sync = True
    if answer.flag or not agrees(w, scope, answer.count, answer.digest):
        return False
    w.connection.execute(_LEVEL, {"scope": scope, "head": answer.head, "now": w.now_ms})
    return True


_RESET = text("UPDATE cursor SET seq = 0, head = :head, gen = gen + 1, repairs = repairs + 1, at_ms = :now WHERE scope = :scope")


def reset(w: Writing, scope: str, head: int = 0) -> None:
    """Have a scope pulled again from the start; its rows stay in sight until the new ones are here."""
    w.connection.execute(_RESET, {"scope": scope, "head": head, "now": w.now_ms})
    w.touched.sync = True


_STALE = text("SELECT id, kind, rev, body, deleted FROM rec WHERE scope = :scope AND gen < :gen")
_SWEEP = text("DELETE FROM rec WHERE scope = :scope AND gen < :gen")


def sweep(w: Writing, scope: str, gen: int) -> list[tuple[str, str]]:
    """After a whole re-pull: take away rows the server does not have, and hand them back to it; returns their (kind, id)."""
    stale = w.connection.execute(_STALE, {"scope": scope, "gen": gen}).all()
    for row in stale:
        hand_back(w, scope, row, over=True)
    if stale:
        w.connection.execute(_SWEEP, {"scope": scope, "gen": gen})
    set_sum(w, scope)
    return [(row.kind, row.id) for row in stale]


_ON_ITS_WAY = text("SELECT 1 FROM outbox WHERE scope = :scope AND id = :id LIMIT 1")
_MADE_HERE = text(
    "SELECT op FROM receipt WHERE scope = :scope AND id = :id AND rev = :rev AND outcome IN ('ok', 'same', 'merged') LIMIT 1"
)
_LIE_OVER = text(
    "INSERT INTO edit (scope, id, kind, base, deleted, changed_ms, body) "
    "VALUES (:scope, :id, :kind, :rev, :deleted, :now, :body) ON CONFLICT (scope, id) DO NOTHING"
)
_HAND_BACK = text(
    "INSERT INTO outbox (op, grp, scope, kind, id, family, base, act, at_ms, offset_ms, sv, state, code, tries, size, body) VALUES "
    "(:op, '', :scope, :kind, :id, :family, :rev, :act, :now, 0, :sv, 'waiting', '', 0, :size, :body)"
)


def hand_back(w: Writing, scope: str, row: Any, *, over: bool, act: str = "assert") -> None:
    """Lay out a row that the server lost to go there again, under its old name where it was sent from here.

    `over` keeps it in sight meanwhile. A change of the same record that is on its way already brings the newer text; what only the
    service itself may write is put aside.
    """
    body = bytes(row.body)
    known = KINDS.get(row.kind)
    named = {"scope": scope, "id": row.id, "rev": row.rev}
    if known is None or known.rule == "server" or w.connection.execute(_ON_ITS_WAY, named).first() is not None:
        if not row.deleted:
            keep_copy(w, scope, row.kind, row.id, row.rev, body, "server_lacks")
        return
    made = w.connection.execute(_MADE_HERE, named).first()
    values = {**named, "kind": row.kind, "now": w.now_ms, "body": body}
    if over:
        w.connection.execute(_LIE_OVER, {**values, "deleted": int(row.deleted)})
    op = {"op": made.op if made else w.new_id(), "family": family_of(scope), "sv": SCHEMA, "size": len(body), "act": act}
    w.connection.execute(_HAND_BACK, {**values, **op})


_FORGOTTEN = text("SELECT scope FROM cursor WHERE lost = 2 AND role IN ('', 'nurse', 'restricted') ORDER BY scope")
_ROWS = text("SELECT id, kind, rev, body, deleted FROM rec WHERE scope = :scope ORDER BY kind <> 'family', received_ms, id")
_CLEAR = text("DELETE FROM rec WHERE scope = :scope")
_BEGIN_AGAIN = text("UPDATE cursor SET seq = 0, head = 0, n = 0, digest = 0, role = '', lost = 0 WHERE scope = :scope")


def bring_back_forgotten(w: Writing) -> tuple[str, ...]:
    """Begin families again at a restored server that forgot them, with everything that was held here; returns their scopes.

    Only their nurse does that: the first record opens the family anew, the rest returns as it was.
    """
    scopes = tuple(row.scope for row in w.all(_FORGOTTEN))
    for scope in scopes:
        for row in w.all(_ROWS, scope=scope):
            opens = row.kind == "family"
            hand_back(w, scope, row if not opens else _First(row), over=True, act="put" if opens else "assert")
        w.many(_CLEAR, [{"scope": scope}])
        w.many(_BEGIN_AGAIN, [{"scope": scope}])
    w.touched.sync = w.touched.sync or bool(scopes)
    return scopes


class _First:
    """A family's own row as the first word of it: revision 0."""

    def __init__(self, row: Any) -> None:
        self.id, self.kind, self.rev, self.body, self.deleted = row.id, row.kind, 0, row.body, row.deleted
