"""The second way to a master key: sealed to the organisation's recovery key, which lies in halves with administrators."""

import hashlib

from visitapp.vault.header import EscrowSlot, canonical, text_of
from visitapp.vault.sealing import sealed_to, unsealed


def about(*parts: str) -> bytes:
    """Return the 32 bytes that name organisation, user and device without telling who they are."""
    return hashlib.sha256(canonical({"parts": list(parts)})).digest()


def escrowed(master: bytearray, vault_id: str, to: bytes, whose: bytes, epoch: int) -> EscrowSlot:
    """Seal a master key to a recovery key. Raises ValueError for bytes that are no public key."""
    return EscrowSlot(to, epoch, whose, sealed_to(to, master, _info(vault_id, to, whose, epoch)))


def opened(slot: EscrowSlot, vault_id: str, private: bytearray) -> bytearray | None:
    """Return the master key, or None where key, vault, person or epoch are not those it was sealed for."""
    return unsealed(private, slot.sealed, _info(vault_id, slot.to, slot.about, slot.epoch))


def _info(vault_id: str, to: bytes, whose: bytes, epoch: int) -> bytes:
    return canonical({"about": whose.hex(), "epoch": epoch, "purpose": "visitapp/escrow/v1", "to": text_of(to), "vault": vault_id})
