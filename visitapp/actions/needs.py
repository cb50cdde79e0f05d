"""What waits for a person: drafts unsigned, notes returned, concerns open, texts to decide about."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from visitapp.actions.disagreements import OVERLAP
from visitapp.actions.session import Desk
from visitapp.domain.ids import FamilyId, VisitId
from visitapp.domain.visits import NoteState
from visitapp.store.overlaps import OverlapRow
from visitapp.store.rows import DraftRow, FamilyRow, OutboxRow, VisitRow

UNSIGNED_AFTER = timedelta(hours=24)
URGENT_FLAGS = frozenset({"concern-3", "risk-now", "disclosure"})


@dataclass(frozen=True)
class Need:
    """Something that waits for this person: a draft unsigned, a note returned, a concern, a conflict."""

    kind: str
    family: FamilyId
    family_name: str
    visit: VisitId | None
    at: datetime | None
    detail: str = ""
    op: str = ""


def needs_of(
    desk: Desk,
    rows: Mapping[str, FamilyRow],
    written: Sequence[DraftRow],
    notes: Sequence[VisitRow],
    conflicts: Sequence[OutboxRow],
    both: Sequence[OverlapRow] = (),
) -> list[Need]:
    """Return what waits for this person, the most urgent first."""
    now = desk.clock.now()

    found: list[Need] = []

    def need(kind: str, family_id: str, visit: str = "", at: datetime | None = None, detail: str = "", op: str = "") -> Need:
        name = rows[family_id].name if family_id in rows else ""
        return Need(kind, FamilyId(family_id), name, VisitId(visit) if visit else None, at, detail, op)

    for d in written:
        kind = "unsigned" if now - d.started_at > UNSIGNED_AFTER else "draft"
        found.append(need(kind, d.family, d.visit, d.started_at, f"left by {d.left_by}" if d.left_by else ""))
    found += [
        need("returned", note.family, note.id, note.signed_at)
        for note in notes
        if note.state == NoteState.RETURNED and note.author == desk.user.user and not note.answered
    ]
    for op in conflicts:
        kind = "conflict" if (op.state, op.act) == ("conflict", "put") else "stuck"
        found.append(need(kind, op.family, detail=op.kind, op=op.op))
    found += [need("overlap", row.family, at=row.at, detail=row.kind, op=f"{OVERLAP}{row.id}") for row in both]
    found += [
        need("concern", row.id, at=row.last_visit_at, detail=", ".join(row.flags))
        for row in rows.values()
        if URGENT_FLAGS.intersection(row.flags)
    ]
    order = {"returned": 0, "concern": 1, "conflict": 2, "stuck": 2, "overlap": 2, "unsigned": 3, "draft": 4}
    return sorted(found, key=lambda item: (order[item.kind], item.at.timestamp() if item.at else 0.0))
