"""A record's body: one line of UTF-8 JSON, kept byte for byte once it has been written."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

Body = dict[str, Any]


def dump(body: Mapping[str, Any]) -> bytes:
    """Write a body as one line of UTF-8 JSON without spare blanks; keys keep their order."""
    return json.dumps(body, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "replace")


def load(raw: bytes) -> Body:
    """Read a body; raises ValueError when it is not a JSON object."""
    body = json.loads(raw)
    if not isinstance(body, dict):
        raise ValueError("a body is a JSON object")
    return body


def canonical(body: Mapping[str, Any]) -> bytes:
    """Write a body with sorted keys: the form that is hashed and signed."""
    return json.dumps(body, separators=(",", ":"), ensure_ascii=False, sort_keys=True).encode("utf-8", "replace")


def sha256(raw: bytes) -> str:
    """Return the SHA-256 of some bytes in lower-case hex."""
    return hashlib.sha256(raw).hexdigest()


def changed(body: Mapping[str, Any], changes: Mapping[str, Any]) -> Body:
    """Return the body with some keys changed and every other key, known or not, as it was; None takes a key away."""
    merged = {**body, **changes}
    return {key: value for key, value in merged.items() if value is not None}
