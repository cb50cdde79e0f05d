"""Taking a draft from one version of a questionnaire to another, with a list of what moved and what could not."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from visitapp.forms.answers import Answers, Branch, Spot, allowed_keys, written
from visitapp.forms.calculation import LaunchContext
from visitapp.forms.definition import Questionnaire
from visitapp.forms.items import Item
from visitapp.forms.ordering import is_equal
from visitapp.forms.settling import Settling
from visitapp.forms.values import BadValue, Coding, Value, fitted, read_value, write_value


class Outcome(StrEnum):
    """What became of the answers to one question."""

    KEPT = "kept"
    MOVED = "moved"
    REWORDED = "reworded"
    LOST = "lost"


class Loss(StrEnum):
    """Why answers could not be taken along."""

    GONE = "gone"
    TYPE = "type"
    OPTION = "option"
    ONCE = "once"


@dataclass(frozen=True, slots=True)
class Move:
    """One question's answers: what became of them, and the text under which they were given."""

    link_id: str
    outcome: Outcome
    text: str
    values: tuple[Value, ...]
    loss: Loss | None = None


@dataclass(frozen=True, slots=True)
class Carried:
    """The answers as the newer version has them, and what became of each."""

    answers: list[dict[str, Any]]
    moves: tuple[Move, ...]

    @property
    def lost(self) -> tuple[Move, ...]:
        return tuple(move for move in self.moves if move.outcome is Outcome.LOST)


def carry(old: Questionnaire, new: Questionnaire, answers: Sequence[Mapping[str, Any]]) -> Carried:
    """Answers to `old` as answers to `new`: matched by linkId, occurrence by occurrence, nothing silently dropped."""
    return _Carrier(old, new, answers).carry()


class _Carrier:
    def __init__(self, old: Questionnaire, new: Questionnaire, answers: Sequence[Mapping[str, Any]]) -> None:
        self._new = new
        self._from = Answers(old.items, answers, complete=False)
        self._to = Answers(new.items, (), complete=True)
        self._taken: set[Spot] = set()
        self._moves: dict[Spot, Move] = {}

    def carry(self) -> Carried:
        self._fill(self._to.root, [self._from.root])
        for spot in self._from.spots():
            if spot.slots and spot not in self._taken:
                loss = Loss.GONE if self._new.item(spot.item.link_id) is None else Loss.ONCE
                self._move(spot, Outcome.LOST, spot.values, loss)
        Settling(self._new, self._to, LaunchContext()).settle_all()
        order = [self._moves[spot] for spot in self._from.spots() if spot in self._moves]
        return Carried(written(self._to.root, all_groups=True, watched=self._new.dependencies.watched_series), tuple(order))

    def _fill(self, branch: Branch, scopes: Sequence[Branch]) -> None:
        """Fills new spots from the nearest old branch that has something for them."""
        for spot in branch.spots.values():
            if spot.item.is_group:
                self._fill_group(spot, scopes)
            elif spot.item.is_question:
                found = next(self._answered(spot.item.link_id, scopes), None)
                if found is not None:
                    self._fill_question(spot, found, scopes)

    def _fill_group(self, spot: Spot, scopes: Sequence[Branch]) -> None:
        same = next((each for scope in scopes for each in _below(scope) if each.item.link_id == spot.item.link_id), None)
        series = same.occurrences if same is not None and same.item.is_group else []
        if not (spot.item.repeats and series):
            self._fill(spot.occurrences[0], [*series[:1], *scopes])
            return
        while len(spot.occurrences) < len(series):
            self._to.add_occurrence(spot)
        for occurrence, source in zip(spot.occurrences, series, strict=False):
            self._fill(occurrence, [source])

    def _answered(self, link_id: str, scopes: Sequence[Branch]) -> Iterator[Spot]:
        for scope in scopes:
            for spot in _below(scope):
                if spot.item.link_id == link_id and spot.slots and spot not in self._taken:
                    yield spot

    def _fill_question(self, spot: Spot, source: Spot, scopes: Sequence[Branch]) -> None:
        self._taken.add(source)
        kept: list[Value] = []
        for slot in source.slots if spot.item.repeats else source.slots[:1]:
            value = _fitting(slot.value, spot.item)
            if value is None or not self._is_offered(value, spot.item):
                self._move(source, Outcome.LOST, (slot.value,), Loss.TYPE if value is None else Loss.OPTION)
                continue
            made = self._to.add_slot(spot, value, slot.raw if value is slot.value else None)
            self._to.open_below(spot, made)
            if made.below is not None:
                self._fill(made.below, [slot.below, *scopes] if slot.below is not None else scopes)
            kept.append(value)
        if len(source.slots) > 1 and not spot.item.repeats:
            self._move(source, Outcome.LOST, source.values[1:], Loss.ONCE)
        elif kept and source not in self._moves:
            self._move(source, _outcome(source.item, spot.item), tuple(kept))

    def _is_offered(self, value: Value, item: Item) -> bool:
        options = self._new.options(item)
        if not options or (item.type == "open-choice" and not isinstance(value, Coding)):
            return True
        return any(is_equal(option.value, value) for option in options)

    def _move(self, spot: Spot, outcome: Outcome, values: tuple[Value, ...], loss: Loss | None = None) -> None:
        before = self._moves.get(spot)
        if before is not None and before.outcome is Outcome.LOST:
            values = before.values + values
        self._moves[spot] = Move(spot.item.link_id, outcome, spot.item.text, values, loss)


def _below(branch: Branch) -> Iterator[Spot]:
    for spot in branch.spots.values():
        yield from spot.walk()


def _fitting(value: Value, item: Item) -> Value | None:
    """The value as an answer to the item, or None where it can't be one."""
    value = fitted(value, item.type)
    key, json = write_value(value)
    if key in allowed_keys(item):
        return value
    for other in allowed_keys(item):
        try:
            return read_value(other, json)
        except BadValue:
            continue
    return None


def _outcome(old: Item, new: Item) -> Outcome:
    if old.text != new.text:
        return Outcome.REWORDED
    above = (old.parent.link_id if old.parent else None, new.parent.link_id if new.parent else None)
    return Outcome.KEPT if above[0] == above[1] else Outcome.MOVED
