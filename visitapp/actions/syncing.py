"""What the Sync screen and the status bar say: what is on this laptop only, what was received, and what needs a person."""

from dataclasses import dataclass
from datetime import datetime

from visitapp.actions.disagreements import Decided, decided
from visitapp.actions.session import Desk
from visitapp.actions.stuck import WAITS, Waiting, needs_attention
from visitapp.store.arrivals import Arriving, arriving
from visitapp.store.notices import GoneRow, families_gone, note_seen
from visitapp.store.outbox import outbox_rows, receipts, sync_counts, sync_log
from visitapp.store.reading import Reading
from visitapp.store.rows import OutboxRow, ReceiptRow, SyncCounts, SyncLogRow

SHOWN_DECISIONS = 8


@dataclass(frozen=True)
class SyncOverview:
    """Everything the Sync screen shows but the state of the exchange itself. `arriving` is empty once every family is here."""

    counts: SyncCounts
    waiting: tuple[OutboxRow, ...]
    needs_you: tuple[Waiting, ...]
    received: tuple[ReceiptRow, ...]
    history: tuple[SyncLogRow, ...]
    last_at: datetime | None
    practice: bool
    arriving: tuple[Arriving, ...] = ()
    decided: tuple[Decided, ...] = ()
    gone: tuple[GoneRow, ...] = ()


def sync_overview(desk: Desk, received: int = 50) -> SyncOverview:
    """Gather what the Sync screen shows; the latest `received` receipts."""
    attention, past = needs_attention(desk), decided(desk, many=SHOWN_DECISIONS)
    with desk.record.reading() as r:
        rows = outbox_rows(r)
        counts = sync_counts(r)
        return SyncOverview(
            counts=counts,
            # What comes along with a change that waits for a person goes again with it: it is on this laptop only.
            waiting=tuple(row for row in rows if row.state not in WAITS or row.code == "group"),
            needs_you=attention,
            received=receipts(r, many=received),
            history=sync_log(r),
            last_at=counts.last_sync_at,
            practice=desk.practice,
            arriving=_arriving(r, counts),
            decided=past,
            gone=families_gone(r),
        )


def take_note(desk: Desk, notice: str) -> None:
    """Remember that this person read that a family has gone: it is told once."""
    with desk.record.writing() as w:
        note_seen(w, notice)


def names_held(desk: Desk) -> dict[str, str]:
    """Return the names of the families of the caseload, by id."""
    with desk.record.reading() as r:
        return {row.family: row.name for row in arriving(r) if row.name}


def _arriving(r: Reading, counts: SyncCounts) -> tuple[Arriving, ...]:
    """Families of a first sync, or gained since; one that is merely behind by a change is not told."""
    families = arriving(r) if counts.arriving else ()
    return families if counts.last_sync_at is None or any(family.is_new for family in families) else ()
