"""What an observation says: the scale, construct groups for ribbons, concern levels and what each asks for, and flags.

There is no total, no percentage and no label on attachment anywhere here, on purpose (practice §3.3, rule 1).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from visitapp.domain.visits import Outcome, answer_values, first_answer


class Scale(StrEnum):
    """The four answers to an item of the observation (practice §3.3, rule 6)."""

    SEEN = "S"
    EMERGING = "E"
    NOT_SEEN = "N"
    NO_OPPORTUNITY = "O"

    @property
    def asks_for_evidence(self) -> bool:
        """Whether one line of what was seen, and when, is asked for."""
        return self in (Scale.EMERGING, Scale.NOT_SEEN)


def scale_of(code: object) -> Scale:
    """Return the answer a code stands for; a blank is no opportunity, so that blanks are honest."""
    try:
        return Scale(str(code))
    except ValueError:
        return Scale.NO_OPPORTUNITY


CONSTRUCT_GROUPS: Mapping[str, str] = {
    "signals": "Signals and states",
    "noticing": "Noticing",
    "mind": "Thinking about the mind",
    "comfort": "Comfort and containment",
    "space": "Space and pace",
    "safe-base": "Safe base",
    "joy": "Joy and reciprocity",
    "repair": "Repair",
    "support": "Support around the pair",
}
"""The groups whose history is shown as ribbons, in order; an item names its own as its `construct` (practice §3.4)."""


def ribbon(items: Iterable[tuple[str, object]]) -> Mapping[str, tuple[Scale, ...]]:
    """Return one observation as ribbons: for each construct group the answers of its items, in their order.

    Takes (construct, answered code or None) for every item that was on the form. A group without items is left out.
    """
    found: dict[str, list[Scale]] = {}
    for construct, code in items:
        found.setdefault(construct, []).append(scale_of(code))
    return {group: tuple(found[group]) for group in CONSTRUCT_GROUPS if group in found}


@dataclass(frozen=True)
class ConcernLevel:
    """What a level of concern asks for: how soon, and which parts must be written before signing (practice §3.6)."""

    number: int
    within_days: int | None
    needs: frozenset[str]


LEVELS: Mapping[int, ConcernLevel] = {
    1: ConcernLevel(1, None, frozenset({"words"})),
    2: ConcernLevel(2, 7, frozenset({"words", "action"})),
    3: ConcernLevel(3, 0, frozenset({"words", "action", "told", "outcome"})),
}
"""Level 1 is looked at again at the next contact, 2 discussed in supervision within 7 days, 3 acted on the same day."""

DEFAULT_LEVELS: Mapping[str, int] = {
    "X1": 2, "X2": 3, "X3": 3, "X4": 2, "X5": 2, "X6": 2, "X7": 2, "X8": 2, "X9": 3, "X10": 3, "Y1": 3, "Y2": 2,
    "Y3": 2, "Y4": 2, "Y5": 1, "Y6": 2, "Y7": 2, "Y8": 3, "Y9": 3, "Y10": 3, "Y11": 2, "Y12": 2,
}  # fmt: skip
"""The level a marker has unless the nurse raises it, or lowers it with a reason (practice §3.6)."""

_NOTED = frozenset({"once", "more", "reported"})


@dataclass(frozen=True)
class Concern:
    """One marker of concern that was seen or reported at a visit."""

    code: str
    seen: str
    level: int
    outcome: str = ""

    @property
    def is_lowered(self) -> bool:
        """Whether the nurse put it below its default level, which needs a reason."""
        return self.level < DEFAULT_LEVELS[self.code]

    @property
    def is_cleared(self) -> bool:
        """Whether an outcome was signed: acted on, explained, or no longer seen."""
        return bool(self.outcome)


def concerns_of(answers: Sequence[Mapping[str, Any]]) -> tuple[Concern, ...]:
    """Return the concerns noted on a concern sheet, in the order of the sheet; one without a level has its default."""
    found = []
    for code, default in DEFAULT_LEVELS.items():
        seen = str(first_answer(answers, code, ""))
        if seen in _NOTED:
            level = str(first_answer(answers, f"{code}-level", default))
            outcome = str(first_answer(answers, f"{code}-outcome", ""))
            found.append(Concern(code, seen, int(level) if level in ("1", "2", "3") else default, outcome))
    return tuple(found)


def missing_for(concern: Concern, given: Iterable[str]) -> frozenset[str]:
    """Return what a concern still lacks, of words, action, told, outcome and (when lowered) reason."""
    needs = LEVELS[concern.level].needs | ({"reason"} if concern.is_lowered else frozenset())
    return frozenset(needs) - frozenset(given)


_RISK_ITEMS: Mapping[str, tuple[str, ...]] = {
    "phq-9": ("phq9-9",),
    "epds-score": ("epds-10",),
    "parent-note": ("risk-disclosed",),
    "concern-markers": ("Y9",),
}
"""The answers that open the "risk now?" page; a disclosure is ticked, never inferred from text (practice §4)."""


def asks_risk_now(name: str, answers: Sequence[Mapping[str, Any]]) -> bool:
    """Tell whether a sheet of this questionnaire asks for the "risk now?" page."""
    given = [value for link_id in _RISK_ITEMS.get(name, ()) for value in answer_values(answers, link_id)]
    return any(str(value) not in ("", "0", "False", "None", "none") for value in given)


def visit_flags(sheets: Sequence[tuple[str, Sequence[Mapping[str, Any]]]]) -> tuple[str, ...]:
    """Return the flags of a visit from (questionnaire name, answers) of its sheets, the gravest first.

    A flag travels with the note to everyone who may see the visit: so restricted sheets never raise one.
    """
    levels: set[int] = set()
    found: list[str] = []
    for name, answers in sheets:
        if name == "concern-markers":
            levels |= {concern.level for concern in concerns_of(answers)}
        if asks_risk_now(name, answers) or (name == "risk-now" and answers):
            found.append("risk-now")
        if name == "visit-arrival":
            found += _arrival_flags(answers)
    if levels:
        found.append(f"concern-{max(levels)}")
    return tuple(flag for flag in _GRAVEST_FIRST if flag in found)


_GRAVEST_FIRST = ("concern-3", "risk-now", "concern-2", "baby-not-seen", "not-brought", "no-access", "concern-1")


def _arrival_flags(answers: Sequence[Mapping[str, Any]]) -> list[str]:
    outcome = str(first_answer(answers, "outcome", Outcome.COMPLETED.value))
    if outcome in (Outcome.NO_ACCESS, Outcome.NOT_BROUGHT):
        return [outcome]
    seen = str(first_answer(answers, "baby-seen", ""))
    return ["baby-not-seen"] if outcome == Outcome.COMPLETED and seen == "not-seen" else []


UNSEEN_RUNNING = 2
"""So many visits running without the baby seen awake are brought to the supervisor (practice §3.5)."""


def unseen_awake_running(seen: Sequence[str]) -> int:
    """Count the latest visits running at which the baby was not seen awake, from the newest backwards.

    Takes "awake", "asleep", "not-seen", or "" for a visit before the birth (which ends the count), newest last.
    """
    running = 0
    for each in reversed(seen):
        if each in ("", "awake"):
            break
        running += 1
    return running


def asks_to_see_baby(seen: Sequence[str]) -> bool:
    """Tell whether two visits running passed without the baby seen awake, newest last (practice §3.5)."""
    return unseen_awake_running(seen) >= UNSEEN_RUNNING
