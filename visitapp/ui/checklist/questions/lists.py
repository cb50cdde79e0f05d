"""Questions with many answers to choose from: a list that is searched by typing."""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QComboBox, QCompleter

from visitapp.forms.filling import Row
from visitapp.forms.items import Option
from visitapp.forms.values import Reference
from visitapp.store.folding import fold
from visitapp.ui.checklist.calm_box import CalmBox
from visitapp.ui.checklist.labels import same_value, value_label
from visitapp.ui.checklist.questions.question import LINE_WIDTH, Question, is_plain_enter

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
                self._box.addItem(option.text, fold(option.text))
        chosen = [
            index
            for index, option in enumerate(row.options)
            if any(same_value(option.value, value) for value in row.values)
        ]
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
        names = [fold(option.text) for option in self._row.options]
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
