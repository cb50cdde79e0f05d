"""Questions answered with a number, with or without a unit."""

from decimal import Decimal, InvalidOperation

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QLineEdit

from visitapp.forms.filling import Row
from visitapp.forms.values import Coding, Quantity
from visitapp.ui.checklist.calm_box import CalmBox
from visitapp.ui.checklist.questions.question import Question, is_plain_enter


class NumberQuestion(Question):
    """A whole number or one with a decimal point."""

    def _build(self) -> None:
        self._line = QHBoxLayout()
        self._line.setSpacing(8)
        self._field = QLineEdit(self)
        self._field.setMinimumHeight(32)
        self._field.setFixedWidth(self._field.fontMetrics().averageCharWidth() * 14)
        self._field.setPlaceholderText(self._row.item.entry_format)
        self._field.setInputMethodHints(Qt.InputMethodHint.ImhFormattedNumbersOnly)
        self._field.textEdited.connect(self._typed)
        self._input(self._field)
        self._line.addWidget(self._field)
        self._unit_label = QLabel(self)
        self._line.addWidget(self._unit_label)
        self._line.addStretch(1)
        self._column.addLayout(self._line)

    def _show_values(self, row: Row) -> None:
        number = _number(row)
        if self._parsed(self._field.text()) != number or (number is None and not self._field.text()):
            self._field.setText("" if number is None else f"{number}")
        self._unit_label.setText(row.item.unit_text)
        self._field.setReadOnly(row.read_only)

    def _typed(self, text: str) -> None:
        value = self._parsed(text)
        # Said first: the row that comes back shows what the form finds wrong, which a text that is no number is not.
        self._say(*([] if value is None else [self._value(value)]))
        if value is None and text.strip():
            self._show_problem("Please write it as a number.")

    def _parsed(self, text: str) -> Decimal | None:
        value = parsed_number(text, whole=self._row.item.type == "integer")
        return None if value is None else Decimal(value)

    def _value(self, number: Decimal) -> object:
        return int(number) if self._row.item.type == "integer" else number

    def _key(self, event: QKeyEvent) -> bool:
        if is_plain_enter(event):
            self.finished.emit(self.place)
            return True
        return False


class QuantityQuestion(NumberQuestion):
    """A number with its unit; the unit is chosen only where there is more than one."""

    def _build(self) -> None:
        super()._build()
        self._units: tuple[Coding, ...] = self._row.item.units or ((self._row.item.unit,) if self._row.item.unit else ())
        self._box: QComboBox | None = None
        if len(self._units) > 1:
            self._box = CalmBox(self)
            self._box.setMinimumHeight(32)
            self._box.addItems([unit.display or unit.code or "" for unit in self._units])
            self._box.activated.connect(lambda _index: self._typed(self._field.text()))
            self._unit_label.hide()
            self._line.insertWidget(1, self._box)
            self._input(self._box)

    def _show_values(self, row: Row) -> None:
        super()._show_values(row)
        if self._box is not None:
            self._box.setAccessibleName(f"{row.text}: unit")
            value = row.values[0] if row.values else None
            if isinstance(value, Quantity):
                codes = [unit.code for unit in self._units]
                if value.code in codes:
                    self._box.setCurrentIndex(codes.index(value.code))

    def _value(self, number: Decimal) -> object:
        if not self._units:
            return Quantity(value=number)
        unit = self._units[self._box.currentIndex() if self._box is not None else 0]
        return Quantity(value=number, unit=unit.display or unit.code, system=unit.system, code=unit.code)


def parsed_number(text: str, *, whole: bool) -> int | Decimal | None:
    """The number that was typed, with a point or a comma; None when it is none, or not whole where it has to be."""
    try:
        number = Decimal(text.strip().replace(",", "."))
    except InvalidOperation:
        return None
    if not number.is_finite() or (whole and number != number.to_integral_value()):
        return None
    return int(number) if whole else number


def _number(row: Row) -> Decimal | None:
    value = row.values[0] if row.values else None
    if isinstance(value, Quantity):
        value = value.value
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return None
    return Decimal(value)
