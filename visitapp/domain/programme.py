"""Which contacts are due and when: programme packs in, due list out.

A pack is dated data (`resources/programmes/`): contacts with a window each, or phases with a rhythm of visits, or both.
Windows go by the age from birth, never by the corrected age (practice §3.3, rule 4).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil

from visitapp.domain.ages import (
    Age,
    Band,
    Child,
    Phase,
    add_months,
    age_on,
    age_text,
    band_for,
    corrected_age,
    gestation_on,
    phase,
)
from visitapp.domain.packs import Contact, PhasePlan, Programme, Rhythm
from visitapp.domain.people import FamilyState

__all__ = [
    "Age", "Band", "Child", "Contact", "ContactStanding", "Dose", "DueContact", "Phase", "PhasePlan", "Programme",
    "VisitDone", "add_months", "age_on", "age_text", "band_for", "contact_for_visit", "contact_standings",
    "corrected_age", "doses", "due_contacts", "expected_visits", "gestation_on", "in_force", "phase",
]  # fmt: skip

OVERDUE, DUE, UPCOMING, DONE, MISSED = "overdue", "due", "upcoming", "done", "missed"


@dataclass(frozen=True)
class VisitDone:
    """A completed visit: when, about which children, how, and which contacts it was said to be.

    `contacts` None means that nothing was said: the visit then counts for the contact in whose window it fell, so that
    a mandated review is not lost because a box stayed empty (practice §0.4).
    """

    on: date
    baby_ids: tuple[str, ...] = ()
    mode: str = "home"
    contacts: tuple[str, ...] | None = None


@dataclass(frozen=True)
class DueContact:
    """A contact that is overdue, due or upcoming; overdue from the day after it closes.

    `for_family` marks a visit of the programme's rhythm, which twins share; a review belongs to one child.
    """

    code: str
    title: str
    opens_on: date
    due_on: date
    closes_on: date
    status: str
    statutory: bool
    for_family: bool = False


@dataclass(frozen=True)
class ContactStanding:
    """A contact of a programme and how it stands: done (and when), missed, overdue, due or upcoming."""

    contact: Contact
    opens_on: date
    closes_on: date
    status: str
    done_on: date | None


@dataclass(frozen=True)
class Dose:
    """Visits expected and made in one phase up to a day, and the number that reaches the fidelity goal."""

    phase: Phase
    expected: int
    made: int
    goal_percent: int

    @property
    def target(self) -> int:
        """The visits that reach the goal: the goal's share of the expected number, rounded up (practice §1.2)."""
        return ceil(self.expected * self.goal_percent / 100)


def in_force(programmes: Iterable[Programme], code: str, today: date) -> Programme | None:
    """Return the pack of a programme that was begun last, which may be past its end; None when there is none."""
    begun = sorted((p for p in programmes if p.code == code and p.starts_on <= today), key=lambda p: p.starts_on)
    return begun[-1] if begun else None


def due_contacts(
    programme: Programme,
    child: Child,
    enrolled_on: date | None,
    done: Sequence[VisitDone],
    today: date,
    *,
    state: str = FamilyState.ACTIVE,
) -> tuple[DueContact, ...]:
    """Return what a programme still asks for a child, the soonest due first.

    Nothing at all once the family is not active or the child has died. A contact whose window closed before the family
    was enrolled is not asked for; one that is long past (`listed_until` in the pack) is missed, no longer due.
    """
    if state != FamilyState.ACTIVE or child.died_on is not None:
        return ()
    found = [
        DueContact(
            each.contact.code,
            each.contact.title,
            each.opens_on,
            each.closes_on,
            each.closes_on,
            each.status,
            each.contact.statutory,
        )
        for each in contact_standings(programme, child, enrolled_on, done, today)
        if each.status in (OVERDUE, DUE, UPCOMING)
    ]
    visit = _next_visit(programme, child, enrolled_on, done, today)
    if visit is not None:
        found.append(visit)
    return tuple(sorted(found, key=lambda each: (each.due_on, each.code)))


def contact_standings(
    programme: Programme, child: Child, enrolled_on: date | None, done: Sequence[VisitDone], today: date
) -> tuple[ContactStanding, ...]:
    """Return every contact of a programme that can be dated for this child, and how it stands."""
    counted = [visit for visit in done if visit.mode in programme.counted_modes]
    found = []
    for contact in programme.contacts:
        anchor = _anchor(contact, child)
        if anchor is None:
            continue
        opens, closes = contact.opens.after(anchor), contact.closes.after(anchor)
        last = contact.listed_until.after(anchor)
        if contact.anchor == "expected" and child.born_on is not None:
            last = min(last, child.born_on - timedelta(days=1))
        if enrolled_on is not None and closes < enrolled_on:
            continue
        done_on = min((v.on for v in counted if _is_contact(v, contact.code, opens, last)), default=None)
        found.append(ContactStanding(contact, opens, closes, _status(opens, closes, last, done_on, today), done_on))
    return tuple(found)


def contact_for_visit(programme: Programme, child: Child, on: date) -> Contact | None:
    """Return the contact in whose window a visit on this day falls (for its tag and activity code), or None."""
    for contact in programme.contacts:
        anchor = _anchor(contact, child)
        if anchor is None or (contact.anchor == "expected" and child.born_on is not None and on >= child.born_on):
            continue
        if contact.opens.after(anchor) <= on <= contact.listed_until.after(anchor):
            return contact
    return None


def _anchor(contact: Contact, child: Child) -> date | None:
    return child.born_on if contact.anchor == "birth" else child.due_on


def _is_contact(visit: VisitDone, code: str, opens: date, last: date) -> bool:
    return opens <= visit.on <= last if visit.contacts is None else code in visit.contacts


def _status(opens: date, closes: date, last: date, done_on: date | None, today: date) -> str:
    if done_on is not None:
        return DONE
    if today > last:
        return MISSED
    if today > closes:
        return OVERDUE
    return DUE if today >= opens else UPCOMING


def _next_visit(
    programme: Programme, child: Child, enrolled_on: date | None, done: Sequence[VisitDone], today: date
) -> DueContact | None:
    """Return the next visit of the programme's rhythm, counted from the last one made."""
    plan = programme.plan_of(phase(child, today))
    if plan is None:
        return None
    start = _start_of(plan, child, enrolled_on or today)
    last = max((v.on for v in done if v.mode in programme.counted_modes and v.on <= today), default=None)
    if last is None or (child.born_on is not None and last < child.born_on):
        due_on = max(plan.first.after(start), enrolled_on or start)
        rhythm = plan.rhythms[0]
    else:
        rhythm = _rhythm_after(plan, start, last)
        due_on = rhythm.every.after(last)
    if programme.ends_at is not None and child.born_on is not None and due_on > programme.ends_at.after(child.born_on):
        return None
    opens, closes = due_on - timedelta(days=rhythm.window_days), due_on + timedelta(days=rhythm.window_days)
    status = _status(opens, closes, date.max, None, today)
    return DueContact(f"{programme.code}-visit", rhythm.title, opens, due_on, closes, status, False, for_family=True)


def _start_of(plan: PhasePlan, child: Child, enrolled_on: date) -> date:
    """Return the day from which a phase's offsets count: enrolment in pregnancy, else birth."""
    return enrolled_on if plan.phase is Phase.PREGNANCY or child.born_on is None else child.born_on


def _rhythm_after(plan: PhasePlan, start: date, last: date) -> Rhythm:
    """Return the rhythm that sets the visit after one made on a day; a visit made a few days early still counts."""
    for rhythm, slots in _stretches(plan, start):
        if slots and last < slots[-1] - timedelta(days=rhythm.window_days):
            return rhythm
    return plan.rhythms[-1]


def _stretches(plan: PhasePlan, start: date) -> Iterator[tuple[Rhythm, list[date]]]:
    """Yield each rhythm of a phase with its planned days; one without an end runs for two years."""
    at = plan.first.after(start)
    fresh = True
    for rhythm in plan.rhythms:
        until = rhythm.until.after(start) if rhythm.until else None
        slots: list[date] = []
        begin = at
        step = 0 if fresh else 1
        limit = rhythm.times if rhythm.times is not None else 60
        while len(slots) < limit:
            day = rhythm.every.after(begin, step)
            if until is not None and day > until:
                break
            slots.append(day)
            step += 1
        if slots:
            at, fresh = slots[-1], False
        if until is not None:
            at = until
        yield rhythm, slots


def expected_visits(programme: Programme, child: Child, enrolled_on: date, until: date) -> Mapping[Phase, int]:
    """Return how many visits each phase asks for from enrolment up to and including a day (practice §1.2).

    In pregnancy they end with the birth, before it with the expected day. For w = 40 - weeks at enrolment + 1 this is
    min(4, w) + floor(max(0, w - 4) / 2) by the pack of the Family Nurse Partnership.
    """
    found: dict[Phase, int] = {}
    for plan in programme.phases:
        if plan.phase is Phase.PREGNANCY:
            end = child.born_on - timedelta(days=1) if child.born_on else child.due_on
            if end is None or enrolled_on > end:
                continue
        elif child.born_on is None:
            continue
        else:
            end = until
        start = _start_of(plan, child, enrolled_on)
        days = [day for _, slots in _stretches(plan, start) for day in slots]
        found[plan.phase] = sum(enrolled_on <= day <= min(end, until) for day in days)
    return found


def doses(programme: Programme, child: Child, enrolled_on: date, done: Sequence[VisitDone], today: date) -> tuple[Dose, ...]:
    """Return visits made against visits expected, phase by phase, up to today."""
    expected = expected_visits(programme, child, enrolled_on, today)
    made: dict[Phase, int] = {}
    for visit in done:
        if visit.mode in programme.counted_modes and enrolled_on <= visit.on <= today:
            of = phase(child, visit.on)
            made[of] = made.get(of, 0) + 1
    return tuple(
        Dose(plan.phase, expected[plan.phase], made.get(plan.phase, 0), plan.goal_percent)
        for plan in programme.phases
        if plan.phase in expected
    )
