"""The calm dialog about a bug; apart from what catches bugs, because most sessions never show it."""

from PySide6.QtWidgets import QApplication, QDialog, QPlainTextEdit, QVBoxLayout, QWidget

from visitapp.ui.widgets.buttons import Button, PrimaryButton
from visitapp.ui.widgets.surfaces import GRID, row
from visitapp.ui.widgets.text import Text, heading, muted

_SAFE = "What you wrote is saved on this laptop up to the last second or two. You can go on, or close visitapp and open it again."


class CrashDialog(QDialog):
    """Says that visitapp is at fault, that the notes are safe, and offers the report to copy."""

    def __init__(self, report: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("visitapp")
        self.setAccessibleName("visitapp made a mistake")
        self.setMinimumWidth(560)
        details = QPlainTextEdit(report)
        details.setReadOnly(True)
        details.setAccessibleName("Report")
        details.setMinimumHeight(160)
        details.hide()
        show = Button("Show the report")
        copy = Button("Copy the report")
        go_on = PrimaryButton("Go on")
        go_on.setDefault(True)
        show.clicked.connect(details.show)
        copy.clicked.connect(lambda: QApplication.clipboard().setText(report))
        go_on.clicked.connect(self.accept)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(3 * GRID, 3 * GRID, 3 * GRID, 2 * GRID)
        whole.setSpacing(2 * GRID)
        whole.addWidget(heading("visitapp made a mistake"))
        whole.addWidget(Text(_SAFE))
        whole.addWidget(muted("The report names places in the program. It holds no name and nothing you wrote."))
        whole.addWidget(details)
        whole.addLayout(row(show, copy, None, go_on))
