"""Every difficulty a user can act on, one small class each, holding facts and no wording."""

from dataclasses import dataclass


@dataclass
class Problem(Exception):
    """A difficulty that a user can act on; the words for it are in `ui/wording.py`, never here."""

    def __str__(self) -> str:
        return type(self).__name__


@dataclass
class NotAllowed(Problem):
    """The signed-in person's role does not allow this."""

    role: str = ""


@dataclass
class NoSuchFamily(Problem):
    """The family is not in this person's caseload (any more)."""


@dataclass
class NoSuchPerson(Problem):
    """The person is not in that family (any more)."""


@dataclass
class StillUndecided(Problem):
    """A change of the same record waits for a decision first."""


@dataclass
class NoSuchVisit(Problem):
    """The visit or draft is not on this laptop (any more)."""


@dataclass
class VisitNotComplete(Problem):
    """A visit cannot be signed while something required is missing."""

    count: int = 0


@dataclass
class AlreadySigned(Problem):
    """A signed visit cannot be changed; it can be added to."""


@dataclass
class ReasonNeeded(Problem):
    """This step needs a reason in words."""

    what: str = ""


@dataclass
class TextNeeded(Problem):
    """This step needs some words."""

    what: str = ""


@dataclass
class CheckNeeded(Problem):
    """Something has to be chosen or compared before this step."""

    what: str = ""


@dataclass
class NotAValidNhsNumber(Problem):
    """The number is not a valid NHS number (ten digits with a check digit)."""


@dataclass
class NotAValidDate(Problem):
    """A date is impossible for what it is meant to say."""

    what: str = ""


@dataclass
class BabyNotInFamily(Problem):
    """The visit names a baby who does not belong to the family."""


@dataclass
class SignatureDoesNotVerify(Problem):
    """A signed visit's signature or one of its parts does not match: it may have been changed."""


@dataclass
class PracticeAndServiceMixed(Problem):
    """A practice record may not meet a real service, nor a real record a practice server."""


@dataclass
class SomebodyElsesCode(Problem):
    """The enrolment code belongs to another person than this record."""


@dataclass
class QuestionnaireNotHere(Problem):
    """The checklist that an answer was given in is not on this laptop."""

    name: str = ""


@dataclass
class RecordHasNoOwner(Problem):
    """The record was never given to anybody: it was made by a set-up that did not finish."""
