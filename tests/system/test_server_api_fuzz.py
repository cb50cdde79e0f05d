"""The API under made-up requests: every operation of the OpenAPI document, as anybody sends them and as a laptop signs them.

No answer is a failure of the service, and none is other than the document says.
"""

import json
import secrets
from collections.abc import Iterator
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import Case
from schemathesis.checks import CHECKS, not_a_server_error

from tests.kit.postgres import fresh_databases
from tests.kit.service import Laptop, ServiceKit, a_family, a_person, now_ms
from visitapp.protocol import codec
from visitapp.protocol import messages as m
from visitapp.protocol.problems import ProtocolProblem
from visitapp.protocol.requests import HEADER, Mark, request_text, write_header
from visitapp.protocol.rules import KINDS
from visitapp.server.ids import new_id
from visitapp.server.operations import ACTS

A_FEW = 20
MANY = 200
LEAST_STRICT = ("positive_data_acceptance", "negative_data_rejection", "ignored_auth", "missing_required_header")
"""Checks that do not fit: signatures and ids can be right in form and still be nobody's."""


schemathesis.openapi.media_type("application/x-ndjson", st.binary(max_size=200) | st.binary(max_size=200).map(codec.pack))


@schemathesis.serializer("application/x-ndjson")
def as_it_is(_: schemathesis.SerializationContext, value: Any) -> Any:
    """Packed lines travel as they are."""
    return value if isinstance(value, bytes) else str(value).encode()


class House:
    """The service, a laptop of a nurse with a family, and the document."""

    def __init__(self, kit: ServiceKit) -> None:
        self.kit = kit
        self.ann: Laptop = kit.laptop(kit.user(kit.team()))
        opening = a_family()
        assert set(self.ann.outcomes(opening, a_person(opening.id))) == {"ok"}
        self.family = opening.id
        self.schema = schemathesis.openapi.from_asgi("/v1/openapi.json", kit.app)
        every = CHECKS.get_all()
        self.checks = [check for check in every if getattr(check, "__name__", "") not in LEAST_STRICT]
        assert not_a_server_error in self.checks

    def signed(self, case: Case, body: bytes) -> dict[str, str]:
        """The headers with which the laptop sends a body."""
        mark = Mark(self.ann.device, now_ms(), secrets.token_urlsafe(16))
        signature = self.ann.key.sign(request_text(case.method, case.formatted_path, body, mark))
        return {HEADER: write_header(mark, signature)}


@pytest.fixture(scope="module")
def house(postgres: Any) -> Iterator[House]:
    with fresh_databases(postgres) as databases:
        kit = ServiceKit(databases)
        yield House(kit)
        kit.close()


def fuzz(house: House, examples: int, *, office: bool, signed: bool) -> int:
    """Sends made-up requests to each operation of one part of the API; answers how many operations there were."""
    count = 0
    for found in house.schema.get_all_operations():
        operation = found.ok()
        if operation.path.startswith("/v1/") == office or (signed and operation.method.upper() != "POST"):
            continue
        count += 1

        @settings(
            max_examples=examples,
            deadline=None,
            database=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy())
        def one(case: Case) -> None:
            headers = house.signed(case, body_as_sent(case)) if signed else None
            answer = case.call(headers=headers)
            case.validate_response(answer, checks=house.checks, headers=headers)

        one()
    return count


def body_as_sent(case: Case) -> bytes:
    """The bytes that a request's body will be, whatever was made up for it."""
    sent = case.as_transport_kwargs(base_url="http://testserver")
    prepared = requests.Request(case.method, "http://testserver", data=sent.get("data"), json=sent.get("json")).prepare()
    body = prepared.body or b""
    return body if isinstance(body, bytes) else str(body).encode()


def test_what_anybody_sends_a_laptops_door(house: House) -> None:
    assert fuzz(house, A_FEW, office=False, signed=False) >= 9


def test_what_a_laptop_signs(house: House) -> None:
    assert fuzz(house, A_FEW, office=False, signed=True) >= 7


def test_what_anybody_sends_the_office(house: House) -> None:
    assert fuzz(house, A_FEW, office=True, signed=False) >= 20


@pytest.mark.hunt
@pytest.mark.parametrize(("office", "signed"), [(False, False), (False, True), (True, False)])
def test_the_same_many_times(house: House, office: bool, signed: bool) -> None:
    assert fuzz(house, MANY, office=office, signed=signed)


TEXTS = st.text(st.characters(codec="utf-8"), max_size=12)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)
NAMES = st.sampled_from(
    [
        *("id", "visit", "family", "author", "parts", "signature", "content_hash", "answers", "subject", "restricted"),
        *("questionnaire", "text", "reason", "action", "state", "person", "code", "value", "record", "kind", "chosen", "at"),
    ]
)
BODIES = st.binary(max_size=40) | (JSON | st.dictionaries(NAMES, JSON, max_size=6)).map(lambda told: json.dumps(told).encode())
WHOLE = st.sampled_from((0, 1, 2, 2**31, 2**53)) | st.integers(0, 2**53)
MOMENTS = st.sampled_from((0, -1, 2**62, -(2**62))) | st.integers(-(2**63), 2**63 - 1)


def ops(house: House) -> st.SearchStrategy[m.Op]:
    """Changes that are right in form: to her family, to herself, to nothing there is; with bodies of every kind."""
    ids = st.sampled_from((house.family, house.ann.user, new_id(), "", "x", "\x00", "F" * 36)) | TEXTS
    scopes = st.builds("{}:{}".format, st.sampled_from("frutgx"), ids) | st.just("g:") | TEXTS
    return st.builds(
        m.Op,
        op=st.builds(new_id) | ids,
        group=st.sampled_from(("", "", new_id())) | ids,
        scope=st.sampled_from((f"f:{house.family}", f"r:{house.family}", f"u:{house.ann.user}")) | scopes,
        kind=st.sampled_from((*KINDS, "hologram")) | TEXTS,
        id=st.builds(new_id) | ids,
        base=WHOLE,
        act=st.sampled_from(ACTS),
        at_ms=MOMENTS,
        offset_ms=MOMENTS,
        body=BODIES.map(lambda body: b"".join(body.split(b"\n"))),
        schema=WHOLE,
    )


def exchanges(house: House, examples: int) -> None:
    """Pushes, pulls and checks that are well made and make little sense; each is answered as the protocol says."""
    scopes = st.sampled_from((f"f:{house.family}", f"r:{house.family}", f"u:{house.ann.user}", "g:", "x")) | TEXTS
    cursors = st.lists(st.builds(m.Cursor, scopes, WHOLE, MOMENTS), max_size=5).map(tuple)
    holdings = st.lists(st.builds(m.Holding, TEXTS, WHOLE, TEXTS), max_size=5).map(tuple)
    common = settings(
        max_examples=examples, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck)
    )

    def sent(path: str, body: bytes) -> Any:
        answer = house.ann.send(path, body)
        assert answer.status_code in (200, 400, 413), (path, answer.status_code, answer.text)
        return answer

    @common
    @given(st.lists(ops(house), max_size=6).map(tuple))
    def pushed(made: tuple[m.Op, ...]) -> None:
        try:
            body = codec.encode_push(m.Push(house.ann.hello(), made))
        except ProtocolProblem:
            return
        answer = sent("/v1/push", body)
        if answer.status_code == 200:
            receipts = codec.decode_push_answer(answer.content).receipts
            assert [receipt.op for receipt in receipts] == [op.op for op in made]
            assert "retry" not in {receipt.outcome for receipt in receipts}, receipts

    @common
    @given(WHOLE, cursors, st.integers(1, 2**24), TEXTS)
    def pulled(version: int, asked: tuple[m.Cursor, ...], budget: int, fingerprint: str) -> None:
        answer = sent("/v1/pull", codec.encode_pull(m.PullAsk(house.ann.hello(), version, asked, fingerprint, budget)))
        if answer.status_code == 200:
            codec.decode_pull_answer(answer.content)

    @common
    @given(scopes, holdings)
    def checked(scope: str, held: tuple[m.Holding, ...]) -> None:
        answer = sent("/v1/check", codec.encode_check(m.CheckAsk(house.ann.hello(), scope, held)))
        if answer.status_code == 200:
            codec.decode_check_answer(answer.content)

    for one in (pushed, pulled, checked):
        one()


def test_exchanges_that_make_no_sense(house: House) -> None:
    exchanges(house, MANY)


@pytest.mark.hunt
def test_many_exchanges_that_make_no_sense(house: House) -> None:
    exchanges(house, 5_000)
