"""One questionnaire being answered: rows to show, answers taken, and what each answer changed."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from visitapp.forms.answers import Answers, Branch, Slot, Spot, written
from visitapp.forms.calculation import LaunchContext
from visitapp.forms.definition import Questionnaire
from visitapp.forms.facts import Fact
from visitapp.forms.items import Option
from visitapp.forms.judging import Judging
from visitapp.forms.response import response
from visitapp.forms.rows import Place, Progress, Row, depth_of, make_row, visible
from visitapp.forms.scoring import Score, score
from visitapp.forms.settling import Settling
from visitapp.forms.validation import judged
from visitapp.forms.values import Reference, Value, fitted, same

__all__ = ["Filling", "LaunchContext", "Place", "Progress", "Row"]


class Filling:
    """A questionnaire with its answers; every change gives the places whose row changed, appeared or went."""

    def __init__(
        self,
        questionnaire: Questionnaire,
        answers: Sequence[Mapping[str, Any]] = (),
        *,
        context: LaunchContext | None = None,
        language: str = "en",
        people: Sequence[Reference] = (),
    ) -> None:
        self.questionnaire = questionnaire
        self.language = language
        self.people = tuple(people)
        self.context = context or LaunchContext()
        self._answers = Answers(questionnaire.items, answers, complete=True)
        self._settling = Settling(questionnaire, self._answers, self.context, self._supply)
        self._judging = Judging(questionnaire, questionnaire.value_sets, self._settling.calculation)
        self._known: dict[Place, Row] = {}
        self._fresh: set[str] = set()
        self._order: tuple[tuple[Spot, Branch | None, int], ...] | None = None
        if not answers:
            self._prefill(list(self._answers.spots()))
        self._open_below()
        self._keep_overridden()
        self._settling.settle_all()

    def rows(self) -> tuple[Row, ...]:
        """What is asked and shown now, in the order of the form."""
        if self._order is None:
            self._order = tuple(visible(self._answers.root))
        return tuple(self._row(spot, occurrence, depth) for spot, occurrence, depth in self._order)

    def row(self, place: Place) -> Row:
        """The row of one place, whether it is shown now or not; raises `KeyError` for a place that is none."""
        spot = self._answers.by_place[place]
        occurrence = next((each for each in spot.occurrences if each.place == place), None)
        if occurrence is None and spot.occurrences:
            occurrence = spot.occurrences[0]
        return self._row(spot, occurrence, depth_of(spot))

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
        if spot.item.link_id in self.questionnaire.formulas.calculated:
            spot.overridden = bool(values)
            self._fresh.add(spot.item.link_id)
        return self._changed(spot, went)

    def add(self, place: Place) -> Place:
        """One more occurrence of the repeating group at a place; gives its place."""
        spot = self._answers.by_place[place]
        if not (spot.item.is_group and spot.item.repeats):
            raise ValueError("only a repeating group can have one more")
        branch = self._answers.add_occurrence(spot)
        made = list(_below(branch))
        self._prefill(made)
        links = {each.item.link_id for each in made}
        moved = self._settling.settle(links, links)
        self._forget_rows(self._series(spot) | self._places_of(moved))
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
        links = {each.item.link_id for each in gone}
        if not spot.occurrences:
            self._prefill(list(_below(self._answers.add_occurrence(spot))))
        moved = self._settling.settle(links, links)
        places = before | {place} | self._places_of(gone) | set(self._series(spot))
        return self._forget_rows(places | self._places_of(moved))

    def answers(self) -> list[dict[str, Any]]:
        """The response items: what is asked and answered, and single groups even when nothing in them is."""
        if not self._has_answers():
            return []
        watched = self.questionnaire.dependencies.watched_series
        return written(self._answers.root, all_groups=True, watched=watched)

    def response(self, **meta: Any) -> dict[str, Any]:
        """The whole QuestionnaireResponse; `meta` gives status, authored, subject… as FHIR has them."""
        return response(self.questionnaire, self.answers(), **meta)

    def facts(self) -> tuple[Fact, ...]:
        """Everything the answers break now."""
        return (*self._answers.facts, *judged(self._answers, self._judging), *self._settling.facts)

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
        return any(spot.slots and spot.live for spot in self._answers.spots())

    def _prefill(self, spots: Iterable[Spot]) -> None:
        for spot in spots:
            if not spot.slots and spot.item.is_question:
                for value in spot.item.initial:
                    self._answers.add_slot(spot, fitted(value, spot.item.type)).supplied = True
                self._prefill_calculated(spot)

    def _prefill_calculated(self, spot: Spot) -> None:
        formula = self.questionnaire.formulas.initial.get(spot.item.link_id)
        if formula is not None and not spot.slots and self._settling.calculation is not None:
            self._supply(spot, self._settling.calculation.values(formula, spot) or ())

    def _supply(self, spot: Spot, values: Sequence[Value]) -> Iterable[Spot]:
        """Puts values where nobody entered them: initial and calculated ones."""
        before = {slot.serial for slot in spot.slots}
        went = self._put(spot, values)
        for slot in spot.slots:
            slot.supplied = True
        new = (slot.below for slot in spot.slots if slot.below is not None and slot.serial not in before)
        return [*went, *(each for branch in new for each in _below(branch))]

    def _keep_overridden(self) -> None:
        """An answer that may be changed by hand, and came with the draft, is left as she left it."""
        for link_id in self.questionnaire.formulas.calculated:
            for spot in self._answers.by_link.get(link_id, ()):
                spot.overridden = bool(spot.slots) and not spot.item.read_only

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
            self._fresh.update(each.item.link_id for each in made)
            self._order = None

    def _changed(self, spot: Spot, went: Sequence[Spot]) -> frozenset[Place]:
        fresh, self._fresh = self._fresh, set()
        moved = self._settling.settle({spot.item.link_id, *(each.item.link_id for each in went)}, fresh)
        places = {spot.place} | self._places_of(went)
        for slot in spot.slots:
            if slot.below is not None:
                places |= self._places_of(each for each in _below(slot.below) if each.live)
        owner = spot.branch.owner
        while owner is not None:
            if owner.item.required and owner.item.is_group:
                places.update(branch.place for branch in owner.occurrences)
            owner = owner.branch.owner
        if went or moved or fresh:
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

    def _row(self, spot: Spot, occurrence: Branch | None, depth: int) -> Row:
        place = occurrence.place if occurrence else spot.place
        if place not in self._known:
            row = make_row(self._judging, spot, occurrence, depth, self.language)
            self._known[place] = replace(row, options=self._pointers(spot)) if spot.item.type == "reference" else row
        return self._known[place]

    def _pointers(self, spot: Spot) -> tuple[Option, ...]:
        """The people a reference may point to; `people` are those that the caller knows, each with its type."""
        kinds = spot.item.reference_types
        return tuple(Option(one, one.display or "") for one in self.people if not kinds or one.type in kinds)


def _below(branch: Branch) -> Iterator[Spot]:
    for spot in branch.spots.values():
        yield from spot.walk()


def _is_initial(spot: Spot) -> bool:
    initial = spot.item.initial
    if all(slot.supplied for slot in spot.slots):
        return True
    return len(initial) == len(spot.slots) and all(map(same, initial, spot.values))
