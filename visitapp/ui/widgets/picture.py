"""A single icon on the page, repainted when the theme changes."""

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from visitapp.ui import icons, theme


class Picture(QWidget):
    """An icon that says nothing by itself; the words beside it do."""

    def __init__(self, name: str, size: int = 20, role: str = "ink", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name = name
        self._role = role
        self._side = size
        self.setFixedSize(QSize(size, size))

    def show_icon(self, name: str, role: str) -> None:
        """Show another icon in the colour of a role."""
        self._name, self._role = name, role
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the icon in the current theme's colour."""
        painter = QPainter(self)
        icons.paint(painter, QRectF(0, 0, self._side, self._side), self._name, theme.current().colour(self._role))
        painter.end()
