"""Questions answered with a day, a time of day, or both: typed the way people write them."""

from datetime import date, datetime

from PySide6.QtCore import QDate
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit

from visitapp.forms.filling import Row
from visitapp.forms.values import PartialDate, PartialDateTime, TimeOfDay, Value
from visitapp.ui.checklist.dates import parse_date, parse_time, spoken_date
from visitapp.ui.checklist.questions.question import Question, is_plain_enter


def today() -> date:
    """The day it is on this laptop, from which "in 2 weeks" is counted."""
    now = QDate.currentDate()
    return date(now.year(), now.month(), now.day())


class DateQuestion(Question):
    """A day; what was understood stands beside it in full words."""

    _example = "3 Dec, 3/12/26, in 2 weeks"

    def _build(self) -> None:
        line = QHBoxLayout()
        line.setSpacing(8)
        self._field = QLineEdit(self)
        self._field.setMinimumHeight(32)
        self._field.setPlaceholderText(self._row.item.entry_format or self._example)
        self._field.setFixedWidth(self._field.fontMetrics().averageCharWidth() * 30)
        self._field.textEdited.connect(self._typed)
        self._input(self._field)
        self._understood = QLabel(self)
        self._understood.setProperty("tone", "muted")
        line.addWidget(self._field)
        line.addWidget(self._understood)
        line.addStretch(1)
        self._column.addLayout(line)

    def _show_values(self, row: Row) -> None:
        value = row.values[0] if row.values else None
        if value is not None and self._parsed(self._field.text()) != str(value):
            self._field.setText(self._written(str(value)))
        elif value is None and not self._field.hasFocus():
            self._field.clear()
        self._understood.setText("" if value is None else self._spoken(str(value)))
        self._field.setReadOnly(row.read_only)

    def _typed(self, text: str) -> None:
        value = self._parsed(text)
        if value is None:
            self._understood.setText("")
            self._say()
        else:
            self._show_problem("")
            self._say(self._value(value))

    def _key(self, event: QKeyEvent) -> bool:
        if is_plain_enter(event):
            text = self._field.text()
            if text.strip() and self._parsed(text) is None:
                self._show_problem(f"Not understood yet. Write it like this: {self._example}.")
            else:
                self.finished.emit(self.place)
            return True
        return False

    def _parsed(self, text: str) -> str | None:
        day = parse_date(text, today())
        return None if day is None else day.isoformat()

    def _value(self, text: str) -> Value:
        return PartialDate(text)

    def _written(self, value: str) -> str:
        try:
            day = date.fromisoformat(value)
        except ValueError:
            return value
        return f"{day.day} {day:%b} {day.year}"

    def _spoken(self, value: str) -> str:
        try:
            return spoken_date(date.fromisoformat(value))
        except ValueError:
            return value


class TimeQuestion(DateQuestion):
    """A time of day."""

    _example = "10:30 or 1030"

    def _parsed(self, text: str) -> str | None:
        moment = parse_time(text)
        return None if moment is None else f"{moment:%H:%M:%S}"

    def _written(self, value: str) -> str:
        return value[:5]

    def _spoken(self, value: str) -> str:
        return ""

    def _value(self, text: str) -> Value:
        return TimeOfDay(text)


class MomentQuestion(DateQuestion):
    """A day and a time of day, in this laptop's time zone."""

    _example = "3 Dec 10:30"

    def _parsed(self, text: str) -> str | None:
        day, _, clock = text.strip().rpartition(" ")
        on, at = parse_date(day, today()), parse_time(clock)
        return None if on is None or at is None else datetime.combine(on, at).astimezone().isoformat()

    def _written(self, value: str) -> str:
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            return value
        return f"{moment.day} {moment:%b %Y %H:%M}"

    def _spoken(self, value: str) -> str:
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            return value
        return f"{spoken_date(moment.date())}, {moment:%H:%M}"

    def _value(self, text: str) -> Value:
        return PartialDateTime(text)
