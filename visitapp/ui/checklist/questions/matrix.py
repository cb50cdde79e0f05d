"""One line of a table of choices: words at the side and answers in columns, or below the words where there is no room."""

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QWidget

from visitapp.forms.filling import Row
from visitapp.ui.checklist.questions.choice import ChoiceQuestion

TABLES = frozenset({"table", "atable", "htable"})
_MOST = 7
_GAP = 8
_WORD_LETTERS = 26
_ANY_WIDTH = 16777215
"""What Qt calls QWIDGETSIZE_MAX: no bound."""


class MatrixQuestion(ChoiceQuestion):
    """One answer out of a few, in the columns that the lines above and below have as well."""

    def _build(self) -> None:
        super()._build()
        self._column.removeWidget(self._words)
        self._column.removeWidget(self._choices)
        self._across = QBoxLayout(QBoxLayout.Direction.TopToBottom)
        self._across.setSpacing(_GAP)
        self._across.addWidget(self._words, 1)
        self._across.addWidget(self._choices)
        self._column.insertLayout(0, self._across)

    def _show_values(self, row: Row) -> None:
        super()._show_values(row)
        self._arrange()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Stand in columns, or below the words."""
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        buttons = self._choices.buttons
        cell = max((button.sizeHint().width() for button in buttons), default=0)
        cells = len(buttons) * (cell + _GAP) - _GAP
        words = self.fontMetrics().averageCharWidth() * _WORD_LETTERS
        room = self.contentsRect().width() - self._column.contentsMargins().left()
        is_wide = bool(buttons) and room - cells - _GAP >= words
        self._across.setDirection(QBoxLayout.Direction.LeftToRight if is_wide else QBoxLayout.Direction.TopToBottom)
        for button in buttons:
            _hold_width(button, cell if is_wide else 0)
        _hold_width(self._choices, cells if is_wide else 0)


def is_line_of_table(row: Row) -> bool:
    """Whether a choice is one line of a group that the form wants as a table."""
    above = row.item.parent
    return above is not None and above.control in TABLES and 1 < len(row.options) <= _MOST


def _hold_width(widget: QWidget, width: int) -> None:
    low, high = (width, width) if width else (0, _ANY_WIDTH)
    if (widget.minimumWidth(), widget.maximumWidth()) != (low, high):
        widget.setMinimumWidth(low)
        widget.setMaximumWidth(high)
