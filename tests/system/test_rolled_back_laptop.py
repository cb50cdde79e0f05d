"""A laptop whose files were put back: the keyring or the header's own count tells, whichever was not put back."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.unit.vault.places import CHEAP, MemorySecretStore, typed
from visitapp.actions.custody import close_record, follow, look_at, open_record, restore_record
from visitapp.domain.clock import FixedClock
from visitapp.domain.ids import Ids
from visitapp.domain.problems import Problem
from visitapp.store import audit
from visitapp.store.anchors import Anchor, log_of
from visitapp.store.connection import PAGE_BYTES
from visitapp.store.problems import RecordRolledBack
from visitapp.store.record import Record
from visitapp.sync.loop import SyncLoop
from visitapp.sync.state import Trouble
from visitapp.vault.problems import KeyringIsLocked, VaultClosed
from visitapp.vault.vault import Vault

CLOCK = FixedClock(datetime(2026, 11, 20, 10, tzinfo=UTC))


class Laptop:
    """A vault and its record, wired as the application wires them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.store = MemorySecretStore()
        vault = Vault.create(folder, typed(), self.store, clock=CLOCK, kdf=CHEAP)
        record = Record.create(folder / "record.db", vault.db_key(), clock=CLOCK)
        follow(record, vault)
        self.vault, self.record = vault, record

    def write(self, number: int) -> None:
        with self.record.writing() as w:
            w.put("g:", "plan_item", Ids(CLOCK)(), {"family": "f", "text": f"goal {number}"})
            w.audit("saved", number=number)

    def lock(self) -> None:
        close_record(self.record, self.vault)

    def unlock(self) -> Record:
        self.vault = Vault.open(self.folder, typed(), self.store, clock=CLOCK)
        self.record = open_record(self.folder / "record.db", self.vault, CLOCK)
        return self.record

    def texts(self) -> list[str]:
        with self.record.reading() as r:
            return sorted(str(body["text"]) for _, _, body in r.of_kind("plan_item"))


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
    laptop.lock()


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
    laptop.lock()
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
    laptop.lock()


def test_locking_a_rolled_back_record_leaves_its_anchors_alone(laptop: Laptop, tmp_path: Path) -> None:
    old = _copies(laptop.folder, tmp_path / "old")
    laptop.unlock()
    laptop.write(9)
    laptop.lock()
    shutil.copy(old / "record.db", laptop.folder / "record.db")
    before = Vault.anchors_of(laptop.folder, laptop.store)
    for _ in range(3):
        assert laptop.unlock().rolled_back is not None
        laptop.lock()
    assert Vault.anchors_of(laptop.folder, laptop.store) == before


def test_a_damaged_record_is_restored_when_asked_for_and_then_goes_on(laptop: Laptop) -> None:
    laptop.unlock()
    laptop.write(9)
    laptop.lock()
    path = laptop.folder / "record.db"
    path.write_bytes(path.read_bytes()[:-PAGE_BYTES])
    with pytest.raises(Problem):
        laptop.unlock()
    record, restored = restore_record(path, laptop.vault, CLOCK)
    laptop.record = record
    assert (restored.aside / "record.db").exists()
    assert "goal 0" in laptop.texts()
    laptop.write(10)
    laptop.lock()
    assert laptop.unlock().rolled_back is None
    assert "goal 10" in laptop.texts()
    with laptop.record.reading() as r:
        done = [str(link.entry["do"]) for link in audit.links(r)]
        assert audit.first_break(r) == 0
    assert done[-3:] == ["carried-on", "restored", "saved"]
    laptop.lock()


def test_a_keyring_or_disk_that_fails_at_locking_keeps_no_key_in_memory(laptop: Laptop, monkeypatch: pytest.MonkeyPatch) -> None:
    laptop.unlock()
    laptop.write(9)
    vault = laptop.vault

    def fails(*args: object, **more: object) -> None:
        raise KeyringIsLocked

    with monkeypatch.context() as patch:
        patch.setattr(laptop.store, "set", fails)
        patch.setattr("visitapp.store.backup.copy", fails)
        laptop.lock()
    with pytest.raises(VaultClosed):
        vault.db_key()
    assert laptop.unlock().rolled_back is None
    laptop.lock()


def test_what_can_be_known_without_unlocking(laptop: Laptop, tmp_path: Path) -> None:
    path = laptop.folder / "record.db"
    old = _copies(laptop.folder, tmp_path / "old")
    look = look_at(path, laptop.store)
    assert (look.rests, look.header_is_behind, look.is_sealed, look.has_escrow, look.put_aside) == (True, False, False, False, 0)
    assert look.backups == 1
    laptop.unlock()
    assert look_at(path, laptop.store).has_ballast
    laptop.write(9)
    assert look_at(path, laptop.store).rests is None, "it is open, with a log"
    laptop.lock()
    assert look_at(path, laptop.store).rests is True
    shutil.copy(old / "record.db", path)
    assert look_at(path, laptop.store).rests is False
    shutil.copy(old / "vault.json", laptop.folder / "vault.json")
    assert look_at(path, laptop.store).header_is_behind
