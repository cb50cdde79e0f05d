"""The Caseload table: keys, clicks, columns, thousands of rows."""

from dataclasses import replace
from time import perf_counter

import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtTest import QAbstractItemModelTester

from tests.unit.ui import invented
from visitapp.ui.caseload.model import COLUMNS, CaseloadModel
from visitapp.ui.caseload.presenter import CaseloadPage, Column, Filter, table_row
from visitapp.ui.caseload.view import CaseloadScreen
from visitapp.ui.widgets.buttons import FilterChip, PrimaryButton

ROWS = tuple(table_row(row, invented.TODAY) for row in invented.caseload_rows())


@pytest.fixture
def screen(qtbot, dressed):
    found = CaseloadScreen(may_begin=True)
    qtbot.addWidget(found)
    found.resize(1180, 600)
    found.show()
    found.show_page(CaseloadPage(ROWS, "5 families", 5))
    found.open()
    return found


def table(screen):
    return screen._table


def test_enter_in_the_search_opens_the_first_family(qtbot, screen):
    with qtbot.waitSignal(screen.family_chosen) as chosen:
        qtbot.keyClick(screen._search, Qt.Key.Key_Return)
    assert chosen.args == ["f5"]


def test_arrows_and_enter_open_a_row(qtbot, screen):
    qtbot.keyClick(screen._search, Qt.Key.Key_Down)
    assert table(screen).hasFocus()
    qtbot.keyClick(table(screen), Qt.Key.Key_Down)
    with qtbot.waitSignal(screen.family_chosen) as chosen:
        qtbot.keyClick(table(screen), Qt.Key.Key_Return)
    assert chosen.args == ["f2"]


def test_a_click_opens_the_row_under_it(qtbot, screen):
    view = table(screen)
    area = view.visualRect(view.rows.index(2, 0))
    with qtbot.waitSignal(screen.family_chosen) as chosen:
        qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=area.center())
    assert chosen.args == ["f3"]


def test_columns_fill_the_width_and_never_scroll_sideways(qtbot, screen):
    view = table(screen)
    for width in (1180, 900, 560):
        screen.resize(width, 600)
        qtbot.wait(5)
        used = sum(view.columnWidth(n) for n in range(len(COLUMNS)) if not view.isColumnHidden(n))
        assert used == view.viewport().width()
        assert not view.isColumnHidden(COLUMNS.index(Column.BABY_SEEN))


def test_current_row_stays_current_when_rows_are_loaded_again(qtbot, screen):
    view = table(screen)
    view.setCurrentIndex(view.rows.index(2, 0))
    screen.show_page(CaseloadPage(ROWS[:3], "3 of 5 families", 5))
    assert view.rows.family_at(view.currentIndex().row()) == "f3"


def test_chips_tell_which_filters_are_on(qtbot, screen):
    chip = next(chip for chip in screen.findChildren(FilterChip) if chip.text() == "Overdue")
    with qtbot.waitSignal(screen.narrowed) as narrowed:
        chip.click()
    assert narrowed.args[0] == [Filter.OVERDUE]


def test_empty_caseload_says_how_to_begin_and_no_match_says_what_to_try(qtbot, screen):
    screen.show_page(CaseloadPage((), "0 families", 0))
    assert screen._stack.currentWidget().accessibleName() == "No family here yet"
    screen.show_page(CaseloadPage((), "0 of 5 families", 5))
    assert screen._stack.currentWidget().accessibleName() == "No family matches"


def test_supervisor_has_no_button_to_begin_a_family(qtbot, dressed):
    screen = CaseloadScreen(may_begin=False)
    qtbot.addWidget(screen)
    screen.show()
    assert not any(button.isVisible() for button in screen.findChildren(PrimaryButton))


def test_widths_made_by_hand_are_remembered(qtbot, dressed, tmp_path):
    memory = QSettings(str(tmp_path / "window.ini"), QSettings.Format.IniFormat)
    first = CaseloadScreen(may_begin=True, memory=memory)
    qtbot.addWidget(first)
    first.resize(1180, 600)
    first.show()
    first.show_page(CaseloadPage(ROWS, "", 5))
    before = first._table.columnWidth(0)
    first._table.horizontalHeader().resizeSection(0, before + 120)
    first.leave()
    second = CaseloadScreen(may_begin=True, memory=memory)
    qtbot.addWidget(second)
    second.resize(1180, 600)
    second.show()
    qtbot.wait(5)
    assert second._table.columnWidth(0) > before + 40


def test_model_keeps_qt_rules(qtmodeltester):
    model = CaseloadModel()
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Warning)
    model.show_rows(ROWS)
    model.sort(5, Qt.SortOrder.DescendingOrder)
    model.show_rows(())
    assert tester.model() is model


def test_six_thousand_rows_scroll_within_a_frame_or_two(qtbot, screen):
    many = tuple(replace(ROWS[n % 5], family=f"f{n}") for n in range(6000))
    screen.show_page(CaseloadPage(many, "", 6000))
    view = table(screen)
    bar = view.verticalScrollBar()
    spent = []
    for step in range(30):
        begun = perf_counter()
        bar.setValue(step * 400)
        view.viewport().repaint()
        spent.append(perf_counter() - begun)
    assert sorted(spent)[15] < 0.05
