"""The digest of a scope: a sum that both sides add up from their own rows, and that shows any difference between
them."""

import hashlib
from collections.abc import Iterable

from visitapp.protocol.messages import Cursor

_WHOLE = 1 << 64
_HALF = 1 << 63


def body_hash(body: bytes) -> bytes:
    """SHA-256 of a body, byte for byte as it was sent (32 bytes)."""
    return hashlib.sha256(body).digest()


def hash_start(digest: bytes) -> str:
    """The first 8 bytes of a body's hash in hexadecimal, as records carry it."""
    return digest[:8].hex()


def term(record_id: str, rev: int, body_digest: bytes) -> int:
    """What one record adds to its scope's digest: 8 bytes of BLAKE2b over id, revision and hash, as a signed number."""
    text = f"{record_id}|{rev}|{body_digest.hex()}".encode()
    return int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "big", signed=True)


def add(total: int, *terms: int) -> int:
    """The sum modulo 2^64 as a signed 64-bit number, so that a database's bigint holds it."""
    return (total + sum(terms) + _HALF) % _WHOLE - _HALF


def fingerprint(caseload_version: int, cursors: Iterable[Cursor]) -> str:
    """One text for a whole set of cursors, equal on both sides only if every scope, position and digest is (32 hex
    digits)."""
    lines = sorted(f"{cursor.scope}|{cursor.seq}|{cursor.digest}" for cursor in cursors)
    text = "\n".join([str(caseload_version), *lines]).encode()
    return hashlib.blake2b(text, digest_size=16).hexdigest()
