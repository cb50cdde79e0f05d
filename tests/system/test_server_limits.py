"""What the service takes of one sender at most, and that the others are served meanwhile."""

import asyncio
import json
import resource
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
import uvicorn

from tests.kit.postgres import databases, postgres  # noqa: F401
from tests.kit.service import Laptop, ServiceKit, a_draft, a_family, a_person, an_op, some_uuid
from visitapp.protocol import codec
from visitapp.protocol import messages as m
from visitapp.server.folder import Databases
from visitapp.server.limits import Intake, Pace, TooBusy, TooSlow
from visitapp.server.patience import PatientProtocol


@pytest.fixture
def limited(databases: Databases) -> Iterator[ServiceKit]:  # noqa: F811
    kit = ServiceKit(databases, per_minute=60, burst=20)
    yield kit
    kit.close()


@pytest.fixture
def ann(limited: ServiceKit) -> Laptop:
    return limited.laptop(limited.user(limited.team()))


def push(laptop: Laptop, *ops: m.Op) -> Any:
    return laptop.send("/v1/push", codec.encode_push(m.Push(laptop.hello(), ops)))


def pull(laptop: Laptop) -> Any:
    return laptop.send("/v1/pull", codec.encode_pull(m.PullAsk(laptop.hello(), 0, ())))


def body_of(size: int) -> bytes:
    raw = b'{"id":"","note":"' + b"x" * size
    return raw[: size - 2] + b'"}'


def nested(depth: int) -> bytes:
    return b'{"deep":' + b"[" * (depth - 1) + b"]" * (depth - 1) + b"}"


def test_one_byte_op_or_level_more_is_too_much(ann: Laptop) -> None:
    family = a_family()
    assert ann.outcomes(family) == ["ok"]
    scope = f"f:{family.id}"

    def put(body: bytes) -> m.Op:
        return an_op(scope, "plan_item", some_uuid(), body)

    assert push(ann, put(body_of(m.MAX_BODY))).status_code == 200
    assert push(ann, put(body_of(m.MAX_BODY + 1))).status_code == 413
    assert push(ann, *(a_person(family.id) for _ in range(501))).status_code == 413
    deep, deeper = (json.dumps({"text": "", "d": json.loads(nested(depth))}).encode() for depth in (31, 32))
    assert ann.outcomes(put(deep), put(deeper)) == ["ok", "held"]
    long, longer = (json.dumps({"text": "x" * size}).encode() for size in (64 * 1024, 64 * 1024 + 1))
    assert ann.outcomes(put(long), put(longer)) == ["ok", "held"]


def test_more_bytes_than_a_message_may_have_are_not_read(ann: Laptop) -> None:
    assert ann.send("/v1/push", bytes(m.MAX_UNPACKED + 1)).status_code == 413
    assert ann.http.post("/v1/enrol", content=bytes(16 * 1024 + 1)).status_code == 413


def test_flood_of_one_device_is_told_when_to_come_again_and_others_are_served(limited: ServiceKit, ann: Laptop) -> None:
    bea = limited.laptop(limited.user(limited.team()))
    answers = [pull(ann) for _ in range(40)]
    told = Counter(answer.status_code for answer in answers)
    assert told[429] >= 15
    assert 20 <= told[200] <= 25
    refused = answers[-1]
    assert 1 <= int(refused.headers["Retry-After"]) <= 2
    assert codec.decode_plain(m.Refusal, refused.content).code == "busy"
    assert pull(bea).status_code == 200
    time.sleep(1.1)
    assert pull(ann).status_code == 200


def test_outbox_is_drained_whatever_the_pace(limited: ServiceKit, ann: Laptop) -> None:
    opening = a_family()
    assert [push(ann, op).status_code for op in (opening, *(a_person(opening.id) for _ in range(60)))] == [200] * 61
    assert limited.sql("select count(*) from rec where kind = 'person'") == [(60,)]
    again = a_draft(ann.user, opening.id)
    statuses = Counter(push(ann, again).status_code for _ in range(40))
    assert statuses[429] >= 10, "handing in the same for ever is no draining"
    assert pull(ann).status_code == 200


def test_strangers_are_refused_before_the_database_is_asked(
    limited: ServiceKit, ann: Laptop, monkeypatch: pytest.MonkeyPatch
) -> None:
    ghost = Laptop(limited.http, device=some_uuid())
    statuses = Counter(pull(ghost).status_code for _ in range(80))
    assert (statuses[401], statuses[429]) == (statuses.total() - statuses[429], statuses[429])
    assert statuses[429] >= 30
    monkeypatch.setattr("visitapp.server.doors.sign_in", lambda *_, **__: pytest.fail("the database was asked"))
    assert pull(ghost).status_code == 429


class Trickle:
    """The service behind a socket, impatient."""

    def __init__(self, kit: ServiceKit, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(PatientProtocol, "headers_s", 0.5)
        kit.app.state.service.intake = Intake(chunk_s=0.5)
        self._lines: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.place = self._listener.getsockname()
        config = uvicorn.Config(kit.app, http=PatientProtocol, ws="none", lifespan="off", log_config=None)
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, args=([self._listener],), daemon=True)
        self._thread.start()

    def close(self) -> None:
        for line in self._lines:
            line.close()
        self._server.should_exit = True
        self._thread.join(10)
        self._listener.close()

    def open(self, data: bytes = b"") -> socket.socket:
        line = socket.create_connection(self.place, timeout=10)
        self._lines.append(line)
        line.sendall(data)
        return line


@pytest.fixture
def trickle(limited: ServiceKit, monkeypatch: pytest.MonkeyPatch) -> Iterator[Trickle]:
    one = Trickle(limited, monkeypatch)
    yield one
    one.close()


def ended(line: socket.socket) -> bytes:
    """What comes until the other side hangs up."""
    found = b""
    try:
        while chunk := line.recv(4096):
            found += chunk
    except ConnectionResetError:
        pass
    return found


HEAD = b"POST /v1/push HTTP/1.1\r\nHost: x\r\n"


def send_for_ever(line: socket.socket) -> None:
    for _ in range(10_000):
        line.sendall(b"X-More: " + b"1" * 1000 + b"\r\n")


def test_heads_that_never_end_are_hung_up_on(trickle: Trickle) -> None:
    start = time.monotonic()
    silent, begun = trickle.open(), trickle.open(HEAD)
    for _ in range(3):
        time.sleep(0.1)
        begun.sendall(b"X-More: 1\r\n")
    assert ended(silent) == ended(begun) == b""
    assert time.monotonic() - start < 3
    endless = trickle.open(HEAD)
    with pytest.raises(OSError):
        send_for_ever(endless)


def test_body_that_stops_is_given_up_and_hundreds_of_slow_senders_keep_nobody_waiting(trickle: Trickle) -> None:
    slow = [trickle.open(HEAD + b"Content-Length: 100000\r\n\r\n{") for _ in range(100)]
    healthy = trickle.open(b"GET /v1/health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    start = time.monotonic()
    assert b"200 OK" in ended(healthy)
    assert time.monotonic() - start < 2
    assert b" 408 " in slow[0].recv(4096)


def test_bodies_of_all_together_stay_within_their_memory() -> None:
    async def endless(size: int) -> Any:
        for _ in range(size):
            yield bytes(1024)

    async def many() -> list[str]:
        intake = Intake(at_once=64 * 1024)
        told = []

        async def one() -> None:
            try:
                async with intake.body(endless(20), 1 << 20):
                    await asyncio.sleep(0.05)
                    told.append("taken")
            except TooBusy:
                told.append("busy")

        await asyncio.gather(*(one() for _ in range(10)))
        await one()
        return told

    told = asyncio.run(many())
    assert told[-1] == "taken", "the room is given back"
    assert told.count("taken") <= 4


def test_silence_in_the_middle_of_a_body_is_noticed() -> None:
    async def stops() -> Any:
        yield b"x"
        await asyncio.sleep(5)
        yield b"y"

    async def read() -> None:
        async with Intake(chunk_s=0.05).body(stops(), 100):
            pytest.fail("it never came")

    with pytest.raises(TooSlow):
        asyncio.run(read())


def test_pace_forgets_and_does_not_grow_without_end() -> None:
    pace = Pace(60, 2)
    assert [pace.spend("a"), pace.spend("a"), pace.spend("a")] == [0, 0, 1]
    for number in range(25_000):
        pace.spend(str(number))
    assert len(pace._left) <= 10_001
    assert all(Pace(0, 0).spend("a") == 0 for _ in range(1000))


def test_flood_of_large_bodies_stays_in_memory(limited: ServiceKit, ann: Laptop) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    junk = bytes(8 * 1024 * 1024)
    threads = [threading.Thread(target=lambda: [ann.send("/v1/push", junk, header="nobody") for _ in range(4)]) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    grown_mb = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    assert grown_mb < 300, grown_mb
    assert pull(limited.laptop(limited.user(limited.team()))).status_code in (200, 429)
