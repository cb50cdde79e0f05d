"""The strength of a passphrase as four bars and words."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from visitapp.ui import theme
from visitapp.ui.widgets.surfaces import GRID
from visitapp.ui.widgets.text import Text

_BARS = 4
_GAP = 6
_HEIGHT = 6
_WIDTH = 168


class Bars(QWidget):
    """Four bars, as many of them filled as the passphrase deserves; the words beside them say the same."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._filled = 0
        self._role = "muted"
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def show_filled(self, bars: int, role: str) -> None:
        """Fill some bars in the colour of a role."""
        self._filled, self._role = bars, role
        self.update()

    def sizeHint(self) -> QSize:
        """Return room for the bars."""
        return QSize(_WIDTH, _HEIGHT + 4)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the bars."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        width = (self.width() - (_BARS - 1) * _GAP) / _BARS
        for bar in range(_BARS):
            painter.setBrush(theme.current().colour(self._role if bar < self._filled else "hairline"))
            painter.drawRoundedRect(QRectF(bar * (width + _GAP), 2, width, _HEIGHT), 3, 3)
        painter.end()


class StrengthMeter(QWidget):
    """Bars and words; keeps its room while it says nothing, so that the page does not jump."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bars = Bars()
        self._words = Text("", "small", "muted", wraps=False)
        across = QHBoxLayout(self)
        across.setContentsMargins(0, 0, 0, 0)
        across.setSpacing(2 * GRID)
        across.addWidget(self._bars)
        across.addWidget(self._words, 1)
        self.show_strength(0, "muted", "")

    def show_strength(self, bars: int, tone: str, words: str) -> None:
        """Show how good a passphrase is."""
        # An empty passphrase has no bars; the worst one has one, so that red is seen to mean something.
        self._bars.show_filled(max(1, bars) if words else 0, tone)
        self._words.setText(words)
        self._words.set_tone(tone)
        self.setAccessibleName(f"Strength: {words}" if words else "Strength")
