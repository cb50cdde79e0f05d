"""The card that shows what was seen of each construct: shapes, never a figure."""

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from visitapp.domain.observation import Scale
from visitapp.ui import theme
from visitapp.ui.family.ribbons import SCALE_WORDS, RibbonRow, RibbonStrip
from visitapp.ui.widgets.surfaces import Card, Flow, column, row
from visitapp.ui.widgets.text import Text, as_tip, muted, strong

_MARK, _GAP, _BETWEEN = 10, 4, 14


class RibbonMarks(QWidget):
    """Marks in a row, a gap between visits: full is seen, half emerging, a ring not seen, a dash no opportunity."""

    def __init__(self, marks: Sequence[Sequence[Scale]], words: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._marks = [tuple(visit) for visit in marks]
        self.setAccessibleName(words)
        self.setToolTip(as_tip(words))
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        """Return the room of all marks."""
        count = sum(max(1, len(visit)) for visit in self._marks)
        return QSize(count * (_MARK + _GAP) + max(0, len(self._marks) - 1) * _BETWEEN, _MARK + 4)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the marks."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        x = 1.0
        for visit in self._marks:
            for mark in visit:
                _paint(painter, mark, QRectF(x, 2, _MARK - 1, _MARK - 1))
                x += _MARK + _GAP
            # A visit at which nothing of this was looked at leaves its place empty: marks of one visit stand in line.
            x += _BETWEEN if visit else _MARK + _GAP + _BETWEEN
        painter.end()


def _paint(painter: QPainter, mark: Scale, box: QRectF) -> None:
    ink = theme.current().colour("muted" if mark is Scale.NO_OPPORTUNITY else "accent")
    painter.setPen(QPen(ink, 1.6))
    painter.setBrush(ink if mark is Scale.SEEN else Qt.BrushStyle.NoBrush)
    if mark is Scale.NO_OPPORTUNITY:
        painter.drawLine(QPointF(box.left() + 1, box.center().y()), QPointF(box.right() - 1, box.center().y()))
        return
    painter.drawEllipse(box)
    if mark is Scale.EMERGING:
        painter.setBrush(ink)
        # In sixteenths of a degree: the left half.
        painter.drawPie(box, 90 * 16, 180 * 16)


def ribbon_card(strips: Sequence[RibbonStrip]) -> Card:
    """Return the card for the side of the Family screen."""
    card = Card("What was seen together")
    for strip in strips:
        card.body.addWidget(strong(strip.who))
        for told in strip.rows:
            card.body.addLayout(_line(told))
    legend = Flow()
    for scale, words in SCALE_WORDS.items():
        pair = QWidget()
        pair.setLayout(row(RibbonMarks([[scale]], words), muted(words, wraps=False), gap=2))
        legend.addWidget(pair)
    card.body.addLayout(legend)
    card.body.addWidget(muted("Visit by visit, the latest at the right. It describes what was seen; it grades nobody."))
    return card


def _line(told: RibbonRow) -> QVBoxLayout:
    return column(Text(told.title, "small"), RibbonMarks(told.marks, told.words), gap=2)
