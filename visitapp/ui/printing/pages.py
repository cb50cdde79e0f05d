"""The pages of a PDF as they will lie on paper, drawn from memory."""

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent, QPixmap, QResizeEvent
from PySide6.QtPdf import QPdfDocument
from PySide6.QtWidgets import QSizePolicy, QWidget

from visitapp.ui import theme
from visitapp.ui.widgets.surfaces import Page, clear
from visitapp.ui.widgets.text import muted

_WIDEST = 760


class PaperView(QWidget):
    """One page, as wide as there is room for, sharp on any screen."""

    def __init__(self, document: QPdfDocument, number: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self._number = number
        self._drawn: QPixmap | None = None
        size = document.pagePointSize(number)
        self._ratio = size.height() / size.width() if size.width() else 1.414
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setMaximumWidth(_WIDEST)
        self.setAccessibleName(f"Page {number + 1} of {document.pageCount()}")
        self.setAccessibleDescription(document.getAllText(number).text())

    def hasHeightForWidth(self) -> bool:
        """Keep the shape of the paper."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Return the height that the paper has at a width."""
        return round(min(width, _WIDEST) * self._ratio)

    def sizeHint(self) -> QSize:
        """Return the widest size."""
        return QSize(_WIDEST, round(_WIDEST * self._ratio))

    def minimumSizeHint(self) -> QSize:
        """Return a size at which a page is still a page."""
        return QSize(120, round(120 * self._ratio))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Draw anew for another size."""
        super().resizeEvent(event)
        self._drawn = None

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the page with a thin edge; paper is white in any theme."""
        painter = QPainter(self)
        if self._drawn is None:
            self._drawn = self._draw()
        painter.drawPixmap(self.rect(), self._drawn)
        painter.setPen(theme.current().colour("control"))
        painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.end()

    def _draw(self) -> QPixmap:
        scale = self.devicePixelRatioF()
        size = QSize(max(1, round(self.width() * scale)), max(1, round(self.height() * scale)))
        return QPixmap.fromImage(on_paper(self._document, self._number, size))


def on_paper(document: QPdfDocument, number: int, size: QSize) -> QImage:
    """Return a page drawn on white paper of a size in pixels."""
    paper = QImage(size, QImage.Format.Format_RGB32)
    paper.fill(QColor(Qt.GlobalColor.white))
    painter = QPainter(paper)
    painter.drawImage(0, 0, document.render(number, size))
    painter.end()
    return paper


class Pages(Page):
    """All pages of a copy, one under the other."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(widest=_WIDEST, parent=parent)
        self.setAccessibleName("Preview of the pages")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._buffer: QBuffer | None = None
        self._document: QPdfDocument | None = None

    @property
    def count(self) -> int:
        """How many pages are shown."""
        return self._document.pageCount() if self._document is not None else 0

    def show_words(self, words: str) -> None:
        """Show words where the pages will be."""
        clear(self.body)
        self._close()
        self.body.addWidget(muted(words))
        self.body.addStretch(1)

    def show_pdf(self, pdf: bytes) -> None:
        """Show the pages of a PDF held in memory."""
        clear(self.body)
        self._close()
        self._document, self._buffer = opened(pdf, self)
        for number in range(self._document.pageCount()):
            self.body.addWidget(PaperView(self._document, number))
        self.body.addStretch(1)
        self.verticalScrollBar().setValue(0)

    def _close(self) -> None:
        if self._document is not None:
            self._document.close()
            self._document.deleteLater()
        if self._buffer is not None:
            self._buffer.close()
            self._buffer.deleteLater()
        self._document = self._buffer = None


def opened(pdf: bytes, owner: QWidget) -> tuple[QPdfDocument, QBuffer]:
    """Open a PDF from memory; the buffer has to live as long as the document."""
    buffer = QBuffer(owner)
    buffer.setData(QByteArray(pdf))
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    document = QPdfDocument(owner)
    document.load(buffer)
    return document, buffer
