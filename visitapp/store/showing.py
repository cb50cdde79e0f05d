"""Letting screens see what the server has, except where something of ours lies over it."""

import json
from collections.abc import Sequence

from visitapp.store.projections import Laid, Shown, family_of, laid, project
from visitapp.store.sql import text
from visitapp.store.writing import Writing

_DIRTY = text(
    "SELECT t.scope, t.id, t.body, t.deleted FROM json_each(:keys) j "
    "CROSS JOIN edit t ON t.scope = j.value->>0 AND t.id = j.value->>1"
)
_STATES = text(
    "SELECT t.scope, t.id, t.state FROM json_each(:keys) j CROSS JOIN outbox t ON t.scope = j.value->>0 AND t.id = j.value->>1"
)
_DROP_EDIT = text("DELETE FROM edit WHERE scope = :scope AND id = :id")
_DROP_HELD = text("DELETE FROM outbox WHERE scope = :scope AND id = :id AND state = 'held'")


def show(w: Writing, records: Sequence[tuple[str, str, str, bytes | None]]) -> None:
    """Let screens see the server's (scope, kind, id, body), except where something of ours lies over it."""
    show_laid(w, [laid(Shown(*record)) for record in records])


def show_laid(w: Writing, records: Sequence[Laid]) -> None:
    """Let screens see what was parsed and laid out already, except where something of ours lies over it.

    What the service desk has meanwhile carried out as it was sent needs no overlay any more.
    """
    items = [record.shown for record in records]
    keys = json.dumps([(item.scope, item.id) for item in items])
    dirty = {(row.scope, row.id): row for row in w.connection.execute(_DIRTY, {"keys": keys})}
    if dirty:
        states: dict[tuple[str, str], set[str]] = {}
        for row in w.connection.execute(_STATES, {"keys": keys}):
            states.setdefault((row.scope, row.id), set()).add(row.state)
        for item in items:
            over = dirty.get((item.scope, item.id))
            if over is not None and states.get((item.scope, item.id)) == {"held"} and bytes(over.body) == (item.body or b""):
                w.many(_DROP_EDIT, [{"scope": item.scope, "id": item.id}])
                w.many(_DROP_HELD, [{"scope": item.scope, "id": item.id}])
                del dirty[(item.scope, item.id)]
    project(w, [each for each in records if (each.shown.scope, each.shown.id) not in dirty] if dirty else records, w.touched)
    w.touched.families |= {family_of(scope) for scope in {item.scope for item in items}} - {""}
    w.touched.visits |= {item.id for item in items if item.kind == "visit"}
