"""The Today screen's widgets, clicked and read."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton

from tests.unit.ui import invented
from visitapp.ui.today.presenter import page_of
from visitapp.ui.today.view import TodayScreen
from visitapp.ui.widgets.buttons import PrimaryButton
from visitapp.ui.widgets.rows import RowButton
from visitapp.ui.widgets.surfaces import EmptyState


def _shown(qtbot, **changes):
    screen = TodayScreen()
    qtbot.addWidget(screen)
    screen.resize(1180, 700)
    screen.show()
    screen.show_page(page_of(invented.today_view(**changes), invented.NOW))
    qtbot.wait(10)
    return screen


def test_row_opens_with_enter_and_says_all_it_shows(qtbot, dressed):
    screen = _shown(qtbot)
    row = next(row for row in screen.findChildren(RowButton) if "12-month review" in row.accessibleName())
    assert row.accessibleName() == "Wiśniewska: Łukasz, 12-month review, due by 19 Nov, 5 days over"
    row.setFocus()
    with qtbot.waitSignal(screen.line_chosen) as chosen:
        qtbot.keyClick(row, Qt.Key.Key_Return)
    assert chosen.args[0].argument == "f1"


def test_there_is_one_primary_button(qtbot, dressed):
    screen = _shown(qtbot)
    assert [button.text() for button in screen.findChildren(PrimaryButton)] == ["Go on writing"]


def test_every_empty_list_says_what_will_be_there(qtbot, dressed):
    screen = _shown(qtbot, planned=(), due=(), needs=(), week=())
    said = {empty.accessibleName() for empty in screen.findChildren(EmptyState)}
    assert said == {"No visit is planned for today", "Nothing is due", "Nothing needs you"}


def test_every_button_has_a_name_and_room_for_a_finger(qtbot, dressed):
    screen = _shown(qtbot)
    for button in screen.findChildren(QPushButton):
        assert button.accessibleName()
        assert button.height() >= 32


def test_nothing_scrolls_sideways_in_half_the_width(qtbot, dressed):
    screen = _shown(qtbot)
    screen.resize(600, 700)
    qtbot.wait(20)
    page = screen.layout().itemAt(0).widget()
    assert page.widget().minimumSizeHint().width() <= page.viewport().width()


def test_a_page_that_is_too_long_scrolls_and_squashes_nothing(qtbot, dressed):
    screen = _shown(qtbot, due=tuple(invented.due(f"f{n}") for n in range(8)))
    for height in range(300, 1100, 80):
        screen.resize(1180, height)
        qtbot.wait(5)
        for row in screen.findChildren(RowButton):
            assert row.height() >= row.layout().totalHeightForWidth(row.width()), (height, row.accessibleName())
