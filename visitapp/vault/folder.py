"""The files in a vault's folder: reading, checking and writing the header and its spare."""

import uuid
from dataclasses import replace
from pathlib import Path

from visitapp.domain.problems import Problem
from visitapp.vault.attempts import Attempts
from visitapp.vault.header import (
    HEADER_FILE,
    SPARE_FILE,
    Header,
    PassSlot,
    parsed,
    seal_holds,
    seal_key,
    with_mac,
    with_seal,
    write_durably,
    written,
)
from visitapp.vault.keys import NONCE_BYTES, WRAPPED_BYTES
from visitapp.vault.problems import DeviceSecretMissing, VaultDamaged, VaultMissing
from visitapp.vault.secrets import DeviceSecret, SecretStore


def has_vault(folder: Path) -> bool:
    """Say whether a folder holds a vault, be it damaged."""
    return (folder / HEADER_FILE).exists() or has_spare(folder)


def id_of_folder(folder: Path) -> str | None:
    """Return the id in a folder's name, or None when its name is no id; a vault takes the id of its folder."""
    try:
        return str(uuid.UUID(folder.name)) if len(folder.name) == 36 else None
    except ValueError:
        return None


def read_header(folder: Path, name: str = HEADER_FILE) -> Header:
    """Read a header and check its form. Raises VaultMissing, VaultDamaged, VaultTooNew."""
    try:
        raw = (folder / name).read_bytes()
    except FileNotFoundError:
        if has_vault(folder):
            raise VaultDamaged(reason="missing", has_spare=name == HEADER_FILE) from None
        raise VaultMissing from None
    except OSError:
        raise VaultDamaged(reason="unreadable", has_spare=has_spare(folder)) from None
    try:
        header = parsed(raw)
    except VaultDamaged as damage:
        damage.has_spare = name == HEADER_FILE and has_spare(folder)
        raise
    if id_of_folder(folder) not in (None, header.vault_id):
        raise VaultDamaged(reason="another-vault", has_spare=name == HEADER_FILE and has_spare(folder))
    return header


def checked_header(folder: Path, secret_store: SecretStore, name: str = HEADER_FILE) -> tuple[Header, DeviceSecret]:
    """Read a header, check its seal and that it is none from before, and return it with what the store holds for it.

    Raises DeviceSecretMissing, the keyring's problems and those of `read_header`.
    """
    header = read_header(folder, name)
    kept = secret_store.get(header.vault_id)
    if kept is None:
        raise DeviceSecretMissing
    device = DeviceSecret.read(kept)
    spare = name == HEADER_FILE and has_spare(folder)
    if not seal_holds(header, seal_key(device.secret, header.vault_id)):
        raise VaultDamaged(reason="seal", has_spare=spare)
    if header.slot.generation < device.generation:
        raise VaultDamaged(reason="replayed", has_spare=spare)
    return header, device


def write_header(folder: Path, header: Header, device: DeviceSecret, key: bytes) -> Header:
    """Write a header with fresh codes and return it as written; `key` is that of the mac."""
    header = with_seal(with_mac(header, key), seal_key(device.secret, header.vault_id))
    write_durably(folder / HEADER_FILE, written(header))
    return header


def write_attempts(folder: Path, header: Header, device: DeviceSecret, attempts: Attempts) -> None:
    """Write the count of wrong passphrases, which needs no master key."""
    header = with_seal(replace(header, attempts=attempts), seal_key(device.secret, header.vault_id))
    write_durably(folder / HEADER_FILE, written(header))


def empty_slot(folder: Path, header: Header, device: DeviceSecret, attempts: Attempts, secret_store: SecretStore) -> None:
    """Take the wrapped key out of the header after too many wrong passphrases; what is in escrow stays.

    The header is written first: killed in between, the next try finds the slot empty and does the rest.
    """
    slot = header.slot
    if not slot.is_empty:
        slot = PassSlot(slot.generation + 1, slot.kdf, slot.salt, bytes(NONCE_BYTES), bytes(WRAPPED_BYTES))
        header = replace(header, slot=slot, attempts=attempts)
        write_durably(folder / HEADER_FILE, written(with_seal(header, seal_key(device.secret, header.vault_id))))
    (folder / SPARE_FILE).unlink(missing_ok=True)
    if device.generation != slot.generation or device.attempts != attempts:
        secret_store.set(header.vault_id, replace(device, generation=slot.generation, attempts=attempts).written())


def remove_header(folder: Path) -> None:
    """Remove a header that was only just begun."""
    for name in (HEADER_FILE, f"{HEADER_FILE}.new"):
        (folder / name).unlink(missing_ok=True)


def has_spare(folder: Path) -> bool:
    """Say whether there is a spare copy of the header."""
    return (folder / SPARE_FILE).exists()


def copy_to_spare(folder: Path) -> None:
    """Make the header of now the spare."""
    write_durably(folder / SPARE_FILE, (folder / HEADER_FILE).read_bytes())


def spare_is_good(folder: Path, header: Header) -> bool:
    """Say whether the spare would open the vault as this header does."""
    try:
        spare = read_header(folder, SPARE_FILE)
        return (spare.slot, spare.escrow) == (header.slot, header.escrow)
    except Problem:
        return False
