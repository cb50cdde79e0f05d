"""The Settings screen's widgets."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QGridLayout, QRadioButton, QVBoxLayout, QWidget

from visitapp.ui.settings.presenter import Part, SettingsPage
from visitapp.ui.widgets.buttons import Button
from visitapp.ui.widgets.facts import Facts
from visitapp.ui.widgets.fields import Choice, Field
from visitapp.ui.widgets.screen import Screen
from visitapp.ui.widgets.surfaces import GRID, Card, Page, clear, row
from visitapp.ui.widgets.text import Text, muted

_WIDEST = 760


class OneOf(QWidget):
    """A few choices, all of them in sight."""

    chosen = Signal(str)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self._group = QButtonGroup(self)
        self._buttons: dict[str, QRadioButton] = {}
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)

    def show_options(self, options: Sequence[tuple[str, str]], chosen: str) -> None:
        """Show the choices and which one is made, without telling it back."""
        if list(self._buttons) != [value for value, _ in options]:
            self._make(options)
        for value, button in self._buttons.items():
            button.blockSignals(True)
            button.setChecked(value == chosen)
            button.blockSignals(False)

    def _make(self, options: Sequence[tuple[str, str]]) -> None:
        clear(self._column)
        self._buttons = {}
        for value, words in options:
            button = QRadioButton(words)
            button.setAccessibleName(f"{self.accessibleName()}: {words}")
            button.toggled.connect(lambda on, value=value: self.chosen.emit(value) if on else None)
            self._group.addButton(button)
            self._column.addWidget(button)
            self._buttons[value] = button


class SettingsScreen(Screen):
    """Theme, text size, when to lock, and what this program is."""

    title = "Settings"
    help_page = "settings"

    opened = Signal()
    theme_chosen = Signal(str)
    size_chosen = Signal(str)
    language_chosen = Signal(str)
    idle_chosen = Signal(str)
    questionnaires_asked = Signal()
    passphrase_asked = Signal()
    backups_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        page = Page(widest=_WIDEST)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(page)
        self._themes, self._sizes = OneOf("Colours"), OneOf("Text size")
        self._languages = OneOf("Language of checklists")
        self._idle = Choice()
        self._themes.chosen.connect(self.theme_chosen)
        self._sizes.chosen.connect(self.size_chosen)
        self._languages.chosen.connect(self.language_chosen)
        self._idle.chosen.connect(self.idle_chosen)
        for name, control in (("Colours", self._themes), ("Text size", self._sizes)):
            card = Card(name)
            card.body.addWidget(control)
            page.body.addWidget(card)
        lock = Card("Locking")
        lock.body.addWidget(Field("Lock when nobody has touched it", self._idle, "Ctrl+L locks at once. F12 hides the screen."))
        passphrase, backups = Button("Change your passphrase", "lock"), Button("Backups", "folder")
        passphrase.clicked.connect(self.passphrase_asked)
        backups.clicked.connect(self.backups_asked)
        lock.body.addLayout(row(passphrase, backups, None))
        page.body.addWidget(lock)
        forms = Card("Questionnaires")
        forms.body.addWidget(self._languages)
        forms.body.addWidget(Text("What can be asked in a visit, where it comes from, and a file of your own to try out."))
        see = Button("See the questionnaires", "clipboard")
        see.clicked.connect(self.questionnaires_asked)
        forms.body.addLayout(row(see, None))
        page.body.addWidget(forms)
        about = Card("About visitapp")
        self._facts = QVBoxLayout()
        about.body.addLayout(self._facts)
        about.body.addWidget(
            Text("visitapp is free software under the AGPL-3.0-or-later. It is a draft for pilots and is not a medical device.")
        )
        page.body.addWidget(about)
        made = Card("Made of")
        self._parts = QGridLayout()
        self._parts.setHorizontalSpacing(3 * GRID)
        self._parts.setVerticalSpacing(4)
        self._parts.setColumnStretch(2, 1)
        made.body.addLayout(self._parts)
        page.body.addWidget(made)
        page.body.addStretch(1)

    def open(self, argument: str = "") -> None:
        """Come to the front."""
        self.opened.emit()

    def show_page(self, page: SettingsPage) -> None:
        """Show what is set."""
        self._themes.show_options(page.themes, page.theme)
        self._sizes.show_options(page.sizes, page.size)
        self._languages.show_options(page.languages, page.language)
        if self._idle.count() != len(page.minutes):
            self._idle.show_options(page.minutes)
        self._idle.choose(page.idle)
        clear(self._facts)
        self._facts.addWidget(Facts(page.facts))

    def show_parts(self, parts: Sequence[Part]) -> None:
        """Show what visitapp is made of, with versions and licences."""
        clear(self._parts)
        for line, part in enumerate(parts):
            self._parts.addWidget(Text(part.name, wraps=False), line, 0, Qt.AlignmentFlag.AlignTop)
            self._parts.addWidget(Text(part.version, "figures", "muted", wraps=False), line, 1, Qt.AlignmentFlag.AlignTop)
            self._parts.addWidget(muted(part.licence), line, 2)
