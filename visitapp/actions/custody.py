"""A record in the custody of its vault: opened against the vault's anchors, closed with new ones, restored when somebody asks."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from visitapp.actions.leases import lease_standing
from visitapp.domain.clock import Clock, iso
from visitapp.domain.problems import Problem
from visitapp.store import backup, ballast
from visitapp.store.anchors import Anchor, log_of, page_code, put_aside_in
from visitapp.store.backup import Restored
from visitapp.store.record import Record
from visitapp.vault.folder import read_header
from visitapp.vault.header import Commit
from visitapp.vault.secrets import SecretStore
from visitapp.vault.vault import OpenVault, Vault


def open_record(path: Path, vault: OpenVault, clock: Clock) -> Record:
    """Open the record of an open vault; one that was put back opens for reading only and says so in `rolled_back`.

    Raises the problems of `Record.open`; after RecordDamaged and RecordUnreadable, `restore_record` can be offered.
    """
    anchors = [Anchor(kept.counter, kept.head, kept.pages) for kept in vault.anchors]
    record = Record.open(path, vault.db_key(), clock=clock, anchors=anchors)
    follow(record, vault)
    if record.rolled_back is None:
        ballast.lay(path)
        with suppress(Problem):
            lease_standing(record, locked_at=vault.seen_at)
    return record


def was_closed(vault: OpenVault) -> bool:
    """Whether the record was closed as it should be the last time: only then is there a code over its pages. Asked at unlock."""
    return bool(max(vault.anchors, key=lambda each: each.counter).pages)


def follow(record: Record, vault: OpenVault) -> None:
    """Have the vault's header told of every commit."""
    record.mirror_commits(lambda counter, head: vault.mirror_commit(counter, head.hex()))


def close_record(record: Record, vault: OpenVault, *, backs_up: bool = True) -> None:
    """Close a record and its vault: a backup if one is due, then the anchors, then the keys.

    Nothing of it that fails keeps the keys in memory. `backs_up` is False where there is no time, as when the laptop goes to sleep.
    """
    found, seen_at = None, None
    with suppress(Problem, OSError):
        if record.rolled_back is None:
            if backs_up:
                with suppress(Problem):
                    backup.keep_up(record)
            seen_at = lease_standing(record).at
            found = record.anchor()
    record.close()
    try:
        if found is not None:
            with suppress(Problem, OSError):
                vault.anchor(found.counter, found.head, found.pages, seen_at=seen_at)
    finally:
        vault.close()


def restore_record(path: Path, vault: OpenVault, clock: Clock, *, not_after: datetime | None = None) -> tuple[Record, Restored]:
    """Put a damaged record aside and open the newest good backup in its place; what it lacks comes with the next sync.

    Only ever called when somebody decided so; the decision is a link of the audit chain. Raises NoGoodBackup, RecordInUse,
    DiskFull, BackupFailed.
    """
    restored = backup.restore(path, vault.db_key(), clock, not_after=not_after)
    record = open_record(path, vault, clock)
    record.carry_on(why="restored")
    with record.writing() as w:
        w.audit("restored", made=iso(restored.backup.made_at))
    return record, restored


@dataclass(frozen=True)
class Look:
    """What can be known of a vault and its record without unlocking them.

    `header_is_behind` means that the header was put back. `rests` says whether the file is page for page the one that was locked;
    None where it was not closed properly or is open, so that only unlocking tells.
    """

    commits: int
    header_is_behind: bool
    rests: bool | None
    backups: int
    newest_backup_at: datetime | None
    has_ballast: bool
    has_escrow: bool
    is_sealed: bool
    put_aside: int


def look_at(path: Path, secret_store: SecretStore) -> Look:
    """Look at the record at a path and the vault in its folder. Raises the problems of `Vault.check`."""
    folder = path.parent
    header, kept = Vault.anchors_of(folder, secret_store)
    slots = read_header(folder)
    made = backup.backups(path)
    return Look(
        commits=max(header.counter, kept.counter),
        header_is_behind=header.counter < kept.counter,
        rests=_rests(path, max(header, kept, key=lambda each: each.counter)),
        backups=len(made),
        newest_backup_at=made[0].made_at if made else None,
        has_ballast=ballast.ballast_of(path).exists(),
        has_escrow=slots.escrow is not None,
        is_sealed=slots.slot.is_empty,
        put_aside=len(put_aside_in(path)),
    )


def _rests(path: Path, anchor: Commit) -> bool | None:
    log = log_of(path)
    if not anchor.pages or not path.exists() or (log.exists() and log.stat().st_size):
        return None
    return page_code(path) == anchor.pages
