"""The Team screen's widgets."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from visitapp.ui.team.presenter import HandedWords, NurseWords, Opened, TeamPage
from visitapp.ui.widgets.buttons import Button
from visitapp.ui.widgets.chip import Chip
from visitapp.ui.widgets.picture import Picture
from visitapp.ui.widgets.rows import RowButton
from visitapp.ui.widgets.screen import Screen
from visitapp.ui.widgets.surfaces import GRID, Card, EmptyState, Flow, Page, clear, column, row
from visitapp.ui.widgets.text import Text, heading, muted, strong

_WIDEST = 1000


class TeamScreen(Screen):
    """A card for each nurse: how her sync stands, and figures that lead to families."""

    title = "Team"
    rail = "team"
    help_page = "team"

    opened = Signal()
    left = Signal()
    figure_chosen = Signal(str, object)
    family_chosen = Signal(str)
    dealt_with = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._page = Page(widest=_WIDEST)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self._page)
        self._lead = strong("")
        self._handed, self._nurses = QVBoxLayout(), QVBoxLayout()
        self._page.body.addWidget(self._lead)
        for part in (self._handed, self._nurses):
            part.setSpacing(2 * GRID)
            self._page.body.addLayout(part)
        self._page.body.addStretch(1)
        self._shown: TeamPage | None = None

    def open(self, argument: str = "") -> None:
        """Come to the front."""
        self.opened.emit()

    def leave(self) -> None:
        """Go out of sight."""
        self.left.emit()

    def show_page(self, page: TeamPage) -> None:
        """Show everything; nothing moves when nothing changed."""
        if page == self._shown:
            return
        self._shown = page
        self._lead.setText(page.lead)
        self._lead.setVisible(bool(page.lead))
        clear(self._handed)
        clear(self._nurses)
        if page.handed:
            self._handed.addWidget(heading("Given to you"))
        for handed in page.handed:
            self._handed.addWidget(self._handed_card(handed))
        for nurse in page.nurses:
            opened = page.opened if page.opened and page.opened.title.startswith(f"{nurse.name}: ") else None
            self._nurses.addWidget(self._nurse_card(nurse, opened))
        if not page.nurses:
            words = "Your nurses and their families show here after the first sync."
            self._nurses.addWidget(EmptyState("Nobody is here yet", words, icon="team"))

    def _nurse_card(self, nurse: NurseWords, opened: Opened | None) -> Card:
        card = Card()
        card.setAccessibleName(f"{nurse.name}: {nurse.sync}")
        top = Flow()
        name = heading(nurse.name)
        name.setWordWrap(False)
        top.addWidget(name)
        top.addWidget(Chip(nurse.sync, nurse.sync_tone, nurse.sync_icon))
        card.body.addLayout(top)
        figures = Flow()
        for figure in nurse.figures:
            if not figure.leads:
                quiet = muted(figure.words, wraps=False)
                quiet.setContentsMargins(GRID, 0, GRID, 0)
                quiet.setMinimumHeight(36)
                figures.addWidget(quiet)
                continue
            icon = {"danger": "danger", "attention": "warning"}.get(figure.tone, "")
            button = Button(figure.words, icon)
            button.setAccessibleName(f"{nurse.name}: {figure.words}, show the families")
            button.clicked.connect(lambda _on=False, which=figure.figure: self.figure_chosen.emit(nurse.user, which))
            figures.addWidget(button)
        card.body.addLayout(figures)
        if opened is not None:
            card.body.addLayout(self._families(opened))
        return card

    def _families(self, opened: Opened) -> QVBoxLayout:
        into = column(strong(opened.title), gap=GRID)
        for family in opened.families:
            line = RowButton(family.name, family.detail, icon="caseload")
            line.clicked.connect(lambda _on=False, which=family.family: self.family_chosen.emit(which))
            into.addWidget(line)
        return into

    def _handed_card(self, handed: HandedWords) -> Card:
        card = Card(tone="attention")
        card.setAccessibleName(f"Given to you: {handed.title}")
        across = row(Picture("note", 24, "attention"))
        across.addLayout(column(strong(handed.title), muted(handed.detail), Text(handed.text), gap=4), 1)
        card.body.addLayout(across)
        done = Button("I have dealt with it", "done")
        done.setAccessibleName(f"I have dealt with it: {handed.title}")
        done.clicked.connect(lambda: self.dealt_with.emit(handed.id))
        card.body.addLayout(row(done, None))
        return card
