"""The header file `vault.json`: what it holds, how every bit of it is checked, and how it is written to last."""

import json
import os
import uuid
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from visitapp.vault import attempts as attempts_
from visitapp.vault.attempts import NO_ATTEMPTS, Attempts
from visitapp.vault.keys import KEY_BYTES, NONCE_BYTES, SALT_BYTES, WRAPPED_BYTES, KdfParams, code, expand, same
from visitapp.vault.problems import VaultDamaged, VaultTooNew

HEADER_FILE = "vault.json"
SPARE_FILE = "vault.spare.json"
FORMAT = "visitapp-vault"
VERSION = 1
LARGEST_BYTES = 64 * 1024
CODE_BYTES = 32
OWNER_HEX = 32
ESCROW_BYTES = 32 + KEY_BYTES + 16
MOST_EPOCHS = 1_000_000


@dataclass(frozen=True)
class PassSlot:
    """The master key, wrapped by a key that needs the passphrase and the device secret."""

    generation: int
    kdf: KdfParams
    salt: bytes
    nonce: bytes
    wrapped: bytes

    @property
    def is_empty(self) -> bool:
        """Whether the wrapped key was taken out, so that no passphrase opens it any more."""
        return not any(self.wrapped)


@dataclass(frozen=True)
class EscrowSlot:
    """The master key, sealed to the organisation's recovery key (`to`) for one person and device (`about`)."""

    to: bytes
    epoch: int
    about: bytes
    sealed: bytes


@dataclass(frozen=True)
class Commit:
    """How far the record had come when it was last mirrored: number of commits and head of the audit chain (hex).

    `pages` is the code over its pages (hex), known only of a record that was closed afterwards.
    """

    counter: int = 0
    head: str = ""
    pages: str = ""


NO_COMMIT = Commit()


@dataclass(frozen=True)
class Header:
    """Everything `vault.json` holds.

    `mac` is over all but itself, `attempts` and `seal`, by a key derived from the master key. `seal` is over all but
    itself, by a key derived from the device secret: attempts are counted while the vault is locked.
    """

    vault_id: str
    owner: str
    created_at: str
    slot: PassSlot
    commit: Commit = NO_COMMIT
    attempts: Attempts = NO_ATTEMPTS
    mac: bytes = bytes(CODE_BYTES)
    seal: bytes = bytes(CODE_BYTES)
    version: int = VERSION
    escrow: EscrowSlot | None = None


def canonical(value: Mapping[str, Any]) -> bytes:
    """Write a value as the one JSON text it has: sorted keys, no spaces, ASCII."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False).encode()


def bound_bytes(header: Header) -> bytes:
    """Return what the wrapped master key is bound to: the vault, and the generation, salt and cost of the slot."""
    shape = _shape(header)
    slot = {key: value for key, value in _slot_shape(header.slot).items() if key not in ("nonce", "wrapped")}
    vault = {key: shape[key] for key in ("created_at", "format", "owner", "vault_id", "version")}
    return canonical({**vault, "slot": slot})


def _slot_shape(slot: PassSlot) -> dict[str, Any]:
    return {
        "generation": slot.generation,
        "kdf": {
            "lanes": slot.kdf.lanes,
            "memory_kib": slot.kdf.memory_kib,
            "name": "argon2id",
            "time": slot.kdf.time,
        },
        "kind": "pass",
        "nonce": text_of(slot.nonce),
        "salt": text_of(slot.salt),
        "wrapped": text_of(slot.wrapped),
    }


def _escrow_shape(slot: EscrowSlot) -> dict[str, Any]:
    return {
        "about": slot.about.hex(),
        "epoch": slot.epoch,
        "kind": "escrow",
        "sealed": text_of(slot.sealed),
        "to": text_of(slot.to),
    }


def _commit_shape(commit: Commit) -> dict[str, Any]:
    shape: dict[str, Any] = {"counter": commit.counter, "head": commit.head}
    return {**shape, "pages": commit.pages} if commit.pages else shape


def _shape(header: Header) -> dict[str, Any]:
    return {
        "attempts": attempts_.written(header.attempts),
        "commit": _commit_shape(header.commit),
        "created_at": header.created_at,
        "format": FORMAT,
        "mac": text_of(header.mac),
        "owner": header.owner,
        "seal": text_of(header.seal),
        "slots": [_slot_shape(header.slot), *([_escrow_shape(header.escrow)] if header.escrow else [])],
        "vault_id": header.vault_id,
        "version": header.version,
    }


def written(header: Header) -> bytes:
    """Return the bytes of the file."""
    return canonical(_shape(header))


def _without(header: Header, *keys: str) -> bytes:
    return canonical({key: value for key, value in _shape(header).items() if key not in keys})


def seal_key(device_secret: bytes, vault_id: str) -> bytes:
    """Derive the key of the seal from the device secret."""
    return expand(device_secret, b"visitapp/header-seal/v1", salt=vault_id.encode())


def mac_key(master: bytes | bytearray) -> bytes:
    """Derive the key of the mac from the master key."""
    return expand(master, b"visitapp/head-mac/v1")


def with_mac(header: Header, key: bytes) -> Header:
    """Return the header with a fresh mac; it must be sealed afterwards."""
    return replace(header, mac=code(key, _without(header, "attempts", "mac", "seal")))


def with_seal(header: Header, key: bytes) -> Header:
    """Return the header with a fresh seal."""
    return replace(header, seal=code(key, _without(header, "seal")))


def mac_holds(header: Header, key: bytes) -> bool:
    """Say whether the mac was made by who holds the master key."""
    return same(header.mac, code(key, _without(header, "attempts", "mac", "seal")))


def seal_holds(header: Header, key: bytes) -> bool:
    """Say whether the seal was made by who holds the device secret."""
    return same(header.seal, code(key, _without(header, "seal")))


def parsed(raw: bytes) -> Header:
    """Take a header from the bytes of its file, without checking seal or mac.

    Only the one canonical text of a header is accepted, so a changed bit that JSON would forgive is refused as well.
    Raises VaultDamaged or VaultTooNew.
    """
    if not raw or len(raw) > LARGEST_BYTES:
        raise VaultDamaged(reason="size")
    try:
        value = json.loads(raw.decode("ascii"))
        if isinstance(value, dict) and value.get("format") == FORMAT:
            version = value.get("version")
            if type(version) is int and version > VERSION:
                raise VaultTooNew(version=version)
        header = _header(value)
        if written(header) != raw:
            raise ValueError("not canonical")
    except (ValueError, RecursionError, OverflowError):
        # Nothing of the text may reach a message: it is somebody's damaged file.
        raise VaultDamaged(reason="form") from None
    return header


def _header(value: object) -> Header:
    shape = _fields(
        value,
        attempts=dict,
        commit=dict,
        created_at=str,
        format=str,
        mac=str,
        owner=str,
        seal=str,
        slots=list,
        vault_id=str,
        version=int,
    )
    commit = _commit(shape["commit"])
    if shape["format"] != FORMAT or shape["version"] != VERSION or len(shape["slots"]) not in (1, 2):
        raise ValueError("format")
    if str(uuid.UUID(shape["vault_id"])) != shape["vault_id"]:
        raise ValueError("vault id")
    if shape["owner"] and len(bytes.fromhex(shape["owner"])) * 2 != OWNER_HEX:
        raise ValueError("owner")
    if len(shape["created_at"]) > 32:
        raise ValueError("range")
    return Header(
        vault_id=shape["vault_id"],
        owner=shape["owner"],
        created_at=shape["created_at"],
        slot=_slot(shape["slots"][0]),
        commit=commit,
        attempts=attempts_.read(shape["attempts"]),
        mac=_bytes(shape["mac"], CODE_BYTES),
        seal=_bytes(shape["seal"], CODE_BYTES),
        escrow=_escrow(shape["slots"][1]) if len(shape["slots"]) == 2 else None,
    )


def _commit(value: object) -> Commit:
    with_pages = {"pages": str} if isinstance(value, dict) and "pages" in value else {}
    shape = _fields(value, counter=int, head=str, **with_pages)
    commit = Commit(shape["counter"], shape["head"], shape.get("pages", ""))
    if commit.counter < 0 or max(len(commit.head), len(commit.pages)) > 2 * CODE_BYTES:
        raise ValueError("range")
    return commit


def _slot(value: object) -> PassSlot:
    slot = _fields(value, generation=int, kdf=dict, kind=str, nonce=str, salt=str, wrapped=str)
    kdf = _fields(slot["kdf"], lanes=int, memory_kib=int, name=str, time=int)
    if slot["kind"] != "pass" or kdf["name"] != "argon2id" or slot["generation"] < 1:
        raise ValueError("slot")
    return PassSlot(
        generation=slot["generation"],
        kdf=KdfParams(kdf["memory_kib"], kdf["time"], kdf["lanes"]),
        salt=_bytes(slot["salt"], SALT_BYTES),
        nonce=_bytes(slot["nonce"], NONCE_BYTES),
        wrapped=_bytes(slot["wrapped"], WRAPPED_BYTES),
    )


def _escrow(value: object) -> EscrowSlot:
    slot = _fields(value, about=str, epoch=int, kind=str, sealed=str, to=str)
    if slot["kind"] != "escrow" or not 1 <= slot["epoch"] <= MOST_EPOCHS or len(slot["about"]) != 2 * CODE_BYTES:
        raise ValueError("escrow")
    return EscrowSlot(
        to=_bytes(slot["to"], KEY_BYTES),
        epoch=slot["epoch"],
        about=bytes.fromhex(slot["about"]),
        sealed=_bytes(slot["sealed"], ESCROW_BYTES),
    )


def _fields(value: object, **types: type) -> dict[str, Any]:
    if not isinstance(value, dict) or value.keys() != types.keys():
        raise ValueError("fields")
    # `type() is` and not isinstance: to Python, true is an int.
    if any(type(value[key]) is not kind for key, kind in types.items()):
        raise ValueError("types")
    return value


def text_of(raw: bytes) -> str:
    """Write bytes as base64."""
    return b64encode(raw).decode("ascii")


def _bytes(text: str, length: int) -> bytes:
    raw = b64decode(text, validate=True)
    if len(raw) != length:
        raise ValueError("length")
    return raw


def write_durably(path: Path, raw: bytes) -> None:
    """Replace a file so that a power cut leaves the old or the new one whole; readable by its owner only."""
    temporary = path.with_name(path.name + ".new")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        if hasattr(os, "fchmod"):
            os.fchmod(file.fileno(), 0o600)
        file.write(raw)
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make names in a folder last; Windows has no such call and journals them itself."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
