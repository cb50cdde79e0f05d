"""The Today screen's widgets."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from visitapp.ui.today.presenter import DayLines, Line, TodayPage, VisitLine
from visitapp.ui.widgets.buttons import Button, PrimaryButton, QuietButton
from visitapp.ui.widgets.rows import Columns, Mark, RowButton
from visitapp.ui.widgets.screen import Screen
from visitapp.ui.widgets.surfaces import GRID, Card, EmptyState, Hairline, Page, clear, column, row
from visitapp.ui.widgets.text import muted, strong, title


class TodayScreen(Screen):
    """Today's visits at the top, what is due and what needs her below, the week ahead at the right."""

    title = "Today"
    help_page = "today"

    line_chosen = Signal(object)
    visit_wanted = Signal(object)
    all_due_wanted = Signal()
    caseload_wanted = Signal()
    opened = Signal()
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        page = Page()
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(page)
        self._take_focus = False
        self._shown: TodayPage | None = None
        self._greeting = title("")
        self._day = muted("")
        page.body.addLayout(column(self._greeting, self._day, gap=2))
        self._notes = QVBoxLayout()
        self._notes.setSpacing(GRID)
        page.body.addLayout(self._notes)
        sides = Columns(narrow_under=860)
        page.body.addWidget(sides)
        page.body.addStretch(1)
        left = QWidget()
        below = QVBoxLayout(left)
        below.setContentsMargins(0, 0, 0, 0)
        below.setSpacing(2 * GRID)
        self._visits = Card("Today's visits")
        self._due = Card("Due")
        self._needs = Card("Needs you")
        lists = Columns(narrow_under=640)
        lists.add(_top(self._due))
        lists.add(_top(self._needs))
        below.addWidget(self._visits)
        below.addWidget(lists)
        below.addStretch(1)
        self._week = Card("The week ahead")
        sides.add(left, 3)
        sides.add(_top(self._week), 1)
        self._lists = {card: _list_in(card) for card in (self._visits, self._due, self._needs, self._week)}

    def open(self, argument: str = "") -> None:
        """Come to the front."""
        self._take_focus = True
        self.opened.emit()

    def leave(self) -> None:
        """Go out of sight."""
        self.left.emit()

    def show_page(self, page: TodayPage) -> None:
        """Show everything that was loaded; nothing moves when nothing changed."""
        if page == self._shown and not self._take_focus:
            return
        self._shown = page
        self._greeting.setText(page.greeting)
        self._day.setText(page.day)
        self._show_notes(page)
        self._show_visits(page.visits)
        self._take_focus = False
        self._show_due(page)
        self._show_needs(page.needs)
        self._show_week(page.week)

    def _show_notes(self, page: TodayPage) -> None:
        clear(self._notes)
        if page.reviews:
            line = Line(page.reviews, "Flags first, then the oldest", "review", "", icon="review")
            self._notes.addWidget(self._row(line))
        for words in page.warnings:
            card = Card(tone="attention")
            card.body.addWidget(muted(words))
            self._notes.addWidget(card)

    def _show_visits(self, visits: Sequence[VisitLine]) -> None:
        into = self._emptied(self._visits)
        first = True
        for visit in visits:
            if not first:
                between = row(Hairline(), gap=GRID)
                between.setStretch(0, 1)
                if visit.gap:
                    between.insertWidget(0, muted(visit.gap, wraps=False))
                into.addLayout(between)
            words = visit.begin
            if not words:
                into.addWidget(self._row(visit.row))
                first = False
                continue
            begin = PrimaryButton(words, "draft") if first else Button(words, "draft")
            begin.setAccessibleName(f"{words}: {visit.row.title}")
            begin.clicked.connect(lambda _=False, visit=visit: self.visit_wanted.emit(visit))
            across = row(self._row(visit.row), begin, gap=GRID)
            across.setStretch(0, 1)
            into.addLayout(across)
            if first and self._take_focus:
                begin.show()
                begin.setFocus()
            first = False
        if not visits:
            empty = EmptyState(
                "No visit is planned for today",
                "A visit shows here once its day was agreed. Any visit can be started from its family.",
                icon="today",
                button="Open the caseload",
            )
            empty.asked.connect(self.caseload_wanted)
            into.addWidget(empty)

    def _show_due(self, page: TodayPage) -> None:
        into = self._emptied(self._due)
        self._fill(into, page.due)
        if page.more_due:
            more = QuietButton(f"Show {page.more_due} more in the caseload", "next")
            more.clicked.connect(self.all_due_wanted)
            into.addLayout(row(more, None))
        if not page.due:
            into.addWidget(EmptyState("Nothing is due", "Contacts show here when their window opens.", icon="tick"))

    def _show_needs(self, needs: Sequence[Line]) -> None:
        into = self._emptied(self._needs)
        self._fill(into, needs)
        if not needs:
            words = "Notes not signed, notes returned to you, and open concerns show here."
            into.addWidget(EmptyState("Nothing needs you", words, icon="tick"))

    def _show_week(self, week: Sequence[DayLines]) -> None:
        into = self._emptied(self._week)
        for day in week:
            into.addWidget(strong(day.day))
            self._fill(into, day.rows, lines_between=False)
        if not week:
            into.addWidget(muted("No visit is planned for the next seven days."))

    def _fill(self, into: QVBoxLayout, lines: Sequence[Line], *, lines_between: bool = True) -> None:
        for number, line in enumerate(lines):
            if number and lines_between:
                into.addWidget(Hairline())
            into.addWidget(self._row(line))

    def _row(self, line: Line) -> RowButton:
        found = RowButton(
            line.title,
            line.detail,
            lead=line.lead,
            icon=line.icon,
            icon_tone=line.tone,
            marks=[Mark(*mark) for mark in line.marks],
        )
        found.clicked.connect(lambda: self.line_chosen.emit(line))
        return found

    def _emptied(self, card: Card) -> QVBoxLayout:
        clear(self._lists[card])
        return self._lists[card]


def _list_in(card: Card) -> QVBoxLayout:
    found = QVBoxLayout()
    found.setSpacing(2)
    card.body.addLayout(found)
    return found


def _top(card: Card) -> QWidget:
    holder = QWidget()
    holder.setLayout(column(card, None))
    return holder
