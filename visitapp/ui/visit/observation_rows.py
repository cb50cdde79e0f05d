"""How an observation stands on its page: strengths first, items by side, the setting after; no Qt."""

from collections.abc import Sequence
from dataclasses import dataclass

from visitapp.domain.visits import EXTENSIONS
from visitapp.forms.filling import Row
from visitapp.forms.items import Item
from visitapp.forms.values import Coding

SIDES = (("B", "Baby"), ("C", "Caregiver"), ("T", "Together"))
NEEDS_EVIDENCE = frozenset({"E", "N"})
NO_SCORE = (
    "This is not a test. It has no total, no percentage and no label: it helps you notice, and it is a draft awaiting "
    "clinical review."
)


@dataclass(frozen=True)
class ObservedItem:
    """One sentence with its four answers and, where it is asked for, the line of evidence."""

    row: Row
    evidence: Row | None
    short: bool

    @property
    def place(self) -> str:
        """Where the answer goes."""
        return self.row.place

    @property
    def chosen(self) -> str:
        """The code of the answer given, "" while there is none."""
        value = self.row.values[0] if self.row.values else None
        return value.code or "" if isinstance(value, Coding) else ""


@dataclass(frozen=True)
class ObservationLayout:
    """Everything of one dyad's observation, sorted for the page."""

    strengths: tuple[Row, ...]
    groups: tuple[tuple[str, tuple[ObservedItem, ...]], ...]
    setting: tuple[Row, ...]

    @property
    def items(self) -> tuple[ObservedItem, ...]:
        """All items in the order they stand."""
        return tuple(item for _title, items in self.groups for item in items)

    @property
    def has_more(self) -> bool:
        """Whether there are items beyond the short form."""
        return any(not item.short for item in self.items)

    def shown(self, all_of_them: bool) -> tuple[ObservedItem, ...]:
        """The items to show: the short form and whatever already has an answer, or all."""
        return tuple(item for item in self.items if all_of_them or item.short or item.chosen)


def layout(rows: Sequence[Row]) -> ObservationLayout:
    """Sort the rows of an observation for its page."""
    evidence = {
        row.item.parent.link_id: row
        for row in rows
        if row.item.parent is not None and _side(row.item.parent) and not _side(row.item)
    }
    found: dict[str, list[ObservedItem]] = {code: [] for code, _title in SIDES}
    strengths: list[Row] = []
    setting: list[Row] = []
    for row in rows:
        item = row.item
        if side := _side(item):
            short = item.extension(EXTENSIONS + "short-form") is True
            found.setdefault(side, []).append(ObservedItem(row, evidence.get(item.link_id), short))
        elif item.extension(EXTENSIONS + "strength") is True:
            strengths.append(row)
        elif item.parent is not None and _side(item.parent):
            continue
        elif not any(_side(child) for child in item.items):
            setting.append(row)
    titles = dict(SIDES)
    groups = tuple((titles.get(code, code), tuple(items)) for code, items in found.items() if items)
    return ObservationLayout(tuple(strengths), groups, tuple(setting))


def _side(item: Item) -> str:
    said = item.extension(EXTENSIONS + "side")
    return said if isinstance(said, str) else ""
