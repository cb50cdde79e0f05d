"""Which questions are asked: enableWhen with every operator, decided once for all and again for what changed."""

from collections.abc import Iterable, Iterator, Sequence
from heapq import heappop, heappush

from visitapp.forms.answers import Answers, Branch, Spot
from visitapp.forms.definition import Questionnaire
from visitapp.forms.items import Condition, Item
from visitapp.forms.ordering import is_equal, order
from visitapp.forms.values import Value


def holds(condition: Condition, values: Sequence[Value]) -> bool:
    """Whether a condition is met by the answers to its question.

    As R4 has it, every operator but `exists` needs at least one answer for which it is true, `!=` too.
    """
    wanted = condition.answer
    if condition.operator == "exists":
        return bool(values) == wanted
    if condition.operator == "=":
        return any(is_equal(value, wanted) for value in values)
    if condition.operator == "!=":
        return any(not is_equal(value, wanted) for value in values)
    return any(_ordered(condition.operator, order(value, wanted)) for value in values)


def _ordered(operator: str, sign: int | None) -> bool:
    if sign is None:
        return False
    match operator:
        case ">":
            return sign > 0
        case "<":
            return sign < 0
        case ">=":
            return sign >= 0
        case _:
            return sign <= 0


def target(spot: Spot, question: Item) -> Spot | None:
    """The occurrence of a question that a condition at a spot means: above first, then before, then after."""
    branch: Branch = spot.branch
    while branch.owner is not None and not (branch.owner.item.contains(question)):
        branch = branch.owner.branch
    if branch.owner is not None and branch.owner.item is question:
        return branch.owner
    way = _way_down(question, branch.owner.item if branch.owner else None)
    return _nearest(branch, way, question.order < spot.item.order)


def _nearest(branch: Branch, way: Sequence[Item], is_before: bool) -> Spot | None:
    found = branch.spots.get(way[0].link_id)
    if found is None or len(way) == 1:
        return found
    below = list(found.branches())
    for each in reversed(below) if is_before else below:
        nearest = _nearest(each, way[1:], is_before)
        if nearest is not None:
            return nearest
    return None


def _way_down(item: Item, above: Item | None) -> Sequence[Item]:
    way = [item]
    for ancestor in item.ancestors():
        if ancestor is above:
            break
        way.append(ancestor)
    return way[::-1]


class Enablement:
    """Keeps `enabled` and `live` of every spot true to the answers."""

    def __init__(self, questionnaire: Questionnaire, answers: Answers) -> None:
        self._questionnaire = questionnaire
        self._graph = questionnaire.dependencies
        self._answers = answers

    def decide_all(self) -> None:
        """Decides every spot from nothing."""
        self.decide(list(self._answers.by_link))

    def answered(self, link_ids: Iterable[str]) -> set[Spot]:
        """Decides what depends on questions whose answers changed; gives the spots that came or went."""
        dependents = self._graph.dependents
        return self.decide([item.link_id for link_id in link_ids for item in dependents.get(link_id, ())])

    def decide(self, link_ids: Iterable[str]) -> set[Spot]:
        """Decides the items again and whatever follows from them, in the order of their dependence."""
        rank = self._graph.rank
        queue: list[tuple[int, str]] = []
        queued: set[str] = set()
        for link_id in link_ids:
            if link_id not in queued:
                queued.add(link_id)
                heappush(queue, (rank[link_id], link_id))
        changed: set[Spot] = set()
        while queue:
            _, link_id = heappop(queue)
            queued.discard(link_id)
            moved = [spot for spot in self._answers.by_link.get(link_id, ()) if self._settle(spot)]
            changed.update(moved)
            for following in self._following(moved):
                if following not in queued:
                    queued.add(following)
                    heappush(queue, (rank[following], following))
        return changed

    def _settle(self, spot: Spot) -> bool:
        spot.enabled = self._is_enabled(spot)
        owner = spot.branch.owner
        live = spot.enabled and (owner is None or owner.live)
        was, spot.live = spot.live, live
        return was != live

    def _following(self, moved: Sequence[Spot]) -> Iterator[str]:
        if moved:
            item = moved[0].item
            for child in item.items:
                if child.link_id in self._answers.by_link:
                    yield child.link_id
            for dependent in self._graph.dependents.get(item.link_id, ()):
                if (dependent.link_id, item.link_id) not in self._graph.cyclic:
                    yield dependent.link_id

    def _is_enabled(self, spot: Spot) -> bool:
        conditions = spot.item.conditions
        if not (conditions and spot.asked):
            return spot.asked
        results = (self._holds(spot, condition) for condition in conditions)
        return any(results) if spot.item.any_condition else all(results)

    def _holds(self, spot: Spot, condition: Condition) -> bool:
        question = self._questionnaire.item(condition.question)
        if question is None:
            return False
        found = target(spot, question)
        # A question that isn't asked counts as unanswered, except in a circle, where that could never be decided.
        if found is None or not (found.live or self._graph.is_cyclic(spot.item, condition)):
            return holds(condition, ())
        return holds(condition, found.values)
