"""Laptops on a real server over real sockets, and what befalls files: a laptop or a server put back, a laptop cloned."""

import shutil
import socket
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any

import pytest
import uvicorn
from sqlalchemy import text

from tests.kit.faults import FaultyLine
from tests.kit.laptops import SERVER, DriftingClock, Line, SyncedLaptop, everything_written
from tests.kit.service import ServiceKit
from visitapp.domain.ids import Ids
from visitapp.server.admin import backup
from visitapp.store.acknowledged import add_up
from visitapp.store.incoming import cursors
from visitapp.store.record import Record
from visitapp.sync.client import Client
from visitapp.sync.enrolment import enrol
from visitapp.vault.device import DeviceKey

KEY = b"k" * 32
DAY = timedelta(days=1)


class Loopback:
    """A service behind a real socket on this machine, on a thread of this process."""

    def __init__(self, app: Any) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.port: int = self._listener.getsockname()[1]
        told = {"http": "httptools", "ws": "none", "lifespan": "off", "log_config": None, "access_log": False}
        # It must not be the service that drops a connection while a busy machine keeps its client waiting.
        config = uvicorn.Config(app, **told, timeout_keep_alive=600)  # type: ignore[arg-type]
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, args=([self._listener],), daemon=True)
        self._thread.start()
        deadline = time.monotonic() + 20
        while not self._server.started:
            assert time.monotonic() < deadline, "the service did not start"
            time.sleep(0.005)

    @property
    def address(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    def close(self) -> None:
        """Stop answering; requests on their way are given up."""
        self._server.force_exit = True
        self._server.should_exit = True
        self._thread.join(10)
        self._listener.close()

    def __enter__(self) -> "Loopback":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()


@dataclass
class WiredLaptop(SyncedLaptop):
    """A laptop that speaks through a socket to `address`, which may be a proxy's."""

    address: str = ""
    code: str = ""

    def __post_init__(self) -> None:
        self.ids = Ids(self.clock)
        self.key = DeviceKey.generate()
        self.folder.mkdir(parents=True, exist_ok=True)
        self.record = Record.create(self.folder / "record.db", KEY, clock=self.clock)
        enrolled = enrol(self.address, self.code or self.service.code(self.user), self.key.public_bytes, self.key.sign, app="0.1.0")
        self.user, self.device, self.server_key = enrolled.user, enrolled.device, enrolled.server_key
        self.keep_identity()
        self.client = self.connect()

    def connect(self) -> Client:
        """A new connection as the device that the record is."""
        return Client(self.address, self.identity(), self.clock)


class Fleet:
    """The laptops of one team in this process, each on a line that fails as told; files lie in memory where there is a place."""

    def __init__(self, service: ServiceKit, folder: Path) -> None:
        self.service = service
        self.folder = folder
        self.team = service.team()
        self.laptops: list[FleetLaptop] = []

    def laptop(self, role: str = "nurse", user: str = "", **more: Any) -> "FleetLaptop":
        """A laptop of a new person, or a further one of somebody who has one."""
        user = user or self.service.user(self.team, role, f"{role} {len(self.laptops)}")
        made = FleetLaptop(self.service, user, self.folder / f"laptop{len(self.laptops)}", **more)
        self.laptops.append(made)
        return made

    def clone(self, laptop: "FleetLaptop") -> "FleetLaptop":
        """A second laptop with the same record, key and device id."""
        twin = cloned(laptop, self.folder / f"laptop{len(self.laptops)}")
        assert isinstance(twin, FleetLaptop)
        self.laptops.append(twin)
        return twin

    def close(self) -> None:
        """Close every record."""
        for laptop in self.laptops:
            laptop.close()


@dataclass
class FleetLaptop(SyncedLaptop):
    """A laptop in this process whose line fails as told."""

    def __post_init__(self) -> None:
        self.ids = Ids(self.clock)
        self.key = DeviceKey.generate()
        self.line = FaultyLine(self.service)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.record = new_record(self.folder / "record.db", self.clock)
        code = self.service.code(self.user)
        enrolled = enrol(SERVER, code, self.key.public_bytes, self.key.sign, app="0.1.0", transport=self.line)
        self.device, self.server_key = enrolled.device, enrolled.server_key
        self.keep_identity()
        self.client = self.connect()

    @property
    def faults(self) -> list[str]:
        """What the next requests will meet; see `FaultyLine`."""
        assert isinstance(self.line, FaultyLine)
        return self.line.plan


_empty: list[bytes] = []


def new_record(path: Path, clock: DriftingClock) -> Record:
    """A new record; the first is made, the others are copies of it while it was empty."""
    if not _empty:
        Record.create(path, KEY, clock=clock).close()
        _empty.append(path.read_bytes())
    else:
        path.write_bytes(_empty[0])
    return Record.open(path, KEY, clock=clock)


@pytest.fixture
def fleet(service: ServiceKit) -> Iterator[Fleet]:
    """A team without laptops, its service kept warm between requests."""
    place = Path("/dev/shm") if Path("/dev/shm").is_dir() else None
    with tempfile.TemporaryDirectory(prefix="visitapp-fleet-", dir=place) as folder, service.http:
        made = Fleet(service, Path(folder))
        yield made
        made.close()


def snapshot(laptop: SyncedLaptop, place: Path) -> Path:
    """A copy of a laptop's record as a backup program would take it."""
    laptop.record.checkpoint()
    place.parent.mkdir(parents=True, exist_ok=True)
    return Path(shutil.copyfile(laptop.record.path, place))


def put_back(laptop: SyncedLaptop, copy: Path) -> None:
    """The laptop's record is put back to an older state; the program starts anew on it."""
    path = laptop.record.path
    laptop.client.close()
    laptop.record.close()
    for left in (path, path.with_name(path.name + "-wal"), path.with_name(path.name + "-shm")):
        left.unlink(missing_ok=True)
    shutil.copyfile(copy, path)
    laptop.record = Record.open(path, KEY, clock=laptop.clock)
    laptop.client = laptop.connect()


def restarted(laptop: SyncedLaptop) -> None:
    """The program ends and starts again."""
    laptop.client.close()
    path = laptop.record.path
    laptop.record.close()
    laptop.record = Record.open(path, KEY, clock=laptop.clock)
    laptop.client = laptop.connect()


def cloned(laptop: SyncedLaptop, folder: Path, clock: DriftingClock | None = None) -> SyncedLaptop:
    """A second laptop with the same record, the same key and the same device id."""
    twin = SyncedLaptop.__new__(type(laptop))
    twin.__dict__.update(laptop.__dict__)
    folder.mkdir(parents=True, exist_ok=True)
    twin.folder, twin.clock = folder, clock or DriftingClock()
    twin.ids = Ids(twin.clock)
    if isinstance(getattr(laptop, "line", None), Line):
        twin.line = type(laptop.line)(laptop.service)
    twin.record = Record.open(snapshot(laptop, folder / "record.db"), KEY, clock=twin.clock)
    twin.client = twin.connect()
    return twin


def back_up_server(service: ServiceKit, place: Path) -> Path:
    """Last night's backup of the server."""
    backup.back_up(service.owner, place, service.settings.key)
    return place


def restore_server(service: ServiceKit, copy: Path, *, new_epoch: bool = True) -> None:
    """The server is put back; without `new_epoch` as a careless operator does who copies files."""
    [(epoch,)] = service.sql("select id from epoch")
    backup.restore(service.owner, copy, copy.parent)
    if not new_epoch:
        service.sql("update epoch set id = :epoch returning id", epoch=epoch)


def on_server(service: ServiceKit, where: str = "true", **values: Any) -> list[Any]:
    """Records that the server holds (scope, id, kind, rev, author, op, body), newest versions."""
    return service.sql(f"select scope, id, kind, rev, del, author, op, body from rec where {where} order by scope, id", **values)


def in_history(service: ServiceKit, id_: str) -> list[bytes]:
    """Every text the server ever got for a record, wherever it keeps it."""
    rows = service.sql(
        "select body from hist where id = :id union all select body from rec where id = :id union all"
        " select raw from held where meta::jsonb->>2 = :id",
        id=id_,
    )
    return [bytes(row[0]) for row in rows]


def rows_of(laptop: SyncedLaptop, table: str, columns: str = "*", where: str = "1") -> list[Any]:
    """Rows of one of a laptop's tables."""
    with laptop.record.reading() as r:
        return list(r.all(text(f"SELECT {columns} FROM {table} WHERE {where}")))


def ops_of(laptop: SyncedLaptop, where: str = "1") -> list[Any]:
    """A laptop's changes on their way, each with the bytes that go or went out."""
    whole = "SELECT o.op, o.scope, o.kind, o.id, o.act, o.state, coalesce(o.body, e.body) AS body FROM outbox o"
    with laptop.record.reading() as r:
        rows = list(r.all(text(f"{whole} LEFT JOIN edit e ON e.scope = o.scope AND e.id = o.id WHERE {where} ORDER BY o.k")))
    assert all(row.body is not None for row in rows), "a change on its way has lost its text"
    return rows


def agree(fleet: Fleet) -> None:
    """Every laptop adds up to what the server says of each scope it holds."""
    held = {row.id: (row.seq, row.n, row.dig) for row in fleet.service.sql("select id, seq, n, dig from scope")}
    for laptop in fleet.laptops:
        with laptop.record.reading() as r:
            for cursor in cursors(r):
                true = add_up(r, cursor.scope)
                here = (cursor.seq, true.count, true.digest)
                kept = r.all(text("SELECT seq, head, n, digest, gen, repairs FROM cursor WHERE scope = :s"), s=cursor.scope)
                assert here == held.get(cursor.scope), (laptop.folder.name, cursor.scope, here, held.get(cursor.scope), kept)


def level(*laptops: FleetLaptop) -> None:
    """Each in turn, to its end."""
    for laptop in laptops:
        laptop.level()


def hand_over(fleet: Fleet, family: str, old: FleetLaptop, new: FleetLaptop) -> None:
    """A family is given to another nurse; the old one no longer holds it."""
    fleet.service.assign(family, new.user)
    fleet.service.assign(family, old.user, until_at=datetime.now(UTC) - timedelta(milliseconds=1))


def texts_on(laptop: FleetLaptop) -> bytes:
    """Everything that is written on a laptop, in one."""
    return b"\n".join(laptop.ask(everything_written))
