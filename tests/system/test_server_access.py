"""The permission matrix at the real service: every cell that a laptop can ask for is asked, on real PostgreSQL.

What is expected comes from `tests/kit/permitted.py`, which says the rules another way than the table that the service uses.
"""

import json
import logging
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import Any

import pytest
from sqlalchemy import text
from starlette.testclient import TestClient

from tests.kit import permitted
from tests.kit.everyone import DAYS, House, Person
from tests.kit.service import ServiceKit, an_op, now_ms
from visitapp.domain.visits import sealed
from visitapp.protocol import codec
from visitapp.protocol import messages as m
from visitapp.protocol.rules import KINDS
from visitapp.server.admin import people
from visitapp.server.database import administering
from visitapp.server.decision import SITUATIONS, STATES, Question, State, Tense
from visitapp.server.ids import new_id
from visitapp.server.operations import ACTS, ANY_KIND, Relation, Role

_DAY_MS = 24 * 3600 * 1000


@pytest.fixture(scope="module")
def house(postgres: Any) -> Iterator[House]:
    from tests.kit.postgres import fresh_databases

    with fresh_databases(postgres) as databases:
        kit = ServiceKit(databases)
        yield House(kit)
        kit.close()


_BODY: dict[str, Any] = json.loads(
    '{"parts": [], "reason": "A slip", "text": "Rang her", "questionnaire": "q|1", "answers": [], "subject": {},'
    ' "action": "comment", "code": "weight", "value": 3.4, "state": "proposed", "chosen": "mine", "at": "2026-11-01T10:00:00Z"}'
)


def body_of(kind: str, id_: str, family: str, user: str) -> dict[str, Any]:
    """One body that is right for every kind, so that nothing but the judgement on access is in the way."""
    ids = dict.fromkeys(("id", "visit", "person", "record"), id_)
    body = {**_BODY, **ids, "family": family, "author": user, "kind": kind}
    return sealed(body, lambda digest: bytes(64)) if kind in ("visit", "decision") else body


@dataclass(frozen=True)
class Asked:
    """One op and the cell it stands for."""

    question: Question
    op: m.Op


def handed_in(person: Person, state: State) -> Iterator[Asked]:
    """One op for each act, kind and situation."""
    for situation in SITUATIONS:
        subject, relation, tense = situation
        for act in ACTS:
            for kind in (*KINDS, ANY_KIND):
                scope = person.scopes[situation]
                if relation == "new":
                    scope = f"f:{new_id()}"
                family = scope[2:]
                id_ = family if relation == "new" or (act, kind) == ("put", "family") else new_id()
                sent_kind = "hologram" if kind == ANY_KIND else kind
                body: dict[str, Any] | bytes = body_of(kind, id_, family, person.user)
                if isinstance(body, dict) and scope[0] == "r":
                    body["restricted"] = True
                if act == "del":
                    body = b""
                made = now_ms() - DAYS[tense][2] * _DAY_MS - 60_000
                op = an_op(scope, sent_kind, id_, body, act=act, at_ms=made)
                yield Asked(Question(f"push {act} {kind}", person.role, subject, relation, tense, state), op)


def judged(outcome: str, code: str) -> str:
    """What the service's judgement on access was, by the receipt: what else is wrong with an op has codes of its own."""
    if outcome == "denied" and not code:
        return "no"
    return "held" if (outcome, code) == ("held", "assignment") else "carried out"


NEEDS_SEALS = frozenset({"visit", "part", "addendum", "decision"})
"""Kinds that are refused for other reasons when they come alone."""


def should_land(one: Asked) -> bool:
    """Whether nothing at all should be in the way of an op."""
    _, act, kind = one.question.operation.split()
    return act == "put" and kind in KINDS and kind not in NEEDS_SEALS and permitted.way(one.question) in ("yes", "late", "opens")


def answers(house: House, batch: list[Asked], receipts: tuple[m.Receipt, ...], state: State) -> list[str]:
    """The judgement on each op of a batch; a laptop that is to be wiped is told nothing, so the service's books are read."""
    if state == "active":
        landed = [
            one.question for one, receipt in zip(batch, receipts, strict=True) if should_land(one) and receipt.outcome != "ok"
        ]
        assert not landed, landed[:5]
        assert "retry" not in {receipt.outcome for receipt in receipts}, "the walls are in the way of what was allowed"
        return [judged(receipt.outcome, receipt.code) for receipt in receipts]
    assert {receipt.outcome for receipt in receipts} <= {"ok", "same", "retry"}
    rows = house.service.sql("select op, outcome, code from receipt where op = any(:ops)", ops=[one.op.op for one in batch])
    kept = {row.op: judged(row.outcome, row.code) for row in rows}
    return [kept.get(one.op.op, "no") for one in batch]


def expected(question: Question) -> str:
    """The same in the words of the other rules."""
    way = permitted.way(question)
    return way if way in ("no", "held") else "carried out"


class Denials(logging.Handler):
    """Counts what the service writes into its log about refusals."""

    def __init__(self) -> None:
        super().__init__()
        self.times: Counter[tuple[str, str]] = Counter()

    def emit(self, record: logging.LogRecord) -> None:
        if record.msg == "denied":
            self.times[record.__dict__["operation"], record.__dict__["reason"]] += record.__dict__["times"]


@pytest.fixture
def denials() -> Iterator[Denials]:
    handler = Denials()
    logger = logging.getLogger("visitapp.server.gate")
    logger.addHandler(handler)
    yield handler
    logger.removeHandler(handler)


@pytest.mark.parametrize("role", [role.value for role in Role])
def test_every_cell_of_handing_in(role: str, house: House, denials: Denials) -> None:
    person = next(one for one in house.people if one.role == role)
    cells, wrong, refused = 0, [], 0
    never: set[str] = set()
    for state, laptop in person.laptops.items():
        asked = handed_in(person, state)
        while batch := list(islice(asked, m.MAX_OPS)):
            answer = laptop.send("/v1/push", codec.encode_push(m.Push(laptop.hello(), tuple(one.op for one in batch))))
            cells += len(batch)
            if answer.status_code != 200:
                assert answer.json()["code"] == {"blocked": "blocked", "unknown": "unknown-device"}[state]
                wrong += [one.question for one in batch if expected(one.question) != "no"]
                never |= {one.op.op for one in batch}
                continue
            receipts = codec.decode_push_answer(answer.content).receipts
            for one, found in zip(batch, answers(house, batch, receipts, state), strict=True):
                refused += found == "no"
                if found == "no":
                    never.add(one.op.op)
                if found != expected(one.question):
                    wrong.append(one.question)
    assert not wrong, f"{len(wrong)} of {cells}: {wrong[:5]}"
    assert cells == len(STATES) * len(SITUATIONS) * len(ACTS) * (len(KINDS) + 1)
    assert sum(denials.times.values()) == refused, "every refusal is in the log"
    kept = house.service.sql(
        "select op from rec where op = any(:ops) union all select op from hist where op = any(:ops)"
        " union all select op from held where op = any(:ops) union all select op from receipt where op = any(:ops)",
        ops=list(never),
    )
    assert kept == [], "nothing of what was refused is anywhere"


@pytest.mark.parametrize("role", [role.value for role in Role])
def test_every_cell_of_reading(role: str, house: House, denials: Denials) -> None:
    person = next(one for one in house.people if one.role == role)
    for state, laptop in person.laptops.items():
        for situation in SITUATIONS:
            scope = person.scopes[situation]
            asked = m.PullAsk(laptop.hello(), 0, (m.Cursor(scope, 0, 0),))
            pulled = laptop.send("/v1/pull", codec.encode_pull(asked))
            checked = laptop.send("/v1/check", codec.encode_check(m.CheckAsk(laptop.hello(), scope, ())))
            for operation, answer in (("pull", pulled), ("check", checked)):
                question = Question(operation, role, *situation, state)
                assert _was_read(operation, answer, scope) == (permitted.way(question) == "yes"), question
    assert set(denials.times) >= ({("pull", "role")} if role == "service" else {("pull", "relation"), ("check", "relation")})


def _was_read(operation: str, answer: Any, scope: str) -> bool:
    if answer.status_code != 200:
        assert answer.status_code in (401, 403)
        return False
    if operation == "check":
        return codec.decode_check_answer(answer.content).flag != "gone"
    found = codec.decode_pull_answer(answer.content)
    listed = scope in {entry.scope for entry in found.caseload or ()}
    assert listed == all(feed.flag != "gone" for feed in found.feeds), "the caseload says the same as the feeds"
    return listed


def test_every_cell_of_what_a_laptop_asks_for_itself(house: House) -> None:
    http: TestClient = house.service.http
    for person in house.people:
        for state, laptop in person.laptops.items():
            for operation, path, body in (
                (
                    "glass.ask",
                    "/v1/glass",
                    {"family": person.scopes["clinical", "team", Tense.NOW][2:], "reason": "A duty call came"},
                ),
                ("device.anchor", "/v1/anchor", {"n": 1, "head": "0" * 64, "signature": "AAAA"}),
                ("device.escrow", "/v1/escrow", {"vault": "", "epoch": 1, "to": "", "about": "", "sealed": ""}),
                ("rekey", "/v1/rekey", {"public_key": "AAAA", "signature": "AAAA"}),
            ):
                answer = laptop.send(path, json.dumps(body).encode())
                relation: Relation = "team" if operation == "glass.ask" else "own"
                question = Question(operation, person.role, "admin", relation, Tense.NOW, state)
                code = answer.json().get("code", "")
                refused = code in ("forbidden", "blocked", "wipe", "unknown-device")
                assert refused == (permitted.way(question) == "no"), (question, answer.status_code, code)
    assert http.get("/v1/health").status_code == http.get("/v1/openapi.json").status_code == 200


def test_what_was_refused_stands_in_the_audit(house: House) -> None:
    """The service as a whole has refused thousands of times by now, or here at least once; the chain of it is whole."""
    from visitapp.server import audit

    auditor = next(one for one in house.people if one.role == "auditor")
    scope = auditor.scopes["clinical", "own", Tense.NOW]
    body = body_of("person", new_id(), scope[2:], auditor.user)
    assert auditor.laptops["active"].outcomes(an_op(scope, "person", body["id"], body)) == ["denied"]
    with administering(house.service.owner) as connection:
        last = audit.newest(connection, count=1)[0]
        assert audit.verify(connection).broken == 0
    assert (last.who, last.what, last.about, last.told) == (auditor.user, "denied push put person", scope, "role x1")


def test_an_account_of_every_role_can_be_made_and_three_have_laptops(service: ServiceKit) -> None:
    team = service.team()
    users = {role.value: service.user(team, role.value) for role in Role}
    for role, user in users.items():
        if role in ("nurse", "supervisor", "safeguarding"):
            assert service.laptop(user).user == user
        else:
            with pytest.raises(people.NotPossible, match="have laptops"):
                service.code(user)
    opening = service.laptop(users["nurse"])
    family = new_id()
    assert opening.outcomes(an_op(f"f:{family}", "family", family, {"id": family, "name": "Test"})) == ["ok"]
    held = service.sql("select user_id, role from assignment where scope = :scope", scope=f"f:{family}")
    assert {(row.user_id, row.role) for row in held} == {(users["nurse"], "nurse"), (users["supervisor"], "review")}


def test_whom_a_family_can_be_given_to(service: ServiceKit) -> None:
    team = service.team()
    users = {role.value: service.user(team, role.value) for role in Role}
    nurse, lead = service.laptop(users["nurse"]), service.laptop(users["safeguarding"])
    family = new_id()
    assert nurse.outcomes(an_op(f"f:{family}", "family", family, {"id": family, "name": "Test"})) == ["ok"]
    service.assign(family, users["safeguarding"])
    lead.pull()
    assert (lead.caseload[f"f:{family}"], lead.caseload[f"r:{family}"]) == ("review", "restricted")
    for role in ("auditor", "administrator", "service"):
        with pytest.raises(people.NotPossible, match="can be given a family"):
            service.assign(family, users[role])
    with administering(service.owner) as connection:
        connection.execute(text("update member set role = 'administrator' where id = :id"), {"id": users["safeguarding"]})
    service.assign(family, users["safeguarding"], until_at=datetime.now(UTC))
    ended = service.sql("select until_at from assignment where user_id = :u and scope like 'f:%'", u=users["safeguarding"])
    assert [row.until_at is not None for row in ended] == [True], "what she had can be ended, whatever she is now"
