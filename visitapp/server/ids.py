"""Ids that the server gives: UUIDv7, like those made on the laptops."""

import secrets
import uuid

from visitapp.server.settings import now_ms


def new_id() -> str:
    """A fresh UUIDv7 as lower-case text."""
    value = now_ms() << 80 | 0x7 << 76 | secrets.randbits(12) << 64 | 0b10 << 62 | secrets.randbits(62)
    return str(uuid.UUID(int=value))
