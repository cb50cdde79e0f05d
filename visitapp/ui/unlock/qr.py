"""A line of text as a square that a telephone's camera reads; the one home of segno in the client."""

import segno
from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

_QUIET = 4
_SIDE = 300


class QrCode(QWidget):
    """Black on white in every theme: a camera needs the contrast and the white edge."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: tuple[bytes, ...] = ()
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def show_text(self, text: str) -> None:
        """Show another text."""
        self._rows = tuple(bytes(row) for row in segno.make(text, error="l", micro=False, boost_error=False).matrix)
        self.updateGeometry()
        self.update()

    def _unit(self) -> int:
        return max(2, _SIDE // max(1, len(self._rows) + 2 * _QUIET))

    def sizeHint(self) -> QSize:
        """Return room for whole points: a blurred edge is hard to read."""
        side = self._unit() * (len(self._rows) + 2 * _QUIET)
        return QSize(side, side)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint it."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(Qt.GlobalColor.white))
        unit = self._unit()
        for y, row in enumerate(self._rows):
            for x, dark in enumerate(row):
                if dark:
                    painter.fillRect(QRect((x + _QUIET) * unit, (y + _QUIET) * unit, unit, unit), QColor(Qt.GlobalColor.black))
        painter.end()
