"""Letting screens see what the server has, except where something of ours lies over it."""

import json
from collections.abc import Sequence

from visitapp.store.projections import Shown, family_of, project
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
    """Let screens see the server's (scope, kind, id, body), except where something of ours lies over it.

    What the service desk has meanwhile carried out as it was sent needs no overlay any more.
    """
    keys = json.dumps([(scope, id_) for scope, _, id_, _ in records])
    dirty = {(row.scope, row.id): row for row in w.connection.execute(_DIRTY, {"keys": keys})}
    if dirty:
        states: dict[tuple[str, str], set[str]] = {}
        for row in w.connection.execute(_STATES, {"keys": keys}):
            states.setdefault((row.scope, row.id), set()).add(row.state)
        for scope, _, id_, body in records:
            over = dirty.get((scope, id_))
            if over is not None and states.get((scope, id_)) == {"held"} and bytes(over.body) == (body or b""):
                w.many(_DROP_EDIT, [{"scope": scope, "id": id_}])
                w.many(_DROP_HELD, [{"scope": scope, "id": id_}])
                del dirty[(scope, id_)]
    shown = [Shown(scope, kind, id_, body) for scope, kind, id_, body in records if (scope, id_) not in dirty]
    project(w, shown, w.touched)
    w.touched.families |= {family_of(scope) for scope, *_ in records if family_of(scope)}
    w.touched.visits |= {id_ for _, kind, id_, _ in records if kind == "visit"}
