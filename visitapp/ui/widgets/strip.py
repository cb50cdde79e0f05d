"""A line under the header that stays as long as it is true."""

from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from visitapp.ui.widgets.picture import Picture
from visitapp.ui.widgets.surfaces import GRID
from visitapp.ui.widgets.text import Text


class Strip(QFrame):
    """Quiet: an icon and a sentence, no button, nothing that moves."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("status")
        self._words = Text("", "small")
        across = QHBoxLayout(self)
        across.setContentsMargins(3 * GRID, 4, 3 * GRID, 4)
        across.setSpacing(GRID)
        across.addWidget(Picture("clock", 18, "attention"))
        across.addWidget(self._words, 1)
        self.hide()

    def say(self, words: str) -> None:
        """Say it; without words the strip goes away."""
        self._words.setText(words)
        self._words.setAccessibleName(words)
        self.setVisible(bool(words))
