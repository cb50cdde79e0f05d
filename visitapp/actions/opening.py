"""What can be opened from the locked screen: a record unlocked, connected, practised in; every call takes about a second.

Everything heavy is imported when a door is tried: the locked window must not wait for what lies behind it.
"""

import shutil
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from visitapp.config.paths import Places, install_id
from visitapp.config.settings import Settings
from visitapp.domain.clock import Clock
from visitapp.domain.problems import PracticeAndServiceMixed

if TYPE_CHECKING:
    from datetime import datetime

    from visitapp.actions.session import Desk, Shipped
    from visitapp.actions.wiping import Wiped
    from visitapp.store.record import Record
    from visitapp.vault.device import DeviceKey
    from visitapp.vault.recovery import Recovery
    from visitapp.vault.secrets import SecretStore
    from visitapp.vault.vault import OpenVault

RECORD_FILE = "record.db"
PRACTICE_FILE = "practice"
"""Lies beside a practice record and holds its invented user name, which the locked screen then fills in."""


@dataclass
class Opened:
    """A record that has been opened, with the vault that holds its key; `forget` ends a throw-away one."""

    vault: "OpenVault"
    record: "Record"
    desk: "Desk"
    forget: Callable[[], None] = lambda: None
    backs_up: bool = True
    was_clean: bool = True

    def close(self) -> None:
        """Close in reverse: a backup if one is due, the record with its anchors, then the key."""
        from visitapp.actions.custody import close_record

        close_record(self.record, self.vault, backs_up=self.backs_up)
        self.forget()


class Practise(Protocol):
    """Whoever can invent a throw-away record; the rehearsal hands this in."""

    def __call__(self, clinical: "Shipped", clock: Clock) -> Opened:
        """Return a throw-away practice record, open."""


def secret_store(at: Places, settings: Settings) -> "SecretStore":
    """Return where device secrets lie: the platform's keyring, or a file where the policy says so."""
    from visitapp.vault.secrets import FileSecretStore, PlatformSecretStore

    if settings.key_place == "file":
        return FileSecretStore(at.secret_file)
    return PlatformSecretStore(install_id(at))


class NobodyOfThatName(Exception):
    """No vault on this laptop was made for the name that was typed."""


class Doors:
    """What can be opened from the locked screen; every call is made off the main thread."""

    def __init__(
        self,
        at: Places,
        secrets: Callable[[], "SecretStore"],
        resources: Path,
        clock: Clock,
        practise: Practise | None,
        connected: Callable[[str], None] = lambda address: None,
    ) -> None:
        self._connected = connected
        self._at = at
        self._find_secrets = secrets
        self._resources = resources
        self._read: Shipped | None = None
        self._key_tried: tuple[str, DeviceKey] | None = None
        self._reading = threading.Lock()
        self._clock = clock
        self._practise = practise

    @property
    def _secrets(self) -> "SecretStore":
        return self._find_secrets()

    def read_clinical_data(self) -> "Shipped":
        """Read the clinical data that ships, once; whoever comes second waits for the first."""
        from visitapp.actions.session import shipped

        with self._reading:
            if self._read is None:
                self._read = shipped(self._resources)
            return self._read

    def _folder_of(self, user: str) -> Path:
        from visitapp.vault.problems import DeviceSecretMissing, VaultDamaged, VaultMissing
        from visitapp.vault.vault import Vault

        damaged: VaultDamaged | None = None
        forgotten = False
        for folder in self._at.vault_folders():
            try:
                if Vault.belongs_to(folder, user, self._secrets):
                    return folder
            except VaultMissing:
                continue
            except DeviceSecretMissing:
                forgotten = True
            except VaultDamaged as damage:
                # Whose it was cannot be told: a colleague's must not keep others out.
                damaged = damage
        if damaged is not None:
            raise damaged
        if forgotten:
            raise DeviceSecretMissing
        if not self._at.vault_folders():
            raise VaultMissing
        raise NobodyOfThatName

    def unlock(self, user: str, passphrase: bytearray) -> Opened:
        """Open the record of a user. A name that nobody has looks and lasts like a wrong passphrase."""
        from visitapp.actions.custody import was_closed
        from visitapp.vault.keys import derive, suitable_params, total_memory_bytes, wipe
        from visitapp.vault.problems import WrongPassphrase
        from visitapp.vault.vault import Vault

        best = suitable_params(total_memory_bytes(), reduced=self._secrets.reduced)
        try:
            folder = self._folder_of(user)
        except NobodyOfThatName:
            wipe(derive(passphrase, b"nobody-has-name!", best))
            raise WrongPassphrase(retry_after_s=0, tries_left=9) from None
        vault = Vault.open(folder, passphrase, self._secrets, clock=self._clock, upgrade_to=best)
        try:
            was_clean = was_closed(vault)
            return replace(self.opened(vault, self.record_in(folder, vault)), was_clean=was_clean)
        except BaseException:
            vault.close()
            raise

    def record_in(self, folder: Path, vault: "OpenVault") -> "Record":
        """Open the record that lies beside a vault."""
        from visitapp.actions.custody import open_record

        return open_record(folder / RECORD_FILE, vault, self._clock)

    def connect(self, address: str, code: str, user: str, passphrase: bytearray) -> Opened:
        """Enrol this laptop, then make the vault and the record; a code that is refused leaves nothing behind."""
        from visitapp.actions.connecting import begin_connected, enrol_key
        from visitapp.store.record import Record
        from visitapp.vault.device import DeviceKey
        from visitapp.vault.secrets import PlatformSecretStore
        from visitapp.vault.vault import Vault

        if isinstance(self._secrets, PlatformSecretStore):
            # The code works once: nothing that can be known beforehand may fail after it has been spent.
            self._secrets.self_test()
        # Whoever tries the same code again after an answer was lost gets the same laptop: the key has to be the same.
        if self._key_tried is None or self._key_tried[0] != code:
            self._key_tried = (code, DeviceKey.generate())
        key = self._key_tried[1]
        told = enrol_key(address, code, key)
        if told.practice and not all(self._is_practice(folder) for folder in self._at.vault_folders()):
            raise PracticeAndServiceMixed
        folder = self._at.new_vault_folder()
        vault = Vault.create(folder, passphrase, self._secrets, clock=self._clock, user=user)
        try:
            record = Record.create(folder / RECORD_FILE, vault.db_key(), clock=self._clock)
            begin_connected(record, address, told, key)
            if told.practice:
                (folder / PRACTICE_FILE).write_text(user, "utf-8")
        except BaseException:
            vault_id = vault.vault_id
            vault.close()
            self._secrets.delete(vault_id)
            shutil.rmtree(folder, ignore_errors=True)
            raise
        self._connected(address)
        return self.opened(vault, record)

    def practise(self) -> Opened:
        """Invent a throw-away record."""
        from visitapp.vault.problems import VaultMissing

        if self._practise is None:
            raise VaultMissing
        return self._practise(self.read_clinical_data(), self._clock)

    def settle_wipe(self, opened: Opened) -> None:
        """Hand in or seal what the service does not have, and sign the receipt of a wipe. Raises WipeRefused."""
        from visitapp.actions.connecting import service_client
        from visitapp.actions.wiping import settle_wipe
        from visitapp.sync.exchange import run_exchange

        def send() -> None:
            client = service_client(opened.record, self._clock)
            if client is not None:
                run_exchange(opened.record, client, user=opened.desk.user.user)
                client.close()

        settle_wipe(opened.record, opened.vault.folder, send=send)

    def finish_wipes(self) -> "Wiped":
        """Carry out what is left of every wipe that the service ordered."""
        from visitapp.actions.wiping import finish_wipes

        return finish_wipes(self._at.vault_folders(), self._secrets)

    def go_back(self, opened: Opened, made_at: "datetime") -> Opened:
        """Put the newest good backup from a moment back in the place of an open record, which is closed and kept aside."""
        from visitapp.actions.custody import restore_record

        opened.record.close()
        record, _ = restore_record(opened.record.path, opened.vault, self._clock, not_after=made_at)
        return self.opened(opened.vault, record)

    def restore(self, user: str, passphrase: bytearray) -> Opened:
        """Put the newest good backup in the place of a damaged record, and open it; the damaged files are kept aside."""
        from visitapp.actions.custody import restore_record
        from visitapp.vault.vault import Vault

        vault = Vault.open(self._folder_of(user), passphrase, self._secrets, clock=self._clock)
        try:
            record, _ = restore_record(vault.folder / RECORD_FILE, vault, self._clock)
            return self.opened(vault, record)
        except BaseException:
            vault.close()
            raise

    def begin_recovery(self, user: str) -> "Recovery":
        """Begin to get into a vault without its passphrase. Raises NoEscrow, VaultMissing, WrongPassphrase for nobody's name."""
        from visitapp.vault.problems import WrongPassphrase
        from visitapp.vault.recovery import Recovery

        try:
            return Recovery(self._folder_to_recover(user))
        except NobodyOfThatName:
            raise WrongPassphrase(retry_after_s=0, tries_left=9) from None

    def finish_recovery(self, recovery: "Recovery", answer: str, user: str, passphrase: bytearray) -> Opened:
        """Take what two administrators answered, and open the record under a new passphrase."""
        from visitapp.vault.keys import suitable_params, total_memory_bytes

        best = suitable_params(total_memory_bytes(), reduced=self._secrets.reduced)
        vault = recovery.finish(answer, passphrase, self._secrets, clock=self._clock, user=user, kdf=best)
        try:
            record = self.record_in(vault.folder, vault)
            if record.rolled_back is None:
                with record.writing() as w:
                    w.audit("recovered", epoch=vault.escrow.epoch if vault.escrow else 0)
            return self.opened(vault, record)
        except BaseException:
            vault.close()
            raise

    def _folder_to_recover(self, user: str) -> Path:
        """The vault of a user; where the keyring forgot its half, one that nobody can tell to be another's."""
        from visitapp.vault.problems import DeviceSecretMissing
        from visitapp.vault.vault import Vault

        forgotten: list[Path] = []
        for folder in self._at.vault_folders():
            try:
                if Vault.belongs_to(folder, user, self._secrets):
                    return folder
            except DeviceSecretMissing:
                forgotten.append(folder)
        if forgotten:
            return forgotten[0]
        return self._folder_of(user)

    def use_spare(self, user: str) -> None:
        """Put the spare copy of a damaged header in its place."""
        from visitapp.vault.vault import Vault

        folders = self._at.vault_folders()
        Vault.use_spare(folders[0] if len(folders) == 1 else self._folder_of(user), self._secrets)

    def _is_practice(self, folder: Path) -> bool:
        return (folder / PRACTICE_FILE).exists()

    def opened(self, vault: "OpenVault", record: "Record") -> Opened:
        """Lay the desk of an open record; its commits are mirrored into the vault's header from now on."""
        from visitapp.actions.custody import follow
        from visitapp.actions.session import sit_down

        follow(record, vault)
        return Opened(vault, record, sit_down(record, self._clock, self.read_clinical_data()))
