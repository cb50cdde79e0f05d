"""A number chosen on a scale."""

from decimal import Decimal

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QWheelEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSlider

from visitapp.forms.filling import Row
from visitapp.forms.items import Item
from visitapp.forms.values import Quantity, Value
from visitapp.ui.checklist.questions.question import LINE_WIDTH, Question, is_plain_enter

_LOWEST, _HIGHEST = Decimal(0), Decimal(100)
_MOST_STEPS = 10_000


class _CalmSlider(QSlider):
    """Scrolling past it must not change an answer."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Let the page have the wheel."""
        event.ignore()


class SliderQuestion(Question):
    """A scale from the lowest to the highest allowed; nothing is answered until it has been moved or pressed."""

    def _build(self) -> None:
        item = self._row.item
        self._lowest, self._step, steps = scale_of(item)
        line = QHBoxLayout()
        line.setSpacing(12)
        self._slider = _CalmSlider(Qt.Orientation.Horizontal, self)
        self._slider.setMinimumHeight(32)
        self._slider.setMaximumWidth(LINE_WIDTH - 160)
        self._slider.setRange(0, steps)
        self._slider.setPageStep(max(1, steps // 10))
        self._slider.valueChanged.connect(self._moved)
        self._slider.sliderReleased.connect(lambda: self._moved(self._slider.value()))
        self._words_now = QLabel(self)
        self._lower, self._upper = QLabel(self), QLabel(self)
        for label, end in ((self._lower, 0), (self._upper, steps)):
            label.setProperty("tone", "muted")
            label.setTextFormat(Qt.TextFormat.PlainText)
            control = "lower" if end == 0 else "upper"
            label.setText(item.beside_in(control, self._row.language) or _plain(self._number(end)))
        line.addWidget(self._lower)
        line.addWidget(self._slider, 6)
        line.addWidget(self._upper)
        line.addWidget(self._words_now)
        line.addStretch(1)
        self._input(self._slider)
        self._column.addLayout(line)

    def _show_values(self, row: Row) -> None:
        number = _number_of(row)
        self._slider.blockSignals(True)
        self._slider.setValue(0 if number is None else round((number - self._lowest) / self._step))
        self._slider.blockSignals(False)
        span = f"{_plain(self._lowest)} to {_plain(self._number(self._slider.maximum()))}"
        now = f"Not answered ({span})" if number is None else f"{_plain(number)} {row.item.unit_text}".strip()
        self._words_now.setText(now)
        ends = f"From {self._lower.text()} to {self._upper.text()}."
        told = (row.item.beside_in("prompt", row.language), row.hint, ends, now)
        self._slider.setAccessibleDescription(" ".join(part for part in told if part))

    def _moved(self, at: int) -> None:
        self._say(self._value(self._number(at)))

    def _number(self, at: int) -> Decimal:
        return self._lowest + at * self._step

    def _value(self, number: Decimal) -> Value:
        item = self._row.item
        if item.type == "integer":
            return int(number)
        if item.type == "decimal":
            return number
        unit = item.unit
        if unit is None:
            return Quantity(value=number)
        return Quantity(value=number, unit=unit.display or unit.code, system=unit.system, code=unit.code)

    def _key(self, event: QKeyEvent) -> bool:
        if is_plain_enter(event):
            self._moved(self._slider.value())
            self.finished.emit(self.place)
            return True
        if event.key() in (Qt.Key.Key_Backspace, Qt.Key.Key_Delete):
            self._clear()
            return True
        return False


def scale_of(item: Item) -> tuple[Decimal, Decimal, int]:
    """The lowest number of a slider, how far one step goes, and how many steps there are."""
    lowest, highest = _bound(item.min_value, _LOWEST), _bound(item.max_value, _HIGHEST)
    span = max(Decimal(0), highest - lowest)
    step = Decimal(item.slider_step or 0) or (Decimal("0.1") if item.type != "integer" and span <= 1 else Decimal(1))
    # A scale of millions cannot be set by hand to the last figure, whatever it is asked to do.
    step = max(step, (span / _MOST_STEPS).to_integral_value())
    return lowest, step, int(span / step)


def _bound(value: Value | None, otherwise: Decimal) -> Decimal:
    if isinstance(value, Quantity):
        value = value.value
    return Decimal(value) if isinstance(value, int | Decimal) and not isinstance(value, bool) else otherwise


def _number_of(row: Row) -> Decimal | None:
    value = row.values[0] if row.values else None
    if isinstance(value, Quantity):
        value = value.value
    return Decimal(value) if isinstance(value, int | Decimal) and not isinstance(value, bool) else None


def _plain(number: Decimal) -> str:
    return format(number.normalize(), "f")
