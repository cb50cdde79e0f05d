"""A whole form on a page, as the nurse would see it in a visit."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from visitapp.forms.filling import Row
from visitapp.ui.checklist.view import Checklist
from visitapp.ui.questionnaires.preview import FormHead, FormPreview
from visitapp.ui.widgets.surfaces import Card, clear
from visitapp.ui.widgets.text import Text, muted, title


class FormPage(QWidget):
    """The title of a form, what there is to know about it, and its questions; it grows with them and never scrolls itself."""

    answered = Signal(str, object)
    added = Signal(str)
    removed = Signal(str)
    entered = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.most = 0
        """How many rows are shown at the most; 0 is all."""
        self.left_out = 0
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        self._title, self._about = title(""), muted("")
        column.addWidget(self._title)
        column.addWidget(self._about)
        self._notes = QVBoxLayout()
        self._notes.setSpacing(4)
        column.addLayout(self._notes)
        card = Card()
        self._column = card.body
        self._total = Text("", "strong")
        self._column.addWidget(self._total)
        column.addWidget(card)
        column.addStretch(1)
        self._form = Checklist("Form")
        self._begin("Form")

    def show_head(self, head: FormHead) -> None:
        """Show the title and what is to be known about the form; the questions of another form go."""
        self._title.setText(head.title)
        self._about.setText(head.about)
        clear(self._notes)
        for words in head.notes:
            self._notes.addWidget(Text(words, "small", "attention"))
        self._begin(head.title)

    def show_rows(self, rows: Sequence[Row]) -> None:
        """Show exactly these rows, or the first of them where no more are wanted."""
        self.left_out = max(0, len(rows) - self.most) if self.most else 0
        self._form.show_rows(rows[: self.most] if self.left_out else rows)

    def show_changed(self, rows: Sequence[Row]) -> None:
        """Mend these rows in place."""
        self._form.show_changed(rows)

    def show_total(self, words: str) -> None:
        """Show what the answers add up to."""
        self._total.setText(words)
        self._total.setVisible(bool(words))

    def show_whole(self) -> None:
        """Build every question now, however many there are."""
        self._form.focus_place("")

    def focus_first(self) -> bool:
        """Go to the first question that waits for an answer."""
        return self._form.focus_first()

    def _begin(self, name: str) -> None:
        # Another form may have questions of the same linkIds: its widgets must not be taken for theirs.
        self._column.removeWidget(self._form)
        self._form.hide()
        self._form.deleteLater()
        self._form = Checklist(name)
        self._form.answered.connect(self.answered)
        self._form.added.connect(self.added)
        self._form.removed.connect(self.removed)
        self._form.entered.connect(self.entered)
        self._column.insertWidget(0, self._form)


def previewed(page: FormPage) -> FormPreview:
    """The presenter of a form page, joined to it."""
    presenter = FormPreview(page)
    page.answered.connect(presenter.answer)
    page.added.connect(presenter.add)
    page.removed.connect(presenter.remove)
    return presenter
