"""The doors of the service: how a request says who sends it, how much of it is read, and what a refusal looks like."""

import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final, TypeVar

from fastapi import Request, Response
from fastapi.concurrency import run_in_threadpool

from visitapp.protocol import codec
from visitapp.protocol import messages as m
from visitapp.protocol.problems import Malformed
from visitapp.protocol.requests import HEADER, Mark, read_header
from visitapp.server.custody import order_text
from visitapp.server.ids import new_id
from visitapp.server.shapes import PACKED
from visitapp.server.signin import Caller, Refused, sign_in, signed_text

if TYPE_CHECKING:
    from visitapp.server.app import Service

_log: Final = logging.getLogger(__name__)

PLAIN_LIMIT: Final = 16 * 1024
HEADERS: Final = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}

Message = TypeVar("Message", m.Push, m.PullAsk, m.CheckAsk)

_STRANGE: Final = frozenset({"signature", "unknown-device", "replay"})


@asynccontextmanager
async def from_somebody(service: "Service", request: Request) -> AsyncIterator[None]:
    """Whoever can't say who asks is slowed down by the place it comes from, before the database is asked."""
    place = request.client.host if request.client else ""
    wait_s = service.strangers.wait_s(place)
    if wait_s:
        raise Refused("busy", 429, wait_s)
    try:
        yield
    except (Refused, Malformed) as problem:
        if problem.code in _STRANGE or isinstance(problem, Malformed):
            service.strangers.spend(place)
        raise


def mark_of(request: Request, body: bytes) -> tuple[Mark, bytes, bytes]:
    """Who says to have signed a request, the signature, and what it covers. Raises Malformed."""
    mark, signature = read_header(request.headers.get(HEADER, ""))
    return mark, signature, signed_text(request.method, request.url.path, body, mark)


async def signed(
    service: "Service",
    request: Request,
    operation: str,
    decode: Callable[[bytes, str], Message],
    handle: Callable[[Caller, Message], bytes],
) -> Response:
    """Answers a signed request of the exchange, which says in its first line which device speaks and counts."""
    async with from_somebody(service, request), service.intake.body(request.stream(), m.MAX_UNPACKED) as body:
        mark, signature, covered = mark_of(request, body)
        encoding = request.headers.get("Content-Encoding", "")

        def work() -> bytes:
            read: list[Message] = []

            def counter() -> int:
                # Nothing is unpacked for whoever cannot prove who asks.
                read.append(decode(body, encoding))
                if read[0].hello.device != mark.device:
                    raise Malformed
                return read[0].hello.counter

            return handle(_admitted(service, mark, (signature, covered), operation, counter), read[0])

        packed = await run_in_threadpool(work)
    return Response(packed, media_type=PACKED, headers={**HEADERS, "Content-Encoding": codec.CONTENT_ENCODING})


async def signed_plain(
    service: "Service", request: Request, operation: str, handle: Callable[[Caller, bytes], bytes], limit: int = PLAIN_LIMIT
) -> Response:
    """Answers a signed request whose body is plain JSON, if its row in the table of operations lets a device ask for itself."""
    async with from_somebody(service, request), service.intake.body(request.stream(), limit) as body:
        mark, signature, covered = mark_of(request, body)

        def work() -> bytes:
            return handle(_admitted(service, mark, (signature, covered), operation), body)

        answer = await run_in_threadpool(work)
    return Response(answer, media_type="application/json", headers=HEADERS)


def _admitted(
    service: "Service", mark: Mark, proof: tuple[bytes, bytes], operation: str, counter: Callable[[], int] | None = None
) -> Caller:
    """Who asks; `proof` is the signature and what it covers. A device that is to be wiped is told so with the signed order."""
    try:
        return sign_in(service.engine, mark, *proof, service.settings.clock_ms(), counter, operation=operation)
    except Refused as refused:
        if refused.code == "wipe":
            refused.order = order_text(service.engine, service.key, mark.device)
        raise


def refusal(service: "Service", code: str, status: int, *, retry_after_s: int = 0, limit: int = 0, order: str = "") -> Response:
    """The answer to whatever is not done: one word, and a number for the service desk."""
    incident = new_id()[-12:]
    _log.warning("refused", extra={"refused": code, "status": status, "incident": incident})
    body = codec.encode_plain(m.Refusal(code, service.settings.clock_ms(), incident, limit, order))
    headers = {**HEADERS, "Retry-After": str(retry_after_s)} if retry_after_s else HEADERS
    return Response(body, status, headers, "application/json")
