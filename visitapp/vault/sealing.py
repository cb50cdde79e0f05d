"""Sealing a secret to a public key so that only one purpose and one place can open it: HPKE as in RFC 9180."""

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

PUBLIC_BYTES = 32
OVERHEAD_BYTES = 32 + 16
_SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


def new_pair() -> tuple[bytearray, bytes]:
    """Return a new private key and its public key, 32 bytes each."""
    private = X25519PrivateKey.generate()
    return bytearray(private.private_bytes_raw()), private.public_key().public_bytes_raw()


def public_of(private: bytes | bytearray) -> bytes:
    """Return the public key of a private one."""
    return X25519PrivateKey.from_private_bytes(bytes(private)).public_key().public_bytes_raw()


def sealed_to(public: bytes, secret: bytes | bytearray, info: bytes) -> bytes:
    """Seal a secret; `info` is what it is bound to. Raises ValueError for bytes that are no public key."""
    return _SUITE.encrypt(secret, X25519PublicKey.from_public_bytes(public), info=info)


def unsealed(private: bytes | bytearray, sealed: bytes, info: bytes) -> bytearray | None:
    """Open what `sealed_to` made, or return None when key, text or `info` differ in a single bit."""
    try:
        key = X25519PrivateKey.from_private_bytes(bytes(private))
        return bytearray(_SUITE.decrypt(sealed, key, info=info))
    except (InvalidTag, ValueError):
        return None
