"""Questions answered in words: one line, several lines, a web address."""

from typing import Any

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLabel, QLineEdit, QPlainTextEdit, QWidget

from visitapp.forms.filling import Row
from visitapp.ui.checklist.questions.question import Question, is_plain_enter


class GrowingText(QPlainTextEdit):
    """A field for several lines that grows with what is written, so that the page scrolls and not the field."""

    def __init__(self, lines: int = 3, most: int = 14, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lines = lines
        self._most = most
        self.setTabChangesFocus(True)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.document().documentLayout().documentSizeChanged.connect(lambda _size: self._fit())
        self._fit()

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), self.minimumHeight())

    def _fit(self) -> None:
        # A plain document counts its height in lines, not pixels.
        lines = min(self._most, max(self._lines, int(self.document().size().height())))
        margins = self.contentsMargins()
        inner = lines * self.fontMetrics().lineSpacing() + 2 * int(self.document().documentMargin())
        height = inner + margins.top() + margins.bottom() + 4
        if height != self.minimumHeight():
            self.setFixedHeight(height)


class LineQuestion(Question):
    """One line of words; Enter moves on."""

    def _build(self) -> None:
        self._field = QLineEdit(self)
        self._field.setMinimumHeight(32)
        self._field.setPlaceholderText(self._row.item.entry_format)
        if self._row.item.type == "url":
            # An address reads from left to right whatever the language around it.
            self._field.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
            self._field.setInputMethodHints(Qt.InputMethodHint.ImhUrlCharactersOnly)
            self._field.setPlaceholderText(self._row.item.entry_format or "https://…")
        longest = self._row.item.max_length
        if longest:
            self._field.setMaxLength(longest)
        self._field.textEdited.connect(lambda text: self._say(*([text] if text else [])))
        self._input(self._field)
        self._column.addWidget(self._field)

    def _show_values(self, row: Row) -> None:
        text = _text(row)
        # Setting the same text again would throw away undo and the cursor's place.
        if self._field.text() != text:
            self._field.setText(text)
        self._field.setReadOnly(row.read_only)

    def _key(self, event: QKeyEvent) -> bool:
        if is_plain_enter(event):
            self.finished.emit(self.place)
            return True
        return False


class TextQuestion(Question):
    """Several lines of words; Enter begins a new line, Ctrl+Z takes back."""

    def _build(self) -> None:
        self._field = GrowingText(parent=self)
        self._field.setPlaceholderText(self._row.item.entry_format)
        self._field.textChanged.connect(self._changed)
        self._input(self._field)
        self._column.addWidget(self._field)
        self._count = QLabel(self)
        self._count.setProperty("tone", "muted")
        self._column.addWidget(self._count)
        self._showing = False

    def _show_values(self, row: Row) -> None:
        text = _text(row)
        if self._field.toPlainText() != text:
            self._showing = True
            self._field.setPlainText(text)
            self._showing = False
        self._field.setReadOnly(row.read_only)
        self._show_count(text)

    def _changed(self) -> None:
        if not self._showing:
            text = self._field.toPlainText()
            self._show_count(text)
            self._say(*([text] if text.strip() else []))

    def _show_count(self, text: str) -> None:
        longest = self._row.item.max_length
        self._count.setVisible(longest is not None and len(text) > longest * 0.8)
        if longest is not None:
            left = longest - len(text)
            self._count.setText(f"{left} characters left" if left >= 0 else f"{-left} characters too many")


def _text(row: Row) -> str:
    value: Any = row.values[0] if row.values else ""
    return str(value)
