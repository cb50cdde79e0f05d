"""The expressions a questionnaire holds, what each of them looks at, and which of them go in a circle."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from visitapp.forms import extensions as ext
from visitapp.forms.circles import components
from visitapp.forms.facts import Fact, Severity
from visitapp.forms.items import Constraint, Expression, Item, expression

FHIRPATH = "text/fhirpath"
_LINK_ID = re.compile(r"""linkId\s*[=~]\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")""")
_VARIABLE = re.compile(r"%(?:`([^`]+)`|'([^']+)'|([A-Za-z_][\w-]*))")
# A step into the items that isn't followed by a linkId may look at any answer.
_ANY_ITEM = re.compile(
    r"(?:^|[\s(,+\-*/=|<>~])(?:(?:%resource|%context|%rootResource|QuestionnaireResponse|\$this)\s*\.\s*)?item\b"
    r"(?!\s*\.\s*where\s*\(\s*linkId\s*[=~]\s*['\"])"
    r"|(?:descendants\s*\(\s*\)|children\s*\(\s*\)|repeat\s*\(\s*[\w.|\s]*\))(?!\s*\.\s*where\s*\(\s*linkId\s*[=~]\s*['\"])"
    r"|where\s*\(\s*linkId\s*(?![=~\s])"
)
_WHOLE = re.compile(r"%(?:resource|rootResource)\b(?!\s*\.)|(?:^|[\s(,])QuestionnaireResponse\b(?!\s*\.)")
_SUPPLIED = frozenset(("resource", "rootResource", "context", "questionnaire", "qitem", "ucum", "sct", "loinc"))


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
        self.variables = {"": self._variables(raw, "Questionnaire", None)}
        for item in items:
            named = self._variables(item.raw, item.path, item) if "extension" in item.raw else {}
            if named:
                self.variables[item.link_id] = named
        self.launch_names = frozenset(_launch_names(raw))
        with_extensions = [item for item in items if "extension" in item.raw or "_text" in item.raw]
        self.enabling = self._of(with_extensions, ext.ENABLE_WHEN)
        self.calculated = self._of(with_extensions, ext.CALCULATED)
        self.initial = self._of(with_extensions, ext.INITIAL)
        self.options = self._of(with_extensions, ext.ANSWER)
        self.texts = self._texts(with_extensions)
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
        return not (self.enabling or self.calculated or self.initial or self.options or self.texts) and not (
            self.limits or self.constraints or self.root_constraints
        )

    def all_formulas(self) -> Iterator[Formula]:
        """Every formula of an item but the initial ones, which are evaluated once."""
        for table in (self.enabling, self.calculated, self.options, self.texts):
            yield from table.values()
        for limits in self.limits.values():
            yield from (each for each in (limits.least, limits.most) if each is not None)

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
        return None if found is None else Formula(item, found, self._needs(found, item, ()))

    def _readable(self, said: Any, path: str, item: Item | None) -> Expression | None:
        found = expression(said, path)
        link_id = item.link_id if item else None
        if found is None:
            self.facts.append(Fact(Severity.ERROR, "expressionBroken", link_id, path, {"expression": ""}))
            return None
        if found.language != FHIRPATH:
            detail = {"what": f"an expression in {found.language[:80]}"}
            self.facts.append(Fact(Severity.WARNING, "unsupported", link_id, path, detail))
            return None
        return found

    def _variables(self, raw: Mapping[str, Any], path: str, item: Item | None) -> dict[str, Expression]:
        made = {}
        for each in ext.of(raw):
            if each.get("url") == ext.VARIABLE:
                found = self._readable(ext.content(each), path, item)
                if found is not None and found.name:
                    made[found.name] = found
        return made

    def _texts(self, items: Iterable[Item]) -> dict[str, Formula]:
        made = {}
        for item in items:
            formula = self._formula(item, ext.says(item.raw.get("_text"), ext.CQF_EXPRESSION), f"{item.path}.text")
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

    def names(self, text: str) -> set[str]:
        """The variables an expression uses by name."""
        return {first or second or third for first, second, third in _VARIABLE.findall(text)} - _SUPPLIED

    def variable(self, name: str, item: Item | None) -> tuple[Item | None, Expression] | None:
        """The nearest variable of that name, with the item that has it (None for the form itself)."""
        for owner in (item, *item.ancestors()) if item else ():
            found = self.variables.get(owner.link_id, {}).get(name)
            if found is not None:
                return owner, found
        found = self.variables[""].get(name)
        return (None, found) if found is not None else None

    def _named(self, text: str, item: Item | None, path: str) -> None:
        """Reports variables that nothing defines; an expression that uses one can never be evaluated."""
        for name in sorted(self.names(text) - self.launch_names):
            if self.variable(name, item) is None:
                detail = {"name": name[:80], "expression": text[:200]}
                self.facts.append(Fact(Severity.ERROR, "expressionVariable", item.link_id if item else None, path, detail))

    def _needs(self, found: Expression, item: Item | None, seen: tuple[str, ...]) -> frozenset[str] | None:
        text = found.text
        if _ANY_ITEM.search(text) or _WHOLE.search(text):
            return None
        named = {first or second for first, second in _LINK_ID.findall(text)}
        needs = {link_id.replace("\\'", "'") for link_id in named}
        if item is not None and not needs:
            needs.add(item.link_id)
        for name in self.names(text):
            variable = self.variable(name, item)
            if variable is None or name in seen:
                continue
            more = self._needs(variable[1], variable[0], (*seen, name))
            if more is None:
                return None
            needs |= more
        return frozenset(needs)

    def _leave_out_circles(self) -> None:
        edges: dict[str, list[str]] = {item.link_id: _parent(item) for item in self._known.values()}
        for table in (self.calculated, self.enabling):
            for link_id, formula in table.items():
                edges[link_id] += [each for each in self._within(formula.needs or ()) if each != link_id]
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
        named = {first or second for first, second in _LINK_ID.findall(formula.expression.text)}
        return formula.item.link_id in named

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
                watch(item, self._needs(constraint.expression, item, ()))
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


def _launch_names(raw: Mapping[str, Any]) -> Iterator[str]:
    for each in ext.of(raw):
        if each.get("url") == ext.LAUNCH_CONTEXT:
            for piece in ext.of(each):
                said = ext.content(piece)
                if piece.get("url") == "name":
                    name = said.get("code") if isinstance(said, Mapping) else said
                    if isinstance(name, str):
                        yield name
