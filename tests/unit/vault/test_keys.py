"""The primitives agree with the published vectors and keep their floor."""

import pytest
from argon2.low_level import Type, hash_secret_raw

from visitapp.vault.keys import (
    FLOOR,
    REINFORCED,
    STANDARD,
    KdfParams,
    derive,
    expand,
    suitable_params,
    unwrap,
    wipe,
    wrap,
    wrapping_key,
)

GIB = 1024**3


def test_derivation_agrees_with_the_reference_binding():
    salt = bytes(range(16))
    expected = hash_secret_raw(b"passphrase", salt, 3, 64 * 1024, 4, 32, Type.ID)
    assert derive(bytearray(b"passphrase"), salt, FLOOR) == expected


def test_derivation_agrees_with_the_rfc_9106_vector():
    # Section 5.3: 32 KiB are below our floor, and it has a secret and associated data, so the C core is asked here.
    from argon2.low_level import core, ffi

    out = bytearray(32)
    parts = {"pwd": b"\x01" * 32, "salt": b"\x02" * 16, "secret": b"\x03" * 8, "ad": b"\x04" * 12}
    context = ffi.new("argon2_context *")
    kept = {name: ffi.from_buffer("uint8_t[]", part) for name, part in parts.items()}
    for name, part in parts.items():
        setattr(context, name, kept[name])
        setattr(context, f"{name}len", len(part))
    context.out, context.outlen = ffi.from_buffer("uint8_t[]", out), len(out)
    context.t_cost, context.m_cost, context.lanes, context.threads, context.version = 3, 32, 4, 4, 0x13
    assert core(context, Type.ID.value) == 0
    assert out.hex() == "0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659"


def test_hkdf_agrees_with_the_rfc_5869_vector():
    key, salt, info = b"\x0b" * 22, bytes(range(13)), bytes(range(0xF0, 0xFA))
    assert expand(key, info, salt=salt).hex() == "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf"


@pytest.mark.parametrize(
    ("memory_kib", "time", "lanes"),
    [(64 * 1024 - 1, 3, 4), (64 * 1024, 2, 4), (4 * 1024 * 1024, 3, 4), (64 * 1024, 99, 4), (64 * 1024, 3, 0)],
)
def test_parameters_outside_floor_and_ceiling_cannot_be_made(memory_kib, time, lanes):
    with pytest.raises(ValueError, match="Argon2"):
        KdfParams(memory_kib, time, lanes)


@pytest.mark.parametrize(
    ("memory", "reduced", "expected"),
    [
        (2 * GIB, False, FLOOR),
        (int(3.8 * GIB), False, STANDARD),
        (16 * GIB, False, STANDARD),
        (16 * GIB, True, REINFORCED),
        (4 * GIB, True, STANDARD),
        (2 * GIB, True, FLOOR),
        (None, True, STANDARD),
    ],
)
def test_cost_of_a_guess_suits_the_machine(memory, reduced, expected):
    assert suitable_params(memory, reduced=reduced) == expected


def test_wrapping_key_needs_both_secrets_the_vault_and_the_owner():
    base = wrapping_key(bytearray(b"a" * 32), b"b" * 32, "vault", "owner")
    others = [
        wrapping_key(bytearray(b"x" * 32), b"b" * 32, "vault", "owner"),
        wrapping_key(bytearray(b"a" * 32), b"x" * 32, "vault", "owner"),
        wrapping_key(bytearray(b"a" * 32), b"b" * 32, "other", "owner"),
        wrapping_key(bytearray(b"a" * 32), b"b" * 32, "vault", "other"),
    ]
    assert all(other != base for other in others)


def test_unwrapping_fails_on_any_difference():
    key, nonce, secret = bytearray(b"k" * 32), b"n" * 12, bytearray(b"s" * 32)
    wrapped = wrap(key, nonce, secret, b"bound")
    assert unwrap(key, nonce, wrapped, b"bound") == secret
    assert unwrap(bytearray(b"K" * 32), nonce, wrapped, b"bound") is None
    assert unwrap(key, b"N" * 12, wrapped, b"bound") is None
    assert unwrap(key, nonce, wrapped, b"Bound") is None
    assert unwrap(key, nonce, wrapped[:-1] + bytes([wrapped[-1] ^ 1]), b"bound") is None


def test_wiping_overwrites_in_place():
    secret = bytearray(b"secret")
    seen = memoryview(secret)
    wipe(secret)
    assert bytes(seen) == bytes(6)
