"""The parts of a questionnaire as the rest of the engine sees them: items, options, conditions; all read-only."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Any

from visitapp.forms import extensions as ext
from visitapp.forms.values import (
    ANSWER_KEYS,
    BadValue,
    Coding,
    Value,
    read_value,
    value_key,
    value_text,
)

ITEM_TYPES = frozenset((*ANSWER_KEYS, "group", "display", "question"))
HINT_CONTROLS = frozenset(("help", "flyover"))
_BESIDE_CONTROLS = HINT_CONTROLS | {"prompt", "unit", "lower", "upper", "legal"}
_NUMBERS = (int, Decimal)


@dataclass(frozen=True, slots=True)
class Option:
    """One answer that may be chosen; `raw` is the answerOption, or the coding, it was read from."""

    value: Value
    text: str
    exclusive: bool = False
    weight: Decimal | None = None
    initial: bool = False
    prefix: str | None = None
    raw: Mapping[str, Any] = field(default_factory=dict, hash=False, compare=False, repr=False)

    def text_in(self, language: str) -> str:
        """What to show in a language; the original where there is no translation."""
        key = value_key(self.raw)
        if key == "valueCoding" and isinstance(self.raw[key], Mapping):
            return ext.translated(self.raw[key], "display", language) or self.text
        return (key and ext.translated(self.raw, key, language)) or self.text


@dataclass(frozen=True, slots=True)
class Condition:
    """One enableWhen: the question it looks at, how, and for what."""

    question: str
    operator: str
    answer: Value


@dataclass(frozen=True, slots=True)
class Expression:
    """A FHIRPath expression found in an extension; `name` where others may use its result."""

    text: str
    language: str = "text/fhirpath"
    name: str | None = None
    place: str = ""


@dataclass(frozen=True, slots=True)
class Constraint:
    """An invariant on an item or the whole form."""

    key: str
    expression: Expression
    severity: str
    human: str
    location: str | None = None


class Item:
    """One item of a questionnaire; everything but the most used is read from the JSON when first asked for."""

    def __init__(self, raw: Mapping[str, Any], parent: "Item | None", order: int, path: str) -> None:
        self.raw = raw
        self.parent = parent
        self.order = order
        self.path = path
        self.link_id: str = raw["linkId"]
        self.type: str = raw["type"]
        self.required: bool = raw.get("required") is True
        self.repeats: bool = raw.get("repeats") is True
        self.read_only: bool = raw.get("readOnly") is True
        self.items: tuple[Item, ...] = ()
        self.options: tuple[Option, ...] = ()
        self.conditions: tuple[Condition, ...] = ()
        self.depth: int = parent.depth + 1 if parent else 0
        self.last_order = order

    def __repr__(self) -> str:
        return f"Item({self.link_id!r}, {self.type!r})"

    @property
    def is_group(self) -> bool:
        return self.type == "group"

    @property
    def is_question(self) -> bool:
        return self.type not in ("group", "display")

    def contains(self, other: "Item") -> bool:
        """Whether the other is this item or lies below it."""
        return self.order <= other.order <= self.last_order

    def ancestors(self) -> Iterator["Item"]:
        """The items above, nearest first."""
        above = self.parent
        while above is not None:
            yield above
            above = above.parent

    def walk(self) -> Iterator["Item"]:
        """This item and all below, in the order of the form."""
        waiting = [self]
        while waiting:
            item = waiting.pop()
            yield item
            waiting.extend(reversed(item.items))

    def extension(self, url: str) -> Any:
        """What the extension says (its value as JSON; the whole extension where it is made of parts), or None."""
        return ext.says(self.raw, url)

    def extensions(self, url: str) -> list[Any]:
        """What each extension of that url says."""
        return [ext.content(each) for each in ext.of(self.raw) if each.get("url") == url]

    @cached_property
    def text(self) -> str:
        return _string(self.raw.get("text"))

    def text_in(self, language: str) -> str:
        """The item's text in a language; the original where there is no translation."""
        return ext.translated(self.raw, "text", language) or self.text

    @cached_property
    def prefix(self) -> str:
        return _string(self.raw.get("prefix"))

    @cached_property
    def codes(self) -> tuple[Coding, ...]:
        return codings(self.raw.get("code"))

    @cached_property
    def hidden(self) -> bool:
        return self.extension(ext.HIDDEN) is True

    @cached_property
    def any_condition(self) -> bool:
        return self.raw.get("enableBehavior") == "any"

    @cached_property
    def answer_value_set(self) -> str | None:
        return _string(self.raw.get("answerValueSet")) or None

    @cached_property
    def initial(self) -> tuple[Value, ...]:
        found = [each for each in _list(self.raw.get("initial")) if isinstance(each, Mapping)]
        values = [value for each in found if (value := option_value(each)) is not None]
        chosen = tuple(values) or tuple(option.value for option in self.options if option.initial)
        return chosen if self.repeats else chosen[:1]

    @cached_property
    def control(self) -> str | None:
        """The itemControl code, such as radio-button, slider, gtable, page, help."""
        for said in self.extensions(ext.ITEM_CONTROL):
            if isinstance(said, Mapping):
                for coding in codings(said.get("coding")):
                    if coding.code:
                        return coding.code
        return None

    @cached_property
    def orientation(self) -> str | None:
        return _string(self.extension(ext.ORIENTATION)) or None

    @cached_property
    def is_beside(self) -> bool:
        """Whether this is a display that belongs to its parent's row (help, unit…) and has none of its own."""
        return self.type == "display" and self.parent is not None and self.control in _BESIDE_CONTROLS

    def hint_in(self, language: str) -> str:
        """The help or flyover text in a language; empty where there is none."""
        return "\n".join(child.text_in(language) for child in self.items if child.control in HINT_CONTROLS)

    def name_in(self, language: str) -> str:
        """What to call a question without a text: its short text, its help, what it is about, at the last its linkId."""
        coded = next((code.display for code in self.codes if code.display), "")
        return _string(self.extension(ext.SHORT_TEXT)) or self.hint_in(language) or coded or self.link_id

    @property
    def hint(self) -> str:
        return self.hint_in("en")

    def beside_in(self, control: str, language: str) -> str:
        """The text of the display children with an itemControl (prompt, legal, lower, upper), in a language."""
        return "\n".join(child.text_in(language) for child in self.items if child.control == control)

    @property
    def prompt(self) -> str:
        return self.beside_in("prompt", "en")

    @cached_property
    def display_category(self) -> str:
        """What a display is there for: instructions, security or legal; empty where it isn't said."""
        said = self.extension(ext.DISPLAY_CATEGORY)
        found = codings(said.get("coding")) if isinstance(said, Mapping) else ()
        return (found[0].code or "") if found else ""

    @cached_property
    def unit_text(self) -> str:
        """The words after the entry field: from a `unit` display, else the unit's own."""
        shown = next((child.text for child in self.items if child.control == "unit"), "")
        return shown or (self.unit.display or self.unit.code or "" if self.unit else "")

    @cached_property
    def unit(self) -> Coding | None:
        """The unit of a number, or the first a quantity may have."""
        said = self.extension(ext.UNIT)
        found = codings([said]) if isinstance(said, Mapping) else ()
        return (found or self.units or (None,))[0]

    @cached_property
    def units(self) -> tuple[Coding, ...]:
        return codings(self.extensions(ext.UNIT_OPTION))

    @cached_property
    def is_unit_open(self) -> bool:
        """Whether a quantity may also be in a unit that isn't among the options."""
        return self.extension(ext.UNIT_OPEN) in ("optionsOrType", "optionsOrString")

    @cached_property
    def unit_value_set(self) -> str | None:
        return _string(self.extension(ext.UNIT_VALUE_SET)) or None

    @cached_property
    def min_value(self) -> Value | None:
        return self._bound(ext.MIN_VALUE, ext.MIN_QUANTITY)

    @cached_property
    def max_value(self) -> Value | None:
        return self._bound(ext.MAX_VALUE, ext.MAX_QUANTITY)

    def _bound(self, *urls: str) -> Value | None:
        found = ext.first(self.raw, *urls)
        return option_value(found) if found is not None else None

    @cached_property
    def min_length(self) -> int | None:
        return self._count(ext.MIN_LENGTH)

    @cached_property
    def max_length(self) -> int | None:
        found = self.raw.get("maxLength")
        return found if isinstance(found, int) and not isinstance(found, bool) else None

    @cached_property
    def max_decimal_places(self) -> int | None:
        return self._count(ext.MAX_DECIMAL_PLACES)

    @cached_property
    def min_occurs(self) -> int | None:
        return self._count(ext.MIN_OCCURS)

    @cached_property
    def max_occurs(self) -> int | None:
        return self._count(ext.MAX_OCCURS)

    def _count(self, url: str) -> int | None:
        found = self.extension(url)
        return found if isinstance(found, int) and not isinstance(found, bool) and found >= 0 else None

    @cached_property
    def max_size(self) -> Decimal | None:
        found = self.extension(ext.MAX_SIZE)
        return Decimal(str(found)) if isinstance(found, (*_NUMBERS, float)) and not isinstance(found, bool) else None

    @cached_property
    def mime_types(self) -> tuple[str, ...]:
        return tuple(said.lower() for said in self.extensions(ext.MIME_TYPE) if isinstance(said, str))

    @cached_property
    def reference_types(self) -> tuple[str, ...]:
        return tuple(said for said in self.extensions(ext.REFERENCE_RESOURCE) if isinstance(said, str))

    @cached_property
    def regex(self) -> str | None:
        return _string(self.extension(ext.REGEX)) or None

    @cached_property
    def entry_format(self) -> str:
        return _string(self.extension(ext.ENTRY_FORMAT))

    @cached_property
    def support_links(self) -> tuple[str, ...]:
        return tuple(said for said in self.extensions(ext.SUPPORT_LINK) if isinstance(said, str))

    @cached_property
    def collapsible(self) -> str:
        """Whether a group can be folded away, and how it begins: default-open, default-closed, or empty."""
        said = _string(self.extension(ext.COLLAPSIBLE))
        return said if self.is_group and said in ("default-open", "default-closed") else ""

    @cached_property
    def slider_step(self) -> int | None:
        return self._count(ext.SLIDER_STEP)

    @cached_property
    def open_label(self) -> str:
        return _string(self.extension(ext.OPEN_LABEL))

    @cached_property
    def short_text(self) -> str:
        return _string(self.extension(ext.SHORT_TEXT)) or self.text

    @cached_property
    def is_scored(self) -> bool:
        return any(option.weight is not None for option in self.options)

    def expression(self, url: str) -> Expression | None:
        """The expression that an extension of the item holds."""
        said = self.extension(url)
        return expression(said, self.path) if isinstance(said, Mapping) else None


def expression(said: Any, place: str) -> Expression | None:
    """A FHIR Expression as read, or None where it has no text."""
    if not isinstance(said, Mapping) or not isinstance(said.get("expression"), str):
        return None
    return Expression(
        said["expression"], _string(said.get("language")) or "text/fhirpath", _string(said.get("name")) or None, place
    )


def option_value(part: Mapping[str, Any]) -> Value | None:
    """The value of an option, initial or extension; None where there is none that can be read."""
    key = value_key(part)
    if key is None:
        return None
    try:
        return read_value(key, part[key])
    except BadValue:
        return None


def codings(found: Any) -> tuple[Coding, ...]:
    """The codings of a JSON list; what is not a coding is passed over."""
    read = (option_value({"valueCoding": each}) for each in _list(found) if isinstance(each, Mapping))
    return tuple(value for value in read if isinstance(value, Coding))


def read_option(raw: Mapping[str, Any]) -> Option | None:
    """An answerOption as read; None where its value can't be."""
    value = option_value(raw)
    if value is None:
        return None
    if "extension" not in raw and not (isinstance(value, Coding) and "extension" in raw["valueCoding"]):
        return Option(value, value_text(value), initial=raw.get("initialSelected") is True, raw=raw)
    weight = ext.says(raw, *ext.ORDINAL)
    if weight is None and isinstance(value, Coding):
        weight = ext.says(raw["valueCoding"], *ext.ORDINAL)
    prefix = ext.says(raw, ext.OPTION_PREFIX)
    if prefix is None and isinstance(value, Coding):
        prefix = ext.says(raw["valueCoding"], ext.OPTION_PREFIX)
    is_number = isinstance(weight, (*_NUMBERS, float)) and not isinstance(weight, bool)
    return Option(
        value,
        value_text(value),
        ext.says(raw, ext.OPTION_EXCLUSIVE) is True,
        Decimal(str(weight)) if is_number else None,
        raw.get("initialSelected") is True,
        _string(prefix) or None,
        raw,
    )


def _string(found: Any) -> str:
    return found if isinstance(found, str) else ""


def _list(found: Any) -> Sequence[Any]:
    return found if isinstance(found, list) else ()
