"""The screen of a signed visit: the document, and beside it what was added and said."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QBoxLayout, QVBoxLayout, QWidget

from visitapp.domain.problems import Problem
from visitapp.ui.sign.amend import AmendCard
from visitapp.ui.sign.document import DocumentPage
from visitapp.ui.sign.document_view import DocumentView, LineBox, ThreadView, scroll_to
from visitapp.ui.widgets.buttons import Button, PrimaryButton, QuietButton
from visitapp.ui.widgets.screen import Screen
from visitapp.ui.widgets.surfaces import Card, Flow, Page, row
from visitapp.ui.widgets.text import heading, muted, strong


class NoteScreen(Screen):
    """A signed visit to read, print and add to."""

    title = "Visit"
    rail = "visits"
    help_page = "signing-and-corrections"

    opened = Signal(str)
    left = Signal()
    print_wanted = Signal(str)
    family_wanted = Signal()
    added = Signal(str, object)
    corrected = Signal(object, str, str)
    struck = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        # A signal holds a bound method weakly: the screen keeps its presenter alive.
        self.presenter: object = None
        self._can_add = False
        self._fresh = False
        self._page = Page(widest=1240)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self._page)
        self._document = DocumentView()
        self._document.line_entered.connect(self._entered)
        self._document.line_chosen.connect(lambda _line, _marked: self._correct())
        self._side = self._make_side()
        self._columns = QBoxLayout(QBoxLayout.Direction.RightToLeft)
        self._columns.setSpacing(16)
        self._columns.addWidget(_top(self._side), 3)
        self._columns.addWidget(_top(self._document), 5)
        self._page.body.addLayout(self._columns)
        self._page.body.addStretch(1)
        shortcut = QShortcut(QKeySequence("Ctrl+P"), self)
        shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        shortcut.activated.connect(lambda: self.print_wanted.emit(""))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """In a narrow window what can be done stands above the document, not far below it."""
        super().resizeEvent(event)
        narrow = self.width() < 44 * self.fontMetrics().height()
        self._columns.setDirection(QBoxLayout.Direction.TopToBottom if narrow else QBoxLayout.Direction.RightToLeft)

    def open(self, argument: str = "") -> None:
        """Show the signed visit named by its id."""
        self._amend.put_away()
        self._fresh = True
        self.opened.emit(argument)

    def leave(self) -> None:
        """Let go of the note."""
        self.left.emit()

    def show_just_signed(self, words: str) -> None:
        """Say that it was signed just now."""
        self._signed_words.setText(words)
        self._signed_card.setVisible(bool(words))

    def show_document(self, page: DocumentPage, *, can_add: bool, can_strike: bool) -> None:
        """Show the visit as it was signed, with what has been added since."""
        self._can_add = can_add
        self._document.show_document(page)
        self._thread.show_thread(
            page.thread, can_answer=can_add, nothing="Additions, corrections and your supervisor's comments will stand here."
        )
        self._add.setVisible(can_add)
        self._correct_button.setVisible(can_add)
        self._strike.setVisible(can_strike)
        if self._fresh:
            self._fresh = False
            self._family_copy.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def show_added(self) -> None:
        """It was added: the card is put away, the note is shown anew by what changed."""
        self._amend.put_away()

    def show_refused(self, problem: Problem) -> None:
        """It was not added."""
        self._amend.show_refused(problem)

    def _make_side(self) -> QWidget:
        side = QWidget()
        column = QVBoxLayout(side)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(16)
        self._signed_card = Card(tone="success")
        self._signed_words = strong("")
        self._signed_card.body.addWidget(self._signed_words)
        self._signed_card.hide()
        column.addWidget(self._signed_card)
        self._family_copy = PrimaryButton("Family copy…", "print")
        self._family_copy.clicked.connect(lambda: self.print_wanted.emit("family"))
        self._print = Button("Professional copy…", "print")
        self._print.clicked.connect(lambda: self.print_wanted.emit("professional"))
        column.addLayout(_flow(self._family_copy, self._print))
        self._add = Button("Add to it", "add")
        self._add.clicked.connect(self._ask_addendum)
        self._correct_button = Button("Correct an answer", "edit")
        self._correct_button.clicked.connect(self._correct)
        column.addLayout(_flow(self._add, self._correct_button))
        self._hint = muted("Choose the answer first: click it, or go to it with the arrow keys.")
        self._hint.hide()
        column.addWidget(self._hint)
        self._amend = AmendCard()
        self._amend.added.connect(self.added)
        self._amend.corrected.connect(self.corrected)
        self._amend.struck.connect(self.struck)
        column.addWidget(self._amend)
        column.addWidget(heading("Added and said"))
        self._thread = ThreadView()
        self._thread.answer_wanted.connect(self._amend.ask_addendum)
        column.addWidget(self._thread)
        family = QuietButton("Back to the family", "back")
        family.clicked.connect(self.family_wanted)
        self._strike = QuietButton("Entered in error…")
        self._strike.clicked.connect(self._amend.ask_strike)
        column.addLayout(row(family, None, self._strike))
        return side

    def _entered(self, box: LineBox) -> None:
        scroll_to(self._page, box)

    def _ask_addendum(self) -> None:
        self._amend.ask_addendum()

    def _correct(self) -> None:
        box = self._document.current
        if not self._can_add:
            return
        chosen = box is not None and box.line.is_question
        self._hint.setVisible(not chosen)
        if box is not None and chosen:
            self._amend.ask_correction(box.line)
        else:
            self._document.focus_line()


def _flow(*buttons: QWidget) -> Flow:
    flow = Flow()
    for button in buttons:
        flow.addWidget(button)
    return flow


def _top(widget: QWidget) -> QWidget:
    """Keep a widget at the top of the room it is given."""
    holder = QWidget()
    column = QVBoxLayout(holder)
    column.setContentsMargins(0, 0, 0, 0)
    column.addWidget(widget)
    column.addStretch(1)
    return holder
