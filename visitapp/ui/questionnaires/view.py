"""The Questionnaires screen's widgets: the list and the file that was brought at the left, the form at the right."""

from collections.abc import Sequence

from PySide6.QtCore import QFileSystemWatcher, QTimer, Signal
from PySide6.QtWidgets import QFileDialog, QVBoxLayout, QWidget

from visitapp.forms.definition import Questionnaire
from visitapp.ui.questionnaires.form_page import FormPage, previewed
from visitapp.ui.questionnaires.presenter import Brought, Line
from visitapp.ui.widgets.buttons import Button, PrimaryButton, QuietButton
from visitapp.ui.widgets.rows import Columns, Mark, RowButton
from visitapp.ui.widgets.screen import Screen
from visitapp.ui.widgets.surfaces import GRID, Card, Page, clear, row
from visitapp.ui.widgets.text import Text, muted

_SETTLE_MS = 150
"""An editor writes a file in several steps: it is read once they are over."""


class QuestionnairesScreen(Screen):
    """What is loaded, a file to be taken in, and beside it the form as the nurse would see it."""

    title = "Questionnaires"
    rail = "settings"
    help_page = "write-your-own-checklist"

    opened = Signal()
    chosen = Signal(str)
    brought = Signal(str)
    put_away = Signal()
    use_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        columns = Columns(narrow_under=900, gap=0)
        whole.addWidget(columns)
        self._left, self._right = Page(), Page(widest=860)
        columns.add(self._left, 2)
        columns.add(self._right, 3)
        self._form = FormPage()
        self._preview = previewed(self._form)
        self._form.entered.connect(lambda question: self._right.ensureWidgetVisible(question, 0, 3 * GRID))
        self._no_form = Text("", tone="muted")
        self._no_form.hide()
        self._right.body.addWidget(self._no_form)
        self._right.body.addWidget(self._form)
        self._fill_left()
        self._path = ""
        self._watcher = QFileSystemWatcher(self)
        self._settled = QTimer(self)
        self._settled.setSingleShot(True)
        self._settled.setInterval(_SETTLE_MS)
        self._settled.timeout.connect(self._again)
        self._watcher.fileChanged.connect(lambda _path: self._settled.start())

    def _fill_left(self) -> None:
        body = self._left.body
        self._load = Button("Load a questionnaire…", "folder")
        self._load.clicked.connect(self._ask_for_file)
        body.addLayout(row(self._load, None))
        self._brought = Card()
        self._brought.setAccessibleName("The file you chose")
        self._brought.hide()
        body.addWidget(self._brought)
        self._refused = Card("Needs you: came and cannot be used", tone="attention")
        self._reasons = QVBoxLayout()
        self._refused.body.addLayout(self._reasons)
        self._refused.hide()
        body.addWidget(self._refused)
        held = Card("On this laptop")
        self._list = QVBoxLayout()
        self._list.setSpacing(0)
        held.body.addLayout(self._list)
        body.addWidget(held)
        body.addStretch(1)

    def open(self, argument: str = "") -> None:
        """Come to the front; with a path, judge that file at once."""
        self.opened.emit()
        if argument:
            self.bring(argument)

    def leave(self) -> None:
        """Watch no file while out of sight."""
        self._watch("")

    def show_lines(self, lines: Sequence[Line], refused: Sequence[str]) -> None:
        """Show what is loaded, and what came and could not be used."""
        clear(self._list)
        for line in lines:
            button = RowButton(line.title, line.detail, marks=[Mark(words, tone) for words, tone in line.marks])
            button.clicked.connect(lambda _on=False, canonical=line.canonical: self.chosen.emit(canonical))
            self._list.addWidget(button)
        clear(self._reasons)
        for words in refused:
            self._reasons.addWidget(Text(words))
        self._refused.setVisible(bool(refused))

    def show_brought(self, brought: Brought | None) -> None:
        """Show the file that was brought, or that there is none."""
        body = self._brought.body
        clear(body)
        self._brought.setVisible(brought is not None)
        if brought is None:
            self._watch("")
            return
        self._brought.set_tone("attention" if brought.problems else "accent")
        body.addWidget(Text(brought.name, "heading"))
        body.addWidget(muted(brought.about))
        for words in brought.problems:
            body.addWidget(Text(f"▲ {words}", tone="attention"))
        for words in brought.notes:
            body.addWidget(muted(words))
        if len(brought.titles) > 1:
            for canonical, title in brought.titles:
                button = RowButton(title)
                button.clicked.connect(lambda _on=False, canonical=canonical: self.chosen.emit(canonical))
                body.addWidget(button)
        use = PrimaryButton("Use it in this record")
        use.setEnabled(brought.may_be_used)
        use.clicked.connect(self.use_asked)
        away = QuietButton("Put it away")
        away.clicked.connect(self.put_away)
        body.addLayout(row(use, away, None))

    def show_form(self, questionnaire: Questionnaire) -> None:
        """Show a form, to be tried out; nothing of it is kept."""
        self._no_form.hide()
        self._form.show()
        self._preview.open(questionnaire)
        self._right.verticalScrollBar().setValue(0)

    def show_no_form(self, words: str) -> None:
        """Show that there is no form to see, and why."""
        self._form.hide()
        self._no_form.setText(words)
        self._no_form.show()

    def bring(self, path: str) -> None:
        """Take a file, and follow it: an author sees at once what she has saved."""
        self._watch(path)
        self.brought.emit(path)

    def _ask_for_file(self) -> None:
        dialog = QFileDialog(self, "Load a questionnaire or a pack", "", "Questionnaires and packs (*.json *.pack);;All files (*)")
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        # The platform's own dialog would remember the file's name outside the record.
        dialog.setOption(QFileDialog.Option.DontUseNativeDialog)
        dialog.fileSelected.connect(self.bring)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _watch(self, path: str) -> None:
        if self._watcher.files():
            self._watcher.removePaths(self._watcher.files())
        self._path = path
        if path:
            self._watcher.addPath(path)

    def _again(self) -> None:
        if self._path:
            # Many editors put a new file in the old one's place, which is then followed no more.
            self.bring(self._path)
