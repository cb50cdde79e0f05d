"""The window of the locked program: shows what the presenter says and emits what the user wants."""

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QProgressBar, QStackedWidget, QVBoxLayout, QWidget

from visitapp.ui.unlock.pages import Choose, Connect, MiddlePage, Unlock, Welcome, place_above
from visitapp.ui.unlock.pieces import TroubleCard
from visitapp.ui.unlock.presenter import Meter, Place, Standing, Trouble, UnlockPresenter
from visitapp.ui.widgets.focus import FocusRing
from visitapp.ui.widgets.surfaces import GRID
from visitapp.ui.widgets.text import Text

_TICK_MS = 1_000


class UnlockView(QWidget):
    """A window of its own, before there is a record to show."""

    practise_asked = Signal()
    connect_asked = Signal()
    service_given = Signal(str, str)
    passphrase_typed = Signal(str, str)
    record_asked = Signal(str, object, object)
    unlock_asked = Signal(str, object)
    spare_asked = Signal()
    back_asked = Signal()
    ticked = Signal()
    closing = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("window")
        self.setWindowTitle("visitapp")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.welcome, self.connect_page, self.choose, self.unlock = Welcome(), Connect(), Choose(), Unlock()
        self._pages: dict[Place, MiddlePage] = {
            Place.WELCOME: self.welcome,
            Place.CONNECT: self.connect_page,
            Place.PASSPHRASE: self.choose,
            Place.UNLOCK: self.unlock,
        }
        self.presenter: UnlockPresenter | None = None
        self._place = Place.WELCOME
        self._stack = QStackedWidget()
        for page in self._pages.values():
            self._stack.addWidget(page)
        self._trouble = TroubleCard()
        self._progress = QProgressBar()
        self._progress.setRange(0, 0)
        self._progress.setTextVisible(False)
        self._progress.setFixedWidth(240)
        self._busy_words = Text("", tone="muted", wraps=False)
        self._busy = self._busy_strip()
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self._stack, 1)
        self._timer = QTimer(self)
        self._timer.setInterval(_TICK_MS)
        self._timer.timeout.connect(self.ticked)
        self._ring = FocusRing(self)
        self._connect()
        self.resize(1024, 720)
        self.setMinimumSize(480, 320)

    def show_place(self, place: Place) -> None:
        """Show a page with the keyboard on its first field."""
        self._place = place
        page = self._pages[place]
        place_above(page, self._trouble)
        page.verticalScrollBar().setValue(0)
        self._stack.setCurrentWidget(page)
        {
            Place.WELCOME: self.welcome.begin,
            Place.CONNECT: self.connect_page.begin,
            Place.PASSPHRASE: self.choose.begin,
            Place.UNLOCK: self.unlock.begin,
        }[place]()

    def show_standing(self, standing: Standing, reason: str, unsent: str) -> None:
        """Show what is true while everything is locked."""
        self.unlock.show_standing(standing.user, reason, unsent, reduced=standing.is_reduced, practice=standing.is_practice)

    def show_busy(self, words: str) -> None:
        """Show that something is under way, and take no further orders until it has ended."""
        self._busy_words.setText(words)
        self._busy.setVisible(bool(words))
        self._place_busy()
        self._stack.setEnabled(not words)
        if not words:
            self._pages_begin()

    def show_trouble(self, trouble: Trouble | None) -> None:
        """Show what went wrong above the form."""
        found = trouble or Trouble("")
        self._trouble.show_words(found.happened, found.safe, found.do, tone=found.tone, offers_spare=found.offers_spare)
        if trouble is not None:
            self.unlock.forget_reason()
            self._pages[self._place].verticalScrollBar().setValue(0)

    def show_wait(self, words: str) -> None:
        """Count the wait down; the button waits too."""
        self._trouble.show_wait(words)
        self.unlock.show_may_try(not words)
        if words and not self._timer.isActive():
            self._timer.start()
        elif not words:
            self._timer.stop()

    def show_meter(self, meter: Meter) -> None:
        """Show how good the passphrase is so far."""
        self.choose.show_meter(meter.bars, meter.tone, meter.words)

    def show_wrong(self, field: str, words: str) -> None:
        """Say what is wrong with a field of the page that shows."""
        page = self._pages[self._place]
        if isinstance(page, Connect | Choose | Unlock):
            page.show_wrong(field, words)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Say that the user leaves without unlocking."""
        self.closing.emit()
        super().closeEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the sign that something is under way at the bottom."""
        super().resizeEvent(event)
        self._place_busy()

    def _place_busy(self) -> None:
        height = self._busy.sizeHint().height()
        self._busy.setGeometry(0, self.height() - height, self.width(), height)
        self._busy.raise_()

    def _pages_begin(self) -> None:
        if self._place is Place.UNLOCK:
            self.unlock.begin()

    def _busy_strip(self) -> QWidget:
        # Laid over the page and not below it: nothing jumps when it comes and goes.
        strip = QFrame(self)
        strip.setObjectName("window")
        column = QVBoxLayout(strip)
        column.setContentsMargins(2 * GRID, GRID, 2 * GRID, 3 * GRID)
        column.setSpacing(GRID)
        for part in (self._busy_words, self._progress):
            column.addWidget(part, 0, Qt.AlignmentFlag.AlignHCenter)
        strip.hide()
        return strip

    def _connect(self) -> None:
        self.welcome.practise_asked.connect(self.practise_asked)
        self.welcome.connect_asked.connect(self.connect_asked)
        self.unlock.connect_asked.connect(self.connect_asked)
        self.connect_page.asked.connect(self.service_given)
        self.connect_page.back_asked.connect(self.back_asked)
        self.choose.typed.connect(self.passphrase_typed)
        self.choose.asked.connect(self.record_asked)
        self.choose.back_asked.connect(self.back_asked)
        self.unlock.asked.connect(self.unlock_asked)
        self._trouble.spare_asked.connect(self.spare_asked)


def join(view: UnlockView, presenter: UnlockPresenter) -> None:
    """Let the presenter hear what the user wants, for as long as the view lives."""
    # A connection to a method does not keep its object alive: without this the screen would soon be deaf.
    view.presenter = presenter
    view.practise_asked.connect(presenter.practise)
    view.connect_asked.connect(presenter.connect)
    view.service_given.connect(presenter.take_service)
    view.passphrase_typed.connect(presenter.judge)
    view.record_asked.connect(presenter.create)
    view.unlock_asked.connect(presenter.unlock)
    view.spare_asked.connect(presenter.use_spare)
    view.back_asked.connect(presenter.go_back)
    view.ticked.connect(presenter.tick)
