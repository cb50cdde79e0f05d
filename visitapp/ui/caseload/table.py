"""The caseload's table: fits its width, opens with Enter or a click, and remembers how wide its columns were made."""

from PySide6.QtCore import QByteArray, QEvent, QModelIndex, QSettings, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from visitapp.ui.caseload.model import COLUMNS, CaseloadModel
from visitapp.ui.caseload.painter import CellPainter
from visitapp.ui.caseload.presenter import Column

_SHARE = {
    Column.FAMILY: 130, Column.BABIES: 206, Column.PHASE: 118, Column.LAST_VISIT: 114, Column.BABY_SEEN: 126,
    Column.NEXT_DUE: 194, Column.FLAGS: 156, Column.SYNC: 88,
}  # fmt: skip
_GIVES_WAY = ((Column.PHASE, 1000), (Column.SYNC, 900), (Column.LAST_VISIT, 760), (Column.FLAGS, 640))
"""Which column goes when the table is narrower than so many pixels (at the usual text size)."""
_NARROWEST = 64
_KEPT = "caseload/widths"


class CaseloadTable(QTableView):
    """Rows of families; `family_chosen` names the one to open."""

    family_chosen = Signal(str)

    def __init__(self, memory: QSettings | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._memory = memory
        self._shares = dict(_SHARE)
        self._fitting = False
        self.rows = CaseloadModel()
        self.setModel(self.rows)
        self._painter = CellPainter(self)
        self.setItemDelegate(self._painter)
        self.setAccessibleName("Caseload")
        self.setProperty("rings_rows", True)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        self.verticalHeader().hide()
        # One height for all rows: thousands of rows must not each be measured.
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setMinimumSectionSize(_NARROWEST)
        header.setSectionsClickable(True)
        header.setSortIndicatorShown(True)
        header.sectionResized.connect(self._resized_by_hand)
        self.setSortingEnabled(True)
        self.sortByColumn(0, Qt.SortOrder.AscendingOrder)
        self.clicked.connect(self._chosen)
        self._recall()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Open with Enter."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self._chosen(self.currentIndex())
            return
        super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the width among the columns."""
        super().resizeEvent(event)
        self._fit()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the text size."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange and self.isVisible():
            self._fit()

    def remember(self) -> None:
        """Keep the widths and the order for next time."""
        if self._memory is not None:
            widths = ",".join(f"{column}={share}" for column, share in self._shares.items())
            self._memory.setValue(_KEPT, widths)
            self._memory.setValue("caseload/header", self.horizontalHeader().saveState())

    def _recall(self) -> None:
        if self._memory is None:
            return
        for pair in str(self._memory.value(_KEPT, "")).split(","):
            name, _, share = pair.partition("=")
            if name in _SHARE and share.isdecimal():
                self._shares[Column(name)] = max(_NARROWEST, int(share))
        state = self._memory.value("caseload/header")
        if isinstance(state, QByteArray):
            self.horizontalHeader().restoreState(state)

    def _fit(self) -> None:
        self._fitting = True
        self.verticalHeader().setDefaultSectionSize(self._painter.row_height())
        width = self.viewport().width()
        scale = max(1.0, self.fontMetrics().height() / 20)
        gone = {column for column, least in _GIVES_WAY if width < least * scale}
        shown = [column for column in COLUMNS if column not in gone]
        for number, column in enumerate(COLUMNS):
            self.setColumnHidden(number, column in gone)
        total = sum(self._shares[column] for column in shown)
        left = width
        for column in shown:
            part = left if column is shown[-1] else width * self._shares[column] // total
            self.setColumnWidth(COLUMNS.index(column), part)
            left -= part
        self._fitting = False

    def _resized_by_hand(self, section: int, old: int, new: int) -> None:
        if self._fitting or not old or not new or not self.isVisible():
            return
        total, width = sum(self._shares.values()), max(1, self.viewport().width())
        self._shares[COLUMNS[section]] = max(_NARROWEST, round(new * total / width))
        self.remember()

    def _chosen(self, index: QModelIndex) -> None:
        family = self.rows.family_at(index.row()) if index.isValid() else ""
        if family:
            self.family_chosen.emit(family)
