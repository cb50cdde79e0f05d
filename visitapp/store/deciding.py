"""What a person may do with a change that the server did not take, beside choosing a text: put it aside, or give it a new name."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from visitapp.domain.bodies import Body
from visitapp.store.acknowledged import keep_copy
from visitapp.store.projections import Shown, project
from visitapp.store.reading import Reading, moment, readable
from visitapp.store.settlement import NothingToDecide
from visitapp.store.sql import text
from visitapp.store.writing import Writing

_STUCK = "'conflict', 'gone', 'frozen', 'denied', 'parked', 'held'"
_UNIT = text(
    "SELECT o.k, o.op, o.grp, o.scope, o.kind, o.id, o.family, o.base, o.act, o.state, o.code, o.at_ms, "  # noqa: S608
    "coalesce(o.body, e.body, x'') AS body, r.kind AS their_kind, r.body AS theirs, coalesce(r.deleted, 1) AS gone, "
    "coalesce(r.rev, 0) AS their_rev "
    "FROM outbox o LEFT JOIN edit e ON e.scope = o.scope AND e.id = o.id LEFT JOIN rec r ON r.scope = o.scope AND r.id = o.id "
    f"JOIN outbox one ON one.op = :op AND one.state IN ({_STUCK}) "
    "WHERE o.op = one.op OR (one.grp <> '' AND o.grp = one.grp) ORDER BY o.k"
)
_DROP_OP = text("DELETE FROM outbox WHERE k = :k")
_DROP_EDIT = text("DELETE FROM edit WHERE scope = :scope AND id = :id")


@dataclass(frozen=True)
class Stuck:
    """One change of a unit that waits for a person; `body` is empty for a deletion."""

    op: str
    scope: str
    kind: str
    id: str
    family: str
    act: str
    state: str
    code: str
    made_at: datetime
    body: Body


def stuck_unit(r: Reading, op: str) -> tuple[Stuck, ...]:
    """Return a change that waits for a person and those that land together with it or not at all. Raises NothingToDecide."""
    return tuple(_stuck(row) for row in _rows(r, op))


def put_aside(w: Writing, op: str) -> None:
    """Take a change and its group out of the outbox: each record stands as the server has it, every text is kept aside.

    Raises NothingToDecide.
    """
    rows = _rows(w, op)
    for row in rows:
        if row.body:
            keep_copy(w, row.scope, row.kind, row.id, row.base, bytes(row.body), "decided_mine")
        w.many(_DROP_OP, [{"k": row.k}])
        w.many(_DROP_EDIT, [{"scope": row.scope, "id": row.id}])
    standing = [
        Shown(row.scope, row.their_kind or row.kind, row.id, None if row.gone or row.theirs is None else bytes(row.theirs))
        for row in rows
    ]
    project(w, standing, w.touched)
    w.audit("decided", op=op, record=rows[0].id, kept="aside")
    w.touched.sync = True


def write_as_new(w: Writing, op: str, id: str, changes: Mapping[str, Any]) -> None:  # noqa: A002
    """Write a text that cannot land under its own id as a new record; the old one stands as the server has it.

    Raises NothingToDecide.
    """
    row = next((row for row in _rows(w, op) if row.op == op), None)
    body = readable(bytes(row.body)) if row is not None else None
    if row is None or not body:
        raise NothingToDecide
    put_aside(w, op)
    w.put(row.scope, row.kind, id, {**body, **changes})


_TAKE_AWAY = text(
    "UPDATE outbox SET op = :op, base = :base, state = 'waiting', code = '', tries = 0, sent_ms = NULL, at_ms = :now WHERE k = :k"
)
_AS_IS = text("UPDATE outbox SET op = :op, state = 'waiting', code = '', tries = 0, sent_ms = NULL WHERE k = :k")
_REBASE = text("UPDATE edit SET base = :base WHERE scope = :scope AND id = :id")


def take_away_all_the_same(w: Writing, op: str) -> None:
    """Take a record away although it was changed meanwhile (a draft signed here and written on elsewhere); that text is kept aside.

    The rest of its group goes out again with it, under new names. Raises NothingToDecide.
    """
    for row in _rows(w, op):
        if row.op != op:
            w.connection.execute(_AS_IS, {"k": row.k, "op": w.new_id()})
            continue
        rev = int(row.their_rev)
        if row.theirs is not None and not row.gone:
            keep_copy(w, row.scope, row.kind, row.id, rev, bytes(row.theirs), "decided_theirs")
        w.connection.execute(_TAKE_AWAY, {"k": row.k, "op": w.new_id(), "base": rev, "now": w.now_ms})
        w.connection.execute(_REBASE, {"scope": row.scope, "id": row.id, "base": rev})
        w.audit("decided", op=op, record=row.id, kept="mine")
    w.touched.sync = True


_STANDING = text("SELECT body FROM rec WHERE scope = :scope AND id = :id AND deleted = 0")


def standing_body(r: Reading, scope: str, id: str) -> Body | None:  # noqa: A002
    """What the server has of a record, whatever lies over it on this laptop."""
    row = r.one(_STANDING, scope=scope, id=id)
    return readable(bytes(row.body)) if row else None


def _rows(r: Reading, op: str) -> list[Any]:
    rows = list(r.all(_UNIT, op=op))
    if not rows:
        raise NothingToDecide
    return rows


def _stuck(row: Any) -> Stuck:
    body = readable(bytes(row.body)) or {}
    return Stuck(row.op, row.scope, row.kind, row.id, row.family, row.act, row.state, row.code, moment(row.at_ms), body)


@dataclass(frozen=True)
class DecisionRow:
    """One signed decision between two texts, or about a text that could not land."""

    id: str
    scope: str
    family: str
    at: datetime
    body: Body


def decisions(r: Reading, family: str = "") -> tuple[DecisionRow, ...]:
    """Every decision that this person may read, of one family or of all, newest first."""
    found = []
    for scope, id_, body in r.of_kind("decision"):
        about = scope[2:] if scope[0] in "fr" else str(body.get("family") or "")
        made = _moment(body.get("at"))
        if made is not None and family in ("", about):
            found.append(DecisionRow(id_, scope, about, made, body))
    return tuple(sorted(found, key=lambda row: (row.at, row.id), reverse=True))


def _moment(value: object) -> datetime | None:
    try:
        return datetime.fromisoformat(str(value))
    except ValueError:
        return None
