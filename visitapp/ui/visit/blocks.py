"""The blocks of a step's page: one per sheet, in a card of its own that says whom it is about."""

from collections.abc import Sequence
from typing import Protocol

from PySide6.QtCore import Qt, Signal, SignalInstance
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from visitapp.forms.filling import Row
from visitapp.ui import theme
from visitapp.ui.checklist.view import Checklist
from visitapp.ui.visit.concerns import ConcernList
from visitapp.ui.visit.observation import ObservationForm
from visitapp.ui.visit.pages import Block
from visitapp.ui.visit.sheets import RISK_NOW
from visitapp.ui.widgets.buttons import QuietButton
from visitapp.ui.widgets.chip import Chip
from visitapp.ui.widgets.surfaces import Card, row
from visitapp.ui.widgets.text import Text, heading, muted

NO_NUMBERS = "Your service has put no numbers on this laptop yet. In danger now: 999."


class Form(Protocol):
    """What a block needs of the widget that shows its rows."""

    answered: SignalInstance
    left: SignalInstance
    entered: SignalInstance
    ended: SignalInstance

    def show_rows(self, rows: Sequence[Row]) -> None: ...
    def show_changed(self, rows: Sequence[Row]) -> None: ...
    def focus_first(self) -> bool: ...
    def focus_place(self, place: str) -> bool: ...


class ColourBar(QFrame):
    """A bar in a twin's colour along the card, beside the twin's name."""

    def __init__(self, colour: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._role = theme.current().person_role(colour)
        self.setFixedHeight(4)
        self._dress()

    def _dress(self) -> None:
        palette = self.palette()
        palette.setColor(self.backgroundRole(), theme.current().colour(self._role))
        self.setPalette(palette)
        self.setAutoFillBackground(True)


class BlockCard(Card):
    """One sheet on the page."""

    answered = Signal(str, str, object)
    added = Signal(str, str)
    removed = Signal(str, str)
    taken_off = Signal(str)
    left = Signal()
    entered = Signal(object)
    ended = Signal(str)

    def __init__(self, block: Block, parent: QWidget | None = None) -> None:
        super().__init__(tone="accent" if block.kind == RISK_NOW else "", parent=parent)
        self.key = block.key
        name = " · ".join(part for part in (block.title, block.person, block.age) if part)
        self.setAccessibleName(name)
        if block.colour:
            self.body.addWidget(ColourBar(block.colour))
        self._off = QuietButton("Take off", parent=self)
        if not block.bare:
            self._add_title(block)
        if block.restricted:
            self.body.addWidget(
                muted("Restricted: opens only for you and those allowed, and never prints on a family copy.")
            )
        if block.kind == RISK_NOW:
            self._add_phones(block)
        self._form: Form = _form(block, name)
        self._form.answered.connect(lambda place, values: self.answered.emit(self.key, place, values))
        self._form.left.connect(lambda _place: self.left.emit())
        self._form.entered.connect(self.entered)
        self._form.ended.connect(lambda: self.ended.emit(self.key))
        if isinstance(self._form, Checklist):
            self._form.added.connect(lambda place: self.added.emit(self.key, place))
            self._form.removed.connect(lambda place: self.removed.emit(self.key, place))
        self._form.show_rows(block.rows)
        assert isinstance(self._form, QWidget)
        self.body.addWidget(self._form)
        self._note = Text(block.note)
        self.body.addWidget(self._note)
        self.show_block(block)

    def show_block(self, block: Block) -> None:
        """Show what may have changed about the sheet as a whole; its rows are shown by what changed in them."""
        self._off.setVisible(block.removable and not block.bare)
        self.show_note(block.note)

    def show_rows(self, rows: Sequence[Row]) -> None:
        """Show exactly these rows."""
        self._form.show_rows(rows)

    def show_changed(self, rows: Sequence[Row]) -> None:
        """Mend these rows in place."""
        self._form.show_changed(rows)

    def show_note(self, words: str) -> None:
        """Show what the sheet adds up to, where it does."""
        self._note.setText(words)
        self._note.setVisible(bool(words))

    def focus_first(self) -> bool:
        """Go to the first question that waits for an answer."""
        return self._form.focus_first()

    def focus_place(self, place: str) -> bool:
        """Go to a question; with no place, to the first."""
        return self._form.focus_place(place) if place else self._form.focus_first()

    def _add_title(self, block: Block) -> None:
        words = heading(" · ".join(part for part in (block.title, block.person) if part))
        line = row(words, gap=12)
        line.setStretch(0, 1)
        if block.age:
            line.addWidget(Chip(block.age, block.colour or "accent"), 0, Qt.AlignmentFlag.AlignTop)
        self._off.setAccessibleName(f"Take off: {block.title} {block.person}")
        self._off.clicked.connect(lambda: self.taken_off.emit(self.key))
        line.addWidget(self._off, 0, Qt.AlignmentFlag.AlignTop)
        self.body.addLayout(line)

    def _add_phones(self, block: Block) -> None:
        column = QVBoxLayout()
        column.setSpacing(4)
        column.addWidget(Text("Numbers to ring, on this laptop without a connection:" if block.phones else NO_NUMBERS))
        for name, phone, when in block.phones:
            line = row(Text(name), Text(phone, "strong"), muted(when), gap=16)
            line.setStretch(0, 1)
            column.addLayout(line)
        self.body.addLayout(column)


def _form(block: Block, name: str) -> Form:
    if block.kind == "observation":
        return ObservationForm(name)
    if block.kind == "concerns":
        return ConcernList(name)
    return Checklist(name)
