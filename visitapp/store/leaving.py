"""Everything in a record that the server does not have, in one piece: what must not be lost when a laptop is given up."""

import json
from base64 import b64encode

from visitapp.store.reading import Reading
from visitapp.store.sql import Words, text

_UNSENT = text(
    "SELECT o.op, o.grp, o.scope, o.kind, o.id, o.base, o.act, o.at_ms, o.state, o.code, coalesce(o.body, e.body, x'') AS body "
    "FROM outbox o LEFT JOIN edit e ON e.scope = o.scope AND e.id = o.id ORDER BY o.k"
)
_KEPT = text("SELECT scope, id, kind, rev, why, at_ms, body FROM kept ORDER BY k")


def unsent_count(r: Reading) -> int:
    """How many changes the server has not finally taken."""
    return r.number(text("SELECT count(*) FROM outbox"))


def unsent_work(r: Reading) -> bytes:
    """Every such change, and every text that was put aside by a decision, as one JSON text; bodies in base64, byte for byte."""

    def lines(statement: Words) -> list[dict[str, object]]:
        return [{**row._asdict(), "body": b64encode(bytes(row.body)).decode("ascii")} for row in r.all(statement)]

    shape = {"changes": lines(_UNSENT), "format": "visitapp-unsent", "kept": lines(_KEPT), "version": 1}
    return json.dumps(shape, sort_keys=True, separators=(",", ":")).encode()
