"""The tree of answers: built from response items however broken, changed in place, written out as response items."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from visitapp.forms.extensions import ORDINAL
from visitapp.forms.facts import Fact, Severity
from visitapp.forms.items import Item
from visitapp.forms.values import ANSWER_KEYS, BadValue, Value, read_value, value_key, write_value

MAX_FACTS = 1000
_ESCAPES = str.maketrans({"%": "%25", "/": "%2F", "[": "%5B", "]": "%5D"})


class Slot:
    """One answer: its value, the JSON it came as, and the answers nested below it."""

    __slots__ = ("below", "raw", "serial", "supplied", "value")

    def __init__(self, value: Value, raw: Mapping[str, Any] | None, serial: int) -> None:
        self.value = value
        self.raw = raw
        self.serial = serial
        self.supplied = False
        self.below: Branch | None = None


class Spot:
    """One item at one place in the answers: a question with its slots, or a group with its occurrences."""

    __slots__ = (
        "asked",
        "branch",
        "enabled",
        "faulty",
        "item",
        "live",
        "next_serial",
        "occurrences",
        "overridden",
        "path",
        "place",
        "slots",
    )

    def __init__(self, item: Item, branch: "Branch", path: str = "") -> None:
        self.item = item
        self.branch = branch
        self.path = path
        self.place = branch.prefix + (item.link_id if item.link_id.isalnum() else item.link_id.translate(_ESCAPES))
        self.slots: list[Slot] = []
        self.occurrences: list[Branch] = []
        self.next_serial = 0
        self.faulty = False
        self.asked = True
        self.overridden = False
        self.enabled = True
        self.live = True

    @property
    def values(self) -> tuple[Value, ...]:
        return tuple(slot.value for slot in self.slots)

    def branches(self) -> Iterator["Branch"]:
        """What lies directly below, in order."""
        yield from self.occurrences
        for slot in self.slots:
            if slot.below is not None:
                yield slot.below

    def walk(self) -> Iterator["Spot"]:
        """This spot and all below, in the order of the form."""
        waiting: list[Spot] = [self]
        while waiting:
            spot = waiting.pop()
            yield spot
            below = [each for branch in spot.branches() for each in branch.spots.values()]
            waiting.extend(reversed(below))


class Branch:
    """The spots of one set of child items: of the form, of one occurrence of a group, or below one answer."""

    __slots__ = ("imagined", "owner", "prefix", "raw", "serial", "spots")

    def __init__(self, owner: Spot | None, serial: int = 0, raw: Mapping[str, Any] | None = None) -> None:
        self.owner = owner
        self.serial = serial
        self.raw = raw
        self.imagined = False
        self.spots: dict[str, Spot] = {}
        if owner is None:
            self.prefix = ""
        elif owner.item.repeats:
            self.prefix = f"{owner.place}[{serial}]/"
        else:
            self.prefix = owner.branch.prefix if owner.item.is_group else f"{owner.place}/"

    @property
    def place(self) -> str:
        """The place of this occurrence of a group."""
        assert self.owner is not None
        return f"{self.owner.place}[{self.serial}]" if self.owner.item.repeats else self.owner.place


class Answers:
    """All answers to one questionnaire, with what was wrong with the shape of the response they came from."""

    def __init__(self, items: Sequence[Item], response_items: Any = (), *, complete: bool) -> None:
        self.items = items
        self.complete = complete
        self.facts: list[Fact] = []
        self.by_place: dict[str, Spot] = {}
        self.by_link: dict[str, list[Spot]] = {}
        self.root = Branch(None)
        self._fill(self.root, items, response_items, "QuestionnaireResponse")

    def spots(self) -> Iterator[Spot]:
        """Every spot, in the order of the form."""
        for spot in self.root.spots.values():
            yield from spot.walk()

    def _fact(self, rule: str, item: Item | None, path: str, link_id: str | None = None, **detail: Any) -> None:
        if len(self.facts) < MAX_FACTS:
            known = item.link_id if item else link_id
            self.facts.append(Fact(Severity.ERROR, rule, known, path, detail, structural=True))

    def _doubt(self, rule: str, link_id: str, path: str) -> None:
        if len(self.facts) < MAX_FACTS:
            self.facts.append(Fact(Severity.WARNING, rule, link_id, path))

    def _fill(self, branch: Branch, items: Sequence[Item], found: Any, path: str) -> None:
        entries: dict[str, list[tuple[Mapping[str, Any], str]]] = {}
        if found is not None and not isinstance(found, (list, tuple)):
            self._fact("structure", None, f"{path}.item", reason="item-is-not-a-list")
            found = ()
        place = {item.link_id: at for at, item in enumerate(items)}
        last = 0
        for at, entry in enumerate(found or ()):
            here = f"{path}.item[{at}]"
            link_id = entry.get("linkId") if isinstance(entry, Mapping) else None
            if not isinstance(link_id, str):
                self._fact("structure", None, here, reason="item-without-linkId")
            elif link_id not in place:
                self._fact("invalidLinkId", None, here, link_id[:200])
            else:
                entries.setdefault(link_id, []).append((entry, here))
                if place[link_id] < last:
                    self._doubt("itemOrder", link_id, here)
                last = max(last, place[link_id])
        for item in items:
            if not item.is_beside:
                self._spot(branch, item, entries.get(item.link_id, ()), path)

    def _spot(self, branch: Branch, item: Item, entries: Sequence[tuple[Mapping[str, Any], str]], path: str) -> None:
        spot = Spot(item, branch, entries[0][1] if entries else f"{path}.item.where(linkId='{item.link_id}')")
        branch.spots[item.link_id] = spot
        self.by_place[spot.place] = spot
        self.by_link.setdefault(item.link_id, []).append(spot)
        if item.is_group:
            for entry, here in entries:
                self._occurrence(spot, entry, here)
            if not self.complete and not spot.occurrences and _is_required(item):
                # Not in the response; whether anything in it would have been asked is still the question.
                self.add_occurrence(spot).imagined = True
            elif self.complete:
                wanted = min(max(1, item.min_occurs or 1), 20) if item.repeats else 1
                while len(spot.occurrences) < wanted:
                    self.add_occurrence(spot)
        elif item.type == "display":
            for entry, here in entries:
                if entry.get("answer"):
                    self._fact("displayAnswer", item, here)
        else:
            for entry, here in entries:
                self._answers(spot, entry, here)

    def _occurrence(self, spot: Spot, entry: Mapping[str, Any], here: str) -> None:
        if entry.get("answer"):
            self._fact("groupShouldNotHaveAnswers", spot.item, here)
        branch = Branch(spot, spot.next_serial, entry)
        spot.next_serial += 1
        spot.occurrences.append(branch)
        self._index(branch)
        self._fill(branch, spot.item.items, entry.get("item"), here)

    def _index(self, branch: Branch) -> None:
        assert branch.owner is not None
        self.by_place[branch.place] = branch.owner

    def _answers(self, spot: Spot, entry: Mapping[str, Any], here: str) -> None:
        if spot.item.type == "question":
            self._fact("invalidType", spot.item, here, type="question")
            return
        if entry.get("item"):
            self._fact("itemNotBelowAnswer", spot.item, here)
        found = entry.get("answer")
        if found is not None and not isinstance(found, (list, tuple)):
            self._fact("structure", spot.item, f"{here}.answer", reason="answer-is-not-a-list")
            return
        for at, answer in enumerate(found or ()):
            self._answer(spot, answer, f"{here}.answer[{at}]")

    def _answer(self, spot: Spot, answer: Any, here: str) -> None:
        if not isinstance(answer, Mapping):
            self._fact("structure", spot.item, here, reason="answer-is-not-an-object")
            return
        keys = [key for key in answer if key.startswith("value")]
        if not keys:
            return
        key = keys[0]
        try:
            if len(keys) > 1 or key not in allowed_keys(spot.item):
                raise BadValue
            value = read_value(key, answer[key])
        except BadValue:
            spot.faulty = True
            expected = ANSWER_KEYS[spot.item.type]
            self._fact("invalidAnswerType", spot.item, here, found=key[5:65], type=spot.item.type, expected=expected)
            return
        slot = self.add_slot(spot, value, answer)
        if spot.item.items:
            slot.below = Branch(spot, slot.serial)
            self._fill(slot.below, spot.item.items, answer.get("item"), here)

    def add_slot(self, spot: Spot, value: Value, raw: Mapping[str, Any] | None = None) -> Slot:
        """A further answer; the questions below it are not made yet."""
        slot = Slot(value, raw, spot.next_serial)
        spot.next_serial += 1
        spot.slots.append(slot)
        return slot

    def open_below(self, spot: Spot, slot: Slot) -> Branch | None:
        """Makes the questions below an answer, all unanswered; None where there are none or they are there already."""
        if slot.below is not None or all(child.is_beside for child in spot.item.items):
            return None
        slot.below = Branch(spot, slot.serial)
        self._fill(slot.below, spot.item.items, (), "")
        return slot.below

    def add_occurrence(self, spot: Spot) -> Branch:
        """A further occurrence of a group, all in it unanswered."""
        branch = Branch(spot, spot.next_serial)
        spot.next_serial += 1
        spot.occurrences.append(branch)
        self._index(branch)
        self._fill(branch, spot.item.items, (), "")
        return branch

    def forget(self, branch: Branch) -> list[Spot]:
        """Takes everything below a branch out of the index; gives what was there."""
        gone = [spot for child in branch.spots.values() for spot in child.walk()]
        for spot in gone:
            self.by_place.pop(spot.place, None)
            self.by_link[spot.item.link_id].remove(spot)
            for occurrence in spot.occurrences:
                self.by_place.pop(occurrence.place, None)
        return gone


def _is_required(item: Item) -> bool:
    return item.required or any(above.required and above.is_group for above in item.ancestors())


def allowed_keys(item: Item) -> tuple[str, ...]:
    """The value[x] keys an answer to the item may have; options of a choice may be of other types than Coding."""
    keys = ANSWER_KEYS[item.type]
    if item.type in ("choice", "open-choice") and item.options:
        of_options = tuple(found for option in item.options if (found := value_key(option.raw)))
        return (*dict.fromkeys((*keys, *of_options)),)
    return keys


def written(branch: Branch, *, all_groups: bool = False, watched: frozenset[str] = frozenset()) -> list[dict[str, Any]]:
    """The response items of a branch: what is live and answered; with `all_groups` single groups even when empty.

    An empty group is what tells a later judge that its required questions were asked and left out. Empty occurrences of
    a repeating group are left out, but of those `watched`: there they decide whether something else is asked.
    """
    items: list[dict[str, Any]] = []
    for spot in branch.spots.values():
        if not spot.live:
            continue
        if spot.item.is_group:
            items.extend(_written_group(spot, all_groups, watched))
        elif spot.slots:
            items.append(_item(spot.item) | {"answer": [_written_answer(slot, all_groups, watched) for slot in spot.slots]})
    return items


def as_tree(branch: Branch, places: dict[Spot | Branch, Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Like `written`, and notes in `places` which response item each spot and each occurrence of a group became."""
    items: list[dict[str, Any]] = []
    for spot in branch.spots.values():
        if not spot.live:
            continue
        for occurrence in spot.occurrences:
            made: dict[str, Any] = {"linkId": spot.item.link_id}
            places[occurrence] = made
            below = as_tree(occurrence, places)
            if below:
                made["item"] = below
                items.append(made)
        if spot.slots:
            made = {"linkId": spot.item.link_id, "answer": [_tree_answer(spot.item, slot, places) for slot in spot.slots]}
            places[spot] = made
            items.append(made)
    return items


def _tree_answer(item: Item, slot: Slot, places: dict[Spot | Branch, Mapping[str, Any]]) -> dict[str, Any]:
    key, json = write_value(slot.value)
    if slot.raw is not None and key in slot.raw:
        json = slot.raw[key]
    weight = next((option.weight for option in item.options if option.weight and option.value == slot.value), None)
    if weight is not None and isinstance(json, Mapping) and "extension" not in json:
        # ordinal() and weight() look for it here, and the answer itself seldom has it.
        json = {**json, "extension": [{"url": url, "valueDecimal": weight} for url in ORDINAL]}
    below = as_tree(slot.below, places) if slot.below else []
    return {key: json, "item": below} if below else {key: json}


def _item(item: Item) -> dict[str, Any]:
    return {"linkId": item.link_id, "text": item.text} if item.text else {"linkId": item.link_id}


def _written_group(spot: Spot, all_groups: bool, watched: frozenset[str]) -> Iterator[dict[str, Any]]:
    for occurrence in spot.occurrences:
        below = written(occurrence, all_groups=all_groups, watched=watched)
        keep = {key: part for key, part in (occurrence.raw or {}).items() if key not in ("item", "answer")}
        if below:
            yield _item(spot.item) | keep | {"item": below}
        elif all_groups and (not spot.item.repeats or spot.item.link_id in watched):
            yield _item(spot.item) | keep


def _written_answer(slot: Slot, all_groups: bool, watched: frozenset[str]) -> dict[str, Any]:
    kept = {} if slot.raw is None else {key: part for key, part in slot.raw.items() if key != "item"}
    if slot.raw is None:
        key, json = write_value(slot.value)
        kept[key] = json
    below = written(slot.below, all_groups=all_groups, watched=watched) if slot.below else []
    return kept | {"item": below} if below else kept
