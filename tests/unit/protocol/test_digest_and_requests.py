"""Digests add up on both sides; signed texts change with everything they cover."""

import random

import pytest

from visitapp.protocol import digest, requests
from visitapp.protocol.messages import Cursor, Receipt
from visitapp.protocol.problems import Malformed

DEVICE = "018f0000-0000-7000-8000-00000000000d"


def test_a_digest_is_the_same_in_any_order_and_a_signed_64_bit_number() -> None:
    terms = [digest.term(f"id-{n}", n, digest.body_hash(b"%d" % n)) for n in range(500)]
    total = digest.add(0, *terms)
    shuffled = terms.copy()
    random.Random(1).shuffle(shuffled)
    one_by_one = 0
    for term in shuffled:
        one_by_one = digest.add(one_by_one, term)
        assert -(1 << 63) <= one_by_one < 1 << 63
    assert one_by_one == total
    assert digest.add(total, *(-term for term in terms)) == 0


def test_a_term_changes_with_id_revision_and_body() -> None:
    body = digest.body_hash(b"{}")
    others = {digest.term("b", 1, body), digest.term("a", 2, body), digest.term("a", 1, b"")}
    assert len({digest.term("a", 1, body), *others}) == 4


def test_a_term_never_changes_between_versions() -> None:
    assert digest.term(DEVICE, 3, digest.body_hash(b'{"a":1}')) == -1887771639137586727


def test_a_fingerprint_does_not_depend_on_order_but_on_everything_else() -> None:
    one, two = Cursor("f:a", 1, 2), Cursor("f:b", 1, 2)
    assert digest.fingerprint(1, [one, two]) == digest.fingerprint(1, [two, one])
    others = {
        digest.fingerprint(1, [one, two]),
        digest.fingerprint(2, [one, two]),
        digest.fingerprint(1, [one]),
        digest.fingerprint(1, [one, Cursor("f:b", 2, 2)]),
        digest.fingerprint(1, [one, Cursor("f:b", 1, 3)]),
    }
    assert len(others) == 5


def test_a_request_text_covers_every_part() -> None:
    mark = requests.Mark(DEVICE, 1, "n" * 22, "t")
    texts = {
        requests.request_text("POST", "/v1/push", b"x", mark),
        requests.request_text("GET", "/v1/push", b"x", mark),
        requests.request_text("POST", "/v1/pull", b"x", mark),
        requests.request_text("POST", "/v1/push", b"y", mark),
        requests.request_text("POST", "/v1/push", b"x", requests.Mark(DEVICE, 2, "n" * 22, "t")),
        requests.request_text("POST", "/v1/push", b"x", requests.Mark(DEVICE, 1, "m" * 22, "t")),
        requests.request_text("POST", "/v1/push", b"x", requests.Mark(DEVICE, 1, "n" * 22, "u")),
        requests.request_text("POST", "/v1/push", b"x", requests.Mark(DEVICE[:-1] + "e", 1, "n" * 22, "t")),
    }
    assert len(texts) == 8


@pytest.mark.parametrize("token", ["", "abc-_1"])
def test_a_header_comes_back(token: str) -> None:
    mark = requests.Mark(DEVICE, 1_700_000_000_000, "n" * 22, token)
    assert requests.read_header(requests.write_header(mark, b"s" * 64)) == (mark, b"s" * 64)


@pytest.mark.parametrize("value", ["", "Bearer x", "Visitapp d=x,t=1,n=2,s=3", "Visitapp " + "x" * 500])
def test_other_headers_are_malformed(value: str) -> None:
    with pytest.raises(Malformed):
        requests.read_header(value)


def test_receipts_text_covers_every_part_of_a_receipt() -> None:
    receipt = Receipt("op", "ok", 1, 2, "")
    others = [
        Receipt("op2", "ok", 1, 2),
        Receipt("op", "same", 1, 2),
        Receipt("op", "ok", 2, 2),
        Receipt("op", "ok", 1, 3),
        Receipt("op", "ok", 1, 2, "c"),
    ]
    texts = {requests.receipts_text("e", "d", [r]) for r in [receipt, *others]}
    elsewhere = {requests.receipts_text("e2", "d", [receipt]), requests.receipts_text("e", "d2", [receipt])}
    assert len(texts | elsewhere) == 8
