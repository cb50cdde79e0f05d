"""Getting into a vault whose passphrase or keyring is lost: two administrators answer a request, no network needed.

The laptop makes a key pair for this one occasion and shows a request and eight digits; the request travels by a photograph or by
typing, the digits by telephone. On an offline machine two administrators join their halves of the recovery key, open what is in
escrow and seal it again to the laptop's key for this occasion. What travels back opens on that laptop only, until it is closed.
"""

import hashlib
import json
import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from visitapp.domain.clock import Clock
from visitapp.domain.problems import Problem
from visitapp.vault import escrow
from visitapp.vault.attempts import NO_ATTEMPTS
from visitapp.vault.folder import copy_to_spare, read_header, write_header
from visitapp.vault.halves import Half, joined, name_of, split
from visitapp.vault.header import ESCROW_BYTES, EscrowSlot, Header, canonical, mac_holds, mac_key
from visitapp.vault.keys import FLOOR, KEY_BYTES, KdfParams, derive, suitable_params, total_memory_bytes, wipe
from visitapp.vault.problems import (
    HalvesDoNotFit,
    NoEscrow,
    RecoveryAnswerWrong,
    RecoveryCheckDiffers,
    RecoveryKeyWrong,
    RecoveryTextWrong,
)
from visitapp.vault.sealing import PUBLIC_BYTES, new_pair, public_of, sealed_to, unsealed
from visitapp.vault.secrets import DeviceSecret, SecretStore, owner_code
from visitapp.vault.slot import wrapped_anew
from visitapp.vault.vault import OpenVault

_REQUEST: Final = "VR1."
_ANSWER: Final = "VA1."
_CHECK_SALT: Final = b"visitapp/check/1"


@dataclass(frozen=True)
class RecoveryKey:
    """An organisation's recovery key at the only moment it exists whole: its public half, and the halves of its private one."""

    public: bytes
    halves: tuple[str, ...]


def new_recovery_key(*, needed: int = 2, of: int = 3) -> RecoveryKey:
    """Make a recovery key for an organisation; done once, on an offline machine, with its administrators present.

    Each half goes to one of them on paper. The private key itself is never shown or written.
    """
    private, public = new_pair()
    try:
        return RecoveryKey(public, tuple(half.text() for half in split(private, public, needed=needed, of=of)))
    finally:
        wipe(private)


@dataclass(frozen=True)
class Request:
    """What a laptop asks: which vault, its key for this occasion, and what is in escrow."""

    vault_id: str
    public: bytes
    slot: EscrowSlot

    def text(self) -> str:
        """Return the one line that fits a QR code."""
        return _REQUEST + _line(self._bytes())

    def _bytes(self) -> bytes:
        slot = self.slot
        return canonical(
            {
                "about": slot.about.hex(),
                "epoch": slot.epoch,
                "public": _line(self.public),
                "sealed": _line(slot.sealed),
                "to": _line(slot.to),
                "vault": self.vault_id,
            }
        )

    @classmethod
    def read(cls, text: str) -> "Request":
        """Take up such a line. Raises RecoveryTextWrong."""
        try:
            value: Any = json.loads(_unlined(text, _REQUEST))
            slot = EscrowSlot(
                to=_exactly(value["to"], PUBLIC_BYTES),
                epoch=int(value["epoch"]),
                about=bytes.fromhex(value["about"]),
                sealed=_exactly(value["sealed"], ESCROW_BYTES),
            )
            request = cls(str(value["vault"]), _exactly(value["public"], PUBLIC_BYTES), slot)
            if request.text() != "".join(text.split()):
                raise ValueError("not canonical")
        except (ValueError, KeyError, TypeError, RecursionError):
            raise RecoveryTextWrong(what="request") from None
        return request

    def check(self) -> str:
        """Return the eight digits to be read out: "1234 5678".

        They are derived slowly (a fifth of a second) so that nobody who swaps the request on its way finds another one with the
        same digits while the two are on the telephone.
        """
        derived = derive(bytearray(self._bytes()), _CHECK_SALT, FLOOR)
        digits = f"{int.from_bytes(derived, 'big') % 10**8:08d}"
        return f"{digits[:4]} {digits[4:]}"

    def info(self) -> bytes:
        """Return what the answer is bound to."""
        return canonical({"purpose": "visitapp/recovery/v1", "request": hashlib.sha256(self._bytes()).hexdigest()})


def answered(request_text: str, check: str, halves: Sequence[str]) -> str:
    """Open what is in escrow and seal it to the laptop that asks; on the administrators' offline machine.

    `check` is what the nurse reads out. Raises RecoveryTextWrong, RecoveryCheckDiffers, HalvesDoNotFit, RecoveryKeyWrong.
    """
    request = Request.read(request_text)
    if "".join(check.split()) != "".join(request.check().split()):
        raise RecoveryCheckDiffers
    read = [Half.read(text) for text in halves]
    if any(half.of_key != name_of(request.slot.to) for half in read):
        raise HalvesDoNotFit(needed=max((half.needed for half in read), default=2), given=0)
    private = joined(read)
    master: bytearray | None = None
    try:
        if public_of(private) != request.slot.to:
            raise RecoveryKeyWrong
        master = escrow.opened(request.slot, request.vault_id, private)
        if master is None or len(master) != KEY_BYTES:
            raise RecoveryKeyWrong
        return _ANSWER + _line(sealed_to(request.public, master, request.info()))
    finally:
        wipe(private)
        wipe(master or bytearray())


class Recovery:
    """One occasion on the laptop: from the request shown to the vault open under a new passphrase.

    The key for this occasion is in memory only: closing the window ends it, and an answer that comes later opens nothing.
    """

    def __init__(self, folder: Path) -> None:
        """Begin. Raises NoEscrow, VaultMissing, VaultDamaged, VaultTooNew."""
        self._folder = folder
        header = read_header(folder)
        if header.escrow is None:
            raise NoEscrow
        self._private, public = new_pair()
        self.request = Request(header.vault_id, public, header.escrow)

    def end(self) -> None:
        """Zero the key for this occasion."""
        wipe(self._private)

    def finish(
        self,
        answer: str,
        passphrase: bytearray,
        secret_store: SecretStore,
        *,
        clock: Clock,
        user: str = "",
        kdf: KdfParams | None = None,
    ) -> OpenVault:
        """Take the answer, wrap the master key under a new passphrase (zeroed) and return the vault open.

        A keyring that forgot its half gets a new one. What is in escrow is sealed anew, so that this answer opens nothing again.
        `user` is the name typed at sign-in. Raises RecoveryTextWrong, RecoveryAnswerWrong and the keyring's problems.
        """
        try:
            header = read_header(self._folder)
            master = self._master_from(answer, header)
            try:
                device = _device(secret_store, header)
                if user or device.secret_is_new:
                    header = replace(header, owner=owner_code(device.kept, user))
                params = kdf or suitable_params(total_memory_bytes(), reduced=secret_store.reduced)
                return self._rewrapped(header, device.kept, master, passphrase, params, secret_store)
            except BaseException:
                wipe(master)
                raise
        finally:
            wipe(passphrase)

    def _master_from(self, answer: str, header: Header) -> bytearray:
        master = unsealed(self._private, _unlined(answer, _ANSWER), self.request.info())
        if master is None or len(master) != KEY_BYTES or header.vault_id != self.request.vault_id:
            raise RecoveryAnswerWrong
        # An emptied slot was written without the master key, so the mac of that header is of before.
        if not header.slot.is_empty and not mac_holds(header, mac_key(master)):
            wipe(master)
            raise RecoveryAnswerWrong
        return master

    def _rewrapped(
        self,
        header: Header,
        device: DeviceSecret,
        master: bytearray,
        passphrase: bytearray,
        params: KdfParams,
        secret_store: SecretStore,
    ) -> OpenVault:
        generation = max(header.slot.generation, device.generation) + 1
        before = self.request.slot
        header = replace(
            header,
            slot=replace(header.slot, generation=generation),
            attempts=NO_ATTEMPTS,
            escrow=escrow.escrowed(master, header.vault_id, before.to, before.about, before.epoch + 1),
            commit=max(header.commit, device.commit, key=lambda commit: commit.counter),
        )
        header = wrapped_anew(header, passphrase, device, master, params)
        # The secret first: a header sealed with a secret that nobody keeps would have to be recovered again.
        secret_store.set(header.vault_id, device.written())
        header = write_header(self._folder, header, device, mac_key(master))
        device = replace(device, attempts=NO_ATTEMPTS, generation=generation)
        with suppress(Problem):
            secret_store.set(header.vault_id, device.written())
        copy_to_spare(self._folder)
        self.end()
        return OpenVault(self._folder, header, master, device, secret_store)


@dataclass(frozen=True)
class _Device:
    """What the secret store keeps, or a new secret in the place of one it forgot."""

    kept: DeviceSecret
    secret_is_new: bool


def _device(secret_store: SecretStore, header: Header) -> _Device:
    kept = secret_store.get(header.vault_id)
    if kept is not None:
        return _Device(DeviceSecret.read(kept), secret_is_new=False)
    made = DeviceSecret(secret=os.urandom(KEY_BYTES), generation=header.slot.generation, commit=header.commit)
    return _Device(made, secret_is_new=True)


def _line(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode("ascii").rstrip("=")


def _exactly(text: object, length: int) -> bytes:
    raw = _plain(str(text))
    if len(raw) != length:
        raise ValueError("length")
    return raw


def _plain(text: str) -> bytes:
    if not all(character.isalnum() or character in "-_" for character in text):
        raise ValueError("letters")
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _unlined(text: str, mark: str) -> bytes:
    line = "".join(text.split())
    try:
        if not line.startswith(mark):
            raise ValueError("mark")
        return _plain(line.removeprefix(mark))
    except ValueError:
        raise RecoveryTextWrong(what="request" if mark == _REQUEST else "answer") from None
