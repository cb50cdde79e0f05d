"""The record: opens the encrypted database, hands out read and write transactions, and says what changed."""

import gc
import json
import logging
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final

from visitapp.domain.clock import Clock
from visitapp.store import audit, ballast, migrations
from visitapp.store.anchors import Anchor, Opening, log_of, page_code
from visitapp.store.changes import ChangeFeed
from visitapp.store.connection import (
    LOG_PAGES,
    PAGE_BYTES,
    FileLock,
    Pool,
    connect,
    let_log_grow,
    private_folder,
    require_file,
    translated,
)
from visitapp.store.problems import DiskFull, RecordClosed, RecordExists, RecordRolledBack
from visitapp.store.reading import Reading
from visitapp.store.sql import text
from visitapp.store.writing import Writing

_log = logging.getLogger(__name__)

_COLLECT_EVERY: Final = 50_000

Mirror = Callable[[int, bytes], None]

_COMMITS = text(
    "INSERT INTO meta (key, value) VALUES ('commits', '1') ON CONFLICT (key) DO UPDATE SET value = CAST(value AS "
    "INTEGER) + 1 "
    "RETURNING CAST(value AS INTEGER)"
)


class Record:
    """One nurse's encrypted record on this laptop. Safe to use from several threads; writers take turns."""

    def __init__(self, path: Path, key: bytes, pool: Pool, lock: FileLock, clock: Clock) -> None:
        self.path = path
        self.changes = ChangeFeed()
        self._key = key
        self._pool = pool
        self._lock = lock
        self._clock = clock
        self._writer = threading.Lock()
        self._writing_thread = 0
        self._closed = False
        self._mirror: Mirror | None = None
        self._in_bulk = False
        self._anchors: tuple[Anchor, ...] = ()
        self.rolled_back: RecordRolledBack | None = None

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
            return cls(path, key, Pool(path, key), lock, clock)
        except BaseException:
            lock.release()
            raise

    @classmethod
    def open(cls, path: Path, key: bytes, *, clock: Clock, anchors: Sequence[Anchor] = ()) -> "Record":
        """Open a record that exists; brings an older one up to date after a backup that was tried.

        A record that is behind one of the `anchors` kept outside it opens for reading only and says so in `rolled_back`.
        Raises RecordMissing, RecordInUse, RecordUnreadable (wrong key or damaged first page), RecordDamaged, RecordTooNew,
        BackupFailed, DiskFull, DiskRefuses, CipherTooOld. Nothing is ever made in place of what is missing.
        """
        path = Path(path)
        require_file(path)
        lock = FileLock(_lock_path(path))
        lock.acquire()
        try:
            rolled_back = Opening(path, anchors).judged(key)
            migrations.bring_up_to_date(path, key, clock, counts=rolled_back is None)
            record = cls(path, key, Pool(path, key, only_reads=rolled_back is not None), lock, clock)
            record._anchors, record.rolled_back = tuple(anchors), rolled_back
            return record
        except BaseException:
            lock.release()
            raise

    def close(self) -> None:
        """Close every connection and let go of the file; waits for a writer that is at work."""
        with self._writer:
            if self._closed:
                return
            self._closed = True
            self._pool.dispose()
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
        with translated(), self._pool.connection() as connection, connection.transaction(writes=False):
            yield Reading(connection)

    @contextmanager
    def writing(self) -> Iterator[Writing]:
        """One transaction that lands whole or not at all; when it returns, what was written survives a power cut.

        Raises RecordClosed, RecordRolledBack, DiskFull, DiskRefuses, RecordBusy, RecordDamaged. Changes are announced on this
        thread after the commit.
        """
        if self._writing_thread == threading.get_ident():
            raise RuntimeError("a write transaction inside a write transaction")
        if self.rolled_back is not None:
            raise replace(self.rolled_back)
        with self._writer:
            if self._closed:
                raise RecordClosed
            self._writing_thread = threading.get_ident()
            try:
                with translated(), self._pool.connection() as connection:
                    let_log_grow(connection, self._in_bulk)
                    with connection.transaction(writes=True):
                        w = Writing(connection, self._clock)
                        yield w
                        w.finish()
                        commits = int(connection.execute(_COMMITS).scalar_one())
                        head = audit.head(w)
            except DiskFull:
                # The log can be taken in with this room, and the next save finds some.
                ballast.throw_off(self.path)
                raise
            finally:
                self._writing_thread = 0
        self._tell(commits, head)
        self.changes.publish(w.touched.changes())

    @contextmanager
    def in_bulk(self) -> Iterator[None]:
        """Write much at once: the log may grow meanwhile and is taken into the main file once, at the end.

        Every commit survives a power cut as ever. The interpreter looks for cycles less often: what a page is made of goes with it.
        """
        self._in_bulk = True
        before = self._log_bytes()
        often = gc.get_threshold()
        gc.set_threshold(max(_COLLECT_EVERY, often[0]), *often[1:])
        try:
            yield
        finally:
            gc.set_threshold(*often)
            self._in_bulk = False
            # The file keeps the length it once had; where it did not grow, the next commit takes in what there is.
            if not self._closed and self._log_bytes() > max(before, LOG_PAGES * PAGE_BYTES):
                self._take_in_log()

    def _log_bytes(self) -> int:
        log = log_of(self.path)
        return log.stat().st_size if log.exists() else 0

    def _take_in_log(self) -> None:
        with self._writer:
            if self._closed:
                return
            with translated(), self._pool.connection() as connection:
                connection.raw.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()

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

    def anchor(self) -> Anchor:
        """Put everything into the main file and return what to keep outside it; asked for just before closing.

        Raises RecordRolledBack: the anchors of a record that was put back must not be replaced by its own.
        """
        if self.rolled_back is not None:
            raise replace(self.rolled_back)
        self.checkpoint()
        counter, head = self.commits()
        log = log_of(self.path)
        # A log that a reader kept from being taken in means that the main file alone is not the record.
        is_whole = not (log.exists() and log.stat().st_size)
        return Anchor(counter, head.hex(), page_code(self.path) if is_whole else "")

    def carry_on(self, **why: str | int) -> None:
        """Go on writing in a record that was put back to an older state, after somebody decided so.

        What the newer one held beyond the server is lost to this laptop; nothing at the server is: what was sent before is
        answered with its old receipt, and everything newer is fetched. The decision is a link of the audit chain.
        """
        if self.rolled_back is None:
            return
        found, self.rolled_back = self.rolled_back, None
        self._pool.dispose()
        self._pool = Pool(self.path, self._key)
        with self.writing() as w:
            heads = {*json.loads(w.meta("accepted_heads", "[]")), *(anchor.head for anchor in self._anchors)}
            w.meta_set("accepted_heads", json.dumps(sorted(heads)))
            w.meta_set("restored", "")
            w.meta_set("commits", str(max(found.commits, found.expected)))
            w.audit("carried-on", commits=found.commits, expected=found.expected, **why)

    def checkpoint(self) -> None:
        """Move everything into the main file, whose pages are authenticated one by one; done after a signature."""
        with self._writer:
            if self._closed:
                raise RecordClosed
            with translated(), self._pool.connection() as connection:
                connection.raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def is_intact(self) -> bool:
        """Whether every page and index is what it should be; takes seconds on a large record, so not on the interface's thread.

        The checkpoint comes first, because pages that are only in the log give false alarms.
        """
        self.checkpoint()
        with translated(), self._pool.connection() as connection:
            quick = [row[0] for row in connection.raw.execute("PRAGMA quick_check").fetchall()]
            return quick == ["ok"] and not connection.raw.execute("PRAGMA cipher_integrity_check").fetchall()


def _lock_path(path: Path) -> Path:
    return path.with_name(path.name + ".lock")
