"""The review screen: the queue, or a note in the middle with the visit before it left and the thread right."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from visitapp.domain.problems import Problem
from visitapp.ui.review.presenter import QueueLine
from visitapp.ui.review.say import SayCard
from visitapp.ui.sign.document import DocumentPage
from visitapp.ui.sign.document_view import DocumentView, ThreadView, scroll_to
from visitapp.ui.widgets.buttons import Button, PrimaryButton, QuietButton
from visitapp.ui.widgets.rows import Mark, RowButton
from visitapp.ui.widgets.screen import Screen
from visitapp.ui.widgets.surfaces import EmptyState, Flow, Hairline, Page, clear, row
from visitapp.ui.widgets.text import heading, muted, title

_WIDE = 1080
_NARROW = 760


class ReviewScreen(Screen):
    """A supervisor's queue and the note she reads."""

    title = "Review"
    rail = "review"
    help_page = "review"

    opened = Signal(str)
    left = Signal()
    note_chosen = Signal(str)
    queue_wanted = Signal()
    family_wanted = Signal()
    commented = Signal(str, object, str)
    returned = Signal(str)
    seen = Signal()
    countersigned = Signal()
    next_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        # A signal holds a bound method weakly: the screen keeps its presenter alive.
        self.presenter: object = None
        self._shown = ""
        self._previous_chosen: bool | None = None
        self._has_previous = False
        self._stack = QStackedWidget()
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self._stack)
        self._queue_page = Page(widest=980)
        self._queue_title = title("Notes to review")
        self._queue_lead = muted("")
        self._queue = QVBoxLayout()
        self._queue.setSpacing(8)
        self._queue_page.body.addWidget(self._queue_title)
        self._queue_page.body.addWidget(self._queue_lead)
        self._queue_page.body.addLayout(self._queue)
        self._queue_page.body.addStretch(1)
        self._stack.addWidget(self._queue_page)
        self._note_page = self._make_note_page()
        self._stack.addWidget(self._note_page)
        self._shortcuts()

    def open(self, argument: str = "") -> None:
        """Show the queue, or the note named by its id."""
        self._say.put_away()
        self.opened.emit(argument)

    def leave(self) -> None:
        """Stop following changes."""
        self.left.emit()

    def show_queue(self, lines: Sequence[QueueLine]) -> None:
        """Show what waits: flags first, then the oldest."""
        self._shown = ""
        clear(self._queue)
        self._queue_lead.setText("Flagged notes first, then the oldest. Enter opens a note." if lines else "")
        for line in lines:
            button = RowButton(
                line.title, line.detail, lead=line.waiting, icon="note", marks=[Mark(*mark) for mark in line.marks]
            )
            button.clicked.connect(lambda _on=False, visit=line.visit: self.note_chosen.emit(visit))
            self._queue.addWidget(button)
        if not lines:
            self._queue.addWidget(
                EmptyState("Nothing waits for you", "Notes come here when they have been signed and synced.", icon="done")
            )
        self._stack.setCurrentWidget(self._queue_page)
        first = self._queue_page.findChild(RowButton)
        if first is not None:
            first.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def show_note(self, note: DocumentPage, previous: DocumentPage | None, waiting: str) -> None:
        """Show a note, the visit before it, and what was said."""
        anew = note.visit != self._shown
        self._shown = note.visit
        self._waiting.setText(waiting)
        self._note.show_document(note)
        self._thread.show_thread(
            note.thread, can_answer=False, nothing="What you say of this note, and what its author adds, will stand here."
        )
        self._has_previous = previous is not None
        if previous is not None:
            self._previous.show_document(previous, short=True)
        self._stack.setCurrentWidget(self._note_page)
        self._arrange()
        if anew:
            self._say.put_away()
            self._centre.verticalScrollBar().setValue(0)
            QTimer.singleShot(0, self, self._note.focus_line)

    def show_said(self) -> None:
        """It was said: the card is put away."""
        self._say.put_away()
        self._note.focus_line()

    def show_refused(self, problem: Problem) -> None:
        """It was not taken."""
        if self._say.isVisible():
            self._say.show_refused(problem)
        else:
            self._say.ask_comment(None, "")
            self._say.show_refused(problem)

    # Inside

    def _make_note_page(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._make_bar())
        column.addWidget(Hairline())
        self._previous = DocumentView()
        self._left = Page()
        self._left.setAccessibleName("The visit before this one")
        self._left.body.addWidget(heading("The visit before"))
        self._left.body.addWidget(self._previous)
        self._left.body.addStretch(1)
        self._note = DocumentView()
        self._centre = Page(widest=820)
        self._note.line_entered.connect(lambda box: scroll_to(self._centre, box))
        self._centre.setAccessibleName("The note")
        self._centre.body.addWidget(self._note)
        self._centre.body.addStretch(1)
        self._say = SayCard()
        self._note.line_chosen.connect(self._say.ask_comment)
        self._say.commented.connect(self.commented)
        self._say.returned.connect(self.returned)
        self._say.appeared.connect(self._arrange)
        self._thread = ThreadView()
        self._right = Page()
        self._right.setAccessibleName("What was said")
        self._thread_part = QWidget()
        said = QVBoxLayout(self._thread_part)
        said.setContentsMargins(0, 0, 0, 0)
        said.addWidget(heading("Added and said"))
        said.addWidget(self._thread)
        self._right.body.addWidget(self._say)
        self._right.body.addWidget(self._thread_part)
        family = QuietButton("Open the family")
        family.clicked.connect(self.family_wanted)
        self._right.body.addLayout(row(family, None))
        self._right.body.addStretch(1)
        across = QHBoxLayout()
        across.setSpacing(0)
        across.addWidget(self._left, 4)
        across.addWidget(self._centre, 6)
        across.addWidget(self._right, 4)
        column.addLayout(across, 1)
        return page

    def _make_bar(self) -> QWidget:
        bar = QWidget()
        around = QVBoxLayout(bar)
        around.setContentsMargins(16, 8, 16, 8)
        flow = Flow()
        around.addLayout(flow)
        back = QuietButton("Queue", "back")
        back.clicked.connect(self.queue_wanted)
        self._waiting = muted("", wraps=False)
        self._waiting.setMinimumHeight(36)
        self._before = Button("Visit before")
        self._before.setCheckable(True)
        self._before.clicked.connect(self._choose_previous)
        comment = Button("Comment (C)", "chat")
        comment.clicked.connect(self._comment_on_current)
        give_back = Button("Return (R)", "returned")
        give_back.setToolTip("Return the note to its author with a question")
        give_back.setAccessibleName("Return with a question")
        give_back.clicked.connect(self._ask_return)
        countersign = Button("Countersign (⇧K)")
        countersign.setToolTip("Shift+K")
        countersign.setAccessibleName("Countersign")
        countersign.clicked.connect(self.countersigned)
        seen = PrimaryButton("Seen (S)", "seen")
        seen.clicked.connect(self.seen)
        following = QuietButton("Next (N)", "next")
        following.clicked.connect(self.next_wanted)
        for part in (back, self._waiting, self._before, comment, give_back, countersign, seen, following):
            flow.addWidget(part)
        return bar

    def _shortcuts(self) -> None:
        for keys, call in (
            ("S", self.seen.emit), ("R", self._ask_return), ("C", self._comment_on_current),
            ("Shift+K", self.countersigned.emit), ("N", self.next_wanted.emit), ("Backspace", self.queue_wanted.emit),
        ):  # fmt: skip
            self._shortcut(keys, call)

    def _shortcut(self, keys: str, call: Callable[[], object]) -> None:
        shortcut = QShortcut(QKeySequence(keys), self._note_page)
        shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        # A key held down must not decide on the next note too.
        shortcut.setAutoRepeat(False)
        shortcut.activated.connect(call)

    def _comment_on_current(self) -> None:
        box = self._note.current
        if box is not None and box.hasFocus():
            self._say.ask_comment(box.line, box.marked)
        else:
            self._say.ask_comment(None, "")

    def _ask_return(self) -> None:
        self._say.ask_return()

    def _choose_previous(self, on: bool) -> None:
        self._previous_chosen = on
        self._arrange()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fold the visit before away where there is no room for three columns."""
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        wide = self.width() >= _WIDE
        wanted = self._previous_chosen if self._previous_chosen is not None else wide
        shown = wanted and self._has_previous
        self._before.setEnabled(self._has_previous)
        self._before.setChecked(shown)
        self._left.setVisible(shown)
        if self.width() >= _NARROW:
            self._right.body.insertWidget(1, self._thread_part)
            self._right.setVisible(wide or not shown)
            self._centre.setVisible(True)
            return
        # One thing at a time: the visit before, or what she is writing, or the note with its thread below.
        writing = not self._say.isHidden()
        self._centre.body.insertWidget(1, self._thread_part)
        self._right.setVisible(writing)
        self._left.setVisible(shown and not writing)
        self._centre.setVisible(not writing and not shown)
