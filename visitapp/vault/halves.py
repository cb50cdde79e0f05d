"""A key in halves: any few of several people make it whole, fewer learn nothing (Shamir's scheme over bytes)."""

import hashlib
import os
from base64 import b32decode, b32encode
from collections.abc import Sequence
from dataclasses import dataclass

from visitapp.vault.keys import KEY_BYTES, wipe
from visitapp.vault.problems import HalvesDoNotFit, RecoveryTextWrong

_VERSION = 1
_CHECK_BYTES = 4
_GROUP = 5
MOST = 9


@dataclass(frozen=True)
class Half:
    """One person's part of a key: its number, how many are needed, of which key, and the part itself."""

    needed: int
    number: int
    of_key: bytes
    part: bytes

    def text(self) -> str:
        """Return what is printed on paper and typed again: groups of five letters and digits, with a check at the end."""
        raw = bytes((_VERSION, self.needed, self.number)) + self.of_key + self.part
        letters = b32encode(raw + hashlib.sha256(raw).digest()[:_CHECK_BYTES]).decode("ascii").rstrip("=")
        return "-".join(letters[at : at + _GROUP] for at in range(0, len(letters), _GROUP))

    @classmethod
    def read(cls, text: str) -> "Half":
        """Take up what was typed; raises RecoveryTextWrong for a slip of a single letter."""
        letters = "".join(character for character in text.upper() if character.isalnum())
        try:
            raw = b32decode(letters + "=" * (-len(letters) % 8))
        except ValueError:
            raise RecoveryTextWrong(what="half") from None
        body, check = raw[:-_CHECK_BYTES], raw[-_CHECK_BYTES:]
        if len(body) != 3 + 4 + KEY_BYTES or hashlib.sha256(body).digest()[:_CHECK_BYTES] != check or body[0] != _VERSION:
            raise RecoveryTextWrong(what="half")
        return cls(needed=body[1], number=body[2], of_key=body[3:7], part=body[7:])


def name_of(public: bytes) -> bytes:
    """Return the four bytes by which halves know which key they belong to."""
    return hashlib.sha256(b"visitapp/recovery-key/v1" + public).digest()[:4]


def split(key: bytes | bytearray, public: bytes, *, needed: int, of: int) -> tuple[Half, ...]:
    """Split a key of 32 bytes among `of` people, any `needed` of whom make it whole.

    Each byte is the value at 0 of a polynomial with random coefficients; a half is its value at another place.
    """
    if not 2 <= needed <= of <= MOST or len(key) != KEY_BYTES:
        raise ValueError("halves")
    rows = [bytearray(key), *(bytearray(os.urandom(KEY_BYTES)) for _ in range(needed - 1))]
    try:
        return tuple(Half(needed, number, name_of(public), bytes(_value_at(rows, number))) for number in range(1, of + 1))
    finally:
        for row in rows:
            wipe(row)


def joined(halves: Sequence[Half]) -> bytearray:
    """Make the key whole; raises HalvesDoNotFit when they are too few or of different keys."""
    distinct = {half.number: half for half in halves}
    needed = max((half.needed for half in halves), default=2)
    if len(distinct) < needed or len({(half.needed, half.of_key) for half in halves}) != 1:
        raise HalvesDoNotFit(needed=needed, given=len(distinct))
    used = list(distinct.values())[:needed]
    key = bytearray(KEY_BYTES)
    for half in used:
        share = 1
        for other in used:
            if other is not half:
                share = _times(share, _times(other.number, _inverse(other.number ^ half.number)))
        for place in range(KEY_BYTES):
            key[place] ^= _times(half.part[place], share)
    return key


def _value_at(rows: Sequence[bytearray], x: int) -> bytearray:
    value = bytearray(KEY_BYTES)
    for row in reversed(rows):
        for place in range(KEY_BYTES):
            value[place] = _times(value[place], x) ^ row[place]
    return value


def _times(left: int, right: int) -> int:
    """Multiply two bytes in the field of AES (polynomial 0x11B)."""
    product = 0
    for _ in range(8):
        product ^= -(right & 1) & left
        right >>= 1
        left = (left << 1) ^ (-(left >> 7) & 0x11B)
    return product & 0xFF


def _inverse(value: int) -> int:
    """Return value to the power of 254, which is its inverse."""
    result = 1
    for _ in range(254):
        result = _times(result, value)
    return result
