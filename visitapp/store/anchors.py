"""Whether a record is the one that was locked here: a number and two codes kept outside it tell of anything put back or lost.

SQLCipher authenticates each page, not their set: a log that was deleted, a file of last week or an older version of one page all
pass its checks. Three facts outside the file close that: how many transactions there were, the head of the audit chain, and one
code over the authentication codes of all pages.
"""

import hashlib
import json
import shutil
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from visitapp.domain.clock import Clock
from visitapp.store.connection import PAGE_BYTES, connect, translated
from visitapp.store.problems import DiskRefuses, RecordDamaged, RecordRolledBack

_SALT_BYTES: Final = 16
_CODE_BYTES: Final = 80  # SQLCipher's reserve at the end of a page: its initialisation vector and its HMAC-SHA512
_LINKS: Final = "SELECT hash FROM audit ORDER BY seq DESC"
_NEWEST_LINK: Final = "SELECT hash FROM audit ORDER BY seq DESC LIMIT 1"
_NO_HEADS: Final = ("", "00" * 32)


@dataclass(frozen=True)
class Anchor:
    """How far a record had come: transactions, head of its audit chain (hex) and, if it rested then, its page code."""

    counter: int
    head: str
    pages: str = ""


def page_code(path: Path) -> str:
    """One SHA-256 (hex) over the authentication codes of every page of a record's main file.

    Each page's own code covers its content and its place, so equal codes mean an equal file; reading 80 bytes a page costs a few
    hundredths of a second where hashing the whole would cost half a second. Needs no key.
    """
    codes = hashlib.sha256()
    with path.open("rb", buffering=0) as file:
        size = file.seek(0, 2)
        codes.update(size.to_bytes(8, "big"))
        file.seek(0)
        codes.update(file.read(_SALT_BYTES))
        for end in range(PAGE_BYTES, size + 1, PAGE_BYTES):
            file.seek(end - _CODE_BYTES)
            codes.update(file.read(_CODE_BYTES))
    return codes.hexdigest()


def log_of(path: Path) -> Path:
    """The write-ahead log beside a record."""
    return path.with_name(path.name + "-wal")


def aside_folder(path: Path) -> Path:
    """Where what was found damaged is kept for the administrator."""
    return path.parent / "aside"


KEEP_ASIDE: Final = timedelta(days=90)
_LOGS_KEPT: Final = 5


def put_aside_in(path: Path) -> tuple[Path, ...]:
    """What was put aside of a record: whole records in folders, and logs, in order of name."""
    folder = aside_folder(path)
    return tuple(sorted(entry for entry in folder.iterdir() if entry.name != "log.last")) if folder.is_dir() else ()


def thin_aside(path: Path, clock: Clock) -> None:
    """Let go of what was put aside three months ago and of all but the newest few logs; the newest damaged record always stays."""
    entries = put_aside_in(path)
    records = [entry for entry in entries if entry.is_dir()]
    logs = sorted((entry for entry in entries if entry.is_file()), key=lambda each: each.stat().st_mtime)
    oldest = (clock.now() - KEEP_ASIDE).timestamp()
    with suppress(OSError):
        for entry in records[:-1]:
            if entry.stat().st_mtime < oldest:
                shutil.rmtree(entry)
        for entry in logs[:-_LOGS_KEPT]:
            entry.unlink()


class Opening:
    """A record just before it is opened: what can only be seen then, because opening takes the log into the file."""

    def __init__(self, path: Path, anchors: Sequence[Anchor]) -> None:
        self._path = path
        self._anchors = [anchor for anchor in anchors if anchor.counter]
        self._pages = ""
        if any(anchor.pages for anchor in self._anchors):
            try:
                self._pages = page_code(path)
            except OSError:
                raise DiskRefuses from None
        self._log = aside_folder(path) / "log.last"
        if self._anchors:
            self._keep_log()

    def _keep_log(self) -> None:
        log = log_of(self._path)
        try:
            if log.exists() and log.stat().st_size:
                self._log.parent.mkdir(mode=0o700, exist_ok=True)
                shutil.copyfile(log, self._log)
        except OSError:
            # Evidence only: a full disk must not keep a nurse from her notes.
            self._settle_log(is_sound=True)

    def judged(self, key: bytes) -> RecordRolledBack | None:
        """Open, compare and close. Returns what is wrong with a record that is whole but not the newest.

        Raises RecordDamaged for one whose pages are not of one moment, and the problems of `connect`.
        """
        found: RecordRolledBack | None = None
        is_sound = False
        try:
            with translated(RecordDamaged):
                raw = connect(self._path, key)
                try:
                    found = _compared(raw, self._anchors, self._pages)
                finally:
                    raw.close()
            is_sound = found is None
        finally:
            self._settle_log(is_sound)
        return found

    def _settle_log(self, is_sound: bool) -> None:
        with suppress(OSError):
            if is_sound:
                self._log.unlink(missing_ok=True)
            elif self._log.exists():
                number = len(list(self._log.parent.glob("log-*"))) + 1
                self._log.replace(self._log.with_name(f"log-{number}.wal"))


def _compared(raw: Any, anchors: Sequence[Anchor], pages: str) -> RecordRolledBack | None:
    furthest = max((anchor.counter for anchor in anchors), default=0)
    if raw.execute("SELECT 1 FROM sqlite_master WHERE name = 'meta'").fetchone() is None:
        # A record whose making was cut off is finished at its opening; one that had come further has been lost.
        return RecordRolledBack(reason="older", commits=0, expected=furthest) if anchors else None
    kept = dict(raw.execute("SELECT key, value FROM meta WHERE key IN ('commits', 'accepted_heads', 'restored')").fetchall())
    commits = int(kept.get("commits", "0"))
    if kept.get("restored"):
        return RecordRolledBack(reason="restored", commits=commits, expected=furthest)
    accepted = set(json.loads(kept.get("accepted_heads", "[]")))
    for anchor in sorted(anchors, key=lambda each: -each.counter):
        if commits < anchor.counter:
            return RecordRolledBack(reason="older", commits=commits, expected=anchor.counter)
        if commits == anchor.counter and anchor.pages and anchor.pages != pages:
            raise RecordDamaged
        if anchor.head not in accepted and not _went_through(raw, anchor.head, is_last=commits == anchor.counter):
            return RecordRolledBack(reason="another-history", commits=commits, expected=anchor.counter)
    return None


def _went_through(raw: Any, head: str, *, is_last: bool) -> bool:
    """Whether the audit chain holds a head, or ends in it."""
    links = raw.execute(_NEWEST_LINK if is_last else _LINKS)
    try:
        if head in _NO_HEADS:
            return not is_last or links.fetchone() is None
        return any(bytes(link[0]).hex() == head for link in links)
    finally:
        links.close()
