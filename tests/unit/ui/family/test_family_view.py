"""The Family screen's widgets, read and clicked."""

import pytest
from PySide6.QtWidgets import QLabel, QPushButton

from tests.unit.ui import invented
from visitapp.store.rows import AlertRow
from visitapp.ui.family.cards import PersonCardWidget
from visitapp.ui.family.page import Kind, page_of
from visitapp.ui.family.view import FamilyScreen
from visitapp.ui.widgets.buttons import FilterChip, PrimaryButton
from visitapp.ui.widgets.rows import RowButton


@pytest.fixture
def screen(qtbot, dressed):
    found = FamilyScreen()
    qtbot.addWidget(found)
    found.resize(1180, 700)
    found.show()
    found.open("f1")
    return found


def show(screen, qtbot, **changes):
    may_write = changes.pop("may_write", True)
    screen.show_page(page_of(invented.family_view(**changes), invented.NOW, may_write=may_write))
    qtbot.wait(10)


def words(screen):
    return [label.text() for label in screen.findChildren(QLabel) if label.isVisibleTo(screen)]


def test_each_twin_has_a_card_of_its_own(qtbot, screen):
    show(screen, qtbot)
    names = [card.accessibleName() for card in screen.findChildren(PersonCardWidget)]
    assert names[:2] == ["Łukasz Wiśniewska, baby", "Zuzanna Wiśniewska, baby"]


def test_start_visit_is_the_one_primary_button_and_has_the_keyboard(qtbot, screen):
    show(screen, qtbot)
    primary = screen.findChildren(PrimaryButton)
    assert [button.text() for button in primary] == ["Start visit"]
    assert screen.focusWidget() is primary[0]
    with qtbot.waitSignal(screen.start_wanted):
        primary[0].click()


def test_an_entry_of_the_timeline_opens_its_note(qtbot, screen):
    show(screen, qtbot)
    entry = screen.timeline.findChildren(RowButton)[0]
    assert "returned with a question" in entry.accessibleName()
    with qtbot.waitSignal(screen.event_chosen) as chosen:
        entry.click()
    assert chosen.args == ["note", "v1"]


def test_chips_narrow_the_timeline(qtbot, screen):
    show(screen, qtbot)
    chip = next(c for c in screen.findChildren(FilterChip) if c.text() == "Not seen")
    with qtbot.waitSignal(screen.narrowed) as narrowed:
        chip.click()
    assert narrowed.args[0] == frozenset({Kind.NOT_SEEN})


def test_restricted_alert_shows_after_a_press(qtbot, screen):
    alert = AlertRow("da", "Not to be said aloud", restricted=True)
    show(screen, qtbot, row=invented.caseload_row(alerts=(alert,)))
    assert "Not to be said aloud" not in words(screen)
    next(b for b in screen.findChildren(QPushButton) if b.text() == "Show").click()
    assert "Not to be said aloud" in words(screen)


def test_nothing_of_one_family_stays_when_the_next_is_opened(qtbot, screen):
    show(screen, qtbot)
    screen.open("f2")
    qtbot.wait(10)
    assert not any("Wiśniewska" in text for text in words(screen))
    assert screen.title == "Family"


def test_supervisor_sees_no_button_that_writes(qtbot, screen):
    show(screen, qtbot, may_write=False)
    texts = {button.text() for button in screen.findChildren(QPushButton) if button.isVisibleTo(screen)}
    assert not texts & {"Start visit", "Edit", "Add a person"}


def test_markup_in_a_name_is_text(qtbot, screen):
    mother = invented.person(given="<b>Zofia</b>", known_as="<img src=x>")
    show(screen, qtbot, people=(mother,))
    assert "<b>Zofia</b> Wiśniewska" in words(screen)


def test_many_visits_wait_behind_a_button(qtbot, screen):
    show(screen, qtbot, visits=tuple(invented.visit_row(f"v{n}") for n in range(40)))
    assert len(screen.timeline.findChildren(RowButton)) == 15
    next(b for b in screen.findChildren(QPushButton) if b.text() == "Show 25 earlier").click()
    assert len(screen.timeline.findChildren(RowButton)) == 40


def test_everything_fits_half_the_width(qtbot, screen):
    show(screen, qtbot)
    screen.resize(600, 700)
    qtbot.wait(20)
    page = screen.layout().itemAt(0).widget()
    assert page.widget().minimumSizeHint().width() <= page.viewport().width()


def test_nothing_moves_when_nothing_changed(qtbot, screen):
    show(screen, qtbot)
    entry = screen.timeline.findChildren(RowButton)[0]
    entry.setFocus()
    screen._page.verticalScrollBar().setValue(40)
    show(screen, qtbot)
    assert screen.focusWidget() is entry
    assert screen._page.verticalScrollBar().value() == 40


def test_she_stays_where_she_was_reading_when_something_changed(qtbot, screen):
    show(screen, qtbot, visits=tuple(invented.visit_row(f"v{n}") for n in range(20)))
    screen._page.verticalScrollBar().setValue(300)
    show(screen, qtbot, visits=tuple(invented.visit_row(f"v{n}") for n in range(21)))
    qtbot.waitUntil(lambda: screen._page.verticalScrollBar().value() == 300)
