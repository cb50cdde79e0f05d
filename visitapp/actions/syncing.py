"""What the Sync screen and the status bar say: what is on this laptop only, what was received, what needs a person."""

from dataclasses import dataclass
from datetime import datetime

from visitapp.actions.session import Desk
from visitapp.store.outbox import OutboxRow, ReceiptRow, SyncCounts, outbox_rows, receipts, sync_counts
from visitapp.store.synclog import SyncRun, sync_history


@dataclass(frozen=True)
class SyncOverview:
    """Everything the Sync screen shows but the state of the exchange itself."""

    counts: SyncCounts
    waiting: tuple[OutboxRow, ...]
    needs_you: tuple[OutboxRow, ...]
    received: tuple[ReceiptRow, ...]
    history: tuple[SyncRun, ...]
    last_at: datetime | None
    practice: bool


def sync_overview(desk: Desk, received: int = 50) -> SyncOverview:
    """Gather what the Sync screen shows; the latest `received` receipts."""
    with desk.record.reading() as r:
        rows = outbox_rows(r)
        history = sync_history(r)
        last = next((run.ended_at for run in history if run.outcome == "ok"), None)
        return SyncOverview(
            counts=sync_counts(r),
            waiting=tuple(row for row in rows if not row.needs_person),
            needs_you=tuple(row for row in rows if row.needs_person),
            received=tuple(receipts(r, received)),
            history=tuple(history),
            last_at=last,
            practice=desk.practice,
        )
