"""Laying a change out: over the acknowledged row for the screens, and in the outbox for the server."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from visitapp.domain.ids import new_id
from visitapp.protocol.messages import SCHEMA
from visitapp.store.projections import family_of
from visitapp.store.reading import readable, string
from visitapp.store.sql import Connection, text

_TAKES_EDITS = frozenset({"waiting", "conflict", "gone", "frozen", "denied"})


@dataclass
class Put:
    """One record as it will stand at the end of the transaction."""

    scope: str
    kind: str
    id: str
    body: bytes
    group: str
    act: str

    @property
    def deleted(self) -> bool:
        return not self.body and self.act in ("del", "move")


_EDITS = text(
    "SELECT t.scope, t.id, t.base, t.kind FROM json_each(:keys) j CROSS JOIN edit t ON t.scope = j.value->>0 AND t.id = j.value->>1"
)
_RECS = text(
    "SELECT t.scope, t.id, t.rev, t.kind FROM json_each(:keys) j CROSS JOIN rec t ON t.scope = j.value->>0 AND t.id = j.value->>1"
)
_OPS = text(
    "SELECT t.k, t.scope, t.id, t.kind, t.grp, t.base, t.state FROM json_each(:keys) j "
    "CROSS JOIN outbox t ON t.scope = j.value->>0 AND t.id = j.value->>1 ORDER BY t.k"
)

_PUT_EDIT = text(
    "INSERT INTO edit (scope, id, kind, base, deleted, changed_ms, body) VALUES (:scope, :id, :kind, :base, "
    ":deleted, :now, :body) "
    "ON CONFLICT (scope, id) DO UPDATE SET body = excluded.body, deleted = excluded.deleted, changed_ms = "
    "excluded.changed_ms"
)
_DROP_EDIT = text("DELETE FROM edit WHERE scope = :scope AND id = :id")
_DROP_OP = text("DELETE FROM outbox WHERE k = :k")
# Another text is another op: a laptop that was put back may have sent this one already with the text it had then, and the server
# would answer with that receipt. Where a person has to decide, the op keeps its name until she does.
_CHANGE_OP = text(
    "UPDATE outbox SET op = CASE WHEN state = 'waiting' THEN :op ELSE op END, body = NULL, size = :size, act = :act, "
    "at_ms = :now, offset_ms = :offset WHERE k = :k"
)
_FREEZE = text(
    "UPDATE outbox SET body = (SELECT e.body FROM edit e WHERE e.scope = outbox.scope AND e.id = outbox.id) "
    "WHERE k = :k AND body IS NULL"
)
_ADD_OP = text(
    "INSERT INTO outbox (op, grp, scope, kind, id, family, base, act, at_ms, offset_ms, sv, state, code, tries, size) VALUES "
    "(:op, :grp, :scope, :kind, :id, :family, :base, :act, :now, :offset, :sv, 'waiting', '', 0, :size)"
)


@dataclass
class _Sheets:
    """What has to be written, a list for each statement."""

    drop_edits: list[dict[str, Any]] = field(default_factory=list)
    drop_ops: list[dict[str, Any]] = field(default_factory=list)
    freeze: list[dict[str, Any]] = field(default_factory=list)
    edits: list[dict[str, Any]] = field(default_factory=list)
    change_ops: list[dict[str, Any]] = field(default_factory=list)
    add_ops: list[dict[str, Any]] = field(default_factory=list)

    def write(self, connection: Connection) -> None:
        """Write everything; the order keeps a text that was sent from being written over before it is frozen."""
        for statement, rows in (
            (_DROP_EDIT, self.drop_edits), (_DROP_OP, self.drop_ops), (_FREEZE, self.freeze), (_PUT_EDIT, self.edits),
            (_CHANGE_OP, self.change_ops), (_ADD_OP, self.add_ops),
        ):  # fmt: skip
            if rows:
                connection.execute(statement, rows)


def lay_out(connection: Connection, puts: Mapping[tuple[str, str], Put], now_ms: int, offset_ms: int) -> None:
    """Overlays and outbox for what was put: an unsent change is replaced, a sent one is followed by a new one.

    `offset_ms` is what has to be added to this device's time to get the server's. Raises ValueError for two kinds under one id.
    """
    keys = {"keys": json.dumps(list(puts))}
    edited = {(row.scope, row.id): row for row in connection.execute(_EDITS, keys)}
    acknowledged = {(row.scope, row.id): row for row in connection.execute(_RECS, keys)}
    ops: dict[tuple[str, str], list[Any]] = {}
    for row in connection.execute(_OPS, keys):
        ops.setdefault((row.scope, row.id), []).append(row)
    sheets = _Sheets()
    for key, put in puts.items():
        known = edited.get(key) or acknowledged.get(key)
        same_kind(put, known.kind if known else put.kind)
        base = edited[key].base if key in edited else acknowledged[key].rev if key in acknowledged else 0
        _lay_out_one(sheets, put, base, ops.get(key, []), {"now": now_ms, "offset": offset_ms}, key in acknowledged)
    sheets.write(connection)


def _lay_out_one(sheets: _Sheets, put: Put, base: int, ops: list[Any], times: dict[str, int], acknowledged: bool) -> None:
    if put.deleted and not acknowledged and all(op.state == "waiting" and op.base == 0 for op in ops):
        # The server has never heard of it, so there is nothing to tell.
        sheets.drop_edits.append({"scope": put.scope, "id": put.id})
        sheets.drop_ops += [{"k": op.k} for op in ops]
        return
    named = {"scope": put.scope, "id": put.id, "kind": put.kind, "base": base}
    sheets.edits.append({**named, "deleted": int(put.deleted), "now": times["now"], "body": put.body})
    changed = {"op": new_id(times["now"], os.urandom(10)), "act": put.act, "size": len(put.body), **times}
    last = ops[-1] if ops else None
    if last is not None and last.state in _TAKES_EDITS and not _leaves_its_group(last, put):
        sheets.change_ops.append({"k": last.k, **changed})
        return
    if last is not None:
        (sheets.drop_ops if last.state == "waiting" else sheets.freeze).append({"k": last.k})
    family = family_of(put.scope) or string(readable(put.body) or {}, "family")
    sheets.add_ops.append({**named, **changed, "grp": put.group, "family": family, "sv": SCHEMA})


def same_kind(put: Put, kind: str) -> None:
    """An id is one record within its scope: two kinds under one id would overwrite each other without a word."""
    if put.kind != kind:
        raise ValueError(f"a {put.kind} under the id of a {kind}")


def _leaves_its_group(op: Any, put: Put) -> bool:
    """Whether an unsent op has to move to the end to land together with a new group.

    The op that opens a family at the server stays where it is, because everything else of that family comes after it.
    """
    if op.state != "waiting" or not put.group or (op.grp and put.act != "move"):
        return False
    return not (op.kind == "family" and op.base == 0)
