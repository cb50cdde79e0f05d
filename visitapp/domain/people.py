"""Families and the people in them: roles, states, names, identifiers, ages."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from nhs_number.validate import is_valid as is_valid_nhs_number

from visitapp.domain.ids import FamilyId, PersonId
from visitapp.domain.problems import NotAValidDate, NotAValidNhsNumber, TextNeeded


class FamilyState(StrEnum):
    """Where a family stands with the service; only an active one is due anything."""

    ACTIVE = "active"
    MOVED = "moved"
    GRADUATED = "graduated"
    DECLINED = "declined"
    PREGNANCY_ENDED = "pregnancy_ended"
    BABY_DIED = "baby_died"


class Role(StrEnum):
    """What a person is in the family."""

    MOTHER = "mother"
    FATHER = "father"
    PARTNER = "partner"
    CARER = "carer"
    BABY = "baby"
    UNBORN = "unborn"
    SIBLING = "sibling"
    OTHER = "other"


CHILD_ROLES = frozenset({Role.BABY, Role.UNBORN})
PARENT_ROLES = frozenset({Role.MOTHER, Role.FATHER, Role.PARTNER, Role.CARER})
TWIN_COLOURS = ("teal", "amber", "violet", "rose")
TERM_DAYS = 37 * 7


@dataclass(frozen=True)
class Person:
    """A person of a family, as a record's body tells it."""

    id: PersonId
    family: FamilyId
    role: Role
    given_name: str = ""
    family_name: str = ""
    known_as: str = ""
    pronouns: str = ""
    born_on: date | None = None
    due_on: date | None = None
    gestation_days: int | None = None
    nhs_number: str = ""
    died_on: date | None = None
    sex: str = ""
    phone: str = ""
    language: str = ""
    parental_responsibility: bool = False
    lives_here: bool = True
    colour: str = ""
    twin_of: str = ""
    order: int = 0
    note: str = ""

    @property
    def is_child(self) -> bool:
        """Whether this is a baby, born or unborn."""
        return self.role in CHILD_ROLES

    @property
    def is_parent(self) -> bool:
        """Whether this person can be the caregiver of a dyad."""
        return self.role in PARENT_ROLES

    @property
    def short_name(self) -> str:
        """The name the family uses: known as, else given name, else what the person is."""
        return self.known_as or self.given_name or {Role.UNBORN: "Bump", Role.BABY: "Baby"}.get(self.role, "")

    @property
    def full_name(self) -> str:
        """Given and family name; for an unnamed child what it is."""
        return " ".join(part for part in (self.given_name or self.short_name, self.family_name) if part)

    @property
    def preterm(self) -> bool:
        """Whether born before 37 weeks (practice: the age is then corrected until 24 months)."""
        return self.gestation_days is not None and self.gestation_days < TERM_DAYS


def person_from_body(body: Mapping[str, Any]) -> Person:
    """Read a person from a record's body; what is unknown is left empty."""
    return Person(
        id=PersonId(body["id"]),
        family=FamilyId(body["family"]),
        role=_role(body.get("role")),
        born_on=_day(body.get("born_on")),
        due_on=_day(body.get("due_on")),
        died_on=_day(body.get("died_on")),
        gestation_days=body.get("gestation_days"),
        parental_responsibility=bool(body.get("parental_responsibility", False)),
        lives_here=bool(body.get("lives_here", True)),
        order=int(body.get("order", 0)),
        **{key: str(body.get(key) or "") for key in _PERSON_TEXTS},
    )


_PERSON_TEXTS = (
    "given_name", "family_name", "known_as", "pronouns", "nhs_number", "sex", "phone", "language", "colour", "twin_of",
    "note",
)  # fmt: skip


def _role(text: object) -> Role:
    try:
        return Role(str(text))
    except ValueError:
        return Role.OTHER


def _day(text: object) -> date | None:
    try:
        return date.fromisoformat(str(text)) if text else None
    except ValueError:
        return None


def checked_nhs_number(text: str) -> str:
    """Return the ten digits of an NHS number, or "" for none.

    Raises NotAValidNhsNumber. Check digit: modulus 11, NHS Data Dictionary.
    """
    digits = "".join(text.split()).replace("-", "")
    if not digits:
        return ""
    if len(digits) != 10 or not digits.isdecimal() or not is_valid_nhs_number(digits):
        raise NotAValidNhsNumber
    return digits


def shown_nhs_number(digits: str) -> str:
    """Write an NHS number as people read it, 3-3-4."""
    return f"{digits[:3]} {digits[3:6]} {digits[6:]}" if len(digits) == 10 else digits


def checked_person(changes: Mapping[str, Any], today: date) -> dict[str, Any]:
    """Return changes to a person after checking what can be checked.

    Raises NotAValidNhsNumber, NotAValidDate (born or died in the future, died before birth, due beyond 300 days).
    """
    checked = dict(changes)
    if "nhs_number" in checked:
        checked["nhs_number"] = checked_nhs_number(str(checked["nhs_number"] or "")) or None
    born, died, due = (_day(checked.get(key)) for key in ("born_on", "died_on", "due_on"))
    for key, day in (("born_on", born), ("died_on", died), ("due_on", due)):
        if checked.get(key) and day is None:
            raise NotAValidDate(key)
    if born and born > today:
        raise NotAValidDate("born_on")
    if died and (died > today or (born and died < born)):
        raise NotAValidDate("died_on")
    if due and not -60 <= (due - today).days <= 300:
        raise NotAValidDate("due_on")
    weeks = checked.get("gestation_days")
    if weeks is not None and not 20 * 7 <= int(weeks) <= 45 * 7:
        raise NotAValidDate("gestation_days")
    return checked


def family_name_for(body: Mapping[str, Any]) -> str:
    """Return the name a family is known by; raises TextNeeded when there is none."""
    name = str(body.get("name") or "").strip()
    if not name:
        raise TextNeeded("name")
    return name


def safe_text(text: str) -> str:
    """Return text without NUL and lone surrogates, which no store, PDF or server can hold."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")
