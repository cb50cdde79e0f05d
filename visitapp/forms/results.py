"""What an expression gives, as answers and options of a question."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from visitapp.forms.items import Item, Option
from visitapp.forms.values import ANSWER_KEYS, BadValue, Coding, Quantity, Value, read_value

_TIMES = ("date", "dateTime", "time")


def as_values(found: Sequence[Any], item: Item, options: Sequence[Option]) -> list[Value]:
    """The results that fit the item, as its answers; only the first where it takes one."""
    made = [value for each in found if (value := _as_value(each, item, options)) is not None]
    return made if item.repeats else made[:1]


def _as_value(found: Any, item: Item, options: Sequence[Option]) -> Value | None:
    if item.type in ("choice", "open-choice"):
        return _as_choice(found, item, options)
    if item.type == "quantity":
        return _as_quantity(found, item)
    if item.type == "integer" and isinstance(found, Decimal) and found == found.to_integral_value():
        found = int(found)
    if item.type in ("string", "text") and isinstance(found, (int, Decimal)) and not isinstance(found, bool):
        found = str(found)
    if item.type == "date" and isinstance(found, str):
        found = found.partition("T")[0]
    for key in ANSWER_KEYS.get(item.type, ()):
        try:
            return read_value(key, found)
        except BadValue:
            continue
    return None


def _as_choice(found: Any, item: Item, options: Sequence[Option]) -> Value | None:
    if isinstance(found, Mapping):
        coding = found.get("coding", [found])
        try:
            value = read_value("valueCoding", coding[0] if isinstance(coding, list) and coding else found)
        except BadValue:
            return None
        known = (each.value for each in options if isinstance(each.value, Coding) and isinstance(value, Coding))
        return next((each for each in known if isinstance(value, Coding) and each.means(value)), value)
    if not isinstance(found, (str, int)) or isinstance(found, bool):
        return None
    for option in options:
        if option.value == found:
            return option.value
        if isinstance(option.value, Coding) and str(found) in (option.value.code, option.value.display):
            return option.value
    return str(found) if item.type == "open-choice" else None


def _as_quantity(found: Any, item: Item) -> Value | None:
    if isinstance(found, (int, Decimal)) and not isinstance(found, bool):
        unit = item.unit
        if unit is None:
            return Quantity(Decimal(found))
        return Quantity(Decimal(found), unit.display or unit.code, unit.system, unit.code)
    try:
        return read_value("valueQuantity", found)
    except BadValue:
        return None


def as_option(found: Any) -> dict[str, Any] | None:
    """A result as an answerOption; None for what can't be one."""
    if isinstance(found, Mapping):
        if "code" in found or "display" in found:
            return {"valueCoding": dict(found)}
        if "reference" in found:
            return {"valueReference": dict(found)}
        return None
    if isinstance(found, bool):
        return None
    if isinstance(found, int):
        return {"valueInteger": found}
    return {"valueString": fold_spaces(found)} if isinstance(found, str) and found else None


def fold_spaces(text: str) -> str:
    """The text on one line."""
    return " ".join(text.split())
