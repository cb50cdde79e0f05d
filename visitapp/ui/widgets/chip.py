"""A chip: a word with a shape, for a state or a flag."""

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from visitapp.ui import fonts, icons, theme
from visitapp.ui.fonts import TextRole

TONES = ("muted", "accent", "success", "attention", "danger", "teal", "amber", "violet", "rose")
_SIDE = 10
_ICON = 16
_GAP = 6


class Chip(QWidget):
    """A word in a soft pill with an icon before it, so that it is never told by colour alone."""

    def __init__(self, words: str, tone: str = "muted", icon: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._words = words
        self._tone = tone
        self._icon = icon
        self.setAccessibleName(words)
        self.setFont(fonts.font(TextRole.SMALL))
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def show_words(self, words: str, tone: str, icon: str = "") -> None:
        """Say something else."""
        self._words, self._tone, self._icon = words, tone, icon
        self.setAccessibleName(words)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """Return room for shape and word."""
        metrics = QFontMetrics(self.font())
        icon = _ICON + _GAP if self._icon else 0
        return QSize(metrics.horizontalAdvance(self._words) + icon + 2 * _SIDE, max(metrics.height() + 6, 24))

    def changeEvent(self, event: QEvent) -> None:
        """Follow the text size."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange and fonts.keep(self, TextRole.SMALL):
            self.updateGeometry()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint pill, shape and word."""
        painter = QPainter(self)
        paint_chip(painter, QRectF(self.rect()), self._words, self._tone, self._icon)
        painter.end()


def chip_width(words: str, icon: str = "") -> int:
    """Return the width that a chip needs in the current text size."""
    return QFontMetrics(fonts.font(TextRole.SMALL)).horizontalAdvance(words) + 2 * _SIDE + (_ICON + _GAP if icon else 0)


def paint_chip(painter: QPainter, area: QRectF, words: str, tone: str, icon: str = "") -> None:
    """Paint a chip into an area; tables use this, where a widget for each cell would be too much."""
    colours = theme.current()
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colours.colour("sunken" if tone == "muted" else f"{tone}_soft"))
    radius = min(area.height() / 2, 12)
    painter.drawRoundedRect(area, radius, radius)
    ink = colours.colour(tone)
    inner = area.adjusted(_SIDE, 0, -_SIDE, 0)
    if icon:
        icons.paint(painter, QRectF(inner.left(), area.center().y() - _ICON / 2, _ICON, _ICON), icon, ink)
        inner.setLeft(inner.left() + _ICON + _GAP)
    painter.setPen(ink)
    painter.setFont(fonts.font(TextRole.SMALL))
    painter.drawText(inner, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, words)
    painter.restore()
