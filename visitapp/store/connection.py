"""Opening SQLCipher the only safe way, keeping a second process off the record, and translating its errors."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Final

import sqlalchemy
import sqlcipher3.dbapi2 as cipher
from sqlalchemy import create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.pool import QueuePool

from visitapp.domain.problems import Problem
from visitapp.store.problems import (
    CipherTooOld,
    DiskFull,
    DiskRefuses,
    RecordBusy,
    RecordDamaged,
    RecordInUse,
    RecordMissing,
    RecordUnreadable,
)
from visitapp.store.sql import Connection

PAGE_BYTES: Final = 16384
"""Chosen once for every record: bodies of 2 KB fit eight to a page, inserts take half the time of 4 KB pages."""

LOG_PAGES: Final = 100
"""How long the log may get before a commit takes it into the main file."""

_LOG_PAGES_IN_BULK: Final = 2000
_CACHE: Final = -2000
_CACHE_IN_BULK: Final = -32000
_OLDEST_CIPHER: Final = (4, 19)
_OLDEST_ENGINE: Final = (3, 51, 3)  # 3.7.0 to 3.51.2 hold the WAL-reset bug, which corrupts

_SETTINGS: Final = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "fullfsync=1",
    "checkpoint_fullfsync=1",
    "foreign_keys=ON",
    "trusted_schema=OFF",
    "cell_size_check=ON",
    "secure_delete=ON",
    "temp_store=MEMORY",
    "busy_timeout=10000",
    f"wal_autocheckpoint={LOG_PAGES}",
    # Of each connection, and there are several: the whole caseload is read again in some hundredths of a second.
    f"cache_size={_CACHE}",
)

_DENY, _ALLOW, _PRAGMA, _ATTACH = 1, 0, 19, 24
_FORBIDDEN_PRAGMAS: Final = frozenset({"key", "rekey", "hexkey", "hexrekey", "cipher_log", "cipher_export", "writable_schema"})


def connect(path: Path, key: bytes, *, guarded: bool = True, page_bytes: int = PAGE_BYTES) -> Any:
    """Open a keyed connection; the order of the steps matters.

    `guarded` forbids ATTACH and changing the key; only a backup's short-lived connection does without. Raises RecordUnreadable,
    CipherTooOld, DiskRefuses.
    """
    with translated(RecordUnreadable):
        raw = cipher.connect(str(path), timeout=10, isolation_level=None, check_same_thread=False, cached_statements=512)
        try:
            raw.execute("PRAGMA cipher_log_level=NONE").close()  # before the key: else stderr is flooded
            # The default as well: the copy that VACUUM INTO makes takes its page size from there.
            raw.execute(f"PRAGMA cipher_default_page_size={page_bytes}").close()
            raw.set_key(f"x'{key.hex()}'")
            raw.execute(f"PRAGMA cipher_page_size={page_bytes}").close()
            raw.execute("SELECT count(*) FROM sqlite_master").fetchone()
            _check_versions(raw)
            for setting in _SETTINGS:
                raw.execute(f"PRAGMA {setting}").close()
            if guarded:
                raw.set_authorizer(_authorize)
        except BaseException:
            raw.close()
            raise
    return raw


def _authorize(action: int, first: str | None, *_: str | None) -> int:
    if action == _ATTACH or (action == _PRAGMA and (first or "").lower() in _FORBIDDEN_PRAGMAS):
        return _DENY
    return _ALLOW


def _check_versions(raw: Any) -> None:
    row = raw.execute("PRAGMA cipher_version").fetchone()
    found = str(row[0]) if row else ""
    parts = found.split()[0].split(".") if found else []
    if tuple(int(part) for part in parts[:2]) < _OLDEST_CIPHER or cipher.sqlite_version_info < _OLDEST_ENGINE:
        raise CipherTooOld(found, cipher.sqlite_version)


class Pool:
    """Guarded connections to one record, made when they are needed; the one used last is used next, because it has pages in memory.

    With `only_reads` the library itself refuses every change.
    """

    def __init__(self, path: Path, key: bytes, *, only_reads: bool = False) -> None:
        def made() -> Any:
            # A connection made later must not create a file that has gone meanwhile.
            require_file(path)
            raw = connect(path, key)
            if only_reads:
                raw.execute("PRAGMA query_only=ON").close()
            return raw

        self._engine = create_engine(
            "sqlite://",
            module=cipher,
            creator=made,
            poolclass=QueuePool,
            pool_size=_RESTING_CONNECTIONS,
            max_overflow=_MOST_CONNECTIONS - _RESTING_CONNECTIONS,
            pool_timeout=_WAIT_S,
            pool_use_lifo=True,
            hide_parameters=True,
            echo=False,
            query_cache_size=1000,
        )
        event.listen(self._engine, "begin", _begin)

    @contextmanager
    def connection(self) -> Iterator[Connection]:
        """One connection for as long as it is needed. Raises RecordBusy if none gets free, and the problems of `connect`."""
        try:
            lent = self._engine.connect()
        except PoolTimeout:
            raise RecordBusy from None
        with lent:
            yield Connection(lent)

    def dispose(self) -> None:
        """Close every connection that rests; one in use is closed when it is given back."""
        self._engine.dispose()


_MOST_CONNECTIONS: Final = 8
_RESTING_CONNECTIONS: Final = 4
_WAIT_S: Final = 15


def _begin(lent: sqlalchemy.Connection) -> None:
    writes = lent.get_execution_options().get("writes", False)
    lent.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def let_log_grow(connection: Connection, in_bulk: bool) -> None:
    """Choose for this connection when a commit takes the log in, and how much it holds in memory before it spills."""
    if connection.info.get("in_bulk", False) == in_bulk:
        return
    connection.raw.execute(f"PRAGMA wal_autocheckpoint={_LOG_PAGES_IN_BULK if in_bulk else LOG_PAGES}").close()
    connection.raw.execute(f"PRAGMA cache_size={_CACHE_IN_BULK if in_bulk else _CACHE}").close()
    connection.info["in_bulk"] = in_bulk


def require_file(path: Path) -> None:
    """Raise RecordMissing unless the file is there and not empty: SQLCipher would silently make a new record."""
    try:
        size = path.stat().st_size
    except OSError:
        size = 0
    if size == 0:
        raise RecordMissing


_BY_CODE: Final[dict[int, type[Problem]]] = {
    3: DiskRefuses,
    5: RecordBusy,
    6: RecordBusy,
    8: DiskRefuses,
    10: DiskRefuses,
    11: RecordDamaged,
    13: DiskFull,
    14: DiskRefuses,
    26: RecordDamaged,
}


class StoreError(Exception):
    """A statement that should never have failed: a bug. Names the error's kind and nothing of its content."""


@contextmanager
def translated(not_a_database: type[Problem] = RecordDamaged) -> Iterator[None]:
    """Turn the library's errors into problems without content; anything else becomes a StoreError."""
    try:
        yield
    except DBAPIError as error:
        # The statement is one of our constants; what was bound to it stays out.
        problem = _problem(error.orig, not_a_database, (error.statement or "")[:80])
    except cipher.Error as error:
        problem = _problem(error, not_a_database)
    else:
        return
    raise problem from None


def _problem(error: BaseException | None, not_a_database: type[Problem], statement: str = "") -> Exception:
    code = int(getattr(error, "sqlite_errorcode", 0) or 0)
    if code & 0xFF == 26:
        return not_a_database()
    kind = _BY_CODE.get(code & 0xFF)
    if kind is not None:
        return kind()
    return StoreError(f"{type(error).__name__} {getattr(error, 'sqlite_errorname', '') or code}: {statement}")


class FileLock:
    """Held while a record is open, so that no second process (or second opening) touches it; the system frees it at any death."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: IO[bytes] | None = None

    def acquire(self) -> None:
        """Take the lock. Raises RecordInUse."""
        try:
            handle = open(self._path, "ab")  # noqa: SIM115
        except OSError:
            raise DiskRefuses from None
        try:
            if sys.platform == "win32":
                import msvcrt

                msvcrt.locking(handle.fileno(), msvcrt.LK_NBLCK, 1)
            else:
                import fcntl

                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            handle.close()
            raise RecordInUse from None
        self._file = handle

    def release(self) -> None:
        """Give the lock back; harmless when it is not held."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def __enter__(self) -> "FileLock":
        self.acquire()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.release()


def private_folder(path: Path) -> None:
    """Make the folder that will hold a record, for its owner alone."""
    path.mkdir(parents=True, exist_ok=True)
    if os.name == "posix" and not any(path.iterdir()):
        path.chmod(0o700)
