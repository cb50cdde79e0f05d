"""The routes of custody: a key into escrow, the receipt of a laptop that was wiped."""

import logging
from typing import TYPE_CHECKING, Final

from fastapi import FastAPI, Request, Response
from fastapi.concurrency import run_in_threadpool

from visitapp.protocol import codec
from visitapp.protocol import messages as m
from visitapp.server import custody
from visitapp.server.doors import HEADERS, from_somebody, signed_plain
from visitapp.server.gate import require
from visitapp.server.logs import hashed
from visitapp.server.shapes import described
from visitapp.server.signin import Caller

if TYPE_CHECKING:
    from visitapp.server.app import Service

_log: Final = logging.getLogger(__name__)


def add_custody(app: FastAPI, service: "Service") -> None:
    """Adds the routes."""

    @app.post("/v1/escrow", summary="Put a key into escrow", **described("device.escrow", ask=m.EscrowAsk, answer=m.Kept))
    async def put_in_escrow(request: Request) -> Response:
        return await signed_plain(service, request, "device.escrow", lambda caller, body: _kept(service, caller, body))

    @app.post("/v1/wiped", summary="Hand in a wipe's receipt", **described("device.wipe-receipt", ask=m.WipedAsk, answer=m.Kept))
    async def take_receipt(request: Request) -> Response:
        async with from_somebody(service, request), service.intake.body(request.stream(), m.MAX_UNPACKED) as body:
            kept = await run_in_threadpool(lambda: _taken(service, body))
        return Response(kept, media_type="application/json", headers=HEADERS)


def _kept(service: "Service", caller: Caller, body: bytes) -> bytes:
    require(caller, "device.escrow")
    custody.keep_escrow(service.engine, caller, codec.decode_plain(m.EscrowAsk, body))
    _log.info("escrow", extra={"device": hashed(caller.device)})
    return codec.encode_plain(m.Kept())


def _taken(service: "Service", body: bytes) -> bytes:
    """Keeps the receipt, and hands in the work that was sealed with it as if its laptop did."""
    found = custody.take_receipt(service.engine, service.key, codec.decode_plain(m.WipedAsk, body))
    if found.caller is None:
        return codec.encode_plain(m.Kept())
    taken = 0
    for batch in custody.batches(found.ops):
        hello = m.Hello("", found.caller.device, 0, "", service.settings.clock_ms())
        answer = codec.decode_push_answer(service.push(found.caller, m.Push(hello, batch)))
        taken += sum(receipt.outcome in m.ACCEPTED for receipt in answer.receipts)
    _log.info("wiped", extra={"device": hashed(found.caller.device), "ops": len(found.ops), "accepted": taken})
    return codec.encode_plain(m.Kept(taken))
