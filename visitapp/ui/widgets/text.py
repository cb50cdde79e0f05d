"""Text in its roles: title, heading, body, small, strong, figures."""

from html import escape

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from visitapp.ui import fonts
from visitapp.ui.fonts import TextRole


def as_tip(words: str) -> str:
    """Words as a tooltip shows them: Qt takes what looks like markup for markup, with the files it names, unless it is escaped."""
    return f"<span>{escape(words)}</span>" if "<" in words else words


class Text(QLabel):
    """A piece of plain text; `tone` is ink, muted, accent, success, attention or danger."""

    def __init__(
        self,
        words: str = "",
        role: TextRole | str = TextRole.BODY,
        tone: str = "ink",
        *,
        wraps: bool = True,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(words, parent)
        self._role = TextRole(role)
        # Names and notes are typed by people: they are never markup.
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(wraps)
        # A name in Arabic stands at the left among the others; within itself it still runs from right to left.
        self.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignAbsolute | Qt.AlignmentFlag.AlignVCenter)
        self.setProperty("tone", tone)
        self.setFont(fonts.font(self._role))
        if wraps:
            policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
            policy.setHeightForWidth(True)
            self.setSizePolicy(policy)

    def set_tone(self, tone: str) -> None:
        """Change the colour role of the text."""
        if self.property("tone") != tone:
            self.setProperty("tone", tone)
            self.style().unpolish(self)
            self.style().polish(self)

    def changeEvent(self, event: QEvent) -> None:
        """Follow the application's text size."""
        super().changeEvent(event)
        # Qt tells no widget of a new application font, but every widget of the new style sheet that comes with it.
        if event.type() == QEvent.Type.StyleChange:
            fonts.keep(self, self._role)


class OneLine(Text):
    """One line of text that ends in an ellipsis when there is no room, with the whole of it as a tooltip."""

    def __init__(self, words: str = "", role: TextRole | str = TextRole.BODY, tone: str = "ink") -> None:
        super().__init__("", role, tone, wraps=False)
        self._words = ""
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.show_words(words)

    def show_words(self, words: str) -> None:
        """Show other words."""
        self._words = words
        self.setAccessibleName(words)
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Cut the words anew for the new width."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        shown = QFontMetrics(self.font()).elidedText(self._words, Qt.TextElideMode.ElideRight, max(self.width(), 40))
        self.setText(shown)
        self.setToolTip(as_tip(self._words) if shown != self._words else "")


def title(words: str) -> Text:
    """Return the largest text: a page's own heading."""
    return _headed(words, TextRole.TITLE)


def heading(words: str) -> Text:
    """Return a section's heading."""
    return _headed(words, TextRole.HEADING)


def muted(words: str, *, wraps: bool = True) -> Text:
    """Return secondary text."""
    return Text(words, TextRole.SMALL, "muted", wraps=wraps)


def strong(words: str, *, wraps: bool = True) -> Text:
    """Return text that stands out from its neighbours."""
    return Text(words, TextRole.STRONG, wraps=wraps)


def _headed(words: str, role: TextRole) -> Text:
    found = Text(words, role)
    found.setAccessibleName(words)
    return found
