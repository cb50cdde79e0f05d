"""Ctrl+K: one field that finds a family, a screen or an action, by any part of its name."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QFrame, QLineEdit, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from visitapp.ui import icons
from visitapp.ui.widgets.surfaces import GRID
from visitapp.ui.widgets.text import muted

_WIDE = 560
_MOST = 9
_ROW = 36
_GONE_ELSEWHERE = (Qt.FocusReason.MouseFocusReason, Qt.FocusReason.TabFocusReason)


@dataclass(frozen=True)
class Found:
    """One thing found: what it is called, what it is, and where it leads."""

    words: str
    detail: str
    screen: str
    argument: str = ""
    icon: str = "find"


class Finder(QFrame):
    """The field and what it finds; `typed` asks for families, `chosen` names where to go."""

    typed = Signal(str)
    chosen = Signal(str, str)
    closed = Signal()

    def __init__(self, places: Sequence[Found], parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("finder")
        self._places = tuple(places)
        self._families: tuple[Found, ...] = ()
        self._shown: tuple[Found, ...] = ()
        self._field = QLineEdit()
        self._field.setPlaceholderText("Find a family, a screen or an action")
        self._field.setAccessibleName("Find")
        self._field.installEventFilter(self)
        self._field.textChanged.connect(self._search)
        self._list = QListWidget()
        self._list.setAccessibleName("What was found")
        self._list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._list.setIconSize(QSize(20, 20))
        self._list.itemClicked.connect(lambda item: self._go(self._list.row(item)))
        self._nothing = muted("Nothing in your caseload has this name.")
        column = QVBoxLayout(self)
        column.setContentsMargins(2 * GRID, 2 * GRID, 2 * GRID, 2 * GRID)
        for part in (self._field, self._nothing, self._list):
            column.addWidget(part)
        self.hide()

    def open(self) -> None:
        """Show the finder with an empty field."""
        self._families = ()
        self._field.clear()
        self._search("")
        self.place()
        self.show()
        self.raise_()
        self._field.setFocus()

    def show_families(self, words: str, families: Sequence[Found]) -> None:
        """Show the families found for some words; ignored when others have been typed meanwhile."""
        if words == self._field.text().strip():
            self._families = tuple(families)
            self._show_found()

    def place(self) -> None:
        """Stand near the top of the window."""
        around = self.parentWidget()
        if around is not None:
            width = min(_WIDE, around.width() - 4 * GRID)
            self.setFixedWidth(width)
            self.adjustSize()
            self.move((around.width() - width) // 2, 6 * GRID)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let arrows, Enter and Escape act on the list while the field keeps the keyboard."""
        if watched is self._field and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(event.key()))
            if step is not None and self._shown:
                self._list.setCurrentRow((self._list.currentRow() + step) % len(self._shown))
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._go(self._list.currentRow())
                return True
            if event.key() == Qt.Key.Key_Escape:
                self._close()
                return True
        # Only when the user goes elsewhere: a window losing the keyboard, or being taken down, is not that.
        if isinstance(event, QFocusEvent) and event.lostFocus() and event.reason() in _GONE_ELSEWHERE:
            self._close()
        return False

    def _search(self, words: str) -> None:
        self._families = ()
        self._show_found()
        if words.strip():
            self.typed.emit(words.strip())

    def _show_found(self) -> None:
        words = self._field.text().strip().casefold()
        places = tuple(place for place in self._places if words in place.words.casefold())
        self._shown = (*self._families, *places)[:_MOST]
        self._list.clear()
        for found in self._shown:
            text = f"{found.words}   ·   {found.detail}" if found.detail else found.words
            item = QListWidgetItem(icons.icon(found.icon, "muted"), text)
            item.setSizeHint(QSize(0, _ROW))
            self._list.addItem(item)
        self._list.setCurrentRow(0 if self._shown else -1)
        self._list.setVisible(bool(self._shown))
        self._list.setFixedHeight(len(self._shown) * _ROW + 4)
        self._nothing.setVisible(not self._shown)
        self.place()

    def _go(self, row: int) -> None:
        if 0 <= row < len(self._shown):
            found = self._shown[row]
            self._close()
            self.chosen.emit(found.screen, found.argument)

    def _close(self) -> None:
        self.hide()
        self.closed.emit()


FindFamilies = Callable[[str, Callable[[Sequence[Found]], None]], None]
"""Finds families by words and hands what it found to the second argument, on the main thread."""
