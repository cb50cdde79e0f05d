# ruff: noqa: F811 - a fixture is imported and then asked for by its name
"""kill -9 of the client in the middle of an exchange: nothing acknowledged is lost, nothing arrives twice, both sides agree."""

import base64
import random
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn

from tests.kit.laptops import MakeLaptop, laptop, team  # noqa: F401
from tests.kit.mortals import Mortal, Mother
from tests.kit.postgres import databases, postgres, service  # noqa: F401
from tests.kit.service import ServiceKit
from visitapp.domain.clock import SystemClock
from visitapp.store.acknowledged import add_up
from visitapp.store.incoming import cursors
from visitapp.store.outbox import disagreements, outbox_rows
from visitapp.store.record import Record
from visitapp.store.visits import visits
from visitapp.sync.enrolment import enrol
from visitapp.vault.device import DeviceKey

KILLS = 76
LONG = 700

# Signs visits in a family of its own and hands them in, saying each step only after it is durable.
CLIENT = """
import base64, sys
from pathlib import Path
from visitapp.domain.bodies import sha256
from visitapp.domain.clock import SystemClock, iso
from visitapp.domain.visits import sealed
from visitapp.store.record import Record
from visitapp.sync.client import Client, Identity
from visitapp.sync.exchange import run_exchange
from visitapp.vault.device import DeviceKey

path, address, device, user, family, key = sys.argv[1:7]
clock, key = SystemClock(), DeviceKey.from_bytes(base64.b64decode(key))
record = Record.open(Path(path), b"k" * 32, clock=clock)
client = Client(address, Identity(device, "0.1.0", key.sign), clock)
print("open", flush=True)
for turn in range(100_000):
    with record.writing() as w:
        if w.body(f"f:{family}", family) is None:
            w.put(f"f:{family}", "family", family, {"id": family, "name": "Okafor"})
        visit, part, now = w.new_id(), w.new_id(), iso(clock.now())
        answers = [{"linkId": "story", "answer": [{"valueString": "steady " * 50}]}]
        body = {"visit": visit, "section": "s", "questionnaire": "q|1", "answers": answers, "subject": {}, "restricted": False}
        raw = w.put(f"f:{family}", "part", part, {**body, "family": family}, group=visit)
        listed = [{"id": part, "sha256": sha256(raw), "restricted": False}]
        told = {"visit": visit, "family": family, "author": user, "started_at": now, "signed_at": now, "parts": listed}
        w.put(f"f:{family}", "visit", visit, sealed({**told, "device": device}, key.sign), group=visit, type="sign")
    print("saved", visit, flush=True)
    result = run_exchange(record, client, user=user)
    if result.complete:
        print("sent", visit, flush=True)
"""


@pytest.fixture
def address(service: ServiceKit) -> Iterator[str]:
    """The service on a real port of this machine."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    config = uvicorn.Config(service.app, log_level="critical", access_log=False, lifespan="off", log_config=None)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = True
    thread.join(10)
    listener.close()


def _run_until_killed(client: Mortal, after_s: float, until: str = "saved") -> tuple[set[str], set[str]]:
    """Kill the client some time after its first such step; returns the visits it said were saved and sent."""
    assert client.told.readline() == "open\n"
    told = [client.told.readline()]
    while not told[-1].startswith(until):
        told.append(client.told.readline())
    time.sleep(after_s)
    told += client.kill()
    steps = [line.split() for line in told]
    return {id_ for step, id_ in steps if step == "saved"}, {id_ for step, id_ in steps if step == "sent"}


def _check_laptop(path: Path, family: str, saved: set[str]) -> None:
    """Everything it said was saved is there, nothing waits for a person, and its sums are what its rows add up to."""
    record = Record.open(path, b"k" * 32, clock=SystemClock())
    with record.reading() as r:
        assert saved <= {row.id for row in visits(r, family)}
        assert not disagreements(r)
        for cursor in cursors(r):
            assert add_up(r, cursor.scope).digest == cursor.digest
    record.close()


@pytest.mark.parametrize(
    "kills",
    [pytest.param(KILLS, marks=pytest.mark.timeout(1200)), pytest.param(LONG, marks=[pytest.mark.hunt, pytest.mark.timeout(0)])],
)
def test_killed_in_the_middle_of_an_exchange_nothing_is_lost_or_doubled(
    laptop: MakeLaptop, service: ServiceKit, address: str, tmp_path: Path, kills: int
) -> None:
    chance = random.Random(7)
    second = laptop()
    key = DeviceKey.generate()
    device = enrol(address, service.code(second.user), key.public_bytes, key.sign, app="0.1.0").device
    path, family = tmp_path / "killed" / "record.db", second.ids()
    Record.create(path, b"k" * 32, clock=SystemClock()).close()
    secret = base64.b64encode(key.private_bytes()).decode()
    args = [str(path), address, device, second.user, family, secret]
    saved: set[str] = set()
    with Mother(CLIENT) as mother:
        for _ in range(kills):
            more, sent = _run_until_killed(mother.bear(args), chance.uniform(0.0, 0.2))
            saved |= more
            known = {row[0] for row in service.sql("select id from rec where kind = 'visit'")}
            assert sent <= known
            _check_laptop(path, family, saved)
        # Hand in what was left lying: the next run of the same client does it with its first exchange.
        last, sent = _run_until_killed(mother.bear(args), 0.0, until="sent")
    saved |= last
    assert sent
    second.level()
    theirs = {row.id for row in second.ask(visits, family)}
    assert saved - last <= theirs
    record = Record.open(path, b"k" * 32, clock=SystemClock())
    with record.reading() as r:
        left = {row.id for row in outbox_rows(r) if row.kind == "visit"}
        assert {row.id for row in visits(r, family)} <= theirs | left
    record.close()
    twice = service.sql("select id, count(*) from rec where kind in ('visit', 'part') group by id having count(*) > 1")
    assert not twice
    assert not service.sql("select 1 from hist where kind in ('visit', 'part')")
