"""The Caseload screen's widgets: search, filter chips, one table."""

from collections.abc import Iterable

from PySide6.QtCore import QEvent, QObject, QSettings, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QStackedLayout, QVBoxLayout, QWidget

from visitapp.ui.caseload.presenter import FILTER_WORDS, CaseloadPage, Filter
from visitapp.ui.caseload.table import CaseloadTable
from visitapp.ui.widgets.buttons import FilterChip, PrimaryButton
from visitapp.ui.widgets.screen import Screen
from visitapp.ui.widgets.surfaces import GRID, EmptyState, Flow, row
from visitapp.ui.widgets.text import muted


class CaseloadScreen(Screen):
    """One table that answers "whom have I not seen?", narrowed by chips and by every letter typed."""

    title = "Caseload"
    help_page = "caseload"

    opened = Signal(str)
    left = Signal()
    searched = Signal(str)
    narrowed = Signal(object)
    family_chosen = Signal(str)
    family_wanted = Signal()

    def __init__(self, *, may_begin: bool, memory: QSettings | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._search = QLineEdit()
        self._search.setPlaceholderText("Search names, or words in notes")
        self._search.setAccessibleName("Search the caseload")
        self._search.setClearButtonEnabled(True)
        self._search.setMinimumWidth(260)
        self._search.setMaximumWidth(420)
        self._search.textChanged.connect(self.searched)
        self._search.installEventFilter(self)
        self._sentence = muted("", wraps=False)
        begin = PrimaryButton("New family", "add")
        begin.setVisible(may_begin)
        begin.clicked.connect(self.family_wanted)
        self._chips: dict[Filter, FilterChip] = {}
        chips = Flow()
        for filter_, words in FILTER_WORDS.items():
            chip = FilterChip(words)
            chip.toggled.connect(self._narrowed)
            self._chips[filter_] = chip
            chips.addWidget(chip)
        self._table = CaseloadTable(memory)
        self._table.family_chosen.connect(self.family_chosen)
        self._nothing = self._empty(may_begin=may_begin)
        self._no_match = EmptyState("No family matches", "Try fewer letters, or take a filter away.", icon="find")
        self._stack = QStackedLayout()
        for widget in (self._table, self._nothing, self._no_match):
            self._stack.addWidget(widget)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(3 * GRID, 2 * GRID, 3 * GRID, 2 * GRID)
        whole.setSpacing(GRID + 4)
        across = row(self._search, self._sentence, None, begin, gap=2 * GRID)
        across.setStretch(0, 1)
        whole.addLayout(across)
        whole.addLayout(chips)
        whole.addLayout(self._stack, 1)

    def open(self, argument: str = "") -> None:
        """Come to the front with the keyboard in the search."""
        self.opened.emit(argument)
        self._search.setFocus()
        self._search.selectAll()

    def leave(self) -> None:
        """Go out of sight and keep the widths."""
        self._table.remember()
        self.left.emit()

    def show_page(self, page: CaseloadPage) -> None:
        """Show rows; the row that was current stays current."""
        current = self._table.rows.family_at(self._table.currentIndex().row())
        self._table.rows.show_rows(page.rows)
        self._sentence.setText(page.sentence)
        if page.rows:
            again = max(0, self._table.rows.row_of(current))
            self._table.setCurrentIndex(self._table.rows.index(again, 0))
        self._stack.setCurrentWidget(self._table if page.rows else self._no_match if page.total else self._nothing)

    def show_filters(self, filters: Iterable[Filter]) -> None:
        """Show which filters are on without telling them back."""
        on = set(filters)
        for filter_, chip in self._chips.items():
            chip.blockSignals(True)
            chip.setChecked(filter_ in on)
            chip.blockSignals(False)
            chip.show_on(filter_ in on)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """From the search: Down goes into the table, Enter opens the first family."""
        if watched is self._search and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if event.key() == Qt.Key.Key_Down:
                self._table.setFocus()
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._table.keyPressEvent(event)
                return True
        return False

    def _narrowed(self) -> None:
        self.narrowed.emit([filter_ for filter_, chip in self._chips.items() if chip.isChecked()])

    def _empty(self, *, may_begin: bool) -> EmptyState:
        hint = "Families assigned to you arrive with the next sync."
        if may_begin:
            hint += " You can also begin one here, with or without a network."
        found = EmptyState("No family here yet", hint, icon="caseload", button="New family" if may_begin else "")
        found.asked.connect(self.family_wanted)
        return found
