"""What a supervisor sees of her team: each nurse's caseload in figures with the families behind them, and how sync stands."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from visitapp.actions.caseload import CaseloadRow, Urgency, caseload, unseen_twice
from visitapp.actions.disagreements import note_decision
from visitapp.actions.needs import UNSIGNED_AFTER, URGENT_FLAGS
from visitapp.actions.session import Desk
from visitapp.domain.ids import FamilyId, RecordId
from visitapp.domain.people import FamilyState
from visitapp.domain.review import UserRole
from visitapp.store.directory import colleagues
from visitapp.store.people import families
from visitapp.store.plan import next_visits
from visitapp.store.rows import BegunRow, FamilyRow
from visitapp.store.team import HandedRow, HealthRow, handed_on, sync_health
from visitapp.store.visits import begun, visits

STALE_AFTER = timedelta(days=2)


class Figure(StrEnum):
    """What is counted for each nurse; each leads to the families behind it."""

    FAMILIES = "families"
    OVERDUE = "overdue"
    DUE = "due"
    NOT_SEEN = "not_seen"
    UNSIGNED = "unsigned"
    CONCERN = "concern"


class Risk(StrEnum):
    """How much a nurse's sync is a reason to ring her."""

    NONE = "none"
    LATE = "late"
    HIGH = "high"


@dataclass(frozen=True)
class Behind:
    """One family behind a figure."""

    family: FamilyId
    name: str
    since: datetime | None = None


@dataclass(frozen=True)
class SyncHealth:
    """How a nurse's sync stands: when the service last heard from her (None: never), what was unsent then, her visits today."""

    last_sync_at: datetime | None
    unsent: int
    visits_today: int
    risk: Risk


@dataclass(frozen=True)
class NurseLine:
    """One nurse of the team."""

    user: str
    name: str
    figures: Mapping[Figure, tuple[Behind, ...]]
    sync: SyncHealth


@dataclass(frozen=True)
class TeamView:
    """Everything the Team screen shows; the nurses whose sync is the greatest risk first."""

    nurses: tuple[NurseLine, ...]
    handed: tuple[HandedRow, ...]


def team_view(desk: Desk) -> TeamView:
    """Gather what a supervisor should know of her team. Raises NotAllowed."""
    desk.must_be(UserRole.SUPERVISOR)
    today = desk.clock.today()
    rows = {row.family: row for row in caseload(desk)}
    with desk.record.reading() as r:
        held = families(r)
        known = {row.user: row.name for row in colleagues(r) if row.role == UserRole.NURSE}
        told = {row.user: row for row in sync_health(r)}
        planned = {item.family for item in next_visits(r, today.isoformat(), (today + timedelta(days=1)).isoformat())}
        open_marks = begun(r)
        unseen = {row.id for row in held if row.state == FamilyState.ACTIVE and unseen_twice(visits(r, row.id))}
        given = handed_on(r)
    names = known | {row.nurse: row.nurse_name for row in held if row.nurse and row.nurse not in known}
    lines = [
        _line(desk, user, name, [row for row in held if row.nurse == user], rows, unseen, open_marks, told.get(user), planned)
        for user, name in names.items()
    ]
    return TeamView(tuple(sorted(lines, key=_most_at_risk_first)), given)


def _most_at_risk_first(line: NurseLine) -> tuple[int, float, str]:
    at = line.sync.last_sync_at
    order = {Risk.HIGH: 0, Risk.LATE: 1, Risk.NONE: 2}[line.sync.risk]
    return order, at.timestamp() if at else 0.0, line.name.casefold()


def _line(
    desk: Desk,
    user: str,
    name: str,
    held: list[FamilyRow],
    rows: Mapping[FamilyId, CaseloadRow],
    unseen: set[str],
    marks: Iterable[BegunRow],
    told: HealthRow | None,
    planned: set[str],
) -> NurseLine:
    active = [row for row in held if row.state == FamilyState.ACTIVE]
    now = desk.clock.now()
    late = [mark for mark in marks if mark.author == user and now - mark.started_at > UNSIGNED_AFTER]
    urgency = {row.id: due.urgency for row in active if (due := rows[FamilyId(row.id)].next_due)}
    figures = {
        Figure.FAMILIES: _behind(active),
        Figure.OVERDUE: _behind(row for row in active if urgency.get(row.id) is Urgency.OVERDUE),
        Figure.DUE: _behind(row for row in active if urgency.get(row.id) is Urgency.DUE),
        Figure.NOT_SEEN: _behind(row for row in active if row.id in unseen),
        Figure.UNSIGNED: tuple(Behind(FamilyId(mark.family), mark.family_name, mark.started_at) for mark in late),
        Figure.CONCERN: _behind(row for row in active if URGENT_FLAGS.intersection(row.flags)),
    }
    return NurseLine(user, name, figures, _sync(told, sum(row.id in planned for row in active), now))


def _behind(rows: Iterable[FamilyRow]) -> tuple[Behind, ...]:
    return tuple(Behind(FamilyId(row.id), row.name) for row in rows)


def _sync(told: HealthRow | None, today: int, now: datetime) -> SyncHealth:
    last, unsent = (told.last_sync_at, told.unsent) if told else (None, 0)
    return SyncHealth(last, unsent, today, risk_of(last, unsent, today, now))


def risk_of(last: datetime | None, unsent: int, visits_today: int, now: datetime) -> Risk:
    """Judge how much somebody's sync is a reason to ring her.

    High: not heard of for two days, and at work today or with work on her laptop only. Late: not heard of for two days, or a change
    did not land. Nothing is said of somebody who never synced and has nothing planned: she has no laptop yet.
    """
    silent = last is None or now - last > STALE_AFTER
    if silent and (unsent or visits_today):
        return Risk.HIGH
    return Risk.LATE if unsent or (silent and last is not None) else Risk.NONE


def deal_with(desk: Desk, handed: str) -> RecordId:
    """Note that a text handed to this supervisor has been dealt with; it stays in the history. Raises NotAllowed."""
    desk.must_be(UserRole.SUPERVISOR)
    with desk.record.writing() as w:
        one = next((row for row in handed_on(w) if row.id == handed), None)
        field = {"path": "", "label": "", "chosen": "seen", "theirs": one.text if one else ""}
        told = {
            "record": handed, "kind": one.kind if one else "", "family": one.family if one else "", "about": "", "chosen": "seen",
            "fields": [field], "why": "handed_on", "theirs_by_name": one.sender_name if one else "",
        }  # fmt: skip
        return note_decision(desk, w, desk.drafts_scope, told)
