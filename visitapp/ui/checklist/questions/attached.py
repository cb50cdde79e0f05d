"""Questions answered with a file or by pointing to another record."""

import base64
import mimetypes
import re
from contextlib import suppress
from pathlib import Path

from PySide6.QtCore import Qt, QThreadPool, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLabel, QLineEdit, QPushButton

from visitapp.forms.filling import Row
from visitapp.forms.values import Attachment, Reference
from visitapp.ui.checklist.labels import value_label
from visitapp.ui.checklist.questions.attached_size import MOST_BYTES
from visitapp.ui.checklist.questions.question import Question, is_plain_enter

_POINTER = re.compile(r"[A-Z][A-Za-z]+/[A-Za-z0-9.\-]{1,64}|(?:https?|urn):\S+")


class AttachmentQuestion(Question):
    """A file: chosen, named, taken away again."""

    _was_read = Signal(object)

    def _build(self) -> None:
        line = QHBoxLayout()
        line.setSpacing(8)
        self._choose = QPushButton("Choose a file…", self)
        self._choose.clicked.connect(self._ask)
        self._drop = QPushButton("Take it away", self)
        self._drop.clicked.connect(lambda _on=False: self._say(*self._row.values[:-1]))
        self._names = QLabel(self)
        self._names.setTextFormat(Qt.TextFormat.PlainText)
        self._names.setWordWrap(True)
        self._was_read.connect(self._take)
        for button in (self._choose, self._drop):
            button.setMinimumHeight(32)
            line.addWidget(button)
            self._input(button)
        line.addStretch(1)
        self._column.addWidget(self._names)
        self._column.addLayout(line)

    def _show_values(self, row: Row) -> None:
        named = ", ".join(value_label(value) for value in row.values)
        more = "Choose another file…" if row.item.repeats else named
        self._choose.setText((more if named else "") or "Choose a file…")
        self._names.setText(named if row.item.repeats else "")
        self._names.setVisible(bool(named) and row.item.repeats)
        self._choose.setAccessibleName(f"{row.text}: {named or 'choose a file'}")
        self._drop.setAccessibleName(f"{row.text}: take the file away")
        self._drop.setVisible(bool(named) and not row.read_only)

    def _ask(self) -> None:
        dialog = QFileDialog(self, self._row.text)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        # The operating system's own dialog keeps a list of recent files.
        dialog.setOption(QFileDialog.Option.DontUseNativeDialog)
        dialog.fileSelected.connect(self.bring)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def bring(self, path: str) -> None:
        """Take a file as the answer; it is read off the main thread."""
        most = min(MOST_BYTES, int(self._row.item.max_size or MOST_BYTES))

        def read() -> None:
            # The page may have gone meanwhile, and nobody waits for the answer any more.
            with suppress(RuntimeError):
                self._was_read.emit(attachment_of(Path(path), most))

        QThreadPool.globalInstance().start(read)

    def _take(self, found: Attachment | str) -> None:
        if isinstance(found, Attachment):
            self._show_problem("")
            self._say(*(self._row.values if self._row.item.repeats else ()), found)
        else:
            self._show_problem(found)


def attachment_of(path: Path, most: int) -> Attachment | str:
    """The file as an answer, or in words why it can't be one; `most` is in bytes."""
    try:
        with path.open("rb") as file:
            raw = file.read(most + 1)
    except OSError:
        return "The file cannot be read."
    if len(raw) > most:
        return f"The file is too large: {most // 1000 or 1} KB at most. A photograph can be made smaller before it is chosen."
    kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return Attachment(content_type=kind, data=base64.b64encode(raw).decode(), size=len(raw), title=path.name)


class ReferenceQuestion(Question):
    """A pointer to another record, typed as "Patient/123"; other words name it without pointing."""

    def _build(self) -> None:
        self._field = QLineEdit(self)
        self._field.setMinimumHeight(32)
        kinds = self._row.item.reference_types
        self._field.setPlaceholderText(self._row.item.entry_format or (f"{kinds[0]}/… or in words" if kinds else "in words"))
        self._field.textEdited.connect(self._typed)
        self._input(self._field)
        self._column.addWidget(self._field)

    def _show_values(self, row: Row) -> None:
        value = row.values[0] if row.values else None
        text = (value.reference or value.display or "") if isinstance(value, Reference) else ""
        if self._field.text().strip() != text:
            self._field.setText(text)
        self._field.setReadOnly(row.read_only)

    def _typed(self, text: str) -> None:
        said = text.strip()
        if not said:
            self._say()
        else:
            self._say(Reference(reference=said) if _POINTER.fullmatch(said) else Reference(display=said))

    def _key(self, event: QKeyEvent) -> bool:
        if is_plain_enter(event):
            self.finished.emit(self.place)
            return True
        return False
