"""A vault opens with both secrets and nothing less, and forgets its keys."""

import os
import stat
from datetime import timedelta

import pytest

from tests.unit.vault.places import CHEAP, PASSPHRASE, MemorySecretStore, a_clock, typed
from visitapp.vault.header import HEADER_FILE, SPARE_FILE
from visitapp.vault.keys import KdfParams
from visitapp.vault.problems import (
    DeviceSecretMissing,
    KeyringFailed,
    KeyringIsLocked,
    Sealed,
    TooSoon,
    VaultClosed,
    VaultDamaged,
    VaultExists,
    WrongPassphrase,
)
from visitapp.vault.secrets import DeviceSecret, FileSecretStore
from visitapp.vault.vault import Vault

DEARER = KdfParams(80 * 1024, 3, 4)


@pytest.fixture
def store():
    return MemorySecretStore()


@pytest.fixture
def clock():
    return a_clock()


def make(folder, store, clock, **kw):
    return Vault.create(folder, typed(), store, clock=clock, kdf=CHEAP, **kw)


def test_an_opened_vault_gives_the_keys_it_was_made_with(tmp_path, store, clock):
    vault = make(tmp_path, store, clock)
    keys = vault.db_key(), vault.backup_key(), vault.files_key()
    vault.close()
    again = Vault.open(tmp_path, typed(), store, clock=clock)
    assert (again.db_key(), again.backup_key(), again.files_key()) == keys
    assert len({*keys}) == 3
    assert all(len(key) == 32 for key in keys)


def test_passphrase_without_the_device_secret_opens_nothing(tmp_path, store, clock):
    vault_id = make(tmp_path, store, clock).vault_id
    store.delete(vault_id)
    with pytest.raises(DeviceSecretMissing):
        Vault.open(tmp_path, typed(), store, clock=clock)
    store.set(vault_id, DeviceSecret(os.urandom(32)).written())
    with pytest.raises(VaultDamaged):
        Vault.open(tmp_path, typed(), store, clock=clock)


def test_device_secret_without_the_passphrase_opens_nothing(tmp_path, store, clock):
    make(tmp_path, store, clock).close()
    for text in ("", PASSPHRASE[:-1], PASSPHRASE.upper()):
        with pytest.raises(WrongPassphrase):
            Vault.open(tmp_path, typed(text), store, clock=clock)


def test_passphrases_that_look_alike_are_the_same(tmp_path, store, clock):
    Vault.create(tmp_path, typed("Zażółć gęślą jaźń"), store, clock=clock, kdf=CHEAP).close()
    decomposed = "Zaz\u0307o\u0301łc\u0301 ge\u0328s\u0301la\u0328 jaz\u0301n\u0301"
    Vault.open(tmp_path, typed(decomposed), store, clock=clock).close()


def test_every_passphrase_is_zeroed_even_when_it_was_wrong(tmp_path, store, clock):
    first = typed()
    vault = Vault.create(tmp_path, first, store, clock=clock, kdf=CHEAP)
    wrong, right, current, new = typed("not this"), typed(), typed(), typed("another good one")
    with pytest.raises(WrongPassphrase):
        Vault.open(tmp_path, wrong, store, clock=clock)
    Vault.open(tmp_path, right, store, clock=clock)
    vault.change_passphrase(current, new, clock=clock)
    assert not any(map(any, (first, wrong, right, current, new)))


def test_closing_zeroes_the_master_key_and_refuses_further_keys(tmp_path, store, clock):
    vault = make(tmp_path, store, clock)
    master = vault._master
    assert any(master)
    vault.close()
    vault.close()
    assert not any(master)
    for asked in (vault.db_key, vault.backup_key, lambda: vault.mirror_commit(1, "")):
        with pytest.raises(VaultClosed):
            asked()


def test_a_new_passphrase_keeps_the_record_key_and_touches_no_other_file(tmp_path, store, clock):
    vault = make(tmp_path, store, clock)
    key = vault.db_key()
    (tmp_path / "record.db").write_bytes(b"pages")
    before = (tmp_path / "record.db").stat()
    vault.change_passphrase(typed(), typed("marble otter fiddle dune"), clock=clock)
    assert vault.db_key() == key
    vault.close()
    assert (tmp_path / "record.db").stat().st_mtime_ns == before.st_mtime_ns
    with pytest.raises(WrongPassphrase):
        Vault.open(tmp_path, typed(), store, clock=clock)
    assert Vault.open(tmp_path, typed("marble otter fiddle dune"), store, clock=clock).db_key() == key


def test_a_new_passphrase_needs_the_present_one(tmp_path, store, clock):
    vault = make(tmp_path, store, clock)
    with pytest.raises(WrongPassphrase):
        vault.change_passphrase(typed("guess"), typed("marble otter fiddle dune"), clock=clock)
    Vault.open(tmp_path, typed(), store, clock=clock).close()


def test_header_of_before_a_new_passphrase_works_until_the_new_one_has_been_used(tmp_path, store, clock):
    vault = make(tmp_path, store, clock)
    key = vault.db_key()
    vault.change_passphrase(typed(), typed("marble otter fiddle dune"), clock=clock)
    (tmp_path / HEADER_FILE).write_bytes(b"cut by a dying disk")
    with pytest.raises(VaultDamaged) as found:
        Vault.open(tmp_path, typed(), store, clock=clock)
    assert found.value.has_spare
    Vault.use_spare(tmp_path, store)
    assert Vault.open(tmp_path, typed(), store, clock=clock).db_key() == key
    assert (tmp_path / "vault.damaged-1.json").read_bytes() == b"cut by a dying disk"


def test_an_old_header_put_back_after_the_new_passphrase_was_used_is_refused(tmp_path, store, clock):
    vault = make(tmp_path, store, clock)
    old = (tmp_path / HEADER_FILE).read_bytes()
    vault.change_passphrase(typed(), typed("marble otter fiddle dune"), clock=clock)
    vault.close()
    Vault.open(tmp_path, typed("marble otter fiddle dune"), store, clock=clock).close()
    (tmp_path / HEADER_FILE).write_bytes(old)
    with pytest.raises(VaultDamaged) as found:
        Vault.open(tmp_path, typed(), store, clock=clock)
    assert found.value.reason == "replayed"
    Vault.use_spare(tmp_path, store)
    Vault.open(tmp_path, typed("marble otter fiddle dune"), store, clock=clock).close()


def test_waits_grow_with_wrong_passphrases_and_the_tenth_seals(tmp_path, store, clock):
    make(tmp_path, store, clock).close()
    waits = []
    for _ in range(9):
        with pytest.raises(WrongPassphrase) as found:
            Vault.open(tmp_path, typed("wrong"), store, clock=clock)
        wait_s = found.value.retry_after_s
        waits.append(wait_s)
        if wait_s:
            clock.move(timedelta(seconds=wait_s - 1))
            with pytest.raises(TooSoon) as early:
                Vault.open(tmp_path, typed(), store, clock=clock)
            assert early.value.retry_after_s == 1
            clock.move(timedelta(seconds=1))
    assert waits == [0, 0, 0, 5, 30, 60, 300, 900, 900]
    assert found.value.tries_left == 1
    with pytest.raises(Sealed) as sealed:
        Vault.open(tmp_path, typed("wrong"), store, clock=clock)
    assert sealed.value.retry_after_s == 24 * 3600
    clock.move(timedelta(hours=23, minutes=59))
    with pytest.raises(Sealed):
        Vault.open(tmp_path, typed(), store, clock=clock)
    clock.move(timedelta(minutes=1))
    Vault.open(tmp_path, typed(), store, clock=clock).close()
    assert Vault.waiting_s(tmp_path, store, clock=clock) == 0


def test_the_right_passphrase_forgets_the_wrong_ones(tmp_path, store, clock):
    make(tmp_path, store, clock).close()
    for _ in range(2):
        for _ in range(3):
            with pytest.raises(WrongPassphrase) as found:
                Vault.open(tmp_path, typed("wrong"), store, clock=clock)
            assert found.value.retry_after_s == 0
        Vault.open(tmp_path, typed(), store, clock=clock).close()


def test_neither_restoring_the_header_nor_the_keyring_saves_the_wait(tmp_path, store, clock):
    vault = make(tmp_path, store, clock)
    vault_id, header, kept = vault.vault_id, (tmp_path / HEADER_FILE).read_bytes(), dict(store.kept)
    vault.close()
    for _ in range(4):
        with pytest.raises(WrongPassphrase):
            Vault.open(tmp_path, typed("wrong"), store, clock=clock)
    counted_header, counted_kept = (tmp_path / HEADER_FILE).read_bytes(), dict(store.kept)
    (tmp_path / HEADER_FILE).write_bytes(header)
    with pytest.raises(TooSoon):
        Vault.open(tmp_path, typed(), store, clock=clock)
    (tmp_path / HEADER_FILE).write_bytes(counted_header)
    store.kept = kept
    with pytest.raises(TooSoon):
        Vault.open(tmp_path, typed(), store, clock=clock)
    assert counted_kept[vault_id] != kept[vault_id]


def test_a_program_killed_while_deriving_has_counted_the_try(tmp_path, store, clock, monkeypatch):
    make(tmp_path, store, clock).close()

    class Killed(BaseException):
        pass

    def killed(*_args):
        raise Killed

    monkeypatch.setattr("visitapp.vault.slot.derive", killed)
    for _ in range(4):
        with pytest.raises(Killed):
            Vault.open(tmp_path, typed("wrong"), store, clock=clock)
    with pytest.raises(TooSoon):
        Vault.open(tmp_path, typed("wrong"), store, clock=clock)


def test_a_clock_set_back_never_lengthens_the_wait(tmp_path, store, clock):
    make(tmp_path, store, clock).close()
    for _ in range(4):
        with pytest.raises(WrongPassphrase):
            Vault.open(tmp_path, typed("wrong"), store, clock=clock)
    clock.move(timedelta(days=-400))
    assert Vault.waiting_s(tmp_path, store, clock=clock) == 5


def test_mirrored_commits_survive_and_never_go_back(tmp_path, store, clock):
    vault = make(tmp_path, store, clock)
    header = (tmp_path / HEADER_FILE).read_bytes()
    vault.mirror_commit(7, "ab" * 32)
    vault.mirror_commit(6, "cd" * 32)
    vault.close()
    again = Vault.open(tmp_path, typed(), store, clock=clock)
    assert (again.mirrored.counter, again.mirrored.head) == (7, "ab" * 32)
    again.close()
    (tmp_path / HEADER_FILE).write_bytes(header)
    restored = Vault.open(tmp_path, typed(), store, clock=clock)
    assert restored.mirrored.counter == 7


def test_a_keyring_that_went_away_does_not_keep_the_keys_in_memory(tmp_path, store, clock, monkeypatch):
    vault = make(tmp_path, store, clock)
    vault.mirror_commit(1, "")

    def locked(*_args):
        raise KeyringIsLocked

    monkeypatch.setattr(store, "set", locked)
    vault.close()
    assert not any(vault._master)


def test_a_cheaper_slot_is_wrapped_again_at_the_next_unlock(tmp_path, store, clock):
    vault = make(tmp_path, store, clock)
    key = vault.db_key()
    vault.close()
    dearer = Vault.open(tmp_path, typed(), store, clock=clock, upgrade_to=DEARER)
    assert dearer.kdf == DEARER
    dearer.close()
    again = Vault.open(tmp_path, typed(), store, clock=clock, upgrade_to=CHEAP)
    assert (again.kdf, again.db_key()) == (DEARER, key)


def test_a_vault_is_never_written_over(tmp_path, store, clock):
    make(tmp_path, store, clock).close()
    raw = (tmp_path / HEADER_FILE).read_bytes()
    with pytest.raises(VaultExists):
        make(tmp_path, store, clock)
    assert (tmp_path / HEADER_FILE).read_bytes() == raw


def test_no_vault_is_left_where_the_keyring_refuses(tmp_path, store, clock, monkeypatch):
    def locked(*_args):
        raise KeyringIsLocked

    monkeypatch.setattr(store, "set", locked)
    with pytest.raises(KeyringIsLocked):
        make(tmp_path / "new", store, clock)
    assert not Vault.exists(tmp_path / "new")


def test_no_vault_is_made_on_a_keyring_that_forgets(tmp_path, store, clock, monkeypatch):
    monkeypatch.setattr(store, "get", lambda _: None)
    with pytest.raises(KeyringFailed) as found:
        make(tmp_path / "new", store, clock)
    assert found.value.reason == "read-back"
    assert not Vault.exists(tmp_path / "new")


def test_a_secret_file_tries_itself_out_and_leaves_nothing(tmp_path):
    kept = FileSecretStore(tmp_path / "secrets.json")
    kept.set("vault", "secret")
    kept.self_test()
    assert kept.get("vault") == "secret"
    assert (tmp_path / "secrets.json").read_text() == '{"vault": "secret"}'
    (tmp_path / "secrets.json").unlink()
    (tmp_path / "secrets.json").mkdir()
    with pytest.raises(KeyringFailed):
        kept.self_test()


def test_files_are_readable_by_their_owner_only(tmp_path, store, clock):
    make(tmp_path / "new", store, clock).close()
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o700
    for name in (HEADER_FILE, SPARE_FILE):
        assert stat.S_IMODE((tmp_path / "new" / name).stat().st_mode) == 0o600


def test_a_vault_knows_its_owner_without_naming_her(tmp_path, store, clock):
    make(tmp_path, store, clock, user="Gwen.Ellis").close()
    assert Vault.belongs_to(tmp_path, " gwen.ellis ", store)
    assert not Vault.belongs_to(tmp_path, "someone", store)
    assert b"gwen" not in (tmp_path / HEADER_FILE).read_bytes().lower()


def test_a_healthy_unlock_does_not_write_to_the_keyring(tmp_path, store, clock):
    make(tmp_path, store, clock).close()
    writes = store.writes
    Vault.open(tmp_path, typed(), store, clock=clock).close()
    assert store.writes == writes


def test_a_secret_file_is_marked_reduced_and_refused_when_others_can_read_it(tmp_path, clock):
    kept = FileSecretStore(tmp_path / "secrets.json")
    vault = make(tmp_path / "v", kept, clock)
    assert vault.is_reduced
    assert stat.S_IMODE((tmp_path / "secrets.json").stat().st_mode) == 0o600
    Vault.open(tmp_path / "v", typed(), FileSecretStore(tmp_path / "secrets.json"), clock=clock).close()
    (tmp_path / "secrets.json").chmod(0o644)
    with pytest.raises(KeyringFailed):
        Vault.open(tmp_path / "v", typed(), kept, clock=clock)


@pytest.mark.parametrize("text", ["", "{}", "null", '{"secret":"AA=="}', "not json"])
def test_a_secret_that_is_not_ours_is_refused_without_quoting_it(tmp_path, store, clock, text):
    vault = make(tmp_path, store, clock)
    store.set(vault.vault_id, text)
    with pytest.raises(KeyringFailed) as found:
        Vault.open(tmp_path, typed(), store, clock=clock)
    assert found.value.__cause__ is None
    assert found.value.reason == "entry"
