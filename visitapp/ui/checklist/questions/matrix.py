"""One line of a table of choices: words at the side and answers in columns, or below the words where there is no room."""

from PySide6.QtCore import QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QWidget

from visitapp.forms.filling import Row
from visitapp.ui.checklist.questions.choice import ChoiceQuestion

TABLES = frozenset({"table", "atable", "htable"})
_MOST = 7
_GAP = 8
_LEAST = 200
_WORD_LETTERS = 26
_CELL_LETTERS = 17
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

    def minimumSizeHint(self) -> QSize:
        """The least room is that of the narrow form, else the columns could never be given up."""
        return QSize(_LEAST, super().minimumSizeHint().height())

    def _arrange(self) -> None:
        buttons = self._choices.buttons
        letter = self.fontMetrics().averageCharWidth()
        margins = self._column.contentsMargins()
        room = self.contentsRect().width() - margins.left() - margins.right() - letter * _WORD_LETTERS
        longest = max((button.sizeHint().width() for button in buttons), default=0)
        # Long answers may take several lines before the columns are given up.
        cell = min(longest, room // max(1, len(buttons)) - _GAP)
        is_wide = bool(buttons) and cell >= min(longest, letter * _CELL_LETTERS)
        cells = len(buttons) * (cell + _GAP)
        self._across.setDirection(QBoxLayout.Direction.LeftToRight if is_wide else QBoxLayout.Direction.TopToBottom)
        for button in buttons:
            _hold_width(button, cell if is_wide else 0)
            height = max(each.heightForWidth(cell) for each in buttons) if is_wide else button.sizeHint().height()
            if button.minimumHeight() != height:
                button.setMinimumHeight(height)
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
