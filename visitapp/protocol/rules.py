"""Who wins when a record changed meanwhile: one table, kind by kind, and one pure function that decides."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from visitapp.protocol.digest import body_hash
from visitapp.protocol.messages import Op, Outcome

Rule = Literal["owner", "append", "merge", "states", "server"]

_MISSING: Final = object()


@dataclass(frozen=True, slots=True)
class KindRule:
    """How one kind of record behaves. `scopes` are the first letters of the scopes it may live in; `hard` fields
    never merge."""

    rule: Rule
    scopes: str
    hard: frozenset[str] = frozenset()


KINDS: Final[Mapping[str, KindRule]] = {
    "family": KindRule("merge", "f", frozenset({"alerts", "consent"})),
    "person": KindRule("merge", "f", frozenset({"nhs_number", "born_on", "died_on", "consent", "allergies", "alerts"})),
    "begun": KindRule("merge", "f"),
    "draft": KindRule("owner", "u"),
    "visit": KindRule("append", "f"),
    "part": KindRule("append", "fr"),
    "addendum": KindRule("append", "fr"),
    "error_mark": KindRule("append", "f"),
    "review": KindRule("append", "f"),
    "measurement": KindRule("append", "f"),
    "referral": KindRule("states", "f"),
    "plan_item": KindRule("merge", "f"),
    "decision": KindRule("append", "fru"),
    "handed_on": KindRule("append", "u"),
    "overlap": KindRule("server", "f"),
    "sync_health": KindRule("server", "u"),
    "profile": KindRule("server", "u"),
    "notice": KindRule("server", "u"),
    "colleague": KindRule("server", "t"),
    "phone_card": KindRule("server", "t"),
    "questionnaire": KindRule("server", "g"),
    "programme": KindRule("server", "g"),
}

MOVABLE: Final = frozenset({"person", "measurement", "referral"})
"""Kinds that may go to another family with whom they are about. What was signed never moves: it is struck."""

TRANSITIONS: Final[Mapping[str, frozenset[str]]] = {
    "proposed": frozenset({"sent", "declined"}),
    "sent": frozenset({"accepted", "declined", "completed"}),
    "accepted": frozenset({"completed", "declined"}),
    "declined": frozenset({"proposed", "sent"}),
    "completed": frozenset(),
}


@dataclass(frozen=True, slots=True)
class Standing:
    """The server's current version of a record. `body` may be None as long as `needs_bodies` says so."""

    rev: int
    hash: bytes
    deleted: bool = False
    body: bytes | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What to do with an op. `body` is what becomes the record, None if the record stays as it is."""

    outcome: Outcome
    rev: int
    body: bytes | None = None
    deleted: bool = False
    code: str = ""


def needs_bodies(op: Op, standing: Standing | None) -> bool:
    """Whether `decide` has to see the standing body and the one the op was based on; most ops need neither."""
    known = KINDS.get(op.kind)
    if known is None or standing is None or standing.deleted or op.act in ("del", "move", "assert"):
        return False
    if known.rule == "states":
        return True
    return known.rule in ("merge", "owner") and op.base != standing.rev


def decide(op: Op, standing: Standing | None, base_body: bytes | None = None) -> Verdict:
    """The verdict on one op; it depends on nothing but its arguments.

    `base_body` is the body of revision `op.base` where history still has it. A verdict of ok or merged carries the next
    body; every other one leaves the record untouched, and the caller keeps what was sent.
    """
    known = KINDS.get(op.kind)
    rev = standing.rev if standing else 0
    if known is None:
        return Verdict("held", rev, code="unknown-kind")
    if known.rule == "server":
        return Verdict("denied", rev, code="server-only")
    if op.act == "move":
        return _decide_move(op, standing)
    if op.act == "del":
        return _decide_deletion(known, op.base, standing)
    if standing is None:
        return _first(op)
    return _decide_change(known, op, standing, base_body)


def _decide_change(known: KindRule, op: Op, standing: Standing, base_body: bytes | None) -> Verdict:
    if standing.deleted and not (op.act == "assert" and op.base > standing.rev):
        return Verdict("gone", standing.rev)
    if standing.hash == body_hash(op.body):
        return Verdict("same", standing.rev)
    if op.act == "assert" and known.rule != "append":
        return _decide_assertion(op, standing)
    match known.rule:
        case "append":
            verdict = Verdict("frozen", standing.rev)
        case "states":
            verdict = _decide_state(op, standing)
        case _ if op.base == standing.rev:
            verdict = Verdict("ok", standing.rev + 1, op.body)
        case _:
            verdict = _merge(known, op, standing, base_body)
    return verdict


def _first(op: Op) -> Verdict:
    if op.act == "assert":
        return Verdict("ok", max(op.base, 1), op.body, deleted=not op.body, code="restored")
    # A base on a record the server does not have means that the server lost it: what the nurse holds is the record.
    return Verdict("ok", op.base + 1, op.body, code="restored" if op.base else "")


def _decide_deletion(known: KindRule, base: int, standing: Standing | None) -> Verdict:
    if known.rule != "owner":
        return Verdict("denied", standing.rev if standing else 0, code="kept")
    if standing is None or standing.deleted:
        return Verdict("same", standing.rev if standing else 0)
    if base != standing.rev:
        return Verdict("conflict", standing.rev)
    return Verdict("ok", standing.rev + 1, b"", deleted=True)


def _decide_move(op: Op, standing: Standing | None) -> Verdict:
    if op.kind not in MOVABLE:
        return Verdict("denied", standing.rev if standing else 0, code="kept")
    if op.body:
        return _decide_arrival(op, standing)
    if standing is None or standing.deleted:
        return Verdict("gone", standing.rev if standing else 0)
    if op.base != standing.rev:
        return Verdict("conflict", standing.rev, code="moved")
    return Verdict("ok", standing.rev + 1, b"", deleted=True)


def _decide_arrival(op: Op, standing: Standing | None) -> Verdict:
    if standing is None or standing.deleted:
        # Whoever was here before and comes back finds the mark of having gone, which is no deletion.
        return Verdict("ok", (standing.rev if standing else 0) + 1, op.body)
    if standing.hash == body_hash(op.body):
        return Verdict("same", standing.rev)
    return Verdict("conflict", standing.rev, code="moved")


def _decide_assertion(op: Op, standing: Standing) -> Verdict:
    if op.base > standing.rev:
        return Verdict("ok", op.base, op.body, deleted=not op.body, code="restored")
    return Verdict("same", standing.rev, code="newer")


def _decide_state(op: Op, standing: Standing) -> Verdict:
    before, after = _fields(standing.body).get("state"), _fields(op.body).get("state")
    allowed = after in TRANSITIONS.get(str(before), frozenset())
    if allowed or (before == after and op.base == standing.rev):
        return Verdict("ok", standing.rev + 1, op.body)
    return Verdict("conflict", standing.rev, code="state")


def _merge(known: KindRule, op: Op, standing: Standing, base_body: bytes | None) -> Verdict:
    theirs, mine, old = _fields(standing.body), _fields(op.body), _fields(base_body)
    merged, overlap = three_way(old, theirs, mine)
    code = "overlap:" + ",".join(sorted(map(_plain, overlap))) if overlap else ""
    if overlap and (known.rule == "owner" or overlap & known.hard):
        return Verdict("conflict", standing.rev, code=code)
    text = json.dumps(merged, ensure_ascii=False, separators=(",", ":")).encode()
    return Verdict("merged", max(standing.rev, op.base) + 1, text, code=code)


def three_way(base: Mapping[str, Any], theirs: Mapping[str, Any], mine: Mapping[str, Any]) -> tuple[dict[str, Any], frozenset[str]]:
    """Both changes to a base, field by field, and the top-level names of fields that both changed differently.

    Where they overlap the result holds `mine` (the newest arrival). Objects merge by their own fields; lists are one
    value.
    """
    merged: dict[str, Any] = {}
    overlap: set[str] = set()
    for name in [*theirs, *(key for key in mine if key not in theirs)]:
        old, their, my = (side.get(name, _MISSING) for side in (base, theirs, mine))
        if my in (their, old):
            chosen = their
        elif their == old:
            chosen = my
        elif isinstance(my, dict) and isinstance(their, dict):
            chosen, inner = three_way(old if isinstance(old, dict) else {}, their, my)
            overlap |= {name} if inner else set()
        else:
            chosen = my
            overlap.add(name)
        if chosen is not _MISSING:
            merged[name] = chosen
    return merged, frozenset(overlap)


def _plain(name: str) -> str:
    """A field's name as a receipt may carry it: receipts are signed and kept as text, and a body may name fields at will."""
    return "".join(letter if letter.isascii() and (letter.isalnum() or letter == "_") else "?" for letter in name[:40])


def _fields(body: bytes | None) -> dict[str, Any]:
    found = json.loads(body) if body else {}
    return found if isinstance(found, dict) else {}
