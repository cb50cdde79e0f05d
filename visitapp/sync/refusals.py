"""What an answer that is not 200 means: the service's refusals, and what stands in its place, as problems."""

from typing import Final

import httpx2

from visitapp.domain.problems import Problem
from visitapp.protocol import codec
from visitapp.protocol.messages import Refusal
from visitapp.protocol.problems import ProtocolProblem
from visitapp.sync.problems import (
    ClockWrong,
    CodeNotAccepted,
    DeviceBlocked,
    DeviceDoubled,
    DeviceUnknown,
    DeviceWaiting,
    NotPermitted,
    NotTheService,
    ReasonTooShort,
    RequestRefused,
    ServiceFailed,
    ServiceUnreachable,
    TooManyTries,
    UpdateNeeded,
    WipeOrdered,
)

_BY_CODE: Final[dict[str, type[Problem]]] = {
    "unknown-device": DeviceUnknown,
    "signature": DeviceUnknown,
    "blocked": DeviceBlocked,
    "pending": DeviceWaiting,
    "rekey": DeviceDoubled,
    "version": UpdateNeeded,
    "clock": ClockWrong,
    "code": CodeNotAccepted,
    "forbidden": NotPermitted,
    "reason": ReasonTooShort,
}
_BUSY: Final = frozenset({408, 429, 502, 503, 504})


def problem_of(status: int, headers: httpx2.Headers, body: bytes, *, enrolling: bool = False) -> Problem:
    """The problem behind an answer that is not 200; while enrolling, what a wrong code looks like is one."""
    refusal = refusal_in(body)
    if refusal is None and status not in _BUSY:
        return NotTheService()
    code = refusal.code if refusal else ""
    if status in _BUSY:
        wait = headers.get("Retry-After", "")
        retry_after_s = min(int(wait), 3600) if wait.isdecimal() else 0
        return TooManyTries(retry_after_s) if enrolling and status == 429 else ServiceUnreachable(retry_after_s)
    if enrolling and code in ("signature", "malformed"):
        return CodeNotAccepted()
    if refusal is not None and code == "wipe":
        return WipeOrdered(refusal.order)
    if code in _BY_CODE:
        return _BY_CODE[code]()
    incident = refusal.incident if refusal else ""
    return ServiceFailed(incident) if status >= 500 else RequestRefused(code, incident)


def refusal_in(body: bytes) -> Refusal | None:
    """What the service says in a refusal; None where something else answered."""
    try:
        return codec.decode_plain(Refusal, body)
    except ProtocolProblem:
        return None
