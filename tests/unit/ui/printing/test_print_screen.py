"""The print screen on a real signed visit: real pages, honest choices, nothing left behind that was not asked for."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from PySide6.QtCore import Qt
from PySide6.QtPrintSupport import QPrinter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QFileDialog, QLabel, QLineEdit, QPushButton
from pytestqt.qtbot import QtBot

from tests.kit.desks import a_desk
from tests.kit.okafors import the_okafors
from tests.kit.signed import a_signed_visit
from visitapp.actions.session import Desk
from visitapp.domain.ids import VisitId
from visitapp.ui.checklist.choice_button import ChoiceButton, TickButton
from visitapp.ui.printing.build import build_print
from visitapp.ui.printing.pages import PaperView, opened
from visitapp.ui.printing.view import PrintScreen, draw

GOOD = "seven calm otters"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = a_desk(tmp_path / "record")
    yield made
    made.record.close()


@pytest.fixture
def visit(desk: Desk) -> VisitId:
    return a_signed_visit(desk, the_okafors(desk))


@pytest.fixture
def screen(qtbot: QtBot, dressed: QApplication, desk: Desk, visit: VisitId, lanes: Any, told: Any) -> PrintScreen:
    made = build_print(desk, lanes, told, told)
    qtbot.addWidget(made)
    made.resize(1100, 700)
    with qtbot.waitExposed(made):
        made.show()
    made.activateWindow()
    made.open(f"{visit}|family")
    return made


def paper(screen: PrintScreen) -> str:
    QTest.qWait(20)
    views = [view for view in screen.findChildren(PaperView) if not view.isHidden()]
    return "\n".join(view.accessibleDescription() for view in views)


def said(screen: PrintScreen) -> str:
    return "\n".join(label.text() for label in screen.findChildren(QLabel) if label.isVisible())


def choose(qtbot: QtBot, screen: PrintScreen, words: str) -> None:
    kinds = screen.findChildren(ChoiceButton) + screen.findChildren(TickButton)
    button = next(button for button in kinds if button.text() == words)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def test_the_family_copy_shows_as_real_pages_that_can_be_read_out(screen: PrintScreen) -> None:
    assert screen._pages.count >= 1
    assert "He turns to her voice" in paper(screen)
    view = screen.findChildren(PaperView)[0]
    assert view.accessibleName() == f"Page 1 of {screen._pages.count}"
    image = view.grab().toImage()
    colours = {image.pixelColor(x, y).name() for x in range(0, image.width(), 7) for y in range(0, image.height(), 7)}
    assert len(colours) > 3


def test_what_the_family_copy_leaves_out_is_listed_on_the_screen_and_not_on_the_paper(screen: PrintScreen) -> None:
    assert "Left out of this copy" in said(screen)
    assert "Risks and actions" in said(screen)
    assert "Risks and actions" not in paper(screen)


def test_the_professional_copy_is_about_one_subject_at_a_time(qtbot: QtBot, screen: PrintScreen) -> None:
    choose(qtbot, screen, "Professional copy")
    assert "Professional copy" in paper(screen)
    assert "Left out of this copy" not in said(screen)
    box = next(box for box in screen.findChildren(QComboBox) if box.accessibleName().startswith("Whom"))
    subjects = [box.itemText(index) for index in range(box.count())]
    assert "Copy about the Okafor family" in paper(screen)
    box.activated.emit(subjects.index("About: Amina (mother)"))
    assert "Copy about Amina" in paper(screen)
    assert "Copy about the Okafor family" not in paper(screen)


def test_large_print_takes_more_paper_or_larger_letters(qtbot: QtBot, screen: PrintScreen) -> None:
    before = paper(screen)
    choose(qtbot, screen, "Large print")
    assert "He turns to her voice" in paper(screen)
    assert paper(screen) != before


def test_an_encrypted_file_opens_only_with_its_passphrase(
    qtbot: QtBot, screen: PrintScreen, desk: Desk, visit: VisitId, tmp_path: Path
) -> None:
    target = tmp_path / "copy.pdf"
    screen.save_wanted.emit(GOOD, GOOD)
    dialog = screen.findChild(QFileDialog)
    assert dialog is not None
    assert "Okafor" not in dialog.selectedFiles()[0]
    dialog.fileSelected.emit(str(target))
    dialog.reject()
    assert "Saved as copy.pdf." in said(screen)
    with pytest.raises(pikepdf.PasswordError):
        pikepdf.open(target)
    with pikepdf.open(target, password=GOOD) as document:
        assert len(document.pages) == screen._pages.count


@pytest.mark.parametrize(("first", "second"), [("short", "short"), (GOOD, "seven calm badgers"), ("", "")])
def test_a_weak_or_mistyped_passphrase_is_refused_before_anything_is_asked(
    screen: PrintScreen, first: str, second: str
) -> None:
    screen.save_wanted.emit(first, second)
    assert screen.findChild(QFileDialog) is None
    assert "assphrase" in said(screen)


def test_a_plain_file_is_a_choice_of_its_own_that_says_what_it_means(screen: PrintScreen, tmp_path: Path) -> None:
    screen.save_plain_wanted.emit()
    screen.path_given.emit(str(tmp_path / "plain.pdf"))
    assert "Anyone who has the file can read it." in said(screen)
    with pikepdf.open(tmp_path / "plain.pdf") as document:
        assert not document.is_encrypted


def test_a_folder_that_cannot_be_written_is_said_in_words(screen: PrintScreen, tmp_path: Path) -> None:
    screen.save_plain_wanted.emit()
    screen.path_given.emit(str(tmp_path / "nowhere" / "plain.pdf"))
    assert "Choose another folder." in said(screen)


def test_looking_and_leaving_leave_no_file_and_no_passphrase_behind(
    screen: PrintScreen, tmp_path: Path, qtbot: QtBot
) -> None:
    before = {path for path in tmp_path.rglob("*") if path.suffix == ".pdf"}
    choose(qtbot, screen, "Professional copy")
    screen.leave()
    assert {path for path in tmp_path.rglob("*") if path.suffix == ".pdf"} == before
    assert all(not field.text() for field in screen.findChildren(QLineEdit) if field.echoMode() is QLineEdit.EchoMode.Password)
    assert screen._pages.count == 0


def test_the_pages_reach_a_printer_page_for_page(screen: PrintScreen, tmp_path: Path) -> None:
    printer = QPrinter()
    printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
    printer.setOutputFileName(str(tmp_path / "printed.pdf"))
    printer.setFullPage(True)
    pdf = screen.presenter._made.pdf  # type: ignore[attr-defined]
    assert draw(pdf, printer, screen)
    document, buffer = opened((tmp_path / "printed.pdf").read_bytes(), screen)
    assert document.pageCount() == screen._pages.count
    document.close()
    buffer.close()


def test_every_control_has_an_accessible_name(screen: PrintScreen) -> None:
    for button in screen.findChildren(QPushButton):
        assert button.accessibleName(), button.text()
    for field in screen.findChildren(QLineEdit):
        if not isinstance(field.parent(), QComboBox):
            assert field.accessibleName()
