"""Which item's being asked depends on which other, as a graph over the questionnaire."""

from collections.abc import Iterable, Iterator, Sequence

from visitapp.forms.circles import components
from visitapp.forms.items import Condition, Item


class Dependencies:
    """The order in which to decide what is asked, who depends on whom, and the conditions that go in a circle."""

    def __init__(self, items: Sequence[Item]) -> None:
        self._items = {item.link_id: item for item in items}
        component = components({link_id: _edges(self._items, link_id) for link_id in self._items})
        self.cyclic: frozenset[tuple[str, str]] = frozenset(
            (item.link_id, condition.question)
            for item in items
            for condition in item.conditions
            if condition.question in component and component[condition.question] == component[item.link_id]
        )
        self.dependents: dict[str, list[Item]] = {}
        for item in items:
            for question in dict.fromkeys(condition.question for condition in item.conditions):
                self.dependents.setdefault(question, []).append(item)
        self.rank = self._ranks(items)
        self.watched_series = frozenset(self._watched_series(items))

    def is_cyclic(self, item: Item, condition: Condition) -> bool:
        """Whether the condition looks at a question whose own being asked depends on this item."""
        return (item.link_id, condition.question) in self.cyclic

    def _watched_series(self, items: Sequence[Item]) -> Iterator[str]:
        """The repeating groups that a condition outside looks into: which occurrence is the nearest counts for it."""
        for item in items:
            for condition in item.conditions:
                question = self._items.get(condition.question)
                for above in question.ancestors() if question else ():
                    if above.is_group and above.repeats and not above.contains(item):
                        yield above.link_id

    def _ranks(self, items: Iterable[Item]) -> dict[str, int]:
        waiting: dict[str, int] = {}
        for item in items:
            needs = {
                condition.question
                for condition in item.conditions
                if condition.question in self._items and not self.is_cyclic(item, condition)
            }
            waiting[item.link_id] = len(needs) + (item.parent is not None)
        rank: dict[str, int] = {}
        ready = [link_id for link_id, count in waiting.items() if not count]
        while ready:
            following = []
            for link_id in ready:
                rank[link_id] = len(rank)
                freed = [child.link_id for child in self._items[link_id].items]
                for dependent in self.dependents.get(link_id, ()):
                    if (dependent.link_id, link_id) not in self.cyclic:
                        freed.append(dependent.link_id)
                for each in freed:
                    waiting[each] -= 1
                    if not waiting[each]:
                        following.append(each)
            ready = following
        return rank


def _edges(items: dict[str, Item], link_id: str) -> list[str]:
    item = items[link_id]
    needed = [condition.question for condition in item.conditions if condition.question in items]
    return needed + ([item.parent.link_id] if item.parent else [])
