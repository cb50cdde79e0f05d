"""The pages for when something has happened to the way in: passphrase or keyring lost, record damaged, record taken off."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QApplication

from visitapp.ui.unlock.meter import StrengthMeter
from visitapp.ui.unlock.pages import Form, MiddlePage
from visitapp.ui.unlock.pieces import Passphrase
from visitapp.ui.unlock.qr import QrCode
from visitapp.ui.widgets.buttons import Button, PrimaryButton
from visitapp.ui.widgets.fields import Field, Paragraph
from visitapp.ui.widgets.surfaces import GRID, Card, column, row
from visitapp.ui.widgets.text import Text, heading, muted, strong

_WIDE = 560


class Recover(Form):
    """The request that two administrators answer, and a new passphrase."""

    typed = Signal(str, str)
    asked = Signal(str, object, object)

    def __init__(self) -> None:
        super().__init__(
            "Let two administrators let you in",
            "Nothing is deleted, and no network is needed. Keep this page open: what they give you fits this page only.",
        )
        self._digits = Text("", "title")
        self._digits.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._square = QrCode("The request, as a square for a camera")
        self._request = ""
        copy = Button("Copy it as text", "clipboard")
        copy.clicked.connect(lambda: QApplication.clipboard().setText(self._request))
        self._answer_line = Paragraph(lines=3)
        self._answer = Field(
            "3. What they give you back", self._answer_line, "It begins with VA1. Spaces and line ends do not matter."
        )
        self._passphrase = Passphrase("4. A new passphrase", "Four or more words that do not belong together.")
        self._meter = StrengthMeter()
        self._again = Passphrase("The same once more")
        on = PrimaryButton("Unlock", "lock")
        on.clicked.connect(self._ask)
        body = self.card.body
        body.addLayout(
            column(
                strong("1. Let them have this request"),
                muted("A photograph of the square with your work telephone is enough. There is nothing secret in it."),
                gap=4,
            )
        )
        body.addLayout(row(None, self._square, None))
        body.addLayout(row(None, copy, None))
        body.addLayout(
            column(
                strong("2. Telephone them and read these eight digits out"),
                muted("Ring a number you know. The digits prove that the request comes from this laptop."),
                self._digits,
                gap=4,
            )
        )
        body.addWidget(self._answer)
        body.addLayout(column(self._passphrase, self._meter, gap=GRID))
        body.addWidget(self._again)
        self.add_buttons(on)
        self._passphrase.typed.connect(lambda words: self.typed.emit("", words))
        self._passphrase.entered.connect(self._again.setFocus)
        self._again.entered.connect(self._ask)

    def show_request(self, text: str, check: str) -> None:
        """Show what the administrators need."""
        self._request = text
        self._square.show_text(text)
        self._digits.setText(check)
        self._digits.setAccessibleName(f"The eight digits: {check}")
        self._answer_line.clear()

    def begin(self) -> None:
        """Empty the passphrases and begin at the top."""
        self.forget()
        self.verticalScrollBar().setValue(0)
        self._square.setFocus()

    def forget(self) -> None:
        """Empty the passphrases."""
        self._passphrase.forget()
        self._again.forget()
        self._meter.show_strength(0, "muted", "")

    def show_meter(self, bars: int, tone: str, words: str) -> None:
        """Show how good the passphrase is."""
        self._meter.show_strength(bars, tone, words)

    def show_wrong(self, field: str, words: str) -> None:
        """Say what is wrong with answer, passphrase or again."""
        fields: dict[str, Field | Passphrase] = {"answer": self._answer, "passphrase": self._passphrase, "again": self._again}
        if field in fields:
            fields[field].show_wrong(words)

    def _ask(self) -> None:
        self.asked.emit(self._answer_line.toPlainText(), self._passphrase.take(), self._again.take())
        self._meter.show_strength(0, "muted", "")


class Told(MiddlePage):
    """A page that says what happened, what is safe and what to do, with at most one thing to choose."""

    asked = Signal()

    def __init__(self) -> None:
        super().__init__(_WIDE)
        self._heading = heading("")
        self._words = column(gap=GRID)
        self._on = PrimaryButton("Go on")
        self._on.setMinimumHeight(40)
        self._on.clicked.connect(self.asked)
        card = Card()
        card.body.setContentsMargins(3 * GRID, 3 * GRID, 3 * GRID, 3 * GRID)
        card.body.setSpacing(2 * GRID)
        card.body.addWidget(self._heading)
        card.body.addLayout(self._words)
        card.body.addLayout(row(None, self._on))
        self._lines: list[Text] = []
        self.middle.addWidget(card)

    def show_words(self, heading_words: str, lines: tuple[str, ...], button: str) -> None:
        """Say it; without words for the button there is nothing to choose yet."""
        self._heading.setText(heading_words)
        self._heading.setAccessibleName(heading_words)
        for line in self._lines:
            line.deleteLater()
        self._lines = [Text(words) for words in lines]
        for line in self._lines:
            self._words.addWidget(line)
        self._on.setText(button)
        self._on.setVisible(bool(button))

    def begin(self) -> None:
        """Put the keyboard on what can be chosen."""
        self._on.setFocus()
