"""The caseload's rows for Qt's table view."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt

from visitapp.ui.caseload.presenter import COLUMN_WORDS, Cell, Column, TableRow
from visitapp.ui.widgets.text import as_tip

COLUMNS = tuple(Column)
CELL = Qt.ItemDataRole.UserRole
FAMILY = Qt.ItemDataRole.UserRole + 1
ACTIVE = Qt.ItemDataRole.UserRole + 2
_Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()
_EXPLAINED = {
    Column.BABY_SEEN: "The last visit at which a baby was seen awake",
    Column.NEXT_DUE: "The next contact that the programmes ask for",
    Column.SYNC: "Whether everything written here has reached the server",
}


class CaseloadModel(QAbstractTableModel):
    """Rows as they are, sorted by the keys they bring; nothing is read or reckoned here."""

    def __init__(self) -> None:
        super().__init__()
        self._rows: list[TableRow] = []
        self._column = 0
        self._order = Qt.SortOrder.AscendingOrder

    def show_rows(self, rows: Sequence[TableRow]) -> None:
        """Show other rows in the order that was chosen."""
        self.beginResetModel()
        self._rows = self._sorted(rows)
        self.endResetModel()

    def family_at(self, row: int) -> str:
        """Return the family of a row, empty where there is none."""
        return self._rows[row].family if 0 <= row < len(self._rows) else ""

    def row_of(self, family: str) -> int:
        """Return where a family stands, or -1."""
        return next((number for number, row in enumerate(self._rows) if row.family == family), -1)

    def rowCount(self, parent: _Index = _NOWHERE) -> int:
        """Return how many families are shown."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: _Index = _NOWHERE) -> int:
        """Return how many columns there are."""
        return 0 if parent.isValid() else len(COLUMNS)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return a cell's words, its tooltip, or the cell itself for the painter."""
        row = self._rows[index.row()]
        cell: Cell = row.cells[COLUMNS[index.column()]]
        if role == Qt.ItemDataRole.DisplayRole:
            return cell.words
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return cell.said
        if role == Qt.ItemDataRole.ToolTipRole:
            return as_tip(cell.said)
        if role == CELL:
            return cell
        if role == FAMILY:
            return row.family
        return row.is_active if role == ACTIVE else None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return a column's name."""
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return COLUMN_WORDS[COLUMNS[section]]
        if role == Qt.ItemDataRole.ToolTipRole and orientation == Qt.Orientation.Horizontal:
            return _EXPLAINED.get(COLUMNS[section])
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        return None

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort by a column; rows that are alike keep their order."""
        if column < 0:
            return
        self._column, self._order = column, order
        self.layoutAboutToBeChanged.emit()
        self._rows = self._sorted(self._rows)
        self.layoutChanged.emit()

    def _sorted(self, rows: Sequence[TableRow]) -> list[TableRow]:
        column = COLUMNS[self._column]
        return sorted(rows, key=lambda row: row.cells[column].key, reverse=self._order == Qt.SortOrder.DescendingOrder)
