"""Twelve digits that two people compare over the telephone: the laptop's key as its screen shows it and as the service has it."""

import hashlib


def device_digits(public_key: bytes) -> str:
    """The digits of a device's public key (32 bytes) in three groups of four."""
    number = int.from_bytes(hashlib.sha256(b"visitapp-device|" + public_key).digest(), "big") % 10**12
    told = f"{number:012d}"
    return " ".join(told[place : place + 4] for place in range(0, 12, 4))
