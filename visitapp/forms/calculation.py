"""A questionnaire's expressions at work on one tree of answers: what they give, within bounds, with what went wrong."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from visitapp.forms import expressions
from visitapp.forms.answers import Answers, Branch, Spot, as_tree
from visitapp.forms.definition import Questionnaire
from visitapp.forms.expressions import ExpressionError
from visitapp.forms.facts import Fact, Severity
from visitapp.forms.formulas import Formula
from visitapp.forms.items import Constraint, Expression, Item, Option, read_option
from visitapp.forms.names import FHIRPATH, addresses_in, names_in
from visitapp.forms.results import as_option, as_values
from visitapp.forms.shortcuts import shortened
from visitapp.forms.values import Value

# What slow expressions may take together beyond a little each, and what all of them may take: a form of a few hundred
# honest calculations opens, one with a few bombs is told apart at once.
MAX_SLOW_SECONDS = 0.6
MAX_SECONDS = 1.2
FREE_SECONDS = 0.02
MAX_NAMES = 40


@dataclass(frozen=True, slots=True)
class LaunchContext:
    """The FHIR resources a form may look at, by the names SDC gives them (patient, user…), and what now is."""

    resources: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    at: datetime | None = None


class Calculation:
    """Evaluates expressions against the answers as they are; `renew()` after every change."""

    def __init__(self, questionnaire: Questionnaire, answers: Answers, context: LaunchContext) -> None:
        self._questionnaire = questionnaire
        self._formulas = questionnaire.formulas
        self._answers = answers
        self._context = context
        self._problems: dict[tuple[str, str], Fact] = {}
        self._spent = self._slow = 0.0
        self.renew()

    @property
    def facts(self) -> tuple[Fact, ...]:
        """What could not be evaluated so far."""
        return tuple(self._problems.values())

    def renew(self) -> None:
        """Forgets what was made of the answers before."""
        self._tree: dict[str, Any] | None = None
        self._places: dict[Spot | Branch, Mapping[str, Any]] = {}
        self._items: dict[str, Sequence[Any]] = {}
        self._memo: dict[tuple[Spot | Branch | None, str], Sequence[Any]] = {}

    def begin(self) -> None:
        """A new span of time: what a person does next is not charged for what she did before."""
        self._spent = self._slow = 0.0

    def is_true(self, formula: Formula, spot: Spot) -> bool:
        """Whether an enableWhenExpression is met; one that can't be evaluated leaves the question shown."""
        found = self._evaluate(formula.expression, formula.item, spot)
        return True if found is None else found[:1] == [True]

    def values(self, formula: Formula, spot: Spot) -> list[Value] | None:
        """What an expression gives as answers to its item; None where it can't be evaluated."""
        found = self._evaluate(formula.expression, formula.item, spot)
        return None if found is None else as_values(found, formula.item, self._questionnaire.options(formula.item))

    def is_required(self, spot: Spot) -> bool:
        """Whether an answer is required, as the form says it or works it out."""
        return self._flag(self._formulas.required, spot, spot.item.required)

    def is_read_only(self, spot: Spot) -> bool:
        """Whether nothing can be entered, as the form says it or works it out."""
        return self._flag(self._formulas.read_only, spot, spot.item.read_only)

    def _flag(self, formulas: Mapping[str, Formula], spot: Spot, otherwise: bool) -> bool:
        formula = formulas.get(spot.item.link_id)
        found = self._evaluate(formula.expression, formula.item, spot) if formula else None
        return otherwise if found is None else found[:1] == [True]

    def text(self, spot: Spot) -> str | None:
        """The calculated text of an item, or None."""
        formula = self._formulas.texts.get(spot.item.link_id)
        found = self._evaluate(formula.expression, formula.item, spot) if formula else None
        return str(found[0]) if found and isinstance(found[0], (str, int)) else None

    def limits(self, spot: Spot) -> tuple[Value | None, Value | None]:
        """The lowest and the highest value, calculated or fixed."""
        item = spot.item
        limits = self._formulas.limits.get(item.link_id)
        least = self._limit(limits.least, spot) if limits and limits.least else None
        most = self._limit(limits.most, spot) if limits and limits.most else None
        return (item.min_value if least is None else least), (item.max_value if most is None else most)

    def _limit(self, formula: Formula, spot: Spot) -> Value | None:
        found = self._evaluate(formula.expression, formula.item, spot)
        return next(iter(as_values(found, formula.item, ())), None) if found else None

    def options(self, spot: Spot) -> tuple[Option, ...] | None:
        """The options an answerExpression gives; None where there is no such expression or it failed."""
        formula = self._formulas.options.get(spot.item.link_id)
        found = self._evaluate(formula.expression, formula.item, spot) if formula else None
        if found is None:
            return None
        made = (read_option(raw) for each in found if (raw := as_option(each)) is not None)
        return tuple(option for option in made if option is not None)

    def broken(self, constraints: Sequence[Constraint], item: Item | None, spot: Spot | None, path: str) -> list[Fact]:
        """The constraints that are not met; one that gives nothing is met, for want of an answer to judge."""
        facts = []
        for constraint in constraints:
            holders: Sequence[Spot | Branch | None] = [spot]
            if spot is not None and spot.item.is_group:
                holders = list(spot.occurrences)
            for holder in holders:
                facts += self._broken(constraint, item, holder, path)
        return facts

    def _broken(self, constraint: Constraint, item: Item | None, holder: Spot | Branch | None, path: str) -> list[Fact]:
        link_id = item.link_id if item else None
        try:
            found = self._result(constraint.expression, item, holder)
        except ExpressionError as problem:
            detail: dict[str, Any] = {"key": constraint.key, "expression": constraint.expression.text[:200]}
            # One that means nothing is never met; one that took too long, or needs what is not here, is only undecided.
            is_open = problem.rule in ("expressionTimeout", "expressionElsewhere")
            severity = Severity.WARNING if is_open else Severity.ERROR
            return [Fact(severity, "invariantExecution", link_id, path, detail)]
        if not found or found[0] is True:
            return []
        detail = {"key": constraint.key, "human": constraint.human[:500], "location": constraint.location}
        return [Fact(Severity(constraint.severity), "invariant", link_id, path, detail)]

    def _evaluate(self, expression: Expression, item: Item, spot: Spot) -> list[Any] | None:
        try:
            return self._result(expression, item, spot)
        except ExpressionError as problem:
            detail = {"expression": expression.text[:200], "name": problem.name[:80]}
            fact = Fact(Severity.WARNING, problem.rule, item.link_id, item.path, detail)
            self._problems[item.link_id, expression.text] = fact
            return None

    def _result(self, expression: Expression, item: Item | None, holder: Spot | Branch | None) -> list[Any]:
        raw = self._raw(expression, item, holder, ())
        return [expressions.plain(each) for each in raw]

    def _raw(self, expression: Expression, item: Item | None, holder: Spot | Branch | None, names: tuple[str, ...]) -> list[Any]:
        if expression.language != FHIRPATH:
            return []
        if self._spent > MAX_SECONDS or self._slow > MAX_SLOW_SECONDS:
            raise ExpressionError("expressionTimeout")
        variables = self._variables(expression, item, holder, names)
        base, path = self._base(holder)
        short = shortened(expression.text, self._questionnaire.item)
        for name, link_id in short.items:
            variables[name] = self._found(link_id)
        if item is not None:
            variables["qitem"] = item.raw
        variables["context"] = base
        started = time.monotonic()
        try:
            return expressions.evaluate(
                short.text,
                base,
                variables,
                path=path,
                at=self._context.at,
                seconds=max(0.05, MAX_SLOW_SECONDS - self._slow),
            )
        finally:
            took = time.monotonic() - started
            self._spent += took
            self._slow += max(0.0, took - FREE_SECONDS)

    def _variables(
        self, expression: Expression, item: Item | None, holder: Spot | Branch | None, names: tuple[str, ...]
    ) -> dict[str, Any]:
        tree = self._whole()
        made: dict[str, Any] = {"resource": tree, "rootResource": tree, "questionnaire": self._questionnaire.raw}
        made |= self._context.resources
        for name in names_in(expression.text):
            found = self._formulas.names.find(name, item)
            if found is not None and name not in names:
                if len(names) > MAX_NAMES:
                    raise ExpressionError("expressionFailed")
                made[name] = self._variable(name, *found, holder, (*names, name))
            elif name in self._formulas.names.launched:
                made.setdefault(name, [])
            elif name not in made:
                is_elsewhere = name in self._formulas.names.elsewhere
                raise ExpressionError("expressionElsewhere", name) if is_elsewhere else ExpressionError("expressionVariable", name)
        return made | addresses_in(expression.text)

    def _variable(
        self, name: str, owner: Item | None, said: Expression, holder: Spot | Branch | None, names: tuple[str, ...]
    ) -> Sequence[Any]:
        at = _holder_of(owner, holder)
        if (at, name) not in self._memo:
            self._memo[at, name] = self._raw(said, owner, at, names)
        return self._memo[at, name]

    def _whole(self) -> dict[str, Any]:
        if self._tree is None:
            self._places = {}
            items = as_tree(self._answers.root, self._places)
            self._tree = {
                "resourceType": "QuestionnaireResponse",
                "questionnaire": self._questionnaire.canonical,
                "item": items,
            }
        return self._tree

    def _found(self, link_id: str) -> Sequence[Any]:
        """The response items of a linkId, in the order of the response."""
        if link_id not in self._items:
            self._whole()
            spots = self._answers.by_link.get(link_id, ())
            holders: list[Spot | Branch] = [each for spot in spots for each in (spot.occurrences if spot.item.is_group else [spot])]
            found = [self._places[each] for each in holders if each in self._places]
            self._items[link_id] = expressions.typed_items([each for each in found if len(each) > 1])
        return self._items[link_id]

    def _base(self, holder: Spot | Branch | None) -> tuple[Mapping[str, Any], str | None]:
        tree = self._whole()
        if holder is None:
            return tree, None
        link_id = holder.item.link_id if isinstance(holder, Spot) else ""
        return self._places.get(holder, {"linkId": link_id}), "QuestionnaireResponse.item"


def _holder_of(owner: Item | None, holder: Spot | Branch | None) -> Spot | Branch | None:
    """The spot or occurrence, at or above another, that an item with a variable has."""
    if owner is None:
        return None
    while holder is not None:
        if isinstance(holder, Spot):
            if holder.item is owner and not owner.is_group:
                return holder
            holder = holder.branch
        elif holder.owner is not None and holder.owner.item is owner and owner.is_group:
            return holder
        else:
            holder = holder.owner
    return None
