"""Ways to pass for somebody else, or for oneself at another time: each is refused, and afterwards nothing has changed."""

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils
from sqlalchemy import text

from tests.kit.postgres import fresh_databases
from tests.kit.service import Laptop, ServiceKit, a_family, a_person, now_ms
from visitapp.protocol import codec
from visitapp.protocol import messages as m
from visitapp.protocol.requests import HEADER, Mark, enrolment_text, rekey_text, request_text, write_header
from visitapp.server.admin import people
from visitapp.server.database import administering
from visitapp.server.ids import new_id

PUSH, PULL = "/v1/push", "/v1/pull"
MINUTE_MS = 60_000


@dataclass
class Attempt:
    """A request of Ann's that would put a person into her family, taken apart so that any piece can be changed."""

    kit: ServiceKit
    ann: Laptop
    bea: Laptop
    family: str
    body: bytes
    path: str = PUSH
    method: str = "POST"
    headers: dict[str, str] = field(default_factory=lambda: {"Content-Encoding": "zstd"})

    def mark(self, **changed: Any) -> Mark:
        told = {"device": self.ann.device, "at_ms": now_ms(), "nonce": secrets.token_urlsafe(16), **changed}
        return Mark(**told)

    def signed(self, mark: Mark, *, by: Laptop | None = None, path: str = "", body: bytes | None = None) -> bytes:
        message = request_text(self.method, path or self.path, self.body if body is None else body, mark)
        return (by or self.ann).key.sign(message)

    def send(self, header: str, *, path: str = "", body: bytes | None = None, method: str = "POST") -> Any:
        content = self.body if body is None else body
        return self.kit.http.request(method, path or self.path, content=content, headers={**self.headers, HEADER: header})

    def whole(self, **changed: Any) -> str:
        """A header that is right but for what is changed before signing."""
        mark = self.mark(**changed)
        return write_header(mark, self.signed(mark))

    def twice(self, header: str, **more: Any) -> Any:
        assert self.send(header).status_code == 200
        return self.send(header, **more)


@pytest.fixture(scope="module")
def kit(postgres: Any) -> Iterator[ServiceKit]:
    with fresh_databases(postgres) as databases:
        made = ServiceKit(databases)
        yield made
        made.close()


@pytest.fixture
def attempt(kit: ServiceKit) -> Attempt:
    team = kit.team()
    ann, bea = (kit.laptop(kit.user(team)) for _ in range(2))
    opening = a_family()
    assert ann.outcomes(opening) == ["ok"]
    return Attempt(kit, ann, bea, opening.id, a_push(ann, opening.id))


def a_push(laptop: Laptop, family: str, **hello: Any) -> bytes:
    from dataclasses import replace

    return codec.encode_push(m.Push(replace(laptop.hello(), **hello), (a_person(family),)))


Try = Callable[[Attempt], Any]


def after_signing(**changed: Any) -> Try:
    """A mark that is changed once it is signed."""

    def send(attempt: Attempt) -> Any:
        mark = attempt.mark()
        told = {"device": mark.device, "at_ms": mark.at_ms, "nonce": mark.nonce, **changed}
        return attempt.send(write_header(Mark(**told), attempt.signed(mark)))

    return send


def with_signature(make: Callable[[Attempt, bytes], bytes]) -> Try:
    """A signature of another making over the right text."""

    def send(attempt: Attempt) -> Any:
        mark = attempt.mark()
        message = request_text("POST", attempt.path, attempt.body, mark)
        return attempt.send(write_header(mark, make(attempt, message)))

    return send


def _public(laptop: Laptop) -> bytes:
    return laptop.key.public_key().public_bytes_raw()


def _ecdsa(attempt: Attempt, message: bytes) -> bytes:
    r, s = utils.decode_dss_signature(ec.generate_private_key(ec.SECP256R1()).sign(message, ec.ECDSA(hashes.SHA256())))
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def reshaped(change: Callable[[str], str]) -> Try:
    """A header that is right, written otherwise."""
    return lambda attempt: attempt.send(change(attempt.whole()))


def _same_nonce(attempt: Attempt, **more: Any) -> Any:
    nonce = secrets.token_urlsafe(16)
    assert attempt.send(attempt.whole(nonce=nonce)).status_code == 200
    attempt.body = a_push(attempt.ann, attempt.family)
    return attempt.send(attempt.whole(nonce=nonce, **more))


def _same_nonce_elsewhere(attempt: Attempt) -> Any:
    nonce = secrets.token_urlsafe(16)
    assert attempt.send(attempt.whole(nonce=nonce)).status_code == 200
    attempt.path, attempt.body = PULL, codec.encode_pull(m.PullAsk(attempt.ann.hello(), 0, ()))
    return attempt.send(attempt.whole(nonce=nonce))


def _says_it_is(attempt: Attempt) -> Any:
    attempt.body = a_push(attempt.ann, attempt.family, device=attempt.bea.device)
    return attempt.send(attempt.whole())


def _counted(step: int) -> Try:
    def send(attempt: Attempt) -> Any:
        assert attempt.send(attempt.whole()).status_code == 200
        attempt.body = a_push(attempt.ann, attempt.family, counter=attempt.ann.counter + step - 1)
        return attempt.send(attempt.whole())

    return send


def _administered(change: Callable[[Any, Attempt], None]) -> Try:
    """Something an administrator did a moment ago, with a request that was right before."""

    def send(attempt: Attempt) -> Any:
        assert attempt.send(attempt.whole()).status_code == 200
        with administering(attempt.kit.owner) as connection:
            change(connection, attempt)
        attempt.body = a_push(attempt.ann, attempt.family)
        return attempt.send(attempt.whole())

    return send


def _former_key(attempt: Attempt) -> Any:
    """What was signed for a device that has since been given another key (a database row set right by hand)."""
    header = attempt.whole()
    with administering(attempt.kit.owner) as connection:
        connection.execute(
            text("update device set public_key = :key where id = :id"), {"key": _public(attempt.bea), "id": attempt.ann.device}
        )
    return attempt.send(header)


def _plain(path: str, body: dict[str, Any], by: Callable[[Attempt], Laptop] = lambda attempt: attempt.ann) -> Try:
    def send(attempt: Attempt) -> Any:
        attempt.path, attempt.body = path, json.dumps(body).encode()
        mark = attempt.mark()
        return attempt.send(write_header(mark, attempt.signed(mark, by=by(attempt))))

    return send


def _rekeyed_with(proof: Callable[[Attempt, Laptop], bytes]) -> Try:
    def send(attempt: Attempt) -> Any:
        fresh = Laptop(attempt.kit.http)
        ask = m.RekeyAsk(base64.b64encode(_public(fresh)).decode(), base64.b64encode(proof(attempt, fresh)).decode())
        attempt.path, attempt.body = "/v1/rekey", codec.encode_plain(ask)
        return attempt.send(attempt.whole())

    return send


def _enrolled_with(change: Callable[[Attempt, str, Laptop], m.EnrolAsk]) -> Try:
    def send(attempt: Attempt) -> Any:
        code = attempt.kit.code(attempt.ann.user)
        return attempt.kit.http.post("/v1/enrol", content=codec.encode_plain(change(attempt, code, Laptop(attempt.kit.http))))

    return send


def _enrol(code: str, key: bytes, proof: bytes) -> m.EnrolAsk:
    return m.EnrolAsk(code, base64.b64encode(key).decode(), base64.b64encode(proof).decode())


CASES: dict[str, tuple[Try, int, str]] = {
    "the same request again": (lambda a: a.twice(a.whole()), 401, "replay"),
    "the same header with another body": (lambda a: a.twice(a.whole(), body=a_push(a.ann, a.family)), 401, "signature"),
    "a number used once, used again": (_same_nonce, 401, "replay"),
    "a number used again at another time": (lambda a: _same_nonce(a, at_ms=now_ms() - 2 * MINUTE_MS), 401, "replay"),
    "a number used again at another door": (_same_nonce_elsewhere, 401, "replay"),
    "another's device id, own key": (lambda a: a.send(a.whole(device=a.bea.device)), 401, "signature"),
    "own device id, another's key": (
        lambda a: a.send(write_header(k := a.mark(), a.signed(k, by=a.bea))),
        401,
        "signature",
    ),
    "a device id that nobody has": (lambda a: a.send(a.whole(device=new_id())), 401, "unknown-device"),
    "a device id in capitals": (lambda a: a.send(a.whole(device=a.ann.device.upper())), 400, "malformed"),
    "a device id that is none": (lambda a: a.send(a.whole(device="-" * 36)), 400, "malformed"),
    "the id of a user for that of a device": (lambda a: a.send(a.whole(device=a.ann.user)), 401, "unknown-device"),
    "a letter of the body changed": (lambda a: a.send(a.whole(), body=a.body[:-1] + b"\0"), 401, "signature"),
    "something added to the body": (lambda a: a.send(a.whole(), body=a.body + b" "), 401, "signature"),
    "no body": (lambda a: a.send(a.whole(), body=b""), 401, "signature"),
    "another's body": (lambda a: a.send(a.whole(), body=a_push(a.bea, a.family)), 401, "signature"),
    "signed for another door": (
        lambda a: a.send(write_header(k := a.mark(), a.signed(k, path=PULL))),
        401,
        "signature",
    ),
    "sent to another door": (lambda a: a.send(a.whole(), path=PULL), 401, "signature"),
    "six minutes ahead": (lambda a: a.send(a.whole(at_ms=now_ms() + 6 * MINUTE_MS)), 401, "clock"),
    "six minutes behind": (lambda a: a.send(a.whole(at_ms=now_ms() - 6 * MINUTE_MS)), 401, "clock"),
    "at the beginning of time": (lambda a: a.send(a.whole(at_ms=0)), 401, "clock"),
    "the time changed after signing": (after_signing(at_ms=now_ms()), 401, "signature"),
    "the number changed after signing": (after_signing(nonce="n" * 22), 401, "signature"),
    "a token added after signing": (after_signing(token="t" * 10), 401, "signature"),
    "no signature but zeros": (with_signature(lambda a, message: bytes(64)), 401, "signature"),
    "a keyed hash with the public key": (
        with_signature(lambda a, message: hmac.new(_public(a.ann), message, hashlib.sha512).digest()),
        401,
        "signature",
    ),
    "a bare hash": (with_signature(lambda a, message: hashlib.sha512(message).digest()), 401, "signature"),
    "another kind of signature": (with_signature(_ecdsa), 401, "signature"),
    "a signature over the hash": (
        with_signature(lambda a, message: a.ann.key.sign(hashlib.sha256(message).digest())),
        401,
        "signature",
    ),
    "a signature cut short": (reshaped(lambda header: header[:-4]), 400, "malformed"),
    "another scheme": (reshaped(lambda header: header.replace("Visitapp", "Bearer")), 400, "malformed"),
    "a scheme in small letters": (reshaped(str.lower), 400, "malformed"),
    "a method named in the header": (reshaped(lambda header: header + ",alg=none"), 400, "malformed"),
    "fields twice": (reshaped(lambda header: header + "," + header[9:]), 400, "malformed"),
    "a blank in front": (reshaped(lambda header: "Visitapp  " + header[9:]), 400, "malformed"),
    "a very long header": (reshaped(lambda header: header + ",k=" + "t" * 8_000), 400, "malformed"),
    "no header": (lambda a: a.kit.http.post(PUSH, content=a.body), 400, "malformed"),
    "another device named inside": (_says_it_is, 400, "malformed"),
    "a count used again": (_counted(0), 409, "rekey"),
    "a count that goes back": (_counted(-5), 409, "rekey"),
    "a device blocked a moment ago": (
        _administered(lambda connection, a: people.set_device_state(connection, a.ann.device, "blocked")),
        403,
        "blocked",
    ),
    "an account closed a moment ago": (
        _administered(lambda connection, a: people.set_active(connection, a.ann.user, active=False)),
        403,
        "blocked",
    ),
    "a key that was the device's before": (_former_key, 401, "signature"),
    "a family opened by another's signature": (
        _plain("/v1/glass", {"family": new_id(), "reason": "A duty call came in"}, by=lambda a: a.bea),
        401,
        "signature",
    ),
    "an anchor that nobody signed": (_plain("/v1/anchor", {"n": 1, "head": "0" * 64, "signature": ""}), 401, "signature"),
    "a new key that did not agree": (
        _rekeyed_with(lambda a, fresh: a.ann.key.sign(rekey_text(a.ann.device, _public(fresh)))),
        401,
        "signature",
    ),
    "a new key that agreed to another device": (
        _rekeyed_with(lambda a, fresh: fresh.key.sign(rekey_text(a.bea.device, _public(fresh)))),
        401,
        "signature",
    ),
    "a code with another's proof": (
        _enrolled_with(lambda a, code, new: _enrol(code, _public(new), a.bea.key.sign(enrolment_text(code, _public(new))))),
        401,
        "signature",
    ),
    "a code with a key that is none": (_enrolled_with(lambda a, code, new: _enrol(code, b"key", bytes(64))), 401, "signature"),
}


def test_there_are_forty_and_more() -> None:
    assert len(CASES) >= 40


@pytest.mark.parametrize("case", CASES)
def test_it_is_refused_and_changes_nothing(case: str, attempt: Attempt) -> None:
    send, status, code = CASES[case]
    held, devices = _state(attempt)
    answer = send(attempt)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    after, devices_after = _state(attempt)
    # Where a case first sends one request that is right, that one person is there.
    assert after - held <= 1
    assert devices_after == devices
    assert answer.headers["Cache-Control"] == "no-store"


def _state(attempt: Attempt) -> tuple[int, int]:
    found = attempt.kit.sql(
        "select (select count(*) from rec where scope = :scope), (select count(*) from device)", scope=f"f:{attempt.family}"
    )
    return found[0][0], found[0][1]


@pytest.mark.parametrize("skew_ms", [0, 4 * MINUTE_MS, -4 * MINUTE_MS])
def test_the_same_request_unchanged_is_taken(skew_ms: int, attempt: Attempt) -> None:
    answer = attempt.send(attempt.whole(at_ms=now_ms() + skew_ms))
    assert answer.status_code == 200
    assert codec.decode_push_answer(answer.content).receipts[0].outcome == "ok"


def test_other_methods_find_no_door(attempt: Attempt) -> None:
    for method in ("GET", "PUT", "PATCH", "DELETE"):
        assert attempt.send(attempt.whole(), method=method).status_code == 405


def test_who_becomes_an_office_reads_nothing_from_the_next_request_on(attempt: Attempt) -> None:
    attempt.ann.pull()
    assert f"f:{attempt.family}" in attempt.ann.held
    with administering(attempt.kit.owner) as connection:
        connection.execute(text("update member set role = 'administrator' where id = :id"), {"id": attempt.ann.user})
    attempt.ann.pull()
    assert not [scope for scope in attempt.ann.held if scope[0] in "fr"]
    assert attempt.ann.outcomes(a_person(attempt.family)) == ["denied"]
