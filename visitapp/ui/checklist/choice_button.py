"""A large answer to press: a whole button with a round or square mark, chosen by mouse, Space or a number key."""

from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QCheckBox, QRadioButton, QStyle, QWidget

from visitapp.ui import theme

_HEIGHT = 40
_MARK = 16
_GAP = 8
_SIDE = 12
_WRAP = int(Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignLeft)


class ChoiceButton(QRadioButton):
    """One of several answers, of which one can be on."""

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        # Its owner decides what is on: Qt's own grouping would not let a choice be taken back.
        self.setAutoExclusive(False)
        _prepare(self)

    def sizeHint(self) -> QSize:
        return _size(self)

    def minimumSizeHint(self) -> QSize:
        return QSize(80, _HEIGHT)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return _height_for(self, width)

    def hitButton(self, position: QPoint) -> bool:
        return self.rect().contains(position)

    def paintEvent(self, event: QPaintEvent) -> None:
        _paint(self, round_mark=True)


class TickButton(QCheckBox):
    """One of several answers, of which any number can be on."""

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        _prepare(self)

    def sizeHint(self) -> QSize:
        return _size(self)

    def minimumSizeHint(self) -> QSize:
        return QSize(80, _HEIGHT)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return _height_for(self, width)

    def hitButton(self, position: QPoint) -> bool:
        return self.rect().contains(position)

    def paintEvent(self, event: QPaintEvent) -> None:
        _paint(self, round_mark=False)


def _prepare(button: QAbstractButton) -> None:
    button.setAttribute(Qt.WidgetAttribute.WA_Hover)
    button.setMinimumHeight(_HEIGHT)
    button.setAccessibleName(button.text())


def _size(button: QAbstractButton) -> QSize:
    metrics = button.fontMetrics()
    width = metrics.horizontalAdvance(button.text()) + _SIDE * 2 + _MARK + _GAP + 2
    return QSize(width, max(_HEIGHT, metrics.height() + 16))


def _height_for(button: QAbstractButton, width: int) -> int:
    inner = max(40, width - _SIDE - _SIDE // 2 - _MARK - _GAP)
    box = button.fontMetrics().boundingRect(QRect(0, 0, inner, 1 << 16), _WRAP, button.text())
    return max(_HEIGHT, box.height() + 16)


def _paint(button: QAbstractButton, *, round_mark: bool) -> None:
    look = theme.current()
    painter = QPainter(button)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    on, enabled = button.isChecked(), button.isEnabled()
    edge = look.colour("accent" if on else "control" if enabled else "hairline")
    fill = look.colour("accent_soft" if on else "sunken" if button.underMouse() and enabled else "surface")
    painter.setPen(QPen(edge, 2 if on else 1))
    painter.setBrush(fill)
    painter.drawRoundedRect(QRectF(button.rect()).adjusted(1, 1, -1, -1), 8, 8)
    _paint_mark(painter, button, round_mark)
    painter.setPen(look.colour("muted" if not enabled else "accent_strong" if on else "ink"))
    words = button.rect().adjusted(_SIDE + _MARK + _GAP, 0, -_SIDE // 2, 0)
    words = QStyle.visualRect(button.layoutDirection(), button.rect(), words)
    painter.setLayoutDirection(button.layoutDirection())
    painter.drawText(words, _WRAP | int(Qt.AlignmentFlag.AlignVCenter), button.text())
    painter.end()


def _paint_mark(painter: QPainter, button: QAbstractButton, round_mark: bool) -> None:
    look = theme.current()
    on = button.isChecked()
    side = _SIDE if button.layoutDirection() == Qt.LayoutDirection.LeftToRight else button.width() - _SIDE - _MARK
    box = QRectF(side, (button.height() - _MARK) / 2, _MARK, _MARK)
    painter.setPen(QPen(look.colour("accent" if on else "control" if button.isEnabled() else "hairline"), 2))
    painter.setBrush(look.colour("accent" if on and not round_mark else "surface"))
    if not round_mark:
        painter.drawRoundedRect(box, 3, 3)
        if on:
            painter.setPen(QPen(look.colour("on_accent"), 2))
            corner = box.topLeft()
            painter.drawPolyline([corner + QPointF(4, 8), corner + QPointF(7, 11), corner + QPointF(12, 5)])
        return
    painter.drawEllipse(box)
    if on:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(look.colour("accent"))
        painter.drawEllipse(box.adjusted(4, 4, -4, -4))
