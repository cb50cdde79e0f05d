"""The focus ring: one thick ring, the same everywhere, around whatever has the keyboard."""

import shiboken6
from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractScrollArea, QApplication, QWidget

from visitapp.ui import theme

_THICK = 3
_ROOM = 4
_FOLLOWED = frozenset({QEvent.Type.Move, QEvent.Type.Resize, QEvent.Type.Show, QEvent.Type.Hide, QEvent.Type.ZOrderChange})


class FocusRing(QWidget):
    """A ring laid over the window; a style sheet can only thicken borders, which moves what is inside them."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._ringed: QWidget | None = None
        self._watched: list[QWidget] = []
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAttribute(Qt.WidgetAttribute.WA_NoSystemBackground)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.hide()
        app = QApplication.instance()
        if isinstance(app, QApplication):
            app.focusChanged.connect(self._focus_moved)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the ringed widget when it or anything around it moves."""
        if event.type() in _FOLLOWED:
            self._follow()
        return False

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the ring."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.current().colour("focus"), _THICK))
        inset = _THICK / 2
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(inset, inset, -inset, -inset), 8, 8)
        painter.end()

    def _focus_moved(self, old: QWidget | None, new: QWidget | None) -> None:
        if not shiboken6.isValid(self) or not shiboken6.isValid(self._window):
            return
        for widget in self._watched:
            if shiboken6.isValid(widget):
                widget.removeEventFilter(self)
        self._watched = []
        self._ringed = new if new is not None and new.window() is self._window and _wants_ring(new) else None
        around = self._ringed
        while around is not None and around is not self._window:
            around.installEventFilter(self)
            self._watched.append(around)
            around = around.parentWidget()
        self._follow()

    def _follow(self) -> None:
        ringed = self._ringed
        if ringed is None or not shiboken6.isValid(ringed) or not ringed.isVisible():
            self.hide()
            return
        area = QRect(ringed.mapTo(self._window, QPoint(0, 0)), ringed.size()).adjusted(-_ROOM, -_ROOM, _ROOM, _ROOM)
        area = area.intersected(self._window.rect())
        around = ringed.parentWidget()
        while around is not None and around is not self._window:
            if isinstance(around, QAbstractScrollArea):
                port = around.viewport()
                area = area.intersected(QRect(port.mapTo(self._window, QPoint(0, 0)), port.size()))
            around = around.parentWidget()
        self.setGeometry(area)
        self.setVisible(area.width() > 2 * _THICK and area.height() > 2 * _THICK)
        self.raise_()


def _wants_ring(widget: QWidget) -> bool:
    # By name: a class that is imported brings its enumerations along, and the first window holds none of these.
    if widget.inherits("QMainWindow") or widget.inherits("QScrollArea") or widget.property("no_ring"):
        return False
    # A list shows its ring around the current row, inside itself.
    return not (widget.inherits("QAbstractItemView") and widget.property("rings_rows"))
