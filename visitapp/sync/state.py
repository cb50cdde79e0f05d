"""What sync is doing, as a closed set of small classes; whoever shows it matches them exhaustively."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from visitapp.domain.problems import Problem

Step = Literal["sending", "fetching", "clearing"]


@dataclass(frozen=True)
class NotConnected:
    """This record has not been connected to a service; everything stays on this laptop."""


@dataclass(frozen=True)
class Idle:
    """Level with the server at `last_at` (None before the first time), as far as anybody knows. Both numbers are changes, " "not
    notes.
    """

    last_at: datetime | None
    unsent: int = 0
    attention: int = 0


@dataclass(frozen=True)
class Working:
    """An exchange is on its way. `done` of `of`: changes when sending, families when fetching; `of` 0 when it is not known."""

    step: Step
    done: int = 0
    of: int = 0


@dataclass(frozen=True)
class Offline:
    """The server cannot be reached since `since`; it will be tried again by itself at `retry_at`."""

    since: datetime
    unsent: int
    last_at: datetime | None = None
    retry_at: datetime | None = None


@dataclass(frozen=True)
class NeedsSignIn:
    """The service does not know this laptop (any more): it has to be connected again. The outbox is kept."""

    unsent: int = 0


@dataclass(frozen=True)
class Blocked:
    """An administrator has blocked this laptop or ordered its wipe (`wipe`); `proved` where the order is the service's."""

    wipe: bool = False
    proved: bool = False


@dataclass(frozen=True)
class OutOfDate:
    """The service wants a newer program."""

    minimum: str = ""


@dataclass(frozen=True)
class Trouble:
    """Something else is wrong; it is tried again by itself at `retry_at`."""

    problem: Problem
    unsent: int = 0
    retry_at: datetime | None = None


SyncState = NotConnected | Idle | Working | Offline | NeedsSignIn | Blocked | OutOfDate | Trouble
