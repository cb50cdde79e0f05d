"""The timeline of a family: visits, measures and drafts, newest first, narrowed by chips."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from visitapp.ui.family.page import KIND_WORDS, Event, Kind
from visitapp.ui.widgets.buttons import FilterChip, QuietButton
from visitapp.ui.widgets.rows import Mark, RowButton
from visitapp.ui.widgets.surfaces import Card, EmptyState, Flow, Hairline, clear, row

_AT_ONCE = 15


class Timeline(Card):
    """What has been; each entry opens its note."""

    chosen = Signal(str, str)
    narrowed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Timeline", parent=parent)
        self._chips: dict[Kind, FilterChip] = {}
        chips = Flow()
        for kind, words in KIND_WORDS.items():
            chip = FilterChip(words)
            chip.toggled.connect(self._narrowed)
            self._chips[kind] = chip
            chips.addWidget(chip)
        self.body.addLayout(chips)
        self._list = QVBoxLayout()
        self._list.setSpacing(2)
        self.body.addLayout(self._list)
        self._shown: tuple[Event, ...] = ()

    def show_events(self, events: Sequence[Event], *, has_any: bool) -> None:
        """Show events, newest first; the earliest wait behind a button."""
        self._shown = tuple(events)
        clear(self._list)
        for chip in self._chips.values():
            chip.setVisible(has_any)
        self._add(0, _AT_ONCE)
        if not events:
            self._list.addWidget(
                EmptyState("Nothing of this kind", "Take a filter away to see the rest.", icon="filter")
                if has_any
                else EmptyState("No visit yet", "A visit shows here from the moment it is begun.", icon="visits")
            )

    def forget_filters(self) -> None:
        """Take every filter away without telling it."""
        for chip in self._chips.values():
            chip.blockSignals(True)
            chip.setChecked(False)
            chip.blockSignals(False)
            chip.show_on(False)

    def _add(self, start: int, many: int) -> None:
        for number, event in enumerate(self._shown[start : start + many], start):
            if number:
                self._list.addWidget(Hairline())
            self._list.addWidget(self._row(event))
        left = len(self._shown) - start - many
        if left > 0:
            more = QuietButton(f"Show {left} earlier", "down")
            across = row(more, None)
            self._list.addLayout(across)
            more.clicked.connect(lambda: self._show_earlier(more, start + many))

    def _show_earlier(self, button: QuietButton, start: int) -> None:
        button.hide()
        self._add(start, len(self._shown))

    def _row(self, event: Event) -> RowButton:
        marks = [Mark(*chip) for chip in event.chips]
        found = RowButton(event.title, event.detail, icon=event.icon, icon_tone=event.tone, marks=marks, trailing=event.when)
        if event.screen:
            found.clicked.connect(lambda: self.chosen.emit(event.screen, event.argument))
        return found

    def _narrowed(self) -> None:
        self.narrowed.emit(frozenset(kind for kind, chip in self._chips.items() if chip.isChecked()))
