"""Paints the cells of the caseload: words, quieter words, chips, and a ring around the current row."""

from dataclasses import replace

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QTableView, QWidget

from visitapp.ui import fonts, theme
from visitapp.ui.caseload.model import ACTIVE, CELL, COLUMNS
from visitapp.ui.caseload.presenter import Cell, Column
from visitapp.ui.fonts import TextRole
from visitapp.ui.widgets.chip import chip_width, paint_chip

_SIDE = 10
_CHIPS = 2
_CHIP_GAP = 2
_MORE = 26
_RING = 3
_Index = QModelIndex | QPersistentModelIndex


class CellPainter(QStyledItemDelegate):
    """Fonts are made once per text size: making them for each of the cells on the screen would show in scrolling."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._points = 0.0
        self._made: dict[TextRole, tuple[QFont, QFontMetrics]] = {}

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        """Return the height of a row; the widths are the table's affair."""
        return QSize(40, self.row_height())

    def row_height(self) -> int:
        """Return room for two lines in any text size."""
        lines = self._fonts(TextRole.BODY)[1].height() + self._fonts(TextRole.SMALL)[1].height()
        return max(44, lines + 10)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """Paint one cell."""
        cell: Cell = self._with_flag(index)
        look = theme.current()
        area = QRectF(option.rect)
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(area, look.colour("accent_soft" if selected else "surface"))
        painter.setPen(QPen(look.colour("hairline"), 1))
        painter.drawLine(area.bottomLeft(), area.bottomRight())
        tone = cell.tone if index.data(ACTIVE) or cell.tone != "ink" else "muted"
        role = TextRole.STRONG if COLUMNS[index.column()] is Column.FAMILY else TextRole.FIGURES
        self._lines(painter, area.adjusted(_SIDE, 0, -_SIDE, 0), cell, role, tone)
        self._chips(painter, area.adjusted(_SIDE, 0, -_SIDE, 0), cell)
        if selected and option.widget is not None and option.widget.hasFocus():
            self._ring(painter, area, index)
        painter.restore()

    def _with_flag(self, index: _Index) -> Cell:
        """Return the cell; a name carries the worst flag where there is no room for the flags' own column."""
        cell: Cell = index.data(CELL)
        table = self.parent()
        flags = COLUMNS.index(Column.FLAGS)
        if COLUMNS[index.column()] is Column.FAMILY and isinstance(table, QTableView) and table.isColumnHidden(flags):
            flagged: Cell = index.sibling(index.row(), flags).data(CELL)
            if flagged.chips:
                return replace(cell, quiet=flagged.chips[0][0])
        return cell

    def _lines(self, painter: QPainter, area: QRectF, cell: Cell, role: TextRole, tone: str) -> None:
        quiet = cell.quiet or ("" if not cell.words else cell.chips[0][0] if cell.chips else "")
        above, below = self._fonts(role)[1].height(), self._fonts(TextRole.SMALL)[1].height() if quiet else 0
        top = area.center().y() - (above + below) / 2
        self._line(painter, QRectF(area.left(), top, area.width(), above), cell.words, role, tone)
        if quiet:
            below_area = QRectF(area.left(), top + above, area.width(), below)
            self._line(painter, below_area, quiet, TextRole.SMALL, "danger" if tone == "danger" else "muted")

    def _line(self, painter: QPainter, area: QRectF, words: str, role: TextRole, tone: str) -> None:
        font, metrics = self._fonts(role)
        painter.setFont(font)
        painter.setPen(theme.current().colour(tone))
        shown = metrics.elidedText(words, Qt.TextElideMode.ElideRight, int(area.width()))
        painter.drawText(area, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)

    def _chips(self, painter: QPainter, area: QRectF, cell: Cell) -> None:
        if cell.words or not cell.chips:
            return
        metrics = self._fonts(TextRole.SMALL)[1]
        height = min(max(metrics.height() + 2, 20), area.height() / 2 - 2)
        shown = cell.chips[:_CHIPS]
        more = len(cell.chips) - len(shown)
        top = area.center().y() - (height * len(shown) + _CHIP_GAP * (len(shown) - 1)) / 2
        for number, (words, tone, icon) in enumerate(shown):
            room = area.width() - (_MORE if more and number == len(shown) - 1 else 0)
            width = min(chip_width(words, icon), room)
            fitting = metrics.elidedText(words, Qt.TextElideMode.ElideRight, int(width - chip_width("", icon)))
            paint_chip(painter, QRectF(area.left(), top, width, height), fitting, tone, icon)
            if more and number == len(shown) - 1:
                beside = QRectF(area.left() + width + 4, top, _MORE, height)
                self._line(painter, beside, f"+{more}", TextRole.SMALL, "muted")
            top += height + _CHIP_GAP

    def _ring(self, painter: QPainter, area: QRectF, index: _Index) -> None:
        painter.setPen(QPen(theme.current().colour("focus"), _RING))
        inset = _RING / 2
        top, bottom = area.top() + inset, area.bottom() - inset
        painter.drawLine(int(area.left()), int(top), int(area.right()), int(top))
        painter.drawLine(int(area.left()), int(bottom), int(area.right()), int(bottom))
        if index.column() == 0:
            painter.drawLine(int(area.left() + inset), int(top), int(area.left() + inset), int(bottom))
        if index.column() == len(COLUMNS) - 1:
            painter.drawLine(int(area.right() - inset), int(top), int(area.right() - inset), int(bottom))

    def _fonts(self, role: TextRole) -> tuple[QFont, QFontMetrics]:
        widget = self.parent()
        points = widget.font().pointSizeF() if isinstance(widget, QWidget) else 0.0
        if points != self._points:
            self._points, self._made = points, {}
        if role not in self._made:
            font = fonts.font(role)
            self._made[role] = (font, QFontMetrics(font))
        return self._made[role]
