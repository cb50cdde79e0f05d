"""One write transaction: what is put is collected, then written in batches with outbox, columns, word index and audit together."""

import json
import os
from collections.abc import Iterable, Mapping
from typing import Any

from visitapp.domain.bodies import Body, dump
from visitapp.domain.clock import Clock
from visitapp.domain.ids import new_id
from visitapp.protocol.messages import MAX_BODY
from visitapp.store import audit
from visitapp.store.laying_out import Put, lay_out, same_kind
from visitapp.store.problems import TextTooLong
from visitapp.store.projections import Shown, Touched, finish_words, project
from visitapp.store.reading import Reading, readable, to_ms
from visitapp.store.sql import Connection, Words, text

_BATCH = 500
_SET_META = text("INSERT INTO meta (key, value) VALUES (:key, :value) ON CONFLICT (key) DO UPDATE SET value = excluded.value")


class Writing(Reading):
    """A write transaction: all of it lands or nothing does."""

    def __init__(self, connection: Connection, clock: Clock) -> None:
        super().__init__(connection)
        self.clock = clock
        self.touched = Touched()
        self._puts: dict[tuple[str, str], Put] = {}

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
        self._add(Put(scope, kind, id, raw, group or "", type))
        return raw

    def delete(self, scope: str, id: str, kind: str, group: str | None = None) -> None:  # noqa: A002
        """Take a record away; what the server never saw simply goes."""
        self.take_away(scope, id, kind, group)

    def take_away(self, scope: str, id: str, kind: str, group: str | None = None, *, type: str = "del") -> None:  # noqa: A002
        """Leave nothing of a record in a scope: deleted, or moved to another one (`move`; see `store/moving.py`)."""
        self._add(Put(scope, kind, id, b"", group or "", type))

    def _add(self, put: Put) -> None:
        before = self._puts.get((put.scope, put.id))
        same_kind(put, before.kind if before else put.kind)
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

    def many(self, statement: Words, rows: list[dict[str, Any]] | list[tuple[Any, ...]]) -> None:
        """Run one statement for many rows; for none, nothing."""
        if rows:
            # By the driver's own hand: preparing each of some thousand rows costs as much again as writing them.
            self.connection.exec_driver_sql(statement.text, rows)

    def settle_writes(self) -> None:
        """Put down what has been collected so far."""
        if not self._puts:
            return
        puts, self._puts = self._puts, {}
        lay_out(self.connection, puts, self.now_ms, int(self.meta_now("clock_offset_ms", "0")))
        self.touched.sync = True
        self._note_deleted_drafts(puts.values())
        project(self, self._shown(puts.values()), self.touched)

    def finish(self) -> None:
        """Put down everything that is left; done by the record just before the commit."""
        self.settle_writes()
        finish_words(self, self.touched)

    def _shown(self, puts: Iterable[Put]) -> list[Shown]:
        return [Shown(put.scope, put.kind, put.id, None if put.deleted else put.body) for put in puts]

    def _note_deleted_drafts(self, puts: Iterable[Put]) -> None:
        gone = [put.id for put in puts if put.deleted and put.kind == "draft"]
        if gone:
            rows = self.connection.execute(_DRAFT_FAMILIES, {"ids": json.dumps(gone)})
            self.touched.families |= {row.family for row in rows}

    def meta_now(self, key: str, default: str) -> str:
        """A value about this record, asked without putting down what is collected."""
        row = self.connection.execute(_GET_META, {"key": key}).first()
        return str(row.value) if row else default


_GET_META = text("SELECT value FROM meta WHERE key = :key")
_DRAFT_FAMILIES = text("SELECT family FROM draft WHERE id IN (SELECT value FROM json_each(:ids))")
