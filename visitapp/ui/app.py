"""The application and its one window: a frame that swaps screens and does nothing else."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import shiboken6
from PySide6.QtCore import QEvent, QObject, QSettings, Qt, Signal
from PySide6.QtGui import QCloseEvent, QKeyEvent, QKeySequence, QResizeEvent, QShortcut, QShowEvent
from PySide6.QtWidgets import QApplication, QDialog, QHBoxLayout, QMainWindow, QStackedWidget, QVBoxLayout, QWidget

from visitapp.ui.dressing import TITLE
from visitapp.ui.widgets.finder import Finder, FindFamilies, Found
from visitapp.ui.widgets.focus import FocusRing
from visitapp.ui.widgets.frame import HeaderBar, QuickHide, Rail, RailEntry, StatusBar
from visitapp.ui.widgets.screen import Screen
from visitapp.ui.widgets.strip import Strip
from visitapp.ui.widgets.toast import Toast

FOLDS_UNDER = 1100
_REMEMBERED = 30
_ACTIVITY = frozenset(
    {
        QEvent.Type.KeyPress,
        QEvent.Type.MouseButtonPress,
        QEvent.Type.MouseMove,
        QEvent.Type.Wheel,
        QEvent.Type.TouchBegin,
    }
)

RAIL = (
    RailEntry("lease", "Offline", "offline"),
    RailEntry("today", "Today", "today"),
    RailEntry("caseload", "Caseload", "caseload"),
    RailEntry("visits", "Visits", "visits"),
    RailEntry("review", "Review", "review"),
    RailEntry("team", "Team", "team"),
    RailEntry("sync", "Sync", "sync"),
    RailEntry("help", "Help", "help", at_end=True),
    RailEntry("settings", "Settings", "settings", at_end=True),
)
"""Every place the rail can lead to, in order; the window shows those it was given a screen for."""


class MainWindow(QMainWindow):
    """The frame: rail, header, status bar, finder, toast, quick-hide; in the middle one screen at a time.

    Facts come out as signals: `lock_asked` (Ctrl+L), `closing`, `used` (any key or click, for the idle clock).
    """

    lock_asked = Signal()
    closing = Signal()
    used = Signal()

    def __init__(
        self,
        screens: Mapping[str, Screen | Callable[[], Screen]],
        *,
        who: str,
        practice: bool = False,
        find_families: FindFamilies | None = None,
        actions: Sequence[Found] = (),
    ) -> None:
        super().__init__()
        self.setWindowTitle(TITLE)
        self.setObjectName("window")
        # A screen is built when it is first shown: the one in front must not wait for the others.
        self._makers = dict(screens)
        self._screens: dict[str, Screen] = {}
        self._find_families = find_families
        self._current = ""
        self._argument = ""
        self._history: list[tuple[str, str]] = []
        self._rail = Rail([entry for entry in RAIL if entry.screen in screens])
        self._header = HeaderBar(practice=practice)
        self._status = StatusBar(who)
        self._strip = Strip()
        self._stack = QStackedWidget()
        self._lay_out()
        places = [Found(entry.words, "screen", entry.screen, icon=entry.icon) for entry in RAIL if entry.screen in screens]
        self._finder = Finder([*places, *actions], self)
        self._toast = Toast(self)
        self._hidden = QuickHide(self)
        self._focused_before: QWidget | None = None
        self._behind: list[QDialog] = []
        self._ring = FocusRing(self)
        self._connect()
        self.resize(1280, 720)
        self.setMinimumSize(600, 360)

    def navigate(self, screen: str, argument: str = "") -> None:
        """Show a screen; a screen this window does not have is a bug and raises KeyError."""
        if self._current:
            self._remember()
        self._open(screen, argument)

    def back(self) -> None:
        """Go back to where the user came from."""
        if self._history:
            screen, argument = self._history.pop()
            self._open(screen, argument)

    @property
    def screen_name(self) -> str:
        """The name of the screen that shows."""
        return self._current

    @property
    def argument(self) -> str:
        """What the screen that shows was asked to show, usually an id."""
        return self._argument

    def has_screen(self, name: str) -> bool:
        """Tell whether this window has a screen of that name."""
        return name in self._makers

    def show_sync(self, sentence: str, icon: str = "laptop", tone: str = "muted") -> None:
        """Show the one sentence about sync."""
        self._status.show_sync(sentence, icon, tone)

    def show_warning(self, words: str) -> None:
        """Show under the header what should be known soon; empty words take it away."""
        self._strip.say(words)

    def show_count(self, screen: str, count: int) -> None:
        """Show in the rail how many things wait on a screen."""
        self._rail.show_count(screen, count)

    def tell(self, words: str, undo: Callable[[], None] | None = None) -> None:
        """Say in a toast what was just done."""
        self._toast.say(words, undo)
        self._stay_hidden()

    def open_finder(self) -> None:
        """Open the finder."""
        self._focused_before = self.focusWidget()
        self._finder.open()

    def quick_hide(self) -> None:
        """Lay the neutral screen over everything."""
        if self._hidden.isVisible():
            self._lift()
            return
        self._focused_before = self.focusWidget()
        self._hide_others()
        self._hidden.setGeometry(self.rect())
        self._hidden.show()
        self._hidden.raise_()
        self._hidden.setFocus()

    def _hide_others(self) -> None:
        """Dialogs and menus go too: what lies over this window would show beside the neutral screen."""
        for other in QApplication.topLevelWidgets():
            if other is not self and other.isVisible():
                other.hide()
                if isinstance(other, QDialog) and other not in self._behind:
                    self._behind.append(other)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fold the rail when there is little room."""
        super().resizeEvent(event)
        self._rail.show_folded(self.width() < FOLDS_UNDER)
        self._hidden.setGeometry(self.rect())
        self._finder.place()
        self._toast.place()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Let the screen in front save itself; nothing is asked."""
        if self._current:
            self._screens[self._current].leave()
        # A dialog is a window of its own: it would stay on the screen while the record is being closed.
        self._hide_others()
        self.closing.emit()
        super().closeEvent(event)

    def showEvent(self, event: QShowEvent) -> None:
        """Begin to watch what comes in from keyboard and mouse."""
        super().showEvent(event)
        # On the window's handle and not on the application: a filter there would see every paint and timer too.
        self.windowHandle().installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Notice that the application is being used; F12 hides from within a dialog too."""
        if isinstance(watched, QDialog):
            is_hide = isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress and event.key() == Qt.Key.Key_F12
            if is_hide:
                self.quick_hide()
            return is_hide
        if event.type() in _ACTIVITY:
            self.used.emit()
        return False

    def _lay_out(self) -> None:
        middle = QWidget()
        column = QVBoxLayout(middle)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._header)
        column.addWidget(self._strip)
        column.addWidget(self._stack, 1)
        column.addWidget(self._status)
        whole = QWidget()
        across = QHBoxLayout(whole)
        across.setContentsMargins(0, 0, 0, 0)
        across.setSpacing(0)
        across.addWidget(self._rail)
        across.addWidget(middle, 1)
        self.setCentralWidget(whole)

    def _connect(self) -> None:
        self._rail.chosen.connect(self.navigate)
        self._header.back_asked.connect(self.back)
        self._header.finder_asked.connect(self.open_finder)
        self._status.sync_asked.connect(lambda: self.navigate("sync") if "sync" in self._makers else None)
        self._status.lock_asked.connect(self.lock_asked)
        self._hidden.lifted.connect(self._lift)
        self._finder.chosen.connect(self.navigate)
        self._finder.closed.connect(self._return_focus)
        self._finder.typed.connect(self._search)
        app = QApplication.instance()
        if isinstance(app, QApplication):
            app.focusChanged.connect(self._focus_moved)
        for keys, do in (
            ("Ctrl+K", self.open_finder), ("Ctrl+L", self.lock_asked.emit), ("F12", self.quick_hide),
            ("Alt+Left", self.back), ("F1", self._help),
        ):  # fmt: skip
            shortcut = QShortcut(QKeySequence(keys), self)
            shortcut.activated.connect(do)

    def _open(self, name: str, argument: str) -> None:
        screen = self._screen(name)
        if self._current and self._current != name:
            self._screens[self._current].leave()
        self._current = name
        self._argument = argument
        self._stack.setCurrentWidget(screen)
        self._rail.show_screen(screen.rail or name)
        self._header.show_title(screen.title)
        self._header.show_back(bool(self._history))
        screen.open(argument)
        self._bring_focus(screen)
        self._stay_hidden()

    def _screen(self, name: str) -> Screen:
        if name not in self._screens:
            made = self._makers[name]
            screen = made if isinstance(made, Screen) else made()
            self._screens[name] = screen
            self._stack.addWidget(screen)
            screen.title_changed.connect(lambda words: self._titled(name, words))
        return self._screens[name]

    def _bring_focus(self, screen: Screen) -> None:
        """Put the keyboard into the screen, unless the screen has taken it itself."""
        focused = self.focusWidget()
        if focused is not None and screen.isAncestorOf(focused):
            return
        widget = screen.nextInFocusChain()
        while widget is not None and widget is not screen:
            takes = bool(widget.focusPolicy() & Qt.FocusPolicy.TabFocus) and widget.isEnabled()
            if takes and screen.isAncestorOf(widget) and widget.isVisibleTo(screen):
                widget.setFocus()
                return
            widget = widget.nextInFocusChain()

    def _remember(self) -> None:
        here = (self._current, self._argument)
        if not self._history or self._history[-1] != here:
            self._history = [*self._history, here][-_REMEMBERED:]

    def _titled(self, name: str, words: str) -> None:
        if name == self._current:
            self._header.show_title(words)

    def _search(self, words: str) -> None:
        if self._find_families is not None:
            self._find_families(words, lambda found: self._finder.show_families(words, found))

    def _help(self) -> None:
        if "help" in self._makers and self._current != "help":
            self.navigate("help", self._screens[self._current].help_page if self._current else "")

    def _stay_hidden(self) -> None:
        if self._hidden.isVisible():
            self._hidden.raise_()

    def _focus_moved(self, old: QWidget | None, new: QWidget | None) -> None:
        # What comes up behind the neutral screen may take the keyboard when it is shown: it gets it after F12.
        if not shiboken6.isValid(self):
            return
        if new is not None and isinstance(new.window(), QDialog):
            new.window().installEventFilter(self)
            if self._hidden.isVisible():
                self._hide_others()
        if not self._hidden.isVisible():
            return
        if new is not None and new is not self._hidden and new.window() is self:
            self._focused_before = new
            self._hidden.setFocus()
            self._hidden.raise_()

    def _lift(self) -> None:
        self._hidden.hide()
        behind, self._behind = self._behind, []
        for dialog in behind:
            if shiboken6.isValid(dialog):
                dialog.show()
        self._return_focus()

    def _return_focus(self) -> None:
        if self._focused_before is not None:
            self._focused_before.setFocus()
            self._focused_before = None


def remembered(path: Path) -> QSettings:
    """Return the file that remembers column widths and window size; it holds nothing about any family."""
    return QSettings(str(path), QSettings.Format.IniFormat)
