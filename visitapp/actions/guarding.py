"""What a record owes its service beside notes, taken care of after each exchange: lease, key in escrow, an order to wipe."""

import base64
import binascii

from visitapp.actions.glass import close_what_is_over
from visitapp.actions.leases import held_lease, lease_standing, take_lease
from visitapp.actions.wiping import order_wipe
from visitapp.domain.bodies import load
from visitapp.protocol.messages import EscrowAsk
from visitapp.store.record import Record
from visitapp.sync.client import Client
from visitapp.vault.escrow import about
from visitapp.vault.header import EscrowSlot
from visitapp.vault.lease import Leave
from visitapp.vault.vault import OpenVault


class Guard:
    """Keeps one record's lease, escrow and wipe in order with its service; called on the sync loop's thread."""

    def __init__(self, record: Record, vault: OpenVault) -> None:
        self._record = record
        self._vault = vault

    def before(self, client: Client) -> None:
        """Say to the client which lease is held; one that is nearly over, by whatever clock, is as good as none.

        What was opened for an hour that is over is taken off first, whether or not there is a network.
        """
        close_what_is_over(self._record, self._record.clock.now())
        with self._record.reading() as r:
            held = held_lease(r)
        is_good = held is not None and lease_standing(self._record).leave is Leave.FREE
        client.lease_ms = held.issued_ms if held is not None and is_good else 0

    def after(self, client: Client) -> None:
        """Take in a new lease, and put the vault's key into escrow where the service wants it or a newer one is here.

        Raises LeaseRefused and the problems of `sync/problems.py`.
        """
        lease, client.lease = client.lease, ""
        if lease:
            take_lease(self._record, lease)
        self._put_in_escrow(client)

    def ordered(self, order: str) -> None:
        """Take in an order to wipe. Raises WipeRefused."""
        order_wipe(self._record, self._vault.folder, self._vault.vault_id, order)

    def _put_in_escrow(self, client: Client) -> None:
        with self._record.reading() as r:
            sent, user, device = r.meta("escrow_sent"), str(load(r.meta("profile").encode())["user"]), r.meta("device")
            service = r.meta("service_key")
        slot, wanted = self._vault.escrow, _key(client.escrow_to)
        if wanted and (slot is None or slot.to != wanted):
            slot = self._vault.put_in_escrow(wanted, about(service, user))
        if slot is None or (not wanted and sent == _name(slot, device)):
            return
        client.put_in_escrow(
            EscrowAsk(
                self._vault.vault_id, slot.epoch, *(base64.b64encode(raw).decode() for raw in (slot.to, slot.about, slot.sealed))
            )
        )
        client.escrow_to = ""
        with self._record.writing() as w:
            w.meta_set("escrow_sent", _name(slot, device))
            w.audit("escrow_kept", epoch=slot.epoch)


def _name(slot: EscrowSlot, device: str) -> str:
    return f"{device} {slot.epoch}"


def _key(told: str) -> bytes:
    """A public key as the service told it, or nothing where it is none."""
    try:
        raw = base64.b64decode(told, validate=True)
    except (binascii.Error, ValueError):
        return b""
    return raw if len(raw) == 32 else b""
