"""The cards of a family: one per person, each child with a colour of its own, and what to know before the door opens."""

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from visitapp.ui import theme
from visitapp.ui.family.page import PersonCard, Warned
from visitapp.ui.widgets.buttons import IconButton, QuietButton
from visitapp.ui.widgets.chip import Chip
from visitapp.ui.widgets.facts import Facts
from visitapp.ui.widgets.picture import Picture
from visitapp.ui.widgets.surfaces import GRID, Card, Flow, column, row
from visitapp.ui.widgets.text import Text, heading, muted, strong
from visitapp.ui.wording import HIDDEN_ALERT

_BAR = 8


class PersonCardWidget(Card):
    """A person: name, age, facts. Twins are told apart by name, colour bar and place, never by a tab."""

    edit_wanted = Signal(str)
    birth_wanted = Signal(str)

    def __init__(self, person: PersonCard, *, may_edit: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.setObjectName("person")
        self.setAccessibleName(f"{person.name}, {person.role}")
        self._colour = person.colour if person.is_child else ""
        if person.is_child:
            self.body.setContentsMargins(2 * GRID + _BAR, 2 * GRID, 2 * GRID, 2 * GRID)
        tone = theme.current().person_role(person.colour) if person.is_child else "muted"
        icon = {"unborn baby": "bump", "baby": "baby"}.get(person.role, "person")
        across = row(Picture(icon, 24, tone), gap=GRID + 2)
        across.addWidget(heading(person.name), 1)
        if may_edit:
            edit = IconButton("edit", f"Edit {person.name}")
            edit.clicked.connect(lambda: self.edit_wanted.emit(person.id))
            across.addWidget(edit, 0, Qt.AlignmentFlag.AlignTop)
        self.body.addLayout(across)
        said = person.age or person.role
        self.body.addWidget(Text(said) if person.age else muted(said))
        if person.chips:
            chips = Flow(gap=6)
            for words, chip_tone, chip_icon in person.chips:
                chips.addWidget(Chip(words, chip_tone, chip_icon))
            self.body.addLayout(chips)
        self.body.addWidget(Facts(person.facts))
        if person.may_be_born:
            born = QuietButton("Record the birth", "add", name=f"Record the birth: {person.name}")
            born.clicked.connect(lambda: self.birth_wanted.emit(person.id))
            self.body.addLayout(row(born, None))
        self.body.addStretch(1)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the bar in the child's colour down the left side."""
        super().paintEvent(event)
        if self._colour or self.body.contentsMargins().left() > 2 * GRID:
            painter = QPainter(self)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            outline = QPainterPath()
            outline.addRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 10, 10)
            painter.setClipPath(outline)
            look = theme.current()
            painter.fillRect(QRectF(0, 0, _BAR, self.height()), look.colour(look.person_role(self._colour)))
            painter.end()


def warned_card(warned: Warned) -> Card:
    """Return the card for something to know before the door is opened."""
    card = Card(tone=warned.tone)
    card.setAccessibleName(", ".join(part for part in (warned.words, warned.detail) if part))
    card.body.setContentsMargins(2 * GRID, GRID + 2, 2 * GRID, GRID + 2)
    name, detail = strong(warned.words), Text(warned.detail, "small")
    detail.setVisible(bool(warned.detail))
    across = row(Picture(warned.icon, 22, warned.tone), gap=GRID + 4)
    across.addLayout(column(name, detail, gap=2), 1)
    if warned.is_hidden:
        _hide(card, name, detail, across)
    card.body.addLayout(across)
    return card


def _hide(card: Card, name: Text, detail: Text, across: QHBoxLayout) -> None:
    words = name.text()
    name.setText(HIDDEN_ALERT)
    card.setAccessibleName(HIDDEN_ALERT)
    detail.hide()
    show = QuietButton("Show", "eye", name="Show the restricted alert")
    across.addWidget(show)

    def reveal() -> None:
        name.setText(words)
        card.setAccessibleName(words)
        detail.setVisible(bool(detail.text()))
        show.hide()

    show.clicked.connect(reveal)
