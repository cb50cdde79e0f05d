"""The data folder: its lock, its keys, and the one PostgreSQL that serves it, whoever started that."""

import contextlib
import fcntl
import json
import os
import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from visitapp.server import database
from visitapp.server.embedded import EmbeddedPostgres, read_passwords, write_private

_PATIENCE_S: Final = 30.0
Holder = Literal["serve", "administer"]


class FolderBusy(Exception):
    """Another server already runs on this data folder."""


@dataclass(frozen=True, slots=True)
class Databases:
    """How to reach the database: as its owner, for migrations and administration, and as the role that serves."""

    owner_url: str
    serving_url: str


@contextlib.contextmanager
def opened(folder: Path, holder: Holder) -> Iterator[Databases]:
    """The migrated database of a data folder, for as long as the context lasts.

    `DATABASE_URL` (with `DATABASE_SERVING_URL`, or a right to make roles) names a PostgreSQL of the operator's; otherwise
    the folder's own is started, or, for an administrator while a server runs, the running one is used. Raises FolderBusy.
    """
    folder.mkdir(parents=True, exist_ok=True)
    external = os.environ.get("DATABASE_URL")
    if external:
        serving = os.environ.get("DATABASE_SERVING_URL") or database.prepare_external(external, read_passwords(folder).serving)
        database.migrate(external, database.role_of(serving))
        yield Databases(external, serving)
        return
    with _locked(folder, holder) as is_ours:
        if not is_ours:
            yield _running(folder)
            return
        postgres = EmbeddedPostgres.start(folder)
        try:
            owner, serving = database.prepare_embedded(postgres)
            database.migrate(owner)
            write_private(folder / "running.json", json.dumps({"holder": holder, "port": postgres.port}).encode())
            yield Databases(owner, serving)
        finally:
            (folder / "running.json").unlink(missing_ok=True)
            postgres.stop()


@contextlib.contextmanager
def _locked(folder: Path, holder: Holder) -> Iterator[bool]:
    """Whether the folder is ours now. An administrator waits for another one to end, but not for a server."""
    descriptor = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        deadline = time.monotonic() + _PATIENCE_S
        while True:
            with contextlib.suppress(BlockingIOError):
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                yield True
                return
            running = _read_running(folder)
            if running and running["holder"] == "serve":
                if holder == "serve":
                    raise FolderBusy
                yield False
                return
            if time.monotonic() > deadline:
                raise FolderBusy
            time.sleep(0.05)
    finally:
        os.close(descriptor)


def _read_running(folder: Path) -> dict[str, str] | None:
    try:
        found: dict[str, str] = json.loads((folder / "running.json").read_bytes())
    except (OSError, ValueError):
        return None
    return found


def _running(folder: Path) -> Databases:
    found = _read_running(folder)
    if found is None:
        raise FolderBusy
    passwords = read_passwords(folder)
    place = f"127.0.0.1:{found['port']}/{database.DATABASE}"
    return Databases(
        f"postgresql+psycopg://{database.OWNER}:{passwords.owner}@{place}",
        f"postgresql+psycopg://{database.SERVING}:{passwords.serving}@{place}",
    )


def server_key(folder: Path) -> bytes:
    """The 32 secret bytes that sign receipts, made at the first call."""
    path = folder / "server-key"
    if not path.exists():
        write_private(path, secrets.token_bytes(32))
    return path.read_bytes()
