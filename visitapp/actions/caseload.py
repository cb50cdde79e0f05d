"""What a nurse or supervisor sees first: today, the caseload, one family, and finding anything by name or word."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import IntEnum

from visitapp.actions.disagreements import Decided, decided_row
from visitapp.actions.extracts import FamilyExtracts, family_extracts
from visitapp.actions.glass import Access, restricted_access
from visitapp.actions.needs import Need, needs_of
from visitapp.actions.people import family_scope, people, person_of
from visitapp.actions.session import Desk
from visitapp.domain.bodies import Body
from visitapp.domain.clock import LONDON
from visitapp.domain.ids import FamilyId, VisitId
from visitapp.domain.people import FamilyState, Person, Role
from visitapp.domain.problems import NoSuchFamily
from visitapp.domain.programme import DueContact, VisitDone, age_text, due_contacts, in_force, phase
from visitapp.domain.review import UserRole
from visitapp.domain.visits import NoteState, Outcome
from visitapp.store.deciding import decisions
from visitapp.store.notices import CoverRow, covers
from visitapp.store.outbox import NEEDS_A_PERSON, outbox_rows, sync_counts
from visitapp.store.overlaps import OverlapRow, overlaps
from visitapp.store.people import families, family
from visitapp.store.plan import measurements, next_visits, plan_items
from visitapp.store.reading import Reading
from visitapp.store.reviews import queue
from visitapp.store.rows import (
    AlertRow,
    BegunRow,
    DraftRow,
    FamilyRow,
    MeasurementRow,
    OutboxRow,
    PlanRow,
    SyncCounts,
    VisitRow,
)
from visitapp.store.search import find_families, search_notes
from visitapp.store.visits import begun, draft_body, drafts, visits, visits_between


class Urgency(IntEnum):
    """How soon something needs its person; the lower, the sooner."""

    OVERDUE = 0
    DUE = 1
    UPCOMING = 2


@dataclass(frozen=True)
class Due:
    """One contact that a family is due, by whichever programme asks for it."""

    family: FamilyId
    family_name: str
    person_name: str
    contact: DueContact

    @property
    def urgency(self) -> Urgency:
        """How soon it is due."""
        return {"overdue": Urgency.OVERDUE, "due": Urgency.DUE}.get(self.contact.status, Urgency.UPCOMING)


@dataclass(frozen=True)
class BabyLine:
    """A baby in a list: name, both ages in words, twin colour."""

    name: str
    age: str
    colour: str
    unborn: bool


@dataclass(frozen=True)
class CaseloadRow:
    """One family of the caseload, as the table and the Today screen show it."""

    family: FamilyId
    name: str
    state: FamilyState
    mother: str
    babies: tuple[BabyLine, ...]
    phase: str
    town: str
    nurse_name: str
    last_visit_at: datetime | None
    last_awake_at: datetime | None
    next_due: Due | None
    next_visit_on: date | None
    flags: tuple[str, ...]
    alerts: tuple[AlertRow, ...]
    drafts: int
    unsent: int
    sync: str


@dataclass(frozen=True)
class PlannedVisit:
    """A next visit that was agreed."""

    family: FamilyId
    family_name: str
    babies: str
    on: date
    at: str
    address: str
    alerts: tuple[AlertRow, ...]
    draft: VisitId | None = None
    nurse_name: str = ""


@dataclass(frozen=True)
class TodayView:
    """Everything the Today screen shows."""

    day: date
    person_name: str
    role: UserRole
    planned: tuple[PlannedVisit, ...]
    due: tuple[Due, ...]
    needs: tuple[Need, ...]
    week: tuple[PlannedVisit, ...]
    counts: SyncCounts
    reviews_waiting: int
    pack_warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class FamilyView:
    """Everything the Family screen shows."""

    row: CaseloadRow
    body: Body
    people: tuple[Person, ...]
    ages: Mapping[str, str]
    due: tuple[Due, ...]
    visits: tuple[VisitRow, ...]
    drafts: tuple[DraftRow, ...]
    begun_elsewhere: tuple[BegunRow, ...]
    plan: tuple[PlanRow, ...]
    measurements: tuple[MeasurementRow, ...]
    unseen_twice: bool
    extracts: FamilyExtracts = FamilyExtracts()
    cover: CoverRow | None = None
    decided: tuple[Decided, ...] = ()
    stuck: tuple[OutboxRow, ...] = ()
    overlaps: tuple[OverlapRow, ...] = ()
    restricted: Access = Access(by_work=True)


@dataclass(frozen=True)
class Found:
    """One thing found by the search palette: a family by name, or a note by a word in it."""

    kind: str
    family: FamilyId
    family_name: str
    visit: VisitId | None
    text: str
    at: datetime | None


def caseload(desk: Desk) -> tuple[CaseloadRow, ...]:
    """Return every family this person holds, in the order of their names."""
    desk.must_read()
    today = desk.clock.today()
    with desk.record.reading() as r:
        rows = families(r)
        done = _done_by_family(_all_visits(r))
    return tuple(_caseload_row(desk, row, done.get(row.id, ()), today) for row in rows)


def _all_visits(r: Reading) -> tuple[VisitRow, ...]:
    return visits_between(r, 0, 1 << 52, 1_000_000)


def _open_drafts(r: Reading) -> tuple[DraftRow, ...]:
    """Return the drafts that have not been set aside."""
    told = ((draft, draft_body(r, draft.visit) or {}) for draft in drafts(r))
    return tuple(replace(draft, left_by=str(b.get("left_by_name") or "")) for draft, b in told if not b.get("discarded_at"))


def today_view(desk: Desk) -> TodayView:
    """Gather what this person should look at today."""
    desk.must_read()
    today = desk.clock.today()
    with desk.record.reading() as r:
        rows = families(r)
        notes = _all_visits(r)
        plans = next_visits(r, today.isoformat(), (today + timedelta(days=8)).isoformat())
        written = _open_drafts(r)
        waiting = queue(r) if desk.user.role is UserRole.SUPERVISOR else ()
        conflicts = tuple(op for op in outbox_rows(r) if op.state in NEEDS_A_PERSON and op.code != "group")
        counts = sync_counts(r)
        both = overlaps(r) if desk.user.role is UserRole.NURSE else ()
    done = _done_by_family(notes)
    by_id = {row.id: row for row in rows}
    upcoming = _planned(by_id, plans, written, today)
    due = sorted(
        (due for row in rows for due in _dues(desk, row, done.get(row.id, ()), today)),
        key=lambda due: (due.urgency, due.contact.due_on, due.family_name),
    )
    return TodayView(
        day=today,
        person_name=desk.user.name,
        role=desk.user.role,
        planned=tuple(visit for visit in upcoming if visit.on == today),
        due=tuple(item for item in due if item.urgency is not Urgency.UPCOMING),
        needs=tuple(needs_of(desk, by_id, written, notes, conflicts, both)),
        week=tuple(visit for visit in upcoming if today < visit.on <= today + timedelta(days=7)),
        counts=counts,
        reviews_waiting=len(waiting),
        pack_warnings=(*(p.warning for p in desk.programmes if p.is_past_its_end(today)), *_refused_forms(desk)),
    )


def _refused_forms(desk: Desk) -> list[str]:
    why = "came and cannot be used; Settings, Questionnaires says why."
    return [f"“{name}” {why}" for name in desk.library.refused]


def family_view(desk: Desk, family_id: FamilyId) -> FamilyView:
    """Gather what the Family screen shows. Raises NoSuchFamily."""
    desk.must_read()
    today = desk.clock.today()
    with desk.record.reading() as r:
        row = family(r, family_id)
        body = r.body(family_scope(family_id), family_id)
        if row is None or body is None:
            raise NoSuchFamily
        members = people(r, family_id)
        notes = visits(r, family_id)
        written = tuple(draft for draft in _open_drafts(r) if draft.family == family_id)
        elsewhere = tuple(mark for mark in begun(r, family_id) if mark.author != desk.user.user)
        plan = plan_items(r, family_id)
        measured = tuple(row for person in members for row in measurements(r, person.id))
        told = family_extracts(desk, r, notes)
        cover = next((each for each in covers(r, desk.clock.now()) if each.family == family_id), None)
        past = tuple(decided_row(r, step) for step in decisions(r, family_id))
        both = overlaps(r, family_id)
        restricted = restricted_access(r, family_id, desk.clock.now())
        stuck = tuple(op for op in outbox_rows(r, family_id) if op.state in NEEDS_A_PERSON and op.code != "group")
    done = _done(notes)
    return FamilyView(
        row=_caseload_row(desk, row, done, today),
        body=body,
        people=members,
        ages={person.id: age_text(person, today, state=row.state) for person in members if person.is_child},
        due=tuple(sorted(_dues(desk, row, done, today), key=lambda due: (due.urgency, due.contact.due_on))),
        visits=notes,
        drafts=written,
        begun_elsewhere=elsewhere,
        plan=plan,
        measurements=measured,
        unseen_twice=unseen_twice(notes),
        extracts=told,
        cover=cover,
        decided=past,
        stuck=stuck,
        overlaps=both,
        restricted=restricted,
    )


def find(desk: Desk, text: str, limit: int = 30) -> tuple[Found, ...]:
    """Find families by any part of a name and notes by word; accents do not matter."""
    desk.must_read()
    if not text.strip():
        return ()
    with desk.record.reading() as r:
        by_name = find_families(r, text, limit)
        notes = search_notes(r, text, many=limit)
    found = [Found("family", FamilyId(hit.id), hit.name, None, ", ".join(hit.people), None) for hit in by_name]
    found += [
        Found("note", FamilyId(hit.family), hit.family_name, VisitId(hit.visit) if hit.visit else None, hit.excerpt, hit.at)
        for hit in notes
    ]
    return tuple(found[:limit])


def _caseload_row(desk: Desk, row: FamilyRow, done: Sequence[VisitDone], today: date) -> CaseloadRow:
    dues = sorted(_dues(desk, row, done, today), key=lambda due: (due.urgency, due.contact.due_on))
    members = [person_of(person) for person in row.people]
    children = [person for person in members if person.is_child]
    mother = next((p for p in members if p.role is Role.MOTHER), None)
    return CaseloadRow(
        family=FamilyId(row.id),
        name=row.name,
        state=FamilyState(row.state),
        mother=mother.full_name if mother else "",
        babies=tuple(
            BabyLine(p.short_name, age_text(p, today, state=row.state), p.colour, p.role is Role.UNBORN) for p in children
        ),
        phase=phase(children[0], today) if children and row.state == FamilyState.ACTIVE else "",
        town=row.town,
        nurse_name=row.nurse_name,
        last_visit_at=row.last_visit_at,
        last_awake_at=row.last_awake_at,
        next_due=dues[0] if dues else None,
        next_visit_on=row.next_visit_on,
        flags=row.flags,
        alerts=row.alerts,
        drafts=row.drafts,
        unsent=row.unsent,
        sync=row.sync,
    )


def _dues(desk: Desk, row: FamilyRow, done: Sequence[VisitDone], today: date) -> list[Due]:
    """Return what a family is due by its programmes; nothing at all once it is not active (practice §2)."""
    if row.state != FamilyState.ACTIVE:
        return []
    found: list[Due] = []
    shared: set[str] = set()
    for code in row.programmes:
        programme = in_force(desk.programmes, code, today)
        for person in map(person_of, row.people) if programme else ():
            if not person.is_child or person.died_on is not None:
                continue
            mine = [visit for visit in done if not visit.baby_ids or person.id in visit.baby_ids]
            for contact in due_contacts(programme, person, row.enrolled_on, mine, today) if programme else ():
                # A visit of the programme's rhythm is for the family: twins share it. A review belongs to one child.
                if contact.for_family and contact.code in shared:
                    continue
                shared |= {contact.code} if contact.for_family else set()
                name = "" if contact.for_family else person.short_name
                found.append(Due(FamilyId(row.id), row.name, name, contact))
    return found


def _done_by_family(rows: Iterable[VisitRow]) -> dict[str, list[VisitDone]]:
    found: dict[str, list[VisitDone]] = {}
    for row in rows:
        found.setdefault(row.family, []).extend(_done([row]))
    return found


def _done(rows: Iterable[VisitRow]) -> list[VisitDone]:
    return [
        VisitDone(row.started_at.astimezone(LONDON).date(), tuple(row.baby_ids), row.mode)
        for row in rows
        if row.outcome == Outcome.COMPLETED and row.state != NoteState.IN_ERROR
    ]


def _planned(
    rows: Mapping[str, FamilyRow], items: Iterable[PlanRow], written: Sequence[DraftRow], today: date
) -> list[PlannedVisit]:
    open_drafts = {draft.family: draft for draft in written}
    found = []
    for item in items:
        row = rows.get(item.family)
        if row is None or row.state != FamilyState.ACTIVE or item.due_on is None or item.due_on < today:
            continue
        draft = open_drafts.get(row.id) if item.due_on == today else None
        found.append(
            PlannedVisit(
                family=FamilyId(row.id),
                family_name=row.name,
                babies=", ".join(p.short_name for p in map(person_of, row.people) if p.is_child),
                on=item.due_on,
                at=item.at[:5],
                address=", ".join(part for part in (row.line, row.town) if part),
                alerts=row.alerts,
                draft=VisitId(draft.visit) if draft else None,
                nurse_name=row.nurse_name,
            )
        )
    return sorted(found, key=lambda visit: (visit.on, visit.at, visit.family_name))


def unseen_twice(notes: Sequence[VisitRow]) -> bool:
    """Tell whether the two latest visits both ended without the baby seen awake (practice §3.5)."""
    kept = [note for note in notes if note.state != NoteState.IN_ERROR and note.babies_seen][:2]
    return len(kept) == 2 and all(note.babies_seen != "awake" for note in kept)
