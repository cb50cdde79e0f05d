"""How the concern markers stand on their page: a quiet list, each with the card it opens; no Qt."""

from collections.abc import Sequence
from dataclasses import dataclass

from visitapp.domain.visits import EXTENSIONS
from visitapp.forms.filling import Row
from visitapp.forms.values import Coding

LEVEL = EXTENSIONS + "level"
_QUIET = frozenset({"", "none"})


@dataclass(frozen=True)
class Marker:
    """One concern marker: its question and what is asked once it was seen or reported."""

    row: Row
    details: tuple[Row, ...]

    @property
    def answer(self) -> str:
        """The words of the answer given, "" while there is none."""
        value = self.row.values[0] if self.row.values else None
        return (value.display or value.code or "") if isinstance(value, Coding) else ""

    @property
    def is_raised(self) -> bool:
        """Whether it was seen or reported."""
        value = self.row.values[0] if self.row.values else None
        return isinstance(value, Coding) and (value.code or "") not in _QUIET

    @property
    def level(self) -> str:
        """The level recorded, else the usual one."""
        for row in self.details:
            if row.item.link_id.endswith("-level") and row.values and isinstance(row.values[0], Coding):
                return row.values[0].code or ""
        usual = self.row.item.extension(LEVEL)
        return str(usual) if usual is not None else ""


@dataclass(frozen=True)
class ConcernLayout:
    """The markers by group, and rows that belong to none."""

    groups: tuple[tuple[str, tuple[Marker, ...]], ...]
    other: tuple[Row, ...]


def concern_layout(rows: Sequence[Row]) -> ConcernLayout:
    """Sort the rows of the concern markers for their page."""
    groups: dict[str, list[Marker]] = {}
    other: list[Row] = []
    title = ""
    current: Row | None = None
    details: list[Row] = []

    def close() -> None:
        nonlocal current, details
        if current is not None:
            groups.setdefault(title, []).append(Marker(current, tuple(details)))
        current, details = None, []

    for row in rows:
        if row.item.extension(LEVEL) is not None:
            close()
            current = row
        elif current is not None and current.item.contains(row.item):
            details.append(row)
        else:
            close()
            if row.item.is_group:
                title = row.text
            else:
                other.append(row)
    close()
    return ConcernLayout(tuple((name, tuple(found)) for name, found in groups.items()), tuple(other))
