"""The parts of the frame around every screen: rail, header, status bar, and the neutral screen of quick-hide."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QButtonGroup, QFrame, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from visitapp.ui.fonts import TextRole
from visitapp.ui.widgets.buttons import Button, IconButton, QuietButton
from visitapp.ui.widgets.picture import Picture
from visitapp.ui.widgets.surfaces import GRID
from visitapp.ui.widgets.text import OneLine, Text, heading, muted

RAIL_WIDTH = 176
RAIL_FOLDED = 60


@dataclass(frozen=True)
class RailEntry:
    """One place the rail leads to."""

    screen: str
    words: str
    icon: str
    at_end: bool = False


class RailButton(Button):
    """An entry of the rail; folded, it shows its icon and keeps its name as a tooltip."""

    def __init__(self, entry: RailEntry) -> None:
        super().__init__(entry.words, entry.icon, name=entry.words)
        self._entry = entry
        self._folded = False
        self._count = 0
        self.setCheckable(True)
        self.toggled.connect(self._colour)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def show_folded(self, folded: bool) -> None:
        """Show the icon alone, or icon and word."""
        self._folded = folded
        self._say()

    def show_count(self, count: int) -> None:
        """Show how many things wait there."""
        self._count = count
        self._say()

    def _say(self) -> None:
        words = f"{self._entry.words}  {self._count}" if self._count else self._entry.words
        self.setText("" if self._folded else words)
        self._dress()
        self.setToolTip(words if self._folded else "")
        self.setAccessibleName(f"{self._entry.words}, {self._count} waiting" if self._count else self._entry.words)

    def _colour(self, on: bool) -> None:
        self._icon_role = "accent" if on else "muted"
        self._dress()

    def _dress(self) -> None:
        self._icon_role = "accent_strong" if self.isChecked() else "muted"
        self._role = TextRole.STRONG if self.isChecked() else TextRole.BODY
        super()._dress()


class Rail(QFrame):
    """The way to every screen; `chosen` names the one asked for."""

    chosen = Signal(str)

    def __init__(self, entries: Sequence[RailEntry], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("rail")
        self.setAccessibleName("Screens")
        self._group = QButtonGroup(self)
        self._buttons: dict[str, RailButton] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 2 * GRID, 0, GRID)
        column.setSpacing(4)
        for at_end in (False, True):
            for entry in entries:
                if entry.at_end == at_end:
                    column.addWidget(self._button(entry))
            if not at_end:
                column.addStretch(1)
        self.show_folded(False)

    def show_screen(self, screen: str) -> None:
        """Light the entry of a screen; none when the screen is not in the rail."""
        self._group.setExclusive(False)
        for name, button in self._buttons.items():
            button.setChecked(name == screen)
        self._group.setExclusive(screen in self._buttons)

    def show_folded(self, folded: bool) -> None:
        """Fold to icons or unfold."""
        self.setFixedWidth(RAIL_FOLDED if folded else max(RAIL_WIDTH, self._widest()))
        for button in self._buttons.values():
            button.show_folded(folded)

    def show_count(self, screen: str, count: int) -> None:
        """Show how many things wait on a screen."""
        if screen in self._buttons:
            self._buttons[screen].show_count(count)

    def _button(self, entry: RailEntry) -> RailButton:
        button = RailButton(entry)
        self._group.addButton(button)
        self._buttons[entry.screen] = button
        button.clicked.connect(lambda: self.chosen.emit(entry.screen))
        return button

    def _widest(self) -> int:
        metrics = self.fontMetrics()
        return max((metrics.horizontalAdvance(b.accessibleName()) for b in self._buttons.values()), default=0) + 76


class FinderButton(Button):
    """The way to the finder, drawn like the field it opens."""

    _icon_role = "muted"

    def __init__(self) -> None:
        super().__init__("Find a family or screen     Ctrl+K", "find", name="Find a family, a screen or an action")
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)


class HeaderBar(QFrame):
    """The screen's name, the way back, and the finder."""

    back_asked = Signal()
    finder_asked = Signal()

    def __init__(self, *, practice: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("header")
        self._back = IconButton("back", "Back (Alt+Left)")
        self._back.clicked.connect(self.back_asked)
        self._title = OneLine("", TextRole.TITLE)
        self._finder = FinderButton()
        self._finder.clicked.connect(self.finder_asked)
        self._practice = Text("", TextRole.SMALL, wraps=False)
        self._practice.setObjectName("practice")
        self._practice.setAccessibleName("Practice with invented families")
        self._practice.setVisible(practice)
        across = QHBoxLayout(self)
        across.setContentsMargins(3 * GRID, GRID, 3 * GRID, GRID)
        across.setSpacing(GRID)
        across.addWidget(self._back)
        across.addWidget(self._title, 1)
        across.addWidget(self._practice)
        across.addWidget(self._finder)
        self.show_back(False)

    def show_title(self, words: str) -> None:
        """Show a screen's name."""
        self._title.show_words(words)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Say less where there is little room; the screen's own name keeps its place."""
        super().resizeEvent(event)
        narrow = self.width() < 44 * self.fontMetrics().height()
        self._finder.setText("Find  Ctrl+K" if narrow else "Find a family or screen     Ctrl+K")
        self._practice.setText("Practice" if narrow else "Practice: invented families")

    def show_back(self, possible: bool) -> None:
        """Show the way back when there is one."""
        self._back.setVisible(possible)


class StatusBar(QFrame):
    """One true sentence about sync at the left; who is signed in and the lock at the right."""

    sync_asked = Signal()
    lock_asked = Signal()

    def __init__(self, who: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("status")
        self._icon = Picture("laptop", 18, "muted")
        self._sentence = Text("", TextRole.SMALL)
        self._more = QuietButton("Sync", name="Open the sync screen")
        self._more.clicked.connect(self.sync_asked)
        lock = QuietButton("Lock", "lock", name="Lock visitapp (Ctrl+L)")
        lock.setToolTip("Lock (Ctrl+L)")
        lock.clicked.connect(self.lock_asked)
        across = QHBoxLayout(self)
        across.setContentsMargins(2 * GRID, 2, 2 * GRID, 2)
        across.setSpacing(GRID)
        across.addWidget(self._icon)
        across.addWidget(self._sentence, 1)
        across.addWidget(self._more)
        across.addWidget(muted(who, wraps=False))
        across.addWidget(lock)

    def show_sync(self, sentence: str, icon: str = "laptop", tone: str = "muted") -> None:
        """Say how things stand; the same sentence is what a screen reader says."""
        self._sentence.setText(sentence)
        self._sentence.setAccessibleName(sentence)
        self._icon.show_icon(icon, tone)


class QuickHide(QWidget):
    """A neutral screen over everything, for when somebody sits down beside her; F12 or Escape takes it away."""

    lifted = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("quickhide")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Hidden. Press F12 to go on.")
        self.setProperty("no_ring", True)
        column = QVBoxLayout(self)
        column.addStretch(1)
        column.addWidget(Picture("home", 48, "muted"), 0, Qt.AlignmentFlag.AlignHCenter)
        column.addSpacing(GRID)
        for text in (heading("visitapp"), muted("Press F12 to go on")):
            text.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            column.addWidget(text)
        column.addStretch(1)
        self.hide()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Lift on F12 or Escape and swallow everything else, so that nothing is typed into a hidden form."""
        if event.key() in (Qt.Key.Key_F12, Qt.Key.Key_Escape):
            self.lifted.emit()
        event.accept()

    def event(self, event: QEvent) -> bool:
        """Take every shortcut while the screen is hidden: none may act on what cannot be seen."""
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        return super().event(event)
