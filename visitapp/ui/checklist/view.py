"""A checklist on a page: rows shown and mended in place, built bit by bit when there are many."""

from collections.abc import Iterable, Sequence
from time import perf_counter

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QBoxLayout, QVBoxLayout, QWidget

from visitapp.forms.filling import Row
from visitapp.ui.checklist.arrange import Kind, Slot, slots
from visitapp.ui.checklist.pages import Pager, SideBySide, Tabs
from visitapp.ui.checklist.questions.group import AddAnother, GroupHeading
from visitapp.ui.checklist.questions.question import Question
from visitapp.ui.checklist.questions.table import widget_for

_AT_ONCE = 24
_BUILD_S = 0.008


class Checklist(QWidget):
    """The questions of one sheet, one under the other; says what was answered and where the focus went."""

    answered = Signal(str, object)
    added = Signal(str)
    removed = Signal(str)
    left = Signal(str)
    entered = Signal(object)
    """The question widget that gained the focus, so that the page can be scrolled to it."""
    ended = Signal()
    """The last question was finished with Enter or a number key."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(16)
        self._order: list[Slot] = []
        self._slots: dict[str, Slot] = {}
        self._open: dict[str, str] = {}
        """Which page each bar has turned to."""
        self._widgets: dict[str, QWidget] = {}
        self._next = 0
        self._builder = QTimer(self)
        self._builder.setInterval(0)
        self._builder.timeout.connect(self._build_some)

    def show_rows(self, rows: Sequence[Row]) -> None:
        """Show exactly these rows, keeping the widgets of those that were there."""
        self._order = slots(rows)
        self._slots = wanted = {slot.key: slot for slot in self._order}
        for key in [key for key, widget in self._widgets.items() if not self._still_fits(widget, wanted.get(key))]:
            self._let_go(self._widgets.pop(key))
        for key, widget in self._widgets.items():
            # A row that did not change is the same object: a long form must not be set anew for one answer.
            if isinstance(widget, Question) and widget.row is not wanted[key].row:
                widget.show_row(wanted[key].row)
        for slot in self._order:
            if slot.fold and slot.fold not in self._open:
                self._open[slot.fold] = "" if slot.row.item.collapsible == "default-closed" else slot.key
            if slot.choices and self._open.get(slot.key) not in dict(slot.choices):
                self._open[slot.key] = slot.choices[0][0]
        self._next = 0
        self._build(_AT_ONCE)
        if self._is_unfinished:
            self._builder.start()

    def show_changed(self, rows: Iterable[Row]) -> None:
        """Show rows that stayed where they are but changed."""
        for row in rows:
            widget = self._widgets.get(row.place)
            if isinstance(widget, Question):
                widget.show_row(row)

    def focus_first(self) -> bool:
        """Put the focus on the first question without an answer, else on the first."""
        questions = self._questions()
        return self.focus_unanswered() or any(self._take_to(question) for question in questions)

    def focus_unanswered(self) -> bool:
        """Put the focus on the first question without an answer; False when all have one."""
        return any(not question.is_answered and self._take_to(question) for question in self._questions())

    def focus_place(self, place: str) -> bool:
        """Put the focus on the question at a place, building up to it where it is not there yet."""
        while self._is_unfinished and place not in self._widgets:
            self._build(200)
        widget = self._widgets.get(place)
        return isinstance(widget, Question) and self._take_to(widget)

    def has_place(self, place: str) -> bool:
        """Whether a row stands at this place."""
        return any(slot.key == place for slot in self._order)

    def _questions(self) -> list[Question]:
        found = [self._widgets.get(slot.key) for slot in self._order]
        return [widget for widget in found if isinstance(widget, Question) and widget.is_askable]

    @property
    def _is_unfinished(self) -> bool:
        return self._next < len(self._order)

    def _still_fits(self, widget: QWidget, slot: Slot | None) -> bool:
        if slot is None:
            return False
        return slot.kind is not Kind.ROW or type(widget) is widget_for(slot.row)

    def _let_go(self, widget: QWidget) -> None:
        holder = widget.parentWidget()
        layout = holder.layout() if holder is not None else None
        if layout is not None:
            layout.removeWidget(widget)
        widget.hide()
        widget.deleteLater()

    def _is_open(self, slot: Slot) -> bool:
        return all(self._open.get(bar, page) == page for bar, page in slot.pages)

    def _take_to(self, question: Question) -> bool:
        """Turn to the page a question is on and give it the focus."""
        slot = self._slots[question.place]
        if not question.is_askable:
            return question.take_focus()
        for bar, page in slot.pages:
            if self._open.get(bar, page) != page:
                self._turn(bar, page)
        return question.take_focus()

    def _turn(self, bar: str, page: str) -> None:
        self._open[bar] = page
        for slot in self._order:
            widget = self._widgets.get(slot.key)
            if widget is None:
                continue
            if isinstance(widget, Tabs | Pager):
                widget.show_pages(slot.choices, self._open[slot.key])
            if slot.fold and isinstance(widget, GroupHeading):
                widget.show_open(bool(self._open[slot.fold]))
            if slot.pages:
                widget.setVisible(self._is_open(slot))

    def _build_some(self) -> None:
        until = perf_counter() + _BUILD_S
        while self._is_unfinished and perf_counter() < until:
            self._build(1)
        if not self._is_unfinished:
            self._builder.stop()

    def _build(self, most: int) -> None:
        made = 0
        while self._next < len(self._order):
            slot = self._order[self._next]
            if slot.key not in self._widgets:
                if made >= most:
                    return
                self._widgets[slot.key] = self._make(slot)
                made += 1
            self._put(slot)
            self._next += 1

    def _put(self, slot: Slot) -> None:
        widget = self._widgets[slot.key]
        line = self._widgets.get(slot.line)
        box: QBoxLayout = line.box if isinstance(line, SideBySide) else self._column
        there = box.itemAt(slot.at)
        if there is None or there.widget() is not widget:
            if isinstance(line, SideBySide):
                line.hold(slot.at, widget)
            else:
                self._column.insertWidget(slot.at, widget)
            # Qt shows what a layout takes in at the next turn of the loop, too late to give it the focus now.
            widget.setVisible(self._is_open(slot))
            self._into_tab_order(widget)
        if isinstance(widget, Tabs | Pager):
            widget.show_pages(slot.choices, self._open[slot.key])
        elif isinstance(widget, SideBySide):
            widget.show_bare(slot.bare)
        elif slot.fold and isinstance(widget, GroupHeading):
            widget.show_open(bool(self._open[slot.fold]))

    def _into_tab_order(self, widget: QWidget) -> None:
        """A question that comes between others is reached between them: Qt has it last, as it was made last."""
        before = next((q for q in map(self._question_at, range(self._next - 1, -1, -1)) if q is not None), None)
        is_last = self._next + 1 >= len(self._order) or self._order[self._next + 1].key not in self._widgets
        if is_last or not isinstance(widget, Question) or before is None:
            return
        last = before.stops[-1]
        for stop in widget.stops:
            QWidget.setTabOrder(last, stop)
            last = stop

    def _question_at(self, index: int) -> Question | None:
        widget = self._widgets.get(self._order[index].key)
        return widget if isinstance(widget, Question) and widget.stops else None

    def _make(self, slot: Slot) -> QWidget:
        if slot.kind is Kind.LINE:
            return SideBySide(slot.row.depth, self)
        if slot.kind in (Kind.TABS, Kind.PAGER):
            bar = Tabs(self) if slot.kind is Kind.TABS else Pager(self)
            bar.turned.connect(lambda page, key=slot.key: self._turn(key, page))
            return bar
        if slot.kind is Kind.ADD:
            button = AddAnother(slot.row.place, slot.row.text, slot.row.depth)
            button.pressed.connect(self.added)
            return button
        question = widget_for(slot.row)(slot.row)
        question.answered.connect(self.answered)
        question.left.connect(self.left)
        question.entered.connect(lambda _place, widget=question: self.entered.emit(widget))
        question.finished.connect(self._move_on)
        if isinstance(question, GroupHeading):
            question.removed.connect(self.removed)
            question.folded.connect(lambda slot=slot: self._turn(slot.fold, "" if self._open[slot.fold] else slot.key))
        return question

    def _move_on(self, place: str) -> None:
        questions = self._questions()
        places = [question.place for question in questions]
        later = questions[places.index(place) + 1 :] if place in places else []
        for question in later:
            # What is answered already (who was there, where) needs no key.
            if not question.is_answered and self._take_to(question):
                return
        self.ended.emit()
