"""Makes the QApplication and dresses it; apart from the main window, which the locked window does without."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from visitapp.ui import fonts, theme
from visitapp.ui.theme import TextSize, Theme

TITLE = "visitapp"
STYLE = "Fusion"


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
