"""Buttons: one primary a screen, plain ones beside it, quiet ones in text, icons with a name."""

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QIcon, QKeyEvent
from PySide6.QtWidgets import QPushButton, QWidget

from visitapp.ui import fonts, icons, theme
from visitapp.ui.fonts import TextRole
from visitapp.ui.widgets.text import as_tip

_ICON_SIZE = 20
_ICON_GAP = 5
_CHORD = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier


class EnterButton(QPushButton):
    """A push button that Enter presses as well as Space, wherever it stands."""

    def __init__(self, words: str = "", parent: QWidget | None = None) -> None:
        super().__init__(words, parent)
        # As the "auto default" of a dialog it would answer Enter even while another field has the keyboard.
        self.setAutoDefault(False)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Press with Enter."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.modifiers() & _CHORD:
            self.click()
            return
        super().keyPressEvent(event)


class Button(EnterButton):
    """A plain button: words, with an icon beside them where it helps."""

    _role = TextRole.BODY
    _icon_role = "ink"
    _worn: tuple[str, str, int, str] | None = None
    """What the icon was last painted from: a style change comes in several events, and each icon in six pictures."""

    def __init__(self, words: str, icon: str = "", *, name: str = "", parent: QWidget | None = None) -> None:
        super().__init__(words, parent)
        self._icon = icon
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName(name or words)
        self._dress()

    def set_icon(self, name: str) -> None:
        """Show another icon."""
        self._icon = name
        self._dress()

    def changeEvent(self, event: QEvent) -> None:
        """Follow theme and text size."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange:
            self._dress()

    def _dress(self) -> None:
        fonts.keep(self, self._role)
        gap = _ICON_GAP if self.text() else 0
        worn = (self._icon, self._icon_role, gap, theme.current().name)
        if self._icon and worn != self._worn:
            self._worn = worn
            self.setIcon(icons.icon(self._icon, self._icon_role, _ICON_SIZE, gap))
            self.setIconSize(QSize(_ICON_SIZE + gap, _ICON_SIZE))


class PrimaryButton(Button):
    """The one thing this screen is for."""

    _role = TextRole.STRONG
    _icon_role = "on_accent"


class DangerButton(Button):
    """A step that takes something away."""

    _icon_role = "danger"


class QuietButton(Button):
    """A step that looks like a link: no border until it is pointed at."""

    _icon_role = "accent"


class IconButton(Button):
    """An icon alone; its name is both the tooltip and what a screen reader says."""

    def __init__(self, icon: str, name: str, parent: QWidget | None = None) -> None:
        super().__init__("", icon, name=name, parent=parent)
        self.setToolTip(as_tip(name))


class FilterChip(Button):
    """A filter that is on or off; on, it carries a tick and not only a colour."""

    _icon_role = "accent"

    def __init__(self, words: str, parent: QWidget | None = None) -> None:
        super().__init__(words, parent=parent)
        self.setCheckable(True)
        self.toggled.connect(self.show_on)

    def show_on(self, on: bool) -> None:
        """Show the tick of a filter that is on."""
        self.set_icon("done" if on else "")
        if not on:
            self._worn = None
            self.setIcon(QIcon())
