"""The Help screen's widgets: search and list at the left, the page at the right."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QSize, Qt, QUrl, Signal
from PySide6.QtGui import QResizeEvent, QTextBlockFormat, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QListWidget, QListWidgetItem, QTextBrowser, QVBoxLayout, QWidget

from visitapp.ui import fonts
from visitapp.ui.fonts import TextRole
from visitapp.ui.help.presenter import HelpEntry, HelpPage
from visitapp.ui.widgets.screen import Screen
from visitapp.ui.widgets.surfaces import GRID, Card
from visitapp.ui.widgets.text import muted

_LIST_WIDTH = 300
_LINE_CHARACTERS = 72
_HEADINGS = {1: TextRole.TITLE, 2: TextRole.HEADING}


class HelpScreen(Screen):
    """Pages that ship with the application; F1 opens the one about the screen you were on."""

    title = "Help"

    _shown: HelpPage | None = None
    _size = 0.0

    opened = Signal(str)
    searched = Signal(str)
    page_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._search = QLineEdit()
        self._search.setPlaceholderText("Search the help")
        self._search.setAccessibleName("Search the help")
        self._search.setClearButtonEnabled(True)
        self._search.textChanged.connect(self.searched)
        self._list = QListWidget()
        self._list.setAccessibleName("Help pages")
        self._list.setWordWrap(True)
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._list.currentItemChanged.connect(self._chosen)
        self._nothing = muted("No page holds these words. Try fewer, or other ones.")
        self._nothing.hide()
        side = QWidget()
        self._side = side
        in_side = QVBoxLayout(side)
        in_side.setContentsMargins(0, 0, 0, 0)
        for part in (self._search, self._nothing, self._list):
            in_side.addWidget(part)
        self._text = QTextBrowser()
        self._text.setObjectName("help")
        self._text.setAccessibleName("Help page")
        # Links lead to other pages of the help and never out of the application.
        self._text.setOpenLinks(False)
        self._text.anchorClicked.connect(self._followed)
        card = Card()
        card.body.addWidget(self._text)
        whole = QHBoxLayout(self)
        whole.setContentsMargins(3 * GRID, 2 * GRID, 3 * GRID, 2 * GRID)
        whole.setSpacing(2 * GRID)
        whole.addWidget(side)
        whole.addWidget(card, 1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave the page most of the room."""
        super().resizeEvent(event)
        self._side.setFixedWidth(min(_LIST_WIDTH, self.width() // 3))
        if self._shown is not None:
            self._dress()

    def open(self, argument: str = "") -> None:
        """Come to the front; the argument names the screen the user was on."""
        if argument:
            self._search.clear()
        self.opened.emit(argument)
        self._search.setFocus()

    def show_entries(self, entries: Sequence[HelpEntry], current: str) -> None:
        """Show the list of pages without choosing one anew."""
        self._list.blockSignals(True)
        self._list.clear()
        for entry in entries:
            item = QListWidgetItem(f"{entry.title}\n{entry.found}" if entry.found else entry.title)
            item.setData(Qt.ItemDataRole.UserRole, entry.name)
            item.setData(Qt.ItemDataRole.AccessibleTextRole, entry.title)
            if not entry.found:
                item.setSizeHint(QSize(0, max(36, self.fontMetrics().height() + 16)))
            self._list.addItem(item)
            if entry.name == current:
                self._list.setCurrentItem(item)
        self._list.blockSignals(False)
        self._nothing.setVisible(not entries)

    def show_page(self, page: HelpPage) -> None:
        """Show a page in the application's own typefaces."""
        self._shown, self._size = page, fonts.size()
        self._text.document().setDefaultFont(fonts.font(TextRole.BODY))
        self._text.setMarkdown(page.text)
        self._dress()
        self._text.verticalScrollBar().setValue(0)

    def changeEvent(self, event: QEvent) -> None:
        """Follow the text size."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange and self._shown is not None and self._size != fonts.size():
            self.show_page(self._shown)

    def _dress(self) -> None:
        document = self._text.document()
        widest = self.fontMetrics().averageCharWidth() * _LINE_CHARACTERS
        cursor = QTextCursor(document)
        block = document.begin()
        while block.isValid():
            level = block.blockFormat().headingLevel()
            cursor.setPosition(block.position())
            cursor.movePosition(QTextCursor.MoveOperation.EndOfBlock, QTextCursor.MoveMode.KeepAnchor)
            spaced = QTextBlockFormat()
            spaced.setBottomMargin(GRID)
            spaced.setTopMargin(GRID if level > 1 else 0)
            spaced.setRightMargin(max(0, self._text.viewport().width() - widest - 4 * GRID))
            spaced.setLineHeight(125, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value)
            cursor.mergeBlockFormat(spaced)
            if level:
                look = QTextCharFormat()
                look.setFont(fonts.font(_HEADINGS.get(level, TextRole.STRONG)))
                cursor.mergeCharFormat(look)
            block = block.next()

    def _chosen(self, item: QListWidgetItem | None) -> None:
        if item is not None:
            self.page_chosen.emit(str(item.data(Qt.ItemDataRole.UserRole)))

    def _followed(self, link: QUrl) -> None:
        self.page_chosen.emit(link.path().rsplit("/", 1)[-1])
