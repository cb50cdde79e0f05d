"""Rows that open something: a line or two of words in a card, one press or Enter each."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from visitapp.ui.widgets.buttons import EnterButton
from visitapp.ui.widgets.chip import Chip
from visitapp.ui.widgets.picture import Picture
from visitapp.ui.widgets.surfaces import GRID, Flow
from visitapp.ui.widgets.text import Text, muted, strong


@dataclass(frozen=True)
class Mark:
    """A chip to come: words, tone, icon."""

    words: str
    tone: str = "muted"
    icon: str = ""


class RowButton(EnterButton):
    """A row of a list; everything it says is also its accessible name, in reading order."""

    def __init__(
        self,
        title: str,
        detail: str = "",
        *,
        lead: str = "",
        icon: str = "",
        icon_tone: str = "muted",
        marks: Sequence[Mark] = (),
        trailing: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__("", parent)
        said = [lead, title, trailing, detail, *(mark.words for mark in marks)]
        self.setAccessibleName(", ".join(part for part in said if part))
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        across = QHBoxLayout(self)
        across.setContentsMargins(GRID, GRID, GRID, GRID)
        across.setSpacing(GRID + 4)
        if lead:
            time = Text(lead, "figures", "accent", wraps=False)
            time.setMinimumWidth(44)
            across.addWidget(time, 0, Qt.AlignmentFlag.AlignTop)
        if icon:
            across.addWidget(Picture(icon, 20, icon_tone), 0, Qt.AlignmentFlag.AlignTop)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(strong(title))
        if detail:
            words.addWidget(muted(detail))
        if marks:
            chips = Flow(gap=6)
            for mark in marks:
                chips.addWidget(Chip(mark.words, mark.tone, mark.icon))
            words.addLayout(chips)
        across.addLayout(words, 1)
        if trailing:
            across.addWidget(Text(trailing, "small", "muted", wraps=False), 0, Qt.AlignmentFlag.AlignTop)
        for part in self.findChildren(QWidget):
            part.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def sizeHint(self) -> QSize:
        """Return the room its words need, not the room a push button's empty text would."""
        layout = self.layout()
        return layout.sizeHint() if layout is not None else super().sizeHint()

    def minimumSizeHint(self) -> QSize:
        """Return the least room its words need."""
        layout = self.layout()
        return layout.minimumSize() if layout is not None else super().minimumSizeHint()


class Columns(QWidget):
    """Things side by side while there is room, one below the other when there is not."""

    def __init__(self, *, narrow_under: int, gap: int = 2 * GRID, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._narrow_under = narrow_under
        self._layout = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(gap)

    def add(self, thing: QWidget, stretch: int = 1) -> None:
        """Add one more thing at the right (or below)."""
        self._layout.addWidget(thing, stretch)
        self._layout.setAlignment(thing, Qt.AlignmentFlag(0))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Turn when the room changes."""
        super().resizeEvent(event)
        scale = self.fontMetrics().height() / 20
        narrow = self.width() < self._narrow_under * max(1.0, scale)
        wanted = QBoxLayout.Direction.TopToBottom if narrow else QBoxLayout.Direction.LeftToRight
        if self._layout.direction() != wanted:
            self._layout.setDirection(wanted)
