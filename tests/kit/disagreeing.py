"""Changes that the server did not take, laid into a real record as an exchange would: conflicts, frozen notes, refusals."""

from collections.abc import Mapping
from typing import Any

from visitapp.actions.people import edit_family, family_at, new_family
from visitapp.actions.session import Desk
from visitapp.domain.bodies import dump
from visitapp.domain.ids import FamilyId
from visitapp.protocol.digest import body_hash, hash_start
from visitapp.protocol.messages import Op, Outcome, Rec, Receipt
from visitapp.store.acknowledged import Acknowledged, put_rows
from visitapp.store.outbox import mark_sent, next_batch
from visitapp.store.reading import to_ms
from visitapp.store.settlement import settle


def send(desk: Desk) -> list[Op]:
    """Freeze what may go, as an exchange does before it leaves."""
    with desk.record.reading() as r:
        ops = next_batch(r)
    with desk.record.writing() as w:
        mark_sent(w, ops)
    return ops


def answer(desk: Desk, *receipts: Receipt) -> None:
    """Take in the server's answer."""
    with desk.record.writing() as w:
        settle(w, receipts, (), author=desk.user.user, received_ms=to_ms(desk.clock.now()))


def accept_all(desk: Desk) -> list[Op]:
    """Have the server take everything that waits."""
    ops = send(desk)
    answer(desk, *(Receipt(op.op, "ok", op.base + 1, 1) for op in ops))
    return ops


def refuse(desk: Desk, outcome: Outcome, code: str = "", *, kinds: tuple[str, ...] = ()) -> list[Op]:
    """Have the server refuse what waits: the named kinds with this outcome, what comes along in their groups as part of it."""
    ops = send(desk)
    answer(desk, *(Receipt(op.op, outcome, 0, 0, code if not kinds or op.kind in kinds else "group") for op in ops))
    return ops


def stands(op: Op, body: Mapping[str, Any], author: str, at_ms: int, rev: int = 0) -> Rec:
    """The server's version of the record that an op is about."""
    raw = dump(body)
    return Rec(op.id, op.kind, rev or op.base + 1, hash_start(body_hash(raw)), False, author, at_ms, raw)


def a_colleague(desk: Desk, name: str, role: str = "nurse") -> str:
    """Somebody of the team whom this laptop knows by name; returns the id."""
    user, record = desk.ids(), desk.ids()
    told = dump({"user": user, "name": name, "role": role, "job_title": "Family nurse"})
    with desk.record.writing() as w:
        put_rows(w, [Acknowledged(f"t:{desk.user.team}", record, "colleague", 1, False, "", 0, told)])
    return user


def family_in_two_versions(desk: Desk, mine: Mapping[str, Any], theirs: Mapping[str, Any], by: str = "") -> FamilyId:
    """A family that was changed here and, in other words, at the server."""
    family = new_family(desk, {"name": "Petrov", "phone": "01632 960 118", "note": ""})
    accept_all(desk)
    edit_family(desk, family, mine)
    [op] = send(desk)
    at_ms = to_ms(desk.clock.now()) - 3_600_000
    answer(desk, Receipt(op.op, "conflict", 2, 2, "overlap:note", stands(op, {**family_at(desk, family), **theirs}, by, at_ms, 2)))
    return family
