"""The record: opens the encrypted database, hands out read and write transactions, and says what changed."""

import logging
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine, text

from visitapp.domain.clock import Clock
from visitapp.store import audit, migrations
from visitapp.store.changes import ChangeFeed
from visitapp.store.connection import FileLock, connect, make_engine, private_folder, require_file, translated
from visitapp.store.problems import RecordClosed, RecordExists
from visitapp.store.reading import Reading
from visitapp.store.writing import Writing

_log = logging.getLogger(__name__)

Mirror = Callable[[int, bytes], None]

_COMMITS = text(
    "INSERT INTO meta (key, value) VALUES ('commits', '1') ON CONFLICT (key) DO UPDATE SET value = CAST(value AS "
    "INTEGER) + 1 "
    "RETURNING CAST(value AS INTEGER)"
)


class Record:
    """One nurse's encrypted record on this laptop. Safe to use from several threads; writers take turns."""

    def __init__(self, path: Path, key: bytes, engine: Engine, lock: FileLock, clock: Clock) -> None:
        self.path = path
        self.changes = ChangeFeed()
        self._key = key
        self._engine = engine
        self._lock = lock
        self._clock = clock
        self._writer = threading.Lock()
        self._writing_thread = 0
        self._closed = False
        self._mirror: Mirror | None = None

    @classmethod
    def create(cls, path: Path, key: bytes, *, clock: Clock) -> "Record":
        """Make a new, empty record. Raises RecordExists, RecordInUse, DiskFull, DiskRefuses, CipherTooOld."""
        path = Path(path)
        private_folder(path.parent)
        lock = FileLock(_lock_path(path))
        lock.acquire()
        try:
            if path.exists() and path.stat().st_size:
                raise RecordExists
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
            os.close(descriptor)
            connect(path, key).close()
            migrations.build(path, key)
            return cls(path, key, make_engine(path, key), lock, clock)
        except BaseException:
            lock.release()
            raise

    @classmethod
    def open(cls, path: Path, key: bytes, *, clock: Clock) -> "Record":
        """Open a record that exists; brings an older one up to date after a backup that was tried.

        Raises RecordMissing, RecordInUse, RecordUnreadable (wrong key or damaged first page), RecordTooNew, BackupFailed, DiskFull,
        DiskRefuses, CipherTooOld. Nothing is ever made in place of what is missing.
        """
        path = Path(path)
        require_file(path)
        lock = FileLock(_lock_path(path))
        lock.acquire()
        try:
            connect(path, key).close()
            migrations.bring_up_to_date(path, key, clock)
            return cls(path, key, make_engine(path, key), lock, clock)
        except BaseException:
            lock.release()
            raise

    def close(self) -> None:
        """Close every connection and let go of the file; waits for a writer that is at work."""
        with self._writer:
            if self._closed:
                return
            self._closed = True
            self._engine.dispose()
            self._lock.release()
            self._key = b""

    @property
    def key(self) -> bytes:
        """The key, for the backup's own short-lived connection."""
        return self._key

    @property
    def clock(self) -> Clock:
        """The clock that this record was opened with."""
        return self._clock

    def mirror_commits(self, mirror: Mirror) -> None:
        """Have the number of commits and the head of the audit chain told to somebody outside after each commit.

        Whoever holds a higher number than the record itself has found a record that was put back to an older state.
        """
        self._mirror = mirror

    @contextmanager
    def reading(self) -> Iterator[Reading]:
        """A consistent look at the record. Raises RecordClosed, RecordDamaged, DiskRefuses, RecordBusy."""
        if self._closed:
            raise RecordClosed
        with translated(), self._engine.connect() as connection, connection.begin():
            yield Reading(connection)

    @contextmanager
    def writing(self) -> Iterator[Writing]:
        """One transaction that lands whole or not at all; when it returns, what was written survives a power cut.

        Raises RecordClosed, DiskFull, DiskRefuses, RecordBusy, RecordDamaged. Changes are announced on this thread after the
        commit.
        """
        if self._writing_thread == threading.get_ident():
            raise RuntimeError("a write transaction inside a write transaction")
        with self._writer:
            if self._closed:
                raise RecordClosed
            self._writing_thread = threading.get_ident()
            try:
                with translated(), self._engine.connect() as plain:
                    connection = plain.execution_options(writes=True)
                    with connection.begin():
                        w = Writing(connection, self._clock)
                        yield w
                        w.settle_writes()
                        commits = int(connection.execute(_COMMITS).scalar_one())
                        head = audit.head(w)
            finally:
                self._writing_thread = 0
        self._tell(commits, head)
        self.changes.publish(w.touched.changes())

    def _tell(self, commits: int, head: audit.ChainHead) -> None:
        if self._mirror is None:
            return
        try:
            self._mirror(commits, head.hash)
        except Exception as error:  # noqa: BLE001
            _log.error("the commit counter could not be mirrored: %s", type(error).__name__)

    def commits(self) -> tuple[int, bytes]:
        """How many transactions this record has seen, and the head of its audit chain."""
        with self.reading() as r:
            return int(r.meta("commits", "0")), audit.head(r).hash

    def checkpoint(self) -> None:
        """Move everything into the main file, whose pages are authenticated one by one; done after a signature."""
        with self._writer:
            if self._closed:
                raise RecordClosed
            with translated(), self._engine.connect() as connection:
                raw = connection.connection.driver_connection
                assert raw is not None
                raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def is_intact(self) -> bool:
        """Whether every page and index is what it should be; takes seconds on a large record, so not on the interface's thread.

        The checkpoint comes first, because pages that are only in the log give false alarms.
        """
        self.checkpoint()
        with translated(), self._engine.connect() as connection:
            raw = connection.connection.driver_connection
            assert raw is not None
            quick = [row[0] for row in raw.execute("PRAGMA quick_check").fetchall()]
            return quick == ["ok"] and not raw.execute("PRAGMA cipher_integrity_check").fetchall()


def _lock_path(path: Path) -> Path:
    return path.with_name(path.name + ".lock")
