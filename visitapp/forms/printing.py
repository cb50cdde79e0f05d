"""A filled-in form as lines to print: skip logic respected, unanswered questions marked."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from visitapp.forms.definition import Questionnaire
from visitapp.forms.filling import Filling
from visitapp.forms.items import Item, option_value
from visitapp.forms.ordering import is_equal
from visitapp.forms.rows import Row
from visitapp.forms.values import Value, value_text


@dataclass(frozen=True, slots=True)
class PrintLine:
    """One line: a heading, a question with its answer, a note, or a score; `item` is None for the form's own title."""

    depth: int
    kind: Literal["heading", "question", "note", "score"]
    text: str
    value_text: str = ""
    unanswered: bool = False
    item: Item | None = None


def printable(questionnaire: Questionnaire, answers: Sequence[Mapping[str, Any]], language: str = "en") -> tuple[PrintLine, ...]:
    """The lines of a response, in the order of the form.

    A score line has the total and, in `value_text`, the band; without a total it has "7/9": answered of asked.
    """
    filling = Filling(questionnaire, answers, language=language) if answers else _blank(questionnaire, language)
    return tuple(_lines(filling, language))


def _blank(questionnaire: Questionnaire, language: str) -> Filling:
    filling = Filling(questionnaire, language=language)
    for row in filling.rows():
        if row.values and row.place:
            filling.answer(row.place, ())
    return filling


def _lines(filling: Filling, language: str) -> Iterator[PrintLine]:
    for row in filling.rows():
        text = f"{row.prefix} {row.text}".strip()
        if row.item.type == "display":
            yield PrintLine(row.depth, "note", text, item=row.item)
        elif row.item.is_group:
            if text:
                numbered = f"{text} {row.number}" if row.number and _is_one_of_many(filling, row) else text
                yield PrintLine(row.depth, "heading", numbered, item=row.item)
        else:
            said = "\n".join(shown(row, value, language) for value in row.values)
            yield PrintLine(row.depth, "question", text, said, not row.values, row.item)
    total = filling.total()
    if total is not None:
        band = total.band.label if total.band else ""
        amount = f"{total.answered}/{total.of}" if total.value is None else format(total.value, "f")
        yield PrintLine(0, "score", band, amount, total.value is None)


def _is_one_of_many(filling: Filling, row: Row) -> bool:
    return len(filling.places(row.item.link_id)) > 1


def shown(row: Row, value: Value, language: str) -> str:
    """One answer in words: an option by its text in the language, else the value itself."""
    for option in row.options:
        if is_equal(option.value, value):
            return option.text_in(language)
    if row.item.unit_text and isinstance(value, (int, float)) and not isinstance(value, bool):
        return f"{value_text(value)} {row.item.unit_text}"
    return value_text(value)


def left_behind(kept: Sequence[Mapping[str, Any]]) -> tuple[PrintLine, ...]:
    """The lines of answers that had no place in the version a sheet was carried to, under a heading of their own."""
    lines = [PrintLine(0, "heading", "Written on an earlier version of this form")] if kept else []
    for each in kept:
        values = [each_value for answer in each.get("answer") or () if (each_value := option_value(answer)) is not None]
        said = "\n".join(value_text(value) for value in values)
        lines.append(PrintLine(0, "question", str(each.get("text") or each.get("linkId") or ""), said, not values))
    return tuple(lines)
