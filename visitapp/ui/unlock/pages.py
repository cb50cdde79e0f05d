"""The four pages of the unlock screen; each emits what its user wants and decides nothing."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QApplication, QBoxLayout, QHBoxLayout, QWidget

from visitapp.ui.unlock.meter import StrengthMeter
from visitapp.ui.unlock.pieces import Banner, Brand, DoorCard, Passphrase
from visitapp.ui.widgets.buttons import Button, PrimaryButton, QuietButton
from visitapp.ui.widgets.fields import Field, Line
from visitapp.ui.widgets.surfaces import GRID, Card, Page, column, row
from visitapp.ui.widgets.text import Text, heading, muted, strong, title

_FORM = 448
_WELCOME = 720
_SIDE_BY_SIDE = 600
_ROOM_FOR_BRAND = 440
_USUAL_POINTS = 11.0

REDUCED = (
    "Reduced protection: this computer has no keyring, so half of the key lies in a file. "
    "Somebody who copies the disk then only needs your passphrase."
)
FORGETTING = (
    "Nobody but you knows these words, so write them down and keep the paper away from the laptop. If you forget them, two of your "
    "administrators together can let you in, once this laptop has synced; where your service has not set that up, what the server "
    "has not received would be lost."
)
FORGOTTEN = (
    "Nothing is deleted, so take your time and try what you might have typed. If it does not come back, two of your administrators "
    "together can let you in with everything you wrote, also without a network. Type your user name above first."
)


class MiddlePage(Page):
    """A page whose content stands in the middle, as wide as a form, and scrolls where there is no room."""

    def __init__(self, widest: int) -> None:
        # Larger text gets a wider form, so that lines keep their length.
        super().__init__(widest=round(widest * max(1.0, QApplication.font().pointSizeF() / _USUAL_POINTS)))
        self._brand = Brand()
        self.body.addStretch(1)
        self.middle = column(self._brand, gap=2 * GRID)
        self.body.addLayout(self.middle)
        self.body.addStretch(2)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave the brand out where the form needs the room: a small screen at twice the size."""
        super().resizeEvent(event)
        self._brand.setVisible(self.viewport().height() >= _ROOM_FOR_BRAND)


class Welcome(MiddlePage):
    """The first start: two ways to begin."""

    practise_asked = Signal()
    connect_asked = Signal()

    def __init__(self) -> None:
        super().__init__(_WELCOME)
        self._try = DoorCard(
            "heart",
            "Try it with invented families",
            "A practice record with families that do not exist. Nothing is sent anywhere, and it is thrown away afterwards.",
            "Try it",
        )
        self._connect = DoorCard(
            "home",
            "Connect to your service",
            "For your own families. You need the server's address and the enrolment code from your administrator.",
            "Connect",
            primary=True,
        )
        greeting = Text("The visit record that goes with you. Everything you write is kept encrypted on this laptop.")
        greeting.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        welcome = title("Welcome")
        welcome.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self.middle.addWidget(welcome)
        self.middle.addWidget(greeting)
        self.middle.addSpacing(GRID)
        self._doors = QHBoxLayout()
        self._doors.setSpacing(2 * GRID)
        self._doors.addWidget(self._try, 1)
        self._doors.addWidget(self._connect, 1)
        self.middle.addLayout(self._doors)
        self._try.chosen.connect(self.practise_asked)
        self._connect.chosen.connect(self.connect_asked)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put one card below the other where they do not fit side by side."""
        super().resizeEvent(event)
        fits = self.viewport().width() >= _SIDE_BY_SIDE
        self._doors.setDirection(QBoxLayout.Direction.LeftToRight if fits else QBoxLayout.Direction.TopToBottom)

    def begin(self) -> None:
        """Put the keyboard on the first door."""
        self._try.button.setFocus()


class Form(MiddlePage):
    """A card with fields in the middle of the page, and a way back above it."""

    back_asked = Signal()

    def __init__(self, heading_words: str, explanation: str) -> None:
        super().__init__(_FORM)
        self._back = QuietButton("Back", "back")
        self._back.clicked.connect(self.back_asked)
        self.card = Card()
        self.card.setAccessibleName(heading_words)
        self.card.body.setContentsMargins(3 * GRID, 3 * GRID, 3 * GRID, 3 * GRID)
        self.card.body.setSpacing(2 * GRID)
        self.card.body.addLayout(column(heading(heading_words), muted(explanation), gap=4))
        self.middle.addWidget(self.card)

    def add_buttons(self, primary: PrimaryButton) -> None:
        """Put the way back and the way on below the fields."""
        primary.setMinimumHeight(40)
        self.card.body.addLayout(row(self._back, None, primary))


class Connect(Form):
    """Address of the service and enrolment code."""

    asked = Signal(str, str)

    def __init__(self) -> None:
        super().__init__("Connect to your service", "Your administrator gave you both. The code works once, for a day.")
        self._address = Field("Address of your service", Line(placeholder="visits.example.org"))
        self._code = Field("Enrolment code", Line())
        for field in (self._address, self._code):
            self.card.body.addWidget(field)
        on = PrimaryButton("Continue")
        on.clicked.connect(self._ask)
        self.add_buttons(on)
        self._line(self._address).returnPressed.connect(self._line(self._code).setFocus)
        self._line(self._code).returnPressed.connect(self._ask)

    def begin(self) -> None:
        """Put the keyboard on the first field."""
        self._line(self._address).setFocus()

    def show_wrong(self, field: str, words: str) -> None:
        """Say what is wrong with address or code."""
        found = {"address": self._address, "code": self._code}[field]
        found.show_wrong(words)
        if words:
            found.control.setFocus()

    def _ask(self) -> None:
        self.asked.emit(self._line(self._address).text(), self._line(self._code).text())

    @staticmethod
    def _line(field: Field) -> Line:
        assert isinstance(field.control, Line)
        return field.control


class Choose(Form):
    """User name and a passphrase, typed twice and judged meanwhile."""

    typed = Signal(str, str)
    asked = Signal(str, object, object)

    def __init__(self) -> None:
        super().__init__("Choose your passphrase", "It unlocks your record on this laptop, and nobody else knows it.")
        self._user_line = Line()
        self._user = Field("Your user name", self._user_line)
        self._passphrase = Passphrase(
            "Passphrase", "Four or more words that do not belong together: a tool, a place, an animal, a colour."
        )
        self._meter = StrengthMeter()
        self._again = Passphrase("The same once more")
        warning = Banner("info", "attention")
        warning.say(FORGETTING)
        create = PrimaryButton("Create my record")
        create.clicked.connect(self._ask)
        self.card.body.addWidget(self._user)
        self.card.body.addLayout(column(self._passphrase, self._meter, gap=GRID))
        for part in (self._again, warning):
            self.card.body.addWidget(part)
        self.add_buttons(create)
        self._passphrase.typed.connect(lambda words: self.typed.emit(self._user_line.text(), words))
        self._user_line.returnPressed.connect(self._passphrase.setFocus)
        self._passphrase.entered.connect(self._again.setFocus)
        self._again.entered.connect(self._ask)

    def begin(self) -> None:
        """Empty the passphrases and put the keyboard on the first field."""
        self.forget()
        self._user_line.setFocus()

    def forget(self) -> None:
        """Empty the passphrases."""
        self._passphrase.forget()
        self._again.forget()
        self._meter.show_strength(0, "muted", "")

    def show_meter(self, bars: int, tone: str, words: str) -> None:
        """Show how good the passphrase is."""
        self._meter.show_strength(bars, tone, words)

    def show_wrong(self, field: str, words: str) -> None:
        """Say what is wrong with user, passphrase or again."""
        fields: dict[str, Field | Passphrase] = {
            "user": self._user,
            "passphrase": self._passphrase,
            "again": self._again,
        }
        fields[field].show_wrong(words)

    def _ask(self) -> None:
        self.asked.emit(self._user_line.text(), self._passphrase.take(), self._again.take())
        self._meter.show_strength(0, "muted", "")


class Unlock(MiddlePage):
    """User name, passphrase, unlock."""

    asked = Signal(str, object)
    connect_asked = Signal()
    recovery_asked = Signal(str)

    def __init__(self) -> None:
        super().__init__(_FORM)
        self._user_line = Line()
        self._user = Field("User name", self._user_line)
        self._passphrase = Passphrase("Passphrase")
        self._unlock = PrimaryButton("Unlock", "lock")
        self._unlock.setMinimumHeight(40)
        self._reason = Text("", tone="muted")
        self._unsent = strong("")
        for line in (self._reason, self._unsent):
            line.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._reduced = Banner("warning", "attention")
        self._practice = Banner("info", "accent")
        card = Card()
        card.setAccessibleName("Unlock")
        card.body.setContentsMargins(3 * GRID, 3 * GRID, 3 * GRID, 3 * GRID)
        card.body.setSpacing(2 * GRID)
        for part in (self._user, self._passphrase, self._unlock):
            card.body.addWidget(part)
        forgotten = QuietButton("Forgotten it?")
        other = QuietButton("Connect another person")
        self._forgotten = Banner("info", "accent")
        self.middle.addLayout(column(self._reason, self._unsent, gap=4))
        for below in (card, self._practice, self._reduced, self._forgotten):
            self.middle.addWidget(below)
        self.middle.addLayout(row(forgotten, None, other))
        recover = Button("Ask your administrators to let you in")
        recover.clicked.connect(lambda: self.recovery_asked.emit(self._user_line.text()))
        self._recovery = QWidget()
        self._recovery.setLayout(row(recover, None))
        self._recovery.hide()
        self.middle.insertWidget(self.middle.indexOf(self._forgotten) + 1, self._recovery)
        forgotten.clicked.connect(self._tell_of_forgetting)
        other.clicked.connect(self.connect_asked)
        self._unlock.clicked.connect(self._ask)
        self._user_line.returnPressed.connect(self._passphrase.setFocus)
        self._passphrase.entered.connect(self._ask)

    def begin(self) -> None:
        """Put the keyboard where something is still to be typed."""
        self._passphrase.forget()
        (self._passphrase if self._user_line.text() else self._user_line).setFocus()

    def show_standing(self, user: str, reason: str, unsent: str, *, reduced: bool, practice: bool) -> None:
        """Show what is true while everything is locked."""
        self._user_line.setText(user)
        for line, words in ((self._reason, reason), (self._unsent, unsent)):
            line.setText(words)
            line.setVisible(bool(words))
        self._reduced.say(REDUCED if reduced else "")
        self._practice.say("This is a practice record. Its families are invented." if practice else "")

    @property
    def user(self) -> str:
        """The name that is typed."""
        return self._user_line.text()

    def forget_reason(self) -> None:
        """Stop saying why it was locked: something else matters now."""
        self._reason.hide()

    def show_wrong(self, field: str, words: str) -> None:
        """Say what is wrong with user or passphrase."""
        fields: dict[str, Field | Passphrase] = {"user": self._user, "passphrase": self._passphrase}
        fields[field].show_wrong(words)

    def _tell_of_forgetting(self) -> None:
        tells = not self._forgotten.isVisible()
        self._forgotten.say(FORGOTTEN if tells else "")
        self._recovery.setVisible(tells)

    def show_may_try(self, may_try: bool) -> None:
        """Let the passphrase be tried, or not yet."""
        self._unlock.setEnabled(may_try)

    def _ask(self) -> None:
        if self._unlock.isEnabled():
            self.asked.emit(self._user_line.text(), self._passphrase.take())


def place_above(page: MiddlePage, widget: QWidget) -> None:
    """Put a widget between the brand and the card of a page, taking it from wherever it was."""
    page.middle.insertWidget(1, widget)
