"""Fields to type in: a label above, a hint and what is wrong below, always in words."""

from collections.abc import Sequence
from datetime import date

from PySide6.QtCore import QEvent, Signal
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QComboBox, QLineEdit, QPlainTextEdit, QVBoxLayout, QWidget

from visitapp.ui.days import read_day, typed_day
from visitapp.ui.widgets.text import Text, muted, strong


class Field(QWidget):
    """A labelled field: `Field("Town", QLineEdit())`; the label is the control's accessible name."""

    def __init__(self, label: str, control: QWidget, hint: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.control = control
        control.setAccessibleName(label)
        if hint:
            control.setAccessibleDescription(hint)
        name = strong(label)
        name.setBuddy(control)
        self._hint = muted(hint)
        self._hint.setVisible(bool(hint))
        self._wrong = Text("", "small", "danger")
        self._wrong.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        for part in (name, self._hint, control, self._wrong):
            column.addWidget(part)

    def show_wrong(self, words: str) -> None:
        """Say what is wrong with the field; empty words say that nothing is."""
        self._wrong.setText(words)
        self._wrong.setVisible(bool(words))
        self.control.setProperty("wrong", "true" if words else "false")
        self.control.style().unpolish(self.control)
        self.control.style().polish(self.control)


class Line(QLineEdit):
    """A line of text."""

    def __init__(self, words: str = "", placeholder: str = "", parent: QWidget | None = None) -> None:
        super().__init__(words, parent)
        self.setPlaceholderText(placeholder)


class Paragraph(QPlainTextEdit):
    """A few lines of text that grow with what is typed; Tab goes to the next field."""

    def __init__(self, words: str = "", placeholder: str = "", *, lines: int = 3, parent: QWidget | None = None) -> None:
        super().__init__(words, parent)
        self._lines = lines
        self.setPlaceholderText(placeholder)
        self.setTabChangesFocus(True)
        self.document().documentLayout().documentSizeChanged.connect(self._fit)
        self._fit()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the text size."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._fit()

    def _fit(self) -> None:
        lines = max(self._lines, int(self.document().size().height()))
        self.setFixedHeight(lines * self.fontMetrics().lineSpacing() + 28)


class Choice(QComboBox):
    """One of a few: pairs of value and words."""

    chosen = Signal(str)

    def __init__(self, options: Sequence[tuple[str, str]] = (), parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMinimumHeight(34)
        self.show_options(options)
        self.activated.connect(lambda index: self.chosen.emit(self.itemData(index)))

    def show_options(self, options: Sequence[tuple[str, str]]) -> None:
        """Offer other options."""
        self.clear()
        for value, words in options:
            self.addItem(words, value)

    @property
    def value(self) -> str:
        """What is chosen."""
        return str(self.currentData() or "")

    def choose(self, value: str) -> None:
        """Show a value as chosen; one that is not offered leaves the choice alone."""
        index = self.findData(value)
        if index >= 0:
            self.setCurrentIndex(index)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the wheel to the page: scrolling past a field must not change it."""
        event.ignore()


class DateLine(QLineEdit):
    """A date typed as people write it: 3/12/2025, 3 Dec 2025, 3-12-25; empty means not known."""

    def __init__(self, day: date | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setPlaceholderText("day month year, for example 3 12 2025")
        self.show_day(day)
        self.editingFinished.connect(self._tidy)

    def show_day(self, day: date | None) -> None:
        """Show a date."""
        self.setText(typed_day(day) if day else "")

    @property
    def day(self) -> date | None:
        """The date typed, or None when the field is empty or not a date (see `is_wrong`)."""
        return read_day(self.text())

    @property
    def is_wrong(self) -> bool:
        """Whether something is typed that is not a date."""
        return bool(self.text().strip()) and self.day is None

    def _tidy(self) -> None:
        if self.day is not None:
            self.show_day(self.day)
