"""Families and the people in them: begun, edited, born, moved on."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

from visitapp.actions.session import Desk
from visitapp.domain.bodies import Body, changed
from visitapp.domain.ids import FamilyId, PersonId
from visitapp.domain.people import TWIN_COLOURS, FamilyState, Person, Role, checked_person, family_name_for
from visitapp.domain.problems import NoSuchFamily, NotAValidDate
from visitapp.domain.review import UserRole
from visitapp.store.people import people as person_rows
from visitapp.store.reading import Reading
from visitapp.store.rows import PersonRow


def family_scope(family: str) -> str:
    """The scope that holds everything of a family but its restricted parts."""
    return f"f:{family}"


def restricted_scope(family: str) -> str:
    """The scope that holds a family's restricted parts."""
    return f"r:{family}"


def person_of(row: PersonRow) -> Person:
    """Return a stored person as the domain knows them."""
    told = asdict(row)
    role = told.pop("role")
    return Person(role=Role(role) if role in set(Role) else Role.OTHER, **told)


def people(r: Reading, family: str) -> tuple[Person, ...]:
    """Return the people of a family in their order."""
    return tuple(person_of(row) for row in person_rows(r, family))


def new_family(desk: Desk, family: Mapping[str, Any], persons: Sequence[Mapping[str, Any]] = ()) -> FamilyId:
    """Begin a family, offline or not, with the people known so far; returns its id.

    `family` and `persons` are bodies without ids. Raises TextNeeded, NotAValidNhsNumber, NotAValidDate, NotAllowed.
    """
    desk.must_be(UserRole.NURSE)
    id_ = FamilyId(desk.ids())
    body: Body = {
        "id": id_, "state": FamilyState.ACTIVE.value, "enrolled_on": desk.clock.today().isoformat(),
        "programmes": ["fnp", "hcp-england"], "nurse": desk.user.user, "nurse_name": desk.user.name, **family,
    }  # fmt: skip
    body["name"] = family_name_for(body)
    checked = [checked_person(person, desk.clock.today()) for person in persons]
    with desk.record.writing() as w:
        w.put(family_scope(id_), "family", id_, body)
        for order, person in enumerate(checked):
            person_id = PersonId(desk.ids())
            w.put(
                family_scope(id_), "person", person_id, {"order": order, **person, "id": person_id, "family": id_}
            )
        w.audit("family_begun", family=id_)
    return id_


def edit_family(desk: Desk, family: FamilyId, changes: Mapping[str, Any]) -> None:
    """Change some of what is known of a family; other keys stay. Raises NoSuchFamily, TextNeeded, NotAllowed."""
    desk.must_be(UserRole.NURSE)
    with desk.record.writing() as w:
        body = w.body(family_scope(family), family)
        if body is None:
            raise NoSuchFamily
        merged = changed(body, changes)
        merged["name"] = family_name_for(merged)
        w.put(family_scope(family), "family", family, merged)
        w.audit("family_edited", family=family)


def set_family_state(desk: Desk, family: FamilyId, state: FamilyState, on: date) -> None:
    """Record that a family has moved, graduated, declined, or lost a pregnancy or a baby; dues stop at once.

    Raises NoSuchFamily, NotAValidDate (a day in the future).
    """
    if on > desk.clock.today():
        raise NotAValidDate("state_on")
    edit_family(desk, family, {"state": state.value, "state_on": on.isoformat()})


def add_person(desk: Desk, family: FamilyId, person: Mapping[str, Any]) -> PersonId:
    """Add a person to a family; returns the id. Raises NoSuchFamily, NotAValidNhsNumber, NotAValidDate."""
    desk.must_be(UserRole.NURSE)
    checked = checked_person(person, desk.clock.today())
    id_ = PersonId(desk.ids())
    with desk.record.writing() as w:
        if w.body(family_scope(family), family) is None:
            raise NoSuchFamily
        order = len(people(w, family))
        w.put(family_scope(family), "person", id_, {"order": order, **checked, "id": id_, "family": family})
        w.audit("person_added", family=family, person=id_)
    return id_


def edit_person(desk: Desk, family: FamilyId, person: PersonId, changes: Mapping[str, Any]) -> None:
    """Change some of what is known of a person. Raises NoSuchFamily, NotAValidNhsNumber, NotAValidDate."""
    desk.must_be(UserRole.NURSE)
    checked = checked_person(changes, desk.clock.today())
    with desk.record.writing() as w:
        body = w.body(family_scope(family), person)
        if body is None:
            raise NoSuchFamily
        w.put(family_scope(family), "person", person, changed(body, checked))
        w.audit("person_edited", family=family, person=person)


@dataclass(frozen=True)
class Birth:
    """What is known of one baby at birth."""

    given_name: str
    born_on: date
    gestation_days: int | None = None
    sex: str = ""
    nhs_number: str = ""
    family_name: str = ""
    more: Mapping[str, Any] = field(default_factory=dict)


def record_birth(desk: Desk, family: FamilyId, unborn: PersonId, births: Sequence[Birth]) -> tuple[PersonId, ...]:
    """Turn an unborn baby into the baby or babies born; the first keeps the id and so the whole history.

    Twins each get a record, a colour and an order of their own. Raises NoSuchFamily, NotAValidDate, NotAValidNhsNumber.
    """
    desk.must_be(UserRole.NURSE)
    if not births:
        raise NotAValidDate("born_on")
    ids = (unborn, *(PersonId(desk.ids()) for _ in births[1:]))
    with desk.record.writing() as w:
        before = w.body(family_scope(family), unborn)
        if before is None:
            raise NoSuchFamily
        for number, (id_, birth) in enumerate(zip(ids, births, strict=True)):
            told = checked_person(_born(birth, number, len(births), unborn), desk.clock.today())
            keep = {key: value for key, value in before.items() if key not in ("note", "due_on")} if number else before
            place = int(before.get("order") or 0) + number
            w.put(family_scope(family), "person", id_, changed(keep, {**told, "id": id_, "family": family, "order": place}))
        w.audit("birth_recorded", family=family, person=unborn)
    return ids


def _born(birth: Birth, number: int, count: int, first: PersonId) -> Body:
    told: Body = {
        "role": Role.BABY.value, "given_name": birth.given_name, "known_as": None, "born_on": birth.born_on.isoformat(),
        "gestation_days": birth.gestation_days, "sex": birth.sex or None, "nhs_number": birth.nhs_number or None,
        **birth.more,
    }  # fmt: skip
    if birth.family_name:
        told["family_name"] = birth.family_name
    if count > 1:
        told["colour"] = TWIN_COLOURS[number % len(TWIN_COLOURS)]
        told["twin_of"] = first if number else None
    return told


def person_at(desk: Desk, family: FamilyId, person: PersonId) -> Body:
    """Return a person's whole body, for editing. Raises NoSuchFamily."""
    desk.must_read()
    with desk.record.reading() as r:
        body = r.body(family_scope(family), person)
    if body is None:
        raise NoSuchFamily
    return body


def family_at(desk: Desk, family: FamilyId) -> Body:
    """Return a family's whole body, for editing. Raises NoSuchFamily."""
    desk.must_read()
    with desk.record.reading() as r:
        body = r.body(family_scope(family), family)
    if body is None:
        raise NoSuchFamily
    return body
