"""The page on which a visit is moved to the family and the baby it is really about."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QLineEdit, QVBoxLayout, QWidget

from visitapp.ui.checklist.calm_box import CalmBox
from visitapp.ui.visit.moving import BabyChoice, FamilyLine
from visitapp.ui.widgets.buttons import Button, PrimaryButton
from visitapp.ui.widgets.rows import RowButton
from visitapp.ui.widgets.surfaces import Card, Page, clear, row
from visitapp.ui.widgets.text import Text, muted, title


class MovingPage(Page):
    """First the family, then which baby is which."""

    family_looked_for = Signal(str)
    family_chosen = Signal(str)
    move_wanted = Signal(object)
    closed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(widest=760, parent=parent)
        self.setAccessibleName("Move this visit")
        self._boxes: dict[str, QComboBox] = {}
        self._search = QLineEdit()
        self._search.setAccessibleName("Name of the family, mother or baby")
        self._search.setPlaceholderText("Name of the family, mother or baby")
        self._search.textEdited.connect(self.family_looked_for)
        self._list = QVBoxLayout()
        self._babies = Card()
        self._wrong = Text("", tone="danger")
        cancel = Button("Leave it where it is", "back")
        cancel.clicked.connect(self.closed)
        self.body.addWidget(title("Move this visit"))
        self.body.addWidget(muted("Everything you wrote goes with it. Choose the family it is really about."))
        self.body.addWidget(self._search)
        self.body.addLayout(self._list)
        self.body.addWidget(self._wrong)
        self.body.addWidget(self._babies)
        self.body.addLayout(row(cancel, None))
        self.body.addStretch(1)
        self._babies.hide()
        self._wrong.hide()

    def begin(self) -> None:
        """Start anew."""
        self._search.clear()
        self._babies.hide()
        self._wrong.hide()
        self._search.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def show_families(self, lines: Sequence[FamilyLine]) -> None:
        """Offer families."""
        clear(self._list)
        self._wrong.hide()
        for line in lines:
            button = RowButton(line.name, line.detail, icon="caseload")
            button.clicked.connect(lambda _on=False, family=line.family: self.family_chosen.emit(family))
            self._list.addWidget(button)
        if not lines:
            self._list.addWidget(muted("No family of your caseload has this name."))

    def show_babies(self, family: str, choices: Sequence[BabyChoice]) -> None:
        """Ask which baby is which."""
        clear(self._babies.body)
        self._wrong.hide()
        self._boxes = {}
        for choice in choices:
            box = CalmBox()
            box.setAccessibleName(f"What was written about {choice.name} is about")
            for id_, words in choice.offers:
                box.addItem(words, id_)
            self._boxes[choice.baby] = box
            line = row(Text(f"Written about {choice.name}, is about"), box, gap=12)
            line.setStretch(0, 1)
            self._babies.body.addLayout(line)
        move = PrimaryButton(f"Move it to {family}")
        move.clicked.connect(lambda: self.move_wanted.emit({baby: box.currentData() for baby, box in self._boxes.items()}))
        self._babies.body.addLayout(row(None, move))
        self._babies.show()
        move.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def show_cannot_move(self, words: str) -> None:
        """Say why not there."""
        self._wrong.setText(words)
        self._wrong.show()
        self._babies.hide()
