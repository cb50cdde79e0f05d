"""A record that goes from one family to another: it arrives there and leaves here together, or neither."""

from collections.abc import Mapping
from typing import Any

from visitapp.protocol.rules import MOVABLE
from visitapp.store.acknowledged import keep_copy
from visitapp.store.projections import Shown, project
from visitapp.store.reading import Reading
from visitapp.store.sql import text
from visitapp.store.writing import Writing

_KNOWN = text(
    "SELECT 1 FROM rec WHERE scope = :scope AND id = :id AND deleted = 0 UNION ALL "
    "SELECT 1 FROM outbox WHERE scope = :scope AND id = :id AND NOT (state = 'waiting' AND base = 0) LIMIT 1"
)
_UNDECIDED = text("SELECT 1 FROM outbox WHERE scope = :scope AND id = :id AND state NOT IN ('waiting', 'sent') LIMIT 1")


def is_undecided(r: Reading, scope: str, id: str) -> bool:  # noqa: A002
    """Whether a change of the record waits for a person, so that it had better stay where it is until then."""
    return r.one(_UNDECIDED, scope=scope, id=id) is not None


def move(w: Writing, kind: str, id: str, old: str, new: str, body: Mapping[str, Any], group: str) -> None:  # noqa: A002
    """Lay a record out to leave scope `old` and stand in scope `new` with this body; the server does both or neither.

    What the server has never seen is simply begun in the other scope. Raises ValueError for a kind that does not move.
    """
    if kind not in MOVABLE:
        raise ValueError(f"a {kind} does not move")
    w.settle_writes()
    known = w.one(_KNOWN, scope=old, id=id) is not None
    # The arrival comes first, so that it waits in the outbox behind whatever opens the new family.
    w.put(new, kind, id, body, group=group, type="move" if known else "put")
    w.take_away(old, id, kind, group, type="move" if known else "del")


_GROUP = text(
    "SELECT o.k, o.op, o.scope, o.kind, o.id, o.base, coalesce(o.body, e.body, x'') AS body, r.rev, r.deleted, r.body AS theirs "
    "FROM outbox o LEFT JOIN edit e ON e.scope = o.scope AND e.id = o.id "
    "LEFT JOIN rec r ON r.scope = o.scope AND r.id = o.id WHERE o.grp = :grp"
)
_ANEW = text(
    "UPDATE outbox SET op = :op, base = :base, state = 'waiting', code = '', tries = 0, sent_ms = NULL, at_ms = :now WHERE k = :k"
)
_REBASE = text("UPDATE edit SET base = :base WHERE scope = :scope AND id = :id")
_DROP_OP = text("DELETE FROM outbox WHERE k = :k")
_DROP_EDIT = text("DELETE FROM edit WHERE scope = :scope AND id = :id")


def move_all_the_same(w: Writing, row: Any) -> None:
    """Decide for a move although the record was changed meanwhile; that text is kept aside."""
    for each in w.all(_GROUP, grp=row.grp):
        base = int(each.rev or 0)
        if each.theirs is not None and not each.deleted and base != each.base:
            keep_copy(w, each.scope, each.kind, each.id, base, bytes(each.theirs), "decided_theirs")
        w.connection.execute(_ANEW, {"k": each.k, "op": w.new_id(), "base": base, "now": w.now_ms})
        w.connection.execute(_REBASE, {"scope": each.scope, "id": each.id, "base": base})
    _decided(w, row, "mine")


def give_up_move(w: Writing, row: Any) -> None:
    """Decide against a move: everything of it stands where the server has it; what was to arrive is kept aside."""
    for each in w.all(_GROUP, grp=row.grp):
        if each.body:
            keep_copy(w, each.scope, each.kind, each.id, each.base, bytes(each.body), "decided_mine")
        w.connection.execute(_DROP_OP, {"k": each.k})
        w.connection.execute(_DROP_EDIT, {"scope": each.scope, "id": each.id})
        gone = each.theirs is None or each.deleted
        project(w, [Shown(each.scope, each.kind, each.id, None if gone else bytes(each.theirs))], w.touched)
    _decided(w, row, "theirs")


def _decided(w: Writing, row: Any, kept: str) -> None:
    w.audit("decided", op=row.op, record=row.id, kept=kept)
    w.touched.sync = True
