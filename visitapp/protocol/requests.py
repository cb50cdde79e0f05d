"""The texts that signatures cover: a device's over its requests and its enrolment, the server's over its receipts."""

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from visitapp.protocol.messages import Receipt
from visitapp.protocol.problems import Malformed

HEADER: Final = "Authorization"
SCHEME: Final = "Visitapp"
CLOCK_WINDOW_MS: Final = 5 * 60 * 1000

_FIELDS: Final = re.compile(
    r"Visitapp d=(?P<device>[0-9a-f-]{36}),t=(?P<at>\d{1,15}),n=(?P<nonce>[A-Za-z0-9_-]{16,64}),"
    r"s=(?P<signature>[A-Za-z0-9+/=]{88})(?:,k=(?P<token>[A-Za-z0-9_-]{1,128}))?"
)


@dataclass(frozen=True, slots=True)
class Mark:
    """Who signs a request and when. `nonce` is 16 to 64 letters of base64url, never used twice; `token` may be
    empty."""

    device: str
    at_ms: int
    nonce: str
    token: str = ""


def request_text(method: str, path: str, body: bytes, mark: Mark) -> bytes:
    """What the device signs: method, path and the hash of the body exactly as it travels, with time, nonce, device
    and token."""
    parts = (
        "visitapp-request-1",
        method.upper(),
        path,
        hashlib.sha256(body).hexdigest(),
        str(mark.at_ms),
        mark.nonce,
        mark.device,
        mark.token,
    )
    return "\n".join(parts).encode()


def write_header(mark: Mark, signature: bytes) -> str:
    """The value of the `Authorization` header."""
    text = f"{SCHEME} d={mark.device},t={mark.at_ms},n={mark.nonce},s={base64.b64encode(signature).decode()}"
    return f"{text},k={mark.token}" if mark.token else text


def read_header(value: str) -> tuple[Mark, bytes]:
    """The mark and the signature in an `Authorization` header. Raises Malformed."""
    found = _FIELDS.fullmatch(value)
    if found is None:
        raise Malformed
    mark = Mark(found["device"], int(found["at"]), found["nonce"], found["token"] or "")
    return mark, from_base64(found["signature"])


def from_base64(text: str) -> bytes:
    """Bytes from standard base64. Raises Malformed."""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise Malformed from None


def enrolment_text(code: str, public_key: bytes) -> bytes:
    """What a device signs at enrolment, to prove that it holds the private half of its key."""
    return b"visitapp-enrol-1\n" + code.encode() + b"\n" + base64.b64encode(public_key)


def rekey_text(device: str, public_key: bytes) -> bytes:
    """What the new key of a rekeyed laptop signs, to prove that it is whole and meant to follow this device id."""
    return b"visitapp-rekey-1\n" + device.encode() + b"\n" + base64.b64encode(public_key)


def anchor_text(device: str, number: int, head: bytes) -> bytes:
    """What a device signs of its own audit: how many entries there are and the hash of the newest."""
    return f"visitapp-anchor-1\n{device}\n{number}\n{head.hex()}".encode()


def receipts_text(epoch: str, device: str, receipts: Iterable[Receipt]) -> bytes:
    """What the server signs: every receipt of a push in order, bound to the device and the server's epoch."""
    lines = [f"visitapp-receipts-1|{epoch}|{device}"]
    lines += [f"{r.op}|{r.outcome}|{r.rev}|{r.seq}|{r.code}" for r in receipts]
    return "\n".join(lines).encode()
