"""Breaking the glass: a family opened for an hour to someone who has it not, with a reason, and told at once to those who watch.

A nurse or supervisor may open a family of her own team, a safeguarding lead one of any team: to read, its restricted part too.
"""

import hashlib
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from fastapi import FastAPI, Request, Response
from sqlalchemy import Connection, text
from sqlalchemy.exc import SQLAlchemyError

from visitapp.protocol import codec
from visitapp.protocol import messages as m
from visitapp.protocol.problems import Malformed
from visitapp.server import audit
from visitapp.server.admin.publishing import publish
from visitapp.server.database import administering
from visitapp.server.doors import signed_plain
from visitapp.server.gate import require
from visitapp.server.ids import new_id
from visitapp.server.logs import hashed
from visitapp.server.operations import Relation
from visitapp.server.shapes import described
from visitapp.server.signin import Caller, Refused, set_identity

if TYPE_CHECKING:
    from visitapp.server.app import Service

_log: Final = logging.getLogger(__name__)

MINUTES: Final = 60
SHORTEST_REASON: Final = 10
LONGEST_REASON: Final = 500
A_DAY: Final = 20
"""How many families one person may open within a day; whoever needs more is looking for something."""


@dataclass(frozen=True, slots=True)
class Opened:
    """One opening, as those who watch are told of it."""

    id: str
    user: str
    family: str
    reason: str
    asked_ms: int
    until_ms: int


def add_glass(app: FastAPI, service: "Service") -> None:
    """Adds the route."""
    summary = "Open a family for an hour, with a reason"

    @app.post("/v1/glass", summary=summary, **described("glass.ask", ask=m.GlassAsk, answer=m.GlassOpened))
    async def break_glass(request: Request) -> Response:
        return await signed_plain(service, request, "glass.ask", lambda caller, body: _broken(service, caller, body))


def _broken(service: "Service", caller: Caller, body: bytes) -> bytes:
    ask = codec.decode_plain(m.GlassAsk, body)
    reason = " ".join(ask.reason.split())
    if not m.is_id(ask.family) or len(reason) > LONGEST_REASON:
        raise Malformed
    if len(reason) < SHORTEST_REASON:
        raise Refused("reason", 422)
    with service.engine.begin() as connection:
        opened = open_glass(connection, caller, ask.family, reason)
    _log.warning("glass", extra={"device": hashed(caller.device), "user": hashed(caller.user)})
    _tell(service, caller, opened)
    return codec.encode_plain(m.GlassOpened(opened.id, ask.family, opened.until_ms))


def open_glass(connection: Connection, caller: Caller, family: str, reason: str) -> Opened:
    """Opens a family within one transaction, which writes into the audit too. Raises Forbidden, Refused("busy")."""
    set_identity(connection, user=caller.user, team=caller.team, device=caller.device, purpose="glass")
    require(caller, "glass.ask", relation=_relation(connection, caller, family), about=f"f:{family}")
    today = "select count(*) from glass where user_id = :user and asked_at > now() - interval '1 day'"
    if connection.execute(text(today), {"user": caller.user}).scalar_one() >= A_DAY:
        raise Refused("busy", 429, 3600)
    made = connection.execute(
        text(
            "insert into glass(id, user_id, family, reason, until_at)"
            " values (:id, :user, :family, :reason, now() + make_interval(mins => :minutes))"
            " returning id, asked_at, until_at"
        ),
        {"id": new_id(), "user": caller.user, "family": family, "reason": reason, "minutes": MINUTES},
    ).one()
    rows = [{"user": caller.user, "scope": f"{letter}:{family}", "until": made.until_at} for letter in "fr"]
    connection.execute(
        text("insert into assignment(user_id, scope, role, until_at) values (:user, :scope, 'glass', :until)"),
        rows,
    )
    # The reason may hold anything: the audit keeps what proves it, not the words.
    audit.note(connection, caller.user, "glass", f"f:{family}", f"{made.id} {hashlib.sha256(reason.encode()).hexdigest()}")
    return Opened(made.id, caller.user, family, reason, _ms(made.asked_at), _ms(made.until_at))


def _relation(connection: Connection, caller: Caller, family: str) -> Relation:
    # The walls let her find the families of her team alone; a safeguarding lead those of every team.
    team = connection.execute(text("select team from scope where id = :scope"), {"scope": f"f:{family}"}).scalar_one_or_none()
    return "team" if team == caller.team else "other" if team is not None else "new"


def openings(connection: Connection, count: int = 100) -> list[Opened]:
    """The newest openings first, as far as the walls show them to whoever asks."""
    found = connection.execute(text("select * from glass order by asked_at desc limit :count"), {"count": count})
    return [Opened(row.id, row.user_id, row.family, row.reason, _ms(row.asked_at), _ms(row.until_at)) for row in found]


def _tell(service: "Service", caller: Caller, opened: Opened) -> None:
    """Puts a notice where each auditor and safeguarding lead gets it with her next pull; the list is there for them at once."""
    if service.owner is None:
        return
    try:
        with administering(service.owner) as connection:
            for watcher in _watchers(connection, opened.user):
                publish(connection, f"u:{watcher}", "notice", opened.id, _notice(opened, caller))
    except SQLAlchemyError as trouble:
        # It stands in the list and in the audit already; a notice that cannot be put must not take back what was granted.
        _log.error("glass not told", extra={"error": type(trouble).__name__})


def _watchers(connection: Connection, but: str) -> list[str]:
    words = "select id from member where role in ('auditor', 'safeguarding') and active and id <> :but order by id"
    return list(connection.execute(text(words), {"but": but}).scalars())


def _notice(opened: Opened, caller: Caller) -> dict[str, Any]:
    return {
        "notice": opened.id,
        "about": "glass",
        "user": opened.user,
        "user_name": caller.name,
        "user_role": caller.role,
        "team": caller.team,
        "family": opened.family,
        "reason": opened.reason,
        "asked_ms": opened.asked_ms,
        "until_ms": opened.until_ms,
    }


def _ms(moment: Any) -> int:
    return int(moment.timestamp() * 1000)
