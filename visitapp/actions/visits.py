"""Writing a visit: begun, saved at every pause, moved to the right family, discarded and brought back."""

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from visitapp.actions.people import family_scope, people
from visitapp.actions.session import Desk
from visitapp.domain.bodies import Body, changed
from visitapp.domain.clock import iso, moment
from visitapp.domain.ids import FamilyId, PersonId, VisitId
from visitapp.domain.people import FamilyState, Person, Role
from visitapp.domain.problems import BabyNotInFamily, NoSuchFamily, NoSuchVisit
from visitapp.domain.programme import band_for
from visitapp.domain.review import UserRole
from visitapp.domain.visits import (
    EXTENSIONS,
    QUESTIONNAIRES,
    SECTIONS,
    SHORT_SECTIONS,
    Outcome,
    Sheet,
    Subject,
    first_answer,
    questionnaire_name,
    sheet_from_body,
    sheet_key,
)

FAMILY_SHEETS = {
    "arrival": "visit-arrival", "narrative": "visit-narrative", "topics": "visit-topics", "risks": "visit-risks",
    "plan": "visit-plan",
}  # fmt: skip
BABY_SHEETS = {"concerns": "concern-markers", "voice": "voice-of-infant", "health": "baby-health"}
SCREENING = ("whooley", "phq-9", "gad-7", "phq-2", "gad-2")
"""Questionnaires a nurse most often adds for a parent during a visit, in the order they are offered."""


@dataclass(frozen=True)
class Offer:
    """A questionnaire that may be added to a visit: for a parent, a baby or the family."""

    name: str
    title: str
    section: str
    about: str
    restricted: bool


@dataclass(frozen=True)
class DraftView:
    """A visit being written, as its screen needs it."""

    visit: VisitId
    family: FamilyId
    family_name: str
    people: tuple[Person, ...]
    babies: tuple[Person, ...]
    started_at: datetime
    updated_at: datetime
    outcome: Outcome
    step: str
    sheets: tuple[Sheet, ...]

    def person(self, id_: str) -> Person | None:
        """Return a person of the family, or None."""
        return next((person for person in self.people if person.id == id_), None)

    @property
    def sections(self) -> tuple[str, ...]:
        """The steps that apply to this visit, in order; fewer when nobody was seen."""
        allowed = SECTIONS if self.outcome is Outcome.COMPLETED else SHORT_SECTIONS
        held = {sheet.section for sheet in self.sheets}
        return tuple(section for section in SECTIONS if section in held and section in allowed)

    @property
    def asked(self) -> tuple[Sheet, ...]:
        """The sheets that apply to this visit, in order of their steps."""
        sections = self.sections
        return tuple(
            sheet
            for section in sections
            for sheet in self.sheets
            if sheet.section == section
        )


def start_visit(desk: Desk, family: FamilyId, babies: Sequence[PersonId] = ()) -> VisitId:
    """Begin a visit to a family about the babies named (all living ones by default); returns its id.

    Raises NoSuchFamily, BabyNotInFamily, NotAllowed.
    """
    desk.must_write()
    desk.must_be(UserRole.NURSE)
    visit = VisitId(desk.ids())
    now = iso(desk.clock.now())
    with desk.record.writing() as w:
        held = w.body(family_scope(family), family)
        if held is None:
            raise NoSuchFamily
        members = people(w, family)
        chosen = _chosen(members, babies, is_active=held.get("state") == FamilyState.ACTIVE)
        body: Body = {
            "visit": visit, "family": family, "author": desk.user.user, "started_at": now, "updated_at": now,
            "baby_ids": [baby.id for baby in chosen], "outcome": Outcome.COMPLETED.value, "step": SECTIONS[0],
            "sheets": [sheet.body() for sheet in _first_sheets(desk, family, members, chosen)],
        }  # fmt: skip
        w.put(desk.drafts_scope, "draft", visit, body)
        begun: Body = {
            "visit": visit, "family": family, "author": desk.user.user, "author_name": desk.user.name,
            "started_at": now, "closed": False,
        }  # fmt: skip
        w.put(family_scope(family), "begun", begun_id(visit), begun)
        w.audit("visit_begun", family=family, visit=visit)
    return visit


def begun_id(visit: str) -> str:
    """Return the id of the mark that a visit was begun.

    Derived from the visit's id: mark and signed visit lie in the same scope, so that they cannot share one.
    """
    return str(uuid.uuid5(uuid.UUID(visit), "begun"))


def _chosen(members: Sequence[Person], babies: Sequence[PersonId], *, is_active: bool) -> list[Person]:
    """Return the children a visit is about; after a loss there may be none, and nothing asks about one."""
    children = [
        person
        for person in members
        if person.is_child and person.died_on is None and (is_active or person.role is not Role.UNBORN)
    ]
    if not babies:
        return children
    chosen = [person for person in children if person.id in babies]
    if len(chosen) != len(set(babies)):
        raise BabyNotInFamily
    return chosen


def _first_sheets(desk: Desk, family: FamilyId, members: Sequence[Person], babies: Sequence[Person]) -> list[Sheet]:
    sheets: list[Sheet] = []
    parents = [person for person in members if person.is_parent]
    carer = next((p for p in parents if p.role is Role.MOTHER), parents[0] if parents else None)
    for section in SECTIONS:
        if section in FAMILY_SHEETS:
            sheets.append(_sheet(desk, FAMILY_SHEETS[section], section, Subject("family", family)))
        elif section == "observation" and carer:
            sheets += [observation_sheet(desk, baby, carer) for baby in babies]
        elif section in BABY_SHEETS:
            born = [baby for baby in babies if baby.role is Role.BABY or section == "voice"]
            sheets += [_sheet(desk, BABY_SHEETS[section], section, _subject(baby)) for baby in born]
        elif section == "parents" and carer:
            sheets.append(_sheet(desk, "parent-note", section, _subject(carer)))
    present = [person.role.value for person in (carer, *babies) if person and person.role is not Role.UNBORN]
    return [_with_first_answers(desk, sheet, present) if sheet.section == "arrival" else sheet for sheet in sheets]


def _with_first_answers(desk: Desk, sheet: Sheet, present: Sequence[str]) -> Sheet:
    """Return the arrival sheet as most visits begin: completed, at home, planned, with who is usually there."""
    questionnaire = desk.questionnaire(sheet.questionnaire)
    usual = {"outcome": ["completed"], "mode": ["home"], "kind": ["planned"], "present": list(dict.fromkeys(present))}
    answers = []
    for link_id, codes in usual.items():
        item = questionnaire.item(link_id)
        options = {option.raw["valueCoding"]["code"]: option.raw["valueCoding"] for option in item.options} if item else {}
        chosen = [{"valueCoding": {k: options[c][k] for k in ("system", "code", "display")}} for c in codes if c in options]
        if chosen:
            answers.append({"linkId": link_id, "answer": chosen})
    return replace(sheet, answers=tuple(answers))


def _url(name: str) -> str:
    """The url behind a short name; a questionnaire from elsewhere goes by its whole url."""
    return name if ":" in name else QUESTIONNAIRES + name


def _subject(person: Person) -> Subject:
    return Subject("person", person.id, person.role.value)


def _sheet(desk: Desk, name: str, section: str, subject: Subject, caregiver: str = "") -> Sheet:
    questionnaire = desk.questionnaire(_url(name))
    return Sheet(
        key=sheet_key(name, subject.id, caregiver),
        section=section,
        questionnaire=questionnaire.canonical,
        subject=subject,
        caregiver=caregiver,
        restricted=questionnaire.extension(EXTENSIONS + "restricted") is True,
    )


def observation_sheet(desk: Desk, baby: Person, caregiver: Person) -> Sheet:
    """Return an empty observation of one dyad in the band of the baby's age today."""
    band = band_for(baby, desk.clock.today())
    return _sheet(desk, f"observation-{band.lower()}", "observation", _subject(baby), caregiver.id)


def open_draft(desk: Desk, visit: VisitId) -> DraftView:
    """Return a visit being written. Raises NoSuchVisit when there is no such draft on this laptop."""
    desk.must_write()
    with desk.record.reading() as r:
        body = r.body(desk.drafts_scope, visit)
        if body is None or body.get("discarded_at"):
            raise NoSuchVisit
        family = r.body(family_scope(body["family"]), body["family"]) or {}
        members = people(r, body["family"])
    sheets = tuple(sheet_from_body(sheet) for sheet in body["sheets"])
    return DraftView(
        visit=visit,
        family=FamilyId(body["family"]),
        family_name=str(family.get("name", "")),
        people=tuple(members),
        babies=tuple(person for person in members if person.id in body["baby_ids"]),
        started_at=moment(body["started_at"]),
        updated_at=moment(body["updated_at"]),
        outcome=outcome_of(sheets),
        step=str(body.get("step") or SECTIONS[0]),
        sheets=sheets,
    )


def outcome_of(sheets: Sequence[Sheet]) -> Outcome:
    """Return what came of the visit as its arrival sheet says; completed until something else is said."""
    for sheet in sheets:
        if sheet.section == "arrival":
            code = first_answer(sheet.answers, "outcome", Outcome.COMPLETED.value)
            return Outcome(code) if code in set(Outcome) else Outcome.COMPLETED
    return Outcome.COMPLETED


def save_answers(
    desk: Desk, visit: VisitId, answers: Mapping[str, Sequence[Mapping[str, Any]]], step: str | None = None
) -> datetime:
    """Save the answers of some sheets (by sheet key) of a draft; returns when it was saved.

    What comes back has been committed to the encrypted record. Raises NoSuchVisit.
    """
    desk.must_write()
    now = desk.clock.now()

    def with_answers(body: Body) -> Body:
        sheets = [
            {**sheet, "answers": list(answers[sheet["key"]])} if sheet["key"] in answers else sheet
            for sheet in body["sheets"]
        ]
        return {**body, "sheets": sheets, **({"step": step} if step else {})}

    _change_draft(desk, visit, with_answers)
    return now


def add_sheet(desk: Desk, visit: VisitId, name: str, subject: PersonId, caregiver: PersonId | None = None) -> str:
    """Add a questionnaire about a person (a screening, a second dyad, a restricted sheet) to a draft; returns its key.

    `name` is a questionnaire's short name or url; "observation" picks the band by age. Adding one that is there changes nothing.
    Raises NoSuchVisit, BabyNotInFamily.
    """
    view = open_draft(desk, visit)
    person = view.person(subject)
    carer = view.person(caregiver) if caregiver else None
    told = desk.questionnaire(_url(name)) if name != "observation" else None
    section = str(told.extension(EXTENSIONS + "section") or "parents") if told else "observation"
    if told and told.extension(EXTENSIONS + "subject") == "family":
        sheet = _sheet(desk, name, section, Subject("family", view.family))
    elif person is None:
        raise BabyNotInFamily
    elif name == "observation":
        if carer is None:
            raise BabyNotInFamily
        sheet = observation_sheet(desk, person, carer)
    else:
        sheet = _sheet(desk, name, section, _subject(person))
    if sheet.key not in {held.key for held in view.sheets}:
        _change_draft(desk, visit, lambda body: {**body, "sheets": [*body["sheets"], sheet.body()]})
    return sheet.key


def offers(desk: Desk) -> tuple[Offer, ...]:
    """Return every questionnaire that may be added to a visit, screenings first, then by title."""
    begun = {*FAMILY_SHEETS.values(), *BABY_SHEETS.values(), "parent-note"}
    found = []
    for told in desk.library.in_use(desk.clock.today()):
        is_ours = told.url.startswith(QUESTIONNAIRES)
        name = questionnaire_name(told.url) if is_ours else told.url
        # A form that does not say where it belongs is one more thing to ask a parent.
        section = str(told.extension(EXTENSIONS + "section") or ("" if is_ours else "parents"))
        if name in begun or name.startswith("observation-") or section not in SECTIONS:
            continue
        about = str(told.extension(EXTENSIONS + "subject") or "parent")
        found.append(Offer(name, told.title or name, section, about, told.extension(EXTENSIONS + "restricted") is True))
    return tuple(sorted(found, key=lambda o: (SCREENING.index(o.name) if o.name in SCREENING else len(SCREENING), o.title)))


def remove_sheet(desk: Desk, visit: VisitId, key: str) -> Sheet:
    """Take an added sheet off a draft again and return it, so that the step can be undone. Raises NoSuchVisit."""
    view = open_draft(desk, visit)
    gone = next((sheet for sheet in view.sheets if sheet.key == key), None)
    if gone is None:
        raise NoSuchVisit
    _change_draft(desk, visit, lambda body: {**body, "sheets": [s for s in body["sheets"] if s["key"] != key]})
    return gone


def restore_sheet(desk: Desk, visit: VisitId, sheet: Sheet) -> None:
    """Put a removed sheet back with everything in it. Raises NoSuchVisit."""
    _change_draft(desk, visit, lambda body: {**body, "sheets": [*body["sheets"], sheet.body()]})


def discard_draft(desk: Desk, visit: VisitId) -> None:
    """Set a draft begun by mistake aside; `restore_draft` brings it back. Raises NoSuchVisit."""
    at = iso(desk.clock.now())
    _change_draft(desk, visit, lambda body: {**body, "discarded_at": at}, closed=True, action="draft_discarded")


def restore_draft(desk: Desk, visit: VisitId) -> None:
    """Bring a discarded draft back, to the letter. Raises NoSuchVisit."""
    _change_draft(desk, visit, lambda body: changed(body, {"discarded_at": None}), action="draft_restored")


def move_draft(desk: Desk, visit: VisitId, family: FamilyId, babies: Mapping[str, PersonId]) -> None:
    """Move a whole draft to the right family or the right baby; nothing typed is lost.

    `babies` maps each baby of the draft to the baby it is really about. People other than babies are matched by role.
    Raises NoSuchVisit, NoSuchFamily, BabyNotInFamily.
    """
    with desk.record.writing() as w:
        body = w.body(desk.drafts_scope, visit)
        if body is None:
            raise NoSuchVisit
        if w.body(family_scope(family), family) is None:
            raise NoSuchFamily
        old: dict[str, Person] = {person.id: person for person in people(w, body["family"])}
        new = people(w, family)
        moved = _moved(body, family, old, new, babies)
        w.put(desk.drafts_scope, "draft", visit, {**moved, "updated_at": iso(desk.clock.now())})
        if body["family"] != family:
            before = w.body(family_scope(body["family"]), begun_id(visit))
            if before is not None:
                w.put(family_scope(body["family"]), "begun", begun_id(visit), {**before, "closed": True})
                w.put(family_scope(family), "begun", begun_id(visit), {**before, "family": family, "closed": False})
        w.audit("draft_moved", family=family, visit=visit)


def _moved(
    body: Body, family: FamilyId, old: Mapping[str, Person], new: Sequence[Person], babies: Mapping[str, PersonId]
) -> Body:
    known = {person.id for person in new}
    if any(baby not in known for baby in babies.values()):
        raise BabyNotInFamily

    def whom(id_: str) -> str:
        if id_ in babies:
            return babies[id_]
        if id_ in known:
            return id_
        role = old[id_].role if id_ in old else None
        same = next((person.id for person in new if person.role is role), None)
        if same is None:
            raise BabyNotInFamily
        return same

    def moved_sheet(sheet: Body) -> Body:
        subject = sheet["subject"]
        about = family if subject["kind"] == "family" else whom(subject["id"])
        carer = whom(sheet["caregiver"]) if sheet.get("caregiver") else ""
        name = questionnaire_name(sheet["questionnaire"])
        return {
            **sheet, "key": sheet_key(name, about, carer), "subject": {**subject, "id": about}, "caregiver": carer,
        }  # fmt: skip

    return {
        **body, "family": family, "baby_ids": [whom(baby) for baby in body["baby_ids"]],
        "sheets": [moved_sheet(sheet) for sheet in body["sheets"]],
    }  # fmt: skip


def _change_draft(desk: Desk, visit: VisitId, change: Callable[[Body], Body], *, closed: bool = False, action: str = "") -> None:
    with desk.record.writing() as w:
        body = w.body(desk.drafts_scope, visit)
        if body is None:
            raise NoSuchVisit
        w.put(desk.drafts_scope, "draft", visit, {**change(body), "updated_at": iso(desk.clock.now())})
        if action:
            mark = w.body(family_scope(body["family"]), begun_id(visit))
            if mark is not None and bool(mark.get("closed")) != closed:
                w.put(family_scope(body["family"]), "begun", begun_id(visit), {**mark, "closed": closed})
            w.audit(action, family=body["family"], visit=visit)
