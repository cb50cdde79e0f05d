"""What service and laptop owe each other beyond records: leases, orders to wipe and what became of them, keys in escrow."""

import base64
import hashlib
import json
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, get_args

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import Connection, Engine, text

from visitapp.protocol.codec import read_json
from visitapp.protocol.messages import MAX_OPS, Act, EscrowAsk, Op, WipedAsk, is_id, is_scope
from visitapp.protocol.papers import Lease, WipeOrder, WipeReceipt, paper_text, read_paper, sealed_info
from visitapp.protocol.problems import Malformed
from visitapp.protocol.requests import from_base64
from visitapp.server import audit
from visitapp.server.ids import new_id
from visitapp.server.signin import Caller, Refused, ServerKey, caller_of, is_signed_by_key, set_identity

_log: Final = logging.getLogger(__name__)

DAY_MS: Final = 24 * 3600 * 1000
RENEW_AFTER_MS: Final = 6 * 3600 * 1000
_KEY_BYTES: Final = 32
_ESCROW_BYTES: Final = 80
_MOST_EPOCHS: Final = 100
_SUITE: Final = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a greeting adds: a new lease, and the recovery key to which the laptop's key is still to be sealed."""

    lease: str = ""
    escrow_to: str = ""


_POLICY: Final = """
select p.lease_days, p.epoch, p.recovery_key,
  exists (select 1 from escrow e where e.device = :device and e.sealed_to = p.recovery_key) as kept
from custody_policy p where p.id = 1
"""


def wanted(connection: Connection, caller: Caller, lease_ms: int, now_ms: int, key: ServerKey) -> Wanted:
    """A lease where the one held is some hours old, and with it what else the service wants of this laptop."""
    if lease_ms < 0 or (lease_ms and abs(now_ms - lease_ms) < RENEW_AFTER_MS):
        return Wanted()
    policy = connection.execute(text(_POLICY), {"device": caller.device}).one()
    expires_ms = now_ms + policy.lease_days * DAY_MS
    lease = Lease(caller.user, caller.device, (caller.role,), policy.epoch, now_ms, expires_ms)
    to = bytes(policy.recovery_key)
    return Wanted(paper_text(lease, key.signature), base64.b64encode(to).decode() if to and not policy.kept else "")


def keep_escrow(engine: Engine, caller: Caller, ask: EscrowAsk) -> None:
    """Keeps what a laptop put into escrow; a newer epoch takes the place of all before it. Raises Malformed, Refused."""
    to, about, sealed = (from_base64(each) for each in (ask.to, ask.about, ask.sealed))
    if not is_id(ask.vault) or not 1 <= ask.epoch < 2**31 or (len(to), len(about), len(sealed)) != (32, 32, _ESCROW_BYTES):
        raise Malformed
    with engine.begin() as connection:
        set_identity(connection, user=caller.user, team=caller.team, device=caller.device)
        made = connection.execute(
            text("select count(*) as many, coalesce(max(epoch) filter (where vault = :vault), 0) as newest from escrow"),
            {"vault": ask.vault},
        ).one()
        if made.many >= _MOST_EPOCHS:
            raise Refused("busy", 429, 3600)
        if ask.epoch <= made.newest:
            return
        connection.execute(
            text(
                "insert into escrow(device, vault, epoch, user_id, sealed_to, about, sealed)"
                " values (:device, :vault, :epoch, :user, :to, :about, :sealed)"
            ),
            {
                "device": caller.device,
                "vault": ask.vault,
                "epoch": ask.epoch,
                "user": caller.user,
                "to": to,
                "about": about,
                "sealed": sealed,
            },
        )
        note(connection, "escrow-renewed" if made.newest else "escrow-made", caller.user, caller.device)


def note(connection: Connection, what: str, user: str = "", device: str = "", by: Sequence[str] = ()) -> None:
    """Writes a line into the log of custody: names of acts and ids, nothing else."""
    first, second = (*by, "", "")[:2]
    connection.execute(
        text(
            "insert into custody_log(id, what, user_id, device, by_first, by_second)"
            " values (:id, :what, :user, :device, :first, :second)"
        ),
        {"id": new_id(), "what": what, "user": user, "device": device, "first": first, "second": second},
    )
    # The last of those who asked is the one who is asking now.
    audit.note(connection, second or first or user, f"custody {what}", device or user, first if second else "")


def order_text(engine: Engine, key: ServerKey, device: str) -> str:
    """The newest order to wipe a device, signed; "" where an administrator set its state without one."""
    with engine.begin() as connection:
        set_identity(connection, device=device)
        row = connection.execute(text(_ORDER), {"device": device}).first()
    if row is None:
        return ""
    by = tuple(each for each in (row.by_first, row.by_second) if each)
    order = WipeOrder(row.id, device, row.issued_ms, _sealing_key(key), by, now=bool(row.wants_now and row.by_second))
    return paper_text(order, key.signature)


_ORDER: Final = "select * from wipe_order where device = :device order by issued_ms desc, id desc limit 1"


def _private_of(key: ServerKey) -> X25519PrivateKey:
    seed = key.derived(HKDF(SHA256(), _KEY_BYTES, salt=None, info=b"visitapp/unsent/v1"))
    return X25519PrivateKey.from_private_bytes(seed)


def _sealing_key(key: ServerKey) -> str:
    return base64.b64encode(_private_of(key).public_key().public_bytes_raw()).decode()


@dataclass(frozen=True, slots=True)
class Wiped:
    """A receipt that was taken in: whose laptop it was, and the work that came sealed with it."""

    caller: Caller | None
    ops: tuple[Op, ...] = ()


def take_receipt(engine: Engine, key: ServerKey, ask: WipedAsk) -> Wiped:
    """Keeps a laptop's receipt with the work it sealed, once; the laptop's own signature is all that proves it.

    Raises Malformed, and Refused("unknown-device") or ("signature") for one that no device of ours signed for an order of ours.
    """
    receipt, sealed = _unproved(ask.receipt), from_base64(ask.sealed)
    with engine.begin() as connection:
        set_identity(connection, device=receipt.device)
        device = connection.execute(text(_DEVICE), {"device": receipt.device}).first()
        if device is None:
            raise Refused("unknown-device")
        try:
            named = f"ed25519:{bytes(device.public_key).hex()}"
            read_paper("wiped", ask.receipt, lambda signature, message: is_signed_by_key(named, message, signature))
        except Malformed:
            raise Refused("signature") from None
        order = connection.execute(
            text("select receipt from wipe_order where device = :device and id = :id for update"),
            {"device": receipt.device, "id": receipt.order},
        ).first()
        if order is None:
            raise Refused("signature")
        if (hashlib.sha256(sealed).hexdigest() if sealed else "") != receipt.sealed_sha256:
            raise Malformed
        if order.receipt:
            return Wiped(None)
        connection.execute(
            text(
                "update wipe_order set receipt = :receipt, unsent = :unsent, count = :count, sealed = :sealed, received_at = now()"
                " where id = :id"
            ),
            {
                "receipt": ask.receipt,
                "unsent": receipt.unsent[:16],
                "count": min(receipt.count, 2**31 - 1),
                "sealed": sealed,
                "id": receipt.order,
            },
        )
        set_identity(connection, user=device.user_id)
        note(connection, "wiped", device.user_id, receipt.device)
        caller = caller_of(connection, device.user_id, receipt.device)
    return Wiped(caller, tuple(_ops_in(sealed, receipt, key)) if sealed and caller else ())


_DEVICE: Final = "select user_id, public_key from device where id = :device"


def _unproved(text_: str) -> WipeReceipt:
    """What a receipt says before anybody knows who signed it. Raises Malformed."""
    found = read_paper("wiped", text_, lambda signature, message: True)
    if not isinstance(found, WipeReceipt) or not is_id(found.device):
        raise Malformed
    return found


def _ops_in(sealed: bytes, receipt: WipeReceipt, key: ServerKey) -> Iterator[Op]:
    """The changes in sealed work; whatever cannot be read stays sealed where it is kept."""
    try:
        work = _SUITE.decrypt(sealed, _private_of(key), info=sealed_info(receipt.order, receipt.device))
        changes = json.loads(work)["changes"]
    except (InvalidTag, ValueError, KeyError, TypeError, RecursionError):
        _log.error("sealed work cannot be read")
        return
    for change in changes:
        try:
            yield _op(change)
        except (Malformed, ValueError, KeyError, TypeError):
            _log.error("a sealed change cannot be read")


def _op(change: dict[str, Any]) -> Op:
    body = from_base64(change["body"])
    if body:
        read_json(body)
    if not is_scope(change["scope"]) or change["act"] not in get_args(Act):
        raise ValueError("scope")
    names = ("op", "grp", "scope", "kind", "id")
    op, group, scope, kind, id_ = (str(change[name])[:128] for name in names)
    return Op(op, group, scope, kind, id_, int(change["base"]), change["act"], int(change["at_ms"]), 0, body)


def batches(ops: Sequence[Op]) -> Iterator[tuple[Op, ...]]:
    """Ops in batches that a push may hold, groups whole where they fit."""
    batch: list[Op] = []
    for place, op in enumerate(ops):
        if len(batch) >= MAX_OPS or (len(batch) >= MAX_OPS // 2 and op.group != ops[place - 1].group):
            yield tuple(batch)
            batch = []
        batch.append(op)
    if batch:
        yield tuple(batch)
