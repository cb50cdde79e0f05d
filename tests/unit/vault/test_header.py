"""The header refuses every changed bit, and says which of its two codes found it."""

import json
import random
from dataclasses import replace

import pytest

from tests.unit.vault.places import CHEAP, MemorySecretStore, a_clock, typed
from visitapp.vault.header import (
    HEADER_FILE,
    SPARE_FILE,
    Commit,
    bound_bytes,
    mac_holds,
    mac_key,
    parsed,
    seal_holds,
    seal_key,
    with_mac,
    with_seal,
    written,
)
from visitapp.vault.keys import unwrap, wrapping_key
from visitapp.vault.problems import DeviceSecretMissing, VaultDamaged, VaultMissing, VaultTooNew
from visitapp.vault.secrets import DeviceSecret
from visitapp.vault.vault import Vault


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("vault") / "one"
    store = MemorySecretStore()
    Vault.create(folder, typed(), store, clock=a_clock(), kdf=CHEAP).close()
    return folder, store, (folder / HEADER_FILE).read_bytes()


def is_refused_before_the_derivation(raw: bytes, store: MemorySecretStore) -> bool:
    try:
        header = parsed(raw)
    except (VaultDamaged, VaultTooNew):
        return True
    kept = store.get(header.vault_id)
    return kept is None or not seal_holds(header, seal_key(DeviceSecret.read(kept).secret, header.vault_id))


def test_every_single_flipped_bit_is_refused_before_the_key_is_derived(made):
    _, store, raw = made
    assert not is_refused_before_the_derivation(raw, store)
    accepted = []
    for bit in range(len(raw) * 8):
        changed = bytearray(raw)
        changed[bit // 8] ^= 1 << bit % 8
        if not is_refused_before_the_derivation(bytes(changed), store):
            accepted.append(bit)
    assert accepted == []


def test_flipped_bits_are_refused_by_opening_and_the_untouched_header_still_opens(made):
    folder, store, raw = made
    chance = random.Random(20261102)
    for bit in chance.sample(range(len(raw) * 8), 300):
        changed = bytearray(raw)
        changed[bit // 8] ^= 1 << bit % 8
        (folder / HEADER_FILE).write_bytes(changed)
        with pytest.raises((VaultDamaged, VaultTooNew, DeviceSecretMissing)):
            Vault.open(folder, typed(), store, clock=a_clock())
    (folder / HEADER_FILE).write_bytes(raw)
    Vault.open(folder, typed(), store, clock=a_clock()).close()


@pytest.mark.hunt
def test_a_hundred_thousand_random_changes_are_refused_before_the_derivation(made):
    _, store, raw = made
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    chance = random.Random(seed)
    for _ in range(100_000):
        changed = bytearray(raw)
        for _ in range(chance.randint(1, 8)):
            place = chance.randrange(len(changed))
            what = chance.choice(("change", "cut", "double", "swap"))
            if what == "change":
                changed[place] = chance.randrange(256)
            elif what == "cut":
                del changed[place : place + chance.randint(1, 40)]
            elif what == "double":
                changed[place:place] = changed[place : place + chance.randint(1, 40)]
            else:
                other = chance.randrange(len(changed))
                changed[place], changed[other] = changed[other], changed[place]
            if not changed:
                break
        if bytes(changed) != raw:
            assert is_refused_before_the_derivation(bytes(changed), store), bytes(changed)


def test_damage_is_not_counted_as_a_wrong_passphrase(made):
    folder, store, raw = made
    (folder / HEADER_FILE).write_bytes(raw[:-2])
    for _ in range(12):
        with pytest.raises(VaultDamaged):
            Vault.open(folder, typed(), store, clock=a_clock())
    (folder / HEADER_FILE).write_bytes(raw)
    assert Vault.waiting_s(folder, store, clock=a_clock()) == 0


@pytest.mark.parametrize(
    "change",
    [
        lambda shape: shape["slots"][0]["kdf"].update(memory_kib=32 * 1024),
        lambda shape: shape["slots"][0]["kdf"].update(time=2),
        lambda shape: shape["slots"][0]["kdf"].update(memory_kib=2**40),
        lambda shape: shape["slots"].append(shape["slots"][0]),
        lambda shape: shape.update(slots=[]),
        lambda shape: shape.update(extra=1),
        lambda shape: shape.pop("mac"),
        lambda shape: shape["attempts"].update(failed=True),
        lambda shape: shape["commit"].update(counter=-1),
        lambda shape: shape.update(vault_id=shape["vault_id"].upper()),
        lambda shape: shape["slots"][0].update(kind="escrow"),
    ],
)
def test_a_header_of_another_form_is_damaged(made, change):
    shape = json.loads(made[2])
    change(shape)
    with pytest.raises(VaultDamaged):
        parsed(json.dumps(shape, sort_keys=True, separators=(",", ":")).encode())


def test_a_header_with_spaces_or_another_key_order_is_damaged(made):
    shape = json.loads(made[2])
    for raw in (json.dumps(shape, sort_keys=True), json.dumps(dict(reversed(shape.items())), separators=(",", ":"))):
        with pytest.raises(VaultDamaged):
            parsed(raw.encode())


@pytest.mark.parametrize("raw", [b"", b"{}", b"null", b"[" * 5000, b"\xff\xfe", b"x" * 70_000, b'{"format":NaN}'])
def test_anything_else_is_damaged(raw):
    with pytest.raises(VaultDamaged):
        parsed(raw)


def test_a_header_of_a_newer_program_says_so(made):
    shape = json.loads(made[2])
    shape["version"] = 2
    with pytest.raises(VaultTooNew) as found:
        parsed(json.dumps(shape, sort_keys=True, separators=(",", ":")).encode())
    assert found.value.version == 2


def test_a_header_written_again_is_the_same_bytes(made):
    assert written(parsed(made[2])) == made[2]


def test_the_wrapped_key_is_bound_to_cost_salt_owner_and_generation(made):
    _, store, raw = made
    header = parsed(raw)
    device = DeviceSecret.read(store.kept[header.vault_id])
    from visitapp.vault.keys import derive

    key = wrapping_key(derive(typed(), header.slot.salt, CHEAP), device.secret, header.vault_id, header.owner)
    assert unwrap(key, header.slot.nonce, header.slot.wrapped, bound_bytes(header)) is not None
    others = [
        replace(header, owner="ab" * 16),
        replace(header, created_at="2026-01-01T00:00:00Z"),
        replace(header, slot=replace(header.slot, generation=9)),
        replace(header, slot=replace(header.slot, kdf=replace(CHEAP, lanes=1))),
        replace(header, slot=replace(header.slot, salt=bytes(16))),
    ]
    for other in others:
        assert unwrap(key, header.slot.nonce, header.slot.wrapped, bound_bytes(other)) is None


def test_who_has_only_the_device_secret_cannot_forge_the_mac(made):
    folder, store, raw = made
    header = parsed(raw)
    device = DeviceSecret.read(store.kept[header.vault_id])
    forged = with_seal(replace(header, commit=Commit(99, "ff")), seal_key(device.secret, header.vault_id))
    (folder / HEADER_FILE).write_bytes(written(forged))
    with pytest.raises(VaultDamaged) as found:
        Vault.open(folder, typed(), store, clock=a_clock())
    assert found.value.reason == "mac"
    (folder / HEADER_FILE).write_bytes(raw)


def test_mac_covers_everything_but_what_changes_while_locked(made):
    header, key = parsed(made[2]), mac_key(b"k" * 32)
    signed = with_mac(header, key)
    assert mac_holds(signed, key)
    assert not mac_holds(replace(signed, commit=Commit(1, "")), key)
    assert not mac_holds(replace(signed, owner="cd" * 16), key)
    assert not mac_holds(signed, mac_key(b"l" * 32))


def test_header_in_another_vaults_folder_is_refused(tmp_path):
    store = MemorySecretStore()
    one, two = (tmp_path / f"3f0c6a1e-0000-4000-8000-00000000000{number}" for number in (1, 2))
    Vault.create(one, typed(), store, clock=a_clock(), kdf=CHEAP).close()
    Vault.create(two, typed(), store, clock=a_clock(), kdf=CHEAP).close()
    (one / HEADER_FILE).write_bytes((two / HEADER_FILE).read_bytes())
    with pytest.raises(VaultDamaged) as found:
        Vault.open(one, typed(), store, clock=a_clock())
    assert found.value.reason == "another-vault"


def test_a_missing_header_with_a_spare_is_damage_and_without_is_no_vault(tmp_path):
    store = MemorySecretStore()
    Vault.create(tmp_path, typed(), store, clock=a_clock(), kdf=CHEAP).close()
    (tmp_path / HEADER_FILE).unlink()
    with pytest.raises(VaultDamaged) as found:
        Vault.open(tmp_path, typed(), store, clock=a_clock())
    assert found.value.has_spare
    (tmp_path / SPARE_FILE).unlink()
    with pytest.raises(VaultMissing):
        Vault.open(tmp_path, typed(), store, clock=a_clock())
