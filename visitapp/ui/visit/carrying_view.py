"""The page that shows what would become of the answers on a newer version of a checklist, and the line that leads to it."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from visitapp.ui.visit.carrying import CarryOffer
from visitapp.ui.widgets.buttons import Button, QuietButton
from visitapp.ui.widgets.surfaces import Card, Page, clear, row
from visitapp.ui.widgets.text import Text, muted, strong, title


class NewerLine(QWidget):
    """One line under the top of a visit; it is there only while there is something to carry."""

    wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        line = QHBoxLayout(self)
        line.setContentsMargins(16, 0, 16, 4)
        self._words = Text("", "small", "muted")
        self._see = QuietButton("See what would move", parent=self)
        self._see.clicked.connect(lambda _on=False: self.wanted.emit())
        line.addWidget(self._words, 1)
        line.addWidget(self._see)
        self.hide()

    def show_newer(self, words: str) -> None:
        """Say that there is a newer version, or nothing."""
        self._words.setText(words)
        self._see.setAccessibleDescription(words)
        self.setVisible(bool(words))


class CarryingPage(Page):
    """Each sheet that can be carried, with what goes along and what has no place."""

    carry_wanted = Signal(str)
    closed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(widest=760, parent=parent)
        self.setAccessibleName("Newer versions")
        self._offers = QVBoxLayout()
        self._offers.setSpacing(16)
        self._back = Button("Back to the visit", "back")
        self._back.clicked.connect(self.closed)
        self.body.addWidget(title("Newer versions"))
        self.body.addWidget(
            muted(
                "You began with an older version. You can finish with it, or carry your answers over. Nothing you wrote is lost:"
                " what has no place in the newer version stays with this visit and is printed in the professional copy."
            )
        )
        self.body.addLayout(self._offers)
        self.body.addLayout(row(self._back, None))
        self.body.addStretch(1)

    def show_offers(self, offers: Sequence[CarryOffer]) -> None:
        """Show what carrying would do."""
        clear(self._offers)
        for offer in offers:
            self._offers.addWidget(self._card(offer))
        if not offers:
            self._offers.addWidget(muted("Every checklist of this visit is in its newest version."))
        self._back.setFocus(Qt.FocusReason.OtherFocusReason)

    def _card(self, offer: CarryOffer) -> Card:
        card = Card(offer.title)
        card.setAccessibleName(offer.title)
        card.body.addWidget(muted(offer.versions))
        card.body.addWidget(Text(offer.along))
        for words, lines in (
            ("Asked in other words now", offer.reworded),
            ("No place in the newer version, kept with the visit", offer.lost),
        ):
            if lines:
                card.body.addWidget(strong(words))
            for line in lines:
                card.body.addWidget(Text(line))
        button = Button("Carry it over", parent=card)
        button.setAccessibleName(f"Carry over: {offer.title}")
        button.clicked.connect(lambda _on=False, key=offer.key: self.carry_wanted.emit(key))
        card.body.addLayout(row(None, button))
        return card
