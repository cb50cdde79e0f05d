"""Wrapping the master key under a passphrase and taking it out again."""

import os
from dataclasses import replace

from visitapp.vault.header import Header, PassSlot, bound_bytes
from visitapp.vault.keys import (
    NONCE_BYTES,
    SALT_BYTES,
    WRAPPED_BYTES,
    KdfParams,
    derive,
    unwrap,
    wipe,
    wrap,
    wrapping_key,
)
from visitapp.vault.secrets import DeviceSecret


def unwrapped(header: Header, passphrase: bytearray, device: DeviceSecret) -> bytearray | None:
    """Return the master key, or None when passphrase or device secret are not those it was wrapped under."""
    slot = header.slot
    derived = derive(passphrase, slot.salt, slot.kdf)
    key = wrapping_key(derived, device.secret, header.vault_id, header.owner)
    try:
        return unwrap(key, slot.nonce, slot.wrapped, bound_bytes(header))
    finally:
        wipe(derived)
        wipe(key)


def wrapped_anew(header: Header, passphrase: bytearray, device: DeviceSecret, master: bytearray, params: KdfParams) -> Header:
    """Return the header with its slot wrapped under a passphrase, with a new salt and nonce."""
    slot = PassSlot(header.slot.generation, params, os.urandom(SALT_BYTES), os.urandom(NONCE_BYTES), bytes(WRAPPED_BYTES))
    derived = derive(passphrase, slot.salt, params)
    key = wrapping_key(derived, device.secret, header.vault_id, header.owner)
    try:
        header = replace(header, slot=slot)
        return replace(header, slot=replace(slot, wrapped=wrap(key, slot.nonce, master, bound_bytes(header))))
    finally:
        wipe(derived)
        wipe(key)
