"""The values that travel between client and server, and the limits they keep."""

import re
from dataclasses import dataclass
from typing import Final, Literal

PROTOCOL: Final = 1
SCHEMA: Final = 1
SUPPORTED: Final = (1, 1)

MAX_UNPACKED: Final = 16 * 1024 * 1024
MAX_BODY: Final = 256 * 1024
MAX_OPS: Final = 500
MAX_SCOPES: Final = 1_000
MAX_DEPTH: Final = 32
DEFAULT_BUDGET: Final = 1024 * 1024

Act = Literal["put", "sign", "del", "move", "assert"]
Outcome = Literal["ok", "same", "merged", "conflict", "gone", "frozen", "denied", "held", "retry"]
Flag = Literal["", "ahead", "resync", "gone"]

ACCEPTED: Final[frozenset[Outcome]] = frozenset({"ok", "same", "merged"})
NEEDS_A_PERSON: Final[frozenset[Outcome]] = frozenset({"conflict", "gone", "frozen", "denied"})

_UUID: Final = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_ID: Final = re.compile(_UUID)
_SCOPE: Final = re.compile(rf"[frut]:{_UUID}|g:")


def is_id(text: str) -> bool:
    """Whether the text is a lower-case dashed UUID."""
    return _ID.fullmatch(text) is not None


def is_scope(text: str) -> bool:
    """Whether the text names a scope: `f:`, `r:`, `u:` or `t:` with an id, or `g:`."""
    return _SCOPE.fullmatch(text) is not None


@dataclass(frozen=True, slots=True)
class Hello:
    """Line 0 of a request: who speaks, in which version, and what it believes about the server.

    `counter` grows with each request of a device, so that a restored or cloned one shows. `epoch` is empty before the
    first answer. `lease_ms` is when the lease that the asker holds was issued: 0 if she holds none, -1 if she keeps none.
    `unsent` is how many changes the server has not taken, as far as the asker knows.
    """

    app: str
    device: str
    counter: int
    epoch: str
    now_ms: int
    schema: int = SCHEMA
    protocol: int = PROTOCOL
    lease_ms: int = -1
    unsent: int = 0


@dataclass(frozen=True, slots=True)
class Greeting:
    """Line 0 of an answer: the server's versions, history and clock, and the version of the asker's caseload.

    Where it is time for one, `lease` is a new lease (`papers`), and `escrow_to` the recovery key (X25519, base64) to which the
    service wants the key of the asker's vault sealed.
    """

    epoch: str
    now_ms: int
    caseload_version: int
    minimum: str = "0.1.0"
    latest: str = "0.1.0"
    protocols: tuple[int, int] = SUPPORTED
    lease: str = ""
    escrow_to: str = ""


@dataclass(frozen=True, slots=True)
class Op:
    """One change to one record, frozen once sent.

    `base` is the revision it was made on (0 for a new record; for `assert` the revision it had), `at_ms` the device's
    time and `offset_ms` what has to be added to it to get the server's. `group` is empty, or shared by ops that land
    together or not at all. A `move` comes as two of one group: one without a body takes the record from its old scope, one with
    its body puts it into the new one.
    """

    op: str
    group: str
    scope: str
    kind: str
    id: str
    base: int
    act: Act
    at_ms: int
    offset_ms: int
    body: bytes
    schema: int = SCHEMA


@dataclass(frozen=True, slots=True)
class Rec:
    """One record as the server holds it. `hash_start` is the first 8 bytes of SHA-256(body) in hexadecimal."""

    id: str
    kind: str
    rev: int
    hash_start: str
    deleted: bool
    author: str
    received_ms: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of one op. `record` is the server's version, sent with merged, conflict, frozen and gone."""

    op: str
    outcome: Outcome
    rev: int
    seq: int
    code: str = ""
    record: Rec | None = None


@dataclass(frozen=True, slots=True)
class Head:
    """A scope before and after a push: a client whose cursor equals `before` may take `after` without a pull."""

    scope: str
    before: int
    after: int
    count: int
    digest: int


@dataclass(frozen=True, slots=True)
class Push:
    """A batch of ops, in the order in which they were made."""

    hello: Hello
    ops: tuple[Op, ...]


@dataclass(frozen=True, slots=True)
class PushAnswer:
    """Receipts in the order of the ops, and the server's signature (base64) over `requests.receipts_text`."""

    greeting: Greeting
    receipts: tuple[Receipt, ...]
    heads: tuple[Head, ...]
    signature: str


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far the asker has come in one scope, and the digest it added up itself."""

    scope: str
    seq: int
    digest: int


@dataclass(frozen=True, slots=True)
class PullAsk:
    """What the asker wants: its cursors in the order wanted, or only their fingerprint to learn whether anything is
    new.

    `budget` is the number of body bytes after which the server may stop.
    """

    hello: Hello
    caseload_version: int
    cursors: tuple[Cursor, ...]
    fingerprint: str = ""
    budget: int = DEFAULT_BUDGET


@dataclass(frozen=True, slots=True)
class CaseloadEntry:
    """One scope the asker may read. Roles: own, nurse, review, restricted, team, all."""

    scope: str
    role: str


@dataclass(frozen=True, slots=True)
class Feed:
    """The records of one scope after a cursor, up to `last`; the asker is level with the server when `last == head`."""

    scope: str
    first: int
    last: int
    head: int
    count: int
    digest: int
    flag: Flag
    records: tuple[Rec, ...] = ()


@dataclass(frozen=True, slots=True)
class PullAnswer:
    """The caseload when it changed (otherwise None), what is new per scope, and whether to ask again.

    `differs` answers an ask that had only a fingerprint: True means ask again with cursors.
    """

    greeting: Greeting
    caseload: tuple[CaseloadEntry, ...] | None
    feeds: tuple[Feed, ...]
    more: bool
    differs: bool = False


@dataclass(frozen=True, slots=True)
class Holding:
    """One synced record in a repair manifest."""

    id: str
    rev: int
    hash_start: str


@dataclass(frozen=True, slots=True)
class CheckAsk:
    """Everything the asker holds of one scope."""

    hello: Hello
    scope: str
    holdings: tuple[Holding, ...]


@dataclass(frozen=True, slots=True)
class CheckAnswer:
    """How to become level with the server: records to put, ids to delete, ids the server lost and wants back as
    `assert`."""

    greeting: Greeting
    scope: str
    head: int
    count: int
    digest: int
    flag: Flag
    put: tuple[Rec, ...]
    delete: tuple[str, ...]
    want: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EnrolAsk:
    """A one-use code against a device: its public key and a signature over `requests.enrolment_text`, both base64."""

    code: str
    public_key: str
    signature: str
    app: str = ""


@dataclass(frozen=True, slots=True)
class RekeyAsk:
    """A new key for a laptop whose device id is in use twice: its public half and its signature over `requests.rekey_text`, base64.

    The request itself is signed with the old key.
    """

    public_key: str
    signature: str


@dataclass(frozen=True, slots=True)
class Enrolled:
    """What a device has to know after enrolment or rekeying. `server_key` is the public key that signs receipts, base64."""

    user: str
    name: str
    role: str
    job_title: str
    team: str
    team_name: str
    device: str
    server_key: str
    epoch: str
    practice: bool
    now_ms: int


@dataclass(frozen=True, slots=True)
class Refusal:
    """The body of an answer that is not 200: one of the codes below, the server's clock, and a number for the service
    desk.

    Codes: malformed, too-large, too-many, version, clock, signature, replay, unknown-device, blocked, wipe, code,
    rekey, busy, failed, forbidden, reason. With "wipe" comes the order to wipe (`papers`) in `order`.
    """

    code: str
    now_ms: int
    incident: str = ""
    limit: int = 0
    order: str = ""


@dataclass(frozen=True, slots=True)
class EscrowAsk:
    """The key of a vault as it lies in escrow, all bytes base64: sealed to the recovery key `to`, for the person `about` codes."""

    vault: str
    epoch: int
    to: str
    about: str
    sealed: str


@dataclass(frozen=True, slots=True)
class WipedAsk:
    """A laptop's receipt for a wipe (`papers`), signed with a key that is gone, and its unsent work, sealed; base64."""

    receipt: str
    sealed: str = ""


@dataclass(frozen=True, slots=True)
class Kept:
    """The service has what it was given; `changes` of sealed work were handed in."""

    changes: int = 0


@dataclass(frozen=True, slots=True)
class GlassAsk:
    """A family that somebody has to see although it is not hers, and why: 10 to 500 letters, read by those who watch."""

    family: str
    reason: str


@dataclass(frozen=True, slots=True)
class GlassOpened:
    """A family and its restricted part are the asker's to read until then; they come with the next pull. `id` is for questions."""

    id: str
    family: str
    until_ms: int


@dataclass(frozen=True, slots=True)
class AnchorAsk:
    """The head of a laptop's audit: the number of its newest entry, its hash (hex), and the laptop's signature (base64) over
    `requests.anchor_text`."""

    n: int
    head: str
    signature: str


@dataclass(frozen=True, slots=True)
class AnchorKept:
    """The furthest head that this laptop ever left with the service."""

    n: int
    head: str
