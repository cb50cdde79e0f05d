"""Carrying out the service's order to take a record off this laptop: unsent work is sent or sealed first, then everything goes."""

import base64
import binascii
import hashlib
import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from visitapp.actions.leases import held_lease
from visitapp.domain.problems import Problem
from visitapp.protocol.papers import WipeOrder, WipeReceipt, paper_text
from visitapp.store.leaving import unsent_count, unsent_work
from visitapp.store.record import Record
from visitapp.sync.enrolment import hand_in_receipt
from visitapp.vault.device import DeviceKey
from visitapp.vault.problems import WipeRefused
from visitapp.vault.secrets import SecretStore
from visitapp.vault.wiping import SEALED_FILE, Journal, Step, checked_order, finish, forget, seal_unsent, under_way


def order_wipe(record: Record, folder: Path, vault_id: str, text: str) -> WipeOrder:
    """Take in an order and begin to carry it out; from here on it is finished at the next chance, whatever happens.

    Taking in the order that is under way changes nothing. Raises WipeRefused.
    """
    with record.reading() as r:
        known = frozenset(json.loads(r.meta("wipe_orders", "[]")))
        service_key, device, lease = base64.b64decode(r.meta("service_key")), r.meta("device"), held_lease(r)
        service, authority = r.meta("service"), r.meta("service_authority")
    journal = Journal.read(folder)
    if journal is not None and (journal.order == text or journal.step is not Step.ORDERED):
        text = journal.order
        return checked_order(text, service_key, device=device, known=frozenset())
    order = checked_order(text, service_key, device=device, lease=lease, known=known)
    Journal(text, vault_id, service=service, authority=authority).write(folder)
    if record.rolled_back is None:
        with record.writing() as w:
            w.meta_set("wipe_orders", json.dumps(sorted(known | {order.id})))
            w.audit("wipe_ordered", order=order.id, now=int(order.now))
    return order


def settle_wipe(record: Record, folder: Path, *, send: Callable[[], None] = lambda: None) -> None:
    """Save the work that the service does not have, and sign the receipt; the record is closed and `vault.wiping.finish` run next.

    `send` runs an exchange; whatever it leaves unsent is sealed to the service's key. An order that says "now" leaves it behind.
    Raises WipeRefused when no order is under way or its key cannot be sealed to.
    """
    journal = Journal.read(folder)
    if journal is None:
        raise WipeRefused(reason="unsettled")
    if journal.step is not Step.ORDERED:
        return
    with record.reading() as r:
        service_key, device = base64.b64decode(r.meta("service_key")), r.meta("device")
        key = DeviceKey.from_bytes(base64.b64decode(r.meta("device_key")))
        before = unsent_count(r)
    order = checked_order(journal.order, service_key, device=device, known=frozenset())
    if before and not order.now and record.rolled_back is None:
        with suppress(Problem):
            send()
    with record.reading() as r:
        left = unsent_count(r)
        work = unsent_work(r) if left and not order.now else b""
    sealed = _sealed(folder, work, order) if work else b""
    receipt = WipeReceipt(
        order=order.id,
        device=device,
        unsent=_fate(before, left, is_sealed=bool(sealed)),
        count=left or before,
        sealed_sha256=hashlib.sha256(sealed).hexdigest() if sealed else "",
        at_ms=round(record.clock.now().timestamp() * 1000),
    )
    replace(journal, step=Step.SETTLED, receipt=paper_text(receipt, key.sign)).write(folder)


@dataclass(frozen=True)
class Wiped:
    """What became of the wipes that were under way: how many records went, and how many receipts are still here."""

    gone: int = 0
    waiting: int = 0


def finish_wipes(folders: Sequence[Path], secret_store: SecretStore) -> Wiped:
    """Carry out what is left of every settled wipe and give its receipt, with the work that was sealed, to the service.

    Needs no key and no passphrase; done at every start. A receipt that cannot be given now stays for the next start. Raises the
    keyring's problems.
    """
    gone = waiting = 0
    for folder in folders:
        if under_way(folder) in (None, Step.ORDERED):
            continue
        receipt = finish(folder, secret_store)
        gone += 1
        journal, sealed = Journal.read(folder), folder / SEALED_FILE
        try:
            if journal is not None and journal.service:
                work = sealed.read_bytes() if sealed.exists() else b""
                hand_in_receipt(journal.service, receipt, work, authority=journal.authority.encode())
            forget(folder)
        except (Problem, OSError):
            waiting += 1
    return Wiped(gone, waiting)


def _sealed(folder: Path, work: bytes, order: WipeOrder) -> bytes:
    try:
        return seal_unsent(folder, work, base64.b64decode(order.seal_to, validate=True), order.id, order.device)
    except (ValueError, binascii.Error):
        raise WipeRefused(reason="no-key") from None


def _fate(before: int, left: int, *, is_sealed: bool) -> str:
    if not before:
        return "none"
    if not left:
        return "sent"
    return "sealed" if is_sealed else "left"
