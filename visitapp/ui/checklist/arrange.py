"""What stands where on a checklist: the rows, and a button to add after each repeating group; no Qt."""

from collections.abc import Sequence
from dataclasses import dataclass

from visitapp.forms.filling import Row


@dataclass(frozen=True)
class Slot:
    """One line of a page: a row, or the button that adds another of the group before it."""

    key: str
    row: Row
    adds: bool = False


def slots(rows: Sequence[Row]) -> list[Slot]:
    """The lines of a page in order; the button to add stands after everything that belongs to the last of its group."""
    found: list[Slot] = []
    waiting: list[Row] = []
    for row in rows:
        while waiting and row.depth <= waiting[-1].depth:
            found.append(_adding(waiting.pop()))
        found.append(Slot(row.place, row))
        if row.can_add:
            waiting.append(row)
    while waiting:
        found.append(_adding(waiting.pop()))
    return found


def _adding(row: Row) -> Slot:
    return Slot(f"add {row.place}", row, adds=True)
