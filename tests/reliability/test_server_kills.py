"""The server's process killed, and its PostgreSQL stopped at once, in the middle of pushes: what was acknowledged is there afterwards."""

import contextlib
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.kit.fleet import Loopback, WiredLaptop, rows_of
from tests.kit.service import ServiceKit
from visitapp.domain.problems import Problem
from visitapp.server.database import make_engine, migrate, prepare_embedded
from visitapp.server.embedded import EmbeddedPostgres
from visitapp.server.folder import Databases
from visitapp.server.folder import opened as opened_folder
from visitapp.store.outbox import outbox_rows
from visitapp.store.people import families
from visitapp.store.visits import visits
from visitapp.sync import wire

ROUNDS = 10
HURRIED = httpx2.Timeout(5.0, connect=2.0)
READY = re.compile(r"ready on (http://[\w.:]+)")
PAGE = "word " * 120


class KilledServer:
    """The real server as a process of its own on a data folder; it may be killed and started again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.process: subprocess.Popen[str] | None = None
        self.address = ""

    def start(self) -> None:
        """Start it and wait until it answers."""
        command = [
            sys.executable,
            "-m",
            "visitapp",
            "serve",
            "--data",
            str(self.folder),
            "--port",
            self.address.rpartition(":")[2] or "0",
        ]
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, start_new_session=True
        )
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if found := READY.search(line):
                self.address = found.group(1)
                break
        else:
            raise AssertionError("the server did not start")
        threading.Thread(target=_drain, args=(self.process.stdout,), daemon=True).start()

    def kill(self) -> None:
        """kill -9: nothing gets a chance to tidy up."""
        assert self.process is not None
        self.process.kill()
        self.process.wait(20)

    def stop(self) -> None:
        """Stop it as an operator does."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(30)

    @contextlib.contextmanager
    def administering(self) -> Iterator[ServiceKit]:
        """The running server's database, as its owner."""
        with opened_folder(self.folder, "administer") as databases:
            kit = ServiceKit.__new__(ServiceKit)
            kit.owner = make_engine(databases.owner_url, size=1)
            try:
                yield kit
            finally:
                kit.owner.dispose()


def _drain(stream: Any) -> None:
    with stream:
        for _ in stream:
            pass


class StoppedPostgres:
    """The service on a thread here, on a PostgreSQL that is stopped at once (`-m immediate`) and has to recover from its log."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.address = ""
        self.postgres: EmbeddedPostgres | None = None
        self.kit: ServiceKit | None = None
        self.loopback: Loopback | None = None

    def start(self) -> None:
        """Start PostgreSQL on the same files, and a service on it."""
        self.postgres = EmbeddedPostgres.start(self.folder)
        owner, serving = prepare_embedded(self.postgres)
        migrate(owner)
        self.kit = ServiceKit(Databases(owner, serving))
        self.loopback = Loopback(self.kit.app)
        self.address = self.loopback.address

    def kill(self) -> None:
        """PostgreSQL drops everything; the service stays for a moment and has to say so."""
        cluster = (self.folder / "postgres").resolve()
        os.kill(int((cluster / "postmaster.pid").read_text().split()[0]), signal.SIGQUIT)
        time.sleep(0.05)
        self.stop()

    def stop(self) -> None:
        """Stop what is left."""
        assert self.loopback is not None
        assert self.kit is not None
        assert self.postgres is not None
        self.loopback.close()
        self.kit.close()
        self.postgres.stop()

    @contextlib.contextmanager
    def administering(self) -> Iterator[ServiceKit]:
        """The running service."""
        assert self.kit is not None
        yield self.kit


Server = KilledServer | StoppedPostgres


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder that PostgreSQL's own user can reach."""
    folder = Path(tempfile.mkdtemp(prefix="visitapp-killed-"))
    folder.chmod(0o711)
    yield folder / "server"
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(autouse=True)
def expected_logs(caplog: pytest.LogCaptureFixture) -> None:
    """The driver says that its connection broke; that is what these tests are about."""


def _reconnect(server: "Server", laptops: Iterable[WiredLaptop], patience: httpx2.Timeout = wire._TIMEOUT) -> None:
    """Connect to where the server is now; with less patience where the server is going to die."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(wire, "_TIMEOUT", patience)
        for laptop in laptops:
            laptop.client.close()
            laptop.address = server.address
            laptop.client = laptop.connect()


class Writer:
    """Signs visits and sends them without a pause, on a thread; notes what the server acknowledged."""

    def __init__(self, laptop: WiredLaptop, family: str) -> None:
        self.laptop, self.family = laptop, family
        self.problems: Counter[str] = Counter()
        self.sent = threading.Event()
        self._met = threading.Event()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while not self._stop.is_set():
            for _ in range(3):
                self.laptop.sign(self.family, PAGE)
            problem: Problem | None = self.laptop.sync().problem
            self.problems[type(problem).__name__] += 1
            if problem is None:
                self.sent.set()
            else:
                self._met.set()
                time.sleep(0.02)

    def stop(self) -> None:
        """Wait until it has met the dead server, and stop."""
        assert self._met.wait(120), "the server's death was never noticed"
        self._stop.set()
        self._thread.join(120)


def _rounds(server: Server, tmp_path: Path, rounds: int) -> None:
    dice = random.Random(11)
    server.start()
    with server.administering() as admin:
        team = admin.team()
        codes = [admin.code(admin.user(team, role)) for role in ("nurse", "nurse", "supervisor")]
        *laptops, reader = (
            WiredLaptop(admin, "", tmp_path / f"laptop{number}", address=server.address, code=code)
            for number, code in enumerate(codes)
        )
    own = [laptop.begin_family() for laptop in laptops]
    for laptop in laptops:
        laptop.level()
    problems: Counter[str] = Counter()
    for _ in range(rounds):
        _reconnect(server, laptops, HURRIED)
        writers = [Writer(laptop, family) for laptop, family in zip(laptops, own, strict=True)]
        # Each has been at work before the server dies at a moment of the dice's choice.
        assert all(writer.sent.wait(120) for writer in writers)
        time.sleep(dice.uniform(0.0, 0.2))
        server.kill()
        for writer in writers:
            writer.stop()
            problems += writer.problems
        server.start()
        _reconnect(server, (*laptops, reader))
        _check_acknowledged(server, laptops)
    assert sum(count for name, count in problems.items() if name != "NoneType") >= 2 * rounds, problems
    for laptop in laptops:
        laptop.level()
        assert not laptop.ask(outbox_rows)
    reader.level()
    for laptop, family in zip(laptops, own, strict=True):
        mine = {row.id for row in laptop.ask(visits, family)}
        assert mine == {row.id for row in reader.ask(visits, family)}
        assert len(mine) >= rounds
    assert len(reader.ask(families)) == 2
    with server.administering() as admin:
        assert admin.sql("select count(*) from hist where kind in ('visit', 'part')") == [(0,)]
        assert not admin.sql("select op from receipt group by op having count(*) > 1")
    for laptop in (*laptops, reader):
        laptop.close()


def _check_acknowledged(server: Server, laptops: list[WiredLaptop]) -> None:
    """Every receipt that a laptop ever got is on the server's disk, and so is what it is a receipt for."""
    with server.administering() as admin:
        known = {row[0] for row in admin.sql("select op from receipt")}
        held = {(row[0], row[1]) for row in admin.sql("select id, op from rec")}
    for laptop in laptops:
        for row in rows_of(laptop, "receipt", "op, id, outcome"):
            assert row.op in known
            assert (row.id, row.op) in held or row.outcome != "ok"


@pytest.mark.timeout(1200)
def test_killed_server_keeps_what_it_acknowledged(place: Path, tmp_path: Path) -> None:
    server = KilledServer(place)
    try:
        _rounds(server, tmp_path, ROUNDS)
    finally:
        server.stop()


@pytest.mark.timeout(1200)
def test_postgres_stopped_at_once_keeps_what_it_acknowledged(place: Path, tmp_path: Path) -> None:
    server = StoppedPostgres(place)
    try:
        _rounds(server, tmp_path, ROUNDS)
    finally:
        server.stop()


@pytest.mark.hunt
@pytest.mark.timeout(0)
@pytest.mark.parametrize("kind", [KilledServer, StoppedPostgres])
def test_server_killed_a_thousand_times(place: Path, tmp_path: Path, kind: type[Server]) -> None:
    server = kind(place)
    try:
        _rounds(server, tmp_path, 1_000)
    finally:
        server.stop()
