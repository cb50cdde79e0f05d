"""Says what went wrong, and what was just done, in front of the window."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QVBoxLayout, QWidget

from visitapp.domain.problems import Problem
from visitapp.ui.widgets.buttons import Button, PrimaryButton
from visitapp.ui.widgets.picture import Picture
from visitapp.ui.widgets.surfaces import GRID, column, row
from visitapp.ui.widgets.text import Text, heading, muted

_WIDE = 480


class ProblemDialog(QDialog):
    """What happened, what is safe, and what to do; one button."""

    def __init__(self, problem: Problem, parent: QWidget | None = None) -> None:
        # The words know every Problem of every floor: they are loaded when there is one.
        from visitapp.ui.wording import words_for

        super().__init__(parent)
        words = words_for(problem)
        self.setWindowTitle("visitapp")
        self.setAccessibleName(words.happened)
        self.setFixedWidth(_WIDE)
        understood = PrimaryButton("OK")
        understood.setDefault(True)
        understood.clicked.connect(self.accept)
        said = column(heading(words.happened), gap=GRID)
        for part in (Text(words.safe), Text(words.do, tone="muted")):
            part.setVisible(bool(part.text()))
            said.addWidget(part)
        beside = row(gap=2 * GRID)
        beside.addWidget(Picture("warning", 32, "attention"), 0, Qt.AlignmentFlag.AlignTop)
        beside.addLayout(said, 1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(3 * GRID, 3 * GRID, 3 * GRID, 2 * GRID)
        whole.setSpacing(2 * GRID)
        whole.addLayout(beside)
        whole.addLayout(row(None, understood))


class WindowNotices:
    """The notices of one window; presenters get it as their `Notices`."""

    def __init__(self, window: QWidget, say: Callable[[str, Callable[[], None] | None], None]) -> None:
        self._window = window
        self._say = say

    def tell(self, words: str, undo: Callable[[], None] | None = None) -> None:
        """Show a line for a few seconds."""
        self._say(words, undo)

    def problem(self, problem: Problem) -> None:
        """Open a dialog that blocks the window but not the event loop, so that saving and syncing go on behind it."""
        dialog = ProblemDialog(problem, self._window)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()


class LateNotices:
    """Notices for presenters that are built before the window they speak in; `window` is set once it exists."""

    def __init__(self) -> None:
        self.window: WindowNotices | None = None

    def tell(self, words: str, undo: Callable[[], None] | None = None) -> None:
        """Pass on to the window."""
        if self.window is not None:
            self.window.tell(words, undo)

    def problem(self, problem: Problem) -> None:
        """Pass on to the window."""
        if self.window is not None:
            self.window.problem(problem)

    def fall_silent(self) -> None:
        """Say nothing more: the window goes."""
        self.window = None


class Question(QDialog):
    """Asks before a step that takes something away; what may be lost is said, and the safe answer is the default."""

    def __init__(self, asks: str, explains: str, yes: str, no: str = "Cancel", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("visitapp")
        self.setAccessibleName(asks)
        self.setFixedWidth(_WIDE)
        go, stay = Button(yes), PrimaryButton(no)
        stay.setDefault(True)
        go.clicked.connect(self.accept)
        stay.clicked.connect(self.reject)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(3 * GRID, 3 * GRID, 3 * GRID, 2 * GRID)
        whole.setSpacing(2 * GRID)
        whole.addWidget(heading(asks))
        whole.addWidget(muted(explains))
        whole.addLayout(row(None, go, stay))
