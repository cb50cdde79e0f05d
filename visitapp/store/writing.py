"""One write transaction: what is put is collected, then written in batches with outbox, columns, word index and audit together."""

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text
from sqlalchemy.engine import Connection

from visitapp.domain.bodies import Body, dump
from visitapp.domain.clock import Clock
from visitapp.domain.ids import new_id
from visitapp.protocol.messages import MAX_BODY, SCHEMA
from visitapp.store import audit
from visitapp.store.problems import TextTooLong
from visitapp.store.projections import Shown, Touched, family_of, project
from visitapp.store.reading import Reading, readable, string, to_ms

_BATCH = 500
_TAKES_EDITS = frozenset({"waiting", "conflict", "gone", "frozen", "denied"})


@dataclass
class _Put:
    """One record as it will stand at the end of the transaction."""

    scope: str
    kind: str
    id: str
    body: bytes
    group: str
    act: str

    @property
    def deleted(self) -> bool:
        return self.act == "del"


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
_SET_META = text("INSERT INTO meta (key, value) VALUES (:key, :value) ON CONFLICT (key) DO UPDATE SET value = excluded.value")


class Writing(Reading):
    """A write transaction: all of it lands or nothing does."""

    def __init__(self, connection: Connection, clock: Clock) -> None:
        super().__init__(connection)
        self.clock = clock
        self.touched = Touched()
        self._puts: dict[tuple[str, str], _Put] = {}

    @property
    def now_ms(self) -> int:
        """This device's time in milliseconds since 1970."""
        return to_ms(self.clock.now())

    def new_id(self) -> str:
        """A new UUIDv7."""
        return new_id(self.now_ms, os.urandom(10))

    def put(
        self,
        scope: str,
        kind: str,
        id: str,  # noqa: A002
        body: Mapping[str, Any],
        *,
        group: str | None = None,
        type: str = "put",  # noqa: A002
    ) -> bytes:
        """Write a record here and lay it out for the server; returns its body exactly as it will travel.

        A change to a record that has not been sent yet replaces the earlier one. Changes of one `group` land at the server together
        or not at all. Raises TextTooLong.
        """
        raw = dump(body)
        if len(raw) > MAX_BODY:
            raise TextTooLong(len(raw), MAX_BODY)
        self._add(_Put(scope, kind, id, raw, group or "", type))
        return raw

    def delete(self, scope: str, id: str, kind: str, group: str | None = None) -> None:  # noqa: A002
        """Take a record away; what the server never saw simply goes."""
        self._add(_Put(scope, kind, id, b"", group or "", "del"))

    def _add(self, put: _Put) -> None:
        before = self._puts.get((put.scope, put.id))
        _same_kind(put, before.kind if before else put.kind)
        self._puts[(put.scope, put.id)] = put
        if len(self._puts) >= _BATCH:
            self.settle_writes()

    def body(self, scope: str, id: str) -> Body | None:  # noqa: A002
        """The record's content as this transaction has it."""
        put = self._puts.get((scope, id))
        if put is not None:
            return None if put.deleted else readable(put.body)
        return super().body(scope, id)

    def audit(self, action: str, **ids: str | int) -> None:
        """Add a link to the audit chain: what was done and to which ids; never a word of a note."""
        audit.append(self, action, ids)

    def meta_set(self, key: str, value: str) -> None:
        """Keep a value about this record itself."""
        self.connection.execute(_SET_META, {"key": key, "value": value})

    def many(self, statement: Any, rows: list[dict[str, Any]]) -> None:
        """Run one statement for many rows; for none, nothing."""
        if rows:
            self.connection.execute(statement, rows)

    def settle_writes(self) -> None:
        """Put down what has been collected so far."""
        if not self._puts:
            return
        puts, self._puts = self._puts, {}
        self._lay_out(puts)
        self.touched.sync = True
        self._note_deleted_drafts(puts.values())
        project(self, self._shown(puts.values()), self.touched)

    def _shown(self, puts: Iterable[_Put]) -> list[Shown]:
        return [Shown(put.scope, put.kind, put.id, None if put.deleted else put.body) for put in puts]

    def _note_deleted_drafts(self, puts: Iterable[_Put]) -> None:
        gone = [put.id for put in puts if put.deleted and put.kind == "draft"]
        if gone:
            rows = self.connection.execute(_DRAFT_FAMILIES, {"ids": json.dumps(gone)})
            self.touched.families |= {row.family for row in rows}

    def _lay_out(self, puts: dict[tuple[str, str], _Put]) -> None:
        """Overlays and outbox for what was put: an unsent change is replaced, a sent one is followed by a new one."""
        keys = {"keys": json.dumps(list(puts))}
        edited = {(row.scope, row.id): row for row in self.connection.execute(_EDITS, keys)}
        recs = {(row.scope, row.id): row for row in self.connection.execute(_RECS, keys)}
        last = {(row.scope, row.id): row for row in self.connection.execute(_OPS, keys)}
        common = {"now": self.now_ms, "offset": int(self.meta_now("clock_offset_ms", "0")), "sv": SCHEMA}
        edits: list[dict[str, Any]] = []
        drop_edits: list[dict[str, Any]] = []
        drop_ops: list[dict[str, Any]] = []
        change_ops: list[dict[str, Any]] = []
        add_ops: list[dict[str, Any]] = []
        freeze: list[dict[str, Any]] = []
        for key, put in puts.items():
            op, held = last.get(key), recs.get(key)
            known = edited.get(key) or held
            _same_kind(put, known.kind if known else put.kind)
            base = edited[key].base if key in edited else held.rev if held else 0
            if put.deleted and held is None and (op is None or (op.state == "waiting" and op.base == 0)):
                drop_edits.append({"scope": put.scope, "id": put.id})
                drop_ops += [{"k": op.k}] if op else []
                continue
            edits.append(
                {
                    "scope": put.scope,
                    "id": put.id,
                    "kind": put.kind,
                    "base": base,
                    "deleted": int(put.deleted),
                    "now": common["now"],
                    "body": put.body,
                }
            )
            if op is not None and op.state in _TAKES_EDITS and not _leaves_its_group(op, put):
                named = {"op": new_id(common["now"], os.urandom(10))}
                change_ops.append({"k": op.k, "size": len(put.body), "act": put.act, **named, **common})
                continue
            if op is not None:
                (drop_ops if op.state == "waiting" else freeze).append({"k": op.k})
            add_ops.append(
                {
                    "op": new_id(common["now"], os.urandom(10)),
                    "grp": put.group,
                    "scope": put.scope,
                    "kind": put.kind,
                    "id": put.id,
                    "family": family_of(put.scope) or string(readable(put.body) or {}, "family"),
                    "base": base,
                    "act": put.act,
                    "size": len(put.body),
                    **common,
                }
            )
        self.many(_DROP_EDIT, drop_edits)
        self.many(_DROP_OP, drop_ops)
        self.many(_FREEZE, freeze)
        self.many(_PUT_EDIT, edits)
        self.many(_CHANGE_OP, [{k: v for k, v in row.items() if k != "sv"} for row in change_ops])
        self.many(_ADD_OP, add_ops)

    def meta_now(self, key: str, default: str) -> str:
        """A value about this record, asked without putting down what is collected."""
        row = self.connection.execute(_GET_META, {"key": key}).first()
        return str(row.value) if row else default


def _same_kind(put: _Put, kind: str) -> None:
    """An id is one record within its scope: two kinds under one id would overwrite each other without a word."""
    if put.kind != kind:
        raise ValueError(f"a {put.kind} under the id of a {kind}")


def _leaves_its_group(op: Any, put: _Put) -> bool:
    """Whether an unsent op has to move to the end to land together with a new group.

    The op that opens a family at the server stays where it is, because everything else of that family comes after it.
    """
    if op.state != "waiting" or not put.group or op.grp:
        return False
    return not (op.kind == "family" and op.base == 0)


_GET_META = text("SELECT value FROM meta WHERE key = :key")
_DRAFT_FAMILIES = text("SELECT family FROM draft WHERE id IN (SELECT value FROM json_each(:ids))")
