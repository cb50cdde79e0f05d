"""Questions with answers to choose from: large choices in a fixed order, ticks, or a list when there are many."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from visitapp.forms.filling import Row
from visitapp.forms.items import Option
from visitapp.forms.values import Value
from visitapp.ui.checklist.choice_button import ChoiceButton, TickButton
from visitapp.ui.checklist.labels import option_label, same_value
from visitapp.ui.checklist.questions.question import Question, is_plain_enter
from visitapp.ui.widgets.surfaces import Flow

_MANY = 9
_MOST_BUTTONS = 60
_LONG = 34


class Choices(QWidget):
    """A set of large buttons, one of which (or several) can be on; number keys choose, Backspace clears."""

    chosen = Signal(int)
    """The button at this place was pressed by hand or by its number key."""
    cleared = Signal()
    keyed = Signal()
    """A number key chose: the hand is on the keyboard and wants to go on."""
    done = Signal()
    """Enter: on to the next question, whatever is chosen here."""

    def __init__(self, several: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._several = several
        self._labels: tuple[str, ...] = ()
        self.buttons: list[QAbstractButton] = []
        self._holder: QWidget | None = None
        self._outer = QVBoxLayout(self)
        self._outer.setContentsMargins(0, 0, 0, 0)

    def show_labels(self, labels: Sequence[str], upright: bool = False) -> None:
        """Offer these answers; the buttons are kept when nothing changed."""
        if tuple(labels) == self._labels:
            return
        self._labels = tuple(labels)
        if self._holder is not None:
            self._holder.setParent(None)
            self._holder.deleteLater()
        self._holder = QWidget(self)
        layout = QVBoxLayout(self._holder) if upright else Flow(self._holder)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        self.buttons = []
        for index, label in enumerate(labels):
            button: QAbstractButton = TickButton(label) if self._several else ChoiceButton(label)
            button.clicked.connect(lambda _on=False, place=index: self.chosen.emit(place))
            button.installEventFilter(self)
            self.buttons.append(button)
            layout.addWidget(button)
        self._outer.addWidget(self._holder)

    def show_chosen(self, indices: Sequence[int]) -> None:
        """Show which answers are on; a single choice keeps one place in the tab order."""
        for index, button in enumerate(self.buttons):
            button.setChecked(index in indices)
            stop = self._several or index == (indices[0] if indices else 0)
            button.setFocusPolicy(Qt.FocusPolicy.StrongFocus if stop else Qt.FocusPolicy.ClickFocus)

    def name(self, question: str) -> None:
        """Give every button the question's words, so that a screen reader says what is being chosen."""
        for button, label in zip(self.buttons, self._labels, strict=True):
            button.setAccessibleName(label)
            button.setAccessibleDescription(question)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Number keys choose, arrows move, Backspace and Delete clear, Enter goes on."""
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent) and isinstance(watched, QAbstractButton):
            return self._key(event, self.buttons.index(watched))
        return super().eventFilter(watched, event)

    def _key(self, event: QKeyEvent, at: int) -> bool:
        key, modifiers = event.key(), event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if modifiers:
            return False
        number = key - Qt.Key.Key_1
        if 0 <= number < min(9, len(self.buttons)):
            self.buttons[number].setFocus(Qt.FocusReason.ShortcutFocusReason)
            self.chosen.emit(number)
            self.keyed.emit()
            return True
        if key in (Qt.Key.Key_Backspace, Qt.Key.Key_Delete):
            self.cleared.emit()
            return True
        step = {Qt.Key.Key_Right: 1, Qt.Key.Key_Down: 1, Qt.Key.Key_Left: -1, Qt.Key.Key_Up: -1}.get(Qt.Key(key))
        if step is not None:
            self.buttons[(at + step) % len(self.buttons)].setFocus(Qt.FocusReason.TabFocusReason)
            return True
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.done.emit()
            return True
        return False


class ChoiceQuestion(Question):
    """One answer out of a few."""

    several = False

    def _build(self) -> None:
        self._choices = Choices(self.several, self)
        self._choices.chosen.connect(self._choose)
        self._choices.cleared.connect(self._clear)
        self._choices.keyed.connect(self._keyed)
        self._choices.done.connect(lambda: self.finished.emit(self.place))
        self._column.addWidget(self._choices)
        self._other: QLineEdit | None = None
        if self._row.item.type == "open-choice":
            self._other = QLineEdit(self)
            self._other.setPlaceholderText(self._row.item.open_label or "Something else, in your words")
            self._other.textEdited.connect(self._write_other)
            self._column.addWidget(self._other)

    def _show_values(self, row: Row) -> None:
        labels = [option_label(option) for option in row.options]
        upright = (row.item.orientation == "vertical" and len(labels) > 2) or any(len(label) > _LONG for label in labels)
        if labels != [button.text() for button in self._choices.buttons]:
            self._choices.show_labels(labels, upright)
            self._inputs = []
            for button in self._choices.buttons:
                self._input(button)
            if self._other is not None:
                self._input(self._other)
        for field in self._inputs:
            field.setEnabled(not row.read_only)
        self._choices.show_chosen(self._chosen(row))
        self._choices.name(" ".join(part for part in (row.text, row.hint) if part))
        if self._other is not None:
            self._other.setAccessibleName(f"{row.text}: something else")
            own = [value for value in row.values if isinstance(value, str) and not self._is_offered(row, value)]
            if self._other.text() != (own[0] if own else ""):
                self._other.setText(own[0] if own else "")

    def take_focus(self) -> bool:
        """Put the focus on the answer that is on, else on the first."""
        chosen = self._chosen(self._row)
        buttons = self._choices.buttons
        if not buttons or self._row.read_only:
            return super().take_focus()
        buttons[chosen[0] if chosen else 0].setFocus(Qt.FocusReason.ShortcutFocusReason)
        return True

    def _is_offered(self, row: Row, value: Value) -> bool:
        return any(same_value(option.value, value) for option in row.options)

    def _chosen(self, row: Row) -> list[int]:
        return [index for index, option in enumerate(row.options) if any(same_value(option.value, value) for value in row.values)]

    def _choose(self, index: int) -> None:
        options = self._row.options
        if index in self._chosen(self._row) and len(options) > 1 and not self._row.required:
            self._say()
        else:
            self._say(options[index].value)

    def _keyed(self) -> None:
        if self._chosen(self._row):
            self.finished.emit(self.place)

    def _write_other(self, text: str) -> None:
        offered = [value for value in self._row.values if self._is_offered(self._row, value)] if self.several else []
        self._say(*offered, *([text] if text.strip() else []))

    def _key(self, event: QKeyEvent) -> bool:
        if self._other is not None and self._other.hasFocus() and is_plain_enter(event):
            self.finished.emit(self.place)
            return True
        return False


class TicksQuestion(ChoiceQuestion):
    """Any number of answers out of a few."""

    several = True

    def _choose(self, index: int) -> None:
        row = self._row
        option = row.options[index]
        on = [value for value in row.values if not same_value(option.value, value)]
        if len(on) == len(row.values):
            on = [option.value] if _is_exclusive(option) else [*self._without_exclusive(row, on), option.value]
        self._say(*on)

    def _keyed(self) -> None:
        """Several may be ticked by their numbers: the focus stays."""

    def _without_exclusive(self, row: Row, values: Sequence[Value]) -> list[Value]:
        exclusive = [option.value for option in row.options if _is_exclusive(option)]
        return [value for value in values if not any(same_value(one, value) for one in exclusive)]


def is_long_list(row: Row) -> bool:
    """Whether the answers are too many for buttons."""
    return len(row.options) > _MANY


def is_too_long_for_buttons(row: Row) -> bool:
    """Whether there are more answers than anybody would look through, whatever the form asks for."""
    return len(row.options) > _MOST_BUTTONS


def _is_exclusive(option: Option) -> bool:
    return option.exclusive
