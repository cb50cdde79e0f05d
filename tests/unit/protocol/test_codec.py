"""Messages survive the wire byte for byte, and nothing unpacks beyond its limit."""

import gzip

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from visitapp.protocol import codec
from visitapp.protocol import messages as m
from visitapp.protocol.problems import Malformed, ProtocolProblem, TooLarge, TooMany, UnsupportedVersion

ID = "018f0000-0000-7000-8000-000000000001"
SCOPE = f"f:{ID}"
HELLO = m.Hello("0.1.0", ID, 7, "", 1_700_000_000_000)
GREETING = m.Greeting("e1", 1_700_000_000_000, 3)
REC = m.Rec(ID, "visit", 1, "00" * 8, False, ID, 1_700_000_000_000, '{"note":"Łucja  ☺"}'.encode())


def an_op(body: bytes = b"{}", act: m.Act = "put") -> m.Op:
    return m.Op(ID, "", SCOPE, "visit", ID, 0, act, 1_700_000_000_000, -250, body)


def test_push_comes_back_byte_for_byte() -> None:
    push = m.Push(HELLO, (an_op(b'{"b":1, "a":2,"\xc5\x81":"x"}'), an_op(b"", "del")))
    assert codec.decode_push(codec.encode_push(push)) == push


def test_push_answer_comes_back_with_and_without_records() -> None:
    receipts = (m.Receipt(ID, "ok", 1, 5), m.Receipt(ID, "conflict", 3, 9, "overlap:note", REC))
    answer = m.PushAnswer(GREETING, receipts, (m.Head(SCOPE, 1, 5, 4, -(1 << 63)),), "c2ln")
    assert codec.decode_push_answer(codec.encode_push_answer(answer)) == answer


def test_pull_and_its_answer_come_back() -> None:
    ask = m.PullAsk(HELLO, 3, (m.Cursor(SCOPE, 9, -4), m.Cursor("g:", 0, 0)), "ab", 1000)
    assert codec.decode_pull(codec.encode_pull(ask)) == ask
    feeds = (m.Feed(SCOPE, 0, 1, 1, 1, 5, "", (REC,)), m.Feed("g:", 2, 2, 1, 1, 5, "ahead"))
    for caseload in (None, (m.CaseloadEntry(SCOPE, "nurse"),)):
        answer = m.PullAnswer(GREETING, caseload, feeds, True, True)
        assert codec.decode_pull_answer(codec.encode_pull_answer(answer)) == answer


def test_check_and_its_answer_come_back() -> None:
    ask = m.CheckAsk(HELLO, SCOPE, (m.Holding(ID, 1, "00" * 8),))
    assert codec.decode_check(codec.encode_check(ask)) == ask
    answer = m.CheckAnswer(GREETING, SCOPE, 5, 2, -9, "", (REC,), (ID,), (ID,))
    assert codec.decode_check_answer(codec.encode_check_answer(answer)) == answer


@pytest.mark.parametrize("encoding", ["gzip", "identity", ""])
def test_other_encodings_are_taken(encoding: str) -> None:
    plain = codec.unpack(codec.encode_pull(m.PullAsk(HELLO, 0, ())))
    data = gzip.compress(plain) if encoding == "gzip" else plain
    assert codec.decode_pull(data, encoding).hello == HELLO


def test_bombs_are_refused_whether_they_tell_their_size_or_not() -> None:
    zeros = b"\0" * (m.MAX_UNPACKED + 1)
    silent = zstandard.ZstdCompressor(write_content_size=False).compress(zeros)
    for data, encoding in ((codec.pack(zeros), "zstd"), (silent, "zstd"), (gzip.compress(zeros), "gzip")):
        with pytest.raises(TooLarge):
            codec.unpack(data, encoding)


def test_a_frame_that_lies_about_its_size_is_refused() -> None:
    data = bytearray(zstandard.ZstdCompressor().compress(b"x" * 300))
    assert zstandard.frame_content_size(bytes(data)) == 300
    place = data.index((300 - 256).to_bytes(2, "little"))
    data[place : place + 2] = (5).to_bytes(2, "little")
    with pytest.raises(Malformed):
        codec.unpack(bytes(data))


def test_one_op_or_byte_too_many_is_refused() -> None:
    codec.decode_push(codec.encode_push(m.Push(HELLO, (an_op(),) * m.MAX_OPS)))
    with pytest.raises(TooMany):
        codec.decode_push(codec.encode_push(m.Push(HELLO, (an_op(),) * (m.MAX_OPS + 1))))
    codec.decode_push(codec.encode_push(m.Push(HELLO, (an_op(b"1" * m.MAX_BODY),))))
    with pytest.raises(TooLarge):
        codec.decode_push(codec.encode_push(m.Push(HELLO, (an_op(b"1" * (m.MAX_BODY + 1)),))))
    with pytest.raises(TooMany):
        codec.decode_pull(codec.encode_pull(m.PullAsk(HELLO, 0, (m.Cursor(SCOPE, 0, 0),) * (m.MAX_SCOPES + 1))))


def test_a_body_of_two_lines_is_never_sent() -> None:
    with pytest.raises(Malformed):
        codec.encode_push(m.Push(HELLO, (an_op(b"{\n}"),)))


def test_another_protocol_version_is_told_apart_from_nonsense() -> None:
    with pytest.raises(UnsupportedVersion):
        codec.decode_push(codec.encode_push(m.Push(m.Hello("9", ID, 0, "", 0, 1, 99), ())))


def test_depth_is_counted_outside_strings() -> None:
    deep = b"[" * 33 + b"]" * 33
    with pytest.raises(Malformed):
        codec.read_json(b'{"a":' + deep + b"}")
    assert codec.read_json(b"[" * 32 + b"]" * 32)
    text = b'{"a":"\\\\\\"' + b"[" * 40 + b'"}'
    assert codec.read_json(text) == {"a": '\\"' + "[" * 40}
    with pytest.raises(Malformed):
        codec.read_json(b"[" * 200_000)


@given(st.binary(max_size=200))
def test_noise_is_refused_in_one_way(noise: bytes) -> None:
    for decode in (codec.decode_push, codec.decode_pull, codec.decode_check, codec.decode_pull_answer):
        for data in (noise, codec.pack(noise + b"\n")):
            with pytest.raises(ProtocolProblem):
                decode(data)
