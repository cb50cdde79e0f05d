"""Fourteen faults of networks at every phase of an exchange, three times each, on real sockets: the next try mends all."""

import contextlib
import itertools
import random
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.kit.faults import FAULTS, FailingNames, Fault, FaultProxy
from tests.kit.fleet import Loopback, WiredLaptop, in_history, on_server, rows_of
from tests.kit.postgres import databases, postgres, service  # noqa: F401
from tests.kit.service import ServiceKit
from visitapp.domain.problems import Problem
from visitapp.store.outbox import outbox_rows
from visitapp.store.visits import visit, visits
from visitapp.sync import wire
from visitapp.sync.enrolment import enrol
from visitapp.sync.problems import (
    NotTheService,
    PageDamaged,
    ReceiptsNotSigned,
    RequestRefused,
    ServiceFailed,
    ServiceUnreachable,
    TooManyTries,
)
from visitapp.vault.device import DeviceKey

PHASES = ("enrol", "first_push", "push", "receipt", "pull", "nothing_new")
ROUNDS = 3
TRIES = 50
SECOND = 0.004
"""How long a second of the catalogue lasts here."""
IMPATIENT = httpx2.Timeout(60 * SECOND, connect=60.0)
"""How long the client waits where the fault is that nobody ever answers: everywhere else it has the product's own patience."""

_SILENT = frozenset({"half_open", "blackhole"})
_MAY_SUCCEED = frozenset({"latency", "slow", "duplicate_reply", "reordered"})
_EXPECTED = (ServiceUnreachable, NotTheService, ServiceFailed, TooManyTries, PageDamaged, ReceiptsNotSigned, RequestRefused)


@dataclass
class Stage:
    """A nurse and a supervisor on a service, a proxy between them that can fail, and a direct way round it."""

    service: ServiceKit
    direct: Loopback
    proxy: FaultProxy
    nurse: WiredLaptop
    supervisor: WiredLaptop
    folder: Path
    team: str

    def through(self, laptop: WiredLaptop, address: str) -> None:
        """Let a laptop speak through another address from now on."""
        laptop.client.close()
        laptop.address = address
        laptop.client = laptop.connect()


@pytest.fixture(scope="module")
def stage_parts(postgres: Any) -> Iterator[tuple[ServiceKit, Loopback, Path]]:  # noqa: F811
    """One service for all cells; every cell works on families of its own."""
    from tests.kit.postgres import _TEMPLATE
    from visitapp.server.database import prepare_embedded
    from visitapp.server.folder import Databases

    owner, serving = prepare_embedded(postgres, "faults", _TEMPLATE)
    kit = ServiceKit(Databases(owner, serving), pool=10)
    folder = Path(tempfile.mkdtemp(prefix="visitapp-faults-", dir="/dev/shm" if Path("/dev/shm").is_dir() else None))
    with Loopback(kit.app) as direct:
        yield kit, direct, folder
    kit.close()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def stage(stage_parts: tuple[ServiceKit, Loopback, Path]) -> Iterator[Stage]:
    """The two laptops, level."""
    kit, direct, folder = stage_parts
    team = kit.team()
    proxy = FaultProxy(direct.port, SECOND)
    nurse = WiredLaptop(kit, kit.user(team), folder / "nurse", address=direct.address)
    supervisor = WiredLaptop(kit, kit.user(team, "supervisor"), folder / "supervisor", address=direct.address)
    for laptop in (nurse, supervisor):
        laptop.level()
    made = Stage(kit, direct, proxy, nurse, supervisor, folder, team)
    yield made
    nurse.close()
    supervisor.close()
    proxy.close()


@contextlib.contextmanager
def _patience(kind: str) -> Iterator[None]:
    """Clients made meanwhile give up early where nobody answers; a busy machine must not look like a fault."""
    with pytest.MonkeyPatch.context() as patch:
        if kind in _SILENT:
            patch.setattr(wire, "_TIMEOUT", IMPATIENT)
        yield


def _address(stage: Stage, kind: str) -> str:
    if kind == "tls_cut":
        return f"https://127.0.0.1:{stage.proxy.port}"
    return f"http://localhost:{stage.proxy.port}" if kind == "dns" else stage.proxy.address


_places = itertools.count()


def _fault(kind: str, phase: str, turn: int) -> Fault:
    """The fault of one cell; where it breaks is different each time, and the dice are the same in every run."""
    dice = random.Random(f"{kind} {phase} {turn}")
    path = {"enrol": "/v1/enrol", "pull": "/v1/pull", "nothing_new": "/v1/pull"}.get(phase, "/v1/push")
    at_byte = dice.choice([0, 1, 15, 60, 150, 220, 300, 400, 700])
    upward = kind == "reset" and phase in ("first_push", "push") and turn != 1
    after = phase == "receipt" and kind in ("server_error", "too_many", "captive_portal")
    # The first pull of an exchange only asks whether there is anything new; the second brings it.
    skip = 1 if phase == "pull" and turn else 0
    return Fault(kind, "" if kind == "refuse" and turn else path, skip=skip, at_byte=at_byte, upward=upward, after=after)


def _exchange_in_fault(stage: Stage, laptop: WiredLaptop, kind: str, fault: Fault) -> Problem | None:
    """An exchange while something goes wrong, then the way is clear again.

    An impatient client on a busy machine may give up on an honest answer before the fault's turn comes; then it tries again.
    """
    with _patience(kind):
        if kind == "dns":
            stage.through(laptop, _address(stage, kind))
            with FailingNames():
                return laptop.sync().problem
        stage.proxy.arm(fault)
        try:
            for _ in range(TRIES if kind in _SILENT else 1):
                stage.through(laptop, _address(stage, kind))
                problem = laptop.sync().problem
                laptop.client.close()
                stage.proxy.settle()
                if fault.hits:
                    return problem
        finally:
            stage.proxy.disarm()
    raise AssertionError("the fault never met anybody")


def _check(stage: Stage, family: str, signed: str, words: str) -> None:
    """One record, one effect, one receipt; everybody has it; nothing waits."""
    [row] = on_server(stage.service, "id = :id", id=signed)
    assert row.rev == 1
    assert in_history(stage.service, signed) == [bytes(row.body)]
    assert stage.service.sql("select count(*) from receipt where op = :op", op=row.op) == [(1,)]
    assert stage.nurse.ask(visit, signed).state == "received"
    assert len(rows_of(stage.nurse, "receipt", where=f"id = '{signed}'")) == 1
    assert not stage.nurse.ask(outbox_rows)
    assert [one.summary for one in stage.supervisor.ask(visits, family)].count(words) == 1
    for laptop in (stage.nurse, stage.supervisor):
        assert not laptop.level().repaired


def _work(stage: Stage, phase: str, words: str) -> tuple[str, str]:
    """What is to be sent or fetched in a cell: family and signed visit."""
    nurse, supervisor = stage.nurse, stage.supervisor
    family = nurse.begin_family(words)
    if phase != "first_push":
        nurse.level()
        supervisor.level()
    signed = nurse.sign(family, words)
    if phase in ("pull", "nothing_new"):
        nurse.level()
    if phase == "nothing_new":
        supervisor.level()
    return family, signed


def _enrolment_cell(stage: Stage, kind: str, turn: int) -> None:
    """Whatever happens to an enrolment, the same code and key get the laptop in afterwards, as one laptop."""
    user = stage.service.user(stage.team)
    code, key = stage.service.code(user), DeviceKey.generate()
    address, fault = _address(stage, kind), _fault(kind, "enrol", turn)

    def try_it(at: str) -> Any:
        return enrol(at, code, key.public_bytes, key.sign, app="0.1.0")

    told = None
    with _patience(kind), contextlib.suppress(*_EXPECTED):
        try:
            if kind == "dns":
                with FailingNames():
                    told = try_it(address)
            else:
                stage.proxy.arm(fault)
                told = try_it(address)
        finally:
            stage.proxy.settle()
            stage.proxy.disarm()
    if told is not None and told.user != user:
        # An answer meant for somebody else: what it names was enrolled with another key, so it opens nothing.
        assert kind == "reordered"
        told = None
    # The client asks again by itself where no answer came, so that it may know already; the same code and key never make two laptops.
    again = try_it(stage.direct.address)
    assert again.user == user
    assert told is None or told.device == again.device
    devices = stage.service.sql("select id from device where user_id = :user", user=user)
    assert [row[0] for row in devices] == [again.device]


@pytest.mark.parametrize("phase", PHASES)
@pytest.mark.parametrize("kind", FAULTS)
def test_fault_at_phase_three_times(stage: Stage, kind: str, phase: str) -> None:
    for turn in range(ROUNDS):
        if phase == "enrol":
            _enrolment_cell(stage, kind, turn)
            continue
        words = f"{kind} at {phase} {turn} {next(_places)}"
        family, signed = _work(stage, phase, words)
        victim = stage.supervisor if phase in ("pull", "nothing_new") else stage.nurse
        before = stage.nurse.ask(visit, signed).state
        problem = _exchange_in_fault(stage, victim, kind, _fault(kind, phase, turn))
        if kind not in _MAY_SUCCEED:
            assert isinstance(problem, _EXPECTED), problem
            if victim is stage.nurse:
                assert stage.nurse.ask(visit, signed).state == before, "nothing may look received without a receipt"
                assert stage.nurse.ask(outbox_rows)
        stage.through(victim, stage.direct.address)
        stage.nurse.level()
        stage.supervisor.level()
        _check(stage, family, signed, words)


def _cut_everywhere(stage: Stage, step: int) -> int:
    """Cut a push of about 4 KB at every `step`-th byte on its way up, then its answer on its way down."""
    cells = 0
    for upward, length in ((True, 5_000), (False, 900)):
        for at_byte in range(0, length, step):
            words = f"cut {upward} {at_byte}"
            family = stage.nurse.begin_family(words)
            stage.nurse.level()
            signed = stage.nurse.sign(family, words + " " + f"{random.Random(at_byte).getrandbits(12000):x}")
            stage.through(stage.nurse, stage.proxy.address)
            stage.proxy.arm(Fault("reset", "/v1/push", at_byte=at_byte, upward=upward))
            assert stage.nurse.sync().problem is not None
            stage.proxy.disarm()
            stage.nurse.level()
            [row] = on_server(stage.service, "id = :id", id=signed)
            assert row.rev == 1
            assert not stage.nurse.ask(outbox_rows)
            cells += 1
    return cells


def test_push_cut_at_bytes_here_and_there(stage: Stage) -> None:
    assert _cut_everywhere(stage, 397) > 12


@pytest.mark.hunt
@pytest.mark.timeout(0)
def test_push_cut_at_every_byte(stage: Stage) -> None:
    assert _cut_everywhere(stage, 1) > 4_000


@pytest.mark.hunt
@pytest.mark.timeout(0)
@pytest.mark.parametrize("kind", FAULTS)
def test_fault_at_every_phase_fifty_times(stage: Stage, kind: str) -> None:
    for _ in range(50 // ROUNDS + 1):
        for phase in PHASES:
            test_fault_at_phase_three_times(stage, kind, phase)
