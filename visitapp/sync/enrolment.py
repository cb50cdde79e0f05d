"""What a laptop says before it has a name at the service, and after it has lost it: enrolment, and the receipt of a wipe."""

import base64
from collections.abc import Callable
from typing import Final

import httpx2

from visitapp.protocol import codec
from visitapp.protocol.messages import EnrolAsk, Enrolled, Kept, WipedAsk
from visitapp.protocol.requests import enrolment_text
from visitapp.sync.problems import ServiceUnreachable
from visitapp.sync.refusals import problem_of
from visitapp.sync.wire import PLAIN, Traffic, exchange, opened, read

ENROL: Final = "/v1/enrol"
WIPED: Final = "/v1/wiped"
_ENROL_TRIES: Final = 3

Sign = Callable[[bytes], bytes]


def enrol(
    server: str,
    code: str,
    public_key: bytes,
    sign: Sign,
    *,
    app: str,
    transport: httpx2.BaseTransport | None = None,
    authority: bytes = b"",
) -> Enrolled:
    """Spend a one-use code on this laptop's key. `sign` is the device key's signature.

    Where the answer is lost it is asked for again: the same code and key get the same device.

    Raises NotAnAddress, InsecureAddress, CodeNotAccepted, TooManyTries, ServiceUnreachable, NotTheService, ServiceFailed,
    RequestRefused.
    """
    signature = sign(enrolment_text(code, public_key))
    ask = EnrolAsk(code, base64.b64encode(public_key).decode(), base64.b64encode(signature).decode(), app)
    told = codec.encode_plain(ask)
    for tries_left in reversed(range(_ENROL_TRIES)):
        try:
            status, headers, body = _unsigned(server, ENROL, told, transport, authority)
            break
        except ServiceUnreachable as lost:
            if not (tries_left and lost.may_have_arrived):
                raise
    if status != httpx2.codes.OK:
        raise problem_of(status, headers, body, enrolling=True)
    return read(codec.decode_plain, Enrolled, body)


def hand_in_receipt(
    server: str, receipt: str, sealed: bytes, *, transport: httpx2.BaseTransport | None = None, authority: bytes = b""
) -> None:
    """Give the service the receipt of a wipe, which is signed itself, and the work that was sealed.

    Raises the problems of `sync/problems.py`; nothing but a return means that the service has them.
    """
    ask = WipedAsk(receipt, base64.b64encode(sealed).decode())
    status, headers, body = _unsigned(server, WIPED, codec.encode_plain(ask), transport, authority)
    if status != httpx2.codes.OK:
        raise problem_of(status, headers, body)
    read(codec.decode_plain, Kept, body)


def _unsigned(
    server: str, path: str, body: bytes, transport: httpx2.BaseTransport | None, authority: bytes
) -> tuple[int, httpx2.Headers, bytes]:
    with opened(server, transport, authority) as http:
        request = http.build_request("POST", path, content=body, headers={"Content-Type": PLAIN})
        return exchange(http, request, Traffic())
