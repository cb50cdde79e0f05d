"""Surfaces: cards, hairlines, the scrolling page, the empty state, rows of things that wrap."""

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QFrame,
    QHBoxLayout,
    QLayout,
    QLayoutItem,
    QScrollArea,
    QSizePolicy,
    QStyle,
    QVBoxLayout,
    QWidget,
)

from visitapp.ui.widgets.buttons import Button
from visitapp.ui.widgets.picture import Picture
from visitapp.ui.widgets.text import heading, muted

GRID = 8


class Hairline(QFrame):
    """A thin line between things that belong apart."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedHeight(1)


class Card(QFrame):
    """A calm surface that holds things which belong together; add to `.body`."""

    def __init__(self, name: str = "", *, tone: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setProperty("tone", tone)
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(2 * GRID, 2 * GRID, 2 * GRID, 2 * GRID)
        self.body.setSpacing(GRID)
        if name:
            self.body.addWidget(heading(name))

    def set_tone(self, tone: str) -> None:
        """Change what the card's colour says: nothing, attention, danger, success or accent."""
        if self.property("tone") == tone:
            return
        self.setProperty("tone", tone)
        self.style().unpolish(self)
        self.style().polish(self)


class Page(QScrollArea):
    """A page that scrolls down and never sideways; add to `.body`."""

    def __init__(self, *, widest: int = 0, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        # The same as Qt's own, but made here: asked for that one, PySide loads every class a widget could be (11 ms).
        port = QWidget()
        port.setObjectName("qt_scrollarea_viewport")
        port.setAutoFillBackground(True)
        self.setViewport(port)
        outer = QWidget()
        outer.setObjectName("page")
        row = QHBoxLayout(outer)
        row.setContentsMargins(3 * GRID, 3 * GRID, 3 * GRID, 3 * GRID)
        column = QWidget()
        column.setObjectName("page")
        if widest:
            column.setMaximumWidth(widest)
        self.body = QVBoxLayout(column)
        self.body.setContentsMargins(0, 0, 0, 0)
        self.body.setSpacing(2 * GRID)
        row.addWidget(column)
        self.setWidget(outer)
        outer.installEventFilter(self)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the page the height its words need in the new width."""
        super().resizeEvent(event)
        self._fit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow what the page holds."""
        if watched is self.widget() and event.type() == QEvent.Type.LayoutRequest:
            self._fit()
        return False

    def _fit(self) -> None:
        # A scroll area asks only for the least height, which for wrapping words is too little: lines would be squashed.
        page = self.widget()
        layout = page.layout() if page is not None else None
        if page is not None and layout is not None:
            page.setMinimumHeight(max(0, layout.totalHeightForWidth(self.viewport().width())))


class EmptyState(QWidget):
    """What a list says while it is empty: what will be here and how to begin."""

    asked = Signal()

    def __init__(self, words: str, hint: str = "", *, icon: str = "", button: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(words)
        column = QVBoxLayout(self)
        column.setContentsMargins(2 * GRID, 3 * GRID, 2 * GRID, 3 * GRID)
        column.setSpacing(GRID)
        if icon:
            column.addWidget(Picture(icon, 36, "muted"), 0, Qt.AlignmentFlag.AlignHCenter)
        for text in (heading(words), muted(hint)):
            text.setAlignment(Qt.AlignmentFlag.AlignCenter)
            text.setVisible(bool(text.text()))
            column.addWidget(text)
        if button:
            begin = Button(button)
            begin.clicked.connect(self.asked)
            column.addWidget(begin, 0, Qt.AlignmentFlag.AlignHCenter)


class Flow(QLayout):
    """Lays things in a row and goes on in the next row when there is no room: chips, people, buttons."""

    def __init__(self, parent: QWidget | None = None, *, gap: int = GRID) -> None:
        super().__init__(parent)
        self._items: list[QLayoutItem] = []
        self._gap = gap
        # A page of hundreds asks each of its rows again whenever one of them changes.
        self._heights: dict[int, int] = {}
        self.setContentsMargins(0, 0, 0, 0)

    def addItem(self, item: QLayoutItem) -> None:
        """Take an item; Qt calls this."""
        self._items.append(item)

    def count(self) -> int:
        """Return how many items there are."""
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:
        """Return an item, or None where there is none, which is how Qt ends its loops."""
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:
        """Give an item away."""
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def expandingDirections(self) -> Qt.Orientation:
        """Ask for no more room than the items need."""
        return Qt.Orientation(0)

    def hasHeightForWidth(self) -> bool:
        """Say that the height follows from the width."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Return the height that a width needs."""
        if width not in self._heights:
            self._heights[width] = self._place(QRect(0, 0, width, 0), move=False)
        return self._heights[width]

    def invalidate(self) -> None:
        """Forget what was measured: something in it changed."""
        self._heights.clear()
        super().invalidate()

    def setGeometry(self, area: QRect) -> None:
        """Place the items."""
        super().setGeometry(area)
        self._place(area, move=True)

    def sizeHint(self) -> QSize:
        """Return the size of one row."""
        sizes = [item.sizeHint() for item in self._items]
        width = sum(size.width() + self._gap for size in sizes)
        return QSize(width, max((size.height() for size in sizes), default=0))

    def minimumSize(self) -> QSize:
        """Return the size of the largest item."""
        found = QSize()
        for item in self._items:
            found = found.expandedTo(item.minimumSize())
        return found

    def _direction(self) -> Qt.LayoutDirection:
        holder = self.parentWidget()
        return holder.layoutDirection() if holder is not None else Qt.LayoutDirection.LeftToRight

    def _place(self, area: QRect, *, move: bool) -> int:
        x, y, tallest = area.x(), area.y(), 0
        for item in self._items:
            size = item.sizeHint()
            if x > area.x() and x + size.width() > area.right() + 1:
                x, y, tallest = area.x(), y + tallest + self._gap, 0
            if move:
                place = QRect(QPoint(x, y), QSize(min(size.width(), area.width()), size.height()))
                # From right to left the first thing stands at the right.
                item.setGeometry(QStyle.visualRect(self._direction(), area, place))
            x += size.width() + self._gap
            tallest = max(tallest, size.height())
        return y + tallest - area.y()


def clear(layout: QLayout) -> None:
    """Take everything out of a layout and let it go."""
    while (item := layout.takeAt(0)) is not None:
        widget = item.widget()
        if widget is not None:
            widget.hide()
            widget.deleteLater()
        elif (inner := item.layout()) is not None:
            clear(inner)


def row(*things: QWidget | int | None, gap: int = GRID) -> QHBoxLayout:
    """Return a row of widgets; a number is a fixed gap, None is all the room that is left."""
    found = QHBoxLayout()
    _fill(found, things, gap)
    return found


def column(*things: QWidget | int | None, gap: int = GRID) -> QVBoxLayout:
    """Return a column of widgets; a number is a fixed gap, None is all the room that is left."""
    found = QVBoxLayout()
    _fill(found, things, gap)
    return found


def _fill(layout: QBoxLayout, things: tuple[QWidget | int | None, ...], gap: int) -> None:
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(gap)
    for thing in things:
        if thing is None:
            layout.addStretch(1)
        elif isinstance(thing, int):
            layout.addSpacing(thing)
        else:
            layout.addWidget(thing)


def keep_height(widget: QWidget) -> None:
    """Let a widget be as high as it needs and no higher."""
    widget.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
