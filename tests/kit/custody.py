"""A laptop with its vault, its real doors and a real service behind a socket: what custody is tried on."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.kit.desks import RESOURCES
from tests.kit.fleet import Loopback
from tests.kit.laptops import DriftingClock
from tests.kit.service import ServiceKit
from tests.unit.vault.places import MemorySecretStore
from visitapp.actions.connecting import service_client
from visitapp.actions.guarding import Guard
from visitapp.actions.opening import Doors, Opened
from visitapp.config.paths import places
from visitapp.domain.problems import Problem
from visitapp.server.admin.people import NewUser, add_user
from visitapp.server.database import administering
from visitapp.store.record import Record
from visitapp.sync.exchange import ExchangeResult, run_exchange
from visitapp.vault import keys
from visitapp.vault.keys import FLOOR

WORDS = b"kettle harbour violin moss"


def begin_family(record: Record, name: str) -> str:
    """A family in the outbox; returns its id."""
    from visitapp.domain.ids import Ids

    family = Ids(record.clock)()
    with record.writing() as w:
        w.put(f"f:{family}", "family", family, {"id": family, "name": name, "state": "active"}, group=family)
    return family


@dataclass
class KeptLaptop:
    """One nurse's laptop, opened by its doors; `opened` is its record while it is unlocked."""

    service: ServiceKit
    address: str
    user: str
    folder: Path
    clock: DriftingClock = field(default_factory=DriftingClock)
    secrets: Any = field(default_factory=MemorySecretStore)

    def __post_init__(self) -> None:
        self.at = places(self.folder)
        self.doors = self.new_doors()
        self.opened: Opened | None = self.doors.connect(self.address, self.service.code(self.user), "bea", bytearray(WORDS))

    def new_doors(self) -> Doors:
        """Doors as a new process has them."""
        return Doors(self.at, lambda: self.secrets, RESOURCES, self.clock, None)

    @property
    def here(self) -> Opened:
        """The record, which has to be open."""
        assert self.opened is not None
        return self.opened

    @property
    def vault_folder(self) -> Path:
        """Where the one vault lies."""
        return self.at.vault_folders()[0]

    def device(self) -> str:
        """The device id that the service gave."""
        with self.here.record.reading() as r:
            return r.meta("device")

    def sync(self) -> ExchangeResult:
        """One exchange with all that belongs to custody; a refusal of an order is raised."""
        client = service_client(self.here.record, self.clock)
        assert client is not None
        guard = Guard(self.here.record, self.here.vault)
        try:
            guard.before(client)
            result = run_exchange(self.here.record, client, user=self.user)
            guard.after(client)
            order = getattr(result.problem, "order", "")
            if order:
                guard.ordered(order)
            return result
        finally:
            client.close()

    def lock(self) -> None:
        """Close everything as locking does."""
        if self.opened is not None:
            self.opened.close()
            self.opened = None

    def unlock(self, words: bytes = WORDS) -> Opened:
        """Open again by the passphrase, as a new process does."""
        self.doors = self.new_doors()
        self.opened = self.doors.unlock("bea", bytearray(words))
        return self.opened


def an_administrator(service: ServiceKit, team: str, name: str = "Ida Grant") -> str:
    """An administrator's id."""
    with administering(service.owner) as connection:
        return add_user(connection, NewUser(name, "administrator", team))


def administered(service: ServiceKit, deed: Callable[..., Any], *told: Any) -> Any:
    """What an administrator's command does, in its transaction."""
    with administering(service.owner) as connection:
        return deed(connection, *told)


def refused(deed: Callable[[], Any]) -> Problem:
    """The problem that a deed ends in."""
    with pytest.raises(Problem) as raised:
        deed()
    return raised.value


def cheaply(monkeypatch: pytest.MonkeyPatch) -> None:
    """Argon2id as ever, but with so little work that a story of many passphrases is told in seconds; the price itself is tested apart."""
    real = keys.core

    def core(context: Any, kind: int) -> int:
        context.t_cost, context.m_cost = 1, 8 * context.lanes
        return int(real(context, kind))

    monkeypatch.setattr(keys, "core", core)


@pytest.fixture
def kept(service: ServiceKit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., KeptLaptop]]:
    """Makes laptops that are closed with the test."""
    monkeypatch.setattr("visitapp.vault.keys.suitable_params", lambda memory, reduced=False: FLOOR)
    monkeypatch.setattr("visitapp.vault.vault.suitable_params", lambda memory, reduced=False: FLOOR)
    cheaply(monkeypatch)
    team, made = service.team(), []
    with Loopback(service.app) as server:

        def make(user: str = "", **more: Any) -> KeptLaptop:
            made.append(KeptLaptop(service, server.address, user or service.user(team), tmp_path / f"data{len(made)}", **more))
            return made[-1]

        yield make
        for laptop in made:
            laptop.lock()
