"""The observation page: two strengths first, then each item as one row with four large answers and keys 1 to 4."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLineEdit, QSizePolicy, QVBoxLayout, QWidget

from visitapp.forms.filling import Row
from visitapp.ui.checklist.questions.choice import Choices
from visitapp.ui.checklist.questions.question import is_plain_enter
from visitapp.ui.checklist.view import Checklist
from visitapp.ui.visit.observation_rows import NEEDS_EVIDENCE, NO_SCORE, ObservationLayout, ObservedItem, layout
from visitapp.ui.widgets.buttons import QuietButton
from visitapp.ui.widgets.surfaces import Hairline
from visitapp.ui.widgets.text import Text, heading, muted

_SENTENCE = 300


class ItemRow(QWidget):
    """One item: its sentence, four answers, the hint while it has the focus, and one line of evidence where asked for."""

    answered = Signal(str, object)
    left = Signal(str)
    entered = Signal(object)
    finished = Signal(object)

    def __init__(self, item: ObservedItem, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.item = item
        self._wants_evidence = False
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 4, 0, 4)
        self._grid.setHorizontalSpacing(16)
        self._grid.setVerticalSpacing(4)
        self.sentence = Text(item.row.text)
        self.choices = Choices(several=False, parent=self)
        self.choices.show_labels([option.text for option in item.row.options])
        self.choices.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.hint = muted(f"Looks like: {item.row.hint}" if item.row.hint else "")
        self.hint.hide()
        self.evidence = QLineEdit(self)
        self.evidence.setMaxLength(200)
        self.evidence.setPlaceholderText("What you saw, and when")
        self.evidence.setAccessibleName(f"{item.row.text}: what you saw, and when")
        self.evidence.hide()
        self._wide: bool | None = None
        self._arrange(wide=True)
        self.choices.chosen.connect(self._choose)
        self.choices.cleared.connect(lambda: self.answered.emit(self.item.place, ()))
        self.choices.keyed.connect(self._keyed)
        self.choices.done.connect(lambda: self.finished.emit(self))
        self.evidence.textEdited.connect(self._write)
        for field in (*self.choices.buttons, self.evidence):
            field.installEventFilter(self)
        self.show_item(item)

    def show_item(self, item: ObservedItem) -> None:
        """Show the item as it stands now."""
        self.item = item
        codes = [getattr(option.value, "code", "") for option in item.row.options]
        self.choices.show_chosen([codes.index(item.chosen)] if item.chosen in codes else [])
        self.choices.name(f"{item.row.text}. {item.row.hint}")
        self.evidence.setVisible(item.evidence is not None)
        if item.evidence is not None:
            text = str(item.evidence.values[0]) if item.evidence.values else ""
            if self.evidence.text() != text:
                self.evidence.setText(text)
            if self._wants_evidence:
                self._wants_evidence = False
                self.evidence.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def take_focus(self) -> None:
        """Put the focus on the answer given, else on the first."""
        on = [button for button in self.choices.buttons if button.isChecked()]
        (on or self.choices.buttons)[0].setFocus(Qt.FocusReason.ShortcutFocusReason)

    def fit(self, width: int) -> None:
        """Put the answers beside the sentence where there is room, else under it."""
        self._arrange(wide=width >= _SENTENCE + 16 + self.choices.sizeHint().width())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Show the hint while the row has the focus; Enter in the evidence goes to the next item."""
        if event.type() == QEvent.Type.FocusIn:
            self.hint.setVisible(bool(self.hint.text()))
            self.entered.emit(self)
        elif event.type() == QEvent.Type.FocusOut:
            focus = self.window().focusWidget()
            self.hint.setVisible(bool(self.hint.text()) and focus is not None and self.isAncestorOf(focus))
            self.left.emit(self.item.place)
        elif event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            return self._key(watched, event)
        return super().eventFilter(watched, event)

    def _key(self, watched: QObject, event: QKeyEvent) -> bool:
        if watched is not self.evidence or not is_plain_enter(event):
            return False
        self.finished.emit(self)
        return True

    def _arrange(self, *, wide: bool) -> None:
        if wide == self._wide:
            return
        self._wide = wide
        for widget in (self.sentence, self.choices, self.hint, self.evidence):
            self._grid.removeWidget(widget)
        self.sentence.setMinimumWidth(_SENTENCE if wide else 0)
        self._grid.addWidget(self.sentence, 0, 0, Qt.AlignmentFlag.AlignVCenter)
        self._grid.addWidget(self.choices, 0 if wide else 1, 1 if wide else 0)
        self._grid.addWidget(self.hint, 2, 0, 1, 2)
        self._grid.addWidget(self.evidence, 3, 0, 1, 2)
        self._grid.setColumnStretch(0, 1)
        self._grid.setColumnStretch(1, 0)

    def _choose(self, index: int) -> None:
        value = self.item.row.options[index].value
        self.answered.emit(self.item.place, (value,))

    def _keyed(self) -> None:
        if self.item.chosen in NEEDS_EVIDENCE and self.item.evidence is not None and not self.item.evidence.values:
            self.evidence.setFocus(Qt.FocusReason.ShortcutFocusReason)
        else:
            self.finished.emit(self)

    def _write(self, text: str) -> None:
        if self.item.evidence is not None:
            self.answered.emit(self.item.evidence.place, (text,) if text.strip() else ())


class ObservationForm(QWidget):
    """The observation of one dyad."""

    answered = Signal(str, object)
    left = Signal(str)
    entered = Signal(object)
    ended = Signal()

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self._known: dict[str, Row] = {}
        self._layout: ObservationLayout | None = None
        self._all = False
        self._rows: dict[str, ItemRow] = {}
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(12)
        self._column.addWidget(muted(NO_SCORE))
        self._column.addWidget(heading("Two strengths you saw today"))
        self._strengths = self._checklist("Strengths")
        self._strengths.ended.connect(self._focus_items)
        self._column.addWidget(self._strengths)
        self._items = QVBoxLayout()
        self._items.setSpacing(4)
        self._column.addLayout(self._items)
        self._more = QuietButton("Show all")
        self._more.clicked.connect(self._toggle)
        line = QHBoxLayout()
        line.addWidget(self._more)
        line.addStretch(1)
        self._column.addLayout(line)
        self._setting = self._checklist("The setting")
        self._setting.ended.connect(self.ended)
        self._column.addWidget(self._setting)
        self._heads: dict[str, Text] = {}

    def show_rows(self, rows: Sequence[Row]) -> None:
        """Show exactly these rows."""
        self._known = {row.place: row for row in rows}
        found = layout(rows)
        self._layout = found
        self._strengths.show_rows(found.strengths)
        self._setting.show_rows(found.setting)
        self._show_items()

    def show_changed(self, rows: Sequence[Row]) -> None:
        """Show rows that stayed where they are but changed."""
        self._strengths.show_changed(rows)
        self._setting.show_changed(rows)
        by_place = {row.place: row for row in rows}
        self._known.update(by_place)
        self._layout = layout(tuple(self._known.values()))
        for place, widget in self._rows.items():
            item = widget.item
            evidence = by_place.get(item.evidence.place) if item.evidence is not None else None
            if place in by_place or evidence is not None:
                widget.show_item(ObservedItem(by_place.get(place, item.row), evidence or item.evidence, item.short))

    def focus_first(self) -> bool:
        """Go to the first strength not written yet, else to the first item without an answer."""
        if not self._strengths.focus_unanswered():
            self._focus_items()
        return True

    def focus_place(self, place: str) -> bool:
        """Go to a question by its place."""
        if self._strengths.has_place(place):
            return self._strengths.focus_place(place)
        if self._setting.has_place(place):
            return self._setting.focus_place(place)
        for item in self._layout.items if self._layout else ():
            if place in (item.place, item.evidence.place if item.evidence else ""):
                self._all = self._all or item.place not in self._rows
                self._show_items()
                self._rows[item.place].take_focus()
                return True
        return False

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Let every row choose its shape for the new width."""
        super().resizeEvent(event)
        for row in self._rows.values():
            row.fit(self.width())

    def _checklist(self, name: str) -> Checklist:
        made = Checklist(name, self)
        made.answered.connect(self.answered)
        made.left.connect(self.left)
        made.entered.connect(self.entered)
        return made

    def _show_items(self) -> None:
        found = self._layout
        if found is None:
            return
        shown = found.shown(self._all)
        places = {item.place for item in shown}
        for place in [place for place in self._rows if place not in places]:
            row = self._rows.pop(place)
            self._items.removeWidget(row)
            row.hide()
            row.deleteLater()
        at = 0
        for title, items in found.groups:
            visible = [item for item in items if item.place in places]
            at = self._show_group(title, visible, at)
        self._more.setVisible(found.has_more)
        words = "Show the short form" if self._all else f"Show all {len(found.items)}"
        self._more.setText(words)
        self._more.setAccessibleName(words)

    def _show_group(self, title: str, items: Sequence[ObservedItem], at: int) -> int:
        head = self._heads.get(title)
        if head is None:
            head = heading(title)
            self._heads[title] = head
            self._items.addWidget(head)
            self._items.addWidget(Hairline())
        head.setVisible(bool(items))
        at = self._items.indexOf(head) + 2
        for item in items:
            row = self._rows.get(item.place)
            if row is None:
                row = self._make(item)
                self._rows[item.place] = row
            elif (row.item.row, row.item.evidence) != (item.row, item.evidence):
                row.show_item(item)
            if self._items.indexOf(row) != at:
                self._items.insertWidget(at, row)
                # Shown now and not at the next turn of the loop: it may be about to take the focus.
                row.show()
            at += 1
        return at

    def _make(self, item: ObservedItem) -> ItemRow:
        row = ItemRow(item)
        row.answered.connect(self.answered)
        row.left.connect(self.left)
        row.entered.connect(self.entered)
        row.finished.connect(self._move_on)
        row.fit(self.width())
        return row

    def _order(self) -> list[ItemRow]:
        items = self._layout.items if self._layout else ()
        return [self._rows[item.place] for item in items if item.place in self._rows]

    def _move_on(self, row: ItemRow) -> None:
        rows = self._order()
        later = rows[rows.index(row) + 1 :] if row in rows else []
        if later:
            later[0].take_focus()
        else:
            self.ended.emit()

    def _focus_items(self) -> None:
        rows = self._order()
        unanswered = [row for row in rows if not row.item.chosen]
        if rows:
            (unanswered or rows)[0].take_focus()

    def _toggle(self) -> None:
        self._all = not self._all
        self._show_items()
