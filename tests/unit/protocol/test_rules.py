"""Every case of the conflict rules, one line each."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from visitapp.protocol.digest import body_hash
from visitapp.protocol.messages import Act, Op
from visitapp.protocol.rules import Standing, Verdict, decide, needs_bodies, three_way


def dump(fields: dict[str, Any]) -> bytes:
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode()


OLD = dump({"phone": "1", "note": "a", "nhs_number": "9990000018"})
NEW = dump({"phone": "2", "note": "a", "nhs_number": "9990000018"})
MINE_NOTE = dump({"phone": "1", "note": "b", "nhs_number": "9990000018"})
MINE_PHONE = dump({"phone": "3", "note": "a", "nhs_number": "9990000018"})
OTHER_NUMBER = dump({"phone": "1", "note": "a", "nhs_number": "9990000026"})
MY_NUMBER = dump({"phone": "1", "note": "a", "nhs_number": "9990000034"})
BOTH = dump({"phone": "2", "note": "b", "nhs_number": "9990000018"})
SENT, ACCEPTED, PROPOSED = (dump({"state": state}) for state in ("sent", "accepted", "proposed"))


def at(rev: int, body: bytes, deleted: bool = False) -> Standing:
    return Standing(rev, body_hash(body), deleted, body)


N_OVERLAP, P_OVERLAP = "overlap:nhs_number", "overlap:phone"
CASES: list[tuple[str, str, Act, int, bytes, Standing | None, bytes | None, tuple[str, int, bytes | None, str]]] = [
    ("a new record", "visit", "sign", 0, OLD, None, None, ("ok", 1, OLD, "")),
    ("a record the server lost", "person", "put", 4, OLD, None, None, ("ok", 5, OLD, "restored")),
    ("the same content again", "visit", "put", 0, OLD, at(1, OLD), None, ("same", 1, None, "")),
    ("a signed visit with other bytes", "visit", "put", 1, NEW, at(1, OLD), None, ("frozen", 1, None, "")),
    ("a change on the current version", "person", "put", 1, NEW, at(1, OLD), None, ("ok", 2, NEW, "")),
    ("other fields", "person", "put", 1, MINE_NOTE, at(2, NEW), OLD, ("merged", 3, BOTH, "")),
    ("one soft field twice", "person", "put", 1, MINE_PHONE, at(2, NEW), OLD, ("merged", 3, MINE_PHONE, P_OVERLAP)),
    ("one hard field twice", "person", "put", 1, MY_NUMBER, at(2, OTHER_NUMBER), OLD, ("conflict", 2, None, N_OVERLAP)),
    ("a draft, other fields", "draft", "put", 1, MINE_NOTE, at(2, NEW), OLD, ("merged", 3, BOTH, "")),
    ("a draft, one field twice", "draft", "put", 1, MINE_PHONE, at(2, NEW), OLD, ("conflict", 2, None, P_OVERLAP)),
    ("a deleted draft", "draft", "put", 1, NEW, at(2, b"", True), OLD, ("gone", 2, None, "")),
    ("a draft discarded", "draft", "del", 1, b"", at(1, OLD), None, ("ok", 2, b"", "")),
    ("a draft discarded twice", "draft", "del", 2, b"", at(2, b"", True), None, ("same", 2, None, "")),
    ("a newer draft discarded", "draft", "del", 1, b"", at(2, NEW), None, ("conflict", 2, None, "")),
    ("a clinical record deleted", "visit", "del", 1, b"", at(1, OLD), None, ("denied", 1, None, "kept")),
    ("an allowed step of a referral", "referral", "put", 1, ACCEPTED, at(2, SENT), PROPOSED, ("ok", 3, ACCEPTED, "")),
    ("a step back of a referral", "referral", "put", 2, PROPOSED, at(2, SENT), None, ("conflict", 2, None, "state")),
    ("the server's own record", "profile", "put", 0, OLD, None, None, ("denied", 0, None, "server-only")),
    ("a kind from the future", "hologram", "put", 0, OLD, None, None, ("held", 0, None, "unknown-kind")),
    ("a lost record asserted", "visit", "assert", 1, OLD, None, None, ("ok", 1, OLD, "restored")),
    ("an older one replaced by assertion", "person", "assert", 5, NEW, at(3, OLD), None, ("ok", 5, NEW, "restored")),
    ("a lost tombstone asserted", "draft", "assert", 3, b"", None, None, ("ok", 3, b"", "restored")),
    ("an older tombstone outrun", "draft", "assert", 5, NEW, at(3, b"", True), None, ("ok", 5, NEW, "restored")),
    ("a tombstone against an assertion", "draft", "assert", 3, NEW, at(3, b"", True), None, ("gone", 3, None, "")),
    ("an assertion of something older", "person", "assert", 2, OLD, at(3, NEW), None, ("same", 3, None, "newer")),
    ("a base from before the restore", "person", "put", 7, NEW, at(3, OLD), None, ("merged", 8, NEW, P_OVERLAP)),
]


def op(kind: str, act: Act, base: int, body: bytes) -> Op:
    return Op("o", "", "f:x", kind, "i", base, act, 0, 0, body)


@pytest.mark.parametrize(
    ("kind", "act", "base", "body", "standing", "base_body", "wanted"),
    [case[1:] for case in CASES],
    ids=[case[0] for case in CASES],
)
def test_rule_table(
    kind: str,
    act: Act,
    base: int,
    body: bytes,
    standing: Standing | None,
    base_body: bytes | None,
    wanted: tuple[str, int, bytes | None, str],
) -> None:
    verdict = decide(op(kind, act, base, body), standing, base_body)
    assert (verdict.outcome, verdict.rev, verdict.body, verdict.code) == wanted
    assert verdict.deleted == (verdict.body == b"")


def test_a_receipt_never_carries_what_a_field_name_may_hold() -> None:
    odd = "a\n|\x00é" + "x" * 100
    old, theirs, mine = (dump({odd: value}) for value in "abc")
    verdict = decide(op("person", "put", 1, mine), at(2, theirs), old)
    assert verdict.code == "overlap:a????" + "x" * 35


def test_bodies_are_asked_for_only_where_a_verdict_needs_them() -> None:
    assert not needs_bodies(op("person", "put", 2, NEW), at(2, OLD))
    assert needs_bodies(op("person", "put", 1, NEW), at(2, OLD))
    assert needs_bodies(op("referral", "put", 2, NEW), at(2, SENT))
    assert not needs_bodies(op("visit", "put", 0, NEW), at(1, OLD))
    assert decide(op("visit", "put", 0, NEW), Standing(1, body_hash(OLD))) == Verdict("frozen", 1)


values = st.integers(0, 3) | st.dictionaries(st.sampled_from("xy"), st.integers(0, 2))
fields = st.dictionaries(st.sampled_from("abcd"), values)


@given(fields, fields, fields)
def test_a_merge_without_overlap_does_not_depend_on_who_came_first(
    base: dict[str, Any], one: dict[str, Any], two: dict[str, Any]
) -> None:
    merged, overlap = three_way(base, one, two)
    mirrored, mirrored_overlap = three_way(base, two, one)
    assert overlap == mirrored_overlap
    if not overlap:
        assert merged == mirrored


@given(fields, fields)
def test_a_merge_with_an_unchanged_side_is_the_other_side(base: dict[str, Any], one: dict[str, Any]) -> None:
    assert three_way(base, one, base) == (one, frozenset())
    assert three_way(base, base, one) == (one, frozenset())
