"""A vault on disk, and a vault that has been opened."""

import os
import threading
import uuid
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from visitapp.domain.clock import Clock, iso
from visitapp.domain.problems import Problem
from visitapp.vault.attempts import NO_ATTEMPTS, Attempts, worse
from visitapp.vault.escrow import escrowed
from visitapp.vault.folder import (
    checked_header,
    copy_to_spare,
    empty_slot,
    has_spare,
    has_vault,
    id_of_folder,
    read_header,
    remove_header,
    spare_is_good,
    write_attempts,
    write_header,
)
from visitapp.vault.header import (
    HEADER_FILE,
    SPARE_FILE,
    Commit,
    EscrowSlot,
    Header,
    PassSlot,
    mac_holds,
    mac_key,
    seal_key,
    with_seal,
    write_durably,
    written,
)
from visitapp.vault.keys import (
    KEY_BYTES,
    KdfParams,
    expand,
    suitable_params,
    total_memory_bytes,
    wipe,
)
from visitapp.vault.problems import (
    KeyringFailed,
    NeedsRecovery,
    Sealed,
    TooSoon,
    VaultClosed,
    VaultDamaged,
    VaultExists,
    WrongPassphrase,
)
from visitapp.vault.secrets import DeviceSecret, SecretStore, owner_code
from visitapp.vault.slot import unwrapped, wrapped_anew


class Vault:
    """What can be done with a vault while it is closed. Every passphrase handed in is zeroed, come what may."""

    @staticmethod
    def exists(folder: Path) -> bool:
        """Say whether a folder holds a vault, be it damaged."""
        return has_vault(folder)

    @staticmethod
    def create(
        folder: Path,
        passphrase: bytearray,
        secret_store: SecretStore,
        *,
        clock: Clock,
        kdf: KdfParams | None = None,
        user: str = "",
    ) -> "OpenVault":
        """Make a new vault in a folder and return it open.

        `passphrase` is UTF-8; `kdf` None means what suits this machine; `user` is the name typed at sign-in, kept only
        as a keyed code. Raises VaultExists and the keyring's problems.
        """
        try:
            if has_vault(folder):
                raise VaultExists
            params = kdf or suitable_params(total_memory_bytes(), reduced=secret_store.reduced)
            vault_id = id_of_folder(folder) or str(uuid.uuid4())
            device = DeviceSecret(secret=os.urandom(KEY_BYTES))
            header = Header(
                vault_id=vault_id,
                owner=owner_code(device, user),
                created_at=iso(clock.now()),
                slot=PassSlot(1, params, b"", b"", b""),
            )
            master = bytearray(os.urandom(KEY_BYTES))
            header = wrapped_anew(header, passphrase, device, master, params)
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            secret_store.set(vault_id, device.written())
            if secret_store.get(vault_id) != device.written():
                raise KeyringFailed(reason="read-back")
            try:
                header = write_header(folder, header, device, mac_key(master))
            except OSError:
                # A header without its secret would stand in the way of the next try for ever.
                remove_header(folder)
                secret_store.delete(vault_id)
                raise
            copy_to_spare(folder)
            return OpenVault(folder, header, master, device, secret_store)
        finally:
            wipe(passphrase)

    @staticmethod
    def open(
        folder: Path,
        passphrase: bytearray,
        secret_store: SecretStore,
        *,
        clock: Clock,
        upgrade_to: KdfParams | None = None,
    ) -> "OpenVault":
        """Open a vault.

        The wrong try is counted before the key is derived, so killing the program saves nobody a wait. A slot that is
        weaker than `upgrade_to` is wrapped again. Raises WrongPassphrase, TooSoon, Sealed, VaultDamaged, VaultMissing,
        VaultTooNew, DeviceSecretMissing and the keyring's problems.
        """
        try:
            header, device = checked_header(folder, secret_store)
            counted = worse(header.attempts, device.attempts)
            if header.escrow is not None and (header.slot.is_empty or counted.is_sealed):
                empty_slot(folder, header, device, counted, secret_store)
                raise NeedsRecovery
            _refuse_while_waiting(counted, clock)
            counted = counted.with_failure(clock.now())
            device = _counted_before(folder, header, device, counted, secret_store)
            master = unwrapped(header, passphrase, device)
            if master is None:
                secret_store.set(header.vault_id, replace(device, attempts=counted).written())
                if counted.is_sealed and header.escrow is not None:
                    empty_slot(folder, header, device, counted, secret_store)
                    raise NeedsRecovery
                if counted.is_sealed:
                    raise Sealed(retry_after_s=counted.wait_s)
                raise WrongPassphrase(retry_after_s=counted.wait_s, tries_left=counted.left)
            if not mac_holds(header, mac_key(master)):
                wipe(master)
                raise VaultDamaged(reason="mac", has_spare=has_spare(folder))
            opened = OpenVault(folder, header, master, device, secret_store)
            opened._settle(passphrase, upgrade_to)
            return opened
        finally:
            wipe(passphrase)

    @staticmethod
    def check(folder: Path, secret_store: SecretStore | None = None) -> str:
        """Judge a vault's header without unlocking it and return its id.

        Without a secret store only its form is judged, with one its seal too. Raises the problems of `open`.
        """
        if secret_store is None:
            return read_header(folder).vault_id
        return checked_header(folder, secret_store)[0].vault_id

    @staticmethod
    def anchors_of(folder: Path, secret_store: SecretStore) -> tuple[Commit, Commit]:
        """Return, without unlocking, how far the record had come by header and by secret store.

        A header behind the secret store was put back. Raises the problems of `check`.
        """
        header, device = checked_header(folder, secret_store)
        return header.commit, device.commit

    @staticmethod
    def waiting_s(folder: Path, secret_store: SecretStore, *, clock: Clock) -> int:
        """Return how many seconds the next try must wait."""
        header, device = checked_header(folder, secret_store)
        return worse(header.attempts, device.attempts).remaining_s(clock.now())

    @staticmethod
    def belongs_to(folder: Path, user: str, secret_store: SecretStore) -> bool:
        """Say whether a vault was made for the user of this name; a vault made without a name belongs to anybody."""
        header, device = checked_header(folder, secret_store)
        return not header.owner or header.owner == owner_code(device, user)

    @staticmethod
    def use_spare(folder: Path, secret_store: SecretStore) -> None:
        """Put the spare copy of the header in the place of a damaged one, which is kept beside it.

        Never done unasked: a spare made before a change of passphrase opens with the one before. Raises VaultDamaged
        when the spare is no better.
        """
        header, device = checked_header(folder, secret_store, SPARE_FILE)
        damaged = folder / HEADER_FILE
        if damaged.exists():
            aside = next(place for number in range(1, 10_000) if not (place := folder / f"vault.damaged-{number}.json").exists())
            os.replace(damaged, aside)
        write_durably(damaged, written(with_seal(header, seal_key(device.secret, header.vault_id))))


class OpenVault:
    """A vault whose master key is in memory: gives out the keys derived from it until it is closed."""

    def __init__(self, folder: Path, header: Header, master: bytearray, device: DeviceSecret, secret_store: SecretStore) -> None:
        self._folder = folder
        self._header = header
        self._master = master
        self._device = device
        self._secret_store = secret_store
        self._lock = threading.Lock()
        self._closed = False

    @property
    def vault_id(self) -> str:
        """The vault's id."""
        return self._header.vault_id

    @property
    def folder(self) -> Path:
        """Where the vault lies."""
        return self._folder

    @property
    def is_reduced(self) -> bool:
        """Whether the device secret lies in a file and not in the operating system's keyring."""
        return self._secret_store.reduced

    @property
    def kdf(self) -> KdfParams:
        """What one guess at the passphrase costs."""
        return self._header.slot.kdf

    @property
    def mirrored(self) -> Commit:
        """The furthest commit that header or secret store have seen; a record behind it was rolled back."""
        return max(self.anchors, key=lambda commit: commit.counter)

    @property
    def anchors(self) -> tuple[Commit, Commit]:
        """How far the record had come as the header has it and as the secret store has it."""
        return self._header.commit, self._device.commit

    def db_key(self) -> bytes:
        """Return the raw key of the encrypted record, 32 bytes."""
        return self._derived(b"visitapp/db/v1")

    def backup_key(self) -> bytes:
        """Return the key of backups, 32 bytes."""
        return self._derived(b"visitapp/backup/v1")

    def files_key(self) -> bytes:
        """Return the key of encrypted files beside the record, 32 bytes."""
        return self._derived(b"visitapp/files/v1")

    def _derived(self, info: bytes) -> bytes:
        if self._closed:
            raise VaultClosed
        return expand(self._master, info)

    def change_passphrase(self, current: bytearray, new: bytearray, *, clock: Clock, kdf: KdfParams | None = None) -> None:
        """Wrap the master key anew; not a page of the record is touched. Both passphrases are zeroed.

        The header of before stays as the spare until the new passphrase has opened the vault once. Raises
        WrongPassphrase and its waits when `current` is not the present one.
        """
        try:
            with self._lock:
                if self._closed:
                    raise VaultClosed
                Vault.open(self._folder, current, self._secret_store, clock=clock).close()
                self._header, self._device = checked_header(self._folder, self._secret_store)
                self._rewrap(new, kdf or self._header.slot.kdf)
        finally:
            wipe(current)
            wipe(new)

    def put_in_escrow(self, to: bytes, whose: bytes) -> EscrowSlot:
        """Seal the master key to the organisation's recovery key and return the slot, of which the service keeps a copy.

        `to` is the public recovery key, `whose` the code of `escrow.about`; done at enrolment, and again when the recovery key
        changes. Raises ValueError for bytes that are no public key.
        """
        with self._lock:
            if self._closed:
                raise VaultClosed
            before = self._header.escrow
            slot = escrowed(self._master, self.vault_id, to, whose, before.epoch + 1 if before else 1)
            self._header = write_header(self._folder, replace(self._header, escrow=slot), self._device, mac_key(self._master))
            copy_to_spare(self._folder)
            return slot

    @property
    def escrow(self) -> EscrowSlot | None:
        """What is in escrow, or None."""
        return self._header.escrow

    def mirror_commit(self, counter: int, head: str, pages: str = "") -> None:
        """Keep in the header how far the record has come; `head` is the head of its audit chain in hex."""
        with self._lock:
            if self._closed:
                raise VaultClosed
            if counter < self._header.commit.counter:
                return
            self._header = write_header(
                self._folder, replace(self._header, commit=Commit(counter, head, pages)), self._device, mac_key(self._master)
            )

    @property
    def seen_at(self) -> datetime | None:
        """The highest time at which the record was ever locked, as the secret store has it."""
        return datetime.fromtimestamp(self._device.seen_ms / 1000, UTC) if self._device.seen_ms else None

    def anchor(self, counter: int, head: str, pages: str = "", *, seen_at: datetime | None = None) -> None:
        """Keep in header and secret store how far the record had come when it was closed; done at each lock.

        `pages` is the code over its pages, `seen_at` the time that the lease is judged by. A secret
        store that went away is no reason not to lock: the header has the anchor too.
        """
        self.mirror_commit(counter, head, pages)
        with self._lock, suppress(Problem):
            seen_ms = round(seen_at.timestamp() * 1000) if seen_at else self._device.seen_ms
            if (self._header.commit, seen_ms) != (self._device.commit, self._device.seen_ms):
                self._device = replace(self._device, seen_ms=seen_ms)
                self._remember(commit=self._header.commit)

    def close(self) -> None:
        """Anchor the last mirrored commit in the secret store and zero the keys; closing twice does no harm."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            try:
                if self._header.commit.counter > self._device.commit.counter:
                    self._remember(commit=self._header.commit)
            except Problem:
                # The header has the same anchor; a keyring that went away must not keep the keys in memory.
                pass
            finally:
                wipe(self._master)

    def _settle(self, passphrase: bytearray, upgrade_to: KdfParams | None) -> None:
        """After a passphrase that was right: forget the wrong ones, and let the old generation go.

        Nothing of this is worth locking her out for: what a full disk or a keyring that went away prevents now is done
        at the next unlock.
        """
        slot = self._header.slot
        with suppress(Problem):
            if self._device.attempts.failed or self._device.generation < slot.generation:
                self._remember(attempts=NO_ATTEMPTS, generation=slot.generation)
        with suppress(OSError, Problem):
            header = replace(self._header, attempts=NO_ATTEMPTS)
            self._header = write_header(self._folder, header, self._device, mac_key(self._master))
            if not spare_is_good(self._folder, self._header):
                copy_to_spare(self._folder)
            if upgrade_to is not None and slot.kdf.is_weaker_than(upgrade_to):
                self._rewrap(passphrase, upgrade_to)

    def _rewrap(self, passphrase: bytearray, params: KdfParams) -> None:
        copy_to_spare(self._folder)
        slot = replace(self._header.slot, generation=self._header.slot.generation + 1)
        header = wrapped_anew(replace(self._header, slot=slot), passphrase, self._device, self._master, params)
        self._header = write_header(self._folder, header, self._device, mac_key(self._master))

    def _remember(self, *, attempts: Attempts | None = None, generation: int | None = None, commit: Commit | None = None) -> None:
        self._device = replace(
            self._device,
            attempts=self._device.attempts if attempts is None else attempts,
            generation=self._device.generation if generation is None else generation,
            commit=self._device.commit if commit is None else commit,
        )
        self._secret_store.set(self._header.vault_id, self._device.written())


def _counted_before(
    folder: Path, header: Header, device: DeviceSecret, counted: Attempts, secret_store: SecretStore
) -> DeviceSecret:
    """Count a try as wrong before it is made, and return what the secret store then holds."""
    try:
        write_attempts(folder, header, device, counted)
    except OSError:
        # A full disk must not lock a nurse out of her notes: then the secret store alone counts.
        device = replace(device, attempts=counted)
        secret_store.set(header.vault_id, device.written())
    return device


def _refuse_while_waiting(counted: Attempts, clock: Clock) -> None:
    remaining_s = counted.remaining_s(clock.now())
    if remaining_s and counted.is_sealed:
        raise Sealed(retry_after_s=remaining_s)
    if remaining_s:
        raise TooSoon(retry_after_s=remaining_s)
