"""The print screen: pages at the left, choices at the right."""

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeySequence, QPainter, QResizeEvent, QShortcut
from PySide6.QtPrintSupport import QPrinter, QPrinterInfo
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLineEdit, QWidget

from visitapp.ui.checklist.calm_box import CalmBox
from visitapp.ui.checklist.choice_button import ChoiceButton, TickButton
from visitapp.ui.printing.pages import Pages, on_paper, opened
from visitapp.ui.printing.presenter import FAMILY, PROFESSIONAL, PrintPage
from visitapp.ui.widgets.buttons import Button, PrimaryButton, QuietButton
from visitapp.ui.widgets.screen import Screen
from visitapp.ui.widgets.surfaces import Card, Flow, Page, clear, row
from visitapp.ui.widgets.text import Text, muted, strong

_DPI = 300


class PrintScreen(Screen):
    """A copy of a visit, before it is paper."""

    title = "Print"
    rail = "visits"
    help_page = "printing"

    opened = Signal(str)
    left = Signal()
    copy_chosen = Signal(str)
    subject_chosen = Signal(str)
    large_chosen = Signal(bool)
    print_wanted = Signal()
    was_printed = Signal()
    save_wanted = Signal(str, str)
    save_plain_wanted = Signal()
    path_given = Signal(str)
    back_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        # A signal holds a bound method weakly: the screen keeps its presenter alive.
        self.presenter: object = None
        self._fresh = False
        self._pages = Pages()
        self._side = Page()
        across = QHBoxLayout(self)
        across.setContentsMargins(0, 0, 0, 0)
        across.setSpacing(0)
        across.addWidget(self._pages, 1)
        across.addWidget(self._side)
        self._make_copies()
        self._make_print()
        self._make_save()
        back = QuietButton("Back to the visit", "back")
        back.clicked.connect(self.back_wanted)
        self._side.body.addLayout(row(back, None))
        self._side.body.addStretch(1)
        for keys, call in (
            ("Alt+F", lambda: self.copy_chosen.emit(FAMILY)), ("Alt+R", lambda: self.copy_chosen.emit(PROFESSIONAL)),
            ("Ctrl+P", self.print_wanted.emit),
        ):  # fmt: skip
            self._shortcut(keys, call)

    def open(self, argument: str = "") -> None:
        """Show the copies of the visit named by its id."""
        self._fresh = True
        self._done.hide()
        self._wrong.hide()
        self._secret_card.hide()
        self._list_printers()
        self.opened.emit(argument)

    def leave(self) -> None:
        """Let go of the copy."""
        self._pages.show_words("")
        self._passphrase.clear()
        self._again.clear()
        self.left.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share a narrow window between pages and choices; at its widest the choices stay a column."""
        super().resizeEvent(event)
        widest = 19 * self.fontMetrics().height()
        self._side.setFixedWidth(max(320, min(widest, self.width() * 45 // 100)))

    def show_choices(self, page: PrintPage) -> None:
        """Show what can be chosen and what is."""
        self._family.setChecked(page.wanted.copy == FAMILY)
        self._professional.setChecked(page.wanted.copy == PROFESSIONAL)
        self._large.setChecked(page.wanted.large_print)
        self._rule.setText(page.rule)
        self._show_subjects(page)
        self._show_left_out(page)
        self._practice.setVisible(page.practice)

    def show_making(self) -> None:
        """Say that the pages are on their way."""
        self._pages.show_words("Making the pages…")
        self._set_ready(False)

    def show_pdf(self, pdf: bytes) -> None:
        """Show the pages as they will lie on paper."""
        self._pages.show_pdf(pdf)
        self._set_ready(True)
        if self._fresh:
            self._fresh = False
            target = self._print if self._print.isEnabled() else self._save
            target.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def print_pdf(self, pdf: bytes, name: str) -> None:
        """Draw the pages on the printer that was chosen; the job's name says nothing about anyone."""
        printer = QPrinter(QPrinterInfo.printerInfo(self._printers.currentText()), QPrinter.PrinterMode.HighResolution)
        printer.setResolution(_DPI)
        printer.setDocName(name)
        printer.setFullPage(True)
        if draw(pdf, printer, self):
            self.was_printed.emit()
        else:
            self.show_wrong("The printer did not take it. Check that it is switched on, or save the copy instead.")

    def ask_path(self, suggested: str, encrypted: bool) -> None:
        """Ask where to save; the answer comes back as a signal."""
        words = "Save the encrypted copy" if encrypted else "Save the copy so that anyone can open it"
        dialog = QFileDialog(self, words, suggested, "PDF (*.pdf)")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("pdf")
        # The operating system's own dialog keeps a list of recent files.
        dialog.setOption(QFileDialog.Option.DontUseNativeDialog)
        dialog.fileSelected.connect(self.path_given)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def show_wrong(self, words: str) -> None:
        """Say what has to be different."""
        self._wrong.setText(words)
        self._wrong.show()
        self._done.hide()

    def show_done(self, words: str) -> None:
        """Say that the copy is where it should be."""
        self._done.setText(words)
        self._done.show()
        self._wrong.hide()
        self._secret_card.hide()
        self._passphrase.clear()
        self._again.clear()

    # Inside

    def _shortcut(self, keys: str, call: Callable[[], object]) -> None:
        shortcut = QShortcut(QKeySequence(keys), self)
        shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        shortcut.activated.connect(call)

    def _make_copies(self) -> None:
        self._practice = Text("Practice: invented families.", "small", "attention")
        self._family = ChoiceButton("Family copy")
        self._professional = ChoiceButton("Professional copy")
        self._family.setToolTip("Alt+F")
        self._professional.setToolTip("Alt+R")
        self._family.clicked.connect(lambda: self.copy_chosen.emit(FAMILY))
        self._professional.clicked.connect(lambda: self.copy_chosen.emit(PROFESSIONAL))
        self._rule = muted("")
        self._subject = CalmBox()
        self._subject.setAccessibleName("Whom the professional copy is about")
        self._subject.activated.connect(lambda index: self.subject_chosen.emit(self._subject.itemData(index)))
        self._large = TickButton("Large print")
        self._large.clicked.connect(self.large_chosen)
        self._left_out = Card("Left out of this copy")
        for part in (
            self._practice, self._family, self._professional, self._rule, self._subject, self._large, self._left_out,
        ):  # fmt: skip
            self._side.body.addWidget(part)

    def _make_print(self) -> None:
        self._printers = CalmBox()
        self._printers.setAccessibleName("Printer")
        self._printer_words = muted("")
        self._print = PrimaryButton("Print", "print")
        self._print.clicked.connect(self.print_wanted)
        for part in (self._printers, self._printer_words):
            self._side.body.addWidget(part)
        self._save = Button("Save encrypted…", "lock")
        self._save.clicked.connect(self._ask_secret)
        both = Flow()
        both.addWidget(self._print)
        both.addWidget(self._save)
        self._side.body.addLayout(both)

    def _make_save(self) -> None:
        self._wrong = Text("", "small", "danger")
        self._done = Text("", tone="success")
        self._secret_card = Card("A passphrase for this file")
        self._passphrase, self._again = QLineEdit(), QLineEdit()
        for field, words in ((self._passphrase, "Passphrase"), (self._again, "The same again")):
            field.setEchoMode(QLineEdit.EchoMode.Password)
            field.setAccessibleName(words)
            field.setPlaceholderText(words)
            self._secret_card.body.addWidget(field)
        self._passphrase.returnPressed.connect(self._again.setFocus)
        self._again.returnPressed.connect(self._save_secret)
        self._secret_card.body.addWidget(muted("Tell it to whoever receives the file by another way than the file."))
        choose = Button("Choose where…")
        choose.clicked.connect(self._save_secret)
        plain = QuietButton("Save without a passphrase…")
        plain.clicked.connect(self.save_plain_wanted)
        self._secret_card.body.addLayout(row(choose, None))
        self._secret_card.body.addWidget(muted("Without a passphrase anyone who finds the file can read it."))
        self._secret_card.body.addLayout(row(plain, None))
        for part in (self._secret_card, self._wrong, self._done):
            part.hide()
            self._side.body.addWidget(part)

    def _ask_secret(self) -> None:
        self._secret_card.show()
        self._passphrase.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _save_secret(self) -> None:
        self.save_wanted.emit(self._passphrase.text(), self._again.text())

    def _list_printers(self) -> None:
        self._printers.clear()
        self._printers.addItems(QPrinterInfo.availablePrinterNames())
        usual = QPrinterInfo.defaultPrinterName()
        if usual:
            self._printers.setCurrentText(usual)
        found = self._printers.count() > 0
        self._printers.setVisible(found)
        self._printer_words.setText(
            "From its usual tray, on A4." if found else "No printer is set up on this laptop. Save the copy instead."
        )

    def _set_ready(self, ready: bool) -> None:
        self._print.setEnabled(ready and self._printers.count() > 0)
        self._save.setEnabled(ready)

    def _show_subjects(self, page: PrintPage) -> None:
        self._subject.setVisible(page.wanted.copy == PROFESSIONAL)
        self._subject.clear()
        for id_, words in page.subjects:
            self._subject.addItem(f"About: {words}", id_)
            if id_ == page.wanted.subject:
                self._subject.setCurrentIndex(self._subject.count() - 1)

    def _show_left_out(self, page: PrintPage) -> None:
        clear(self._left_out.body)
        self._left_out.setVisible(page.wanted.copy == FAMILY)
        self._left_out.body.addWidget(strong("Left out of this copy"))
        if not page.left_out:
            self._left_out.body.addWidget(muted("Nothing that was written had to be left out but scores and empty questions."))
        for words in page.left_out:
            self._left_out.body.addWidget(Text(f"• {words}"))
        self._left_out.body.addWidget(muted("This list is on the screen only, never on the paper."))


def draw(pdf: bytes, printer: QPrinter, owner: QWidget) -> bool:
    """Draw the pages of a PDF on a printer, page for page; False when the printer does not take it."""
    document, buffer = opened(pdf, owner)
    painter = QPainter()
    try:
        if not painter.begin(printer):
            return False
        for number in range(document.pageCount()):
            if number:
                printer.newPage()
            area = printer.pageLayout().fullRectPixels(printer.resolution())
            points = document.pagePointSize(number)
            fitted = QSize(round(points.width()), round(points.height())).scaled(
                area.size(), Qt.AspectRatioMode.KeepAspectRatio
            )
            painter.drawImage(0, 0, on_paper(document, number, fitted))
        return painter.end()
    finally:
        document.close()
        buffer.close()
        document.deleteLater()
        buffer.deleteLater()

