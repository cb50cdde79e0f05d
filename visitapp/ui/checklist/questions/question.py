"""What every question on a page has in common: words above, control below, help and problems under it."""

import html
from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QLabel, QLayout, QLineEdit, QPlainTextEdit, QVBoxLayout, QWidget

from visitapp.forms.filling import Row
from visitapp.ui.checklist.questions.face import ReadMore, rich_words
from visitapp.ui.checklist.wording import problem_text

LINE_WIDTH = 680
"""Text stays readable up to about 75 characters a line."""
LONGEST = 8_000
"""A form from elsewhere may hold a megabyte in one line, and Qt would lay it out for a minute."""


class Question(QWidget):
    """One row of a checklist: shows it and says what was answered; it keeps no answer of its own."""

    answered = Signal(str, object)
    """Place and the tuple of values now given."""
    left = Signal(str)
    """The question lost the focus: a good moment to save."""
    finished = Signal(str)
    """Nothing more to say here: the next question may have the focus."""
    entered = Signal(str)
    """The question gained the focus."""

    def __init__(self, row: Row, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.place = row.place
        self._row = row
        self._column = QVBoxLayout(self)
        indent(self._column, row.depth)
        self._column.setSpacing(4)
        self._words = _label("", self)
        self._help = _label("muted", self)
        self._problem = _label("attention", self)
        self._problem.hide()
        self._prompt = _label("muted", self)
        self._legal = _label("muted", self)
        self._address = _label("muted", self)
        self._words.linkActivated.connect(self._show_address)
        self._column.addWidget(self._words)
        self._column.addWidget(self._prompt)
        self._column.addWidget(self._address)
        self._inputs: list[QWidget] = []
        self._is_bare = False
        self._build()
        self._column.addWidget(self._legal)
        self._more = ReadMore(row.item.support_links, row.text, self) if row.item.support_links else None
        if self._more is not None:
            self._column.addWidget(self._more)
        self._column.addWidget(self._help)
        self._column.addWidget(self._problem)
        self._help.hide()
        self._address.hide()
        self.show_row(row)

    def _build(self) -> None:
        """Make the control; called once, before the first row is shown."""

    def _show_values(self, row: Row) -> None:
        """Show the row's values in the control without telling anybody."""

    def show_row(self, row: Row) -> None:
        """Show the question as it stands now."""
        self._row = row
        words = shortened(" ".join(part for part in (row.prefix, row.text) if part))
        self._show_words(row, words)
        self._help.setText(shortened(row.hint or ""))
        prompt, legal = (row.item.beside_in(control, row.language) for control in ("prompt", "legal"))
        for label, said in ((self._prompt, prompt), (self._legal, legal)):
            label.setText(said)
            label.setVisible(bool(said))
        texts = [text for text in (problem_text(fact) for fact in self._told(row)) if text]
        self._show_problem("\n".join(texts))
        for field in self._inputs:
            field.setEnabled(not row.read_only)
            field.setAccessibleName(words)
            field.setAccessibleDescription(" ".join(part for part in (prompt, row.hint) if part))
        self._show_values(row)

    def _show_words(self, row: Row, words: str) -> None:
        needed = "  (needed)" if row.required and words and not row.values else ""
        rich = rich_words(row)
        self._words.setTextFormat(Qt.TextFormat.PlainText if rich is None else Qt.TextFormat.RichText)
        self._words.setText(words + needed if rich is None else rich + html.escape(needed))
        self._words.setVisible(bool(words or rich) and not self._is_bare)
        if rich is not None and "<a " in rich:
            flags = Qt.TextInteractionFlag.LinksAccessibleByMouse | Qt.TextInteractionFlag.LinksAccessibleByKeyboard
            self._words.setTextInteractionFlags(flags)

    def show_without_words(self, is_bare: bool) -> None:
        """Leave out the words, which stand at the head of the table; they are still read out."""
        if is_bare is not self._is_bare:
            self._is_bare = is_bare
            self._words.setVisible(bool(self._words.text()) and not is_bare)

    def _show_address(self, address: str) -> None:
        """Say where a link leads; opening it would tell the site who reads what."""
        self._address.setText(address)
        self._address.show()

    def take_focus(self) -> bool:
        """Put the focus into the control; False when there is nothing to put it into."""
        for field in self._inputs:
            if field.isEnabled() and field.focusPolicy() != Qt.FocusPolicy.NoFocus:
                field.setFocus(Qt.FocusReason.ShortcutFocusReason)
                return True
        return False

    @property
    def stops(self) -> list[QWidget]:
        """Where the Tab key stops, in the order of reading."""
        return [*self._inputs, *([self._more.button] if self._more is not None else [])]

    @property
    def row(self) -> Row:
        """The row as it was shown last."""
        return self._row

    @property
    def is_answered(self) -> bool:
        """Whether the row shown has a value."""
        return bool(self._row.values)

    @property
    def is_askable(self) -> bool:
        """Whether the row shown can be answered by the nurse."""
        return bool(self._inputs) and not self._row.read_only

    def _told(self, row: Row) -> Sequence[Any]:
        """The problems worth telling now: an empty required answer is counted at the step, not nagged about here."""
        return [fact for fact in row.problems if fact.rule != "required"]

    def _clear(self) -> None:
        self._say()

    def _say(self, *values: object) -> None:
        self.answered.emit(self.place, tuple(values))

    def _show_problem(self, text: str) -> None:
        words = f"▲ {text}" if text else ""
        if words != self._problem.text():
            self._problem.setText(words)
            self._problem.setVisible(bool(text))

    def _input(self, field: QWidget) -> None:
        """Watch a field for focus and Enter, and give it the question's names."""
        self._inputs.append(field)
        if isinstance(field, QLineEdit | QPlainTextEdit):
            field.setMaximumWidth(min(field.maximumWidth(), LINE_WIDTH))
        field.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Show the hint while a field has the focus; tell when it is left; Enter moves on."""
        if event.type() == QEvent.Type.FocusIn:
            self._help.setVisible(bool(self._help.text()))
            self.entered.emit(self.place)
        elif event.type() == QEvent.Type.FocusOut:
            if not self._holds_focus():
                self._help.hide()
            self.left.emit(self.place)
        elif event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent) and self._key(event):
            return True
        return super().eventFilter(watched, event)

    def _key(self, event: QKeyEvent) -> bool:
        """Handle a key of a field; True when it needs no further handling."""
        return False

    def _holds_focus(self) -> bool:
        focus = QApplication.focusWidget()
        return focus is not None and self.isAncestorOf(focus)


def indent(layout: QLayout, depth: int) -> None:
    """Set a layout in by its depth, on the side where reading begins."""
    is_left = _reads_from_left()
    by = 16 * max(0, depth)
    layout.setContentsMargins(by if is_left else 0, 0, 0 if is_left else by, 0)


def _reads_from_left() -> bool:
    return QApplication.layoutDirection() == Qt.LayoutDirection.LeftToRight


def shortened(words: str) -> str:
    """The words as far as they can be laid out in a moment; what is cut is said to be."""
    return words if len(words) <= LONGEST else f"{words[:LONGEST]}… (cut here; there are {len(words):,} characters)"


def is_plain_enter(event: QKeyEvent) -> bool:
    """Whether the key is Enter or Return without a modifier (the keypad's Enter included)."""
    return event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and event.modifiers() in (
        Qt.KeyboardModifier.NoModifier,
        Qt.KeyboardModifier.KeypadModifier,
    )


def _label(tone: str, parent: QWidget) -> QLabel:
    label = QLabel(parent)
    label.setWordWrap(True)
    label.setProperty("tone", tone)
    label.setTextFormat(Qt.TextFormat.PlainText)
    # Words in Arabic stand above their field at the left, as all do; within themselves they run from right to left.
    side = Qt.AlignmentFlag.AlignLeft if _reads_from_left() else Qt.AlignmentFlag.AlignRight
    label.setAlignment(side | Qt.AlignmentFlag.AlignAbsolute | Qt.AlignmentFlag.AlignVCenter)
    return label
