"""What stands around a control: formatted words, what the form wants said beside it, and where to read more."""

import html

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from visitapp.forms.filling import Row
from visitapp.forms.markup import rich_text, style
from visitapp.ui import theme
from visitapp.ui.widgets.buttons import QuietButton

_READABLE = 4.5
_CATEGORIES = {"instructions": "How to fill this in", "security": "About safety of data", "legal": "Legal notice"}


def rich_words(row: Row) -> str | None:
    """The words of a row as safe HTML where the form has them formatted; None where they are plain.

    Words that were worked out take the place of formatted ones.
    """
    if row.text != row.item.text_in(row.language) or "_text" not in row.item.raw:
        return None
    prefix = f"{html.escape(row.prefix)} " if row.prefix else ""
    formatted = rich_text(row.item, row.language)
    css = ";".join(f"{name}:{value}" for name, value in style(row.item).items() if _is_readable(name, value))
    if formatted is None:
        return f'<span style="{css}">{prefix}{html.escape(row.text)}</span>' if css and row.text else None
    return f'<div style="{css}">{prefix}{formatted}</div>' if css else prefix + formatted


def _is_readable(name: str, value: str) -> bool:
    """Whether a colour that a form asks for can be read on this theme's surface; other styles always can."""
    if name == "background-color":
        return False
    if name != "color":
        return True
    surface = theme.current().colour("surface").name()
    # Qt names colours as SVG does, which is what rendering-style speaks.
    made = QColor(value)
    return made.isValid() and theme.contrast(made.name(), surface) >= _READABLE


def category_words(row: Row) -> str:
    """What a paragraph is there for, in words; empty where the form does not say."""
    return _CATEGORIES.get(row.item.display_category, "")


class ReadMore(QWidget):
    """A button that shows where to read more; nothing is ever opened, since opening would tell the site who reads."""

    def __init__(self, links: tuple[str, ...], question: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        line = QHBoxLayout()
        self.button = QuietButton("Where to read more", parent=self)
        self.button.setCheckable(True)
        self.button.setAccessibleName(f"Where to read more: {question}")
        self.button.setAccessibleDescription("Shows an address; nothing is opened.")
        line.addWidget(self.button)
        line.addStretch(1)
        column.addLayout(line)
        self.address = QLabel("\n".join(links), self)
        self.address.setTextFormat(Qt.TextFormat.PlainText)
        self.address.setWordWrap(True)
        self.address.setAccessibleName("Address to read more at")
        self.address.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.address.hide()
        self.button.toggled.connect(self.address.setVisible)
        column.addWidget(self.address)
