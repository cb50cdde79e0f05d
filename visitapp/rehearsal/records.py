"""Prepares data folders for a rehearsal: a vault, a record whose owner is invented, an invented caseload in it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from visitapp.actions.opening import PRACTICE_FILE, RECORD_FILE
from visitapp.actions.session import Desk, Profile, Shipped, begin_record, sit_down
from visitapp.config.paths import Places
from visitapp.domain.bodies import Body
from visitapp.domain.clock import Clock
from visitapp.domain.ids import DeviceId, Ids
from visitapp.rehearsal.caseload import Inventor
from visitapp.rehearsal.people import InventedFamily
from visitapp.store.record import Record
from visitapp.store.writing import Writing
from visitapp.vault.device import DeviceKey
from visitapp.vault.keys import KdfParams
from visitapp.vault.secrets import SecretStore
from visitapp.vault.vault import OpenVault, Vault


@dataclass(frozen=True)
class Player:
    """Somebody who takes part in a rehearsal."""

    profile: Profile
    passphrase: str
    user_name: str


@dataclass(frozen=True)
class Prepared:
    """An open practice record with its vault; closed together."""

    desk: Desk
    vault: OpenVault

    def close(self) -> None:
        """Close the record, then the vault."""
        self.desk.record.close()
        self.vault.close()


def prepare_record(
    at: Places, player: Player, secrets: SecretStore, shipped: Shipped, clock: Clock, *, kdf: KdfParams | None = None
) -> Prepared:
    """Make a vault and an empty practice record for a player and return both open."""
    folder = at.new_vault_folder()
    vault = Vault.create(folder, bytearray(player.passphrase.encode()), secrets, clock=clock, kdf=kdf, user=player.user_name)
    (folder / PRACTICE_FILE).write_text(player.user_name, "utf-8")
    record = Record.create(record_path(folder), vault.db_key(), clock=clock)
    record.mirror_commits(lambda counter, head: vault.mirror_commit(counter, head.hex()))
    begin_record(record, player.profile, DeviceId(Ids(clock)()), DeviceKey.generate(), practice=True)
    return Prepared(sit_down(record, clock, shipped), vault)


def open_prepared(at: Places, player: Player, secrets: SecretStore, shipped: Shipped, clock: Clock) -> Prepared:
    """Open the first record of a data folder again."""
    folder = at.vault_folders()[0]
    vault = Vault.open(folder, bytearray(player.passphrase.encode()), secrets, clock=clock)
    record = Record.open(record_path(folder), vault.db_key(), clock=clock)
    record.mirror_commits(lambda counter, head: vault.mirror_commit(counter, head.hex()))
    return Prepared(sit_down(record, clock, shipped), vault)


def fill_record(desk: Desk, families: Sequence[InventedFamily], visits_each: int, *, seed: int = 7) -> None:
    """Invent the families' history into a record, as if the nurse had written it here; one transaction a family."""
    for number, told in enumerate(families):
        with desk.record.writing() as w:
            Inventor(desk, PutInto(w), seed=seed + number).family(told, visits_each, number)


@dataclass(frozen=True)
class PutInto:
    """Puts invented records into a write transaction, as changes that wait for the server."""

    w: Writing

    def __call__(self, scope: str, kind: str, id_: str, body: Body, group: str) -> None:
        """Put one record."""
        self.w.put(scope, kind, id_, body, group=group, type="sign" if kind == "visit" else "put")


def record_path(vault_folder: Path) -> Path:
    """Return where the record of a vault lies."""
    return vault_folder / RECORD_FILE
