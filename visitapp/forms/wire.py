"""JSON that keeps every number as it was written, and refuses what is too deep or not JSON."""

import json
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

MAX_BYTES = 32 * 1024 * 1024
MAX_DEPTH = 200
MAX_EXPONENT = 300


class NotReadable(ValueError):
    """The text is not JSON that can be judged; `reason` is a code."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Literal(Decimal):
    """A decimal number that remembers its spelling, because FHIR's 1.50 is not its 1.5."""

    __slots__ = ("spelling",)
    spelling: str

    def __new__(cls, spelling: str) -> "Literal":
        made = super().__new__(cls, spelling)
        made.spelling = spelling
        return made


def _number(spelling: str) -> Literal:
    if len(spelling) > 1000:
        raise NotReadable("number-too-long")
    try:
        made = Literal(spelling)
    except InvalidOperation:
        raise NotReadable("not-json") from None
    # Written out in full such a number would fill the memory.
    if made and abs(made.adjusted()) > MAX_EXPONENT:
        raise NotReadable("number-too-long")
    return made


def _constant(_: str) -> Any:
    raise NotReadable("not-json")


def parse(raw: bytes | str) -> Any:
    """The parsed text, decimals as `Literal`; raises `NotReadable`."""
    if len(raw) > MAX_BYTES:
        raise NotReadable("too-large")
    try:
        text = raw if isinstance(raw, str) else raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise NotReadable("not-utf8") from None
    if text.lstrip()[:1] == "<":
        raise NotReadable("xml")
    try:
        parsed = json.loads(text, parse_float=_number, parse_constant=_constant)
    except NotReadable:
        raise
    except (ValueError, RecursionError):
        raise NotReadable("not-json") from None
    if _deeper_than(parsed, MAX_DEPTH):
        raise NotReadable("too-deep")
    return parsed


def _deeper_than(value: Any, limit: int) -> bool:
    level = [value]
    for _ in range(limit):
        level = (
            [
                child
                for parent in level
                for child in (parent.values() if isinstance(parent, dict) else parent)
                if isinstance(child, (dict, list))
            ]
            if level and isinstance(level[0], (dict, list))
            else []
        )
        if not level:
            return False
    return True


def write(value: Any) -> str:
    """One line of JSON; decimals in their own spelling, keys in the order they have."""
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{json.dumps(str(k), ensure_ascii=False)}:{write(v)}" for k, v in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ",".join(map(write, value)) + "]"
    if isinstance(value, Literal):
        return value.spelling
    if isinstance(value, Decimal):
        return str(value)
    return json.dumps(value)


def canonical(value: Any) -> bytes:
    """The bytes that stand for a value in digests: one line of JSON, keys sorted."""
    return write(_sorted(value)).encode("utf-8", "surrogatepass")


def _sorted(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _sorted(value[key]) for key in sorted(value)}
    if isinstance(value, (list, tuple)):
        return [_sorted(each) for each in value]
    return value


def json_number(value: Decimal) -> int | float:
    """An int where nothing is lost by it, else the nearest float."""
    exponent = value.as_tuple().exponent
    if isinstance(exponent, int) and 0 <= exponent <= 18:
        return int(value)
    return float(value)
