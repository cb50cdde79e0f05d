"""Facts: labels at the left, what is known at the right, both read in order."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QWidget

from visitapp.ui.widgets.surfaces import GRID
from visitapp.ui.widgets.text import Text, muted


class Facts(QWidget):
    """Pairs of label and value; what is not known is left out by the one who gives them."""

    def __init__(self, pairs: Sequence[tuple[str, str]], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(2 * GRID)
        grid.setVerticalSpacing(6)
        grid.setColumnStretch(1, 1)
        for number, (label, value) in enumerate(pairs):
            name = muted(label, wraps=False)
            told = Text(value)
            told.setAccessibleName(f"{label}: {value}")
            told.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            told.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            grid.addWidget(name, number, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(told, number, 1)
