"""The heads of laptops' own audits, signed by each laptop, kept here so that a log cut short or written anew is found out."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from fastapi import FastAPI, Request, Response
from sqlalchemy import Connection, text

from visitapp.protocol import codec
from visitapp.protocol import messages as m
from visitapp.protocol.problems import Malformed
from visitapp.protocol.requests import anchor_text, from_base64
from visitapp.server import audit
from visitapp.server.doors import signed_plain
from visitapp.server.gate import require
from visitapp.server.shapes import described
from visitapp.server.signin import Caller, Refused, is_signed_by_key, set_identity

if TYPE_CHECKING:
    from visitapp.server.app import Service

_HASH_LETTERS: Final = 64
_LATEST: Final = 1 << 53


@dataclass(frozen=True, slots=True)
class Kept:
    """One head as it came: the number of the entry, its hash and the laptop's signature over both."""

    device: str
    n: int
    head: bytes
    signature: bytes


def add_anchors(app: FastAPI, service: "Service") -> None:
    """Adds the route."""
    summary = "Leave the head of a laptop's audit"

    @app.post("/v1/anchor", summary=summary, **described("device.anchor", ask=m.AnchorAsk, answer=m.AnchorKept))
    async def leave_anchor(request: Request) -> Response:
        return await signed_plain(service, request, "device.anchor", lambda caller, body: _left(service, caller, body))


def _left(service: "Service", caller: Caller, body: bytes) -> bytes:
    require(caller, "device.anchor")
    ask = codec.decode_plain(m.AnchorAsk, body)
    if not 0 < ask.n < _LATEST or len(ask.head) != _HASH_LETTERS or set(ask.head) - set("0123456789abcdef"):
        raise Malformed
    kept = Kept(caller.device, ask.n, bytes.fromhex(ask.head), from_base64(ask.signature))
    with service.engine.begin() as connection:
        newest = keep(connection, caller, kept)
    return codec.encode_plain(m.AnchorKept(newest.n, newest.head.hex()))


def keep(connection: Connection, caller: Caller, anchor: Kept) -> Kept:
    """Keeps a head, whatever it says; answers the furthest that this laptop ever left. Raises Refused("signature").

    A head that stands behind an earlier one, or differs from it, is kept as well and written into the audit: the laptop's log was
    cut, or written anew.
    """
    set_identity(connection, user=caller.user, team=caller.team, device=caller.device)
    key = connection.execute(text("select public_key from device where id = :device"), {"device": caller.device}).scalar_one()
    if not is_signed_by_key(f"ed25519:{bytes(key).hex()}", anchor_text(caller.device, anchor.n, anchor.head), anchor.signature):
        raise Refused("signature")
    known = connection.execute(
        text("select n, head, signature from anchor where device = :device order by n desc, kept_at limit 1"),
        {"device": caller.device},
    ).first()
    furthest = Kept(caller.device, known.n, bytes(known.head), bytes(known.signature)) if known else anchor
    connection.execute(
        text("insert into anchor(device, n, head, signature) values (:device, :n, :head, :signature) on conflict do nothing"),
        {"device": anchor.device, "n": anchor.n, "head": anchor.head, "signature": anchor.signature},
    )
    if anchor.n < furthest.n or (anchor.n == furthest.n and anchor.head != furthest.head):
        audit.note(connection, caller.user, "laptop's audit behind", caller.device, f"{anchor.n} after {furthest.n}")
        return furthest
    return anchor


def of_device(connection: Connection, device: str) -> list[Kept]:
    """Every head a laptop has left, oldest entry first: what an auditor compares its log with."""
    words = "select n, head, signature from anchor where device = :device order by n, kept_at"
    found = connection.execute(text(words), {"device": device})
    return [Kept(device, row.n, bytes(row.head), bytes(row.signature)) for row in found]
