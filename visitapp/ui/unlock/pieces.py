"""The pieces the unlock screen is made of: the mark, a passphrase field, a door to choose, trouble in words."""

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from visitapp.ui import icons, theme
from visitapp.ui.widgets.buttons import Button, IconButton, PrimaryButton
from visitapp.ui.widgets.picture import Picture
from visitapp.ui.widgets.surfaces import GRID, Card, column, row
from visitapp.ui.widgets.text import Text, heading, muted, strong, title

_MARK = 40
_DOOR_HEIGHT = 40


class Mark(QWidget):
    """The program's mark: a heart in a house-shaped, rounded square."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedSize(QSize(_MARK, _MARK))
        self.setAccessibleName("visitapp")

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the mark in the theme's accent."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.current().colour("accent"))
        painter.drawRoundedRect(QRectF(self.rect()), 10, 10)
        inner = QRectF(self.rect()).adjusted(8, 8, -8, -8)
        icons.paint(painter, inner, "heart", theme.current().colour("on_accent"))
        painter.end()


class Brand(QWidget):
    """Mark and name in the middle of a row."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setLayout(row(None, Mark(), title("visitapp"), None, gap=GRID + 4))


class Passphrase(QWidget):
    """A field whose text is hidden unless it is held open; gives out bytes that can be zeroed, and forgets them."""

    typed = Signal(str)
    entered = Signal()

    def __init__(self, label: str, hint: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.line = QLineEdit()
        self.line.setEchoMode(QLineEdit.EchoMode.Password)
        self.line.setAccessibleName(label)
        self.line.setAccessibleDescription(hint)
        # Neither completion nor a keyboard that learns may keep what is typed here.
        self.line.setInputMethodHints(
            Qt.InputMethodHint.ImhHiddenText
            | Qt.InputMethodHint.ImhSensitiveData
            | Qt.InputMethodHint.ImhNoPredictiveText
            | Qt.InputMethodHint.ImhNoAutoUppercase
        )
        self.line.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        self._eye = IconButton("eye", f"Show {label.lower()}")
        self._eye.setCheckable(True)
        self._label = label
        name = strong(label)
        name.setBuddy(self.line)
        said = muted(hint)
        said.setVisible(bool(hint))
        self._wrong = Text("", "small", "danger")
        self._wrong.hide()
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(4)
        whole.addWidget(name)
        whole.addWidget(said)
        across = row(gap=4)
        across.addWidget(self.line, 1)
        across.addWidget(self._eye)
        whole.addLayout(across)
        whole.addWidget(self._wrong)
        self._eye.toggled.connect(self._show_text)
        self.line.textEdited.connect(self.typed)
        self.line.returnPressed.connect(self.entered)
        self.setFocusProxy(self.line)

    def take(self) -> bytearray:
        """Return what was typed as bytes and empty the field; its undo history goes with it."""
        taken = bytearray(self.line.text().encode())
        self.forget()
        return taken

    def forget(self) -> None:
        """Empty the field and hide what will be typed next."""
        self.line.clear()
        self._eye.setChecked(False)

    def show_wrong(self, words: str) -> None:
        """Say what is wrong with the field; empty words say that nothing is."""
        self._wrong.setText(words)
        self._wrong.setVisible(bool(words))
        self.line.setProperty("wrong", "true" if words else "false")
        self.line.style().unpolish(self.line)
        self.line.style().polish(self.line)

    def _show_text(self, shown: bool) -> None:
        self.line.setEchoMode(QLineEdit.EchoMode.Normal if shown else QLineEdit.EchoMode.Password)
        self._eye.set_icon("hide" if shown else "eye")
        words = f"{'Hide' if shown else 'Show'} {self._label.lower()}"
        self._eye.setToolTip(words)
        self._eye.setAccessibleName(words)


class DoorButton(Button):
    """A plain button as high as the primary one beside it; a style sheet's own height wins over a minimum set here."""

    def sizeHint(self) -> QSize:
        """Return room for the words, as high as a finger wants."""
        return super().sizeHint().expandedTo(QSize(0, _DOOR_HEIGHT))


class DoorCard(Card):
    """One of the two ways to begin: picture, name, what it means, and the button that does it."""

    chosen = Signal()

    def __init__(self, icon: str, name: str, words: str, button: str, *, primary: bool = False) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setMinimumWidth(264)
        self.body.setContentsMargins(3 * GRID, 3 * GRID, 3 * GRID, 3 * GRID)
        self.body.addWidget(Picture(icon, 32, "accent"))
        self.body.addWidget(heading(name))
        self.body.addWidget(Text(words, tone="muted"), 1, Qt.AlignmentFlag.AlignTop)
        self.button = PrimaryButton(button) if primary else DoorButton(button)
        self.button.clicked.connect(self.chosen)
        self.body.addSpacing(GRID)
        self.body.addWidget(self.button)


class TroubleCard(Card):
    """What went wrong, what is safe, what to do, and sometimes how long to wait or a spare to use."""

    spare_asked = Signal()
    backup_asked = Signal()
    recovery_asked = Signal()

    def __init__(self) -> None:
        super().__init__(tone="danger")
        self._picture = Picture("warning", 24, "danger")
        self._happened = strong("")
        self._safe = Text()
        self._do = Text()
        self._wait = strong("")
        self._spare = Button("Use the spare copy")
        self._spare.clicked.connect(self.spare_asked)
        self._backup = Button("Restore the newest good backup")
        self._backup.clicked.connect(self.backup_asked)
        self._recovery = Button("Ask your administrators to let you in")
        self._recovery.clicked.connect(self.recovery_asked)
        said = column(self._happened, self._safe, self._do, self._wait, gap=4)
        said.addLayout(row(self._spare, self._backup, self._recovery, None))
        across = row(gap=GRID + 4)
        across.addWidget(self._picture, 0, Qt.AlignmentFlag.AlignTop)
        across.addLayout(said, 1)
        self.body.addLayout(across)
        self.show_words("", "", "")
        self.show_wait("")

    def show_words(self, happened: str, safe: str, do: str, *, tone: str = "danger") -> None:
        """Say it; without words the card goes away."""
        self.set_tone(tone)
        self._picture.show_icon("warning", tone)
        for part, words in ((self._happened, happened), (self._safe, safe), (self._do, do)):
            part.setText(words)
            part.setVisible(bool(words))
        self.show_offers()
        self.setAccessibleName(happened)
        self.setVisible(bool(happened))

    def show_offers(self, *, spare: bool = False, backup: bool = False, recovery: bool = False) -> None:
        """Offer what can be put in the place of something damaged."""
        self._spare.setVisible(spare)
        self._backup.setVisible(backup)
        self._recovery.setVisible(recovery)

    def show_wait(self, words: str) -> None:
        """Say how long until the next try."""
        self._wait.setText(words)
        self._wait.setVisible(bool(words))


class Banner(Card):
    """A line that stays: something that is true all the time and should be known."""

    def __init__(self, icon: str, tone: str) -> None:
        super().__init__(tone=tone)
        self.body.setContentsMargins(12, GRID, 12, GRID)
        self._words = Text("", "small")
        across = row(gap=GRID + 2)
        across.addWidget(Picture(icon, 20, tone), 0, Qt.AlignmentFlag.AlignTop)
        across.addWidget(self._words, 1)
        self.body.addLayout(across)
        self.hide()

    def say(self, words: str) -> None:
        """Say it; without words the banner goes away."""
        self._words.setText(words)
        self.setAccessibleName(words)
        self.setVisible(bool(words))
