"""A list to choose from that leaves the mouse wheel to the page."""

from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QComboBox


class CalmBox(QComboBox):
    """Scrolling past it must not change an answer."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Let the page have the wheel."""
        event.ignore()
