"""Questions with many answers to choose from: a list that is searched by typing."""

from dataclasses import replace

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QComboBox, QCompleter, QPushButton, QWidget

from visitapp.forms.filling import Row
from visitapp.forms.items import Option
from visitapp.forms.values import Reference, Value
from visitapp.store.folding import fold
from visitapp.ui.checklist.calm_box import CalmBox
from visitapp.ui.checklist.labels import option_label, same_value, value_label
from visitapp.ui.checklist.questions.question import LINE_WIDTH, Question, is_plain_enter
from visitapp.ui.widgets.surfaces import Flow

_FOLDED = int(Qt.ItemDataRole.UserRole)
_LINES = 12


class _Narrowing(QCompleter):
    """Offers what contains the letters typed, both sides folded alike, so that "lukasz" finds Łukasz."""

    def __init__(self, box: QComboBox) -> None:
        super().__init__(box.model(), box)
        self.setCompletionRole(_FOLDED)
        self.setFilterMode(Qt.MatchFlag.MatchContains)
        self.setCompletionMode(QCompleter.CompletionMode.PopupCompletion)
        self.setMaxVisibleItems(_LINES)

    def splitPath(self, path: str) -> list[str]:
        """The letters to look for."""
        return [fold(path)]

    def pathFromIndex(self, index: QModelIndex | QPersistentModelIndex) -> str:
        """The words as they are shown, not as they are searched."""
        return str(index.data(Qt.ItemDataRole.DisplayRole) or "")


class ListQuestion(Question):
    """One answer out of many: a list that narrows while typing, whatever accents are typed or left out."""

    def _build(self) -> None:
        self._box = CalmBox(self)
        self._box.setMinimumHeight(32)
        self._box.setMaximumWidth(LINE_WIDTH)
        self._open = self._row.item.type == "open-choice"
        self._box.setEditable(True)
        self._box.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self._box.setCompleter(_Narrowing(self._box))
        self._shown: tuple[Option, ...] | None = None
        self._box.activated.connect(self._pick)
        line = self._box.lineEdit()
        if line is not None:
            line.editingFinished.connect(self._typed)
            self._input(line)
        self._column.addWidget(self._box)

    def _show_values(self, row: Row) -> None:
        if row.options != self._shown:
            self._shown = row.options
            self._box.clear()
            self._box.addItem("", "")
            for option in row.options:
                label = option_label(option)
                self._box.addItem(label, fold(label))
        chosen = [index for index, option in enumerate(row.options) if any(same_value(option.value, value) for value in row.values)]
        self._box.setEnabled(not row.read_only)
        self._box.setAccessibleName(row.text)
        if chosen:
            self._box.setCurrentIndex(chosen[0] + 1)
        elif self._open and row.values:
            self._box.setEditText(value_label(row.values[0]))
        else:
            self._box.setCurrentIndex(0)

    def _pick(self, index: int) -> None:
        self._say(*([self._row.options[index - 1].value] if index > 0 else []))

    def _typed(self) -> None:
        text = self._box.currentText().strip()
        found = self._meant(text)
        if found is not None:
            self._pick(found + 1)
        elif not text or self._open:
            self._say(*([text] if text else []))
        else:
            self._show_values(self._row)

    def _meant(self, text: str) -> int | None:
        """Which option the words are: the one called so, or the only one they could mean where nothing else is allowed."""
        sought = fold(text)
        names = [fold(option_label(option)) for option in self._row.options]
        if not sought or sought in names:
            return names.index(sought) if sought else None
        near = [index for index, name in enumerate(names) if sought in name]
        return near[0] if len(near) == 1 and not self._open else None

    def _key(self, event: QKeyEvent) -> bool:
        if is_plain_enter(event):
            self._typed()
            self.finished.emit(self.place)
            return True
        return False


class PersonQuestion(ListQuestion):
    """A pointer to somebody of the family, or to somebody else in words."""

    def _build(self) -> None:
        super()._build()
        self._open = True
        line = self._box.lineEdit()
        if line is not None:
            line.setPlaceholderText(self._row.item.entry_format or "Somebody of the family, or in words")

    def _say(self, *values: object) -> None:
        super()._say(*(Reference(display=value) if isinstance(value, str) else value for value in values))


class SeveralQuestion(ListQuestion):
    """Any number of answers out of very many: each is found by typing, and stands below with a button to take it away."""

    def _build(self) -> None:
        super()._build()
        line = self._box.lineEdit()
        if line is not None:
            line.setPlaceholderText("Type to find an answer, Enter to add it")
        self._given = QWidget(self)
        self._flow = Flow(self._given)
        self._column.addWidget(self._given)
        self._buttons: list[QPushButton] = []

    def _show_values(self, row: Row) -> None:
        super()._show_values(replace(row, values=()))
        for button in self._buttons:
            self._flow.removeWidget(button)
            button.hide()
            button.deleteLater()
        self._buttons = []
        for value in row.values:
            words = self._label(row, value)
            button = QPushButton(f"{words}  ✕", self._given)
            button.setAccessibleName(f"Take away: {words}")
            button.setEnabled(not row.read_only)
            button.clicked.connect(lambda _on=False, gone=value: self._take_away(gone))
            self._flow.addWidget(button)
            button.show()
            self._buttons.append(button)
        self._given.setVisible(bool(self._buttons))

    @property
    def stops(self) -> list[QWidget]:
        """The list, then what was chosen."""
        return [*self._inputs, *self._buttons]

    def _label(self, row: Row, value: Value) -> str:
        found = next((each for each in row.options if same_value(each.value, value)), None)
        return option_label(found) if found is not None else value_label(value)

    def _pick(self, index: int) -> None:
        if index > 0:
            self._add(self._row.options[index - 1])

    def _typed(self) -> None:
        text = self._box.currentText().strip()
        found = self._meant(text)
        if found is not None:
            self._add(self._row.options[found])
        elif text and self._open:
            self._say(*self._row.values, text)
        self._box.setCurrentIndex(0)

    def _add(self, option: Option) -> None:
        given = self._row.values
        if any(same_value(option.value, value) for value in given):
            self._box.setCurrentIndex(0)
            return
        alone = [each.value for each in self._row.options if each.exclusive]
        kept = [value for value in given if not option.exclusive and not any(same_value(value, each) for each in alone)]
        self._say(*kept, option.value)

    def _take_away(self, gone: Value) -> None:
        self._say(*(value for value in self._row.values if not same_value(value, gone)))
        self.take_focus()
