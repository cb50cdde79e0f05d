"""The icons: glyphs of the Phosphor face that QtAwesome ships, painted in the theme's colours."""

import importlib.util
import json
from functools import cache
from pathlib import Path

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QIcon, QPainter, QPixmap

from visitapp.ui import theme

_FACE = "phosphor-1.3.0.ttf"
_CHARACTERS = "phosphor-charmap-1.3.0.json"
_SCALES = (1, 2, 3)

NAMES = {
    "today": "sun-horizon", "caseload": "users-three", "visits": "notebook", "review": "chat-centered-text",
    "team": "chart-bar", "sync": "arrows-clockwise", "help": "question", "settings": "gear-six",
    "find": "magnifying-glass", "lock": "lock-simple", "back": "arrow-left", "next": "caret-right",
    "down": "caret-down", "up": "caret-up", "add": "plus", "close": "x", "edit": "pencil-simple",
    "done": "check", "tick": "check-circle", "warning": "warning", "danger": "warning-octagon", "info": "info",
    "clock": "clock", "home": "house-line", "phone": "phone", "mother": "user", "parent": "user",
    "baby": "baby", "bump": "heart", "note": "note", "draft": "note-pencil", "signed": "shield-check",
    "growth": "chart-line-up", "plan": "list-bullets", "referral": "share-network", "print": "printer",
    "laptop": "laptop", "sent": "cloud-arrow-up", "received": "cloud-check", "offline": "cloud-slash",
    "returned": "arrow-u-up-left", "seen": "eye", "eye": "eye", "hide": "eye-slash", "event": "flag",
    "flag": "flag", "calendar": "calendar-blank", "language": "translate", "restricted": "lock-key",
    "trash": "trash", "undo": "arrow-counter-clockwise", "more": "dots-three", "menu": "list",
    "chat": "chat-centered-text", "spark": "sparkle", "folder": "folder-open", "heart": "heart",
    "ruler": "ruler", "clipboard": "clipboard-text", "theme": "circle-half", "error": "x-circle",
    "question": "question", "left": "caret-left", "filter": "funnel-simple", "moon": "moon", "person": "user",
}  # fmt: skip
"""Our word for an icon → the face's name for it."""


@cache
def _face() -> tuple[str, dict[str, str]]:
    """Load the face once and return its family and characters.

    QtAwesome is used as the bearer of the face only: importing it costs 0.15 s of start-up, as much as Qt itself.
    """
    spec = importlib.util.find_spec("qtawesome")
    if spec is None or spec.origin is None:
        raise RuntimeError("QtAwesome is not installed")
    folder = Path(spec.origin).parent / "fonts"
    number = QFontDatabase.addApplicationFont(str(folder / _FACE))
    characters = json.loads((folder / _CHARACTERS).read_text("utf-8"))
    return QFontDatabase.applicationFontFamilies(number)[0], characters


def paint(painter: QPainter, rect: QRectF, name: str, colour: QColor) -> None:
    """Paint an icon into a square; an unknown name is a bug and raises KeyError."""
    family, characters = _face()
    font = QFont(family)
    font.setPixelSize(max(1, round(rect.height())))
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.TextAntialiasing)
    painter.setFont(font)
    painter.setPen(colour)
    painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, chr(int(characters[NAMES[name]], 16)))
    painter.restore()


def pixmap(name: str, size: int, colour: QColor, scale: float = 1.0, gap: int = 0) -> QPixmap:
    """Return an icon of `size` device-independent pixels, with a gap at its right."""
    found = QPixmap(max(1, round((size + gap) * scale)), max(1, round(size * scale)))
    found.setDevicePixelRatio(scale)
    found.fill(Qt.GlobalColor.transparent)
    painter = QPainter(found)
    paint(painter, QRectF(0, 0, size, size), name, colour)
    painter.end()
    return found


def icon(name: str, role: str = "ink", size: int = 20, gap: int = 0) -> QIcon:
    """Return an icon in the colour of a theme role; make it anew when the theme changes.

    The gap keeps words off the icon: Fusion leaves four pixels between them and no style sheet can change that.
    """
    found = QIcon()
    for scale in _SCALES:
        found.addPixmap(pixmap(name, size, theme.current().colour(role), scale, gap))
        found.addPixmap(pixmap(name, size, theme.current().colour("muted"), scale, gap), QIcon.Mode.Disabled)
    return found
