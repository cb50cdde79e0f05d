"""One questionnaire being answered: rows to show, answers taken, and what each answer changed."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from visitapp.forms.answers import Answers, Branch, Slot, Spot, written
from visitapp.forms.definition import Questionnaire
from visitapp.forms.enablement import Enablement
from visitapp.forms.facts import Fact
from visitapp.forms.items import Item, Option
from visitapp.forms.judging import Judging
from visitapp.forms.response import response
from visitapp.forms.scoring import Score, score
from visitapp.forms.validation import judge, judged
from visitapp.forms.values import Value, fitted, same

Place = str


@dataclass(frozen=True, slots=True)
class LaunchContext:
    """The FHIR resources a form may look at while it is filled in, by the names SDC gives them: patient, user…"""

    resources: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a form as it is shown now; `number` counts the occurrences of a repeating group from 1."""

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


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the form is: `empty` while there is nothing but what the form put there itself."""

    answered: int
    askable: int
    required_missing: tuple[Place, ...]
    empty: bool


class Filling:
    """A questionnaire with its answers; every change gives the places whose row changed, appeared or went."""

    def __init__(
        self,
        questionnaire: Questionnaire,
        answers: Sequence[Mapping[str, Any]] = (),
        *,
        context: LaunchContext | None = None,
        language: str = "en",
    ) -> None:
        self.questionnaire = questionnaire
        self.language = language
        self.context = context or LaunchContext()
        self._answers = Answers(questionnaire.items, answers, complete=True)
        self._enablement = Enablement(questionnaire, self._answers)
        self._judging = Judging(questionnaire, questionnaire.value_sets)
        self._known: dict[Place, Row] = {}
        self._order: tuple[tuple[Spot, Branch | None, int], ...] | None = None
        if not answers:
            self._prefill(self._answers.spots())
        self._open_below()
        self._enablement.decide_all()

    def rows(self) -> tuple[Row, ...]:
        """What is asked and shown now, in the order of the form."""
        if self._order is None:
            self._order = tuple(self._visible(self._answers.root, 0))
        return tuple(self._row(spot, occurrence, depth) for spot, occurrence, depth in self._order)

    def row(self, place: Place) -> Row:
        """The row of one place, whether it is shown now or not; raises `KeyError` for a place that is none."""
        spot = self._answers.by_place[place]
        occurrence = next((each for each in spot.occurrences if each.place == place), None)
        if occurrence is None and spot.occurrences:
            occurrence = spot.occurrences[0]
        return self._row(spot, occurrence, _depth(spot))

    def places(self, link_id: str) -> tuple[Place, ...]:
        """Every place that an item has now; of a repeating group, each occurrence."""
        found = []
        for spot in self._answers.by_link.get(link_id, ()):
            found += [branch.place for branch in spot.occurrences] if spot.item.is_group else [spot.place]
        return tuple(found)

    def values(self, link_id: str) -> tuple[Value, ...]:
        """The answers to a question that is asked, over all its places."""
        spots = (spot for spot in self._answers.by_link.get(link_id, ()) if spot.live)
        return tuple(value for spot in spots for value in spot.values)

    def answer(self, place: Place, values: Sequence[Value]) -> frozenset[Place]:
        """Puts the answers at a place in the place of those before."""
        spot = self._answers.by_place[place]
        if not spot.item.is_question:
            raise ValueError("only a question can be answered")
        went = self._put(spot, [fitted(value, spot.item.type) for value in values])
        return self._changed(spot, went)

    def add(self, place: Place) -> Place:
        """One more occurrence of the repeating group at a place; gives its place."""
        spot = self._answers.by_place[place]
        if not (spot.item.is_group and spot.item.repeats):
            raise ValueError("only a repeating group can have one more")
        branch = self._answers.add_occurrence(spot)
        made = list(_below(branch))
        self._prefill(made)
        self._enablement.decide([each.item.link_id for each in made])
        self._forget_rows(self._series(spot))
        return branch.place

    def remove(self, place: Place) -> frozenset[Place]:
        """Takes an occurrence of a repeating group away, or empties it where it is the only one."""
        spot = self._answers.by_place[place]
        branch = next((each for each in spot.occurrences if each.place == place), None)
        if branch is None or not spot.item.repeats:
            raise ValueError("only an occurrence of a repeating group can be removed")
        before = set(self._series(spot))
        gone = self._answers.forget(branch)
        spot.occurrences.remove(branch)
        self._answers.by_place.pop(place, None)
        if not spot.occurrences:
            self._enablement.decide([each.item.link_id for each in _below(self._answers.add_occurrence(spot))])
        moved = self._enablement.answered({each.item.link_id for each in gone})
        places = before | {place} | {each.place for each in gone} | set(self._series(spot))
        return self._forget_rows(places | self._places_of(moved))

    def answers(self) -> list[dict[str, Any]]:
        """The response items: what is asked and answered, and single groups even when nothing in them is."""
        if self.progress().empty and not self._has_answers():
            return []
        return written(self._answers.root, all_groups=True)

    def response(self, **meta: Any) -> dict[str, Any]:
        """The whole QuestionnaireResponse; `meta` gives status, authored, subject… as FHIR has them."""
        return response(self.questionnaire, self.answers(), **meta)

    def facts(self) -> tuple[Fact, ...]:
        """Everything the answers break now."""
        return (*self._answers.facts, *judged(self.questionnaire, self._answers))

    def total(self) -> Score | None:
        """The score of the form; None where it has none."""
        return score(self.questionnaire, self._answers)

    def progress(self) -> Progress:
        """What is answered of what is asked and shown."""
        answered = askable = 0
        missing: list[Place] = []
        empty = True
        for row in self.rows():
            spot = self._answers.by_place[row.place]
            if any(fact.rule == "required" for fact in row.problems):
                missing.append(row.place)
            if row.item.is_question and not row.read_only:
                askable += 1
                answered += bool(row.values)
                empty = empty and (not row.values or _is_initial(spot))
        return Progress(answered, askable, tuple(missing), empty)

    def _has_answers(self) -> bool:
        return any(spot.slots for spot in self._answers.spots())

    def _prefill(self, spots: Iterable[Spot]) -> None:
        for spot in spots:
            if not spot.slots and spot.item.is_question:
                for value in spot.item.initial:
                    self._answers.add_slot(spot, fitted(value, spot.item.type))

    def _open_below(self) -> None:
        for spot in list(self._answers.spots()):
            for slot in spot.slots:
                self._answers.open_below(spot, slot)

    def _put(self, spot: Spot, values: Sequence[Value]) -> list[Spot]:
        before = list(spot.slots)
        spot.slots = []
        for at, value in enumerate(values):
            kept = next((slot for slot in before if same(slot.value, value)), None)
            if kept is not None:
                before.remove(kept)
                spot.slots.append(kept)
                continue
            # An answer that takes another's place keeps what was written below it: she changed her mind, not the note.
            follows = before[0] if before and not spot.item.repeats and at == 0 else None
            slot = Slot(value, None, follows.serial if follows else spot.next_serial)
            if follows is not None:
                before.remove(follows)
                slot.below = follows.below
            else:
                spot.next_serial += 1
            spot.slots.append(slot)
            self._open_new(spot, slot)
        return [gone for slot in before if slot.below for gone in self._answers.forget(slot.below)]

    def _open_new(self, spot: Spot, slot: Slot) -> None:
        below = self._answers.open_below(spot, slot)
        if below is not None:
            made = list(_below(below))
            self._prefill(made)
            self._enablement.decide([each.item.link_id for each in made])
            self._order = None

    def _changed(self, spot: Spot, went: Sequence[Spot]) -> frozenset[Place]:
        moved = self._enablement.answered({spot.item.link_id, *(each.item.link_id for each in went)})
        places = {spot.place, *(each.place for each in went)}
        for slot in spot.slots:
            if slot.below is not None:
                places.update(each.place for each in _below(slot.below) if each.live)
        owner = spot.branch.owner
        while owner is not None:
            if owner.item.required and owner.item.is_group:
                places.update(branch.place for branch in owner.occurrences)
            owner = owner.branch.owner
        if went or moved:
            self._order = None
        return self._forget_rows(places | self._places_of(moved))

    def _places_of(self, spots: Iterable[Spot]) -> set[Place]:
        places: set[Place] = set()
        for spot in spots:
            places.update(branch.place for branch in spot.occurrences)
            if not spot.item.is_group:
                places.add(spot.place)
        return places

    def _series(self, spot: Spot) -> set[Place]:
        self._order = None
        return {branch.place for branch in spot.occurrences} | {
            each.place for branch in spot.occurrences for each in _below(branch)
        }

    def _forget_rows(self, places: Iterable[Place]) -> frozenset[Place]:
        gone = frozenset(places)
        for place in gone:
            self._known.pop(place, None)
        return gone

    def _visible(self, branch: Branch, depth: int) -> Iterator[tuple[Spot, Branch | None, int]]:
        for spot in branch.spots.values():
            if not spot.live or spot.item.hidden:
                continue
            if spot.item.is_group:
                for occurrence in spot.occurrences:
                    yield spot, occurrence, depth
                    yield from self._visible(occurrence, depth + 1)
            else:
                yield spot, None, depth
                for slot in spot.slots:
                    if slot.below is not None:
                        yield from self._visible(slot.below, depth + 1)

    def _row(self, spot: Spot, occurrence: Branch | None, depth: int) -> Row:
        place = occurrence.place if occurrence else spot.place
        if place not in self._known:
            self._known[place] = self._made_row(spot, occurrence, place, depth)
        return self._known[place]

    def _made_row(self, spot: Spot, occurrence: Branch | None, place: Place, depth: int) -> Row:
        item = spot.item
        at = spot.occurrences.index(occurrence) if occurrence else 0
        count = len(spot.occurrences)
        is_series = item.is_group and item.repeats
        most = item.max_occurs if item.max_occurs is not None else 1000
        return Row(
            place=place,
            item=item,
            depth=depth,
            text=item.text_in(self.language),
            prefix=item.prefix,
            values=spot.values,
            options=self.questionnaire.options(item) if item.is_question else (),
            read_only=item.read_only,
            required=item.required,
            problems=tuple(judge(spot, self._judging)) if at == 0 else (),
            can_add=is_series and at == count - 1 and count < most,
            can_remove=is_series and count > max(1, item.min_occurs or 1),
            hint=item.hint_in(self.language),
            number=at + 1 if is_series else 0,
        )


def _below(branch: Branch) -> Iterator[Spot]:
    for spot in branch.spots.values():
        yield from spot.walk()


def _depth(spot: Spot) -> int:
    depth = 0
    owner = spot.branch.owner
    while owner is not None:
        depth += 1
        owner = owner.branch.owner
    return depth


def _is_initial(spot: Spot) -> bool:
    initial = spot.item.initial
    return len(initial) == len(spot.slots) and all(map(same, initial, spot.values))
