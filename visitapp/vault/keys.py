"""The primitives of the key hierarchy: Argon2id, HKDF, AES-256-GCM and the codes over the header."""

import hmac
import os
import unicodedata
from dataclasses import dataclass

from argon2.low_level import ARGON2_VERSION, Type, core, ffi
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from visitapp.vault.problems import DerivationFailed

KEY_BYTES = 32
SALT_BYTES = 16
NONCE_BYTES = 12
WRAPPED_BYTES = KEY_BYTES + 16

MIB = 1024
FLOOR_KIB = 64 * MIB
FLOOR_TIME = 3
# A header that asks for more than this would only be there to exhaust the laptop.
CEILING_KIB = 2048 * MIB
CEILING_TIME = 16
CEILING_LANES = 16
_ARGON2_OK = 0


@dataclass(frozen=True)
class KdfParams:
    """The cost of one guess: memory in KiB, passes and lanes of Argon2id; never below the floor."""

    memory_kib: int = 256 * MIB
    time: int = 3
    lanes: int = 4

    def __post_init__(self) -> None:
        if not FLOOR_KIB <= self.memory_kib <= CEILING_KIB:
            raise ValueError("Argon2 memory outside the allowed range")
        if not FLOOR_TIME <= self.time <= CEILING_TIME:
            raise ValueError("Argon2 passes outside the allowed range")
        if not 1 <= self.lanes <= CEILING_LANES:
            raise ValueError("Argon2 lanes outside the allowed range")

    def is_weaker_than(self, other: "KdfParams") -> bool:
        """Say whether a guess against these parameters is cheaper than against the others."""
        return self.memory_kib * self.time < other.memory_kib * other.time


FLOOR = KdfParams(FLOOR_KIB, FLOOR_TIME, 4)
STANDARD = KdfParams(256 * MIB, 3, 4)
REINFORCED = KdfParams(512 * MIB, 3, 4)


def total_memory_bytes() -> int | None:
    """Return how much memory the machine has, or None where it does not say."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, OSError, ValueError):
        return None


def suitable_params(memory_bytes: int | None, *, reduced: bool = False) -> KdfParams:
    """Choose the cost of a guess for a machine.

    `memory_bytes` is the machine's memory (None = unknown), `reduced` says that the device secret lies in a file, which
    a dearer guess partly makes up for where the memory allows it.
    """
    gib = 1024**3
    # A machine sold with 4 GiB reports a little less than that.
    if memory_bytes is not None and memory_bytes < 3.5 * gib:
        return FLOOR
    if reduced and memory_bytes is not None and memory_bytes >= 7 * gib:
        return REINFORCED
    return STANDARD


def wipe(secret: bytearray) -> None:
    """Overwrite a secret with zeroes in place; Python may hold other copies, which is why locking ends the process."""
    for place in range(len(secret)):
        secret[place] = 0


def _normalised(passphrase: bytearray) -> bytearray:
    if passphrase.isascii():
        return bytearray(passphrase)
    return bytearray(unicodedata.normalize("NFKC", passphrase.decode("utf-8")).encode("utf-8"))


def derive(passphrase: bytearray, salt: bytes, params: KdfParams) -> bytearray:
    """Derive 32 bytes from a passphrase (UTF-8, normalised to NFKC here) by Argon2id; raises DerivationFailed.

    The C structure is filled directly, because the wrappers of argon2-cffi copy the passphrase into immutable bytes and
    a C buffer that nobody can wipe afterwards. The interpreter lock is released meanwhile.
    """
    secret = _normalised(passphrase)
    out = bytearray(KEY_BYTES)
    try:
        context = ffi.new("argon2_context *")
        context.out, context.outlen = ffi.from_buffer("uint8_t[]", out), len(out)
        context.pwd, context.pwdlen = ffi.from_buffer("uint8_t[]", secret), len(secret)
        context.salt, context.saltlen = ffi.from_buffer("uint8_t[]", salt), len(salt)
        context.t_cost, context.m_cost = params.time, params.memory_kib
        context.lanes = context.threads = params.lanes
        context.version = ARGON2_VERSION
        context.allocate_cbk = context.free_cbk = ffi.NULL
        context.flags = 0
        if core(context, Type.ID.value) != _ARGON2_OK:
            raise DerivationFailed(memory_mib=params.memory_kib // MIB)
        return out
    finally:
        wipe(secret)


def expand(key: bytes | bytearray, info: bytes, *, salt: bytes | None = None) -> bytes:
    """Derive 32 bytes for one purpose (`info`) from a key by HKDF-SHA256."""
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=salt, info=info).derive(bytes(key))


def wrapping_key(derived: bytearray, device_secret: bytes, vault_id: str, owner: str) -> bytearray:
    """Mix what the nurse knows and what the laptop holds into the key that wraps the master key; both are needed."""
    both = derived + bytearray(device_secret)
    try:
        info = f"visitapp/kek/v1|{owner}|{vault_id}".encode()
        return bytearray(expand(both, info, salt=vault_id.encode()))
    finally:
        wipe(both)


def wrap(key: bytearray, nonce: bytes, secret: bytearray, bound: bytes) -> bytes:
    """Encrypt a secret by AES-256-GCM, bound to the given bytes."""
    return AESGCM(key).encrypt(nonce, secret, bound)


def unwrap(key: bytearray, nonce: bytes, wrapped: bytes, bound: bytes) -> bytearray | None:
    """Decrypt what `wrap` made, or return None when key, nonce, text or bound bytes differ in a single bit."""
    try:
        return bytearray(AESGCM(key).decrypt(nonce, wrapped, bound))
    except InvalidTag:
        return None


def code(key: bytes, message: bytes) -> bytes:
    """Return the HMAC-SHA256 of a message."""
    return hmac.digest(key, message, "sha256")


def same(left: bytes, right: bytes) -> bool:
    """Compare two codes in constant time."""
    return hmac.compare_digest(left, right)
