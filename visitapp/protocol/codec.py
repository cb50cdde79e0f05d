"""Messages as bytes: NDJSON in one zstd frame, two lines per record, bodies byte for byte, nothing unpacked beyond
its limit."""

import zlib
from collections.abc import Iterable
from typing import Annotated, Any, Final, TypeVar

import msgspec
import zstandard

from visitapp.protocol import messages as m
from visitapp.protocol.problems import Malformed, TooLarge, TooMany, UnsupportedVersion

CONTENT_ENCODING: Final = "zstd"
_LEVEL: Final = 3
_WINDOW: Final = 1 << 24

_Short = Annotated[str, msgspec.Meta(max_length=128)]
_Whole = Annotated[int, msgspec.Meta(ge=0, le=1 << 53)]
_Signed = Annotated[int, msgspec.Meta(ge=-(1 << 63), le=(1 << 63) - 1)]

_OpLine = tuple[_Short, _Short, _Short, _Short, _Short, _Whole, m.Act, _Signed, _Signed, _Whole]
_RecLine = tuple[_Short, _Short, _Whole, _Short, int, _Short, _Whole]
_ReceiptLine = tuple[_Short, m.Outcome, _Whole, _Whole, str, list[Any] | None]
_FeedLine = tuple[str, _Short, _Whole, _Whole, _Whole, _Whole, _Signed, m.Flag, _Whole]
_HeadLine = tuple[_Short, _Whole, _Whole, _Whole, _Signed]
_CursorLine = tuple[_Short, _Whole, _Signed]
_HoldingLine = tuple[_Short, _Whole, _Short]


class _HelloLine(msgspec.Struct, omit_defaults=True):
    p: int
    app: _Short
    sv: _Whole
    dev: _Short
    n: _Whole
    ep: _Short
    now: _Signed
    ls: _Signed = -1
    un: _Whole = 0


class _GreetingLine(msgspec.Struct, omit_defaults=True):
    p: tuple[int, int]
    ep: str
    now: int
    cv: int
    min: str
    latest: str
    lease: str = ""
    escrow: str = ""


class _PushEnd(msgspec.Struct):
    heads: list[_HeadLine]
    sig: str


class _AskLine(msgspec.Struct):
    cv: _Whole
    budget: Annotated[int, msgspec.Meta(ge=1, le=m.MAX_UNPACKED)] = m.DEFAULT_BUDGET
    fp: _Short = ""


class _CaseloadLine(msgspec.Struct):
    caseload: list[tuple[str, str]] | None = None


class _PullEnd(msgspec.Struct):
    more: bool
    differs: bool = False


class _CheckHead(msgspec.Struct):
    scope: _Short


class _CheckEnd(msgspec.Struct):
    scope: str
    head: int
    n: int
    dig: int
    flag: m.Flag
    delete: list[str]
    want: list[str]


_encode: Final = msgspec.json.Encoder().encode
_hello: Final = msgspec.json.Decoder(_HelloLine)
_greeting: Final = msgspec.json.Decoder(_GreetingLine)
_op: Final = msgspec.json.Decoder(_OpLine)
_rec: Final = msgspec.json.Decoder(_RecLine)
_receipt: Final = msgspec.json.Decoder(_ReceiptLine)
_push_end: Final = msgspec.json.Decoder(_PushEnd)
_ask: Final = msgspec.json.Decoder(_AskLine)
_cursor: Final = msgspec.json.Decoder(_CursorLine)
_caseload: Final = msgspec.json.Decoder(_CaseloadLine)
_feed: Final = msgspec.json.Decoder(_FeedLine)
_pull_end: Final = msgspec.json.Decoder(_PullEnd)
_check_head: Final = msgspec.json.Decoder(_CheckHead)
_check_end: Final = msgspec.json.Decoder(_CheckEnd)
_holding: Final = msgspec.json.Decoder(_HoldingLine)
_anything: Final = msgspec.json.Decoder()

T = TypeVar("T")
Plain = (
    m.EnrolAsk
    | m.RekeyAsk
    | m.Enrolled
    | m.Refusal
    | m.EscrowAsk
    | m.WipedAsk
    | m.Kept
    | m.GlassAsk
    | m.GlassOpened
    | m.AnchorAsk
    | m.AnchorKept
)


def pack(raw: bytes) -> bytes:
    """One zstd frame that tells its own size."""
    return zstandard.ZstdCompressor(level=_LEVEL).compress(raw)


def unpack(data: bytes, encoding: str = CONTENT_ENCODING, limit: int = m.MAX_UNPACKED) -> bytes:
    """The bytes inside, at most `limit` of them. Encodings: zstd, gzip, identity or "". Raises Malformed, TooLarge."""
    try:
        if encoding == "zstd":
            raw = _unpack_zstd(data, limit)
        elif encoding == "gzip":
            raw = zlib.decompressobj(31).decompress(data, limit + 1)
        elif encoding in ("", "identity"):
            raw = data
        else:
            raise Malformed(encoding=encoding[:16])
    except (zstandard.ZstdError, zlib.error):
        raise Malformed from None
    if len(raw) > limit:
        raise TooLarge(limit=limit)
    return raw


def _unpack_zstd(data: bytes, limit: int) -> bytes:
    plain = zstandard.ZstdDecompressor(max_window_size=_WINDOW)
    told = zstandard.frame_content_size(data)
    if told > limit:
        raise TooLarge(limit=limit)
    if told >= 0:
        return plain.decompress(data, max_output_size=limit)
    with plain.stream_reader(data) as reader:
        return reader.read(limit + 1)


def read_json(body: bytes) -> Any:
    """A body as parsed JSON. Raises Malformed, also when it is nested deeper than a body may be."""
    if _looks_deep(body):
        raise Malformed(limit=m.MAX_DEPTH)
    return _read(_anything, body)


def read_own_json(body: bytes) -> Any:
    """A body that was judged when it was written, as parsed JSON. Raises Malformed."""
    return _read(_anything, body)


def _looks_deep(body: bytes) -> bool:
    brackets = body.translate(None, _NOT_BRACKETS)
    if brackets.count(b"{") + brackets.count(b"[") <= m.MAX_DEPTH:
        return False
    if _depth(brackets) <= m.MAX_DEPTH:
        return False
    return _depth(_outside_strings(body)) > m.MAX_DEPTH


_NOT_BRACKETS: Final = bytes(byte for byte in range(256) if byte not in b"{}[]")


def _depth(brackets: bytes) -> int:
    depth = deepest = 0
    for byte in brackets:
        depth += 1 if byte in b"{[" else -1
        deepest = max(deepest, depth)
    return deepest


def _outside_strings(body: bytes) -> bytes:
    text = body.replace(b"\\\\", b"").replace(b'\\"', b"")
    return b"".join(text.split(b'"')[::2]).translate(None, _NOT_BRACKETS)


def _read(decoder: "msgspec.json.Decoder[T]", line: bytes) -> T:
    try:
        return decoder.decode(line)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise Malformed from None


class _Lines:
    """The lines of a message, taken one after the other."""

    def __init__(self, raw: bytes) -> None:
        self._lines = raw.split(b"\n")
        if self._lines.pop():
            raise Malformed
        self._next = 0

    def left(self) -> int:
        return len(self._lines) - self._next

    def take(self) -> bytes:
        if self._next == len(self._lines):
            raise Malformed
        self._next += 1
        return self._lines[self._next - 1]


def _join(lines: Iterable[bytes]) -> bytes:
    return pack(b"\n".join([*lines, b""]))


def _one_line(body: bytes) -> bytes:
    if b"\n" in body:
        raise Malformed
    return body


def _write_hello(hello: m.Hello) -> bytes:
    h = hello
    return _encode(_HelloLine(h.protocol, h.app, h.schema, h.device, h.counter, h.epoch, h.now_ms, h.lease_ms, h.unsent))


def _read_hello(line: bytes) -> m.Hello:
    h = _read(_hello, line)
    if not m.SUPPORTED[0] <= h.p <= m.SUPPORTED[1]:
        raise UnsupportedVersion(version=h.p)
    return m.Hello(h.app, h.dev, h.n, h.ep, h.now, h.sv, h.p, h.ls, h.un)


def _write_greeting(g: m.Greeting) -> bytes:
    line = _GreetingLine(g.protocols, g.epoch, g.now_ms, g.caseload_version, g.minimum, g.latest, g.lease, g.escrow_to)
    return _encode(line)


def _read_greeting(line: bytes) -> m.Greeting:
    g = _read(_greeting, line)
    return m.Greeting(g.ep, g.now, g.cv, g.min, g.latest, g.p, g.lease, g.escrow)


def _rec_fields(rec: m.Rec) -> tuple[str, str, int, str, int, str, int]:
    return (rec.id, rec.kind, rec.rev, rec.hash_start, int(rec.deleted), rec.author, rec.received_ms)


def _read_rec(lines: _Lines) -> m.Rec:
    id_, kind, rev, start, deleted, author, received = _read(_rec, lines.take())
    return m.Rec(id_, kind, rev, start, bool(deleted), author, received, lines.take())


def encode_push(push: m.Push) -> bytes:
    """A batch of ops as packed bytes. Raises Malformed for a body of more than one line."""
    lines = [_write_hello(push.hello)]
    for op in push.ops:
        lines.append(_encode((op.op, op.group, op.scope, op.kind, op.id, op.base, op.act, op.at_ms, op.offset_ms, op.schema)))
        lines.append(_one_line(op.body))
    return _join(lines)


def decode_push(data: bytes, encoding: str = CONTENT_ENCODING) -> m.Push:
    """A batch of ops, bodies untouched and not yet parsed. Raises Malformed, TooLarge, TooMany, UnsupportedVersion."""
    lines = _Lines(unpack(data, encoding))
    hello = _read_hello(lines.take())
    if lines.left() > 2 * m.MAX_OPS:
        raise TooMany(limit=m.MAX_OPS)
    ops = []
    while lines.left():
        op, group, scope, kind, id_, base, act, at, offset, schema = _read(_op, lines.take())
        body = lines.take()
        if len(body) > m.MAX_BODY:
            raise TooLarge(limit=m.MAX_BODY)
        ops.append(m.Op(op, group, scope, kind, id_, base, act, at, offset, body, schema))
    return m.Push(hello, tuple(ops))


def encode_push_answer(answer: m.PushAnswer) -> bytes:
    """Receipts and heads as packed bytes."""
    lines = [_write_greeting(answer.greeting)]
    for r in answer.receipts:
        lines.append(_encode((r.op, r.outcome, r.rev, r.seq, r.code, _rec_fields(r.record) if r.record else None)))
        if r.record:
            lines.append(r.record.body)
    heads = [(h.scope, h.before, h.after, h.count, h.digest) for h in answer.heads]
    lines.append(_encode(_PushEnd(heads, answer.signature)))
    return _join(lines)


def decode_push_answer(data: bytes, encoding: str = CONTENT_ENCODING) -> m.PushAnswer:
    """Receipts and heads. Raises Malformed, TooLarge."""
    lines = _Lines(unpack(data, encoding))
    greeting = _read_greeting(lines.take())
    receipts = []
    while lines.left() > 1:
        op, outcome, rev, seq, code, fields = _read(_receipt, lines.take())
        record = None
        if fields is not None:
            id_, kind, rec_rev, start, deleted, author, received = _convert_rec(fields)
            record = m.Rec(id_, kind, rec_rev, start, bool(deleted), author, received, lines.take())
        receipts.append(m.Receipt(op, outcome, rev, seq, code, record))
    end = _read(_push_end, lines.take())
    return m.PushAnswer(greeting, tuple(receipts), tuple(m.Head(*head) for head in end.heads), end.sig)


def _convert_rec(fields: list[Any]) -> tuple[str, str, int, str, int, str, int]:
    try:
        found: _RecLine = msgspec.convert(fields, _RecLine)
    except msgspec.MsgspecError:
        raise Malformed from None
    return found


def encode_pull(ask: m.PullAsk) -> bytes:
    """A pull as packed bytes."""
    head = _encode(_AskLine(ask.caseload_version, ask.budget, ask.fingerprint))
    cursors = (_encode((c.scope, c.seq, c.digest)) for c in ask.cursors)
    return _join([_write_hello(ask.hello), head, *cursors])


def decode_pull(data: bytes, encoding: str = CONTENT_ENCODING) -> m.PullAsk:
    """A pull. Raises Malformed, TooLarge, TooMany, UnsupportedVersion."""
    lines = _Lines(unpack(data, encoding))
    hello, ask = _read_hello(lines.take()), _read(_ask, lines.take())
    if lines.left() > m.MAX_SCOPES:
        raise TooMany(limit=m.MAX_SCOPES)
    cursors = tuple(m.Cursor(*_read(_cursor, lines.take())) for _ in range(lines.left()))
    return m.PullAsk(hello, ask.cv, cursors, ask.fp, ask.budget)


def encode_pull_answer(answer: m.PullAnswer) -> bytes:
    """Caseload and feeds as packed bytes."""
    listed = None if answer.caseload is None else [(entry.scope, entry.role) for entry in answer.caseload]
    lines = [_write_greeting(answer.greeting), _encode(_CaseloadLine(listed))]
    for f in answer.feeds:
        lines.append(_encode(("s", f.scope, f.first, f.last, f.head, f.count, f.digest, f.flag, len(f.records))))
        for rec in f.records:
            lines.append(_encode(_rec_fields(rec)))
            lines.append(rec.body)
    lines.append(_encode(_PullEnd(answer.more, answer.differs)))
    return _join(lines)


def decode_pull_answer(data: bytes, encoding: str = CONTENT_ENCODING) -> m.PullAnswer:
    """Caseload and feeds. Raises Malformed, TooLarge."""
    lines = _Lines(unpack(data, encoding))
    greeting, listed = _read_greeting(lines.take()), _read(_caseload, lines.take()).caseload
    feeds = []
    while lines.left() > 1:
        _, scope, first, last, head, count, digest, flag, records = _read(_feed, lines.take())
        held = tuple(_read_rec(lines) for _ in range(records))
        feeds.append(m.Feed(scope, first, last, head, count, digest, flag, held))
    end = _read(_pull_end, lines.take())
    caseload = None if listed is None else tuple(m.CaseloadEntry(*entry) for entry in listed)
    return m.PullAnswer(greeting, caseload, tuple(feeds), end.more, end.differs)


def encode_check(ask: m.CheckAsk) -> bytes:
    """A repair manifest as packed bytes."""
    held = (_encode((h.id, h.rev, h.hash_start)) for h in ask.holdings)
    return _join([_write_hello(ask.hello), _encode(_CheckHead(ask.scope)), *held])


def decode_check(data: bytes, encoding: str = CONTENT_ENCODING) -> m.CheckAsk:
    """A repair manifest. Raises Malformed, TooLarge, UnsupportedVersion."""
    lines = _Lines(unpack(data, encoding))
    hello, head = _read_hello(lines.take()), _read(_check_head, lines.take())
    holdings = tuple(m.Holding(*_read(_holding, lines.take())) for _ in range(lines.left()))
    return m.CheckAsk(hello, head.scope, holdings)


def encode_check_answer(answer: m.CheckAnswer) -> bytes:
    """A repair as packed bytes."""
    lines = [_write_greeting(answer.greeting)]
    for rec in answer.put:
        lines += [_encode(_rec_fields(rec)), rec.body]
    end = _CheckEnd(answer.scope, answer.head, answer.count, answer.digest, answer.flag, list(answer.delete), list(answer.want))
    return _join([*lines, _encode(end)])


def decode_check_answer(data: bytes, encoding: str = CONTENT_ENCODING) -> m.CheckAnswer:
    """A repair. Raises Malformed, TooLarge."""
    lines = _Lines(unpack(data, encoding))
    greeting = _read_greeting(lines.take())
    put = []
    while lines.left() > 1:
        put.append(_read_rec(lines))
    end = _read(_check_end, lines.take())
    return m.CheckAnswer(greeting, end.scope, end.head, end.n, end.dig, end.flag, tuple(put), tuple(end.delete), tuple(end.want))


def encode_plain(message: Plain) -> bytes:
    """A message that is one plain JSON object: enrolment, rekeying, custody, opening a family, an audit's head and refusals."""
    return _encode(message)


def decode_plain(kind: type[T], data: bytes) -> T:
    """One of those messages from plain JSON. Raises Malformed."""
    try:
        return msgspec.json.decode(data, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise Malformed from None
