"""Fills a record with an invented caseload: families, people, months of signed visits, plans, measurements."""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from visitapp.actions.people import family_scope, restricted_scope
from visitapp.actions.session import Desk
from visitapp.domain.bodies import Body, dump, sha256
from visitapp.domain.clock import LONDON, iso
from visitapp.domain.people import TWIN_COLOURS, Person, Role, person_from_body
from visitapp.domain.programme import age_text, band_for, phase
from visitapp.domain.visits import QUESTIONNAIRES, Subject, first_answer, sealed
from visitapp.rehearsal.notes import Told, Writer, measured
from visitapp.rehearsal.people import FAMILIES, InventedBaby, InventedFamily, more_families

Put = Callable[[str, str, str, Body, str], None]
"""Where an invented record goes: scope, kind, id, body, and the group (one user's action) it belongs to."""

SIZES = {"small": (5, 3, 4), "real": (34, 3, 25), "large": (34, 8, 25)}
"""Size: visits a family of the first nurse, nurses, families of each further nurse."""

HISTORY = timedelta(days=548)
HOURS = ("09:30", "11:00", "13:30", "15:00")


@dataclass(frozen=True)
class Size:
    """How much is invented."""

    visits_each: int
    nurses: int
    families_each: int


def size_named(name: str) -> Size:
    """Return the size called small, real (750 notes) or large (6,000 notes); raises KeyError."""
    return Size(*SIZES[name])


def families_of(nurse: int, size: Size) -> Sequence[InventedFamily]:
    """Return the families of one of the invented nurses; the first one has the twenty-five written by hand."""
    return FAMILIES if nurse == 0 else more_families(nurse, size.families_each)


class Inventor:
    """Invents the records of one nurse's caseload, the same for the same seed and day."""

    def __init__(self, desk: Desk, put: Put, *, seed: int = 7) -> None:
        self._desk = desk
        self._put = put
        self._rng = random.Random(seed)
        self._writer = Writer(desk, self._rng)
        self._today = desk.clock.today()

    def family(self, told: InventedFamily, visits: int, slot: int = 0) -> str:
        """Invent one family with its history; returns its id. `slot` counts the nurse's next visits, four a day."""
        family = self._desk.ids()
        group = self._desk.ids()
        enrolled = self._today - self._span(told)
        body: Body = {
            "id": family, "name": told.name, "address": {"line": told.street, "town": "Port Larkin", "postcode": "ZZ99 3VZ"},
            "phone": self._phone(), "state": told.state, "enrolled_on": enrolled.isoformat(),
            "programmes": ["fnp", "hcp-england"], "gp": told.gp, "languages": [told.language],
            "nurse": self._desk.user.user, "nurse_name": self._desk.user.name, "note": told.note, "invented": True,
        }  # fmt: skip
        if told.state != "active":
            body["state_on"] = (self._today - timedelta(days=20)).isoformat()
        if told.safe_contact:
            body["safe_contact"] = told.safe_contact
        if told.interpreter:
            body["interpreter"] = {"needed": True, "language": told.language}
        if told.alert[0]:
            code, words, risk = told.alert
            review = (self._today + timedelta(days=30)).isoformat()
            body["alerts"] = [{"code": code, "text": words, "risk": risk, "source": "Safeguarding lead", "review_on": review}]
        self._put(family_scope(family), "family", family, body, group)
        people = [person_from_body(person) for person in self._people(told, family, group)]
        self._visits(told, family, people, visits)
        if told.state == "active":
            self._next_visit(family, slot)
        return family

    def _span(self, told: InventedFamily) -> timedelta:
        oldest = max(baby.age_days for baby in told.babies)
        return min(HISTORY, timedelta(days=max(oldest, 0) + 150)) if oldest >= 0 else timedelta(days=60)

    def _phone(self) -> str:
        return f"07700 900{self._rng.randrange(1000):03d}"

    def _nhs_number(self) -> str:
        while True:
            digits = f"999{self._rng.randrange(1_000_000):06d}"
            check = 11 - sum(int(d) * w for d, w in zip(digits, range(10, 1, -1), strict=True)) % 11
            if check != 10:
                return digits + str(check % 11)

    def _people(self, told: InventedFamily, family: str, group: str) -> Iterator[Body]:
        given, _, surname = told.mother.rpartition(" ")
        born = self._today - timedelta(days=told.mother_age * 365 + self._rng.randrange(300))
        yield self._person(
            family, group, 0, Role.MOTHER, given or surname, surname if given else "", born_on=born.isoformat(),
            nhs_number=self._nhs_number(), pronouns=told.pronouns, language=told.language, parental_responsibility=True,
            phone=self._phone(),
        )
        if told.partner:
            given, _, surname = told.partner.rpartition(" ")
            yield self._person(
                family, group, 1, Role(told.partner_role), given or surname, surname if given else "",
                parental_responsibility=told.partner_role == "father", lives_here=told.partner_here,
            )
        for number, baby in enumerate(told.babies):
            yield self._baby(told, family, group, number, baby)

    def _baby(self, told: InventedFamily, family: str, group: str, number: int, baby: InventedBaby) -> Body:
        surname = told.name if baby.given else ""
        more: dict[str, Any] = {"sex": baby.sex} if baby.age_days >= 0 else {}
        if len(told.babies) > 1:
            more["colour"] = TWIN_COLOURS[number]
        if baby.age_days < 0:
            due = self._today + timedelta(days=-baby.age_days)
            return self._person(family, group, 2 + number, Role.UNBORN, "", "", due_on=due.isoformat(), **more)
        born = self._today - timedelta(days=baby.age_days)
        more["due_on"] = (born + timedelta(days=(40 - baby.weeks) * 7)).isoformat()
        if told.state == "baby_died":
            more["died_on"] = (self._today - timedelta(days=20)).isoformat()
        return self._person(
            family, group, 2 + number, Role.BABY, baby.given, surname, born_on=born.isoformat(),
            gestation_days=baby.weeks * 7 + self._rng.randrange(7), nhs_number=self._nhs_number(), **more,
        )

    def _person(self, family: str, group: str, order: int, role: Role, given: str, surname: str, **more: Any) -> Body:
        id_ = self._desk.ids()
        body: Body = {
            "id": id_, "family": family, "role": role.value, "given_name": given, "family_name": surname, "order": order,
            **more,
        }  # fmt: skip
        self._put(family_scope(family), "person", id_, body, group)
        return body

    def _visits(self, told: InventedFamily, family: str, people: Sequence[Person], count: int) -> None:
        mother = people[0]
        children = [person for person in people if person.is_child]
        last_gap = 25 if told.state != "active" else self._rng.choice((3, 6, 8, 12, 20, 33))
        span = self._span(told).days - last_gap
        wanted = max(1, min(count, span // 6))
        for number in range(wanted):
            ago = last_gap + round(span * (wanted - 1 - number) / max(1, wanted))
            day = self._today - timedelta(days=ago)
            day -= timedelta(days=max(0, day.weekday() - 4))
            baby = children[number % len(children)]
            if told.state == "baby_died" and baby.died_on and day >= baby.died_on:
                continue
            self._visit(family, mother, baby, day, no_access=self._rng.random() < 0.06)

    def _next_visit(self, family: str, slot: int) -> None:
        days, hour = slot // len(HOURS), HOURS[slot % len(HOURS)]
        body: Body = {
            "text": "Next visit", "kind": "next_visit", "due_on": (self._today + timedelta(days=days)).isoformat(),
            "at": hour, "agreed": True,
        }  # fmt: skip
        id_ = self._desk.ids()
        self._put(family_scope(family), "plan_item", id_, body, id_)

    def _visit(self, family: str, mother: Person, baby: Person, day: date, *, no_access: bool) -> None:
        start = datetime.combine(day, time(self._rng.choice((9, 10, 11, 13, 14, 15)), self._rng.choice((0, 15, 30))), LONDON)
        minutes = self._rng.choice((45, 60, 60, 75))
        end = start + timedelta(minutes=minutes)
        then = _as_of(baby, day)
        band = band_for(then, day)
        clock = f"{start:%H:%M:%S}", f"{end:%H:%M:%S}"
        told = (
            self._writer.no_access(clock[0])
            if no_access
            else self._writer.visit(mother, then, band, minutes, *clock)
        )
        group = visit = self._desk.ids()
        parts = [self._part(family, visit, sheet, group, then, day) for sheet in told]
        self._sign(family, visit, then, start, end, told, [part for part in parts if part], no_access=no_access)

    def _part(self, family: str, visit: str, told: Told, group: str, baby: Person, day: date) -> tuple[str, Body] | None:
        answers = told.answers
        if told.name == "baby-health":
            weight = _typical_weight(baby, day, self._rng)
            answers = list(measured(answers, weight))
            self._measure(family, visit, baby, weight, day, group)
        questionnaire = self._desk.questionnaire(QUESTIONNAIRES + told.name)
        about = told.person
        subject = Subject("person", about.id, about.role.value) if about else Subject("family", family)
        body: Body = {
            "visit": visit, "section": told.section, "questionnaire": questionnaire.canonical,
            "title": questionnaire.title, "subject": subject.body(),
            "caregiver": told.caregiver.id if told.caregiver else "", "restricted": False, "answers": answers,
        }  # fmt: skip
        id_ = self._desk.ids()
        scope = restricted_scope(family) if body["restricted"] else family_scope(family)
        self._put(scope, "part", id_, body, group)
        return id_, body

    def _measure(self, family: str, visit: str, baby: Person, weight: int, day: date, group: str) -> None:
        body: Body = {
            "person": baby.id, "visit": visit, "code": "weight", "value": weight, "unit": "g", "taken_on": day.isoformat(),
        }  # fmt: skip
        self._put(family_scope(family), "measurement", self._desk.ids(), body, group)

    def _sign(
        self, family: str, visit: str, baby: Person, start: datetime, end: datetime, told: Sequence[Told],
        parts: Sequence[tuple[str, Body]], *, no_access: bool,
    ) -> None:  # fmt: skip
        user = self._desk.user
        story = next((str(first_answer(t.answers, "story", "")) for t in told if t.section == "narrative"), "")
        seen = next((str(first_answer(t.answers, "baby-seen", "")) for t in told if t.section == "arrival"), "")
        body: Body = {
            "visit": visit, "family": family, "version": 1, "author": user.user, "author_name": user.name,
            "author_role": user.job_title, "device": self._desk.device, "started_at": iso(start), "ended_at": iso(end),
            "signed_at": iso(end + timedelta(hours=2)), "outcome": "no-access" if no_access else "completed", "mode": "home",
            "late": False, "baby_ids": [baby.id], "babies_seen": "not-seen" if no_access else seen,
            "present": [] if no_access else ["mother"], "phase": phase(baby, start.date()),
            "ages": {baby.id: age_text(baby, start.date())},
            "summary": story if len(story) <= 160 else story[:159].rsplit(" ", 1)[0] + "…",
            "flags": ["no-access"] if no_access else [], "invented": True,
            "parts": [
                {
                    "id": id_, "section": part["section"], "subject": part["subject"], "sha256": sha256(dump(part)),
                    "restricted": part["restricted"], "title": part["title"],
                }
                for id_, part in parts
            ],
        }  # fmt: skip
        self._put(family_scope(family), "visit", visit, sealed(body, self._desk.sign), visit)


def _as_of(baby: Person, day: date) -> Person:
    """Return the child as known on an earlier day: unborn before birth."""
    if baby.born_on and day < baby.born_on:
        return replace(baby, role=Role.UNBORN, born_on=None, due_on=baby.due_on or baby.born_on)
    return baby


def _typical_weight(baby: Person, day: date, rng: random.Random) -> int:
    """Return an invented weight in grams, rising with age; no reference curve."""
    weeks = max(0, (day - baby.born_on).days // 7) if baby.born_on else 0
    return 3300 + min(weeks, 26) * 165 + max(0, weeks - 26) * 55 + rng.randrange(-150, 150)
