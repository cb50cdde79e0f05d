"""Drives the real window with real mouse and keys, waits as a person would, takes pictures and counts actions."""

import re
import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt
from PySide6.QtGui import QInputMethodEvent, QKeyEvent, QWindow
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QApplication,
    QFileDialog,
    QLineEdit,
    QPlainTextEdit,
    QScrollArea,
    QTextEdit,
    QWidget,
)

from visitapp.desktop import Desktop

TEXT_FIELDS = (QLineEdit, QTextEdit, QPlainTextEdit, QAbstractSpinBox)
MODIFIERS = {Qt.Key.Key_Shift, Qt.Key.Key_Control, Qt.Key.Key_Alt, Qt.Key.Key_Meta, Qt.Key.Key_AltGr}
PATIENCE_S = 60.0


def pause(ms: int) -> None:
    """Let the window live for some milliseconds and other threads work: QTest's own wait keeps the interpreter from them."""
    end = time.monotonic() + ms / 1000
    while True:
        QApplication.processEvents()
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
        left = end - time.monotonic()
        if left <= 0:
            return
        time.sleep(min(left, 0.01))


class StuckError(RuntimeError):
    """Something that should have appeared did not."""


class ActionCounter(QObject):
    """Counts what a person does: every click, and every key that is not typed into a text or number field.

    It looks at the window's own events, before they reach a widget, so that each is seen once.
    """

    def __init__(self) -> None:
        super().__init__()
        self.count = 0
        self.done: list[str] = []

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Count, and let everything through; a chord that is a shortcut never arrives as a key."""
        if event.type() == QEvent.Type.Shortcut:
            self._add("chord")
        elif isinstance(watched, QWindow):
            if event.type() == QEvent.Type.MouseButtonPress:
                self._add("click")
            elif event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent) and not self._is_typing(event):
                self._add(f"key {event.key():#x}")
        return False

    def _add(self, what: str) -> None:
        self.count += 1
        self.done.append(what)

    def _is_typing(self, event: QKeyEvent) -> bool:
        if event.key() in MODIFIERS:
            return True
        field = QApplication.focusWidget()
        chord = event.modifiers() & (Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier)
        if not isinstance(field, TEXT_FIELDS) or chord or event.key() in (Qt.Key.Key_Tab, Qt.Key.Key_Backtab):
            return False
        lines = isinstance(field, QTextEdit | QPlainTextEdit)
        return lines or event.key() not in (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class Driver:
    """Acts on the window of one desktop."""

    def __init__(self, desktop: Desktop, pictures: Path, prefix: str) -> None:
        self.desktop = desktop
        self.counter = ActionCounter()
        self.taken: list[str] = []
        self._pictures = pictures
        self._prefix = prefix
        desktop.app.installEventFilter(self.counter)

    @property
    def window(self) -> QWidget:
        """The window in front: the locked one, or the record's."""
        found = self.desktop.window or self.desktop.locked
        if found is None:
            raise StuckError("no window")
        return found

    @property
    def dialog(self) -> QFileDialog | None:
        """The file dialog that is open, if any."""
        modal = QApplication.activeModalWidget()
        return modal if isinstance(modal, QFileDialog) else None

    def type_into_dialog(self, path: str) -> None:
        """Type a path into the open file dialog and accept it."""
        dialog = self.dialog
        if dialog is None:
            raise StuckError("no file dialog")
        name = dialog.findChild(QLineEdit)
        if name is None:
            raise StuckError("a file dialog without a field for the name")
        name.selectAll()
        QTest.keyClicks(name, path)
        QTest.keyClick(dialog.windowHandle(), Qt.Key.Key_Return)
        self.settle()

    def knows(self, screen: str) -> bool:
        """Tell whether the signed-in person has a screen of that name."""
        return self.desktop.window is not None and self.desktop.window.has_screen(screen)

    def go(self, screen: str, argument: str = "") -> None:
        """Go to a screen as a link inside the application would."""
        if self.desktop.window is None:
            raise StuckError("nothing is open")
        self.desktop.window.navigate(screen, argument)
        self.settle()

    @property
    def argument(self) -> str:
        """What the present screen shows, usually an id."""
        return self.desktop.window.argument if self.desktop.window else ""

    @property
    def screen(self) -> str:
        """The name of the screen that shows."""
        return self.desktop.window.screen_name if self.desktop.window else "locked"

    def come_forward(self) -> None:
        """Have the window in front take the keyboard, as a window manager would."""
        self.window.resize(1366, 768)
        self.window.raise_()
        self.window.activateWindow()
        QTest.qWaitForWindowActive(self.window, 5000)

    def settle(self) -> None:
        """Let the window finish what it is doing."""
        pause(30)
        self.until(lambda: self.desktop.lanes.is_idle, "quiet lanes")
        pause(60)
        if QApplication.activeWindow() is None:
            # Offscreen there is no window manager that gives the keyboard back when a popup has gone.
            self.window.activateWindow()
            pause(60)

    def until(self, holds: Callable[[], bool], what: str, patience_s: float = PATIENCE_S) -> None:
        """Wait until something holds; raises StuckError."""
        end = time.monotonic() + patience_s
        while not holds():
            if time.monotonic() > end:
                self._grab("stuck")
                raise StuckError(f"waited for {what} on {self.screen}")
            pause(20)

    def find(self, name: str, kind: type[QWidget] = QWidget) -> QWidget:
        """Return the visible widget with an accessible name or a text; raises StuckError after a while."""
        found: list[QWidget] = []

        def look() -> bool:
            found[:] = self._named(name, kind)
            return bool(found)

        self.until(look, f"{name!r}", 15)
        return found[0]

    def has(self, name: str, kind: type[QWidget] = QWidget) -> bool:
        """Tell whether a widget of that name is visible."""
        return bool(self._named(name, kind))

    def _named(self, name: str, kind: type[QWidget]) -> list[QWidget]:
        exact, starting = [], []
        for widget in self.window.findChildren(kind):
            if not widget.isVisible() or not widget.isEnabled():
                continue
            words = {widget.accessibleName(), _text_of(widget)}
            if name in words:
                exact.append(widget)
            elif any(word.startswith(name) for word in words if word):
                starting.append(widget)
        return exact or starting

    def click(self, name: str, kind: type[QWidget] = QWidget) -> None:
        """Click a widget found by its name."""
        self.click_on(self.find(name, kind))

    def click_on(self, widget: QWidget) -> None:
        """Click in the middle of a widget, scrolled into view first."""
        self._reveal(widget)
        handle = self.window.windowHandle()
        middle = widget.mapTo(self.window, QRect(QPoint(0, 0), widget.size()).center())
        QTest.mouseClick(handle, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, middle)
        self.settle()

    def _reveal(self, widget: QWidget) -> None:
        above = widget.parentWidget()
        while above is not None:
            if isinstance(above, QScrollArea):
                above.ensureWidgetVisible(widget, 16, 48)
            above = above.parentWidget()
        pause(20)

    def press(self, key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        """Press a key or a chord."""
        QTest.keyClick(self.window.windowHandle(), key, modifiers)
        self.settle()

    def type(self, text: str) -> None:
        """Type text into whatever has the keyboard."""
        field = QApplication.focusWidget()
        if field is None:
            raise StuckError(f"nothing to type into on {self.screen}")
        for run in re.findall(r"[ -~]+|[^ -~]+", text):
            if run.isascii():
                QTest.keyClicks(field, run)
            else:
                # What no key of this keyboard makes comes as an input method's commit, as from a compose key.
                composed = QInputMethodEvent()
                composed.setCommitString(run)
                QApplication.sendEvent(field, composed)
        pause(10)

    def focus_words(self) -> str:
        """Return the accessible name of what has the keyboard."""
        field = QApplication.focusWidget()
        return (field.accessibleName() or type(field).__name__) if field else ""

    def picture(self, name: str) -> None:
        """Take a picture of the window as it is."""
        self.settle()
        self._grab(name)

    def _grab(self, name: str) -> None:
        path = self._pictures / f"{self._prefix}-{len(self.taken) + 1:02d}-{name}.png"
        self.window.grab().save(str(path))
        self.taken.append(str(path))


def _text_of(widget: QWidget) -> str:
    if isinstance(widget, QAbstractButton):
        return widget.text().replace("&", "")
    return ""
