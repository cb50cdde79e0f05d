"""Every reader of bytes from outside, given damaged ones: it answers or refuses in its own words, and soon (S15).

The damage is drawn from a seed that is named when a case fails, so that the same case can be made again.
"""

import base64
import json
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.kit.desks import RESOURCES, a_desk
from tests.kit.okafors import the_okafors
from tests.kit.signed import a_signed_visit
from tests.unit.vault.places import CHEAP, MemorySecretStore, a_clock, typed
from visitapp.actions.caseload import find
from visitapp.forms import wire
from visitapp.forms.definition import load_questionnaire
from visitapp.forms.facts import MalformedQuestionnaire
from visitapp.forms.packs import PackRefused, build_pack, check_pack, sign_pack
from visitapp.forms.values import Attachment, read_value
from visitapp.protocol import codec
from visitapp.protocol import messages as m
from visitapp.protocol.papers import Lease, WipeReceipt, paper_text, read_paper
from visitapp.protocol.problems import ProtocolProblem
from visitapp.reports.fonts import Style
from visitapp.reports.text import break_lines, clean
from visitapp.ui.checklist.questions.attached import attachment_of
from visitapp.vault.header import HEADER_FILE, parsed
from visitapp.vault.lease import checked_lease
from visitapp.vault.problems import LeaseRefused, VaultDamaged, VaultTooNew
from visitapp.vault.vault import Vault

SEED = 20261122
CASES = 1500
NIGHT_S = 60
LONGEST_S = 5.0
"""Of the thread's own time: what else the machine does is not counted."""

ID = "018f0000-0000-7000-8000-000000000001"
SCOPE = f"f:{ID}"
HELLO = m.Hello("0.1.0", ID, 7, "", 1_700_000_000_000)
GREETING = m.Greeting("e1", 1_700_000_000_000, 3)
REC = m.Rec(ID, "visit", 1, "00" * 8, False, ID, 1_700_000_000_000, '{"note":"Łucja ☺"}'.encode())
RECEIPT = m.Receipt(ID, "conflict", 3, 9, "overlap:note", REC)
HEAD = m.Head(SCOPE, 1, 5, 4, -(1 << 63))
OP = m.Op(ID, "", SCOPE, "visit", ID, 0, "put", 1_700_000_000_000, -250, b'{"note":"x"}')
ODD: tuple[bytes, ...] = (
    *(b"\0", b"\xff", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b'"', b"\\", b"{", b"}", b"[", b"]", b"," b":", b"\n", b"\r\n", b"\xe2\x80\xae"),
    *(b"null", b"true", b"-1", b"1e999", b"NaN", b"9" * 400, b"-9223372036854775809", b"[" * 300, b'{"a":' * 300, b'"\\ud800"'),
    *(b"%s%n{0}", b"../../etc/passwd", b"' or 1=1 --", b'" OR "', b"*", b"NEAR(", b"<img src='/etc/hostname'>", b"a" * 5000),
)


def damaged(seed: bytes, dice: random.Random) -> bytes:
    """One to five wounds: bits, bytes, pieces taken out, doubled, moved or replaced by what parsers stumble over."""
    raw = bytearray(seed)
    for _ in range(dice.randint(1, 5)):
        place = dice.randint(0, len(raw))
        end = min(len(raw), place + dice.choice((1, 2, 4, 16, 64)))
        match dice.randrange(7):
            case 0 if raw:
                raw[min(place, len(raw) - 1)] ^= 1 << dice.randrange(8)
            case 1:
                del raw[place:end]
            case 2:
                raw[place:place] = raw[place:end]
            case 3:
                raw[place:end] = dice.choice(ODD)
            case 4:
                del raw[place:]
            case 5:
                raw[place:place] = dice.randbytes(dice.randint(1, 8))
            case _:
                raw[place:end] = bytes(reversed(raw[place:end]))
    return bytes(raw)


def damaged_shape(value: Any, dice: random.Random) -> Any:
    """The same JSON with one place of another type, or gone: what passes every check of bytes."""
    others = (None, True, -1, 10**30, 0.5, "", "x" * 3000, "\x00", [], {}, [[]], {"": {}}, [None] * 50, "2026-02-30", "\u202e")
    if isinstance(value, dict) and value and dice.random() < 0.85:
        key = dice.choice(list(value))
        if dice.random() < 0.1:
            return {name: each for name, each in value.items() if name != key}
        return {**value, key: damaged_shape(value[key], dice)}
    if isinstance(value, list) and value and dice.random() < 0.85:
        place = dice.randrange(len(value))
        return [*value[:place], damaged_shape(value[place], dice), *value[place + 1 :]]
    return dice.choice(others)


@dataclass(frozen=True)
class Parser:
    """A reader, the whole inputs that it takes, and its own words for the others."""

    read: Callable[[bytes], Any]
    wholes: tuple[bytes, ...]
    refuses: tuple[type[Exception], ...]
    is_json: bool = False
    is_packed: bool = False
    close: Callable[[], None] = lambda: None


def signed(message: bytes) -> bytes:
    return b"s" * 64


def is_signed(*told: Any) -> bool:
    return told[-1] == b"s" * 64 or told[-2] == b"s" * 64


def _protocol() -> Parser:
    answer = m.PullAnswer(GREETING, (m.CaseloadEntry(SCOPE, "nurse"),), (m.Feed(SCOPE, 0, 1, 1, 1, 5, "", (REC,)),), True, True)
    check = m.CheckAnswer(GREETING, SCOPE, 5, 2, -9, "", (REC,), (ID,), (ID,))
    readers: Mapping[Callable[..., Any], bytes] = {
        codec.decode_push: codec.encode_push(m.Push(HELLO, (OP,))),
        codec.decode_pull: codec.encode_pull(m.PullAsk(HELLO, 3, (m.Cursor(SCOPE, 9, -4),), "ab", 1000)),
        codec.decode_check: codec.encode_check(m.CheckAsk(HELLO, SCOPE, (m.Holding(ID, 1, "00" * 8),))),
        codec.decode_pull_answer: codec.encode_pull_answer(answer),
        codec.decode_check_answer: codec.encode_check_answer(check),
    }

    def read(raw: bytes) -> None:
        """Each reader is given every message: one kind in the place of another is damage too."""
        for reader in readers:
            for encoding in ("identity", "zstd"):
                try:
                    reader(raw, encoding)
                except ProtocolProblem:
                    continue

    return Parser(read, tuple(readers.values()), (ProtocolProblem,), is_packed=True)


def _receipts() -> Parser:
    whole = codec.encode_push_answer(m.PushAnswer(GREETING, (m.Receipt(ID, "ok", 1, 5), RECEIPT), (HEAD,), "c2ln"))
    wiped = paper_text(WipeReceipt(ID, ID, "sealed", 3, "ab" * 32, 1_700_000_000_000), signed).encode()

    def read(raw: bytes) -> None:
        for reader in (
            lambda: codec.decode_push_answer(raw),
            lambda: codec.decode_push_answer(raw, "identity"),
            lambda: read_paper("wiped", raw.decode("utf-8", "surrogateescape"), is_signed),
        ):
            try:
                reader()
            except ProtocolProblem:
                continue

    return Parser(read, (whole, wiped), (ProtocolProblem,), is_packed=True)


def _lease() -> Parser:
    whole = paper_text(Lease("u", "d", ("nurse",), 3, 1_700_000_000_000, 1_800_000_000_000), signed)
    content = base64.urlsafe_b64decode(whole.split(".")[0] + "==")

    def read(raw: bytes) -> None:
        for text in (raw.decode("utf-8", "surrogateescape"), f"{base64.urlsafe_b64encode(raw).rstrip(b'=').decode()}.{whole.split('.')[1]}"):
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr("visitapp.vault.lease.verify", lambda key, signature, message: True)
                try:
                    found = checked_lease(text, b"k" * 32, user="u", device="d")
                except LeaseRefused:
                    continue
                assert (found.user, found.device) == ("u", "d")

    return Parser(read, (whole.encode(), content), (LeaseRefused,), is_json=True)


def _header(folder: Path) -> Parser:
    Vault.create(folder / "vault", typed(), MemorySecretStore(), clock=a_clock(), kdf=CHEAP).close()
    return Parser(parsed, ((folder / "vault" / HEADER_FILE).read_bytes(),), (VaultDamaged, VaultTooNew), is_json=True)


def _importer() -> Parser:
    forms = sorted((RESOURCES / "questionnaires").glob("*.json"), key=lambda path: path.stat().st_size)[:6]
    manifest = {"name": "A", "version": "1", "source": "S", "licence": "CC0-1.0", "effective_from": "2026-01-01"}
    pack = sign_pack(build_pack(manifest, {path.name: path.read_bytes() for path in forms[:2]}), "service", signed)

    def read(raw: bytes) -> None:
        for reader in (lambda: check_pack(raw, is_signed), lambda: load_questionnaire(raw)):
            try:
                found = reader()
            except (PackRefused, MalformedQuestionnaire):
                continue
            assert found

    return Parser(read, (pack, *(path.read_bytes() for path in forms)), (PackRefused, MalformedQuestionnaire), is_json=True)


def _search(folder: Path) -> Parser:
    desk = a_desk(folder)
    a_signed_visit(desk, the_okafors(desk))
    words = (b"Okafor", b"sleep lovely", "Łukasz".encode(), b'"he turns" NEAR(voice) OR -x*', b"strength-1:voice")
    return Parser(lambda raw: find(desk, raw.decode("utf-8", "surrogateescape")), words, (), close=desk.record.close)


def _paper() -> Parser:
    words = ("Łukasz Żółć przyszedł później".encode(), "فاطمة الزهراء Siân".encode(), "नमस्ते தமிழ் 👶🏽 e\u0301".encode())

    def read(raw: bytes) -> None:
        text = raw.decode("utf-8", "surrogatepass" if raw.count(b"\xed") == 0 else "replace")
        lines = break_lines(text, Style.REGULAR, 10, 200)
        # Not a letter is lost between what was written and the lines that are drawn.
        assert letters("".join(line.text for line in lines)) == letters(clean(text))

    return Parser(read, words, (UnicodeDecodeError,))


def letters(text: str) -> list[str]:
    return sorted(char for char in text if char.isalnum())


def _attachment(folder: Path) -> Parser:
    folder.mkdir()
    whole = json.dumps({"contentType": "image/png", "data": base64.b64encode(b"\x89PNG\r\n").decode(), "size": 6, "title": "a.png"}).encode()

    def read(raw: bytes) -> None:
        (folder / "a.png").write_bytes(raw)
        found = attachment_of(folder / "a.png", 2000)
        assert isinstance(found, Attachment) == (len(raw) <= 2000)
        try:
            read_value("valueAttachment", wire.parse(raw))
        except ValueError:
            return

    return Parser(read, (whole,), (ValueError,), is_json=True)


PARSERS: dict[str, Callable[[Path], Parser]] = {
    "header": _header,
    "lease": lambda folder: _lease(),
    "receipt": lambda folder: _receipts(),
    "sync envelope": lambda folder: _protocol(),
    "importer": lambda folder: _importer(),
    "search query": lambda folder: _search(folder / "record"),
    "PDF text": lambda folder: _paper(),
    "attachment": lambda folder: _attachment(folder / "files"),
}


def one_case(parser: Parser, number: int) -> None:
    dice = random.Random(SEED + number)
    whole = dice.choice(parser.wholes)
    plain = codec.unpack(whole) if parser.is_packed and whole[:4] == b"\x28\xb5\x2f\xfd" else whole
    raw = damaged(whole if dice.random() < 0.3 else plain, dice)
    if parser.is_json and dice.random() < 0.5:
        raw = json.dumps(damaged_shape(json.loads(plain), dice)).encode("utf-8", "backslashreplace") if plain[:1] == b"{" else raw
    before = time.thread_time()
    try:
        parser.read(raw)
    except parser.refuses:
        pass
    except Exception as error:
        raise AssertionError(f"case {number} of seed {SEED}: {type(error).__name__} for {raw[:400]!r}") from error
    assert time.thread_time() - before < LONGEST_S, f"case {number} of seed {SEED}"


@pytest.mark.parametrize("name", PARSERS)
def test_damaged_bytes_are_read_or_refused_in_words(name: str, tmp_path: Path) -> None:
    parser = PARSERS[name](tmp_path)
    for number in range(CASES):
        one_case(parser, number)
    parser.close()


@pytest.mark.parametrize("name", PARSERS)
@pytest.mark.hunt
def test_damaged_bytes_are_read_or_refused_in_words_for_a_minute(name: str, tmp_path: Path) -> None:
    parser = PARSERS[name](tmp_path)
    end, number = time.monotonic() + NIGHT_S, CASES
    while time.monotonic() < end:
        one_case(parser, number)
        number += 1
    parser.close()
    print(f"{name}: {number - CASES} cases")


def test_cases_that_were_found_stay_refused(tmp_path: Path) -> None:
    """A signature with a character beyond ASCII ended in a ValueError of base64's."""
    parser = PARSERS["importer"](tmp_path)
    body = json.loads(parser.wholes[0])
    body["signature"]["value"] = "\u202e"
    with pytest.raises(PackRefused):
        check_pack(json.dumps(body).encode(), is_signed)


@pytest.mark.parametrize("name", PARSERS)
def test_the_undamaged_is_read(name: str, tmp_path: Path) -> None:
    parser = PARSERS[name](tmp_path)
    for whole in parser.wholes:
        parser.read(whole)
    parser.close()
