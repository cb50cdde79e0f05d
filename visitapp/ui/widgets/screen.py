"""What the main window knows of a screen: its title, its place in the rail, and that it can be opened and left."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget


class Screen(QWidget):
    """One screen of the application; the window shows one at a time and passes the argument it was asked for."""

    title_changed = Signal(str)

    title = ""
    """What the header says; set it with `say_title` once the screen is up."""
    rail = ""
    """Which entry of the rail is lit while this screen shows."""
    help_page = ""
    """Which page of the help opens from here."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        # A signal connected to a presenter's method does not keep the presenter alive; the screen does.
        self.presenter: object = None

    def open(self, argument: str = "") -> None:
        """Show what the argument names, usually an id; called each time the user comes here."""

    def leave(self) -> None:
        """Get ready to be out of sight: save, stop timers. Never asks anything."""

    def say_title(self, words: str) -> None:
        """Change the title in the header."""
        self.title = words
        self.title_changed.emit(words)
