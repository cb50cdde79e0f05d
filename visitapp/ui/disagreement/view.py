"""The widgets of two versions side by side: marked words, a choice at each place, one text made from both."""

from collections.abc import Mapping
from html import escape

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QFrame, QVBoxLayout, QWidget

from visitapp.domain.differences import Chosen, Path, Piece
from visitapp.ui.disagreement.presenter import DisagreementPage, PastPage, Place
from visitapp.ui.widgets.buttons import Button, FilterChip, PrimaryButton, QuietButton
from visitapp.ui.widgets.fields import Paragraph
from visitapp.ui.widgets.rows import Columns
from visitapp.ui.widgets.screen import Screen
from visitapp.ui.widgets.surfaces import GRID, Card, EmptyState, Flow, Page, clear, column, row
from visitapp.ui.widgets.text import Text, heading, muted, strong, title

_WIDEST = 1100
_STACKED_UNDER = 640


class MarkedText(Text):
    """A text whose words that the other version does not have are bold and underlined; a screen reader hears which they are."""

    def __init__(self, pieces: tuple[Piece, ...], empty: str, whose: str) -> None:
        super().__init__("", tone="ink" if pieces else "muted")
        self.setTextFormat(Qt.TextFormat.RichText)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.setText("".join(map(_html, pieces)) or escape(empty))
        differing = [piece.text.strip() for piece in pieces if piece.differs and piece.text.strip()]
        said = f"{whose}: {''.join(piece.text for piece in pieces) or empty}"
        self.setAccessibleName(f"{said} Only here: {'; '.join(differing)}." if differing else said)


def _html(piece: Piece) -> str:
    # What people typed is escaped: it is never markup.
    words = escape(piece.text).replace("\n", "<br>")
    if not piece.differs:
        return words
    kept = words.rstrip()
    return f"<b><u>{kept}</u></b>{words[len(kept) :]}"


class PlaceCard(Card):
    """One place: the label, both texts, and the choice."""

    chosen = Signal(object, str)
    written = Signal(object, str)

    def __init__(self, place: Place, mine: str, theirs: str) -> None:
        super().__init__()
        self.setAccessibleName(place.label)
        self._place = place
        self.body.addWidget(heading(place.label))
        self._buttons: dict[str, Button] = {}
        self._group = QButtonGroup(self)
        sides = Columns(narrow_under=_STACKED_UNDER)
        sides.add(self._side(mine, place.mine, place.mine_empty, "mine", "Use this text"))
        sides.add(self._side(theirs, place.theirs, place.theirs_empty, "theirs", "Use this text"))
        self.body.addWidget(sides)
        self._text = Paragraph(place.both)
        self._text.setAccessibleName(f"{place.label}: the text made from both")
        self._text.textChanged.connect(lambda: self.written.emit(place.path, self._text.toPlainText()))
        self._note = muted("Both texts are in it, sentence by sentence. Change it until it is right, then sign.")
        if place.combine:
            words = "Write one from both" if place.combine == "text" else "Keep what both have"
            self.body.addLayout(row(self._choice("both", words, place.label), None))
        self.body.addWidget(self._text)
        self.body.addWidget(self._note)
        self._text.hide()
        self._note.hide()

    def show_chosen(self, choice: Chosen | None) -> None:
        """Show which side is chosen, with a tick, and the text of both where it is being written."""
        side = {"text": "both"}.get(choice.side, choice.side) if choice else ""
        for name, button in self._buttons.items():
            button.setChecked(name == side)
        writing = choice is not None and choice.side == "text"
        if writing and choice is not None and not self._text.isVisibleTo(self) and self._text.toPlainText() != choice.text:
            self._text.setPlainText(choice.text)
        self._text.setVisible(writing)
        self._note.setVisible(writing)

    def _side(self, whose: str, pieces: tuple[Piece, ...], empty: str, side: str, words: str) -> QWidget:
        box = QFrame()
        inside = QVBoxLayout(box)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(GRID)
        inside.addWidget(muted(whose))
        inside.addWidget(MarkedText(pieces, empty, whose))
        inside.addStretch(1)
        inside.addLayout(row(self._choice(side, words, f"{self._place.label}: {whose}"), None))
        return box

    def _choice(self, side: str, words: str, of: str) -> Button:
        button = FilterChip(words)
        button.setAccessibleName(f"{words}: {of}")
        button.clicked.connect(lambda: self.chosen.emit(self._place.path, side))
        self._buttons[side] = button
        return button


class DisagreementScreen(Screen):
    """Two versions of one record, or a decision that was taken between two."""

    title = "Two versions"
    rail = "sync"
    help_page = "disagreements"

    opened = Signal(str)
    chosen = Signal(object, str)
    written = Signal(object, str)
    all_chosen = Signal(str)
    saved = Signal()
    put_off = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._page = Page(widest=_WIDEST)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self._page, 1)
        self._body = QVBoxLayout()
        self._body.setSpacing(2 * GRID)
        self._page.body.addLayout(self._body)
        self._page.body.addStretch(1)
        self._cards: dict[Path, PlaceCard] = {}
        self._save = PrimaryButton("Sign this decision", "signed")
        self._left = muted("", wraps=False)

    def open(self, argument: str = "") -> None:
        """Show the change named by its op, the next that waits, or a decision ("decided/…")."""
        self.opened.emit(argument)

    def show_page(self, page: DisagreementPage) -> None:
        """Show two versions, nothing chosen."""
        self._clear()
        self.say_title("Two versions")
        self._body.addLayout(column(title(page.title), Text(page.lead), muted(page.left), gap=GRID))
        self._body.addWidget(muted("Words in bold and underlined stand in one of the two texts only."))
        everywhere = Flow()
        for side, words in (("mine", "Use what was written here, everywhere"), ("theirs", "Use the server's text, everywhere")):
            button = QuietButton(words)
            button.clicked.connect(lambda _on=False, side=side: self.all_chosen.emit(side))
            everywhere.addWidget(button)
        if len(page.places) > 1:
            self._body.addLayout(everywhere)
        for place in page.places:
            card = PlaceCard(place, page.mine, page.theirs)
            card.chosen.connect(self.chosen)
            card.written.connect(self.written)
            self._cards[place.path] = card
            self._body.addWidget(card)
        self._show_end()
        self._page.verticalScrollBar().setValue(0)

    def show_chosen(self, chosen: Mapping[Path, Chosen], left: str) -> None:
        """Show what is chosen so far and what is missing."""
        for path, card in self._cards.items():
            card.show_chosen(chosen.get(path))
        self._save.setEnabled(not left)
        self._left.setText(left)

    def show_past(self, page: PastPage) -> None:
        """Show a decision that was taken."""
        self._clear()
        self.say_title("A decision")
        self._body.addLayout(column(title(page.title), Text(page.lead), gap=GRID))
        for field in page.fields:
            card = Card(field.label)
            card.body.addWidget(Text(f"Kept: {field.chosen}."))
            for whose, text in field.others:
                card.body.addLayout(column(muted(f"{whose}, not kept as it was"), Text(text), gap=2))
            self._body.addWidget(card)
        if not page.fields:
            self._body.addWidget(muted("No text was left out by this decision."))
        self._body.addLayout(row(self._back(), None))

    def show_nothing(self, words: str, hint: str) -> None:
        """Say that there is nothing to decide."""
        self._clear()
        self._body.addWidget(EmptyState(words, hint, icon="done"))
        self._body.addLayout(row(self._back(), None))

    def _show_end(self) -> None:
        self._save = PrimaryButton("Sign this decision", "signed")
        self._save.clicked.connect(self.saved)
        self._left = muted("", wraps=False)
        later = Button("Decide later")
        later.clicked.connect(self.put_off)
        self._body.addLayout(row(strong("", wraps=False), None, self._left, later, self._save))

    def _back(self) -> Button:
        button = Button("Back to Sync", "back")
        button.clicked.connect(self.put_off)
        return button

    def _clear(self) -> None:
        self._cards = {}
        clear(self._body)
