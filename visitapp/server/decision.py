"""May this be done? One pure function over one table: operation, role, what it is done to, relation to it, state of the asker.

What no row of `operations` allows is refused, and every refusal has a reason that can be logged: it names nobody.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Literal, get_args

from visitapp.server.operations import OPERATIONS, Relation, Role, Row, Subject

State = Literal["active", "blocked", "wipe", "unknown"]
"""Of the device or session that asks. unknown: never heard of, expired, or a copy that has fallen behind its twin."""
Way = Literal["yes", "late", "held", "opens", "no"]
STATES: Final[tuple[State, ...]] = get_args(State)


class Tense(StrEnum):
    """When a relation held. late: when the work was done, which came in time. once: at some time, so a person has to look."""

    NOW = "now"
    LATE = "late"
    ONCE = "once"


@dataclass(frozen=True, slots=True)
class Question:
    """What somebody wants to do. `role` is the account's, as it stands in the database, known to us or not."""

    operation: str
    role: str
    subject: Subject
    relation: Relation
    tense: Tense = Tense.NOW
    state: State = "active"


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer: how it may be done, or "no" with the reason: operation, state, role, subject, relation or ended."""

    way: Way
    reason: str = ""

    @property
    def allowed(self) -> bool:
        """Whether it is carried out, at once or when a person has looked."""
        return self.way != "no"


_YES: Final = Decision("yes")
_PAST: Final[dict[Tense, Decision]] = {Tense.LATE: Decision("late"), Tense.ONCE: Decision("held")}


def decide(question: Question) -> Decision:
    """The one place where anything is allowed. What nobody wrote down is refused."""
    row = OPERATIONS.get(question.operation)
    if row is None:
        return Decision("no", "operation")
    if question.state not in row.states:
        return Decision("no", "state")
    if row.open:
        return _YES
    if question.role not in row.roles:
        return Decision("no", "role")
    return _by_relation(row, Role(question.role), question)


def _by_relation(row: Row, role: Role, question: Question) -> Decision:
    asked = (question.subject, question.relation)
    if asked not in row.roles[role]:
        if question.tense is Tense.NOW and asked in row.kept.get(role, frozenset()):
            return Decision("held")
        known = any(subject == question.subject for subject, _ in row.roles[role])
        return Decision("no", "relation" if known else "subject")
    if question.relation == "new":
        return Decision("opens")
    if question.tense is Tense.NOW:
        return _YES
    return _PAST[question.tense] if row.past else Decision("no", "ended")


SITUATIONS: Final[tuple[tuple[Subject, Relation, Tense], ...]] = (
    *(("clinical", relation, tense) for relation in ("own", "review") for tense in Tense),
    *(("restricted", "restricted", tense) for tense in Tense),
    *((subject, relation, Tense.NOW) for subject in ("clinical", "restricted") for relation in ("glass", "team", "other")),
    ("clinical", "new", Tense.NOW),
    *(("personal", relation, Tense.NOW) for relation in ("own", "other")),
    *(("shared", relation, Tense.NOW) for relation in ("shared", "other")),
)
"""Everything that a record's scope can be to whoever asks for it."""

OFFICES: Final[tuple[tuple[Subject, Relation, Tense], ...]] = tuple(
    (subject, relation, Tense.NOW) for subject in ("admin", "audit") for relation in ("own", "team", "other")
)
"""Everything that what is no record can be: hers, her team's, or another team's of the organisation."""


def questions(operation: str) -> tuple[Question, ...]:
    """Every cell of an operation's part of the matrix."""
    situations = SITUATIONS if OPERATIONS[operation].about_records else OFFICES
    return tuple(
        Question(operation, role.value, subject, relation, tense, state)
        for role in Role
        for subject, relation, tense in situations
        for state in STATES
    )
