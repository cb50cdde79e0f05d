"""Bars that turn the pages of a checklist, and the line that puts the cells of a table side by side."""

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QLabel, QTabBar, QVBoxLayout, QWidget

from visitapp.ui.checklist.questions.question import Question, indent
from visitapp.ui.widgets.buttons import EnterButton

_CELL_LETTERS = 20
_DIRECT = Qt.FindChildOption.FindDirectChildrenOnly


class _CalmTabs(QTabBar):
    """Scrolling past it must not turn a page."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Let the page have the wheel."""
        event.ignore()


class Tabs(QWidget):
    """A tab for each page; arrow keys turn them."""

    turned = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pages: tuple[tuple[str, str], ...] = ()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        self.bar = _CalmTabs(self)
        self.bar.setExpanding(False)
        self.bar.setDrawBase(False)
        self.bar.setUsesScrollButtons(True)
        self.bar.setAccessibleName("Parts of this form")
        self.bar.setAccessibleDescription("Left and right arrow turn to another part.")
        self.bar.currentChanged.connect(self._changed)
        column.addWidget(self.bar)

    def show_pages(self, pages: Sequence[tuple[str, str]], current: str) -> None:
        """Show these pages, of which one is open, without telling it back."""
        self.bar.blockSignals(True)
        if tuple(pages) != self._pages:
            self._pages = tuple(pages)
            while self.bar.count():
                self.bar.removeTab(0)
            for _, title in pages:
                # An ampersand would make the next letter a shortcut.
                self.bar.addTab(title.replace("&", "&&"))
        self.bar.setCurrentIndex([page for page, _ in pages].index(current))
        self.bar.blockSignals(False)

    def _changed(self, index: int) -> None:
        if 0 <= index < len(self._pages):
            self.turned.emit(self._pages[index][0])


class Pager(QWidget):
    """Where in the pages one is, with a step back and a step on."""

    turned = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pages: tuple[tuple[str, str], ...] = ()
        self._at = 0
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(12)
        self.back, self.on = EnterButton("Previous page", self), EnterButton("Next page", self)
        self._words = QLabel(self)
        self._words.setWordWrap(True)
        self._words.setProperty("tone", "muted")
        self.back.clicked.connect(lambda: self._step(-1))
        self.on.clicked.connect(lambda: self._step(1))
        line.addWidget(self.back)
        line.addWidget(self._words, 1)
        line.addWidget(self.on)

    def show_pages(self, pages: Sequence[tuple[str, str]], current: str) -> None:
        """Show which page is open and what comes before and after it."""
        self._pages = tuple(pages)
        self._at = [page for page, _ in pages].index(current)
        self._words.setText(f"Page {self._at + 1} of {len(pages)}: {pages[self._at][1]}")
        for button, at in ((self.back, self._at - 1), (self.on, self._at + 1)):
            is_there = 0 <= at < len(pages)
            if not is_there and button.hasFocus():
                (self.on if button is self.back else self.back).setEnabled(True)
                (self.on if button is self.back else self.back).setFocus(Qt.FocusReason.OtherFocusReason)
            button.setEnabled(is_there)
            name = f"{button.text()}: {pages[at][1]}" if is_there else button.text()
            button.setAccessibleName(name)
            button.setAccessibleDescription(self._words.text())

    def _step(self, by: int) -> None:
        self.turned.emit(self._pages[self._at + by][0])


class SideBySide(QWidget):
    """The cells of one line of a table; one below the other where there is no room."""

    def __init__(self, depth: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.box = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        indent(self.box, depth)
        self.box.setSpacing(16)
        self._is_bare = False

    def show_bare(self, is_bare: bool) -> None:
        """Leave out the words over the cells while they stand side by side, since the line above has them."""
        if is_bare is not self._is_bare:
            self._is_bare = is_bare
            self._fit()

    def hold(self, at: int, cell: QWidget) -> None:
        """Put a cell at its place."""
        inner = cell.layout()
        if inner is not None:
            inner.setContentsMargins(0, 0, 0, 0)
        self.box.insertWidget(at, cell, 1, Qt.AlignmentFlag.AlignTop)
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Go below each other, or back beside each other."""
        super().resizeEvent(event)
        self._fit()

    def minimumSizeHint(self) -> QSize:
        """The least room is that of one cell, else the line could never be broken up."""
        widest = max((cell.minimumSizeHint().width() for cell in self._cells()), default=0)
        margins = self.box.contentsMargins()
        return QSize(widest + margins.left() + margins.right(), super().minimumSizeHint().height())

    def _cells(self) -> list[QWidget]:
        return [cell for cell in self.findChildren(QWidget, options=_DIRECT) if self.box.indexOf(cell) >= 0]

    def _fit(self) -> None:
        cells = self._cells()
        least = self.fontMetrics().averageCharWidth() * _CELL_LETTERS
        widest = max((max(least, cell.minimumSizeHint().width()) for cell in cells), default=0)
        has_room = self.width() >= len(cells) * (widest + self.box.spacing())
        direction = QBoxLayout.Direction.LeftToRight if has_room else QBoxLayout.Direction.TopToBottom
        if direction != self.box.direction():
            self.box.setDirection(direction)
        for cell in cells:
            if isinstance(cell, Question):
                cell.show_without_words(self._is_bare and has_room)
