"""A laptop whose files were put back: the keyring or the header's own count tells, whichever was not put back."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.unit.vault.places import CHEAP, MemorySecretStore, typed
from visitapp.domain.clock import FixedClock
from visitapp.domain.ids import Ids
from visitapp.store.anchors import Anchor, log_of
from visitapp.store.problems import RecordRolledBack
from visitapp.store.record import Record
from visitapp.sync.loop import SyncLoop
from visitapp.sync.state import Trouble
from visitapp.vault.vault import OpenVault, Vault

CLOCK = FixedClock(datetime(2026, 11, 20, 10, tzinfo=UTC))


class Laptop:
    """A vault and its record, wired as the application wires them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.store = MemorySecretStore()
        vault = Vault.create(folder, typed(), self.store, clock=CLOCK, kdf=CHEAP)
        record = Record.create(folder / "record.db", vault.db_key(), clock=CLOCK)
        self.vault, self.record = self.wired(vault, record)

    def wired(self, vault: OpenVault, record: Record) -> tuple[OpenVault, Record]:
        record.mirror_commits(lambda counter, head: vault.mirror_commit(counter, head.hex()))
        return vault, record

    def write(self, number: int) -> None:
        with self.record.writing() as w:
            w.put("g:", "plan_item", Ids(CLOCK)(), {"family": "f", "text": f"goal {number}"})
            w.audit("saved", number=number)

    def lock(self) -> None:
        found = self.record.anchor()
        self.record.close()
        self.vault.anchor(found.counter, found.head, found.pages)
        self.vault.close()

    def unlock(self) -> Record:
        vault = Vault.open(self.folder, typed(), self.store, clock=CLOCK)
        anchors = [Anchor(each.counter, each.head, each.pages) for each in vault.anchors]
        record = Record.open(self.folder / "record.db", vault.db_key(), clock=CLOCK, anchors=anchors)
        self.vault, self.record = self.wired(vault, record)
        return record


@pytest.fixture
def laptop(tmp_path: Path) -> Laptop:
    """A laptop that was used and locked once."""
    made = Laptop(tmp_path / "vault")
    for number in range(3):
        made.write(number)
    made.lock()
    return made


def _copies(folder: Path, to: Path) -> Path:
    shutil.copytree(folder, to)
    return to


def test_locking_and_unlocking_is_no_cause_for_alarm(laptop: Laptop) -> None:
    for number in range(3):
        assert laptop.unlock().rolled_back is None
        laptop.write(number)
        laptop.lock()
    assert laptop.unlock().rolled_back is None
    laptop.lock()


def test_old_file_alone_is_told_by_header_and_keyring(laptop: Laptop, tmp_path: Path) -> None:
    old = _copies(laptop.folder, tmp_path / "old")
    laptop.unlock()
    laptop.write(9)
    laptop.lock()
    shutil.copy(old / "record.db", laptop.folder / "record.db")
    assert laptop.unlock().rolled_back is not None
    laptop.record.close()
    laptop.vault.close()


def test_old_file_and_old_header_are_told_by_the_keyring(laptop: Laptop, tmp_path: Path) -> None:
    old = _copies(laptop.folder, tmp_path / "old")
    laptop.unlock()
    laptop.write(9)
    laptop.lock()
    shutil.rmtree(laptop.folder)
    shutil.copytree(old, laptop.folder)
    header, keyring = Vault.anchors_of(laptop.folder, laptop.store)
    assert header.counter < keyring.counter
    record = laptop.unlock()
    assert record.rolled_back is not None
    assert record.rolled_back.expected == keyring.counter
    laptop.record.close()
    laptop.vault.close()
    # Closing it does not lower the anchor.
    assert Vault.anchors_of(laptop.folder, laptop.store)[1].counter == keyring.counter


def test_log_lost_after_a_crash_is_told_by_the_header(laptop: Laptop, tmp_path: Path) -> None:
    laptop.unlock()
    for number in range(4):
        laptop.write(number)
    crashed = _copies(laptop.folder, tmp_path / "crashed")
    log_of(crashed / "record.db").unlink()
    laptop.lock()
    header, _ = Vault.anchors_of(crashed, laptop.store)
    vault = Vault.open(crashed, typed(), laptop.store, clock=CLOCK)
    record = Record.open(
        crashed / "record.db", vault.db_key(), clock=CLOCK, anchors=[Anchor(header.counter, header.head, header.pages)]
    )
    assert record.rolled_back is not None
    record.close()
    vault.close()


def test_nothing_of_a_rolled_back_record_is_sent(laptop: Laptop, tmp_path: Path) -> None:
    old = _copies(laptop.folder, tmp_path / "old")
    laptop.unlock()
    laptop.write(9)
    laptop.lock()
    shutil.copy(old / "record.db", laptop.folder / "record.db")
    record = laptop.unlock()
    shown: list[object] = []
    asked: list[bool] = []
    loop = SyncLoop(record, lambda: asked.append(True), CLOCK, shown.append)
    loop.start()
    loop.sync_now()
    loop.stop()
    assert not asked
    assert isinstance(shown[-1], Trouble)
    assert isinstance(shown[-1].problem, RecordRolledBack)
    record.close()
    laptop.vault.close()
