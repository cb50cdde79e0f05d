"""The widgets of the screens about passphrase and backups."""

from collections.abc import Callable, Sequence
from datetime import datetime

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from visitapp.ui.keeping.presenter import BackupLine
from visitapp.ui.unlock.meter import StrengthMeter
from visitapp.ui.unlock.pieces import Passphrase
from visitapp.ui.unlock.saying import Meter
from visitapp.ui.widgets.buttons import Button, DangerButton, PrimaryButton, QuietButton
from visitapp.ui.widgets.facts import Facts
from visitapp.ui.widgets.screen import Screen
from visitapp.ui.widgets.surfaces import GRID, Card, Page, clear, column, row
from visitapp.ui.widgets.text import Text, muted, strong


class PassphraseScreen(Screen):
    """The present passphrase, and a new one typed twice."""

    title = "Passphrase"
    rail = "settings"
    help_page = "security"

    typed = Signal(str)
    asked = Signal(object, object, object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.presenter: object = None
        page = Page(widest=560)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(page)
        self._current = Passphrase("Your present passphrase")
        self._new = Passphrase("New passphrase", "Four or more words that do not belong together.")
        self._again = Passphrase("The same once more")
        self._meter = StrengthMeter()
        self._change = PrimaryButton("Change the passphrase", "lock")
        self._change.clicked.connect(self._ask)
        card = Card("Change your passphrase")
        card.body.setSpacing(2 * GRID)
        card.body.addWidget(muted("Nothing of your record is touched. Old backups open with the new passphrase too."))
        card.body.addWidget(self._current)
        card.body.addLayout(column(self._new, self._meter, gap=GRID))
        card.body.addWidget(self._again)
        card.body.addLayout(row(None, self._change))
        page.body.addWidget(card)
        page.body.addStretch(1)
        self._new.typed.connect(self.typed)
        self._current.entered.connect(self._new.setFocus)
        self._new.entered.connect(self._again.setFocus)
        self._again.entered.connect(self._ask)

    def open(self, argument: str = "") -> None:
        """Begin with nothing typed."""
        self.leave()
        self._current.setFocus()

    def leave(self) -> None:
        """What was typed is not kept on the screen."""
        for field in (self._current, self._new, self._again):
            field.forget()
            field.show_wrong("")
        self.show_meter(Meter(0, "muted", ""))

    def show_meter(self, found: Meter) -> None:
        """Show how good the new passphrase is so far."""
        self._meter.show_strength(found.bars, found.tone, found.words)

    def show_wrong(self, field: str, words: str) -> None:
        """Say what is wrong with current, new or again."""
        {"current": self._current, "new": self._new, "again": self._again}[field].show_wrong(words)

    def show_busy(self, busy: bool) -> None:
        """Take no further orders for a moment."""
        self._change.setEnabled(not busy)

    def _ask(self) -> None:
        if self._change.isEnabled():
            self.asked.emit(self._current.take(), self._new.take(), self._again.take())


class BackupsScreen(Screen):
    """How the record is kept, and the backups there are."""

    title = "Backups"
    rail = "settings"
    help_page = "security"

    opened = Signal()
    backup_wanted = Signal()
    check_wanted = Signal()
    restore_wanted = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.presenter: object = None
        page = Page(widest=640)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(page)
        self._facts, self._list = QVBoxLayout(), QVBoxLayout()
        self._busy = muted("")
        self._back_up, self._check = Button("Back up now", "add"), Button("Check every page now", "tick")
        self._back_up.clicked.connect(self.backup_wanted)
        self._check.clicked.connect(self.check_wanted)
        keeping = Card("How your record is kept")
        keeping.body.addLayout(self._facts)
        keeping.body.addLayout(row(self._check, None))
        backups = Card("Backups on this laptop")
        backups.body.addWidget(
            muted("Made by itself when you lock, encrypted, read back each time: the last three, and one a day for a week.")
        )
        backups.body.addLayout(self._list)
        backups.body.addLayout(row(self._back_up, self._busy, None))
        for card in (keeping, backups):
            page.body.addWidget(card)
        page.body.addStretch(1)

    def open(self, argument: str = "") -> None:
        """Come to the front."""
        self.opened.emit()

    def show_facts(self, facts: Sequence[tuple[str, str]]) -> None:
        """Show how the record is kept."""
        clear(self._facts)
        self._facts.addWidget(Facts(facts))

    def show_backups(self, lines: Sequence[BackupLine]) -> None:
        """Show the backups there are."""
        clear(self._list)
        if not lines:
            self._list.addWidget(Text("There is none yet.", tone="muted"))
        for line in lines:
            self._list.addWidget(BackupRow(line, self.restore_wanted.emit))

    def show_busy(self, words: str) -> None:
        """Say what is under way."""
        self._busy.setText(words)
        for button in (self._back_up, self._check):
            button.setEnabled(not words)


class BackupRow(QWidget):
    """A backup and the way back to it, which is asked twice in place."""

    def __init__(self, line: BackupLine, restore: Callable[[datetime], None], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._made_at: datetime = line.made_at
        self._restore = restore
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        begin = QuietButton("Go back to it…", name=f"Go back to the backup of {line.words}")
        whole.addLayout(row(strong(line.words), None, begin))
        self._asks = Card(tone="attention")
        self._asks.body.addWidget(
            Text(
                "Everything written since then leaves the screen. What your service has comes back with the next sync; what was "
                "never sent is kept aside for support only."
            )
        )
        sure, no = DangerButton("Go back to this backup"), QuietButton("Leave it")
        sure.clicked.connect(self._sure)
        no.clicked.connect(self._asks.hide)
        self._asks.body.addLayout(row(sure, no, None))
        self._asks.hide()
        whole.addWidget(self._asks)
        begin.clicked.connect(self._asks.show)

    def _sure(self) -> None:
        self._restore(self._made_at)
