"""The connect screen: address, code, one button."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from visitapp.ui.widgets.buttons import PrimaryButton
from visitapp.ui.widgets.fields import Field, Line
from visitapp.ui.widgets.screen import Screen
from visitapp.ui.widgets.surfaces import GRID, Card, Page, column, row
from visitapp.ui.widgets.text import Text, heading, muted


class ConnectScreen(Screen):
    """Two fields and a button."""

    title = "Connect to your service"
    rail = "sync"
    help_page = "sync"

    asked = Signal(str, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        # A signal holds a bound method weakly: the screen keeps its presenter alive.
        self.presenter: object = None
        page = Page(widest=560)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(page)
        self._address_line, self._code_line = Line(placeholder="visits.example.org"), Line()
        self._address = Field("Address of your service", self._address_line)
        self._code = Field("Enrolment code", self._code_line)
        self._button = PrimaryButton("Connect")
        self._button.clicked.connect(self._ask)
        self._address_line.returnPressed.connect(self._code_line.setFocus)
        self._code_line.returnPressed.connect(self._ask)
        self._trouble = Text("", tone="danger")
        self._do = muted("")
        card = Card()
        card.body.setSpacing(2 * GRID)
        explained = "Your administrator gave you both. The code works once, for a day. What is on this laptop is then sent."
        card.body.addLayout(column(heading("Connect to your service"), muted(explained), gap=4))
        for part in (self._address, self._code, self._trouble, self._do):
            card.body.addWidget(part)
        card.body.addLayout(row(None, self._button))
        page.body.addWidget(card)
        page.body.addStretch(1)
        self.show_trouble("", "")

    def open(self, argument: str = "") -> None:
        """Begin with the first empty field."""
        (self._code_line if self._address_line.text() else self._address_line).setFocus()

    def leave(self) -> None:
        """A code is not kept on the screen."""
        self._code_line.clear()

    def show_wrong(self, field: str, words: str) -> None:
        """Say what is wrong with a field."""
        (self._address if field == "address" else self._code).show_wrong(words)

    def show_busy(self, busy: bool) -> None:
        """Wait for the service."""
        self._button.setEnabled(not busy)
        self._button.setText("Connecting…" if busy else "Connect")

    def show_trouble(self, happened: str, do: str) -> None:
        """Say why it did not work."""
        self._trouble.setText(happened)
        self._trouble.setVisible(bool(happened))
        self._do.setText(do)
        self._do.setVisible(bool(do))

    def _ask(self) -> None:
        self.asked.emit(self._address_line.text(), self._code_line.text())
