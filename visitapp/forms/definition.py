"""Reading a FHIR R4 Questionnaire: what it says, what is wrong with it, and what in it is not supported."""

import hashlib
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

from visitapp.forms import extensions as ext
from visitapp.forms import wire
from visitapp.forms.dependencies import Dependencies
from visitapp.forms.facts import Fact, MalformedQuestionnaire, Severity, has_errors
from visitapp.forms.formulas import Formulas
from visitapp.forms.inspection import inspect
from visitapp.forms.items import ITEM_TYPES, Condition, Item, Option, option_value, read_option
from visitapp.forms.terminology import ValueSets

MAX_ITEMS = 20_000
MAX_ITEM_DEPTH = 64
OPERATORS = frozenset(("exists", "=", "!=", ">", "<", ">=", "<="))


class Questionnaire:
    """A questionnaire that could be read; `facts` say what is doubtful in it, `unsupported` what has no effect here."""

    def __init__(self, raw: Mapping[str, Any], items: tuple[Item, ...], facts: tuple[Fact, ...], source: bytes) -> None:
        self.raw = raw
        self.items = items
        self.source = source
        self._index: dict[str, Item] = {each.link_id: each for item in items for each in item.walk()}
        self.facts = facts
        self._set_options: dict[str, tuple[Option, ...]] = {}

    def __repr__(self) -> str:
        return f"Questionnaire({self.canonical!r})"

    @cached_property
    def url(self) -> str:
        return _string(self.raw.get("url")) or f"urn:sha256:{self.digest}"

    @cached_property
    def version(self) -> str:
        return _string(self.raw.get("version"))

    @cached_property
    def canonical(self) -> str:
        """`url|version`, or the url alone where no version is given."""
        return f"{self.url}|{self.version}" if self.version else self.url

    @cached_property
    def title(self) -> str:
        return _string(self.raw.get("title")) or _string(self.raw.get("name"))

    @cached_property
    def status(self) -> str:
        return _string(self.raw.get("status"))

    @cached_property
    def language(self) -> str:
        return _string(self.raw.get("language")) or "en"

    @cached_property
    def digest(self) -> str:
        """SHA-256 (hex) of the questionnaire with its keys sorted: the same content, the same digest."""
        return hashlib.sha256(wire.canonical(self.raw)).hexdigest()

    @cached_property
    def dependencies(self) -> Dependencies:
        """Which item's being asked depends on which other."""
        return Dependencies(tuple(self._index.values()))

    @cached_property
    def formulas(self) -> Formulas:
        """The expressions it holds."""
        return Formulas(self.raw, tuple(self._index.values()))

    @cached_property
    def value_sets(self) -> ValueSets:
        """Finds the value sets that the questionnaire names."""
        return ValueSets(self.contained)

    @cached_property
    def unsupported(self) -> tuple[Fact, ...]:
        return tuple(fact for fact in self.facts if fact.rule == "unsupported")

    @cached_property
    def contained(self) -> Mapping[str, Mapping[str, Any]]:
        found = self.raw.get("contained")
        parts = found if isinstance(found, list) else ()
        return {str(part["id"]): part for part in parts if isinstance(part, Mapping) and "id" in part}

    def title_in(self, language: str) -> str:
        """The title in a language; the original where there is no translation."""
        return ext.translated(self.raw, "title", language) or self.title

    def item(self, link_id: str) -> Item | None:
        return self._index.get(link_id)

    def options(self, item: Item) -> tuple[Option, ...]:
        """What may be chosen: the item's own options, or its value set's as far as it is on this machine."""
        if item.options or item.answer_value_set is None:
            return item.options
        if item.link_id not in self._set_options:
            self._set_options[item.link_id] = self.value_sets.expansion(item.answer_value_set).options()
        return self._set_options[item.link_id]

    def is_scored(self, item: Item) -> bool:
        """Whether any option of the item has a weight."""
        return item.is_scored or any(option.weight is not None for option in self.options(item))

    def all_items(self) -> Iterator[Item]:
        """Every item, in the order of the form."""
        return iter(self._index.values())

    def extension(self, url: str) -> Any:
        """What the questionnaire's own extension says, or None."""
        return ext.says(self.raw, url)

    def extensions(self, url: str) -> list[Any]:
        return [ext.content(each) for each in ext.of(self.raw) if each.get("url") == url]


def load_questionnaire(raw: bytes | str | Mapping[str, Any]) -> Questionnaire:
    """The questionnaire as read.

    Raises `MalformedQuestionnaire` where it can't be used at all: no JSON, another resource, items without linkId or
    type, a linkId twice, too many items or too deep. Anything less is in the questionnaire's `facts`.
    """
    if isinstance(raw, (bytes, str)):
        source = raw.encode("utf-8", "surrogatepass") if isinstance(raw, str) else raw
        try:
            parsed = wire.parse(raw)
        except wire.NotReadable as problem:
            raise MalformedQuestionnaire([_error("notReadable", "", reason=problem.reason)]) from None
    else:
        parsed, source = raw, b""
    if not isinstance(parsed, Mapping):
        raise MalformedQuestionnaire([_error("notReadable", "", reason="not-an-object")])
    if parsed.get("resourceType") != "Questionnaire":
        raise MalformedQuestionnaire([_error("notAQuestionnaire", "", found=str(parsed.get("resourceType"))[:80])])
    reader = _Reader()
    items = reader.read(parsed)
    if has_errors(reader.facts):
        raise MalformedQuestionnaire(reader.facts)
    made = Questionnaire(parsed, items, (), source or wire.write(parsed).encode("utf-8", "surrogatepass"))
    made.facts = (*reader.facts, *inspect(made))
    return made


class _Reader:
    """Builds the items of one questionnaire and collects what stops it from being used."""

    def __init__(self) -> None:
        self.facts: list[Fact] = []
        self._seen: set[str] = set()
        self._order = 0

    def read(self, raw: Mapping[str, Any]) -> tuple[Item, ...]:
        if raw.get("modifierExtension"):
            self._add("modifierExtension", "Questionnaire", url=_modifier(raw))
        if raw.get("implicitRules"):
            self._add("implicitRules", "Questionnaire", url=str(raw["implicitRules"])[:200])
        return self._children(raw.get("item"), None, "Questionnaire")

    def _children(self, found: Any, parent: Item | None, above: str) -> tuple[Item, ...]:
        if found is None:
            return ()
        if not isinstance(found, list):
            self._add("structure", f"{above}.item", reason="item-is-not-a-list")
            return ()
        if parent is not None and parent.depth + 1 >= MAX_ITEM_DEPTH:
            self._add("tooDeep", f"{above}.item", limit=MAX_ITEM_DEPTH)
            return ()
        made = (self._item(raw, parent, f"{above}.item[{at}]") for at, raw in enumerate(found))
        return tuple(item for item in made if item is not None)

    def _item(self, raw: Any, parent: Item | None, path: str) -> Item | None:
        self._order += 1
        if self._order > MAX_ITEMS:
            if self._order == MAX_ITEMS + 1:
                self._add("tooManyItems", path, limit=MAX_ITEMS)
            return None
        if not self._is_usable(raw, path):
            return None
        self._seen.add(raw["linkId"])
        item = Item(raw, parent, self._order, path)
        options = raw.get("answerOption")
        if isinstance(options, list):
            read = (read_option(option) for option in options if isinstance(option, Mapping))
            item.options = tuple(option for option in read if option is not None)
        conditions = raw.get("enableWhen")
        if isinstance(conditions, list):
            item.conditions = tuple(self._conditions(conditions, item))
        item.items = self._children(raw.get("item"), item, path)
        item.last_order = self._order
        return item

    def _is_usable(self, raw: Any, path: str) -> bool:
        if not isinstance(raw, Mapping):
            self._add("structure", path, reason="item-is-not-an-object")
            return False
        link_id = raw.get("linkId")
        if not isinstance(link_id, str) or not link_id:
            self._add("linkIdMissing", path)
            return False
        if link_id in self._seen:
            self._add("linkIdTwice", path, link_id)
            return False
        if not _is_one_of(raw.get("type"), ITEM_TYPES):
            self._of_no_type(raw, path, link_id)
            return False
        if raw.get("modifierExtension"):
            self._add("modifierExtension", path, link_id, url=_modifier(raw))
            return False
        return True

    def _of_no_type(self, raw: Mapping[str, Any], path: str, link_id: str) -> None:
        if raw.get("type") == "coding":
            self._add("otherVersion", path, link_id, what="the type 'coding'", version="R5", instead="'choice' and 'open-choice'")
        else:
            self._add("invalidType", path, link_id, type=str(raw.get("type"))[:80])

    def _conditions(self, found: list[Any], item: Item) -> Iterator[Condition]:
        for at, raw in enumerate(found):
            path = f"{item.path}.enableWhen[{at}]"
            if not isinstance(raw, Mapping) or not isinstance(raw.get("question"), str):
                self._add("structure", path, item.link_id, reason="enableWhen-without-question")
                continue
            operator = raw.get("operator")
            if operator is None and "hasAnswer" in raw:
                self._add("otherVersion", path, item.link_id, what="'hasAnswer'", version="STU3", instead="the operator 'exists'")
                continue
            if operator is None and any(key.startswith("answer") for key in raw):
                self._add("otherVersion", path, item.link_id, what="a condition without 'operator'", version="STU3", instead="'='")
                continue
            answer = option_value({"value" + key[6:]: value for key, value in raw.items() if key.startswith("answer")})
            is_known = isinstance(operator, str) and operator in OPERATORS
            if not is_known or answer is None or (operator == "exists" and not isinstance(answer, bool)):
                self._add("structure", path, item.link_id, reason="enableWhen-without-operator-or-answer")
                continue
            yield Condition(raw["question"], str(operator), answer)

    def _add(self, rule: str, path: str, link_id: str | None = None, **detail: Any) -> None:
        if len(self.facts) < 200:
            self.facts.append(Fact(Severity.ERROR, rule, link_id, path, detail, structural=True))


def _is_one_of(found: Any, known: frozenset[str]) -> bool:
    return isinstance(found, str) and found in known


def _error(rule: str, path: str, **detail: Any) -> Fact:
    return Fact(Severity.ERROR, rule, None, path, detail, structural=True)


def _modifier(raw: Mapping[str, Any]) -> str:
    found = raw["modifierExtension"]
    return str(found[0].get("url")) if isinstance(found, list) and found and isinstance(found[0], Mapping) else ""


def _string(found: Any) -> str:
    return found if isinstance(found, str) else ""
