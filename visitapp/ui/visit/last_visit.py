"""What the last visit left to talk about: its first words, the plan, what was agreed; no Qt."""

from collections.abc import Sequence
from dataclasses import dataclass

from visitapp.actions.caseload import FamilyView, family_view
from visitapp.actions.session import Desk
from visitapp.actions.visits import DraftView
from visitapp.domain.clock import LONDON, spoken_date
from visitapp.domain.visits import NoteState
from visitapp.store.rows import PlanRow
from visitapp.vault.problems import LeaseOver


@dataclass(frozen=True)
class LastVisit:
    """The right-hand panel."""

    when: str
    summary: str
    goals: tuple[str, ...]
    agreed: tuple[str, ...]
    other: tuple[str, ...]
    alerts: tuple[str, ...]

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to go on from."""
        return not (self.when or self.goals or self.agreed or self.other)


NOTHING = LastVisit("", "", (), (), (), ())


def last_visit_of(desk: Desk, draft: DraftView) -> LastVisit:
    """What to go on from in a visit; nothing while the caseload is closed because the laptop was too long without its service."""
    try:
        return last_visit(family_view(desk, draft.family), draft.visit)
    except LeaseOver:
        return NOTHING


def last_visit(family: FamilyView, writing: str) -> LastVisit:
    """What to go on from; `writing` is the visit being written now. Only what is still open is shown."""
    earlier = [row for row in family.visits if row.id != writing and row.state != NoteState.IN_ERROR]
    latest = max(earlier, key=lambda row: row.started_at, default=None)
    waiting = [item for item in family.plan if item.done_on is None and item.kind != "next_visit"]
    tasks = [item for item in waiting if item.kind != "goal"]
    return LastVisit(
        when=spoken_date(latest.started_at.astimezone(LONDON).date()) if latest else "",
        summary=(latest.summary or "") if latest else "",
        goals=tuple(item.text for item in waiting if item.kind == "goal"),
        agreed=_lines([item for item in tasks if item.agreed]),
        other=_lines([item for item in tasks if not item.agreed]),
        alerts=tuple(alert.text for alert in family.row.alerts if not alert.restricted),
    )


def _lines(items: Sequence[PlanRow]) -> tuple[str, ...]:
    return tuple(
        " · ".join(part for part in (item.text, item.who, spoken_date(item.due_on) if item.due_on else "") if part)
        for item in items
    )
