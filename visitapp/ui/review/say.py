"""The card in which a supervisor writes: a comment on what is chosen, or the question a note is returned with."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from visitapp.domain.problems import Problem
from visitapp.ui.checklist.questions.text import GrowingText
from visitapp.ui.sign.document import DocLine
from visitapp.ui.widgets.buttons import Button, PrimaryButton
from visitapp.ui.widgets.surfaces import Card, row
from visitapp.ui.widgets.text import Text, muted, strong
from visitapp.ui.wording import sentence_for


class SayCard(Card):
    """Ctrl+Enter says it, Escape puts the card away."""

    commented = Signal(str, object, str)
    returned = Signal(str)
    appeared = Signal()
    """The card came into view or went away: there may have to be room for it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tone="accent", parent=parent)
        self._line: DocLine | None = None
        self._quote = ""
        self._returning = False
        self._title = strong("")
        self._about = muted("")
        self._text = GrowingText(3)
        self._wrong = Text("", "small", "danger")
        self._do = PrimaryButton("Comment")
        self._do.setToolTip("Ctrl+Enter")
        self._do.clicked.connect(self._finish)
        cancel = Button("Not now")
        cancel.clicked.connect(self.put_away)
        for part in (self._title, self._about, self._text, self._wrong):
            self.body.addWidget(part)
        self.body.addLayout(row(self._do, cancel, None))
        self.hide()

    def ask_comment(self, line: DocLine | None, quote: str) -> None:
        """Ask for a comment on a line, on words of it, or on the whole note."""
        self._line, self._quote, self._returning = line, quote, False
        about = f"About “{quote}”" if quote else f"About: {line.text}" if line is not None else "About the whole note"
        self._ask("Comment", about, "Your comment", "Comment")

    def ask_return(self) -> None:
        """Ask for the question that the note is returned with."""
        self._returning = True
        about = "The note stays as it was signed; its author answers by adding to it."
        self._ask("Return with a question", about, "Your question", "Return")

    def put_away(self) -> None:
        """Put the card away."""
        self._text.clear()
        self.hide()
        self.appeared.emit()

    def show_refused(self, problem: Problem) -> None:
        """Say what is missing."""
        self._wrong.setText(sentence_for(problem))
        self._wrong.show()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape puts the card away; Ctrl+Enter is its button."""
        if event.key() == Qt.Key.Key_Escape:
            self.put_away()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self._finish()
        else:
            super().keyPressEvent(event)

    def _ask(self, title: str, about: str, field: str, do: str) -> None:
        self._title.setText(title)
        self._about.setText(about)
        self._text.setPlaceholderText(field)
        self._text.setAccessibleName(field)
        self._do.setText(do)
        self._do.setAccessibleName(do)
        self._wrong.hide()
        self.show()
        self.appeared.emit()
        self._text.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _finish(self) -> None:
        text = self._text.toPlainText()
        if self._returning:
            self.returned.emit(text)
        else:
            self.commented.emit(text, self._line, self._quote)
