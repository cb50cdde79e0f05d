"""Whatever call to the system fails, and wherever the program is killed, one of the passphrases opens the vault."""

import errno
import hashlib
import json
import os
import shutil
from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.vault.places import CHEAP, PASSPHRASE, MemorySecretStore, a_clock, typed
from visitapp.vault import folder as folder_
from visitapp.vault import header as header_
from visitapp.vault import secrets as secrets_
from visitapp.vault import slot
from visitapp.vault.header import HEADER_FILE, parsed
from visitapp.vault.keys import KdfParams
from visitapp.vault.problems import KeyringFailed, TooSoon, VaultDamaged, VaultTooNew, WrongPassphrase
from visitapp.vault.secrets import FileSecretStore
from visitapp.vault.vault import Vault

NEW = "marble otter fiddle dune"
CALLS = ("open", "fsync", "replace", "close")


class Killed(BaseException):
    """The program ends here: nothing that would tidy up may run, except what Python runs anyway."""


class FailingSystem:
    """Counts calls to the system that the header makes, and fails one of them before it does anything."""

    def __init__(self, fail_at: int, failure: Callable[[], BaseException]) -> None:
        self.calls = 0
        self._fail_at = fail_at
        self._failure = failure

    def wrapped(self, name: str) -> Callable[..., object]:
        real = getattr(os, name)

        def call(*args: object, **kw: object) -> object:
            self.calls += 1
            if self.calls == self._fail_at:
                raise self._failure()
            return real(*args, **kw)

        return call


class SystemOf:
    """Stands for the module `os` inside the header's module alone."""

    def __init__(self, system: FailingSystem) -> None:
        for name in CALLS:
            setattr(self, name, system.wrapped(name))

    def __getattr__(self, name: str) -> object:
        return getattr(os, name)


def full_disk() -> BaseException:
    return OSError(errno.ENOSPC, "No space left on device")


def unlocks_with(folder, store, *passphrases: str) -> list[str]:
    found = []
    for text in passphrases:
        try:
            Vault.open(folder, typed(text), store, clock=a_clock()).close()
        except WrongPassphrase:
            continue
        found.append(text)
    return found


def count_calls(work, monkeypatch) -> int:
    system = FailingSystem(0, full_disk)
    with monkeypatch.context() as patch:
        patch.setattr(header_, "os", SystemOf(system))
        work()
    return system.calls


@pytest.fixture(scope="module", autouse=True)
def derivation_at_once():
    """Derive by one hash: here files are tried hundreds of times, and what Argon2 gives does not matter to them."""

    def derive(passphrase: bytearray, salt: bytes, params: KdfParams) -> bytearray:
        return bytearray(hashlib.sha256(salt + bytes(passphrase)).digest())

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(slot, "derive", derive)
        yield


@pytest.fixture(scope="module")
def original(tmp_path_factory, derivation_at_once):
    folder = tmp_path_factory.mktemp("original") / "vault"
    store = MemorySecretStore()
    Vault.create(folder, typed(), store, clock=a_clock(), kdf=CHEAP).close()
    return folder, store.kept


@pytest.fixture
def copy(original, tmp_path):
    folder, kept = original

    def make(name: str):
        store = MemorySecretStore()
        store.kept = dict(kept)
        shutil.copytree(folder, tmp_path / name)
        return tmp_path / name, store

    return make


@pytest.mark.parametrize("failure", [full_disk, Killed])
def test_a_change_of_passphrase_that_fails_anywhere_leaves_one_that_opens(copy, monkeypatch, failure):
    def change(folder, store):
        vault = Vault.open(folder, typed(), store, clock=a_clock())
        vault.change_passphrase(typed(), typed(NEW), clock=a_clock())
        vault.close()

    folder, store = copy("counting")
    total = count_calls(lambda: change(folder, store), monkeypatch)
    assert total >= 15
    for fail_at in range(1, total + 1):
        folder, store = copy(f"{failure.__name__}-{fail_at}")
        with monkeypatch.context() as patch:
            patch.setattr(header_, "os", SystemOf(FailingSystem(fail_at, failure)))
            with suppress(OSError, Killed):
                change(folder, store)
        assert len(unlocks_with(folder, store, PASSPHRASE, NEW)) == 1, fail_at


DEARER = KdfParams(65 * 1024, 3, 4)


def unlock(folder, store):
    Vault.open(folder, typed(), store, clock=a_clock(), upgrade_to=DEARER).close()


def test_an_unlock_killed_anywhere_can_be_tried_again(copy, monkeypatch):
    folder, store = copy("counting")
    total = count_calls(lambda: unlock(folder, store), monkeypatch)
    assert total >= 15
    for fail_at in range(1, total + 1):
        folder, store = copy(str(fail_at))
        with monkeypatch.context() as patch:
            patch.setattr(header_, "os", SystemOf(FailingSystem(fail_at, Killed)))
            with pytest.raises(Killed):
                unlock(folder, store)
        assert unlocks_with(folder, store, PASSPHRASE), fail_at


def test_a_full_disk_locks_nobody_out_and_still_counts_the_wrong_ones(copy, monkeypatch):
    folder, store = copy("full")

    def refused(*_args):
        raise full_disk()

    with monkeypatch.context() as patch:
        patch.setattr(folder_, "write_durably", refused)
        for _ in range(3):
            assert not unlocks_with(folder, store, "wrong")
        assert unlocks_with(folder, store, PASSPHRASE)
        for _ in range(4):
            assert not unlocks_with(folder, store, "wrong")
        with pytest.raises(TooSoon):
            unlock(folder, store)


def test_a_disk_that_fails_at_any_call_locks_nobody_out(copy, monkeypatch):
    folder, store = copy("counting")
    total = count_calls(lambda: unlock(folder, store), monkeypatch)
    for fail_at in range(1, total + 1):
        folder, store = copy(str(fail_at))
        with monkeypatch.context() as patch:
            patch.setattr(header_, "os", SystemOf(FailingSystem(fail_at, full_disk)))
            unlock(folder, store)
        assert unlocks_with(folder, store, PASSPHRASE), fail_at


def test_a_full_disk_under_a_secret_file_is_a_problem_and_not_a_crash(tmp_path, monkeypatch):
    store = FileSecretStore(tmp_path / "secrets.json")
    Vault.create(tmp_path / "vault", typed(), store, clock=a_clock(), kdf=CHEAP).close()

    def refused(*_args):
        raise full_disk()

    monkeypatch.setattr(folder_, "write_durably", refused)
    monkeypatch.setattr(secrets_, "write_durably", refused)
    with pytest.raises(KeyringFailed):
        Vault.open(tmp_path / "vault", typed(), store, clock=a_clock())


def test_a_mirrored_commit_that_fails_leaves_the_one_before(copy, monkeypatch):
    folder, store = copy("counting")
    vault = Vault.open(folder, typed(), store, clock=a_clock())
    vault.mirror_commit(1, "aa")
    with monkeypatch.context() as patch:
        patch.setattr(header_, "os", SystemOf(FailingSystem(2, full_disk)))
        with pytest.raises(OSError, match="space"):
            vault.mirror_commit(2, "bb")
    assert parsed((folder / HEADER_FILE).read_bytes()).commit.counter == 1
    vault.mirror_commit(3, "cc")
    assert parsed((folder / HEADER_FILE).read_bytes()).commit.counter == 3


def test_a_vault_that_could_not_be_made_leaves_no_secret_behind(tmp_path, monkeypatch):
    total = count_calls(lambda: Vault.create(tmp_path / "0", typed(), MemorySecretStore(), clock=a_clock(), kdf=CHEAP), monkeypatch)
    for fail_at in range(1, total + 1):
        store, folder = MemorySecretStore(), tmp_path / str(fail_at)
        with monkeypatch.context() as patch:
            patch.setattr(header_, "os", SystemOf(FailingSystem(fail_at, full_disk)))
            with pytest.raises(OSError, match="space"):
                Vault.create(folder, typed(), store, clock=a_clock(), kdf=CHEAP)
        # Either nothing is left, or all that is needed to open what was begun.
        assert bool(store.kept) == Vault.exists(folder), fail_at
        if store.kept:
            assert unlocks_with(folder, store, PASSPHRASE)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=12,
)


@given(raw=st.binary(max_size=600))
def test_no_bytes_make_the_parser_fail_otherwise_than_by_saying_damaged(raw):
    with pytest.raises((VaultDamaged, VaultTooNew)):
        parsed(raw)


@given(data=st.data())
def test_no_value_in_a_headers_place_makes_the_parser_fail_otherwise(data, original):
    shape = json.loads((original[0] / HEADER_FILE).read_bytes())
    inner = data.draw(st.sampled_from([shape, shape["slots"][0], shape["slots"][0]["kdf"], shape["attempts"], shape["commit"]]))
    inner[data.draw(st.sampled_from(sorted(inner)))] = data.draw(JSON)
    raw = json.dumps(shape, sort_keys=True, separators=(",", ":")).encode()
    try:
        header = parsed(raw)
    except (VaultDamaged, VaultTooNew):
        return
    assert header_.written(header) == raw
