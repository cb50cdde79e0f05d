"""The values an answer can have, and how each is written in FHIR JSON."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from visitapp.forms.wire import json_number


class PartialDate(str):
    """A FHIR date: YYYY, YYYY-MM or YYYY-MM-DD."""

    __slots__ = ()


class PartialDateTime(str):
    """A FHIR dateTime: a date, or a date with time and zone."""

    __slots__ = ()


class TimeOfDay(str):
    """A FHIR time: hh:mm:ss, no zone."""

    __slots__ = ()


class Url(str):
    """A FHIR uri."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Coding:
    """A code from a system, with the words it was shown by."""

    code: str | None = None
    system: str | None = None
    display: str | None = None
    version: str | None = None

    def means(self, other: "Coding") -> bool:
        """Whether both are the same concept, whatever it is called; a code without a system matches any system."""
        if self.code is None or other.code is None:
            return self.code == other.code and self.display == other.display
        return self.code == other.code and (not self.system or not other.system or self.system == other.system)


@dataclass(frozen=True, slots=True)
class Quantity:
    """A measured amount; `unit` is what people read, `code` what machines compare."""

    value: Decimal | None = None
    unit: str | None = None
    system: str | None = None
    code: str | None = None
    comparator: str | None = None


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file: its base64 `data` or where it is."""

    content_type: str | None = None
    data: str | None = None
    url: str | None = None
    size: int | None = None
    title: str | None = None
    hash: str | None = None
    creation: str | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Reference:
    """A pointer to another record."""

    reference: str | None = None
    display: str | None = None
    type: str | None = None
    identifier_value: str | None = None


Value = bool | int | Decimal | str | PartialDate | PartialDateTime | TimeOfDay | Url | Coding | Quantity | Attachment | Reference

_DATE = re.compile(r"(\d{4})(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?")
_DATETIME = re.compile(
    r"(\d{4})(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01])"
    r"(T([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d+)?(Z|[+-]((0\d|1[0-3]):[0-5]\d|14:00)))?)?)?"
)
_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d+)?")
_INT_LIMIT = 2**31


class BadValue(ValueError):
    """The JSON under a value[x] key is not of the type its name says."""


def _text(json: Any) -> str:
    if not isinstance(json, str) or not json:
        raise BadValue
    return json


def _optional(part: Mapping[str, Any], key: str) -> str | None:
    found = part.get(key)
    if found is not None and not isinstance(found, str):
        raise BadValue
    return found


def _decimal(json: Any) -> Decimal:
    if isinstance(json, bool) or not isinstance(json, (int, float, Decimal)):
        raise BadValue
    if isinstance(json, Decimal):
        return json
    try:
        made = Decimal(repr(json))
    except InvalidOperation:
        raise BadValue from None
    if not made.is_finite():
        raise BadValue
    return made


def _integer(json: Any) -> int:
    if isinstance(json, bool) or not isinstance(json, int) or not -_INT_LIMIT <= json < _INT_LIMIT:
        raise BadValue
    return json


def _boolean(json: Any) -> bool:
    if not isinstance(json, bool):
        raise BadValue
    return json


def _matching(pattern: re.Pattern[str], json: Any) -> str:
    if not isinstance(json, str) or not pattern.fullmatch(json):
        raise BadValue
    if pattern is not _TIME and len(json) >= 10:
        try:
            date.fromisoformat(json[:10])
        except ValueError:
            raise BadValue from None
    return json


def _part(json: Any) -> Mapping[str, Any]:
    if not isinstance(json, Mapping):
        raise BadValue
    return json


def _coding(json: Any) -> Coding:
    part = _part(json)
    return Coding(_optional(part, "code"), _optional(part, "system"), _optional(part, "display"), _optional(part, "version"))


def _quantity(json: Any) -> Quantity:
    part = _part(json)
    value = part.get("value")
    return Quantity(
        None if value is None else _decimal(value),
        _optional(part, "unit"),
        _optional(part, "system"),
        _optional(part, "code"),
        _optional(part, "comparator"),
    )


def _attachment(json: Any) -> Attachment:
    part = _part(json)
    size = part.get("size")
    return Attachment(
        content_type=_optional(part, "contentType"),
        data=_optional(part, "data"),
        url=_optional(part, "url"),
        size=None if size is None else _integer(size),
        title=_optional(part, "title"),
        hash=_optional(part, "hash"),
        creation=_optional(part, "creation"),
        language=_optional(part, "language"),
    )


def _reference(json: Any) -> Reference:
    part = _part(json)
    identifier = part.get("identifier")
    return Reference(
        _optional(part, "reference"),
        _optional(part, "display"),
        _optional(part, "type"),
        _optional(identifier, "value") if isinstance(identifier, Mapping) else None,
    )


_READERS: Mapping[str, Callable[[Any], "Value"]] = {
    "valueBoolean": _boolean,
    "valueDecimal": _decimal,
    "valueInteger": _integer,
    "valueDate": lambda json: PartialDate(_matching(_DATE, json)),
    "valueDateTime": lambda json: PartialDateTime(_matching(_DATETIME, json)),
    "valueTime": lambda json: TimeOfDay(_matching(_TIME, json)),
    "valueString": _text,
    "valueUri": lambda json: Url(_text(json)),
    "valueAttachment": _attachment,
    "valueCoding": _coding,
    "valueQuantity": _quantity,
    "valueReference": _reference,
}


def value_key(part: Mapping[str, Any]) -> str | None:
    """The value[x] key of an answer, option or extension, or None."""
    for key in part:
        if key.startswith("value") and len(key) > 5:
            return key
    return None


def read_value(key: str, json: Any) -> Value:
    """The value under a value[x] key; raises `BadValue` where the JSON isn't of that type."""
    reader = _READERS.get(key)
    if reader is None:
        raise BadValue
    return reader(json)


_SIMPLE_KEYS: tuple[tuple[type, str], ...] = (
    # The narrower type stands before the one it is also an instance of.
    (bool, "valueBoolean"),
    (int, "valueInteger"),
    (PartialDate, "valueDate"),
    (PartialDateTime, "valueDateTime"),
    (TimeOfDay, "valueTime"),
    (Url, "valueUri"),
    (str, "valueString"),
)


def write_value(value: Value) -> tuple[str, Any]:
    """The value[x] key and the JSON of a value."""
    if isinstance(value, Decimal):
        return "valueDecimal", json_number(value)
    for kind, key in _SIMPLE_KEYS:
        if isinstance(value, kind):
            return key, str(value) if isinstance(value, str) else value
    return _write_parts(value)


def _write_parts(value: Value) -> tuple[str, Any]:
    match value:
        case Coding():
            return "valueCoding", _without_none(system=value.system, version=value.version, code=value.code, display=value.display)
        case Quantity():
            amount = None if value.value is None else json_number(value.value)
            return "valueQuantity", _without_none(
                value=amount, comparator=value.comparator, unit=value.unit, system=value.system, code=value.code
            )
        case Attachment():
            return "valueAttachment", _without_none(
                contentType=value.content_type,
                language=value.language,
                data=value.data,
                url=value.url,
                size=value.size,
                hash=value.hash,
                title=value.title,
                creation=value.creation,
            )
        case Reference():
            identifier = {"value": value.identifier_value} if value.identifier_value else None
            return "valueReference", _without_none(
                reference=value.reference, type=value.type, identifier=identifier, display=value.display
            )
    raise TypeError(type(value).__name__)


def _without_none(**parts: Any) -> dict[str, Any]:
    return {key: part for key, part in parts.items() if part is not None}


ANSWER_KEYS: Mapping[str, tuple[str, ...]] = {
    "boolean": ("valueBoolean",),
    "decimal": ("valueDecimal",),
    "integer": ("valueInteger",),
    "date": ("valueDate",),
    "dateTime": ("valueDateTime",),
    "time": ("valueTime",),
    "string": ("valueString",),
    "text": ("valueString",),
    "url": ("valueUri",),
    "choice": ("valueCoding",),
    "open-choice": ("valueCoding", "valueString"),
    "attachment": ("valueAttachment",),
    "reference": ("valueReference",),
    "quantity": ("valueQuantity",),
}


def fitted(value: Value, item_type: str) -> Value:
    """The value as the item's type has it: a plain string becomes a date, an int a decimal, so callers needn't care."""
    if isinstance(value, str) and item_type == "time" and len(value) == 5:
        # FHIR's times have seconds, a clock on the wall has none.
        return TimeOfDay(f"{value}:00")
    if isinstance(value, str) and type(value) is str:
        made = {"date": PartialDate, "dateTime": PartialDateTime, "time": TimeOfDay, "url": Url}.get(item_type)
        return made(value) if made else value
    if item_type == "decimal" and isinstance(value, (int, float)) and not isinstance(value, bool):
        return Decimal(repr(value))
    return value


def same(left: Value, right: Value) -> bool:
    """Equality that keeps true apart from 1 and a date apart from its spelling as text."""
    if isinstance(left, bool) != isinstance(right, bool):
        return False
    return left == right


def value_text(value: Value) -> str:
    """A value in the fewest words, for options and print."""
    match value:
        case bool():
            said = "true" if value else "false"
        case Coding():
            said = value.display or value.code or ""
        case Quantity():
            amount = "" if value.value is None else format(value.value, "f")
            said = f"{value.comparator or ''}{amount} {value.unit or value.code or ''}".strip()
        case Attachment():
            said = value.title or value.url or value.content_type or ""
        case Reference():
            said = value.display or value.reference or value.identifier_value or ""
        case Decimal():
            said = format(value, "f")
        case _:
            said = str(value)
    return said
