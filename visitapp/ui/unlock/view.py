"""The window of the locked program: shows what the presenter says and emits what the user wants."""

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QProgressBar, QStackedWidget, QVBoxLayout, QWidget

from visitapp.ui.unlock.pages import Choose, Connect, Unlock, Welcome, place_above
from visitapp.ui.unlock.pieces import TroubleCard
from visitapp.ui.unlock.presenter import Place, UnlockPresenter
from visitapp.ui.unlock.saying import Meter, Standing, Trouble
from visitapp.ui.widgets.focus import FocusRing
from visitapp.ui.widgets.surfaces import GRID
from visitapp.ui.widgets.text import Text

if TYPE_CHECKING:
    from visitapp.ui.unlock.custody_pages import Recover, Told

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
    backup_asked = Signal()
    recovery_asked = Signal(str)
    answer_given = Signal(str, object, object)
    told_read = Signal()
    back_asked = Signal()
    ticked = Signal()
    closing = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("window")
        self.setWindowTitle("visitapp")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.presenter: UnlockPresenter | None = None
        self._place = Place.WELCOME
        self._stack = QStackedWidget()
        self._standing: Callable[[Unlock], None] = lambda page: None
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
        self._trouble.spare_asked.connect(self.spare_asked)
        self._trouble.backup_asked.connect(self.backup_asked)
        self._trouble.recovery_asked.connect(lambda: self.recovery_asked.emit(self.unlock.user))
        self.resize(1024, 720)
        self.setMinimumSize(480, 320)

    # A page is built when it is first shown: the first one must not wait for the others.

    @cached_property
    def welcome(self) -> Welcome:
        """The first start."""
        page = Welcome()
        page.practise_asked.connect(self.practise_asked)
        page.connect_asked.connect(self.connect_asked)
        self._stack.addWidget(page)
        return page

    @cached_property
    def connect_page(self) -> Connect:
        """Address and enrolment code."""
        page = Connect()
        page.asked.connect(self.service_given)
        page.back_asked.connect(self.back_asked)
        self._stack.addWidget(page)
        return page

    @cached_property
    def choose(self) -> Choose:
        """User name and a new passphrase."""
        page = Choose()
        page.typed.connect(self.passphrase_typed)
        page.asked.connect(self.record_asked)
        page.back_asked.connect(self.back_asked)
        self._stack.addWidget(page)
        return page

    @cached_property
    def unlock(self) -> Unlock:
        """The way in."""
        page = Unlock()
        page.connect_asked.connect(self.connect_asked)
        page.recovery_asked.connect(self.recovery_asked)
        page.asked.connect(self.unlock_asked)
        self._standing(page)
        self._stack.addWidget(page)
        return page

    @cached_property
    def recover(self) -> "Recover":
        """A request for administrators, and what they answer."""
        from visitapp.ui.unlock.custody_pages import Recover

        page = Recover()
        page.typed.connect(self.passphrase_typed)
        page.asked.connect(self.answer_given)
        page.back_asked.connect(self.back_asked)
        self._stack.addWidget(page)
        return page

    @cached_property
    def told(self) -> "Told":
        """What happened, on a page of its own."""
        from visitapp.ui.unlock.custody_pages import Told

        page = Told()
        page.asked.connect(self.told_read)
        self._stack.addWidget(page)
        return page

    def page(self, place: Place) -> "Welcome | Connect | Choose | Unlock | Recover | Told":
        """Return a page, built if need be."""
        if place in (Place.RECOVER, Place.TOLD):
            return self.recover if place is Place.RECOVER else self.told
        if place is Place.WELCOME:
            return self.welcome
        if place is Place.CONNECT:
            return self.connect_page
        return self.choose if place is Place.PASSPHRASE else self.unlock

    def show_place(self, place: Place) -> None:
        """Show a page with the keyboard on its first field."""
        self._place = place
        page = self.page(place)
        place_above(page, self._trouble)
        page.verticalScrollBar().setValue(0)
        self._stack.setCurrentWidget(page)
        page.begin()

    def show_standing(self, standing: Standing, reason: str, unsent: str) -> None:
        """Show what is true while everything is locked."""

        def show(page: Unlock) -> None:
            page.show_standing(standing.user, reason, unsent, reduced=standing.is_reduced, practice=standing.is_practice)

        self._standing = show
        if "unlock" in self.__dict__:
            show(self.unlock)

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
        self._trouble.show_words(found.happened, found.safe, found.do, tone=found.tone)
        self._trouble.show_offers(spare=found.offers_spare, backup=found.offers_backup, recovery=found.offers_recovery)
        if trouble is not None:
            if self._place is Place.UNLOCK:
                self.unlock.forget_reason()
            self.page(self._place).verticalScrollBar().setValue(0)

    def show_wait(self, words: str) -> None:
        """Count the wait down; the button waits too."""
        self._trouble.show_wait(words)
        if self._place is Place.UNLOCK:
            self.unlock.show_may_try(not words)
        if words and not self._timer.isActive():
            self._timer.start()
        elif not words:
            self._timer.stop()

    def show_meter(self, meter: Meter) -> None:
        """Show how good the passphrase is so far."""
        page = self.recover if self._place is Place.RECOVER else self.choose
        page.show_meter(meter.bars, meter.tone, meter.words)

    def show_request(self, text: str, check: str) -> None:
        """Show a request to be let in."""
        self.recover.show_request(text, check)

    def show_told(self, heading: str, lines: tuple[str, ...], button: str) -> None:
        """Show what happened."""
        self.told.show_words(heading, lines, button)

    def show_wrong(self, field: str, words: str) -> None:
        """Say what is wrong with a field of the page that shows."""
        page = self.page(self._place)
        if self._place is Place.RECOVER:
            self.recover.show_wrong(field, words)
        elif isinstance(page, Connect | Choose | Unlock):
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
    view.backup_asked.connect(presenter.restore)
    view.recovery_asked.connect(presenter.recover)
    view.answer_given.connect(presenter.finish_recovery)
    view.told_read.connect(presenter.begin)
    view.back_asked.connect(presenter.go_back)
    view.ticked.connect(presenter.tick)
