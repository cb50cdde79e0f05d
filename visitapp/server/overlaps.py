"""What is written down when two people changed the same field and the newest counts: both texts, so that everybody is told.

The record lies in the family's scope beside the one it is about: whoever holds the family reads both and may choose the other.
"""

import json
import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from visitapp.protocol.codec import read_json
from visitapp.protocol.messages import Op
from visitapp.server.signin import Caller

_TOLD: Final = frozenset({"family", "person", "plan_item"})
"""Kinds of which people read and write the fields; the rest are marks that programs keep."""
_SPACE: Final = uuid.UUID("018f3a00-0000-7000-8000-76697369740c")


def is_told(kind: str, code: str) -> bool:
    """Whether a merge by this verdict has to be told."""
    return kind in _TOLD and code.startswith("overlap:")


def overlap_id(op: str) -> str:
    """The id of what is written down about one op; the same when the op is judged again."""
    return str(uuid.uuid5(_SPACE, op))


def overlap_body(
    op: Op, standing: bytes, merged: bytes, author: str, received_ms: int, caller: Caller, names: Sequence[str]
) -> bytes:
    """Both texts of the fields that two people changed: what stood, by whom, and what stands now."""
    was, now = _fields(standing), _fields(merged)
    body = {
        "record": op.id,
        "kind": op.kind,
        "was": {name: was[name] for name in names if name in was},
        "now": {name: now[name] for name in names if name in now},
        "was_by": author,
        "was_at": _iso(received_ms),
        "now_by": caller.user,
        "now_by_name": caller.name,
        "at": _iso(op.at_ms + op.offset_ms),
    }
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def _fields(body: bytes) -> Mapping[str, Any]:
    found = read_json(body) if body else {}
    return found if isinstance(found, dict) else {}


def _iso(ms: int) -> str:
    return (
        datetime.fromtimestamp(max(0, min(ms, 253_402_300_799_000)) / 1000, UTC)
        .isoformat(timespec="seconds")
        .replace("+00:00", "Z")
    )
