"""What the engine has to say about a questionnaire or a response: facts with a rule code and no wording."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Severity(StrEnum):
    """How much a fact matters; only `ERROR` makes a response invalid."""

    ERROR = "error"
    WARNING = "warning"
    INFORMATION = "information"


@dataclass(frozen=True, slots=True)
class Fact:
    """One finding: which rule, at which linkId, at which FHIRPath location, and the figures a sentence needs.

    `structural` marks a shape that no later answer can mend; it stays an error while a response is in progress.
    """

    severity: Severity
    rule: str
    link_id: str | None = None
    path: str = ""
    detail: Mapping[str, Any] = field(default_factory=dict, hash=False)
    structural: bool = False


def has_errors(facts: Sequence[Fact]) -> bool:
    """Whether any of the facts makes what was judged invalid."""
    return any(fact.severity is Severity.ERROR for fact in facts)


class MalformedQuestionnaire(Exception):
    """A questionnaire that can't be used at all; `facts` say why."""

    def __init__(self, facts: Sequence[Fact]) -> None:
        super().__init__(", ".join(sorted({fact.rule for fact in facts})))
        self.facts = tuple(facts)
