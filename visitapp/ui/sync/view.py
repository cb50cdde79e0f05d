"""The Sync screen's widgets."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QProgressBar, QVBoxLayout, QWidget

from visitapp.ui.sync.attention import Attention
from visitapp.ui.sync.presenter import Arrival, Gone, Group, PastDecision, SyncPage
from visitapp.ui.widgets.buttons import Button, PrimaryButton
from visitapp.ui.widgets.picture import Picture
from visitapp.ui.widgets.rows import Columns, RowButton
from visitapp.ui.widgets.screen import Screen
from visitapp.ui.widgets.surfaces import GRID, Card, EmptyState, Flow, Hairline, Page, clear, column, row
from visitapp.ui.widgets.text import Text, heading, muted, strong

_WIDEST = 1000


class SyncScreen(Screen):
    """One sentence, one button; then what is here only, on its way, received, and what needs her."""

    title = "Sync"
    help_page = "sync"

    opened = Signal()
    left = Signal()
    sync_wanted = Signal()
    way_chosen = Signal(str, object)
    gone_read = Signal(str)
    decision_chosen = Signal(str)

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
        self._make_arrival(page)
        self._needs = _stack(page.body)
        self._gone = _stack(page.body)
        lists = Columns(narrow_under=720)
        self._waiting, self._travelling, self._received = (
            Card("On this laptop only"), Card("On its way"), Card("Received"),
        )  # fmt: skip
        for card in (self._waiting, self._travelling, self._received):
            lists.add(card)
        page.body.addWidget(lists)
        self._decided = Card("Decided")
        self._decided.hide()
        self._history = Card("History of syncs")
        for card in (self._decided, self._history):
            page.body.addWidget(card)
        page.body.addStretch(1)
        shown = (self._waiting, self._travelling, self._received, self._decided, self._history)
        self._lists = {card: _stack(card.body) for card in shown}
        for card in (self._waiting, self._travelling, self._received):
            card.body.addStretch(1)
        self._shown: SyncPage | None = None

    def _make_arrival(self, page: Page) -> None:
        self._arriving = Card("Your families are arriving", tone="accent")
        self._arriving_words = strong("")
        self._arriving_detail = muted("")
        self._progress = QProgressBar()
        self._progress.setTextVisible(False)
        for part in (self._arriving_words, self._progress, self._arriving_detail):
            self._arriving.body.addWidget(part)
        self._arriving.hide()
        page.body.addWidget(self._arriving)

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
        if before is None or before.attention != page.attention:
            self._show_attention(page.attention)
        if before is None or before.arrival != page.arrival:
            self._show_arrival(page.arrival)
        if before is None or before.gone != page.gone:
            self._show_gone(page.gone)
        if before is None or before.decided != page.decided:
            self._show_decided(page.decided)
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
            across.addLayout(column(Text(past.words), *([muted(past.size)] if past.size else []), gap=0), 1)
            across.addWidget(muted(past.when, wraps=False))
            into.addLayout(across)
        if not page.history:
            into.addWidget(EmptyState("No sync yet", "Each sync shows here with what it sent and received.", icon="sync"))

    def _show_attention(self, waiting: Sequence[Attention]) -> None:
        clear(self._needs)
        if waiting:
            self._needs.addWidget(heading("Needs your attention"))
        for each in waiting:
            self._needs.addWidget(self._attention(each))

    def _attention(self, each: Attention) -> Card:
        card = Card(tone="attention")
        card.setAccessibleName(f"Needs you: {each.title}")
        across = row(Picture("question", 24, "attention"))
        across.addLayout(column(strong(each.title), Text(each.happened), muted(each.safe), gap=4), 1)
        card.body.addLayout(across)
        buttons = Flow()
        for way, words in each.ways:
            button = Button(words)
            button.setAccessibleName(f"{words}: {each.title}")
            button.clicked.connect(lambda _on=False, way=way: self.way_chosen.emit(each.op, way))
            buttons.addWidget(button)
        card.body.addLayout(buttons)
        return card

    def _show_arrival(self, arrival: Arrival | None) -> None:
        self._arriving.setVisible(arrival is not None)
        if arrival is not None:
            self._arriving_words.setText(arrival.words)
            self._arriving_detail.setText(arrival.detail)
            self._progress.setRange(0, arrival.of)
            self._progress.setValue(arrival.here)
            self._progress.setAccessibleName(arrival.words)

    def _show_gone(self, gone: Sequence[Gone]) -> None:
        clear(self._gone)
        for one in gone:
            card = Card(tone="accent")
            card.setAccessibleName(one.words)
            read = Button("I have read this")
            read.setAccessibleName(f"I have read this: {one.words}")
            read.clicked.connect(lambda _on=False, which=one.id: self.gone_read.emit(which))
            across = row(Picture("caseload", 24, "accent"))
            across.addWidget(Text(one.words), 1)
            across.addWidget(read)
            card.body.addLayout(across)
            self._gone.addWidget(card)

    def _show_decided(self, decided: Sequence[PastDecision]) -> None:
        into = self._lists[self._decided]
        clear(into)
        self._decided.setVisible(bool(decided))
        for one in decided:
            line = RowButton(one.words, icon="signed", trailing=one.when)
            line.clicked.connect(lambda _on=False, argument=one.argument: self.decision_chosen.emit(argument))
            into.addWidget(line)


def _stack(into: QVBoxLayout) -> QVBoxLayout:
    found = QVBoxLayout()
    found.setSpacing(GRID)
    into.addLayout(found)
    return found
