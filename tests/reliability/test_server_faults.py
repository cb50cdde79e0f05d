"""The server under faults: what it acknowledged is there afterwards, what it did not is told as such and lands once."""

import contextlib
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import httpx2
import psutil
import pytest

from tests.kit.service import Laptop, ServiceKit, a_family, a_person
from visitapp.protocol import codec
from visitapp.protocol import messages as m
from visitapp.server import records
from visitapp.server.admin import people
from visitapp.server.admin.people import NewUser
from visitapp.server.database import administering, driver_of, make_engine
from visitapp.server.embedded import EmbeddedPostgres
from visitapp.server.folder import opened


def refused(answer: Any) -> tuple[int, str]:
    return answer.status_code, codec.decode_plain(m.Refusal, answer.content).code


def test_a_database_connection_lost_in_the_middle_of_a_push_is_told_and_the_retry_lands_once(
    service: ServiceKit,
    postgres: EmbeddedPostgres,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    laptop = service.laptop(service.user(service.team()))
    family = a_family()
    laptop.outcomes(family)
    ops = (a_person(family.id), a_person(family.id))
    writing = records.run

    def cut_off(connection: Any, statements: Any) -> None:
        monkeypatch.setattr(records, "run", writing)
        with postgres.superuser() as mighty:
            mighty.execute("select pg_terminate_backend(%s)", (driver_of(connection).info.backend_pid,))
        writing(connection, statements)

    monkeypatch.setattr(records, "run", cut_off)
    # Each request greets with a new number, as the client does; the ops stay what they were.
    answer = laptop.send("/v1/push", codec.encode_push(m.Push(laptop.hello(), ops)))
    assert refused(answer) == (503, "busy")
    assert int(answer.headers["Retry-After"]) > 0
    again = codec.decode_push_answer(laptop.send("/v1/push", codec.encode_push(m.Push(laptop.hello(), ops))).content)
    assert [receipt.outcome for receipt in again.receipts] == ["ok", "ok"]
    laptop.pull()
    assert len(laptop.held[family.scope]) == 3


def test_every_connection_cut_at_once_costs_a_few_refusals_and_no_more(
    service: ServiceKit, postgres: EmbeddedPostgres, caplog: pytest.LogCaptureFixture
) -> None:
    laptop = service.laptop(service.user(service.team()))
    with postgres.superuser() as mighty:
        name = service.databases.serving_url.rsplit("/", 1)[1]
        mighty.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", (name,))
    family = a_family()
    answers = [
        laptop.send("/v1/push", codec.encode_push(m.Push(laptop.hello(), (family,)))).status_code
        for _ in range(service.settings.pool + 2)
    ]
    assert set(answers) <= {200, 503}
    assert answers[-1] == 200


def test_a_scope_locked_for_too_long_is_told_as_busy(service: ServiceKit, monkeypatch: pytest.MonkeyPatch) -> None:
    laptop = service.laptop(service.user(service.team()))
    family = a_family()
    laptop.outcomes(family)
    reading = records.lock_and_read

    def impatient(connection: Any, asked: Any) -> Any:
        driver_of(connection).execute("set local lock_timeout = '50ms'")
        return reading(connection, asked)

    monkeypatch.setattr(records, "lock_and_read", impatient)
    with administering(service.owner) as connection:
        connection.exec_driver_sql("select 1 from scope where id = %s for update", (family.scope,))
        ops = (a_person(family.id),)
        assert refused(laptop.send("/v1/push", codec.encode_push(m.Push(laptop.hello(), ops)))) == (503, "busy")
    assert laptop.send("/v1/push", codec.encode_push(m.Push(laptop.hello(), ops))).status_code == 200


class Unsteady:
    """A server process that is killed again and again, and a laptop that goes on handing in."""

    def __init__(self, data: Path) -> None:
        self.data = data
        with opened(data, "administer") as databases:
            engine = make_engine(databases.owner_url, size=1)
            with administering(engine) as connection:
                team = people.add_team(connection, "North")
                user = people.add_user(connection, NewUser("Ann Example", "nurse", team))
                code = people.give_code(connection, user)
            engine.dispose()
        self.acknowledged: set[str] = set()
        self.start()
        self.laptop = Laptop(self.http)  # type: ignore[arg-type]
        self.laptop.enrol(code)
        self.family = a_family()
        assert self.laptop.outcomes(self.family) == ["ok"]

    def start(self) -> None:
        command = [sys.executable, "-m", "visitapp.server", "--data", str(self.data), "--port", "0"]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        assert self.process.stdout is not None
        self.http = httpx2.Client(base_url=self.process.stdout.readline().split()[4], timeout=120)
        self.postgres = next(child for child in psutil.Process(self.process.pid).children() if child.name() == "postgres")

    def hand_in_until_it_dies(self) -> None:
        self.laptop.http = self.http  # type: ignore[assignment]
        while True:
            ops = [a_person(self.family.id) for _ in range(20)]
            try:
                receipts = self.laptop.push(*ops).receipts
            except (httpx2.TransportError, AssertionError):
                return
            self.acknowledged.update(op.id for op, receipt in zip(ops, receipts, strict=True) if receipt.outcome == "ok")

    def die(self, with_database: bool) -> None:
        if with_database:
            with contextlib.suppress(psutil.Error):
                os.kill(self.postgres.pid, signal.SIGKILL)
        self.process.kill()
        self.process.wait(10)
        assert self.process.stdout is not None
        self.process.stdout.close()

    def end(self) -> None:
        self.http.close()
        self.process.terminate()
        self.process.wait(20)
        assert self.process.stdout is not None
        self.process.stdout.close()


@pytest.mark.parametrize(
    "kills", [pytest.param(4, marks=pytest.mark.timeout(1200)), pytest.param(100, marks=[pytest.mark.hunt, pytest.mark.timeout(0)])]
)
def test_what_was_acknowledged_is_there_after_every_kill(kills: int) -> None:
    chance = random.Random(kills)
    with tempfile.TemporaryDirectory(prefix="visitapp-unsteady-") as folder:
        Path(folder).chmod(0o711)
        unsteady = Unsteady(Path(folder) / "server")
        for kill in range(kills):
            before = len(unsteady.acknowledged)
            nurse = threading.Thread(target=unsteady.hand_in_until_it_dies)
            nurse.start()
            while len(unsteady.acknowledged) == before and nurse.is_alive():
                time.sleep(0.005)
            time.sleep(chance.uniform(0.0, 0.4))
            unsteady.die(with_database=kill % 2 == 1)
            nurse.join(120)
            unsteady.http.close()
            unsteady.start()
            unsteady.laptop.http = unsteady.http  # type: ignore[assignment]
            unsteady.laptop.pull()
            held = unsteady.laptop.held[unsteady.family.scope]
            assert unsteady.acknowledged <= held.keys()
        assert len(unsteady.acknowledged) >= 20 * kills
        unsteady.end()
