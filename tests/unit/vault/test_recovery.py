"""A lost passphrase or keyring: escrow, halves, the request and its answer; and sealing after the tenth wrong try."""

import random
from dataclasses import replace
from datetime import timedelta

import pytest
from cryptography.hazmat.bindings._rust import openssl
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from tests.unit.vault.places import CHEAP, MemorySecretStore, a_clock, typed
from visitapp.vault import recovery, recovery_door
from visitapp.vault.escrow import about, escrowed, opened
from visitapp.vault.folder import has_spare, read_header
from visitapp.vault.halves import Half, joined, split
from visitapp.vault.header import HEADER_FILE, SPARE_FILE
from visitapp.vault.problems import (
    DeviceSecretMissing,
    HalvesDoNotFit,
    NeedsRecovery,
    NoEscrow,
    RecoveryAnswerWrong,
    RecoveryCheckDiffers,
    RecoveryKeyWrong,
    RecoveryTextWrong,
    Sealed,
    VaultDamaged,
    VaultTooNew,
    WrongPassphrase,
)
from visitapp.vault.recovery import Recovery, Request, answered, new_recovery_key
from visitapp.vault.sealing import new_pair, sealed_to, unsealed
from visitapp.vault.vault import Vault

NEW = "lantern quarry mitten oboe"
WHOSE = about("org", "user", "device")


@pytest.fixture(scope="module")
def org():
    """An organisation's recovery key in three halves, any two of which are needed."""
    return new_recovery_key()


@pytest.fixture
def store():
    return MemorySecretStore()


@pytest.fixture
def clock():
    return a_clock()


@pytest.fixture
def vault(tmp_path, store, clock, org):
    """A closed vault with its key in escrow; gives its record key."""
    made = Vault.create(tmp_path, typed(), store, clock=clock, kdf=CHEAP, user="Bea")
    made.put_in_escrow(org.public, WHOSE)
    key = made.db_key()
    made.close()
    return key


def _answer(occasion: Recovery, org, halves=(0, 1)) -> str:
    return answered(occasion.request.text(), occasion.request.check(), [org.halves[each] for each in halves])


def test_rfc_9180_vector_a_1():
    private = X25519PrivateKey.from_private_bytes(bytes.fromhex("4612c550263fc8ad58375df3f557aac531d26850903e55a9f23f21d8534e8ac8"))
    sent = bytes.fromhex(
        "37fda3567bdbd628e88668c3c8d7e97d1d1253b6d4ea6d44c150f741f1bf4431"
        "f938558b5d72f1a23810b4be2ab4f84331acc02fc97babc53a52ae8218a355a96d8770ac83d07bea87e13c512a"
    )
    suite = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_128_GCM)
    found = openssl.hpke._decrypt_with_aad(suite, sent, private, info=b"Ode on a Grecian Urn", aad=b"Count-0")
    assert found == b"Beauty is truth, truth beauty"


def test_sealing_is_bound_to_key_text_and_purpose():
    private, public = new_pair()
    other, _ = new_pair()
    sealed = sealed_to(public, b"s" * 32, b"purpose")
    assert unsealed(private, sealed, b"purpose") == b"s" * 32
    assert unsealed(private, sealed, b"purposf") is None
    assert unsealed(other, sealed, b"purpose") is None
    for place in range(0, len(sealed), 7):
        changed = bytearray(sealed)
        changed[place] ^= 1
        assert unsealed(private, bytes(changed), b"purpose") is None
    assert unsealed(private, b"short", b"purpose") is None
    assert sealed_to(public, b"s" * 32, b"purpose") != sealed


def test_escrow_opens_only_for_its_vault_person_and_epoch():
    private, public = new_pair()
    slot = escrowed(bytearray(b"m" * 32), "v1", public, WHOSE, 3)
    assert opened(slot, "v1", private) == b"m" * 32
    assert opened(slot, "v2", private) is None
    assert opened(replace(slot, epoch=4), "v1", private) is None
    assert opened(replace(slot, about=about("org", "user", "another")), "v1", private) is None


@pytest.mark.parametrize(("needed", "of"), [(2, 2), (2, 3), (3, 5), (9, 9)])
def test_any_so_many_halves_make_the_key_and_one_fewer_does_not(needed, of):
    chance = random.Random(needed * 10 + of)
    key = chance.randbytes(32)
    halves = split(key, b"p" * 32, needed=needed, of=of)
    for _ in range(10):
        assert joined([Half.read(half.text()) for half in chance.sample(halves, needed)]) == key
    with pytest.raises(HalvesDoNotFit):
        joined(halves[: needed - 1])
    with pytest.raises(HalvesDoNotFit):
        joined([halves[0]] * needed)
    too_few = [replace(half, needed=needed - 1) for half in halves[: needed - 1]]
    assert joined(too_few) != key if needed > 2 else len(too_few) == 1


def test_one_half_alone_says_nothing_about_the_key():
    # With the other half unknown, every key is as likely: the same half occurs for different keys.
    seen = {split(bytes(31) + bytes([key]), b"p" * 32, needed=2, of=2)[0].part[31] for key in range(2) for _ in range(2000)}
    assert len(seen) == 256


def test_a_slip_in_a_typed_half_is_noticed(org):
    text = org.halves[0]
    assert Half.read(text.lower().replace("-", " ")).text() == text
    for place, letter in enumerate(text):
        if letter == "-":
            continue
        wrong = text[:place] + ("A" if letter != "A" else "B") + text[place + 1 :]
        try:
            half = Half.read(wrong)
        except RecoveryTextWrong:
            continue
        assert half == Half.read(text), "only bits that are not used may differ"


def test_two_administrators_open_a_vault_whose_passphrase_is_lost(tmp_path, vault, store, clock, org):
    occasion = Recovery(tmp_path)
    new = typed(NEW)
    recovered = occasion.finish(_answer(occasion, org, (0, 2)), new, store, clock=clock, kdf=CHEAP)
    assert recovered.db_key() == vault
    assert not any(new)
    assert recovered.escrow.epoch == 2
    recovered.close()
    with pytest.raises(WrongPassphrase):
        Vault.open(tmp_path, typed(), store, clock=clock)
    again = Vault.open(tmp_path, typed(NEW), store, clock=clock)
    assert again.db_key() == vault
    again.close()
    assert Vault.belongs_to(tmp_path, "bea", store)
    assert not any(occasion._private)


def test_a_keyring_that_was_reset_is_given_a_new_half(tmp_path, vault, store, clock, org):
    before = store.kept.copy()
    store.kept.clear()
    occasion = Recovery(tmp_path)
    recovered = occasion.finish(_answer(occasion, org), typed(NEW), store, clock=clock, kdf=CHEAP, user="Bea")
    assert recovered.db_key() == vault
    recovered.close()
    assert store.kept.keys() == before.keys()
    assert store.kept != before
    assert Vault.belongs_to(tmp_path, "Bea", store)
    assert not Vault.belongs_to(tmp_path, "Ann", store)
    Vault.open(tmp_path, typed(NEW), store, clock=clock).close()


def test_an_answer_opens_nothing_twice_and_nothing_else(tmp_path, vault, store, clock, org):
    first, second = Recovery(tmp_path), Recovery(tmp_path)
    answer = _answer(first, org)
    with pytest.raises(RecoveryAnswerWrong):
        second.finish(answer, typed(NEW), store, clock=clock, kdf=CHEAP)
    first.finish(answer, typed(NEW), store, clock=clock, kdf=CHEAP).close()
    with pytest.raises(RecoveryAnswerWrong):
        first.finish(answer, typed(NEW), store, clock=clock, kdf=CHEAP)
    with pytest.raises(RecoveryTextWrong):
        second.finish("VA1.!!", typed(NEW), store, clock=clock, kdf=CHEAP)


def test_administrators_refuse_what_does_not_fit(tmp_path, vault, org):
    occasion = Recovery(tmp_path)
    text, check = occasion.request.text(), occasion.request.check()
    assert len(text) < 700, "must fit a QR code that a telephone reads"
    with pytest.raises(RecoveryCheckDiffers):
        answered(text, "0000 0000" if check != "0000 0000" else "0000 0001", org.halves[:2])
    with pytest.raises(HalvesDoNotFit):
        answered(text, check, org.halves[:1])
    with pytest.raises(HalvesDoNotFit):
        answered(text, check, new_recovery_key().halves[:2])
    with pytest.raises(RecoveryTextWrong):
        answered(text[:-3], check, org.halves[:2])
    other = Recovery(tmp_path)
    swapped = replace(other.request, slot=replace(other.request.slot, epoch=9))
    with pytest.raises(RecoveryKeyWrong):
        answered(swapped.text(), swapped.check(), org.halves[:2])
    assert other.request.check() != check
    assert Request.read(f"  {text[:50]}\n{text[50:]} ") == occasion.request


def test_a_vault_without_escrow_cannot_be_recovered(tmp_path, store, clock):
    Vault.create(tmp_path, typed(), store, clock=clock, kdf=CHEAP).close()
    with pytest.raises(NoEscrow):
        Recovery(tmp_path)


def _ten_wrong(folder, store, clock):
    for number in range(10):
        with pytest.raises(Sealed if number == 9 else WrongPassphrase) as told:
            Vault.open(folder, typed("not the passphrase"), store, clock=clock)
        clock.move(timedelta(hours=1))
    return told.value


def test_the_tenth_wrong_try_empties_the_slot_and_only_recovery_goes_on(tmp_path, vault, store, clock, org):
    old = (tmp_path / HEADER_FILE).read_bytes()
    kept = store.kept.copy()
    sealed = _ten_wrong(tmp_path, store, clock)
    assert isinstance(sealed, NeedsRecovery)
    assert read_header(tmp_path).slot.is_empty
    assert not has_spare(tmp_path)
    with pytest.raises(Sealed) as told:
        Vault.open(tmp_path, typed(), store, clock=clock)
    assert isinstance(told.value, NeedsRecovery)
    sealed_header = (tmp_path / HEADER_FILE).read_bytes()
    (tmp_path / HEADER_FILE).write_bytes(old)
    with pytest.raises(VaultDamaged) as replayed:
        Vault.open(tmp_path, typed(), store, clock=clock)
    assert replayed.value.reason == "replayed"
    (tmp_path / HEADER_FILE).write_bytes(sealed_header)
    # An older keyring entry beside the sealed header brings the passphrase no nearer.
    now = store.kept.copy()
    store.kept.update(kept)
    with pytest.raises(Sealed):
        Vault.open(tmp_path, typed(), store, clock=clock)
    store.kept.update(now)
    occasion = Recovery(tmp_path)
    recovered = occasion.finish(_answer(occasion, org), typed(NEW), store, clock=clock, kdf=CHEAP, user="Bea")
    assert recovered.db_key() == vault
    recovered.close()
    Vault.open(tmp_path, typed(NEW), store, clock=clock).close()


def test_sealing_with_a_reset_keyring_still_ends_in_recovery(tmp_path, vault, store, clock, org):
    _ten_wrong(tmp_path, store, clock)
    store.kept.clear()
    occasion = Recovery(tmp_path)
    recovered = occasion.finish(_answer(occasion, org), typed(NEW), store, clock=clock, kdf=CHEAP, user="Bea")
    assert recovered.db_key() == vault
    recovered.close()
    Vault.open(tmp_path, typed(NEW), store, clock=clock).close()


def test_a_vault_killed_while_it_seals_is_sealed_at_the_next_try(tmp_path, vault, store, clock, monkeypatch):
    class Killed(BaseException):
        pass

    def killed(vault_id, secret):
        raise Killed

    for _ in range(9):
        with pytest.raises(WrongPassphrase):
            Vault.open(tmp_path, typed("wrong"), store, clock=clock)
        clock.move(timedelta(hours=1))
    with monkeypatch.context() as patch:
        patch.setattr(store, "set", killed)
        with pytest.raises(Killed):
            Vault.open(tmp_path, typed("wrong"), store, clock=clock)
    with pytest.raises(Sealed) as told:
        Vault.open(tmp_path, typed(), store, clock=clock)
    assert isinstance(told.value, NeedsRecovery)
    assert read_header(tmp_path).slot.is_empty


def test_every_bit_of_a_header_with_escrow_is_checked(tmp_path, vault, store):
    raw = (tmp_path / HEADER_FILE).read_bytes()
    for bit in range(0, len(raw) * 8, 3):
        changed = bytearray(raw)
        changed[bit // 8] ^= 1 << bit % 8
        (tmp_path / HEADER_FILE).write_bytes(changed)
        with pytest.raises((VaultDamaged, VaultTooNew, DeviceSecretMissing)):
            Vault.check(tmp_path, store)
    (tmp_path / HEADER_FILE).write_bytes(raw)
    assert Vault.check(tmp_path, store)
    assert (tmp_path / SPARE_FILE).read_bytes() == raw


@pytest.mark.parametrize("fails_at", range(4))
def test_recovery_killed_at_any_write_can_be_begun_again(tmp_path, vault, store, clock, org, monkeypatch, fails_at):
    class Killed(BaseException):
        pass

    count = 0

    def counting(call):
        def called(*args):
            nonlocal count
            count += 1
            if count > fails_at:
                raise Killed
            return call(*args)

        return called

    store.kept.clear()
    occasion = Recovery(tmp_path)
    answer = _answer(occasion, org)
    with monkeypatch.context() as patch:
        patch.setattr(store, "set", counting(store.set))
        patch.setattr(recovery, "write_header", counting(recovery.write_header))
        patch.setattr(recovery, "copy_to_spare", counting(recovery.copy_to_spare))
        with pytest.raises(Killed):
            occasion.finish(answer, typed(NEW), store, clock=clock, kdf=CHEAP, user="Bea")
    again = Recovery(tmp_path)
    recovered = again.finish(_answer(again, org), typed(NEW), store, clock=clock, kdf=CHEAP, user="Bea")
    assert recovered.db_key() == vault
    recovered.close()
    Vault.open(tmp_path, typed(NEW), store, clock=clock).close()


def test_the_offline_door_makes_keys_and_answers(tmp_path, vault, store, clock, capsys, monkeypatch):
    assert recovery_door.main(["make", "--needed", "2", "--of", "2"]) == 0
    public, first, second = (line.split(": ")[1] for line in capsys.readouterr().out.splitlines() if ": " in line)
    opened_vault = Vault.open(tmp_path, typed(), store, clock=clock)
    opened_vault.put_in_escrow(bytes.fromhex(public), WHOSE)
    opened_vault.close()
    occasion = Recovery(tmp_path)
    said = iter([occasion.request.text(), occasion.request.check(), first, second, ""])
    monkeypatch.setattr("builtins.input", lambda prompt="": next(said))
    assert recovery_door.main(["answer"]) == 0
    answer = capsys.readouterr().out.splitlines()[-1]
    occasion.finish(answer, typed(NEW), store, clock=clock, kdf=CHEAP).close()
    said = iter([occasion.request.text(), "1", first, second, ""])
    assert recovery_door.main(["answer"]) == 1
    assert "RecoveryCheckDiffers" in capsys.readouterr().err
