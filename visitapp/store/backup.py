"""Encrypted copies of the record: written, opened again and checked before an older one goes."""

import os
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from visitapp.domain.clock import Clock
from visitapp.store.anchors import aside_folder
from visitapp.store.connection import FileLock, connect, require_file, translated
from visitapp.store.problems import (
    BackupFailed,
    DiskFull,
    DiskRefuses,
    NoGoodBackup,
    RecordDamaged,
    RecordMissing,
    RecordUnreadable,
)

if TYPE_CHECKING:
    from visitapp.store.record import Record

KEEP_LAST = 3
KEEP_DAILY = 7
KEEP_FOR = timedelta(days=14)
MIN_APART = timedelta(minutes=30)


@dataclass(frozen=True)
class Backup:
    """One backup file and when it was made."""

    path: Path
    made_at: datetime


@dataclass(frozen=True)
class Restored:
    """Which backup is the record now, and where the files of the damaged one are kept."""

    backup: Backup
    aside: Path


def folder_of(record_path: Path) -> Path:
    """Where the backups of a record are."""
    return record_path.parent / "backups"


def copy(path: Path, key: bytes, clock: Clock) -> Backup:
    """Write an encrypted copy under the same key, open it again and check every page. Raises BackupFailed, DiskFull."""
    folder = folder_of(path)
    made_at = clock.now().astimezone(UTC)
    target = folder / f"{path.stem}-{made_at:%Y%m%dT%H%M%S%f}Z.db"
    part = target.with_suffix(".part")
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        for half in folder.glob("*.part"):
            half.unlink()
        with translated(BackupFailed):
            # The guard that forbids ATTACH would forbid VACUUM INTO too; this connection lives only for the copy.
            source = connect(path, key, guarded=False)
            try:
                source.execute("VACUUM INTO ?", (str(part),)).close()
            finally:
                source.close()
        check(part, key)
        part.chmod(0o600)
        _flush(part)
        part.rename(target)
        _flush(folder)
    except OSError as error:
        raise (DiskFull if error.errno == 28 else BackupFailed)() from None
    finally:
        if folder.is_dir():
            part.unlink(missing_ok=True)
    return Backup(target, made_at)


def _flush(path: Path) -> None:
    if os.name != "posix" and path.is_dir():
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def check(path: Path, key: bytes) -> None:
    """Open a backup and check every page of it. Raises BackupFailed."""
    try:
        require_file(path)
        with translated():
            copied = connect(path, key)
            try:
                quick = [row[0] for row in copied.execute("PRAGMA quick_check").fetchall()]
                bad_pages = copied.execute("PRAGMA cipher_integrity_check").fetchall()
                # A single file: the copy must be whole without a log beside it.
                copied.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
                copied.execute("PRAGMA journal_mode=DELETE").fetchall()
            finally:
                copied.close()
    except (RecordDamaged, RecordMissing, RecordUnreadable):
        raise BackupFailed from None
    if quick != ["ok"] or bad_pages:
        raise BackupFailed


def backups(record_path: Path) -> tuple[Backup, ...]:
    """The backups there are, newest first."""
    found = []
    for path in folder_of(record_path).glob(f"{record_path.stem}-*Z.db"):
        try:
            made_at = datetime.strptime(path.stem.rsplit("-", 1)[1], "%Y%m%dT%H%M%S%fZ").replace(tzinfo=UTC)
        except ValueError:
            continue
        found.append(Backup(path, made_at))
    return tuple(sorted(found, key=lambda backup: backup.made_at, reverse=True))


def back_up(record: "Record") -> Backup:
    """Make a backup of an open record and let go of those that are no longer needed."""
    made = copy(record.path, record.key, record.clock)
    thin_out(record.path, record.clock)
    return made


def keep_up(record: "Record") -> Backup | None:
    """Make a backup if there are changes that none holds and the newest is half an hour old; done at each lock.

    Returns None when none was due. Raises BackupFailed and DiskFull, which are no reason not to lock.
    """
    if record.rolled_back is not None:
        return None
    commits, _ = record.commits()
    with record.reading() as r:
        held = int(r.meta("commits_in_backup", "0"))
    if commits <= held or not is_due(record.path, record.clock):
        thin_out(record.path, record.clock)
        return None
    made = back_up(record)
    with record.writing() as w:
        # This transaction is itself one more; it alone must not make the next backup due.
        w.meta_set("commits_in_backup", str(commits + 1))
    return made


def restore(record_path: Path, key: bytes, clock: Clock, *, not_after: datetime | None = None) -> Restored:
    """Put the damaged record aside and the newest good backup in its place; only ever done when somebody asks for it.

    Each backup is opened and every page of it read, from the newest back (or from that of `not_after`), before anything is moved.
    Nothing is deleted. The
    restored record counts as one that was rolled back, until `Record.carry_on`; what it lacks comes from the server. Raises
    NoGoodBackup, RecordInUse, DiskFull, BackupFailed.
    """
    candidates = [each for each in backups(record_path) if not_after is None or each.made_at <= not_after]
    with FileLock(record_path.with_name(record_path.name + ".lock")):
        chosen = next((backup for backup in candidates if _is_good(backup.path, key)), None)
        if chosen is None:
            raise NoGoodBackup(tried=len(candidates))
        fresh = record_path.with_name(record_path.name + ".restored")
        try:
            # A log left by a restore that was cut off would be taken for this copy's.
            for suffix in ("", "-wal", "-shm", "-journal"):
                fresh.with_name(fresh.name + suffix).unlink(missing_ok=True)
            shutil.copyfile(chosen.path, fresh)
            fresh.chmod(0o600)
            check(fresh, key)
            _mark(fresh, key)
            _flush(fresh)
            aside = _put_aside(record_path, clock)
            fresh.replace(record_path)
            _flush(record_path.parent)
        except OSError as error:
            raise (DiskFull if error.errno == 28 else BackupFailed)() from None
    return Restored(chosen, aside)


def _is_good(path: Path, key: bytes) -> bool:
    try:
        check(path, key)
    except (BackupFailed, DiskRefuses):
        return False
    return True


def _mark(path: Path, key: bytes) -> None:
    """Have a restored copy open for reading only until somebody goes on with it, even where it lacks nothing."""
    with translated(BackupFailed):
        raw = connect(path, key)
        try:
            raw.execute("INSERT OR REPLACE INTO meta (key, value) VALUES ('restored', '1')").close()
        finally:
            raw.close()


def _put_aside(record_path: Path, clock: Clock) -> Path:
    """Move the record's files where support can look at them; a power cut between two moves leaves the rest in place."""
    stamp = f"{clock.now().astimezone(UTC):%Y%m%dT%H%M%S%f}Z"
    folder = aside_folder(record_path) / stamp
    folder.mkdir(mode=0o700, parents=True)
    # The log first: beside another file it would be taken for that one's.
    for name in ("-wal", "-shm", ""):
        path = record_path.with_name(record_path.name + name)
        if path.exists():
            path.replace(folder / path.name)
    _flush(folder)
    return folder


def thin_out(record_path: Path, clock: Clock) -> None:
    """Keep the last three and one a day for a week; nothing older than two weeks, but always the newest."""
    now = clock.now()
    kept_days: set[str] = set()
    for number, backup in enumerate(backups(record_path)):
        day = f"{backup.made_at:%Y%m%d}"
        young = now - backup.made_at <= KEEP_FOR
        daily = young and day not in kept_days and len(kept_days) < KEEP_DAILY
        if number == 0 or (number < KEEP_LAST and young) or daily:
            kept_days.add(day)
            continue
        backup.path.unlink(missing_ok=True)


def replace_all(record: "Record") -> Backup:
    """Make a fresh backup and let go of every older one: a family that was handed over must not stay in a copy."""
    made = copy(record.path, record.key, record.clock)
    for backup in backups(record.path):
        if backup.path != made.path:
            backup.path.unlink(missing_ok=True)
    return made


def is_due(record_path: Path, clock: Clock) -> bool:
    """Whether the newest backup is older than half an hour, or there is none."""
    made = backups(record_path)
    return not made or clock.now() - made[0].made_at >= MIN_APART
