"""Colour roles from a theme file, applied to Qt's Fusion style as one palette and one style sheet."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import cast

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication

from visitapp.ui import fonts
from visitapp.ui.style import style_sheet

ROLES = (
    "background", "surface", "sunken", "hairline", "control", "ink", "muted", "accent", "accent_strong", "accent_soft",
    "on_accent", "success", "success_soft", "attention", "attention_soft", "danger", "danger_soft", "focus",
    "teal", "teal_soft", "amber", "amber_soft", "violet", "violet_soft", "rose", "rose_soft",
)  # fmt: skip
PERSON_COLOURS = ("teal", "amber", "violet", "rose")
_PROPERTY = "visitapp_theme"


class TextSize(StrEnum):
    """How large the text is; the values are what the settings file holds."""

    NORMAL = "normal"
    LARGE = "large"
    LARGEST = "largest"

    @property
    def points(self) -> float:
        """Size of body text in points."""
        return {TextSize.NORMAL: 11.0, TextSize.LARGE: 13.0, TextSize.LARGEST: 16.0}[self]


@dataclass(frozen=True)
class Theme:
    """A named set of colours, each known by the role it plays."""

    name: str
    words: str
    roles: Mapping[str, str]
    marks: Path
    """Where the small pictures lie that the style sheet can only take from files, one set per theme."""

    def colour(self, role: str) -> QColor:
        """Return the colour that plays a role; an unknown role is a bug and raises KeyError."""
        return QColor(self.roles[role])

    def person_role(self, colour: str) -> str:
        """Return the role that paints a person's colour (twins), the accent where the colour is not one of ours."""
        return colour if colour in PERSON_COLOURS else "accent"

    @property
    def is_dark(self) -> bool:
        """Whether text is lighter than what it stands on."""
        return self.colour("ink").lightnessF() > self.colour("background").lightnessF()


def load_theme(path: Path) -> Theme:
    """Read a theme file; raises ValueError when a role is missing, since screens would show half painted."""
    found = json.loads(path.read_text("utf-8"))
    missing = [role for role in ROLES if role not in found["roles"]]
    if missing:
        raise ValueError(f"theme {path.name} lacks {', '.join(missing)}")
    return Theme(str(found["name"]), str(found["words"]), dict(found["roles"]), path.parent.parent / "icons")


def themes_in(folder: Path) -> dict[str, Theme]:
    """Read every theme of a folder, by name; light comes first because it is the default."""
    themes = [load_theme(path) for path in sorted(folder.glob("*.json"))]
    return {theme.name: theme for theme in sorted(themes, key=lambda theme: theme.name != "light")}


def chosen(themes: Mapping[str, Theme], name: str) -> Theme:
    """Return the theme a setting names; "system" is light or dark as the computer says, and light where it does not."""
    if name == "system":
        app = QApplication.instance()
        dark = isinstance(app, QApplication) and app.styleHints().colorScheme() == Qt.ColorScheme.Dark
        name = "dark" if dark else "light"
    return themes.get(name) or themes["light"]


def palette_of(theme: Theme) -> QPalette:
    """Return the Qt palette of a theme, for the parts of Fusion that the style sheet leaves alone."""
    palette = QPalette()
    role = QPalette.ColorRole
    pairs = {
        role.Window: "background", role.WindowText: "ink", role.Base: "surface", role.AlternateBase: "sunken",
        role.Text: "ink", role.PlaceholderText: "muted", role.Button: "surface", role.ButtonText: "ink",
        role.BrightText: "danger", role.Highlight: "accent", role.HighlightedText: "on_accent", role.Link: "accent",
        role.LinkVisited: "accent", role.ToolTipBase: "ink", role.ToolTipText: "surface", role.Mid: "hairline",
        role.Midlight: "sunken", role.Dark: "control", role.Accent: "accent",
    }  # fmt: skip
    for qt_role, name in pairs.items():
        palette.setColor(qt_role, theme.colour(name))
    for qt_role in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, qt_role, theme.colour("muted"))
    return palette


def apply(app: QApplication, theme: Theme, text_size: TextSize = TextSize.NORMAL) -> None:
    """Dress the whole application: palette, font and style sheet; call again to change them at run time."""
    app.setProperty(_PROPERTY, theme)
    app.setPalette(palette_of(theme))
    app.setFont(fonts.body(text_size.points))
    app.setStyleSheet(style_sheet(theme.roles, _mark(theme, "tick"), _mark(theme, "down")))


def _mark(theme: Theme, name: str) -> str:
    return (theme.marks / f"{name}-{theme.name}.svg").as_posix()


def current() -> Theme:
    """Return the theme the application wears; kept on the QApplication beside its palette and font, not in a global."""
    app = QApplication.instance()
    theme = app.property(_PROPERTY) if app is not None else None
    if theme is None:
        raise RuntimeError("no theme has been applied yet")
    return cast(Theme, theme)


def contrast(first: str, second: str) -> float:
    """Return the contrast ratio of two colours, 1 to 21 (WCAG 2.2, relative luminance)."""

    def luminance(colour: str) -> float:
        channels = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
        red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    light, dark = sorted((luminance(first), luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)
