"""The steps at the left of the visit screen and how far each has come; no Qt."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from visitapp.domain.visits import SHORT_SECTIONS, Outcome

STEPS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("arrival", "Arrival", ("arrival",)),
    ("narrative", "What happened", ("narrative",)),
    ("observation", "Observation", ("observation", "concerns")),
    ("voice", "Baby's voice", ("voice",)),
    ("health", "Health", ("health",)),
    ("parents", "Parents", ("parents",)),
    ("topics", "Topics and minutes", ("topics",)),
    ("risks", "Risks and actions", ("risks",)),
    ("plan", "Plan", ("plan",)),
)
"""Code, words, and the sections of the note that the step writes."""


class StepState(StrEnum):
    """How far a step has come."""

    EMPTY = "empty"
    BEGUN = "begun"
    COMPLETE = "complete"
    NEEDS_YOU = "needs you"


@dataclass(frozen=True)
class SheetProgress:
    """How far one sheet has come."""

    section: str
    empty: bool
    missing: int
    needs_you: bool = False


@dataclass(frozen=True)
class Step:
    """One line of the list at the left."""

    code: str
    title: str
    state: StepState
    missing: int

    @property
    def words(self) -> str:
        """The state in words, for the list and for a screen reader."""
        if self.state is StepState.NEEDS_YOU:
            return "needs you"
        if self.missing:
            return f"{self.missing} needed"
        return {"empty": "", "begun": "begun", "complete": "done"}[self.state.value]


def steps_of(outcome: Outcome, sheets: Sequence[SheetProgress]) -> tuple[Step, ...]:
    """The steps that apply, in order: fewer when nobody was seen, none without a sheet."""
    allowed = None if outcome is Outcome.COMPLETED else SHORT_SECTIONS
    found = []
    for code, title, sections in STEPS:
        held = [sheet for sheet in sheets if sheet.section in sections]
        if held and (allowed is None or code in allowed):
            found.append(Step(code, title, _state(held), sum(sheet.missing for sheet in held)))
    return tuple(found)


def step_of_section(section: str) -> str:
    """The step that writes a section of the note."""
    return next((code for code, _title, sections in STEPS if section in sections), "arrival")


def step_title(code: str) -> str:
    """A step's words."""
    titles: Mapping[str, str] = {step: title for step, title, _sections in STEPS}
    return titles.get(code, code)


def _state(sheets: Sequence[SheetProgress]) -> StepState:
    if any(sheet.needs_you for sheet in sheets):
        return StepState.NEEDS_YOU
    if all(sheet.empty for sheet in sheets):
        return StepState.EMPTY
    return StepState.BEGUN if any(sheet.missing for sheet in sheets) else StepState.COMPLETE
