"""Makes the QApplication and dresses it; apart from the main window, which the locked window does without."""

import time
from collections.abc import Sequence

from PySide6 import QtCore, QtWidgets
from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtWidgets import QApplication

from visitapp.ui import fonts, theme
from visitapp.ui.theme import TextSize, Theme

TITLE = "visitapp"
STYLE = "Fusion"
_AT_ONCE_S = 0.004


def application(arguments: Sequence[str], look: Theme, size: TextSize = TextSize.NORMAL) -> QApplication:
    """Return the one QApplication with typefaces loaded and theme applied.

    Raises RuntimeError when a typeface is missing: names would show as boxes.
    """
    QApplication.setHighDpiScaleFactorRoundingPolicy(Qt.HighDpiScaleFactorRoundingPolicy.PassThrough)
    existing = QApplication.instance()
    if isinstance(existing, QApplication):
        app = existing
        app.setStyle(STYLE)
    else:
        # As an argument, because PySide loads all about styles (6 ms) as soon as it is handed one.
        app = QApplication([TITLE, "-style", STYLE, *arguments])
    app.setApplicationName(TITLE)
    app.setApplicationDisplayName(TITLE)
    app.setDesktopFileName(TITLE)
    missing = fonts.load()
    if missing:
        raise RuntimeError(f"typefaces missing: {', '.join(missing)}")
    theme.apply(app, look, size)
    return app


class ClassesAhead(QTimer):
    """Has PySide make its classes a few at a time while nobody waits.

    It makes a class when it is first named, and nearly all of them at once (0.1 s) when Qt first hands over an object that
    could be any of them: the first screen of a record would pay for that. On the main thread, because a class that is half
    made must not be met by another.
    """

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._waiting = ((module, name) for module in (QtCore, QtWidgets) for name in dir(module))
        self.timeout.connect(self._some)

    def _some(self) -> None:
        end = time.perf_counter() + _AT_ONCE_S
        for module, name in self._waiting:
            getattr(module, name)
            if time.perf_counter() > end:
                return
        self.stop()
