"""A whole number chosen on a scale."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QWheelEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSlider

from visitapp.forms.filling import Row
from visitapp.ui.checklist.questions.question import LINE_WIDTH, Question, is_plain_enter

_LOWEST, _HIGHEST = 0, 100


class _CalmSlider(QSlider):
    """Scrolling past it must not change an answer."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Let the page have the wheel."""
        event.ignore()


class SliderQuestion(Question):
    """A scale from the lowest to the highest allowed; nothing is answered until it has been moved or pressed."""

    def _build(self) -> None:
        line = QHBoxLayout()
        line.setSpacing(12)
        item = self._row.item
        self._slider = _CalmSlider(Qt.Orientation.Horizontal, self)
        self._slider.setMinimumHeight(32)
        self._slider.setMaximumWidth(LINE_WIDTH - 160)
        lowest = item.min_value if isinstance(item.min_value, int) else _LOWEST
        highest = item.max_value if isinstance(item.max_value, int) else _HIGHEST
        self._slider.setRange(lowest, max(lowest, highest))
        self._slider.setSingleStep(item.slider_step or 1)
        self._slider.valueChanged.connect(self._moved)
        self._slider.sliderReleased.connect(lambda: self._moved(self._slider.value()))
        self._words_now = QLabel(self)
        line.addWidget(self._slider, 1)
        line.addWidget(self._words_now)
        line.addStretch(1)
        self._input(self._slider)
        self._column.addLayout(line)

    def _show_values(self, row: Row) -> None:
        value = row.values[0] if row.values else None
        number = value if isinstance(value, int) and not isinstance(value, bool) else None
        self._slider.blockSignals(True)
        self._slider.setValue(self._slider.minimum() if number is None else number)
        self._slider.blockSignals(False)
        lowest, highest = self._slider.minimum(), self._slider.maximum()
        now = f"Not answered ({lowest} to {highest})" if number is None else f"{number} {row.item.unit_text}".strip()
        self._words_now.setText(now)
        self._slider.setAccessibleDescription(" ".join(part for part in (row.hint, now) if part))

    def _moved(self, value: int) -> None:
        step = self._slider.singleStep()
        lowest = self._slider.minimum()
        self._say(min(self._slider.maximum(), lowest + round((value - lowest) / step) * step))

    def _key(self, event: QKeyEvent) -> bool:
        if is_plain_enter(event):
            self._moved(self._slider.value())
            self.finished.emit(self.place)
            return True
        if event.key() in (Qt.Key.Key_Backspace, Qt.Key.Key_Delete):
            self._clear()
            return True
        return False
