"""The sign screen: what will be locked, what is missing, and one button."""

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from visitapp.ui.sign.presenter import SignPage, missing_count_words
from visitapp.ui.widgets.buttons import Button, PrimaryButton
from visitapp.ui.widgets.chip import Chip
from visitapp.ui.widgets.rows import RowButton
from visitapp.ui.widgets.screen import Screen
from visitapp.ui.widgets.surfaces import Card, Flow, Page, clear, row
from visitapp.ui.widgets.text import Text, muted, strong, title


class SignButton(PrimaryButton):
    """The lock itself: a key that is held down, or was held when the screen came up, does not press it."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take a key only when it was pressed for this."""
        if not event.isAutoRepeat():
            super().keyPressEvent(event)


class SignScreen(Screen):
    """The last look before the lock."""

    title = "Sign"
    rail = "visits"
    help_page = "signing-and-corrections"

    opened = Signal(str)
    signed = Signal(str)
    missing_chosen = Signal(object)
    back_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        # A signal holds a bound method weakly: the screen keeps its presenter alive.
        self.presenter: object = None
        self._page = Page(widest=820)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self._page)
        self._heading = title("")
        self._summary = muted("")
        self._page.body.addWidget(self._heading)
        self._page.body.addWidget(self._summary)
        self._missing = Card(tone="attention")
        self._locked = Card("What will be locked")
        self._page.body.addWidget(self._missing)
        self._page.body.addWidget(self._locked)
        self._locked_list = QVBoxLayout()
        self._locked.body.addLayout(self._locked_list)
        self._late = Card(tone="attention")
        self._late_words = Text("")
        self._reason = QLineEdit()
        self._reason.setAccessibleName("Why is this signed late?")
        self._reason.setPlaceholderText("Why is this signed late?")
        self._reason.returnPressed.connect(self._focus_sign)
        self._reason_needed = Text("Please give the reason in one sentence.", "small", "danger")
        for part in (self._late_words, self._reason, self._reason_needed):
            self._late.body.addWidget(part)
        self._page.body.addWidget(self._late)
        self._readers = muted("")
        self._page.body.addWidget(self._readers)
        self._back = Button("Back to the visit", "back")
        self._back.clicked.connect(self.back_wanted)
        self._sign = SignButton("Sign and lock")
        self._sign.clicked.connect(lambda: self.signed.emit(self._reason.text()))
        self._page.body.addLayout(row(self._back, None, self._sign))
        self._page.body.addStretch(1)
        for card in (self._missing, self._late, self._reason_needed):
            card.hide()

    def open(self, argument: str = "") -> None:
        """Show the draft named by its id."""
        self._reason.clear()
        self._reason_needed.hide()
        self._sign.setEnabled(False)
        self.opened.emit(argument)

    def show_page(self, page: SignPage) -> None:
        """Show what would be locked and what is missing; the focus goes to what is to be done."""
        self._heading.setText(f"Sign: {page.heading}")
        self._summary.setText(page.summary)
        self._show_missing(page)
        self._show_locked(page)
        self._late.setVisible(bool(page.late))
        self._late_words.setText(page.late)
        self._readers.setText(
            f"{page.readers} will be able to read it. After signing nothing in it can be changed: you can add to it, correct it "
            "with a reason, or mark it as entered in error. It prints as professional copies, one about each person, and as a "
            "family copy. Signing alerts nobody."
        )
        self._sign.setEnabled(page.can_sign)
        # After the layout has settled, and never the sign button by a key that is still held down.
        QTimer.singleShot(0, self, lambda: self._focus(page))

    def show_working(self, working: bool) -> None:
        """Signing is under way: the button rests."""
        self._sign.setEnabled(not working)
        self._sign.setText("Signing…" if working else "Sign and lock")

    def show_reason_needed(self) -> None:
        """A late entry needs its reason."""
        self._reason_needed.show()
        self._reason.setFocus()

    def _focus_sign(self) -> None:
        self._sign.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _focus(self, page: SignPage) -> None:
        if page.missing:
            first = self._missing.findChild(RowButton)
            if first is not None:
                first.setFocus(Qt.FocusReason.ShortcutFocusReason)
        elif page.late:
            self._reason.setFocus(Qt.FocusReason.ShortcutFocusReason)
        else:
            self._sign.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _show_missing(self, page: SignPage) -> None:
        clear(self._missing.body)
        self._missing.setVisible(bool(page.missing))
        self._missing.body.addWidget(strong(f"{missing_count_words(page)}. Choose one to go to it."))
        for line in page.missing:
            link = RowButton(line.words, line.step, icon="next")
            link.clicked.connect(lambda _on=False, chosen=line: self.missing_chosen.emit(chosen))
            self._missing.body.addWidget(link)

    def _show_locked(self, page: SignPage) -> None:
        clear(self._locked_list)
        if not page.locked:
            self._locked_list.addWidget(muted("Nothing has been written yet."))
        for part in page.locked:
            words = " · ".join(text for text in (part.title, part.subject) if text)
            line = row(Text(words), gap=12)
            line.setStretch(0, 1)
            if part.restricted:
                line.addWidget(Chip("restricted", "attention", "restricted"))
            self._locked_list.addLayout(line)
        if page.flags:
            flags = QWidget()
            flow = Flow(flags)
            for words in page.flags:
                flow.addWidget(Chip(words, "attention", "flag"))
            self._locked_list.addWidget(muted("Your supervisor will see first:"))
            self._locked_list.addWidget(flags)
