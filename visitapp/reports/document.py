"""What is printed: a visit as frozen values in words, independent of the record it was read from.

Whoever fills these in gives the words of one visit and marks on each part whom it is about; which of them a copy may
show is decided by `selection.py`, never by leaving marks off.
"""

from dataclasses import dataclass
from datetime import date, datetime, time
from enum import Enum


class CopyType(Enum):
    """For whom a copy is made."""

    PROFESSIONAL = "professional"
    FAMILY = "family"


class SubjectKind(Enum):
    """Whom a part of a note is about."""

    FAMILY = "family"
    PARENT = "parent"
    BABY = "baby"


class SectionKind(Enum):
    """What a part of a note is; a kind that a copy never shows is left out whatever else is said of it."""

    ARRIVAL = "arrival"
    NARRATIVE = "narrative"
    OBSERVATION = "observation"
    CONCERNS = "concerns"
    VOICE = "voice"
    HEALTH = "health"
    PARENTS = "parents"
    SCREENING = "screening"
    TOPICS = "topics"
    RISKS = "risks"
    PLAN = "plan"
    OTHER = "other"


class NoteState(Enum):
    """How far a note has come."""

    DRAFT = "draft"
    SIGNED = "signed"
    RECEIVED = "received"
    SEEN = "seen"
    RETURNED = "returned"
    COUNTERSIGNED = "countersigned"
    IN_ERROR = "in_error"


class Scale(Enum):
    """The four answers of the relationship observation."""

    SEEN = "S"
    EMERGING = "E"
    NOT_SEEN = "N"
    NO_OPPORTUNITY = "O"


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom a part is about; `person` is the id of a `PrintedPerson`, empty for the family as a whole."""

    kind: SubjectKind
    person: str = ""


THE_FAMILY = Subject(SubjectKind.FAMILY)


@dataclass(frozen=True, slots=True)
class PrintedPerson:
    """A member of the family as a copy names them; ages are words worked out for the day of the visit.

    `corrected_age` says that it is ("3 months corrected"). A family copy names at its head only those who live here.
    """

    id: str
    kind: SubjectKind
    name: str
    first_name: str
    relation: str
    age: str = ""
    corrected_age: str = ""
    born_on: date | None = None
    due_on: date | None = None
    nhs_number: str = ""
    holds_parental_responsibility: bool | None = None
    lives_here: bool = True


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading within a section."""

    text: str


@dataclass(frozen=True, slots=True)
class Answer:
    """A question and what was answered; `family_copy` from the questionnaire's extension of that name."""

    question: str
    answer: str
    unanswered: bool = False
    family_copy: bool = False


@dataclass(frozen=True, slots=True)
class Narrative:
    """Running text as it was written, line breaks kept; `label` names the part ("What happened", "My view")."""

    text: str
    label: str = ""
    family_copy: bool = False


@dataclass(frozen=True, slots=True)
class Strengths:
    """Strengths seen; first in every copy."""

    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Voice:
    """What the baby might say about today, and why the nurse thinks so."""

    text: str
    because: str = ""
    change: str = ""


@dataclass(frozen=True, slots=True)
class ScaleItem:
    """One item of the relationship observation; never a number, never added up."""

    code: str
    text: str
    answer: Scale
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class ScoreAnswer:
    """One raw answer behind a score."""

    question: str
    answer: str
    points: int | None = None


@dataclass(frozen=True, slots=True)
class Score:
    """A scored questionnaire with its raw answers; `value` is None while any is missing, and then no total prints."""

    name: str
    value: int | None
    highest: int
    answered: int
    asked: int
    band: str = ""
    answers: tuple[ScoreAnswer, ...] = ()
    answered_by: str = ""
    how: str = ""


@dataclass(frozen=True, slots=True)
class Concern:
    """A concern marker in behaviour words, with its level and what was done."""

    code: str
    text: str
    seen: str
    words: str = ""
    level: str = ""
    action: str = ""
    told: str = ""
    outcome: str = ""


@dataclass(frozen=True, slots=True)
class Remark:
    """A small-type line about the section, such as "draft, awaiting clinical review"."""

    text: str


Line = Heading | Answer | Narrative | Strengths | Voice | ScaleItem | Score | Concern | Remark


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the note: what it is, whom it is about, and its lines in order.

    `caregiver` is the person observed with the baby; `family_copy` lets its marked lines into the family copy.
    """

    kind: SectionKind
    title: str
    lines: tuple[Line, ...]
    subject: Subject = THE_FAMILY
    caregiver: str = ""
    restricted: bool = False
    family_copy: bool = False


@dataclass(frozen=True, slots=True)
class PlanItem:
    """Something that somebody will do; `agreed` is the tick "agreed with the family"."""

    what: str
    who: str = ""
    by_on: date | None = None
    agreed: bool = False
    subject: Subject = THE_FAMILY
    restricted: bool = False


@dataclass(frozen=True, slots=True)
class NextVisit:
    """When the family is seen again; the place is left out on purpose."""

    on: date
    at: time | None = None


@dataclass(frozen=True, slots=True)
class Addendum:
    """What was added or corrected after signing; a correction shows old and new."""

    author: str
    role: str
    written_at: datetime
    text: str = ""
    is_correction: bool = False
    about: str = ""
    old: str = ""
    new: str = ""
    reason: str = ""
    subject: Subject = THE_FAMILY
    restricted: bool = False


@dataclass(frozen=True, slots=True)
class Strike:
    """The mark "entered in error"."""

    reason: str
    author: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Signature:
    """Who signed, as what, when; `late_reason` where the note was written late."""

    name: str
    role: str
    at: datetime
    is_late: bool = False
    late_reason: str = ""


@dataclass(frozen=True, slots=True)
class VisitDocument:
    """One visit as it is to be printed: all of it; a copy shows a part.

    Times are aware UTC and print as the time in the United Kingdom. `took_place` is false
    for no access, cancelled or not brought; `after_loss` after a pregnancy ended or a baby died. `content_hash` is the
    whole hash in hex, of which a short form prints on each page; with `printed_by` and `printed_at` it is left empty
    only in a preview.
    """

    family_name: str
    people: tuple[PrintedPerson, ...]
    nurse: str
    nurse_role: str
    started_at: datetime
    outcome: str
    sections: tuple[Section, ...]
    state: NoteState
    version: int = 1
    ended_at: datetime | None = None
    took_place: bool = True
    place: str = ""
    present: tuple[str, ...] = ()
    baby_seen: str = ""
    phase: str = ""
    plan: tuple[PlanItem, ...] = ()
    next_visit: NextVisit | None = None
    addenda: tuple[Addendum, ...] = ()
    strike: Strike | None = None
    signature: Signature | None = None
    countersignature: Signature | None = None
    content_hash: str = ""
    printed_by: str = ""
    printed_at: datetime | None = None
    printed_for: str = ""
    language: str = "en-GB"
    after_loss: bool = False
    is_practice: bool = False
    questionnaires: tuple[str, ...] = ()

    def person(self, person_id: str) -> PrintedPerson | None:
        return next((p for p in self.people if p.id == person_id), None)
