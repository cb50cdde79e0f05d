"""A line of a form as a screen shows it."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from visitapp.forms.answers import Branch, Spot
from visitapp.forms.facts import Fact
from visitapp.forms.items import Item, Option
from visitapp.forms.judging import Judging
from visitapp.forms.validation import judge
from visitapp.forms.values import Value

Place = str
MAX_OCCURRENCES = 1000


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a form as it is shown now; `number` counts the occurrences of a repeating group from 1.

    The words are in `language` where the form has a translation; the value of an option stays as the form has it.
    """

    place: Place
    item: Item
    depth: int
    text: str
    prefix: str
    values: tuple[Value, ...]
    options: tuple[Option, ...]
    read_only: bool
    required: bool
    problems: tuple[Fact, ...]
    can_add: bool
    can_remove: bool
    hint: str
    number: int = 0
    language: str = "en"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the form is: `empty` while there is nothing but what the form put there itself."""

    answered: int
    askable: int
    required_missing: tuple[Place, ...]
    empty: bool


def visible(branch: Branch, depth: int = 0) -> Iterator[tuple[Spot, Branch | None, int]]:
    """What is asked and shown, in the order of the form, with its depth; of a repeating group each occurrence."""
    for spot in branch.spots.values():
        if not spot.live or spot.item.hidden:
            continue
        if spot.item.is_group:
            for occurrence in spot.occurrences:
                yield spot, occurrence, depth
                yield from visible(occurrence, depth + 1)
        else:
            yield spot, None, depth
            for slot in spot.slots:
                if slot.below is not None:
                    yield from visible(slot.below, depth + 1)


def make_row(judging: Judging, spot: Spot, occurrence: Branch | None, depth: int, language: str) -> Row:
    """The row of a spot, or of one occurrence of a group."""
    item = spot.item
    at = spot.occurrences.index(occurrence) if occurrence else 0
    count = len(spot.occurrences)
    is_series = item.is_group and item.repeats
    most = item.max_occurs if item.max_occurs is not None else MAX_OCCURRENCES
    hint = item.hint_in(language)
    words = item.text_in(language) or (item.name_in(language) if item.is_question else "")
    calculated = judging.calculation.text(spot) if judging.calculation else None
    return Row(
        place=occurrence.place if occurrence else spot.place,
        item=item,
        depth=depth,
        text=words if calculated is None else calculated,
        prefix=item.prefix,
        values=spot.values,
        options=_in_language(judging.options(spot), language) if item.is_question else (),
        read_only=judging.is_read_only(spot),
        required=judging.is_required(spot),
        problems=tuple(judge(spot, judging)) if at == 0 else (),
        can_add=is_series and at == count - 1 and count < most,
        can_remove=is_series and count > max(1, item.min_occurs or 1),
        hint="" if words == hint else hint,
        number=at + 1 if is_series else 0,
        language=language,
    )


def _in_language(options: tuple[Option, ...], language: str) -> tuple[Option, ...]:
    words = [option.text_in(language) for option in options]
    if all(said == option.text for said, option in zip(words, options, strict=True)):
        return options
    return tuple(replace(option, text=said) for said, option in zip(words, options, strict=True))


def depth_of(spot: Spot) -> int:
    """How deep a spot lies."""
    depth = 0
    owner = spot.branch.owner
    while owner is not None:
        depth += 1
        owner = owner.branch.owner
    return depth
