"""Whatever a laptop sends, the server answers in its own words, and a good op beside a strange one lands."""

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.kit.service import Laptop, ServiceKit, a_draft, a_family, a_person
from visitapp.protocol import codec
from visitapp.protocol import messages as m
from visitapp.protocol.rules import KINDS

strange = st.one_of(
    st.text(max_size=60),
    st.sampled_from(["\x00", "g:", "", "' or 1=1 --", "018f0000-0000-7000-8000-00000000000\x00"]),
    st.integers(-(1 << 70), 1 << 70),
    st.sampled_from([None, True, [], {}, 1.5, 1 << 53, (1 << 31) - 1, 1 << 31, -1]),
    st.sampled_from([*KINDS, "put", "sign", "del", "move", "assert"]),
)
bodies = st.one_of(
    st.binary(max_size=60).map(lambda raw: raw.replace(b"\n", b"")),
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(max_size=8),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
        max_leaves=8,
    ).map(msgspec.json.encode),
)


def line_of(op: m.Op) -> list[object]:
    return [op.op, op.group, op.scope, op.kind, op.id, op.base, op.act, op.at_ms, op.offset_ms, op.schema]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    changes=st.dictionaries(st.integers(0, 9), strange, max_size=3),
    body=st.none() | bodies,
    draft=st.booleans(),
)
def test_no_op_makes_the_server_stumble(service: ServiceKit, changes: dict[int, object], body: bytes | None, draft: bool) -> None:
    laptop, family = _ready(service)
    odd = a_draft(laptop.user, family) if draft else a_person(family, note="odd")
    good = a_person(family)
    line = [changes.get(place, value) for place, value in enumerate(line_of(odd))]
    head = codec.unpack(codec.encode_push(m.Push(laptop.hello(), ()))).rstrip(b"\n")
    rows = [head, msgspec.json.encode(line), odd.body if body is None else body, msgspec.json.encode(line_of(good)), good.body]
    answer = laptop.send("/v1/push", codec.pack(b"\n".join([*rows, b""])))
    assert answer.status_code in (200, 400, 413), answer.text
    if answer.status_code == 200:
        receipts = codec.decode_push_answer(answer.content).receipts
        assert receipts[1].outcome == "ok", receipts
        assert "retry" not in {receipt.outcome for receipt in receipts}
    else:
        assert codec.decode_plain(m.Refusal, answer.content).code in ("malformed", "too-large")


_READY: dict[int, tuple[Laptop, str]] = {}


def _ready(service: ServiceKit) -> tuple[Laptop, str]:
    """One laptop for all examples of a test."""
    if id(service) not in _READY:
        laptop = service.laptop(service.user(service.team()))
        family = a_family()
        laptop.outcomes(family)
        _READY[id(service)] = laptop, family.id
    return _READY[id(service)]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(st.lists(strange, max_size=4), max_size=4), head=st.dictionaries(st.sampled_from(["cv", "budget", "fp"]), strange)
)
def test_no_question_makes_the_server_stumble(service: ServiceKit, rows: list[list[object]], head: dict[str, object]) -> None:
    laptop, _ = _ready(service)
    hello = codec.unpack(codec.encode_push(m.Push(laptop.hello(), ()))).rstrip(b"\n")
    lines = [hello, msgspec.json.encode({"cv": 0, **head}), *map(msgspec.json.encode, rows), b""]
    for path in ("/v1/pull", "/v1/check"):
        answer = laptop.send(path, codec.pack(b"\n".join(lines)))
        assert answer.status_code in (200, 400, 413), answer.text
    for scope in ("\x00", "x", "f:\x00"):
        assert laptop.ask([m.Cursor(scope, 0, 0)]).feeds[0].flag == "gone"
        assert laptop.check(scope).flag == "gone"
