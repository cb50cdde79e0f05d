"""A record taken off a laptop by order: cut off at every call and gone on with, nothing unsent lost, no false order obeyed (S10)."""

import base64
import json
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.kit.leaks import encodings_of, files_below
from tests.unit.vault.places import CHEAP, MemorySecretStore, typed
from visitapp.actions.leases import take_lease
from visitapp.actions.session import Profile, begin_record
from visitapp.actions.wiping import order_wipe, settle_wipe
from visitapp.domain.clock import FixedClock
from visitapp.domain.ids import DeviceId, Ids, UserId
from visitapp.domain.review import UserRole
from visitapp.protocol.papers import Lease, WipeOrder, WipeReceipt, paper_text, read_paper, sealed_info
from visitapp.store import backup, ballast
from visitapp.store.record import Record
from visitapp.sync.problems import ServiceUnreachable
from visitapp.vault.device import DeviceKey, verify
from visitapp.vault.problems import KeyringIsLocked, VaultMissing, WipeRefused
from visitapp.vault.sealing import new_pair, unsealed
from visitapp.vault.vault import Vault
from visitapp.vault.wiping import JOURNAL_FILE, SEALED_FILE, Step, finish, forget, under_way

CLOCK = FixedClock(datetime(2026, 11, 20, 10, tzinfo=UTC))
SERVICE = DeviceKey.generate()
OPENS, SEALS_TO = new_pair()
CANARY = "Quillfeather said the key is under the third pot"
ISSUED = int(CLOCK.now().timestamp() * 1000)
ORDER = WipeOrder("order-1", "d1", ISSUED, base64.b64encode(SEALS_TO).decode(), ("admin-1",))


class Killed(BaseException):
    """The process ended here."""


class Laptop:
    """A vault with a record, a backup, a ballast and one unsent note."""

    def __init__(self, folder: Path, store: MemorySecretStore, device: DeviceKey) -> None:
        self.folder = folder
        self.store = store
        self.device = device

    def open(self) -> tuple[Record, str]:
        vault = Vault.open(self.folder, typed(), self.store, clock=CLOCK)
        record = Record.open(self.folder / "record.db", vault.db_key(), clock=CLOCK)
        vault.close()
        return record, vault.vault_id

    def order(self, order: WipeOrder = ORDER, *, send: Callable[[Record], None] = lambda record: None) -> None:
        record, vault_id = self.open()
        try:
            order_wipe(record, self.folder, vault_id, paper_text(order, SERVICE.sign))
            settle_wipe(record, self.folder, send=lambda: send(record))
        finally:
            record.close()

    def receipt(self, text: str) -> WipeReceipt:
        found = read_paper("wiped", text, lambda signature, message: verify(self.device.public_bytes, signature, message))
        assert isinstance(found, WipeReceipt)
        return found

    def is_gone(self) -> None:
        assert not self.store.kept
        assert {path.name for path in self.folder.iterdir()} <= {JOURNAL_FILE, SEALED_FILE}
        with pytest.raises(VaultMissing):
            Vault.open(self.folder, typed(), self.store, clock=CLOCK)

    def sealed_work(self) -> list[str]:
        sealed = (self.folder / SEALED_FILE).read_bytes()
        work = unsealed(OPENS, sealed, sealed_info(ORDER.id, "d1"))
        assert work is not None
        return [base64.b64decode(change["body"]).decode() for change in json.loads(work)["changes"]]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Laptop:
    """A laptop to be copied."""
    folder = tmp_path_factory.mktemp("made") / "vault"
    store, device = MemorySecretStore(), DeviceKey.generate()
    vault = Vault.create(folder, typed(), store, clock=CLOCK, kdf=CHEAP)
    record = Record.create(folder / "record.db", vault.db_key(), clock=CLOCK)
    begin_record(record, Profile(UserId("bea"), "Bea", UserRole.NURSE), DeviceId("d1"), device, practice=False)
    with record.writing() as w:
        w.meta_set("service_key", base64.b64encode(SERVICE.public_bytes).decode())
        w.put("g:", "plan_item", Ids(CLOCK)(), {"family": "f", "text": CANARY})
    backup.back_up(record)
    ballast.lay(record.path)
    record.close()
    vault.close()
    (folder / "unsent").write_text("1", "ascii")
    (folder / "vault.damaged-1.json").write_bytes((folder / "vault.json").read_bytes())
    return Laptop(folder, store, device)


@pytest.fixture
def laptop(made: Laptop, tmp_path: Path) -> Laptop:
    """A laptop of one's own."""
    shutil.copytree(made.folder, tmp_path / "vault")
    store = MemorySecretStore()
    store.kept.update(made.store.kept)
    return Laptop(tmp_path / "vault", store, made.device)


def test_unsent_work_is_sealed_when_it_cannot_be_sent_and_nothing_else_is_left(laptop: Laptop) -> None:
    def offline(record: Record) -> None:
        raise ServiceUnreachable

    laptop.order(send=offline)
    assert under_way(laptop.folder) is Step.SETTLED
    receipt = laptop.receipt(finish(laptop.folder, laptop.store))
    assert (receipt.order, receipt.unsent, receipt.count) == ("order-1", "sealed", 1)
    laptop.is_gone()
    assert CANARY in laptop.sealed_work()[0]
    for path in files_below(laptop.folder):
        for words in encodings_of(CANARY):
            assert words not in path.read_bytes()
    forget(laptop.folder)
    assert not laptop.folder.exists()


def test_work_that_could_be_sent_is_not_kept(laptop: Laptop) -> None:
    def sends(record: Record) -> None:
        with record.writing() as w:
            w.connection.exec_driver_sql("DELETE FROM outbox")

    laptop.order(send=sends)
    receipt = laptop.receipt(finish(laptop.folder, laptop.store))
    assert (receipt.unsent, receipt.sealed_sha256) == ("sent", "")
    assert not (laptop.folder / SEALED_FILE).exists()
    laptop.is_gone()


def test_an_order_for_now_needs_two_administrators_and_leaves_work_behind(laptop: Laptop) -> None:
    for by in (("admin-1",), ("admin-1", "admin-1"), ()):
        with pytest.raises(WipeRefused) as refused:
            laptop.order(replace(ORDER, now=True, by=by))
        assert refused.value.reason == "unapproved"
    laptop.order(replace(ORDER, now=True, by=("admin-1", "admin-2")))
    assert laptop.receipt(finish(laptop.folder, laptop.store)).unsent == "left"
    laptop.is_gone()


_CALLS = ("unlink", "replace", "fsync", "rmdir")


class _Killer:
    """Ends the process at the n-th call that changes the disk or the keyring; `after` lets that call happen first."""

    def __init__(self, patch: pytest.MonkeyPatch, store: MemorySecretStore, at: int, *, after: bool) -> None:
        self.count, self._at, self._after = 0, at, after
        for name in _CALLS:
            patch.setattr(os, name, self._counted(getattr(os, name)))
        patch.setattr(store, "delete", self._counted(store.delete))

    def _counted(self, call: Callable[..., object]) -> Callable[..., object]:
        def counted(*args: object, **more: object) -> object:
            self.count += 1
            if self.count == self._at and not self._after:
                raise Killed
            result = call(*args, **more)
            if self.count == self._at:
                raise Killed
            return result

        return counted


def _copies(laptop: Laptop, to: Path) -> Laptop:
    shutil.copytree(laptop.folder, to)
    store = MemorySecretStore()
    store.kept.update(laptop.store.kept)
    return Laptop(to, store, laptop.device)


@pytest.mark.parametrize("after", [False, True])
def test_cut_off_at_any_call_it_is_gone_on_with_without_a_key(
    laptop: Laptop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, after: bool
) -> None:
    laptop.order()
    at = 0
    while True:
        at += 1
        one = _copies(laptop, tmp_path / f"cut-{at}")
        with monkeypatch.context() as patch:
            killer = _Killer(patch, one.store, at, after=after)
            try:
                finish(one.folder, one.store)
            except Killed:
                pass
            else:
                assert killer.count < at
                break
        # Whatever was done already, the record cannot be had back once the first step is through.
        if under_way(one.folder) is not Step.SETTLED:
            assert not one.store.kept
        receipt = one.receipt(finish(one.folder, one.store))
        assert receipt.unsent == "sealed"
        one.is_gone()
        assert CANARY in one.sealed_work()[0]
        assert finish(one.folder, one.store) == finish(one.folder, one.store)
    assert at > 12


def test_cut_off_while_work_is_settled_the_record_is_still_whole(
    laptop: Laptop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = 0
    while True:
        at += 1
        one = _copies(laptop, tmp_path / f"cut-{at}")
        record, vault_id = one.open()
        text = paper_text(ORDER, SERVICE.sign)
        with monkeypatch.context() as patch:
            _Killer(patch, one.store, at, after=False)
            try:
                order_wipe(record, one.folder, vault_id, text)
                settle_wipe(record, one.folder)
            except Killed:
                was_killed = True
            else:
                was_killed = False
        record.close()
        if not was_killed:
            break
        assert under_way(one.folder) in (None, Step.ORDERED, Step.SETTLED)
        if under_way(one.folder) is not Step.SETTLED:
            one.order()
        assert one.receipt(finish(one.folder, one.store)).unsent == "sealed"
        assert CANARY in one.sealed_work()[0]
        one.is_gone()
    assert at > 4


def _forged(text: str) -> Iterator[tuple[str, str]]:
    stranger = DeviceKey.generate()
    yield "forged", paper_text(ORDER, stranger.sign)
    yield "forged", text[:-4]
    yield "forged", paper_text(Lease("bea", "d1", (), 1, 1, 2), SERVICE.sign)
    yield "another-device", paper_text(replace(ORDER, device="d2"), SERVICE.sign)


def test_forged_orders_touch_nothing(laptop: Laptop) -> None:
    record, vault_id = laptop.open()
    for reason, text in _forged(paper_text(ORDER, SERVICE.sign)):
        with pytest.raises(WipeRefused) as refused:
            order_wipe(record, laptop.folder, vault_id, text)
        assert refused.value.reason == reason
    assert under_way(laptop.folder) is None
    record.close()
    with pytest.raises(WipeRefused):
        finish(laptop.folder, laptop.store)
    laptop.open()[0].close()


def test_an_order_taken_back_cannot_be_played_again(laptop: Laptop) -> None:
    record, vault_id = laptop.open()
    later = ISSUED + 60_000
    take_lease(record, paper_text(Lease("bea", "d1", ("nurse",), 1, later, later + 10**9), SERVICE.sign))
    with pytest.raises(WipeRefused) as refused:
        order_wipe(record, laptop.folder, vault_id, paper_text(ORDER, SERVICE.sign))
    assert refused.value.reason == "replayed"
    newer = replace(ORDER, id="order-2", issued_ms=later + 1)
    order_wipe(record, laptop.folder, vault_id, paper_text(newer, SERVICE.sign))
    (laptop.folder / JOURNAL_FILE).unlink()
    with pytest.raises(WipeRefused) as refused:
        order_wipe(record, laptop.folder, vault_id, paper_text(newer, SERVICE.sign))
    assert refused.value.reason == "replayed"
    record.close()


@pytest.mark.parametrize("raw", [b"", b"{}", b"[]", b'{"order":"x","receipt":"","step":"gone","vault_id":"v"}', b"\xff"])
def test_a_journal_that_cannot_be_read_deletes_nothing(laptop: Laptop, raw: bytes) -> None:
    (laptop.folder / JOURNAL_FILE).write_bytes(raw)
    with pytest.raises(WipeRefused):
        finish(laptop.folder, laptop.store)
    laptop.open()[0].close()


def test_a_locked_keyring_puts_everything_off(laptop: Laptop, monkeypatch: pytest.MonkeyPatch) -> None:
    laptop.order()

    def locked(vault_id: str) -> None:
        raise KeyringIsLocked

    with monkeypatch.context() as patch:
        patch.setattr(laptop.store, "delete", locked)
        with pytest.raises(KeyringIsLocked):
            finish(laptop.folder, laptop.store)
    assert (laptop.folder / "record.db").exists()
    finish(laptop.folder, laptop.store)
    laptop.is_gone()


def test_a_copy_of_the_folder_is_noise_without_the_secret(laptop: Laptop, tmp_path: Path) -> None:
    copy = _copies(laptop, tmp_path / "copy")
    laptop.order()
    finish(laptop.folder, laptop.store)
    with pytest.raises(Exception, match="DeviceSecretMissing"):
        Vault.open(copy.folder, typed(), laptop.store, clock=CLOCK)
