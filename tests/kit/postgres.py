"""Fixtures that give a real PostgreSQL: one embedded cluster per run, a fresh migrated database per test.

`VISITAPP_TEST_POSTGRES=/usr/lib/postgresql/15/bin` runs the same tests on another PostgreSQL's binaries.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import pytest
from psycopg import sql

from tests.kit.service import ServiceKit
from visitapp.server import embedded
from visitapp.server.admin import clusters
from visitapp.server.database import migrate, prepare_embedded
from visitapp.server.embedded import EmbeddedPostgres
from visitapp.server.folder import Databases

_TEMPLATE = "visitapp_template"
# Tests end with their cluster; what they prove of durability they prove on clusters of their own.
_FAST = {"fsync": "off", "full_page_writes": "off", "shared_buffers": "64MB"}


@pytest.fixture(scope="session", autouse=True)
def no_cluster_is_left(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Delete what data folders of this run's tests made elsewhere, and what earlier runs left there and is gone."""
    yield
    base, temporary = tmp_path_factory.getbasetemp(), Path(tempfile.gettempdir())
    for cluster in clusters.clusters():
        home = cluster.home
        if home is not None and (home.is_relative_to(base) or (home.is_relative_to(temporary) and not home.exists())):
            (home / "postgres").unlink(missing_ok=True)
            if cluster.state != "in use":
                clusters.delete([cluster.name])


@pytest.fixture(scope="session")
def postgres() -> Iterator[EmbeddedPostgres]:
    """The embedded PostgreSQL of this run, with a migrated database to copy from."""
    folder = Path(tempfile.mkdtemp(prefix="visitapp-pg-"))
    folder.chmod(0o711)
    other = os.environ.get("VISITAPP_TEST_POSTGRES")
    if other:
        embedded._binaries = lambda user: Path(other)
    running = EmbeddedPostgres.start(folder, _FAST)
    try:
        owner_url, _ = prepare_embedded(running, _TEMPLATE)
        migrate(owner_url)
        yield running
    finally:
        running.stop()
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def fresh_databases(postgres: EmbeddedPostgres) -> Iterator[Databases]:
    """A fresh database with the newest schema, dropped afterwards."""
    name = f"t{uuid4().hex[:12]}"
    owner_url, serving_url = prepare_embedded(postgres, name, _TEMPLATE)
    yield Databases(owner_url, serving_url)
    with postgres.superuser() as connection:
        connection.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


@pytest.fixture
def databases(postgres: EmbeddedPostgres) -> Iterator[Databases]:
    """A fresh database with the newest schema, dropped after the test."""
    with fresh_databases(postgres) as made:
        yield made


@pytest.fixture
def service(databases: Databases) -> Iterator[ServiceKit]:
    """The real service on a fresh database, called without a socket."""
    kit = ServiceKit(databases)
    yield kit
    kit.close()
