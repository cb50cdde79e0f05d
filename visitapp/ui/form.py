"""What a page of fields is made of: fields in sections, told as data; no Qt."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from visitapp.domain.problems import NotAValidDate
from visitapp.ui.days import read_day, typed_day

Values = Mapping[str, str | bool]
"""What stands in the fields by key: text as typed, the value of a choice, whether a tick is set."""


class FieldKind(StrEnum):
    """How a field is filled in."""

    LINE = "line"
    PARAGRAPH = "paragraph"
    DATE = "date"
    NUMBER = "number"
    CHOICE = "choice"
    TICK = "tick"


@dataclass(frozen=True)
class FieldSpec:
    """One field; `half` lets it share its row with the next half one."""

    key: str
    label: str
    kind: FieldKind = FieldKind.LINE
    hint: str = ""
    options: tuple[tuple[str, str], ...] = ()
    half: bool = False


@dataclass(frozen=True)
class Section:
    """Fields that belong together under a heading."""

    title: str
    fields: tuple[FieldSpec, ...]
    hint: str = ""


@dataclass(frozen=True)
class Form:
    """A page of fields."""

    title: str
    sections: tuple[Section, ...]
    save: str = "Save"
    introduction: str = ""

    def field_keys(self) -> tuple[str, ...]:
        """Return the keys of all fields, in order."""
        return tuple(field.key for section in self.sections for field in section.fields)


def text_of(values: Values, key: str) -> str:
    """Return what is typed in a field, without spaces around it."""
    return str(values.get(key) or "").strip()


def is_ticked(values: Values, key: str) -> bool:
    """Return whether a tick is set."""
    return values.get(key) is True


def day_in(values: Values, key: str) -> str | None:
    """Return the date typed in a field in ISO form, None for an empty field; raises NotAValidDate."""
    text = text_of(values, key)
    if not text:
        return None
    day = read_day(text)
    if day is None:
        raise NotAValidDate(key)
    return day.isoformat()


def typed_iso(iso: object) -> str:
    """Write an ISO date as a field shows it; anything else gives an empty field."""
    try:
        return typed_day(date.fromisoformat(str(iso))) if iso else ""
    except ValueError:
        return ""
