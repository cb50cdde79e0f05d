"""Disks that refuse: no entries left, turned read-only, and every step of locking and restoring on a full one (R4)."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.unit.vault.places import CHEAP, MemorySecretStore, typed
from visitapp.actions.custody import close_record, follow, open_record
from visitapp.domain.clock import FixedClock
from visitapp.domain.ids import Ids
from visitapp.domain.problems import Problem
from visitapp.store import backup
from visitapp.store.problems import BackupFailed, DiskFull, DiskRefuses
from visitapp.store.record import Record
from visitapp.vault.problems import VaultClosed
from visitapp.vault.vault import OpenVault, Vault

CLOCK = FixedClock(datetime(2026, 11, 20, 10, tzinfo=UTC))


def _mount(place: Path, options: str) -> bool:
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(place)], capture_output=True, check=False)
    return done.returncode == 0


def _remount(place: Path, options: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{options}", str(place)], check=True)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 8 MB and 40 entries."""
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("mounting needs Linux and root")
    place = tmp_path / "small"
    place.mkdir()
    if not _mount(place, "size=8m,nr_inodes=40"):
        pytest.skip("mounting is not allowed here")
    try:
        yield place
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=True)


class Laptop:
    """A vault and its record on that disk."""

    def __init__(self, disk: Path) -> None:
        self.folder = disk / "vault"
        self.path = self.folder / "record.db"
        self.store = MemorySecretStore()
        self.vault: OpenVault = Vault.create(self.folder, typed(), self.store, clock=CLOCK, kdf=CHEAP)
        self.record = Record.create(self.path, self.vault.db_key(), clock=CLOCK)
        follow(self.record, self.vault)

    def save(self, text: str) -> None:
        with self.record.writing() as w:
            w.put("g:", "plan_item", Ids(CLOCK)(), {"family": "f", "text": text})
            w.audit("saved")

    def texts(self) -> set[str]:
        with self.record.reading() as r:
            return {str(body["text"]) for _, _, body in r.of_kind("plan_item")}

    def lock(self) -> None:
        vault = self.vault
        close_record(self.record, vault)
        with pytest.raises(VaultClosed):
            vault.db_key()

    def unlock(self) -> None:
        self.vault = Vault.open(self.folder, typed(), self.store, clock=CLOCK)
        self.record = open_record(self.path, self.vault, CLOCK)


@pytest.fixture
def laptop(disk: Path) -> Laptop:
    """A laptop with one note saved."""
    made = Laptop(disk)
    made.save("first")
    return made


def _no_entries(disk: Path) -> list[Path]:
    made: list[Path] = []
    try:
        for number in range(100):
            path = disk / f"entry-{number}"
            path.touch()
            made.append(path)
    except OSError:
        pass
    assert len(made) < 100
    return made


def test_a_disk_without_entries_left_saves_locks_and_opens(laptop: Laptop, disk: Path, caplog: pytest.LogCaptureFixture) -> None:
    entries = _no_entries(disk)
    laptop.save("second")
    with pytest.raises((DiskFull, BackupFailed, DiskRefuses)):
        backup.back_up(laptop.record)
    laptop.lock()
    for path in entries:
        path.unlink()
    laptop.unlock()
    assert laptop.record.rolled_back is None
    assert laptop.texts() == {"first", "second"}
    # The header could not be told of the commits meanwhile, which is said; the record itself is ahead of it, which is harmless.
    assert {record.getMessage() for record in caplog.records} == {"the commit counter could not be mirrored: OSError"}
    laptop.lock()


def test_a_disk_that_turns_read_only_says_so_and_keeps_what_was_saved(laptop: Laptop, disk: Path) -> None:
    laptop.save("second")
    laptop.lock()
    _remount(disk, "ro")
    with pytest.raises(Problem):
        laptop.unlock()
    _remount(disk, "rw")
    laptop.unlock()
    assert laptop.record.rolled_back is None
    assert laptop.texts() == {"first", "second"}
    laptop.lock()


def test_a_disk_that_is_full_at_locking_still_locks_and_nothing_is_missed_afterwards(laptop: Laptop, disk: Path) -> None:
    laptop.save("second")
    filler = disk / "films"
    filler.write_bytes(bytes(shutil.disk_usage(disk).free))
    laptop.lock()
    laptop.unlock()
    assert laptop.record.rolled_back is None
    assert laptop.texts() == {"first", "second"}
    laptop.lock()
    filler.unlink()
    laptop.unlock()
    laptop.save("third")
    assert laptop.record.rolled_back is None
    laptop.lock()


def test_a_restore_that_does_not_fit_moves_nothing(laptop: Laptop, disk: Path) -> None:
    backup.back_up(laptop.record)
    key = laptop.vault.db_key()
    laptop.lock()
    raw = bytearray(laptop.path.read_bytes())
    raw[20_000:30_000] = bytes(10_000)
    laptop.path.write_bytes(raw)
    filler = disk / "films"
    filler.write_bytes(bytes(shutil.disk_usage(disk).free))
    with pytest.raises((DiskFull, BackupFailed)):
        backup.restore(laptop.path, key, CLOCK)
    assert laptop.path.read_bytes() == bytes(raw)
    filler.unlink()
    restored = backup.restore(laptop.path, key, CLOCK)
    assert (restored.aside / "record.db").read_bytes() == bytes(raw)
