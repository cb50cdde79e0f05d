"""Rows that are not answered: headings of groups, paragraphs to read, and kinds of answer this laptop cannot take."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from visitapp.forms.filling import Row
from visitapp.ui.checklist.labels import value_label
from visitapp.ui.checklist.questions.face import category_words
from visitapp.ui.checklist.questions.question import Question, indent
from visitapp.ui.fonts import TextRole, font
from visitapp.ui.widgets.buttons import QuietButton


class GroupHeading(Question):
    """The heading of a group; a repeating group can be added to and taken away."""

    added = Signal(str)
    removed = Signal(str)
    folded = Signal()
    """The button that folds the group away, or opens it again, was pressed."""

    def _build(self) -> None:
        self._words.setFont(font(TextRole.HEADING if self._row.depth == 0 else TextRole.STRONG))
        line = QHBoxLayout()
        line.setSpacing(8)
        self._remove = QPushButton("Take this one away", self)
        self._remove.clicked.connect(lambda: self.removed.emit(self.place))
        line.addWidget(self._remove)
        self._fold: QuietButton | None = None
        if self._row.item.collapsible:
            self._fold = QuietButton("", parent=self)
            self._fold.clicked.connect(lambda _on=False: self.folded.emit())
            line.insertWidget(0, self._fold)
            self.show_open(True)
        line.addStretch(1)
        self._column.addLayout(line)

    def show_row(self, row: Row) -> None:
        """Show the heading with what can be done to it."""
        super().show_row(row)
        self._remove.setVisible(row.can_remove)
        self._remove.setAccessibleName(f"Take away: {row.text}")
        self._help.setVisible(bool(row.hint))

    def show_open(self, is_open: bool) -> None:
        """Show whether what is below stands there or is folded away."""
        if self._fold is not None:
            what = "Hide this part" if is_open else "Show this part"
            self._fold.setText(what)
            self._fold.setAccessibleName(f"{what}: {self._row.text}")

    @property
    def stops(self) -> list[QWidget]:
        """Where the Tab key stops: the buttons that stand there."""
        return [button for button in (self._fold, self._remove) if button is not None and not button.isHidden()]

    @property
    def is_askable(self) -> bool:
        """A heading is read, not answered."""
        return False


class AddAnother(QWidget):
    """The button after the last of a repeating group."""

    pressed = Signal(str)

    def __init__(self, place: str, words: str, depth: int = 0, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        line = QHBoxLayout(self)
        indent(line, depth)
        self.button = QPushButton(f"Add another: {words}" if words else "Add another", self)
        self.button.setAccessibleName(self.button.text())
        self.button.clicked.connect(lambda: self.pressed.emit(place))
        line.addWidget(self.button)
        line.addStretch(1)


class Paragraph(Question):
    """Words to read; what they are there for stands above them where the form says it."""

    def show_row(self, row: Row) -> None:
        """Show the words, with the hint always open since nothing here can have the focus."""
        super().show_row(row)
        said = category_words(row)
        self._prompt.setText(said)
        self._prompt.setVisible(bool(said))
        if said and self._column.indexOf(self._prompt) > self._column.indexOf(self._words):
            self._column.insertWidget(0, self._prompt)
        self._help.setVisible(bool(row.hint))

    @property
    def is_askable(self) -> bool:
        """A paragraph is read, not answered."""
        return False


class NothingToChoose(Paragraph):
    """A question whose answers are on a list that this laptop does not have; it says so and shows the answer it holds."""

    def show_row(self, row: Row) -> None:
        """Show the question, what it holds, and why there is nothing to choose."""
        super().show_row(row)
        held = ", ".join(value_label(value) for value in row.values)
        words = "The answers to choose from are on a list that is not on this laptop, so nothing can be chosen here."
        self._help.setText("\n".join(part for part in (held, words, row.hint) if part))
        self._help.show()
        self._words.setFont(QFont(font(TextRole.BODY)))


class Unanswerable(Paragraph):
    """A question of a kind this laptop cannot take an answer to; it says so and shows the answer it holds."""

    def show_row(self, row: Row) -> None:
        """Show the question, what it holds, and why it cannot be answered here."""
        super().show_row(row)
        held = ", ".join(value_label(value) for value in row.values)
        kind = row.item.type
        self._help.setText(f"{held}\n" * bool(held) + f"Answers of the kind “{kind}” cannot be given on this laptop yet.")
        self._help.show()
        self._words.setTextInteractionFlags(Qt.TextInteractionFlag.NoTextInteraction)
        self._words.setFont(QFont(font(TextRole.BODY)))
