"""Whether what is handed in as signed is signed: content hash, parts, and a signature by a key of whoever hands it in."""

from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection

from visitapp.domain.visits import content_hash
from visitapp.protocol.codec import read_json
from visitapp.protocol.messages import Op
from visitapp.server.signin import Keyring


def broken_seals(connection: Connection, user: str, ops: Sequence[Op]) -> dict[str, str]:
    """The ops of a batch whose seal does not hold, by op id, each with a word that says why.

    Judged are notes, addenda and decisions that come for the first time, and the parts that come with a note: it has to list each
    by its hash. What comes back after a restore is judged where its author is found out.
    """
    signed = [(op, read_json(op.body)) for op in ops if op.kind in ("visit", "addendum", "decision") and op.act != "assert"]
    if not signed:
        return {}
    keyring = Keyring(connection, user)
    broken = {op.op: why for op, body in signed if (why := _what_is_wrong(keyring, op, body))}
    notes = {op.id: (op, body) for op, body in signed if op.kind == "visit"}
    for part in _parts(ops):
        op, body = notes.get(str(read_json(part.body).get("visit")), (None, {}))
        if op is not None and op.group == part.group and (why := _part_is_wrong(body, part)):
            broken.setdefault(op.op, why)
            broken.setdefault(part.op, why)
    return broken


def _parts(ops: Iterable[Op]) -> list[Op]:
    return [op for op in ops if op.kind == "part" and op.group and op.act != "assert"]


def _what_is_wrong(keyring: Keyring, op: Op, body: Mapping[str, Any]) -> str:
    if op.kind == "addendum" and "signature" not in body:
        return ""
    try:
        digest = content_hash(body)
    except (ValueError, TypeError, RecursionError):
        return "content-hash"
    if op.kind != "addendum" and digest != body.get("content_hash"):
        return "content-hash"
    return "" if keyring.has_signed(digest, str(body.get("signature"))) else "signature"


def _part_is_wrong(body: Mapping[str, Any], part: Op) -> str:
    listed = [entry for entry in body.get("parts", ()) if isinstance(entry, dict) and entry.get("id") == part.id]
    if len(listed) != 1:
        return "part-not-listed"
    return "" if listed[0].get("sha256") == sha256(part.body).hexdigest() else "part-hash"
