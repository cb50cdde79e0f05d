"""Papers that are signed now and shown later: the service's lease to work offline and order to wipe, a laptop's receipt."""

import base64
import binascii
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Final, Literal

from visitapp.protocol.problems import Malformed

LARGEST_CHARS: Final = 16 * 1024
_LATEST_MS: Final = 253_402_300_799_000


@dataclass(frozen=True, slots=True)
class Lease:
    """Leave for one person to work on one device without the service until `expires_ms` (since 1970).

    `epoch` is that of the access policy it was given under; a later one ends it.
    """

    user: str
    device: str
    roles: tuple[str, ...]
    epoch: int
    issued_ms: int
    expires_ms: int


@dataclass(frozen=True, slots=True)
class WipeOrder:
    """An order to take a record off one device.

    `id` is used once. `seal_to` is the service's public key (X25519, base64) for work that cannot be sent. `now` leaves unsent work
    behind, and needs two different administrators in `by`.
    """

    id: str
    device: str
    issued_ms: int
    seal_to: str
    by: tuple[str, ...]
    now: bool = False


@dataclass(frozen=True, slots=True)
class WipeReceipt:
    """A laptop's word that it carried out an order, signed by the device's key before that was destroyed.

    `unsent` says what became of work that the service did not have: "none", "sent", "sealed" (the SHA-256 of the file, hex, is in
    `sealed_sha256`) or "left"; `count` is how many changes that were.
    """

    order: str
    device: str
    unsent: str
    count: int
    sealed_sha256: str
    at_ms: int


Paper = Lease | WipeOrder | WipeReceipt
_KINDS: Final[Mapping[str, type[Lease] | type[WipeOrder] | type[WipeReceipt]]] = {
    "lease": Lease,
    "wipe": WipeOrder,
    "wiped": WipeReceipt,
}
PaperKind = Literal["lease", "wipe", "wiped"]


def paper_text(paper: Paper, sign: Callable[[bytes], bytes]) -> str:
    """Write a paper with the Ed25519 signature of whoever gives it: content, a full stop, signature; both base64url."""
    kind = next(name for name, each in _KINDS.items() if isinstance(paper, each))
    content = _canonical(asdict(paper))
    return f"{_line(content)}.{_line(sign(_signed(kind, content)))}"


def read_paper(kind: PaperKind, text: str, verify: Callable[[bytes, bytes], bool]) -> Paper:
    """Take up a paper of a kind; `verify(signature, message)` says whether the right one signed it. Raises
    Malformed.

    The kind is part of what is signed, so that no paper passes for another.
    """
    try:
        if len(text) > LARGEST_CHARS:
            raise ValueError("size")
        content, signature = (_unlined(part) for part in text.split("."))
        if not verify(signature, _signed(kind, content)):
            raise ValueError("signature")
        value = json.loads(content)
        if not isinstance(value, dict) or _canonical(value) != content:
            raise ValueError("form")
        return _KINDS[kind](**_checked(kind, value))
    except (ValueError, TypeError, RecursionError, binascii.Error):
        raise Malformed(kind=kind) from None


def sealed_info(order: str, device: str) -> bytes:
    """What unsent work that is sealed to the service is bound to."""
    return _canonical({"device": device, "order": order, "purpose": "visitapp/unsent/v1"})


def escrow_in(request: str) -> tuple[str, int, bytes] | None:
    """The vault, the epoch and what is in escrow as a laptop's request to be recovered shows them; None for any other text."""
    mark, _, line = "".join(request.split()).partition(".")
    try:
        value = json.loads(_unlined(line)) if mark == "VR1" and len(line) <= LARGEST_CHARS else {}
        return str(value["vault"]), int(value["epoch"]), _unlined(value["sealed"])
    except (ValueError, KeyError, TypeError, RecursionError, binascii.Error):
        return None


def _checked(kind: str, value: dict[str, Any]) -> dict[str, Any]:
    expected = {field.name: field.type for field in fields(_KINDS[kind])}
    if value.keys() != expected.keys():
        raise ValueError("fields")
    for name, kind_of in expected.items():
        found = value[name]
        if kind_of == tuple[str, ...]:
            if not isinstance(found, list) or not all(isinstance(item, str) for item in found):
                raise ValueError(name)
            value[name] = tuple(found)
        elif type(found) is not kind_of or (kind_of is int and not 0 <= found <= _LATEST_MS):
            raise ValueError(name)
    return value


def _canonical(value: Mapping[str, Any]) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def _signed(kind: str, content: bytes) -> bytes:
    return f"visitapp-paper-1\n{kind}\n".encode() + content


def _line(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode("ascii").rstrip("=")


def _unlined(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
