"""The Sync screen's widgets."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from visitapp.ui.sync.presenter import Choice, Group, SyncPage
from visitapp.ui.widgets.buttons import Button, PrimaryButton
from visitapp.ui.widgets.picture import Picture
from visitapp.ui.widgets.rows import Columns
from visitapp.ui.widgets.screen import Screen
from visitapp.ui.widgets.surfaces import GRID, Card, EmptyState, Hairline, Page, clear, column, row
from visitapp.ui.widgets.text import Text, heading, muted, strong

_WIDEST = 1000


class SyncScreen(Screen):
    """One sentence, one button; then what is here only, on its way, received, and what needs her."""

    title = "Sync"
    help_page = "sync"

    opened = Signal()
    left = Signal()
    sync_wanted = Signal()
    mine_chosen = Signal(str)
    theirs_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        page = Page(widest=_WIDEST)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(page)
        self._icon = Picture("laptop", 36, "muted")
        self._sentence = heading("")
        self._detail = muted("")
        self._sync = PrimaryButton("Sync now", "sync")
        self._sync.clicked.connect(self.sync_wanted)
        top = Card()
        across = row(self._icon, gap=2 * GRID)
        across.addLayout(column(self._sentence, self._detail, gap=4), 1)
        across.addWidget(self._sync)
        top.body.addLayout(across)
        page.body.addWidget(top)
        self._needs = _stack(page.body)
        lists = Columns(narrow_under=720)
        self._waiting, self._travelling, self._received = (
            Card("On this laptop only"), Card("On its way"), Card("Received"),
        )  # fmt: skip
        for card in (self._waiting, self._travelling, self._received):
            lists.add(card)
        page.body.addWidget(lists)
        self._history = Card("History")
        page.body.addWidget(self._history)
        page.body.addStretch(1)
        self._lists = {card: _stack(card.body) for card in (self._waiting, self._travelling, self._received, self._history)}
        for card in (self._waiting, self._travelling, self._received):
            card.body.addStretch(1)
        self._shown: SyncPage | None = None

    def open(self, argument: str = "") -> None:
        """Come to the front."""
        self.opened.emit()

    def leave(self) -> None:
        """Go out of sight."""
        self.left.emit()

    def show_page(self, page: SyncPage) -> None:
        """Show everything; what is as it was is left alone, for this comes with every step of a sync."""
        before, self._shown = self._shown, page
        self._sentence.setText(page.sentence.words)
        self._sentence.setAccessibleName(page.sentence.words)
        self._icon.show_icon(page.sentence.icon, page.sentence.tone)
        self._detail.setText(page.detail)
        self._detail.setVisible(bool(page.detail))
        self._sync.setEnabled(page.may_sync)
        if before is None or before.choices != page.choices:
            self._show_choices(page.choices)
        if before is None or before.waiting != page.waiting:
            self._fill(self._waiting, page.waiting, "Nothing waits here.")
        if before is None or before.travelling != page.travelling:
            self._fill(self._travelling, page.travelling, "Nothing is on its way.")
        if before is None or before.received != page.received:
            self._fill(self._received, page.received, "What the server confirms shows here with its time.")
        if before is None or before.history != page.history:
            self._show_history(page)

    def _fill(self, card: Card, groups: Sequence[Group], empty: str) -> None:
        into = self._lists[card]
        clear(into)
        for number, group in enumerate(groups):
            if number:
                into.addWidget(Hairline())
            across = row(Picture(group.icon, 20, "muted"))
            across.addLayout(column(strong(group.words), muted(group.detail), gap=2), 1)
            into.addLayout(across)
        if not groups:
            into.addWidget(muted(empty))

    def _show_history(self, page: SyncPage) -> None:
        into = self._lists[self._history]
        clear(into)
        for past in page.history:
            across = row(Picture(past.icon, 18, past.tone))
            across.addWidget(Text(past.words), 1)
            across.addWidget(muted(past.when, wraps=False))
            into.addLayout(across)
        if not page.history:
            into.addWidget(EmptyState("No sync yet", "Each sync shows here with what it sent and received.", icon="sync"))

    def _show_choices(self, choices: Sequence[Choice]) -> None:
        clear(self._needs)
        for choice in choices:
            self._needs.addWidget(self._choice(choice))

    def _choice(self, choice: Choice) -> Card:
        card = Card(tone="attention")
        card.setAccessibleName(f"Needs you: {choice.title}")
        across = row(Picture("question", 24, "attention"))
        across.addLayout(column(strong(f"Needs you: {choice.title}"), Text(choice.why, "small"), gap=2), 1)
        card.body.addLayout(across)
        grid = QGridLayout()
        grid.setHorizontalSpacing(2 * GRID)
        grid.setVerticalSpacing(6)
        grid.setColumnStretch(1, 1)
        grid.setColumnStretch(2, 1)
        for number, words in enumerate(("", "Written here", "At the server")):
            grid.addWidget(muted(words, wraps=False), 0, number)
        for line, difference in enumerate(choice.differences, 1):
            grid.addWidget(muted(difference.what, wraps=False), line, 0, Qt.AlignmentFlag.AlignTop)
            for number, words in ((1, difference.mine), (2, "taken away" if choice.theirs_gone else difference.theirs)):
                grid.addWidget(Text(words), line, number, Qt.AlignmentFlag.AlignTop)
        card.body.addLayout(grid)
        mine, theirs = Button("Use mine"), Button("Use the server's")
        mine.setAccessibleName(f"Use mine: {choice.title}")
        theirs.setAccessibleName(f"Use the server's: {choice.title}")
        mine.clicked.connect(lambda: self.mine_chosen.emit(choice.op))
        theirs.clicked.connect(lambda: self.theirs_chosen.emit(choice.op))
        card.body.addLayout(row(mine, theirs, None))
        return card


def _stack(into: QVBoxLayout) -> QVBoxLayout:
    found = QVBoxLayout()
    found.setSpacing(GRID)
    into.addLayout(found)
    return found
