"""The way to the server: one connection, signed requests, compressed messages, and its errors as problems."""

import base64
import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import httpx2

from visitapp.domain.clock import Clock
from visitapp.protocol import codec
from visitapp.protocol.fingerprints import device_digits
from visitapp.protocol.messages import (
    DEFAULT_BUDGET,
    AnchorAsk,
    AnchorKept,
    CheckAnswer,
    CheckAsk,
    Cursor,
    Enrolled,
    EscrowAsk,
    GlassAsk,
    GlassOpened,
    Greeting,
    Hello,
    Holding,
    Kept,
    Op,
    PullAnswer,
    PullAsk,
    Push,
    PushAnswer,
    RekeyAsk,
)
from visitapp.protocol.requests import (
    HEADER,
    Mark,
    anchor_text,
    receipts_text,
    rekey_text,
    request_text,
    write_header,
)
from visitapp.sync.pace import Pace
from visitapp.sync.problems import (
    ClockWrong,
    DeviceWaiting,
    NotTheService,
    ReceiptsNotSigned,
)
from visitapp.sync.refusals import problem_of, refusal_in
from visitapp.sync.wire import PLAIN, Traffic, exchange, opened, read, read_packed

PUSH: Final = "/v1/push"
PULL: Final = "/v1/pull"
CHECK: Final = "/v1/check"
REKEY: Final = "/v1/rekey"
ESCROW: Final = "/v1/escrow"
GLASS: Final = "/v1/glass"
ANCHOR: Final = "/v1/anchor"

_PACKED: Final = "application/x-ndjson"
_PLAINLY: Final = frozenset({REKEY, ESCROW, GLASS, ANCHOR})

Sign = Callable[[bytes], bytes]
Verify = Callable[[bytes, bytes], bool]


@dataclass(frozen=True)
class Identity:
    """How this laptop makes itself known: its device id, the app's version, and the function that signs with the device key.

    `verify` takes signature and message and says whether the server made it; None where the server's key is not known.
    """

    device: str
    app: str
    sign: Sign
    verify: Verify | None = None
    public: bytes = b""
    """The public half of the device key, for the digits by which an administrator knows this laptop."""


@dataclass(frozen=True)
class Former:
    """A device id that this laptop had before, and the key that goes with it."""

    device: str
    sign: Sign


class Client:
    """Talks to one server as one device; used by one thread at a time."""

    def __init__(
        self,
        server: str,
        identity: Identity,
        clock: Clock,
        *,
        transport: httpx2.BaseTransport | None = None,
        authority: bytes = b"",
    ) -> None:
        """`authority` (PEM) is the only one believed; without it the public ones are. Raises NotAnAddress, InsecureAddress."""
        self._http = opened(server, transport, authority)
        self._identity = identity
        self._clock = clock
        self.traffic = Traffic()
        self.sending, self.fetching = Pace(), Pace()
        self.epoch = ""
        self.counter = 0
        self.offset_ms = 0
        self.lease_ms = -1
        """When the lease held was issued; 0 asks for the first one, -1 for none."""
        self.unsent = 0
        """How many changes the server has not taken: supervisors are told."""
        self.lease = ""
        self.escrow_to = ""
        """What the service told beside its answers: a new lease, and the key (base64) it wants this vault's key sealed to."""

    def close(self) -> None:
        """Drop the connection; a request on its way ends with ServiceUnreachable."""
        self._http.close()

    def push(self, ops: Sequence[Op]) -> PushAnswer:
        """Hand in changes. Raises the problems of `sync/problems.py`."""
        raw = codec.encode_push(Push(self._hello(), tuple(ops)))
        answer = read_packed(codec.decode_push_answer, self._send(PUSH, raw))
        self._check_receipts(ops, answer)
        self._learn(answer.greeting)
        return answer

    def pull(
        self, caseload_version: int, cursors: Sequence[Cursor], fingerprint: str = "", budget: int = DEFAULT_BUDGET
    ) -> PullAnswer:
        """Ask for what is new. Raises the problems of `sync/problems.py`."""
        ask = PullAsk(self._hello(), caseload_version, tuple(cursors), fingerprint, budget)
        answer = read_packed(codec.decode_pull_answer, self._send(PULL, codec.encode_pull(ask)))
        self._learn(answer.greeting)
        return answer

    def check(self, scope: str, holdings: Sequence[Holding]) -> CheckAnswer:
        """Have one scope compared record by record. Raises the problems of `sync/problems.py`."""
        raw = codec.encode_check(CheckAsk(self._hello(), scope, tuple(holdings)))
        answer = read_packed(codec.decode_check_answer, self._send(CHECK, raw))
        if answer.scope != scope:
            raise NotTheService
        self._learn(answer.greeting)
        return answer

    def rekey(self, public_key: bytes, sign: Sign, former: Former | None = None) -> Enrolled:
        """Ask for a device id of one's own, signed with the present key or that of a former device id; `sign` is the new key's.

        Raises the problems of `sync/problems.py`. The client goes on as the old device until `become`.
        """
        device = former.device if former else self._identity.device
        proof = sign(rekey_text(device, public_key))
        ask = RekeyAsk(base64.b64encode(public_key).decode(), base64.b64encode(proof).decode())
        answer, _ = self._send(REKEY, codec.encode_plain(ask), former)
        return read(codec.decode_plain, Enrolled, answer)

    def put_in_escrow(self, ask: EscrowAsk) -> None:
        """Have the service keep the key of this vault as it was sealed. Raises the problems of `sync/problems.py`."""
        answer, _ = self._send(ESCROW, codec.encode_plain(ask))
        read(codec.decode_plain, Kept, answer)

    def ask_break_glass(self, family: str, reason: str) -> GlassOpened:
        """Have a family opened for an hour, its restricted part too; whoever watches is told the reason. It comes with a pull.

        Raises NotPermitted, ReasonTooShort and the other problems of `sync/problems.py`.
        """
        answer, _ = self._send(GLASS, codec.encode_plain(GlassAsk(family, reason)))
        return read(codec.decode_plain, GlassOpened, answer)

    def leave_anchor(self, number: int, head: bytes) -> AnchorKept:
        """Leave the head of this laptop's audit, signed; learn of the furthest it ever left. Raises the same problems."""
        proof = self._identity.sign(anchor_text(self._identity.device, number, head))
        ask = AnchorAsk(number, head.hex(), base64.b64encode(proof).decode())
        answer, _ = self._send(ANCHOR, codec.encode_plain(ask))
        return read(codec.decode_plain, AnchorKept, answer)

    def become(self, device: str, sign: Sign) -> None:
        """Speak as another device from now on."""
        self._identity = replace(self._identity, device=device, sign=sign)
        self.counter = 0

    def server_now_ms(self) -> int:
        """The server's time as far as this laptop knows it."""
        return self._now_ms() + self.offset_ms

    def _hello(self) -> Hello:
        self.counter += 1
        hello = Hello(self._identity.app, self._identity.device, self.counter, self.epoch, self._now_ms())
        return replace(hello, lease_ms=self.lease_ms, unsent=self.unsent)

    def _now_ms(self) -> int:
        return int(self._clock.now().timestamp() * 1000)

    def _learn(self, greeting: Greeting) -> None:
        self.epoch = greeting.epoch
        self.offset_ms = greeting.now_ms - self._now_ms()
        self.lease = greeting.lease or self.lease
        self.escrow_to = greeting.escrow_to or self.escrow_to

    def _check_receipts(self, ops: Sequence[Op], answer: PushAnswer) -> None:
        if [op.op for op in ops] != [receipt.op for receipt in answer.receipts]:
            raise NotTheService
        if self._identity.verify is None:
            return
        message = receipts_text(answer.greeting.epoch, self._identity.device, answer.receipts)
        if not self._identity.verify(_from_base64(answer.signature), message):
            raise ReceiptsNotSigned

    def _send(self, path: str, body: bytes, former: Former | None = None) -> tuple[bytes, str]:
        """One signed request; once more with the server's time if only the clock was in the way."""
        status, headers, answer = self._try(path, body, former)
        if status == httpx2.codes.UNAUTHORIZED:
            refusal = refusal_in(answer)
            if refusal is not None and refusal.code == "clock":
                self.offset_ms = refusal.now_ms - self._now_ms()
                status, headers, answer = self._try(path, body, former)
        if status != httpx2.codes.OK:
            problem = problem_of(status, headers, answer)
            if isinstance(problem, ClockWrong):
                problem.off_by_s = abs(self.offset_ms) // 1000
            if isinstance(problem, DeviceWaiting):
                problem.digits = device_digits(self._identity.public)
            raise problem
        if not headers.get("Content-Type", "").startswith(PLAIN if path in _PLAINLY else _PACKED):
            raise NotTheService
        return answer, headers.get("Content-Encoding", "")

    def _try(self, path: str, body: bytes, former: Former | None) -> tuple[int, httpx2.Headers, bytes]:
        # Signed afresh each time: a nonce is never used twice, and an answer may have been lost after the server saw it.
        who = former or self._identity
        mark = Mark(who.device, self.server_now_ms(), secrets.token_urlsafe(16))
        request = self._http.build_request("POST", path, content=body)
        text = request_text("POST", request.url.path, body, mark)
        request.headers[HEADER] = write_header(mark, who.sign(text))
        if path not in _PLAINLY:
            request.headers["Content-Encoding"] = codec.CONTENT_ENCODING
        request.headers["Content-Type"] = PLAIN if path in _PLAINLY else _PACKED
        return exchange(self._http, request, self.traffic)


def _from_base64(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        return b""


def wait_s(retry: int, asked_s: int, random: Callable[[], float]) -> float:
    """How long to wait before the next try: from 5 seconds to 15 minutes, spread so that laptops don't come back together."""
    longest = min(15 * 60.0, 5.0 * float(1 << min(retry, 10)))
    return max(float(asked_s), longest * (0.5 + 0.5 * random()))


def monotonic() -> float:
    """Seconds that no change of the clock can turn back."""
    return time.monotonic()
