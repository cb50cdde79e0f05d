"""A question that takes several short answers: one on each line."""

from visitapp.forms.filling import Row
from visitapp.forms.values import Value
from visitapp.ui.checklist.dates import parse_date, parse_time
from visitapp.ui.checklist.labels import value_label
from visitapp.ui.checklist.questions.number import parsed_number
from visitapp.ui.checklist.questions.question import Question
from visitapp.ui.checklist.questions.text import GrowingText
from visitapp.ui.checklist.questions.when import today

TYPES = frozenset({"string", "text", "url", "integer", "decimal", "date", "time"})


class LinesQuestion(Question):
    """Several answers, one a line; a line that is not understood is said, and the others are kept."""

    def _build(self) -> None:
        self._field = GrowingText(lines=2, parent=self)
        self._field.setPlaceholderText(self._row.item.entry_format or "One a line")
        self._field.textChanged.connect(self._changed)
        self._input(self._field)
        self._column.addWidget(self._field)
        self._showing = False

    def _show_values(self, row: Row) -> None:
        if tuple(self._read()[0]) != row.values:
            self._showing = True
            self._field.setPlainText("\n".join(value_label(value) for value in row.values))
            self._showing = False
        self._field.setReadOnly(row.read_only)

    def _changed(self) -> None:
        if not self._showing:
            values, wrong = self._read()
            self._say(*values)
            self._show_problem(f"Not understood: {wrong[0]}" if wrong else "")

    def _read(self) -> tuple[list[Value], list[str]]:
        values: list[Value] = []
        wrong: list[str] = []
        for line in self._field.toPlainText().split("\n"):
            if line.strip():
                value = self._value(line.strip())
                if value is None:
                    wrong.append(line.strip())
                else:
                    values.append(value)
        return values, wrong

    def _value(self, line: str) -> Value | None:
        match self._row.item.type:
            case "integer" | "decimal":
                return parsed_number(line, whole=self._row.item.type == "integer")
            case "date":
                day = parse_date(line, today())
                return None if day is None else day.isoformat()
            case "time":
                moment = parse_time(line)
                return None if moment is None else f"{moment:%H:%M:%S}"
            case _:
                return line
