"""The concerns: a quiet list of behaviours; each opens a card with words, level, what to do now and who was told."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from visitapp.forms.filling import Row
from visitapp.ui.checklist.view import Checklist
from visitapp.ui.visit.concern_rows import ConcernLayout, Marker, concern_layout
from visitapp.ui.widgets.buttons import Button, QuietButton
from visitapp.ui.widgets.chip import Chip
from visitapp.ui.widgets.surfaces import Card, row
from visitapp.ui.widgets.text import Text, muted, strong


class MarkerRow(QWidget):
    """One marker: a line in the list, and its card when it is open."""

    answered = Signal(str, object)
    left = Signal(str)
    entered = Signal(object)

    def __init__(self, marker: Marker, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._marker = marker
        self._form: Checklist | None = None
        self._card: Card | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        self._words = Text(marker.row.text)
        self._chip = Chip("", "muted")
        self._open = Button("Open", name=f"Open: {marker.row.text}")
        self._open.setCheckable(True)
        self._open.toggled.connect(self._toggle)
        line = row(self._words, self._chip, self._open, gap=12)
        line.setStretch(0, 1)
        line.setAlignment(self._open, Qt.AlignmentFlag.AlignTop)
        line.setAlignment(self._chip, Qt.AlignmentFlag.AlignTop)
        column.addLayout(line)
        self._column = column
        self.show_marker(marker)
        if marker.is_raised:
            self._open.setChecked(True)

    def show_marker(self, marker: Marker) -> None:
        """Show the marker as it stands now."""
        if marker == self._marker and self._form is not None:
            return
        structure = [row.place for row in marker.details] != [row.place for row in self._marker.details]
        self._marker = marker
        self._chip.setVisible(bool(marker.answer))
        words = f"{marker.answer} · level {marker.level}" if marker.is_raised else marker.answer
        self._chip.show_words(words, "attention" if marker.is_raised else "muted", "flag" if marker.is_raised else "")
        if self._card is not None:
            self._card.set_tone("attention" if marker.is_raised else "")
        if self._form is not None:
            rows = (marker.row, *marker.details)
            if structure:
                self._form.show_rows(rows)
            else:
                self._form.show_changed(rows)

    def focus_place(self, place: str) -> bool:
        """Open the card and go to the question, when it is one of this marker's."""
        if place != self._marker.row.place and place not in {row.place for row in self._marker.details}:
            return False
        self._open.setChecked(True)
        return self._form is not None and self._form.focus_place(place)

    def _toggle(self, on: bool) -> None:
        self._open.setText("Close" if on else "Open")
        self._open.setAccessibleName(f"{self._open.text()}: {self._marker.row.text}")
        if on and self._card is None:
            self._make_card()
        if self._card is not None:
            self._card.setVisible(on)
        if on and self._form is not None and self.isVisible():
            self._form.focus_first()

    def _make_card(self) -> None:
        self._card = Card(tone="attention" if self._marker.is_raised else "")
        self._card.setAccessibleName(self._marker.row.text)
        self._form = Checklist(self._marker.row.text)
        self._form.answered.connect(self.answered)
        self._form.left.connect(self.left)
        self._form.entered.connect(self.entered)
        self._form.show_rows((self._marker.row, *self._marker.details))
        self._card.body.addWidget(self._form)
        self._column.addWidget(self._card)


class ConcernList(QWidget):
    """All concern markers of one baby, folded away until one is needed."""

    answered = Signal(str, object)
    left = Signal(str)
    entered = Signal(object)
    ended = Signal()

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self._rows: dict[str, MarkerRow] = {}
        self._known: dict[str, Row] = {}
        self._found = ConcernLayout((), ())
        self._raised = 0
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        self._said = muted("")
        column.addWidget(self._said)
        self._fold = QuietButton("Look at the list of concerns")
        self._list = QWidget()
        self._fold.clicked.connect(lambda: self._unfold(self._list.isHidden()))
        column.addLayout(row(self._fold, None))
        self._inner = QVBoxLayout(self._list)
        self._inner.setContentsMargins(0, 0, 0, 0)
        self._inner.setSpacing(12)
        column.addWidget(self._list)
        self._other = Checklist(name)
        self._other.answered.connect(self.answered)
        self._other.left.connect(self.left)
        self._other.entered.connect(self.entered)
        column.addWidget(self._other)
        self._list.hide()

    def show_rows(self, rows: Sequence[Row]) -> None:
        """Show exactly these rows; the list itself is made when it is first unfolded."""
        self._known = {row.place: row for row in rows}
        self._show()

    def show_changed(self, rows: Sequence[Row]) -> None:
        """Show rows that stayed where they are but changed."""
        self._known.update((row.place, row) for row in rows)
        self._show()

    def _show(self) -> None:
        self._found = concern_layout(tuple(self._known.values()))
        raised = sum(marker.is_raised for _title, markers in self._found.groups for marker in markers)
        self._other.show_rows([row for row in self._found.other if row.item.is_question])
        words = "No concern raised." if not raised else f"{raised} raised."
        self._said.setText(
            f"{words} Describe behaviour, not the person. A concern never prints on the family copy. "
            "Urgent risk needs a phone call now: saving or sending a note alerts nobody."
        )
        if raised > self._raised:
            self._unfold(True)
        elif self._rows:
            self._show_markers()
        self._raised = raised

    def _show_markers(self) -> None:
        for title, markers in self._found.groups:
            if title and not any(marker.row.place in self._rows for marker in markers):
                self._inner.addWidget(strong(title))
            for marker in markers:
                known = self._rows.get(marker.row.place)
                if known is None:
                    self._rows[marker.row.place] = self._make(marker)
                else:
                    known.show_marker(marker)

    def focus_first(self) -> bool:
        """The list is quiet: it never takes the focus by itself."""
        return False

    def focus_place(self, place: str) -> bool:
        """Open the marker that a question belongs to and go to it."""
        if place:
            self._unfold(True)
        return any(row.focus_place(place) for row in self._rows.values())

    def _make(self, marker: Marker) -> MarkerRow:
        made = MarkerRow(marker)
        made.answered.connect(self.answered)
        made.left.connect(self.left)
        made.entered.connect(self.entered)
        self._inner.addWidget(made)
        return made

    def _unfold(self, on: bool) -> None:
        if on:
            self._show_markers()
        self._list.setVisible(on)
        self._fold.setText("Fold the list of concerns away" if on else "Look at the list of concerns")
        self._fold.setAccessibleName(self._fold.text())
