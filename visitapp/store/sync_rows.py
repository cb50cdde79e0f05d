"""What the record answers about its traffic with the server: frozen rows for the sync screen and the status bar."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class OutboxRow:
    """One change on its way. `state`: waiting, sent, parked, held, conflict, gone, frozen or denied; `code` is the
    server's word.
    """

    op: str
    group: str
    scope: str
    kind: str
    id: str
    family: str
    act: str
    state: str
    code: str
    tries: int
    made_at: datetime
    sent_at: datetime | None
    size: int


@dataclass(frozen=True)
class SyncCounts:
    """The sentence of the status bar in numbers.

    `unsent` are changes that the server has not confirmed, `notes_here_only` signed notes among them, `attention`
    changes that wait for a person, `arriving` families whose first pull is not done.
    """

    unsent: int
    notes_here_only: int
    drafts: int
    attention: int
    held: int
    arriving: int
    oldest_unsent_at: datetime | None
    last_sync_at: datetime | None


@dataclass(frozen=True)
class SyncLogRow:
    """One exchange with the server. `outcome`: done, partly, offline or a problem's name."""

    started_at: datetime
    ended_at: datetime
    outcome: str
    sent: int
    received: int
    up_bytes: int
    down_bytes: int
    requests: int
    problem: str


@dataclass(frozen=True)
class ReceiptRow:
    """What the server said to one change."""

    op: str
    scope: str
    kind: str
    id: str
    outcome: str
    rev: int
    code: str
    at: datetime


@dataclass(frozen=True)
class Disagreement:
    """A record with two versions: what was written here and what the server has (None where it has nothing)."""

    op: str
    scope: str
    kind: str
    id: str
    family: str
    outcome: str
    code: str
    mine: bytes
    theirs: bytes | None
    theirs_rev: int
    theirs_author: str
    theirs_at: datetime | None
