"""The typefaces: Noto Sans with its Arabic, Devanagari and Tamil faces, loaded by the app so that every name shows."""

import importlib.util
from enum import StrEnum
from functools import cache
from pathlib import Path

from PySide6.QtCore import QLoggingCategory
from PySide6.QtGui import QFont, QFontDatabase
from PySide6.QtWidgets import QApplication, QWidget

FAMILIES = ("Noto Sans", "Noto Sans Arabic", "Noto Sans Devanagari", "Noto Sans Tamil")
_PACKAGES = ("fontpkg_noto_sans", "fontpkg_noto_sans_arabic", "fontpkg_noto_sans_devanagari", "fontpkg_noto_sans_tamil")
_WEIGHT = "wght"
_BODY_POINTS = 11.0
_LOADED = "visitapp_typefaces"


class TextRole(StrEnum):
    """What a piece of text is for; size and weight follow from it."""

    BODY = "body"
    SMALL = "small"
    STRONG = "strong"
    HEADING = "heading"
    TITLE = "title"
    FIGURES = "figures"


_SHAPE = {
    TextRole.BODY: (1.0, 400),
    TextRole.SMALL: (0.9, 400),
    TextRole.STRONG: (1.0, 600),
    TextRole.HEADING: (1.16, 600),
    TextRole.TITLE: (1.5, 600),
    TextRole.FIGURES: (1.0, 400),
}


def font_files() -> tuple[Path, ...]:
    """Return the font files that the font wheels brought; the wheels are only looked up, not imported."""
    found: list[Path] = []
    for package in _PACKAGES:
        spec = importlib.util.find_spec(package)
        if spec is not None and spec.origin is not None:
            found += sorted((Path(spec.origin).parent / "files").glob("*.ttf"))
    return tuple(found)


def load() -> tuple[str, ...]:
    """Give the typefaces to Qt once per application and return the families that could not be loaded."""
    # Qt warns for every face that lacks a script before it falls back to the face that has it, which is what we ask
    # for.
    QLoggingCategory.setFilterRules("qt.text.font.db.warning=false")
    app = QApplication.instance()
    if app is None or app.property(_LOADED) is None:
        # What a file brought is asked of the file: listing all families of the system takes longer than loading ours.
        added = [QFontDatabase.addApplicationFont(str(path)) for path in font_files()]
        known = {family for number in added for family in QFontDatabase.applicationFontFamilies(number)}
        missing = tuple(family for family in FAMILIES if family not in known)
        if app is not None and not missing:
            app.setProperty(_LOADED, True)
        return missing
    return ()


def body(points: float = _BODY_POINTS) -> QFont:
    """Return the font of body text; the others are derived from it."""
    font = QFont(list(FAMILIES))
    font.setPointSizeF(points)
    font.setVariableAxis(_tag(_WEIGHT), 400)
    return font


def font(role: TextRole | str) -> QFont:
    """Return the font for a kind of text, in proportion to the application's text size."""
    # A copy: whoever gets a font may change it.
    return QFont(_shaped(TextRole(role), size()))


@cache
def _shaped(role: TextRole, points: float) -> QFont:
    scale, weight = _SHAPE[role]
    found = body(round(points * scale, 1))
    # The faces are variable fonts with Regular as their one named instance: setWeight would only smear it.
    found.setVariableAxis(_tag(_WEIGHT), weight)
    if role is TextRole.FIGURES:
        found.setFeature(_tag("tnum"), 1)
    return found


def size() -> float:
    """Return the present size of body text in points."""
    return QApplication.font().pointSizeF()


def keep(widget: QWidget, role: TextRole | str) -> bool:
    """Give a widget the font of its role in the present text size; returns whether that changed anything."""
    wanted = font(role)
    if widget.font() == wanted:
        return False
    widget.setFont(wanted)
    return True


def _tag(name: str) -> QFont.Tag:
    return QFont.Tag(name)
