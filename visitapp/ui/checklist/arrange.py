"""What stands where on a checklist: rows, cells side by side, bars to turn pages, buttons to add another; no Qt."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import Enum, auto

from visitapp.forms.filling import Row


class Kind(Enum):
    """What a slot holds."""

    ROW = auto()
    ADD = auto()
    """The button that adds another of the group before it."""
    LINE = auto()
    """The rows of one line of a table, side by side where there is room."""
    TABS = auto()
    PAGER = auto()


@dataclass(frozen=True)
class Slot:
    """One thing on a checklist, `at` a place in the page's column or, where it is a cell, in its `line`.

    `pages` are the pages it lies on, outermost first, each with the bar that turns it; a bar has its pages with their
    titles in `choices`. A group that can be folded away has its `fold`, which what is below it lies on as on a page. A line
    is `bare` where the line above it has the same words over its cells.
    """

    key: str
    row: Row
    kind: Kind = Kind.ROW
    at: int = 0
    line: str = ""
    pages: tuple[tuple[str, str], ...] = ()
    choices: tuple[tuple[str, str], ...] = ()
    fold: str = ""
    bare: bool = False


def slots(rows: Sequence[Row]) -> list[Slot]:
    """What is on a checklist, in order: headers first and on every page, footers last."""
    return list(_counted(_bared(list(_with_bars(_laid(_between_header_and_footer(rows)))))))


def _between_header_and_footer(rows: Sequence[Row]) -> Sequence[Row]:
    parts: dict[str, list[Row]] = {"header": [], "": [], "footer": []}
    part = ""
    for row in rows:
        if row.depth == 0:
            part = row.item.control if row.item.control in ("header", "footer") else ""
        parts[part].append(row)
    return [*parts["header"], *parts[""], *parts["footer"]] if parts["header"] or parts["footer"] else rows


def _laid(rows: Iterable[Row]) -> list[Slot]:
    found: list[Slot] = []
    owners: list[Row] = []
    turned: list[tuple[int, str, str]] = []
    waiting: list[Slot] = []
    lines: set[str] = set()
    for row in rows:
        while waiting and row.depth <= waiting[-1].row.depth:
            found.append(waiting.pop())
        while owners and row.depth <= owners[-1].depth:
            owners.pop()
        while turned and row.depth <= turned[-1][0]:
            turned.pop()
        above = owners[-1] if owners else None
        outside = tuple((bar, page) for _, bar, page in turned)
        if bar := _bar(row, above):
            turned.append((row.depth, bar, row.place))
        pages = tuple((bar, page) for _, bar, page in turned)
        line = _line(row, owners)
        if line and line not in lines:
            lines.add(line)
            found.append(Slot(line, row, Kind.LINE, pages=pages))
        fold = f"fold {row.place}" if row.item.collapsible else ""
        found.append(Slot(row.place, row, line=line, pages=pages, fold=fold))
        if fold:
            turned.append((row.depth, fold, row.place))
        if row.can_add:
            waiting.append(Slot(f"add {row.place}", row, Kind.ADD, pages=outside))
        owners.append(row)
    found.extend(reversed(waiting))
    return found


def _bar(row: Row, above: Row | None) -> str:
    """The bar that turns to a group, where the group is a page or a tab."""
    if not row.item.is_group:
        return ""
    if above is not None and above.item.control == "tab-container":
        return f"tabs {above.place}"
    return f"pages {above.place if above is not None else ''}" if row.item.control == "page" else ""


def _line(row: Row, owners: Sequence[Row]) -> str:
    """The line of a table that a row is a cell of: a table repeats as a whole, a grid has one group a line."""
    if row.item.is_group or not owners or not owners[-1].item.is_group:
        return ""
    own, over = owners[-1].item, owners[-2].item if len(owners) > 1 else None
    is_repeated = own.control == "gtable" and own.repeats
    is_of_grid = over is not None and (over.control == "grid" or (over.control == "gtable" and not over.repeats))
    return f"line {owners[-1].place}" if is_repeated or is_of_grid else ""


def _with_bars(found: list[Slot]) -> Iterator[Slot]:
    titles: dict[str, dict[str, str]] = {}
    last: dict[str, int] = {}
    for at, slot in enumerate(found):
        for bar, page in slot.pages:
            pages = titles.setdefault(bar, {})
            pages.setdefault(page, slot.row.text or f"Page {len(pages) + 1}")
            last[bar] = at
    begun: set[str] = set()
    for at, slot in enumerate(found):
        for depth, (bar, _page) in enumerate(slot.pages):
            if bar not in begun and bar.startswith("tabs ") and len(titles[bar]) > 1:
                yield _bar_slot(bar, slot, depth, titles[bar], Kind.TABS)
            begun.add(bar)
        yield slot
        for depth, (bar, _page) in reversed(list(enumerate(slot.pages))):
            if last[bar] == at and bar.startswith("pages ") and len(titles[bar]) > 1:
                yield _bar_slot(bar, slot, depth, titles[bar], Kind.PAGER)


def _bar_slot(bar: str, beside: Slot, depth: int, titles: dict[str, str], kind: Kind) -> Slot:
    return Slot(bar, beside.row, kind, pages=beside.pages[:depth], choices=tuple(titles.items()))


def _bared(found: Sequence[Slot]) -> Iterator[Slot]:
    """The same, each line of a table without words over its cells where those of its first line say them already."""
    words: dict[str, list[str]] = {}
    for slot in found:
        if slot.line:
            words.setdefault(slot.line, []).append(slot.row.text)
    first: dict[tuple[str, str], list[str]] = {}
    for slot in found:
        if slot.kind is not Kind.LINE:
            yield slot
            continue
        said = words.get(slot.key, [])
        head = first.setdefault(_table(slot.row), said)
        yield replace(slot, bare=head is not said and head == said)


def _table(row: Row) -> tuple[str, str]:
    """The table that a cell is in: what the cells of all its lines have in common."""
    line = row.item.parent
    whole = line if line is None or line.repeats else line.parent
    above = row.place.rpartition("/")[0]
    return (whole.link_id if whole else "", above.rpartition("[")[0] if line is not None and line.repeats else above)


def _counted(found: Iterable[Slot]) -> Iterator[Slot]:
    counts: dict[str, int] = {}
    for slot in found:
        at = counts.get(slot.line, 0)
        counts[slot.line] = at + 1
        yield replace(slot, at=at) if at else slot
