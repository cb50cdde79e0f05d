"""A line at the bottom of the window that says what was just done, with Undo where there is one."""

from collections.abc import Callable

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QWidget

from visitapp.ui.widgets.surfaces import GRID
from visitapp.ui.widgets.text import Text

_SHOWN_MS = 6_000
_SHOWN_WITH_UNDO_MS = 12_000


class Toast(QFrame):
    """Says one thing at a time; does not take the keyboard away from where it is."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("toast")
        self._words = Text("", wraps=False)
        self._undo = QPushButton("Undo")
        self._undo.setAccessibleName("Undo")
        self._undo.clicked.connect(self._undone)
        self._put_back: Callable[[], None] | None = None
        across = QHBoxLayout(self)
        across.setContentsMargins(2 * GRID, GRID, 2 * GRID, GRID)
        across.setSpacing(2 * GRID)
        across.addWidget(self._words)
        across.addWidget(self._undo)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.hide)
        self.hide()

    def say(self, words: str, undo: Callable[[], None] | None = None) -> None:
        """Show a line for a few seconds."""
        self._words.setText(words)
        self._put_back = undo
        self._undo.setVisible(undo is not None)
        self.setAccessibleName(words)
        self.place()
        self.show()
        self.raise_()
        self._timer.start(_SHOWN_WITH_UNDO_MS if undo is not None else _SHOWN_MS)

    def place(self) -> None:
        """Stand at the bottom of the window, in the middle."""
        around = self.parentWidget()
        if around is None:
            return
        self.adjustSize()
        width = min(self.width(), around.width() - 4 * GRID)
        self.setGeometry((around.width() - width) // 2, around.height() - self.height() - 7 * GRID, width, self.height())

    def _undone(self) -> None:
        put_back, self._put_back = self._put_back, None
        self.hide()
        if put_back is not None:
            put_back()
