"""A second, slow and obvious implementation of a form being filled in: everything is worked out anew each time."""

from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]


@dataclass
class Node:
    """One item at one place: the occurrences of a group, or the answers of a question with what lies below."""

    item: Json
    order: int
    place: str
    container: tuple[int, ...]
    occurrences: list[tuple[int, list["Node"]]] = field(default_factory=list)
    values: list[Any] = field(default_factory=list)
    below: list["Node"] | None = None


class SlowForm:
    """The answers as plain lists; `asked`, `answers` and `missing` go through all of it every time."""

    def __init__(self, raw: Json) -> None:
        self.raw = raw
        self.order: dict[str, int] = {}
        self._number(raw["item"])
        self._next = 0
        self.roots = self._nodes(raw["item"], "", ())

    def _number(self, items: list[Json]) -> None:
        for item in items:
            self.order[item["linkId"]] = len(self.order)
            self._number(item.get("item", []))

    def _nodes(self, items: list[Json], prefix: str, container: tuple[int, ...]) -> list[Node]:
        made = []
        for item in items:
            node = Node(item, self.order[item["linkId"]], prefix + item["linkId"], container)
            if item["type"] == "group":
                self._occur(node, prefix)
            made.append(node)
        return made

    def _occur(self, node: Node, prefix: str) -> None:
        serial = max((number for number, _ in node.occurrences), default=-1) + 1
        serial = max(serial, getattr(node, "used", 0))
        node.used = serial + 1  # type: ignore[attr-defined]
        self._next += 1
        inner = f"{node.place}[{serial}]/" if node.item.get("repeats") else prefix
        below = self._nodes(node.item.get("item", []), inner, (*node.container, self._next))
        node.occurrences.append((serial, below))

    def nodes(self) -> list[Node]:
        """Every node, in the order of the form."""
        found: list[Node] = []

        def visit(nodes: list[Node]) -> None:
            for node in nodes:
                found.append(node)
                for _, below in node.occurrences:
                    visit(below)
                visit(node.below or [])

        visit(self.roots)
        return found

    def answer(self, place: str, values: list[Any]) -> None:
        node = next(each for each in self.nodes() if each.place == place)
        node.values = values
        if not values:
            node.below = None
        elif node.below is None and node.item.get("item"):
            self._next += 1
            node.below = self._nodes(node.item["item"], f"{place}/", (*node.container, self._next))

    def add(self, place: str) -> None:
        node = next(each for each in self.nodes() if each.place == place)
        self._occur(node, "")

    def remove(self, place: str, serial: int) -> None:
        node = next(each for each in self.nodes() if each.place == place)
        node.occurrences = [each for each in node.occurrences if each[0] != serial]
        if not node.occurrences:
            self._occur(node, "")

    def parent(self, node: Node) -> Node | None:
        for each in self.nodes():
            if any(node in below for _, below in each.occurrences) or node in (each.below or []):
                return each
        return None

    def is_asked(self, node: Node) -> bool:
        above = self.parent(node)
        if above is not None and not self.is_asked(above):
            return False
        conditions = node.item.get("enableWhen", [])
        results = [self._is_met(node, condition) for condition in conditions]
        if not results:
            return True
        return any(results) if node.item.get("enableBehavior") == "any" else all(results)

    def _is_met(self, node: Node, condition: Json) -> bool:
        candidates = [each for each in self.nodes() if each.item["linkId"] == condition["question"]]

        def shared(other: Node) -> int:
            count = 0
            for mine, theirs in zip(node.container, other.container, strict=False):
                if mine != theirs:
                    break
                count += 1
            return count

        values: list[Any] = []
        if candidates:
            deepest = max(map(shared, candidates))
            near = [each for each in candidates if shared(each) == deepest]
            chosen = near[-1] if near[0].order < node.order else near[0]
            values = chosen.values if self.is_asked(chosen) else []
        wanted = next(value for key, value in condition.items() if key.startswith("answer"))
        match condition["operator"]:
            case "exists":
                return bool(values) is wanted
            case "=":
                return any(value == wanted for value in values)
            case "!=":
                return any(value != wanted for value in values)
            case ">":
                return any(value > wanted for value in values)
            case "<":
                return any(value < wanted for value in values)
            case ">=":
                return any(value >= wanted for value in values)
            case _:
                return any(value <= wanted for value in values)

    def asked(self) -> set[str]:
        """The places of every question that is asked."""
        return {node.place for node in self.nodes() if node.item["type"] != "group" and self.is_asked(node)}

    def answers(self) -> dict[str, list[Any]]:
        """What is asked and answered, by place."""
        return {node.place: node.values for node in self.nodes() if node.values and self.is_asked(node)}

    def broken(self) -> list[tuple[str, str]]:
        """The rules broken, as (rule, linkId), sorted."""
        found = []
        for node in self.nodes():
            if not self.is_asked(node):
                continue
            item = node.item
            if item.get("required") and item["type"] != "group" and not node.values:
                found.append(("required", item["linkId"]))
            if item.get("required") and item["type"] == "group":
                below = self._questions_below(node)
                if below and not any(each.values for each in below):
                    found.append(("required", item["linkId"]))
            for value in node.values:
                if "maxLength" in item and len(value) > item["maxLength"]:
                    found.append(("maxLength", item["linkId"]))
                for extension in item.get("extension", []):
                    limit = extension.get("valueInteger")
                    if extension["url"].endswith("/minValue") and value < limit:
                        found.append(("minValue", item["linkId"]))
                    if extension["url"].endswith("/maxValue") and value > limit:
                        found.append(("maxValue", item["linkId"]))
        return sorted(found)

    def _questions_below(self, node: Node) -> list[Node]:
        found = []
        for each in self.nodes():
            above = self.parent(each)
            while above is not None and above is not node:
                above = self.parent(above)
            if above is node and each.item["type"] != "group" and self.is_asked(each):
                found.append(each)
        return found
