"""The cards to add to a signed visit: an addendum or answer, a correction with old, new and reason, a strike with its reason."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QPlainTextEdit, QWidget

from visitapp.domain.problems import Problem
from visitapp.ui.checklist.questions.text import GrowingText
from visitapp.ui.sign.document import DocLine, Remark
from visitapp.ui.widgets.buttons import Button, DangerButton, PrimaryButton
from visitapp.ui.widgets.surfaces import Card, row
from visitapp.ui.widgets.text import Text, muted, strong
from visitapp.ui.wording import sentence_for


class AmendCard(Card):
    """One card that asks for what is to be added; Ctrl+Enter is its button, Escape puts it away."""

    added = Signal(str, object)
    corrected = Signal(object, str, str)
    struck = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tone="accent", parent=parent)
        self._line: DocLine | None = None
        self._answers: Remark | None = None
        self._how = ""
        self._title = strong("")
        self._old = muted("")
        self._text = GrowingText(3)
        self._reason = QLineEdit()
        self._wrong = Text("", "small", "danger")
        self._do = PrimaryButton("Add")
        self._strike = DangerButton("Mark as entered in error")
        self._cancel = Button("Not now")
        for part in (self._title, self._old, self._text, self._reason, self._wrong):
            self.body.addWidget(part)
        self.body.addLayout(row(self._do, self._strike, self._cancel, None))
        self._do.clicked.connect(self._finish)
        self._strike.clicked.connect(self._finish)
        self._cancel.clicked.connect(self.put_away)
        self.hide()

    def ask_addendum(self, answers: Remark | None = None) -> None:
        """Ask for words to add, or for an answer to a remark."""
        self._answers = answers
        title = f"Your answer to {answers.who}" if answers else "Add to this note"
        old = answers.text if answers else "It is added under your name with today's date; the note itself stays as it was signed."
        self._ask("add", title, old, "What do you want to add?", "", "Add")

    def ask_correction(self, line: DocLine) -> None:
        """Ask for the right answer and the reason."""
        self._line = line
        old = f"Was: {line.value or 'not answered'}"
        self._ask("correct", f"Correct: {line.text}", old, "What is right?", "Why is it corrected?", "Correct")

    def ask_strike(self) -> None:
        """Ask why the whole note is marked as entered in error."""
        words = "The note stays readable, struck through, for those who may see it. It cannot be undone."
        self._ask("strike", "Mark the whole note as entered in error", words, "Why?", "", "")

    def put_away(self) -> None:
        """Put the card away; what was typed in it is let go."""
        self._text.clear()
        self._reason.clear()
        self.hide()

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

    def _ask(self, how: str, title: str, old: str, what: str, reason: str, do: str) -> None:
        self._how = how
        self._title.setText(title)
        self._old.setText(old)
        _name(self._text, what)
        self._reason.setVisible(bool(reason))
        self._reason.setAccessibleName(reason)
        self._reason.setPlaceholderText(reason)
        self._wrong.hide()
        self._do.setText(do)
        self._do.setAccessibleName(do)
        self._do.setVisible(bool(do))
        self._strike.setVisible(how == "strike")
        self.show()
        self._text.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _finish(self) -> None:
        text = self._text.toPlainText()
        if self._how == "add":
            self.added.emit(text, self._answers)
        elif self._how == "correct" and self._line is not None:
            self.corrected.emit(self._line, text, self._reason.text())
        elif self._how == "strike":
            self.struck.emit(text)


def _name(field: QPlainTextEdit, words: str) -> None:
    field.setPlaceholderText(words)
    field.setAccessibleName(words)
