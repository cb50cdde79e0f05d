"""`visitapp forms show`: a form as the nurse would see it, in a window or drawn whole into a picture."""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QImage, QKeySequence, QPainter, QRegion, QShortcut
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget

from visitapp.config.paths import resources_folder
from visitapp.forms import door as forms
from visitapp.ui import theme
from visitapp.ui.dressing import application
from visitapp.ui.questionnaires.form_page import FormPage, previewed
from visitapp.ui.widgets.surfaces import Page

SHOWN, UNREADABLE = 0, 2
_MARGIN = 24
MOST_ROWS = 600
"""More questions than anybody looks at in one picture, and as many as are drawn in a few seconds."""
_TALLEST = 30_000
"""A picture's greatest height in pixels: beyond 32,767 Qt's painter loses its way."""


def show(argv: Sequence[str]) -> int:
    """Show a form; returns the exit code: 0 shown, 1 no questionnaire that can be used, 2 not readable or no screen."""
    asked = _parser().parse_args(list(argv))
    if asked.text:
        return forms.show(asked.questionnaire, asked.response, asked.lang)
    given = forms.read_response(asked.response) if asked.response is not None else {}
    questionnaire = given if isinstance(given, forms.Judgement) else forms.read_form(asked.questionnaire, given)
    if isinstance(questionnaire, forms.Judgement):
        forms.print_words({asked.response or Path(asked.questionnaire): questionnaire})
        return questionnaire.code
    found = given.get("item") if not isinstance(given, forms.Judgement) else None
    answers = found if isinstance(found, list) else ()
    if asked.png is not None:
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    elif not _has_screen():
        return _say("There is no screen here to open a window on. Add --png FILE for a picture, or --text.")
    look = theme.themes_in(resources_folder() / "themes")["dark" if asked.dark else "light"]
    app = application([], look)
    page = FormPage()
    preview = previewed(page)
    page.most = MOST_ROWS if asked.png is not None else 0
    preview.open(questionnaire, answers, asked.lang)
    if asked.png is not None:
        return _draw(page, asked.png, asked.width)
    window = FormWindow(page)
    window.show()
    page.focus_first()
    return app.exec()


class FormWindow(QWidget):
    """A window with one form in it; Escape closes it."""

    def __init__(self, page: FormPage) -> None:
        super().__init__()
        self.setObjectName("window")
        self.setWindowTitle("visitapp: a form")
        self._scroll = Page(widest=860)
        self._scroll.body.addWidget(page)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._scroll)
        page.entered.connect(lambda question: self._scroll.ensureWidgetVisible(question, 0, _MARGIN))
        QShortcut(QKeySequence("Escape"), self).activated.connect(self.close)
        self.resize(920, 720)


def pictures(page: FormPage, width: int) -> list[QImage]:
    """The whole form drawn at a width in pixels: one picture, or several one below the other where it is very long."""
    sheet = QWidget()
    sheet.setObjectName("window")
    column = QVBoxLayout(sheet)
    column.setContentsMargins(_MARGIN, _MARGIN, _MARGIN, _MARGIN)
    column.addWidget(page)
    page.show_whole()
    height = max(column.totalHeightForWidth(width), column.totalMinimumSize().height())
    sheet.resize(width, height)
    sheet.setAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen)
    sheet.show()
    QApplication.processEvents()
    # Wrapping words know how high they are only once they have their width.
    sheet.resize(width, max(column.totalHeightForWidth(width), column.totalMinimumSize().height()))
    QApplication.processEvents()
    ratio = sheet.devicePixelRatioF()
    step = int(_TALLEST / ratio)
    # Below the last card there may be room that nothing needs.
    shown = [child for child in page.children() if isinstance(child, QWidget) and child.isVisible()]
    below = max((child.geometry().bottom() for child in shown), default=0)
    whole = min(sheet.height(), page.y() + below + 1 + _MARGIN)
    drawn = [_slice(sheet, QRect(0, top, width, min(step, whole - top)), ratio) for top in range(0, whole, step)]
    sheet.hide()
    return drawn


def _slice(sheet: QWidget, part: QRect, ratio: float) -> QImage:
    image = QImage(part.size() * ratio, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(ratio)
    image.fill(theme.current().colour("background"))
    painter = QPainter(image)
    sheet.render(painter, QPoint(), QRegion(part))
    painter.end()
    return image


def _draw(page: FormPage, out: Path, width: int) -> int:
    drawn = pictures(page, width)
    for number, image in enumerate(drawn, start=1):
        file = out if number == 1 else out.with_name(f"{out.stem}-{number}{out.suffix}")
        if not image.save(str(file), "PNG"):  # type: ignore[call-overload]  # the stub wants bytes, Qt takes text
            return _say(f"The picture could not be written to {file}.")
        sys.stdout.write(f"{file}: {image.width()} x {image.height()}\n")
    if page.left_out:
        sys.stdout.write(f"The first {MOST_ROWS} lines of the form are drawn, {page.left_out} more are not; --text prints all.\n")
    return SHOWN


def _has_screen() -> bool:
    chosen = os.environ.get("QT_QPA_PLATFORM", "")
    if chosen:
        return chosen.split(":")[0] not in ("offscreen", "minimal")
    return sys.platform != "linux" or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _say(words: str) -> int:
    sys.stderr.write(f"{words}\n")
    return UNREADABLE


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("visitapp forms show", description="Show a form as the nurse would see it.")
    parser.add_argument("questionnaire", help="a file, or - for the one that the response names or contains")
    parser.add_argument("--response", type=Path, help="a QuestionnaireResponse whose answers to show")
    parser.add_argument("--png", type=Path, help="draw the whole form into this file instead of opening a window")
    parser.add_argument("--lang", default="en", help="the language to show it in, such as cy")
    parser.add_argument("--dark", action="store_true", help="in the dark colours")
    parser.add_argument("--width", type=int, default=860, help="width of the picture in pixels")
    parser.add_argument("--text", action="store_true", help="print it line by line")
    return parser
