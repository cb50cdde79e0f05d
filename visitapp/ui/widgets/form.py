"""The page of fields: shows a Form, tells what is typed, says what is wrong beside the field."""

from collections.abc import Collection, Mapping

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from visitapp.ui.form import FieldKind, FieldSpec, Form, Section, Values
from visitapp.ui.widgets.buttons import Button, PrimaryButton
from visitapp.ui.widgets.fields import Choice, DateLine, Field, Line, Paragraph
from visitapp.ui.widgets.screen import Screen
from visitapp.ui.widgets.surfaces import GRID, Card, Page, clear, row
from visitapp.ui.widgets.text import Text, muted

_WIDEST = 760
_Control = Line | Paragraph | DateLine | Choice | QCheckBox


class FormScreen(Screen):
    """A page of fields with Save at its end; what is typed stays until it is saved or given up."""

    help_page = "families"
    rail = "caseload"

    opened = Signal(str)
    saved = Signal(object)
    cancelled = Signal()
    changed = Signal(str, object)

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = title
        self._controls: dict[str, _Control] = {}
        self._fields: dict[str, Field | QCheckBox] = {}
        self._cards: dict[str, tuple[Card, tuple[str, ...]]] = {}
        self._page = Page(widest=_WIDEST)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self._page)
        self._introduction = Text("", "body", "muted")
        self._introduction.hide()
        self._sections = QVBoxLayout()
        self._sections.setSpacing(2 * GRID)
        self._wrong = Text("", "body", "danger")
        self._wrong.hide()
        self._save = PrimaryButton("Save", "done")
        self._cancel = Button("Cancel")
        self._save.clicked.connect(lambda: self.saved.emit(self._values()))
        self._cancel.clicked.connect(self.cancelled)
        save_keys = QShortcut(QKeySequence("Ctrl+Return"), self)
        save_keys.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        save_keys.activated.connect(self._save.click)
        self._page.body.addWidget(self._introduction)
        self._page.body.addLayout(self._sections)
        self._page.body.addWidget(self._wrong)
        self._page.body.addLayout(row(self._save, self._cancel, None))
        self._page.body.addStretch(1)

    def open(self, argument: str = "") -> None:
        """Come to the front."""
        self.opened.emit(argument)

    def show_form(self, form: Form) -> None:
        """Show other fields, empty; the first one takes the keyboard."""
        clear(self._sections)
        self._controls, self._fields, self._cards = {}, {}, {}
        self.say_title(form.title)
        self._save.setText(form.save)
        self._save.setAccessibleName(form.save)
        self.show_introduction(form.introduction)
        self.show_trouble("")
        for section in form.sections:
            self._sections.addWidget(self._section(section))
        first = next(iter(self._controls.values()), None)
        if first is not None:
            first.setFocus()
        self._page.verticalScrollBar().setValue(0)

    def show_values(self, values: Values) -> None:
        """Put values into fields; fields not named keep theirs."""
        for key, value in values.items():
            control = self._controls.get(key)
            if isinstance(control, QCheckBox):
                control.setChecked(value is True)
            elif isinstance(control, Choice):
                control.choose(str(value))
            elif isinstance(control, Paragraph):
                control.setPlainText(str(value))
            elif isinstance(control, QLineEdit):
                control.setText(str(value))

    def show_fields(self, keys: Collection[str]) -> None:
        """Show these fields and hide the others; a section without fields goes too."""
        for key, field in self._fields.items():
            field.setVisible(key in keys)
        for card, inside in self._cards.values():
            card.setVisible(any(key in keys for key in inside))

    def show_wrong(self, wrong: Mapping[str, str]) -> None:
        """Say beside each field named what is wrong with it, and go to the first."""
        for key, field in self._fields.items():
            if isinstance(field, Field):
                field.show_wrong(wrong.get(key, ""))
        first = next((key for key in self._fields if wrong.get(key)), None)
        if first is not None:
            self._controls[first].setFocus()
            self._page.ensureWidgetVisible(self._fields[first])
        self.show_trouble(" ".join(words for key, words in wrong.items() if key not in self._fields))

    def show_trouble(self, words: str) -> None:
        """Say above Save what is wrong with the page as a whole."""
        self._wrong.setText(words)
        self._wrong.setVisible(bool(words))

    def show_introduction(self, words: str) -> None:
        """Say at the top what this page does."""
        self._introduction.setText(words)
        self._introduction.setVisible(bool(words))

    def show_busy(self, busy: bool) -> None:
        """Keep Save from being pressed twice."""
        self._save.setEnabled(not busy)

    def _values(self) -> dict[str, str | bool]:
        found: dict[str, str | bool] = {}
        for key, control in self._controls.items():
            if isinstance(control, QCheckBox):
                found[key] = control.isChecked()
            elif isinstance(control, Choice):
                found[key] = control.value
            elif isinstance(control, Paragraph):
                found[key] = control.toPlainText()
            else:
                found[key] = control.text()
        return found

    def _section(self, section: Section) -> Card:
        card = Card(section.title)
        if section.hint:
            card.body.addWidget(muted(section.hint))
        beside: QHBoxLayout | None = None
        for spec in section.fields:
            field = self._field(spec)
            if not spec.half:
                card.body.addWidget(field)
                beside = None
            elif beside is None:
                beside = row(gap=2 * GRID)
                beside.addWidget(field, 1, Qt.AlignmentFlag.AlignTop)
                card.body.addLayout(beside)
            else:
                beside.addWidget(field, 1, Qt.AlignmentFlag.AlignTop)
                beside = None
        self._cards[section.title] = (card, tuple(spec.key for spec in section.fields))
        return card

    def _field(self, spec: FieldSpec) -> Field | QCheckBox:
        if spec.kind is FieldKind.TICK:
            tick = QCheckBox(spec.label)
            tick.setAccessibleName(spec.label)
            tick.toggled.connect(lambda on: self.changed.emit(spec.key, on))
            self._controls[spec.key] = self._fields[spec.key] = tick
            return tick
        control: Line | Paragraph | DateLine | Choice
        if spec.kind is FieldKind.CHOICE:
            control = Choice(spec.options)
            control.chosen.connect(lambda value: self.changed.emit(spec.key, value))
        elif spec.kind is FieldKind.PARAGRAPH:
            control = Paragraph()
        elif spec.kind is FieldKind.DATE:
            control = DateLine()
            control.editingFinished.connect(lambda c=control: self.changed.emit(spec.key, c.text()))
        else:
            control = Line()
            if spec.kind is FieldKind.NUMBER:
                control.setMaximumWidth(140)
                control.setInputMethodHints(Qt.InputMethodHint.ImhDigitsOnly)
        field = Field(spec.label, control, spec.hint)
        self._controls[spec.key], self._fields[spec.key] = control, field
        return field
