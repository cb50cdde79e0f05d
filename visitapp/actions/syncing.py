"""What the Sync screen and the status bar say: what is on this laptop only, what was received, what needs a person."""

from dataclasses import dataclass
from datetime import datetime

from visitapp.actions.session import Desk
from visitapp.store.outbox import outbox_rows, receipts, sync_counts, sync_log
from visitapp.store.rows import OutboxRow, ReceiptRow, SyncCounts, SyncLogRow

NEEDS_PERSON = frozenset({"conflict", "gone", "frozen", "denied", "parked"})
"""States of a change that only a person can move on; "held" ones are with the service desk."""


@dataclass(frozen=True)
class SyncOverview:
    """Everything the Sync screen shows but the state of the exchange itself."""

    counts: SyncCounts
    waiting: tuple[OutboxRow, ...]
    needs_you: tuple[OutboxRow, ...]
    received: tuple[ReceiptRow, ...]
    history: tuple[SyncLogRow, ...]
    last_at: datetime | None
    practice: bool


def sync_overview(desk: Desk, received: int = 50) -> SyncOverview:
    """Gather what the Sync screen shows; the latest `received` receipts."""
    with desk.record.reading() as r:
        rows = outbox_rows(r)
        counts = sync_counts(r)
        return SyncOverview(
            counts=counts,
            waiting=tuple(row for row in rows if row.state not in NEEDS_PERSON),
            needs_you=tuple(row for row in rows if row.state in NEEDS_PERSON),
            received=receipts(r, many=received),
            history=sync_log(r),
            last_at=counts.last_sync_at,
            practice=desk.practice,
        )
