"""What a rule has in hand while it judges one spot of the answers."""

from dataclasses import dataclass, field
from typing import Any

from visitapp.forms.answers import Spot
from visitapp.forms.definition import Questionnaire
from visitapp.forms.facts import Fact, Severity
from visitapp.forms.terminology import ValueSets

MAX_TIMEOUTS = 5


@dataclass(slots=True)
class Judging:
    """The questionnaire, its value sets, and how many expressions have run out of time so far."""

    questionnaire: Questionnaire
    value_sets: ValueSets
    timeouts: int = 0
    notes: list[Fact] = field(default_factory=list)

    @property
    def is_exhausted(self) -> bool:
        return self.timeouts >= MAX_TIMEOUTS


def at_spot(spot: Spot, rule: str, *, severity: Severity = Severity.ERROR, **detail: Any) -> Fact:
    """A fact about a question or group as a whole."""
    return Fact(severity, rule, spot.item.link_id, spot.path, detail)


def at_answer(
    spot: Spot, at: int, rule: str, *, severity: Severity = Severity.ERROR, structural: bool = False, **detail: Any
) -> Fact:
    """A fact about one answer."""
    return Fact(severity, rule, spot.item.link_id, f"{spot.path}.answer[{at}]", detail, structural)
