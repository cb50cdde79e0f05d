"""What is checked of a body before it is kept as what it says it is."""

import json
from typing import Any

import pytest

from visitapp.domain.visits import content_hash
from visitapp.protocol.messages import Act, Op
from visitapp.protocol.rules import KINDS
from visitapp.server.signin import Caller
from visitapp.server.validation import CHECKS, is_nameable, what_is_wrong

FAMILY, ME, OTHER, VISIT, PERSON, OPID = (f"018f0000-0000-7000-8000-00000000000{n}" for n in range(6))
NURSE = Caller(ME, "Ann", "nurse", "", "t", "d")
SUPERVISOR = Caller(OTHER, "Sue", "supervisor", "", "t", "d")

DECISION = {"record": PERSON, "kind": "person", "chosen": "mine", "at": "", "author": ME}
GOOD: dict[str, tuple[str, str, dict[str, Any]]] = {
    "family": ("f", FAMILY, {"id": FAMILY}),
    "person": ("f", PERSON, {"id": PERSON, "family": FAMILY}),
    "begun": ("f", PERSON, {"visit": VISIT, "family": FAMILY, "author": ME}),
    "draft": ("u", VISIT, {"visit": VISIT, "family": FAMILY, "author": ME}),
    "visit": ("f", VISIT, {"visit": VISIT, "family": FAMILY, "author": ME, "parts": [], "content_hash": "", "signature": ""}),
    "part": ("r", PERSON, {"visit": VISIT, "questionnaire": "", "answers": [], "subject": {}, "restricted": True}),
    "addendum": ("f", PERSON, {"visit": VISIT, "text": "", "author": ME}),
    "error_mark": ("f", PERSON, {"visit": VISIT, "reason": "", "author": ME}),
    "review": ("f", PERSON, {"visit": VISIT, "action": "comment", "author": ME}),
    "measurement": ("f", PERSON, {"person": PERSON, "code": "weight", "value": 1}),
    "referral": ("f", PERSON, {"state": "proposed"}),
    "plan_item": ("f", PERSON, {"text": ""}),
    "decision": ("f", PERSON, {**DECISION, "content_hash": content_hash(DECISION), "signature": ""}),
    "handed_on": ("u", PERSON, {"kind": "person", "text": "", "at": "", "author": ME}),
}


def op(kind: str, body: dict[str, Any] | bytes, act: Act = "put", id_: str = "", scope: str = "") -> Op:
    letter, usual_id, _ = GOOD.get(kind, ("f", PERSON, {}))
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Op(OPID, "", scope or f"{letter}:{ME if letter == 'u' else FAMILY}", kind, id_ or usual_id, 0, act, 0, 0, data)


@pytest.mark.parametrize("kind", GOOD)
def test_a_good_body_passes_and_each_of_its_parts_is_needed(kind: str) -> None:
    body = GOOD[kind][2]
    assert what_is_wrong(op(kind, body), NURSE) == ""
    for key in body:
        without = {name: value for name, value in body.items() if name != key}
        assert what_is_wrong(op(kind, without), NURSE), key


def test_every_kind_that_a_client_may_write_is_checked() -> None:
    assert set(CHECKS) == {kind for kind, rule in KINDS.items() if rule.rule != "server"}


@pytest.mark.parametrize("kind", ["visit", "addendum", "error_mark", "review", "draft", "begun"])
def test_nobody_writes_in_anothers_name(kind: str) -> None:
    assert what_is_wrong(op(kind, {**GOOD[kind][2], "author": OTHER}), NURSE) == "author"


def test_whoever_takes_a_visit_over_closes_its_mark() -> None:
    body = {**GOOD["begun"][2], "author": OTHER, "closed": True}
    assert what_is_wrong(changed(op("begun", body), base=1), NURSE) == ""


def test_what_carries_its_authors_signature_may_come_back_from_anyone_who_holds_it() -> None:
    visit = {**GOOD["visit"][2], "author": OTHER}
    assert what_is_wrong(op("visit", {**visit, "content_hash": content_hash(visit)}, "assert"), NURSE) == ""
    assert what_is_wrong(op("visit", visit, "assert"), NURSE) == "signature"
    assert what_is_wrong(op("addendum", {**GOOD["addendum"][2], "author": OTHER}, "assert"), NURSE) == ""


def test_a_countersignature_comes_back_from_its_author_alone() -> None:
    body = {**GOOD["review"][2], "action": "countersigned", "author": OTHER}
    assert what_is_wrong(op("review", body, "assert"), NURSE) == "author"
    assert what_is_wrong(op("review", {**body, "author": ME}, "assert"), NURSE) == "action"
    assert what_is_wrong(op("review", body, "assert"), SUPERVISOR) == ""


def test_only_a_supervisor_decides_on_a_review() -> None:
    for action in ("seen", "returned", "countersigned"):
        assert what_is_wrong(op("review", {**GOOD["review"][2], "action": action}), NURSE) == "action"
        assert what_is_wrong(op("review", {**GOOD["review"][2], "action": action, "author": OTHER}), SUPERVISOR) == ""


def test_a_restricted_part_never_lies_with_the_others() -> None:
    body = GOOD["part"][2]
    assert what_is_wrong(op("part", body, scope=f"f:{FAMILY}"), NURSE) == "restricted"
    assert what_is_wrong(op("part", {**body, "restricted": False}), NURSE) == "restricted"


@pytest.mark.parametrize(("body", "wrong"), [(b"", "json"), (b"{", "json"), (b"\xff", "json"), (b"[]", "object"), (b"1", "object")])
def test_what_is_no_object_is_told_apart(body: bytes, wrong: str) -> None:
    assert what_is_wrong(op("hologram", body), NURSE) == wrong


def changed(whole: Op, **fields: Any) -> Op:
    return Op(**{**{field: getattr(whole, field) for field in Op.__dataclass_fields__}, **fields})


def test_ids_are_uuids() -> None:
    good = op("family", GOOD["family"][2])
    assert is_nameable(good)
    assert not is_nameable(changed(good, op="x"))
    assert not is_nameable(changed(good, id="../etc"))
    assert what_is_wrong(changed(good, group="g"), NURSE) == "group"


def test_numbers_fit_where_they_are_kept() -> None:
    good = op("family", GOOD["family"][2])
    for fields in ({"base": 1 << 31}, {"at_ms": 1 << 60}, {"offset_ms": -(1 << 60)}):
        assert what_is_wrong(changed(good, **fields), NURSE) == "range"


def test_one_text_has_an_end() -> None:
    body = {**GOOD["plan_item"][2], "text": "x" * (64 * 1024)}
    assert what_is_wrong(op("plan_item", body), NURSE) == ""
    for deep in ({"text": "x" * (64 * 1024 + 1)}, {"text": "", "more": [{"a": ["x" * (64 * 1024 + 1)]}]}):
        assert what_is_wrong(op("plan_item", {**body, **deep}), NURSE) == "text"


def test_a_deletion_carries_nothing() -> None:
    assert what_is_wrong(op("draft", b"", "del"), NURSE) == ""
    assert what_is_wrong(op("draft", b"{}", "del"), NURSE) == "body"
