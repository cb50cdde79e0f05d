"""The page while the caseload is closed."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from visitapp.ui.lease.presenter import Line as Work
from visitapp.ui.lease.presenter import Said
from visitapp.ui.widgets.buttons import Button, PrimaryButton
from visitapp.ui.widgets.fields import Field, Line
from visitapp.ui.widgets.rows import RowButton
from visitapp.ui.widgets.screen import Screen
from visitapp.ui.widgets.surfaces import GRID, Card, Page, clear, column, row
from visitapp.ui.widgets.text import Text, heading

_WIDEST = 640


class LeaseScreen(Screen):
    """Why it is closed, a way to the service, a visit to record, and what was not sent."""

    title = "Offline too long"
    rail = "lease"
    help_page = "offline"

    opened = Signal()
    sync_wanted = Signal()
    family_looked_for = Signal(str)
    family_chosen = Signal(str)
    work_chosen = Signal(str, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.presenter: object = None
        page = Page(widest=_WIDEST)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(page)
        self._heading, self._lines = heading(""), QVBoxLayout()
        self._lines.setSpacing(GRID)
        self._sync = PrimaryButton("Sync now", "sync")
        self._sync.clicked.connect(self.sync_wanted)
        said = Card(tone="attention")
        said.body.setSpacing(2 * GRID)
        said.body.addWidget(self._heading)
        said.body.addLayout(self._lines)
        said.body.addLayout(row(self._sync, None))
        self._name = Line()
        self._name.returnPressed.connect(self._look)
        self._field = Field("Family's name", self._name, "The whole name, as it is written in the record.")
        look = Button("Find", "find")
        look.clicked.connect(self._look)
        self._found = QVBoxLayout()
        self._write = Card("Record a visit")
        self._write.body.addWidget(self._field)
        self._write.body.addLayout(row(look, None))
        self._write.body.addLayout(self._found)
        self._work = QVBoxLayout()
        self._own = Card("Yours, not sent yet")
        self._own.body.addLayout(self._work)
        for card in (said, self._write, self._own):
            page.body.addWidget(card)
        page.body.addStretch(1)

    def open(self, argument: str = "") -> None:
        """Come to the front."""
        self.opened.emit()
        self._sync.setFocus()

    def show_said(self, said: Said, *, may_write: bool) -> None:
        """Show why the caseload is closed."""
        self._heading.setText(said.heading)
        self._heading.setAccessibleName(said.heading)
        clear(self._lines)
        self._lines.addLayout(column(*(Text(words) for words in said.lines), gap=GRID))
        self._write.setVisible(may_write)

    def show_work(self, lines: Sequence[Work]) -> None:
        """Show visits of one's own."""
        clear(self._work)
        for line in lines:
            button = RowButton(line.family, line.detail, icon="note" if line.screen == "note" else "draft")
            button.clicked.connect(lambda _=False, line=line: self.work_chosen.emit(line.screen, line.visit))
            self._work.addWidget(button)
        self._own.setVisible(bool(lines))

    def show_found(self, found: Sequence[tuple[str, str]], words: str) -> None:
        """Show families of the name that was typed."""
        self._field.show_wrong(words)
        clear(self._found)
        for family, name in found:
            button = Button(f"Begin a visit: {name}", "draft")
            button.clicked.connect(lambda _=False, family=family: self.family_chosen.emit(family))
            self._found.addLayout(row(button, None))

    def _look(self) -> None:
        self.family_looked_for.emit(self._name.text())
