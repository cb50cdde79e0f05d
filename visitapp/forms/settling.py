"""Bringing a tree of answers to rest after a change: what is asked, what is calculated, and what follows from that."""

from collections.abc import Callable, Iterable, Sequence

from visitapp.forms.answers import Answers, Spot
from visitapp.forms.calculation import Calculation, LaunchContext
from visitapp.forms.definition import Questionnaire
from visitapp.forms.enablement import Enablement
from visitapp.forms.facts import Fact, Severity
from visitapp.forms.values import Value, same

Put = Callable[[Spot, Sequence[Value]], Iterable[Spot]]
"""Puts answers at a spot; gives the spots below them that came or went."""


class Settling:
    """Decides and calculates again only what looks at something that changed, until nothing changes any more.

    Without `put` nothing is calculated into the answers: a response is judged as it came.
    """

    def __init__(self, questionnaire: Questionnaire, answers: Answers, context: LaunchContext, put: Put | None = None) -> None:
        self._formulas = questionnaire.formulas
        self._answers = answers
        self._enablement = Enablement(questionnaire, answers)
        self._put = put
        self._restless: dict[str, Fact] = {}
        self.calculation = None if self._formulas.is_empty else Calculation(questionnaire, answers, context)

    @property
    def facts(self) -> tuple[Fact, ...]:
        """Expressions that could not be evaluated, or never came to rest."""
        return (*(self.calculation.facts if self.calculation else ()), *self._restless.values())

    def settle_all(self) -> None:
        """Decides and calculates everything from nothing."""
        self._enablement.decide_all()
        if self.calculation is not None:
            self._rounds(set(), {formula.item.link_id for formula in self._formulas.all_formulas()})

    def settle(self, changed: Iterable[str], fresh: Iterable[str] = ()) -> set[Spot]:
        """Follows from changed answers and from items that are new in the tree; gives the spots that look different."""
        changed, fresh = set(changed), set(fresh)
        touched = self._enablement.decide(fresh) if fresh else set()
        touched |= self._enablement.answered(changed)
        if self.calculation is not None:
            changed |= {spot.item.link_id for spot in touched}
            touched |= self._rounds(changed, fresh)
        return touched

    def _rounds(self, changed: set[str], fresh: set[str]) -> set[Spot]:
        assert self.calculation is not None
        self.calculation.begin()
        touched: set[Spot] = set()
        everything = set(changed)
        moving: set[str] = set()
        # A chain of calculations needs as many rounds as it is long; one that needs more goes in a circle.
        for _ in range(len(self._formulas.calculated) + len(self._formulas.enabling) + 3):
            self.calculation.renew()
            watching = self._formulas.watchers(changed) | fresh
            moved = self._ask(watching)
            if moved:
                changed |= {spot.item.link_id for spot in moved}
                touched |= moved
                everything |= changed
                continue
            recalculated, came = self._calculate(watching)
            moving = {spot.item.link_id for spot in recalculated}
            if not recalculated:
                break
            touched |= recalculated
            moved = self._enablement.answered(moving) | (self._enablement.decide(came) if came else set())
            touched |= moved
            changed = moving | {spot.item.link_id for spot in moved}
            # Below an answer that was worked out there may be more to work out.
            fresh = came
            everything |= changed
        else:
            self._report(moving)
        self.calculation.renew()
        for link_id in self._formulas.watchers(everything):
            touched.update(self._answers.by_link.get(link_id, ()))
        return touched

    def _ask(self, watching: Iterable[str]) -> set[Spot]:
        assert self.calculation is not None
        flipped = []
        for link_id in watching:
            formula = self._formulas.enabling.get(link_id)
            for spot in self._answers.by_link.get(link_id, ()) if formula else ():
                assert formula is not None
                asked = self.calculation.is_true(formula, spot)
                if asked is not spot.asked:
                    spot.asked = asked
                    flipped.append(link_id)
        return self._enablement.decide(flipped) if flipped else set()

    def _calculate(self, watching: Iterable[str]) -> tuple[set[Spot], set[str]]:
        """The spots that have new answers or came and went with them, and the linkIds of the latter."""
        assert self.calculation is not None
        changed: set[Spot] = set()
        came: set[str] = set()
        if self._put is None:
            return changed, came
        for link_id in watching:
            formula = self._formulas.calculated.get(link_id)
            for spot in list(self._answers.by_link.get(link_id, ())) if formula else ():
                if formula is None or not spot.live or spot.overridden:
                    continue
                values = self.calculation.values(formula, spot)
                if values is None or _are_same(values, spot.values):
                    continue
                changed.add(spot)
                below = list(self._put(spot, values))
                changed.update(below)
                came.update(each.item.link_id for each in below)
        return changed, came

    def _report(self, moving: Iterable[str]) -> None:
        for link_id in moving:
            formula = self._formulas.calculated.get(link_id)
            if formula is not None:
                detail = {"expression": formula.expression.text[:200]}
                path = formula.item.path
                self._restless[link_id] = Fact(Severity.WARNING, "expressionCycle", link_id, path, detail)


def _are_same(left: Sequence[Value], right: Sequence[Value]) -> bool:
    return len(left) == len(right) and all(map(same, left, right))
