"""A server without room: its disk full in the middle of pushes, its connections all taken. It says so, loses nothing, and goes on."""

import contextlib
import os
import random
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from psycopg import sql

from tests.kit.fleet import Fleet, agree, fleet, on_server, rows_of  # noqa: F401
from tests.kit.postgres import databases, postgres, service  # noqa: F401
from tests.kit.service import ServiceKit
from visitapp.server.database import administering
from visitapp.server.embedded import EmbeddedPostgres
from visitapp.server.folder import Databases
from visitapp.store.outbox import outbox_rows
from visitapp.store.visits import visits
from visitapp.sync.problems import ServiceUnreachable

SMALL, LARGE = "6m", "96m"


@pytest.fixture
def small_disk(service: ServiceKit, postgres: EmbeddedPostgres) -> Iterator[Callable[[], None]]:  # noqa: F811
    """The service's records lie on a disk of a few megabytes; answers how to make room."""
    if os.geteuid() != 0 or shutil.which("mount") is None:
        pytest.skip("a disk of its own can only be mounted as root")
    place = Path(tempfile.mkdtemp(prefix="visitapp-small-disk-"))
    if subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={SMALL}", "tmpfs", str(place)], check=False, capture_output=True
    ).returncode:
        place.rmdir()
        pytest.skip("this machine does not let a disk be mounted")
    database = service.databases.serving_url.rsplit("/", 1)[1]
    name = f"small_{database}"
    try:
        inside = place / "tables"
        inside.mkdir()
        with postgres.superuser() as mighty:
            folder = Path(mighty.execute("show data_directory").fetchone()[0])  # type: ignore[index]
            owner = folder.stat()
            os.chown(place, owner.st_uid, owner.st_gid)
            os.chown(inside, owner.st_uid, owner.st_gid)
            mighty.execute(sql.SQL("create tablespace {} location {}").format(sql.Identifier(name), sql.Literal(str(inside))))
        with postgres.superuser(database) as mighty:
            for table in ("rec", "hist"):
                mighty.execute(sql.SQL("alter table {} set tablespace {}").format(sql.Identifier(table), sql.Identifier(name)))
        yield lambda: subprocess.run(["mount", "-o", f"remount,size={LARGE}", str(place)], check=True) and None
    finally:
        with contextlib.suppress(Exception):
            with postgres.superuser(database) as mighty:
                for table in ("rec", "hist"):
                    mighty.execute(sql.SQL("alter table {} set tablespace pg_default").format(sql.Identifier(table)))
            with postgres.superuser() as mighty:
                mighty.execute(sql.SQL("drop tablespace {}").format(sql.Identifier(name)))
        subprocess.run(["umount", "-l", str(place)], check=False, capture_output=True)
        shutil.rmtree(place, ignore_errors=True)


def test_full_disk_in_the_middle_of_pushes_is_told_and_everything_lands_once_there_is_room(
    small_disk: Callable[[], None],
    fleet: Fleet,  # noqa: F811
    caplog: pytest.LogCaptureFixture,
) -> None:
    nurse, supervisor = fleet.laptop(), fleet.laptop("supervisor")
    family = nurse.begin_family()
    nurse.level()
    dice, signed = random.Random(3), []
    problem = None
    for turn in range(60):
        for _ in range(4):
            signed.append(nurse.sign(family, f"visit {turn} {dice.getrandbits(8 * 20_000):x}"))
        problem = nurse.sync().problem
        if problem is not None:
            break
    assert isinstance(problem, ServiceUnreachable), "the disk never filled"
    assert problem.retry_after_s > 0
    waiting = {row.id for row in nurse.ask(outbox_rows)}
    assert waiting
    on_disk = {row.id for row in on_server(fleet.service)}
    received = {row.id for row in rows_of(nurse, "receipt", "id", "outcome = 'ok'")}
    assert received <= on_disk, "acknowledged means durable"
    assert not (waiting & {row.id for row in on_server(fleet.service, "kind = 'visit'")}), "half a push landed"
    # Reading goes on meanwhile.
    assert supervisor.sync().problem is None
    small_disk()
    nurse.level()
    supervisor.level()
    assert not nurse.ask(outbox_rows)
    assert sorted(one.id for one in supervisor.ask(visits, family)) == sorted(signed)
    assert all(row.rev == 1 for row in on_server(fleet.service, "kind = 'visit'"))
    agree(fleet)


def test_connections_all_taken_is_told_as_busy_and_everything_lands_afterwards(
    databases: Databases,  # noqa: F811
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    kit = ServiceKit(databases, pool=2)
    # Whoever waits for a connection waits ten seconds in the product.
    kit.app.state.service.engine.pool._timeout = 0.1
    with kit.http:
        fleet = Fleet(kit, tmp_path)
        nurse = fleet.laptop()
        family = nurse.begin_family()
        nurse.level()
        signed = nurse.sign(family, "there is no room for this")
        with kit.app.state.service.engine.connect(), kit.app.state.service.engine.connect():
            problem = nurse.sync().problem
        assert isinstance(problem, ServiceUnreachable)
        assert nurse.ask(outbox_rows)
        nurse.level()
        assert not nurse.ask(outbox_rows)
        assert [row.rev for row in on_server(kit, "id = :id and kind = 'visit'", id=signed)] == [1]
        with administering(kit.owner) as connection:
            assert connection.exec_driver_sql("select count(*) from receipt").scalar_one() >= 4
        fleet.close()
    kit.close()
