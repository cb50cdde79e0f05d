"""The expressions a questionnaire holds, what each of them looks at, and which of them go in a circle."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from visitapp.forms import extensions as ext
from visitapp.forms.circles import components
from visitapp.forms.facts import Fact, Severity
from visitapp.forms.items import Constraint, Expression, Item, expression
from visitapp.forms.looking import looks_at, names_link_id
from visitapp.forms.names import FHIRPATH, Names, names_in, spelled

_BESIDE = frozenset(("extension", "_text", "_required", "_readOnly"))
_MOST_NAMES = 40
"""How many names deep expressions may use each other: more is a riddle, not a form."""


@dataclass(frozen=True, slots=True)
class Formula:
    """One expression of an item; `needs` are the linkIds it looks at, None where it may look at any."""

    item: Item
    expression: Expression
    needs: frozenset[str] | None


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of an item that are calculated."""

    least: Formula | None
    most: Formula | None


class Formulas:
    """Every expression of a questionnaire by what it is for; those in a circle are left out and reported."""

    def __init__(self, raw: Mapping[str, Any], items: Sequence[Item]) -> None:
        self._known = {item.link_id: item for item in items}
        self.facts: list[Fact] = []
        self.names = Names(raw, items)
        self._looked: dict[tuple[str, str], frozenset[str] | None] = {}
        with_extensions = [item for item in items if not _BESIDE.isdisjoint(item.raw)]
        self._check_variables(raw, with_extensions)
        self.enabling = self._of(with_extensions, ext.ENABLE_WHEN)
        self.calculated = self._of(with_extensions, ext.CALCULATED)
        self.initial = self._of(with_extensions, ext.INITIAL)
        self.options = self._of(with_extensions, ext.ANSWER)
        self.texts = self._beside(with_extensions, "text")
        self.required = self._beside(with_extensions, "required")
        self.read_only = self._beside(with_extensions, "readOnly")
        self.limits = self._limits(with_extensions)
        self.root_constraints = tuple(self._constraints(raw, "Questionnaire", None))
        constraints = ((item, tuple(self._constraints(item.raw, item.path, item))) for item in with_extensions)
        self.constraints = {item.link_id: found for item, found in constraints if found}
        self._check_names()
        self._leave_out_circles()
        self.looked_at_by = self._watchers()

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to evaluate at all."""
        tables = (self.enabling, self.calculated, self.initial, self.options, self.texts, self.required, self.read_only)
        return not any(tables) and not (self.limits or self.constraints or self.root_constraints)

    def all_formulas(self) -> Iterator[Formula]:
        """Every formula of an item but the initial ones, which are evaluated once."""
        for table in (self.enabling, self.calculated, self.options, self.texts, self.required, self.read_only):
            yield from table.values()
        for limits in self.limits.values():
            yield from (each for each in (limits.least, limits.most) if each is not None)

    def all_expressions(self) -> Iterator[tuple[Item | None, Expression]]:
        """Every FHIRPath expression with the item that has it, None for the form itself."""
        for formula in (*self.all_formulas(), *self.initial.values()):
            yield formula.item, formula.expression
        for constraint in self.root_constraints:
            yield None, constraint.expression
        for link_id, constraints in self.constraints.items():
            yield from ((self._known[link_id], constraint.expression) for constraint in constraints)
        for link_id, found in self.names.definitions():
            yield self._known.get(link_id), found

    def watchers(self, link_ids: Iterable[str]) -> set[str]:
        """The items any of whose expressions look at any of these."""
        found = set(self.looked_at_by.get(None, ()))
        for link_id in link_ids:
            found.update(self.looked_at_by.get(link_id, ()))
        return found

    def _of(self, items: Iterable[Item], url: str) -> dict[str, Formula]:
        made = {}
        for item in items:
            formula = self._formula(item, item.extension(url), item.path)
            if formula is not None:
                made[item.link_id] = formula
        return made

    def _formula(self, item: Item, said: Any, path: str) -> Formula | None:
        if said is None:
            return None
        found = self._readable(said, path, item)
        return None if found is None else Formula(item, found, self._needs(found, item))

    def _readable(self, said: Any, path: str, item: Item | None) -> Expression | None:
        found = expression(said, path)
        if found is None:
            self._report(said, path, item)
            return None
        if found.language != FHIRPATH:
            self._unsupported(f"an expression in {found.language[:80]}", path, item)
            return None
        return Expression(spelled(found.text, self.names.hyphenated), found.language, found.name, found.place)

    def _report(self, said: Any, path: str, item: Item | None) -> None:
        if isinstance(said, Mapping) and isinstance(said.get("reference"), str):
            self._unsupported(f"an expression kept elsewhere, {said['reference'][:200]}", path, item)
            return
        link_id = item.link_id if item else None
        self.facts.append(Fact(Severity.ERROR, "expressionBroken", link_id, path, {"expression": ""}))

    def _unsupported(self, what: str, path: str, item: Item | None) -> None:
        link_id = item.link_id if item else None
        self.facts.append(Fact(Severity.WARNING, "unsupported", link_id, path, {"what": what}))

    def _check_variables(self, raw: Mapping[str, Any], items: Iterable[Item]) -> None:
        for item in (None, *items):
            for each in ext.of(item.raw if item else raw):
                if each.get("url") == ext.VARIABLE:
                    self._readable(ext.content(each), item.path if item else "Questionnaire", item)

    def _beside(self, items: Iterable[Item], element: str) -> dict[str, Formula]:
        """The expressions that stand beside an element and take its place."""
        made = {}
        for item in items:
            said = ext.says(item.raw.get(f"_{element}"), ext.CQF_EXPRESSION)
            formula = self._formula(item, said, f"{item.path}.{element}")
            if formula is not None:
                made[item.link_id] = formula
        return made

    def _limits(self, items: Iterable[Item]) -> dict[str, Limits]:
        made = {}
        for item in items:
            least, most = (
                self._formula(item, _calculated(ext.first(item.raw, *urls)), item.path)
                for urls in ((ext.MIN_VALUE, ext.MIN_QUANTITY), (ext.MAX_VALUE, ext.MAX_QUANTITY))
            )
            if least is not None or most is not None:
                made[item.link_id] = Limits(least, most)
        return made

    def _constraints(self, raw: Mapping[str, Any], path: str, item: Item | None) -> Iterator[Constraint]:
        for each in ext.of(raw):
            if each.get("url") not in (ext.CONSTRAINT, ext.TARGET_CONSTRAINT):
                continue
            parts = ext.parts(each)
            said = parts.get("expression")
            found = self._readable({"expression": said} if isinstance(said, str) else said, path, item)
            if found is None:
                continue
            severity = parts.get("severity")
            human = parts.get("human") or parts.get("requirements") or found.text
            location = parts.get("location")
            yield Constraint(
                str(parts.get("key") or ""),
                found,
                severity if severity in ("error", "warning") else "error",
                str(human),
                location if isinstance(location, str) else None,
            )

    def _check_names(self) -> None:
        for formula in (*self.all_formulas(), *self.initial.values()):
            self._named(formula.expression.text, formula.item, formula.item.path)
        for link_id, constraints in (("", self.root_constraints), *self.constraints.items()):
            item = self._known.get(link_id)
            for constraint in constraints:
                self._named(constraint.expression.text, item, item.path if item else "Questionnaire")

    def _named(self, text: str, item: Item | None, path: str) -> None:
        """Reports names that nothing here can fill; an expression that uses one is not evaluated."""
        for name in self.names.unknown(text, item):
            detail = {"name": name[:80], "expression": text[:200]}
            link_id = item.link_id if item else None
            if name in self.names.elsewhere:
                self.facts.append(Fact(Severity.WARNING, "expressionElsewhere", link_id, path, detail))
            else:
                self.facts.append(Fact(Severity.WARNING, "expressionVariable", link_id, path, detail))

    def _needs(self, found: Expression, item: Item | None) -> frozenset[str] | None:
        named = looks_at(found.text)
        if named is None:
            return None
        needs = set(named)
        if item is not None and not needs:
            needs.add(item.link_id)
        more = self._needs_of_names(found.text, item, 0)
        return None if more is None else frozenset(needs | more)

    def _needs_of_names(self, text: str, item: Item | None, depth: int) -> frozenset[str] | None:
        needs: set[str] = set()
        for name in names_in(text):
            variable = self.names.find(name, item)
            if variable is None:
                continue
            owner, said = variable
            at = (owner.link_id if owner else "", name)
            if at not in self._looked:
                # While it is being found out, a name that leads back to itself adds nothing.
                self._looked[at] = frozenset()
                self._looked[at] = self._needs_of_variable(said.text, owner, depth)
            more = self._looked[at]
            if more is None:
                return None
            needs |= more
        return frozenset(needs)

    def _needs_of_variable(self, text: str, owner: Item | None, depth: int) -> frozenset[str] | None:
        own = looks_at(text)
        if own is None or depth > _MOST_NAMES:
            return None
        below = self._needs_of_names(text, owner, depth + 1)
        own = own or frozenset((owner.link_id,) if owner else ())
        return None if below is None else own | below

    def _leave_out_circles(self) -> None:
        edges: dict[str, list[str]] = {item.link_id: _parent(item) for item in self._known.values()}
        for table in (self.calculated, self.enabling):
            for link_id, formula in table.items():
                # What lies in a group that is looked at as a whole is left to be seen: most sums leave out themselves.
                needs = (self._known.get(each) for each in formula.needs or ())
                edges[link_id] += [each.link_id for each in needs if each and each.is_question and each.link_id != link_id]
        for item in self._known.values():
            edges[item.link_id] += [each.question for each in item.conditions if each.question in self._known]
        component = components(edges)
        sizes: dict[int, int] = {}
        for number in component.values():
            sizes[number] = sizes.get(number, 0) + 1
        for table in (self.calculated, self.enabling):
            for link_id in [each for each in table if sizes[component[each]] > 1 or self._is_own(table[each])]:
                formula = table.pop(link_id)
                detail = {"expression": formula.expression.text[:200]}
                self.facts.append(Fact(Severity.ERROR, "expressionCycle", link_id, formula.item.path, detail))

    def _is_own(self, formula: Formula) -> bool:
        return formula.item.is_question and names_link_id(formula.expression.text, formula.item.link_id)

    def _within(self, needs: Iterable[str]) -> Iterator[str]:
        for link_id in needs:
            item = self._known.get(link_id)
            if item is not None:
                yield from (each.link_id for each in item.walk())

    def _watchers(self) -> dict[str | None, list[str]]:
        found: dict[str | None, dict[str, None]] = {}

        def watch(item: Item, needs: frozenset[str] | None) -> None:
            for link_id in [None] if needs is None else self._within(needs):
                found.setdefault(link_id, {})[item.link_id] = None

        for formula in self.all_formulas():
            watch(formula.item, formula.needs)
        for link_id, constraints in self.constraints.items():
            item = self._known[link_id]
            for constraint in constraints:
                watch(item, self._needs(constraint.expression, item))
        return {link_id: list(items) for link_id, items in found.items()}


def _parent(item: Item) -> list[str]:
    return [item.parent.link_id] if item.parent else []


def _calculated(extension: Mapping[str, Any] | None) -> Any:
    if extension is None:
        return None
    for key, part in extension.items():
        if key.startswith("_value"):
            return ext.says(part, ext.CQF_EXPRESSION, ext.CQF_CALCULATED)
    return ext.says(extension, ext.CQF_EXPRESSION, ext.CQF_CALCULATED)
