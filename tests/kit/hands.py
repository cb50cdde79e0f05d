"""What the tests of screens use for hands: a window, keys, and a wait until the lanes are idle."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QMainWindow, QPlainTextEdit, QWidget

from visitapp.ui.background import BackgroundLanes


class Hands:
    """One person at the keyboard; `actions` counts clicks and keys that are not typed into a text or number field."""

    def __init__(self, window: QMainWindow, lanes: BackgroundLanes) -> None:
        self.window = window
        self._lanes = lanes
        self.actions = 0

    def show(self, screen: QWidget) -> None:
        """Bring a screen into the window."""
        old = self.window.takeCentralWidget()
        if old is not None:
            old.setParent(None)
        self.window.setCentralWidget(screen)
        self.window.show()
        self.window.activateWindow()
        QTest.qWait(10)

    def type(self, words: str) -> None:
        """Type words where the focus is; one key each."""
        for letter in words:
            self._count()
            QTest.keyClicks(self.focus, letter)

    def key(self, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        """Press a key."""
        self._count(chord=modifier != Qt.KeyboardModifier.NoModifier or key == Qt.Key.Key_Tab)
        QTest.keyClick(self.focus, key, modifier)
        self.wait()

    def enter(self) -> None:
        """Press Enter."""
        self.key(Qt.Key.Key_Return)

    def next_step(self) -> None:
        """Press Ctrl+Enter."""
        self.key(Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)

    def click(self, widget: QWidget) -> None:
        """Click in the middle of a widget."""
        self.actions += 1
        QTest.mouseClick(widget, Qt.MouseButton.LeftButton)
        self.wait()

    def wait(self) -> None:
        """Wait until what was asked of the lanes has been answered."""
        QTest.qWait(1)
        for _ in range(2000):
            if self._lanes.is_idle:
                break
            QTest.qWait(2)
        QTest.qWait(1)

    def until(self, is_so: Callable[[], bool]) -> None:
        """Wait until something is so, at most five seconds."""
        for _ in range(1000):
            if is_so():
                return
            QTest.qWait(5)
        raise AssertionError("it never came to be")

    @property
    def focus(self) -> QWidget:
        """The widget that has the keyboard."""
        found = QApplication.focusWidget()
        assert found is not None, "nothing has the focus"
        return found

    @property
    def name(self) -> str:
        """The accessible name of what has the keyboard."""
        return self.focus.accessibleName()

    def _count(self, *, chord: bool = False) -> None:
        if chord or not isinstance(self.focus, QLineEdit | QPlainTextEdit):
            self.actions += 1
