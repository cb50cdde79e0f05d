"""Records that the service itself writes: profiles, colleagues, phone cards, questionnaires and programmes."""

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, text

from visitapp.protocol.digest import add, body_hash, term
from visitapp.server import records
from visitapp.server.records import Version
from visitapp.server.settings import now_ms

AUTHOR = "00000000-0000-7000-8000-000000000000"
"""The author of what the service writes."""


def dump(body: Mapping[str, Any]) -> bytes:
    """A body on one line."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def make_scope(connection: Connection, scope: str, team: str = "") -> None:
    """Makes a scope where it is missing."""
    connection.execute(
        text("insert into scope(id, team) values (:scope, :team) on conflict do nothing"),
        {"scope": scope, "team": team},
    )


def publish(connection: Connection, scope: str, kind: str, id_: str, body: Mapping[str, Any]) -> bool:
    """Puts one record of the service's own into a scope; False if it is there already, byte for byte."""
    data = dump(body)
    found = records.lock_and_read(connection, {scope: records.Asked((), (id_,), lock=True)})[scope]
    state = found.state
    if state is None:
        raise LookupError(scope)
    before = found.outlines.get(id_)
    if before is not None and before.hash == body_hash(data):
        return False
    state.seq += 1
    rev = before.rev + 1 if before else 1
    if before:
        state.digest = add(state.digest, -term(id_, before.rev, before.hash))
    else:
        state.count += 1
    state.digest = add(state.digest, term(id_, rev, body_hash(data)))
    moment = now_ms()
    version = Version(
        id=id_,
        kind=kind,
        seq=state.seq,
        rev=rev,
        hash=body_hash(data),
        deleted=False,
        author=AUTHOR,
        device="",
        op=f"service-{scope}-{state.seq}",
        at_ms=moment,
        received_ms=moment,
        late=False,
        via=AUTHOR,
        restored=False,
        body=data,
    )
    replaced = [records.supersede(scope, [id_])] if before else []
    records.run(connection, [*replaced, records.put(scope, [version]), records.advance(scope, state)])
    return True
