"""What a rule has in hand while it judges one spot of the answers."""

from dataclasses import dataclass
from typing import Any

from visitapp.forms.answers import Spot
from visitapp.forms.calculation import Calculation
from visitapp.forms.definition import Questionnaire
from visitapp.forms.facts import Fact, Severity
from visitapp.forms.items import Option
from visitapp.forms.terminology import ValueSets
from visitapp.forms.values import Value

MAX_TIMEOUTS = 5


@dataclass(slots=True)
class Judging:
    """The questionnaire, its value sets and expressions, and how many patterns have run out of time so far."""

    questionnaire: Questionnaire
    value_sets: ValueSets
    calculation: Calculation | None = None
    timeouts: int = 0

    @property
    def is_exhausted(self) -> bool:
        return self.timeouts >= MAX_TIMEOUTS

    def options(self, spot: Spot) -> tuple[Option, ...]:
        """What may be chosen at a spot; an answerExpression's options where there is one."""
        found = self.calculation.options(spot) if self.calculation else None
        return self.questionnaire.options(spot.item) if found is None else found

    def limits(self, spot: Spot) -> tuple[Value | None, Value | None]:
        """The lowest and the highest value at a spot."""
        if self.calculation is not None:
            return self.calculation.limits(spot)
        return spot.item.min_value, spot.item.max_value

    def is_required(self, spot: Spot) -> bool:
        """Whether a spot needs an answer."""
        return self.calculation.is_required(spot) if self.calculation is not None else spot.item.required

    def is_read_only(self, spot: Spot) -> bool:
        """Whether nothing can be entered at a spot."""
        return self.calculation.is_read_only(spot) if self.calculation is not None else spot.item.read_only


def at_spot(spot: Spot, rule: str, *, severity: Severity = Severity.ERROR, **detail: Any) -> Fact:
    """A fact about a question or group as a whole."""
    return Fact(severity, rule, spot.item.link_id, spot.path, detail)


def at_answer(
    spot: Spot, at: int, rule: str, *, severity: Severity = Severity.ERROR, structural: bool = False, **detail: Any
) -> Fact:
    """A fact about one answer."""
    return Fact(severity, rule, spot.item.link_id, f"{spot.path}.answer[{at}]", detail, structural)
