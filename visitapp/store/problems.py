"""What can go wrong with the record that a user can act on; facts only."""

from dataclasses import dataclass

from visitapp.domain.problems import Problem


@dataclass
class RecordMissing(Problem):
    """The record's file is not there or empty although it was created before; nothing is made in its place."""


@dataclass
class RecordExists(Problem):
    """A record cannot be created where one already is."""


@dataclass
class RecordInUse(Problem):
    """Another running visitapp holds this record."""


@dataclass
class RecordUnreadable(Problem):
    """The key does not open the file: another record's key, or a damaged first page."""


@dataclass
class RecordDamaged(Problem):
    """The file opens but its content is not intact."""


@dataclass
class RecordRolledBack(Problem):
    """The record is whole but not the one that was locked here: an older copy, a lost log, or another history.

    `commits` of `expected` transactions are there; `reason` is "older", "another-history" or "restored". It can be read, not
    written.
    """

    reason: str = ""
    commits: int = 0
    expected: int = 0


@dataclass
class NoGoodBackup(Problem):
    """There is no backup, or none that opens and is whole; `tried` were looked at."""

    tried: int = 0


@dataclass
class RecordTooNew(Problem):
    """The record was written by a newer visitapp; an older one does not touch it."""

    revision: str = ""


@dataclass
class DiskFull(Problem):
    """There is no room left on the disk; what was saved before is safe."""


@dataclass
class DiskRefuses(Problem):
    """The disk cannot be read or written (read-only, permission, hardware)."""


@dataclass
class RecordBusy(Problem):
    """The record was locked for longer than a save may wait."""


@dataclass
class RecordClosed(Problem):
    """The record has been closed (locked) meanwhile."""


@dataclass
class CipherTooOld(Problem):
    """The encryption library is missing, plain or too old to be trusted. Facts: what was found."""

    cipher: str = ""
    engine: str = ""


@dataclass
class BackupFailed(Problem):
    """A backup could not be written or did not open again."""


@dataclass
class TextTooLong(Problem):
    """One record holds more than the service takes; facts in bytes."""

    size: int = 0
    limit: int = 0
