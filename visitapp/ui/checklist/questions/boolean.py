"""Questions answered with yes or no."""

from visitapp.forms.filling import Row
from visitapp.ui.checklist.questions.choice import Choices
from visitapp.ui.checklist.questions.question import Question

_ANSWERS = (True, False)


class BooleanQuestion(Question):
    """Yes or no, and until one is chosen neither: not answered is not the same as no."""

    def _build(self) -> None:
        self._choices = Choices(several=False, parent=self)
        self._choices.show_labels(("Yes", "No"))
        self._choices.chosen.connect(self._choose)
        self._choices.cleared.connect(self._clear)
        self._choices.keyed.connect(lambda: self.finished.emit(self.place))
        self._choices.done.connect(lambda: self.finished.emit(self.place))
        for button in self._choices.buttons:
            self._input(button)
        self._column.addWidget(self._choices)

    def _show_values(self, row: Row) -> None:
        self._choices.show_chosen([_ANSWERS.index(bool(row.values[0]))] if row.values else [])
        self._choices.name(" ".join(part for part in (row.text, row.hint) if part))

    def take_focus(self) -> bool:
        """Put the focus on the answer that is on, else on Yes."""
        buttons = self._choices.buttons
        buttons[1 if self._row.values and not self._row.values[0] else 0].setFocus()
        return not self._row.read_only

    def _choose(self, index: int) -> None:
        if self._row.values and self._row.values[0] is _ANSWERS[index] and not self._row.required:
            self._say()
        else:
            self._say(_ANSWERS[index])
