"""The page of one step: its blocks one under the other, and what may be added to it."""

from collections.abc import Sequence

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QMenu, QWidget

from visitapp.forms.filling import Row
from visitapp.ui.visit.blocks import BlockCard
from visitapp.ui.visit.pages import Block, Offer, StepPage
from visitapp.ui.widgets.buttons import Button
from visitapp.ui.widgets.surfaces import Card, Flow, Page, clear, row
from visitapp.ui.widgets.text import muted, title

WIDEST = 900


class StepPageView(Page):
    """One step's page; it lives as long as the visit is open, so that undo and the cursor survive going elsewhere."""

    answered = Signal(str, str, object)
    added = Signal(str, str)
    removed = Signal(str, str)
    taken_off = Signal(str)
    asked_for = Signal(str, str, str)
    said_alone = Signal()
    left = Signal()
    next_wanted = Signal()

    def __init__(self, page: StepPage, next_words: str, parent: QWidget | None = None) -> None:
        super().__init__(widest=WIDEST, parent=parent)
        self.setAccessibleName(page.title)
        self._blocks: dict[str, BlockCard] = {}
        self.body.addWidget(title(page.title))
        if page.lead:
            self.body.addWidget(muted(page.lead))
        self._alone = self._alone_card()
        self.body.addWidget(self._alone)
        self._cards = self.body.count()
        self._offers = QWidget()
        self._offer_flow = Flow(self._offers)
        self.body.addWidget(self._offers)
        self._next = Button(next_words, "next")
        self._next.setToolTip("Ctrl+Enter")
        self._next.clicked.connect(self.next_wanted)
        self.body.addLayout(row(None, self._next))
        self.body.addStretch(1)
        self.show_page(page)

    def show_page(self, page: StepPage) -> None:
        """Show the blocks of the page as they stand now, keeping those that were there."""
        wanted = [block.key for block in page.blocks]
        for key in [key for key in self._blocks if key not in wanted]:
            card = self._blocks.pop(key)
            self.body.removeWidget(card)
            card.hide()
            card.deleteLater()
        for index, block in enumerate(page.blocks):
            card = self._blocks.get(block.key) or self._make(block)
            card.show_block(block)
            if self.body.indexOf(card) != self._cards + index:
                self.body.insertWidget(self._cards + index, card)
        self._alone.setVisible(page.asks_alone)
        self._show_offers(page.offers)
        self._show_more(page.more)

    def show_rows(self, key: str, rows: Sequence[Row]) -> None:
        """Show exactly these rows in a block."""
        if key in self._blocks:
            self._blocks[key].show_rows(rows)

    def show_changed(self, key: str, rows: Sequence[Row]) -> None:
        """Mend rows of a block in place."""
        if key in self._blocks:
            self._blocks[key].show_changed(rows)

    def show_note(self, key: str, words: str) -> None:
        """Show what a block adds up to."""
        if key in self._blocks:
            self._blocks[key].show_note(words)

    def focus_first(self) -> None:
        """Go to the first question that waits for an answer."""
        if not any(card.focus_first() for card in self._in_order()):
            self._next.setFocus()

    def focus_place(self, key: str, place: str) -> None:
        """Go to a question of a block."""
        card = self._blocks.get(key)
        if card is not None and not card.focus_place(place):
            self._bring_into_view(card)

    def _in_order(self) -> list[BlockCard]:
        return sorted(self._blocks.values(), key=self.body.indexOf)

    def _make(self, block: Block) -> BlockCard:
        card = BlockCard(block)
        self._blocks[card.key] = card
        card.answered.connect(self.answered)
        card.added.connect(self.added)
        card.removed.connect(self.removed)
        card.taken_off.connect(self.taken_off)
        card.left.connect(self.left)
        card.entered.connect(self._bring_into_view)
        card.ended.connect(self._go_on)
        return card

    def _go_on(self, key: str) -> None:
        cards = self._in_order()
        keys = [card.key for card in cards]
        for card in cards[keys.index(key) + 1 :]:
            if card.focus_first():
                return
        self._next.setFocus()

    def _bring_into_view(self, widget: QWidget) -> None:
        # A hint or an evidence line may just be opening: measure after the layout has settled.
        QTimer.singleShot(0, self, lambda: self.ensureWidgetVisible(widget, 0, 48))

    def _alone_card(self) -> Card:
        card = Card()
        say = Button("We are alone now")
        say.clicked.connect(self.said_alone)
        words = muted(
            "Private questions open once you have said that you are alone with this parent: no other adult, no child "
            "old enough to repeat it."
        )
        line = row(words, say, gap=16)
        line.setStretch(0, 1)
        card.body.addLayout(line)
        return card

    def _show_offers(self, offers: Sequence[Offer]) -> None:
        clear(self._offer_flow)
        self._offers.setVisible(bool(offers))
        for offer in offers:
            button = Button(offer.words, "restricted" if offer.locked else "add", name=f"Add: {offer.words}")
            button.setEnabled(not offer.locked)
            button.setToolTip(offer.locked)
            button.clicked.connect(
                lambda _on=False, o=offer: self.asked_for.emit(o.name, o.subject, o.caregiver)
            )
            self._offer_flow.addWidget(button)

    def _show_more(self, more: Sequence[tuple[str, Sequence[Offer]]]) -> None:
        if not more:
            return
        self._offers.show()
        button = Button("More to ask…", "more")
        menu = QMenu(button)
        menu.setAccessibleName("More to ask")
        for name, offers in more:
            # With one person alone to ask about, there is nobody to choose.
            below = menu if len(more) == 1 else menu.addMenu(name)
            for offer in offers:
                action = below.addAction(f"{offer.words} (when you are alone)" if offer.locked else offer.words)
                action.setEnabled(not offer.locked)
                action.triggered.connect(lambda _on=False, o=offer: self.asked_for.emit(o.name, o.subject, o.caregiver))
        button.setMenu(menu)
        self._offer_flow.addWidget(button)
