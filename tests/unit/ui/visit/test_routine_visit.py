"""A routine infancy visit by keyboard, from the first step to the family copy, on a real record: how much it takes."""

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from tests.kit.hands import Hands
from tests.kit.okafors import the_okafors
from visitapp.actions.reading import read_visit
from visitapp.actions.session import Desk
from visitapp.actions.visits import start_visit
from visitapp.domain.ids import VisitId
from visitapp.ui.printing.build import build_print
from visitapp.ui.sign.build import build_note, build_sign
from visitapp.ui.visit.build import build_visit

TODAY_TO_VISIT = 3
"""Choosing the family on Today, and Start visit, are the other screens' part of the 25."""


def write_visit(hands: Hands) -> None:
    """Short-form observation, one measure, a plan: what every second visit looks like."""
    hands.until(lambda: QApplication.focusWidget() is not None)
    while hands.name != "Seen awake":
        hands.enter()
    hands.type("1")
    hands.next_step()
    hands.type("We talked about sleep, and he was weighed.")
    hands.next_step()
    hands.type("He turns to her voice")
    hands.enter()
    hands.type("She waits for his turn")
    hands.enter()
    hands.type("1112")
    hands.type("With help, when the dog barked")
    hands.enter()
    hands.type("11")
    hands.next_step()
    hands.type("I like it when you wait for me.")
    hands.next_step()
    hands.type("7200")
    hands.next_step()
    hands.next_step()
    hands.next_step()
    hands.type("1")
    hands.next_step()
    hands.type("Out with the pram every day")
    hands.enter()
    hands.type("1")
    hands.next_step()


def test_a_routine_visit_takes_at_most_25_actions_from_today_to_the_family_copy(
    hands: Hands, desk: Desk, feed: Any, told: Any
) -> None:
    family = the_okafors(desk)
    visit = start_visit(desk, family)
    screens = {
        "visit": build_visit(desk, hands._lanes, told, told),
        "sign": build_sign(desk, hands._lanes, told, told),
        "note": build_note(desk, hands._lanes, feed, told, told),
        "print": build_print(desk, hands._lanes, told, told),
    }
    hands.show(screens["visit"])
    screens["visit"].open(visit)
    hands.wait()
    write_visit(hands)
    for expected in ("sign", "note", "print"):
        screen, argument = told.places[-1]
        assert screen == expected, (told.places, told.problems)
        hands.show(screens[screen])
        screens[screen].open(argument)
        hands.wait()
        hands.until(lambda: QApplication.focusWidget() is not None)
        if screen != "print":
            hands.key(Qt.Key.Key_Space)
    assert screens["print"]._pages.count >= 1
    to_the_printer = 1
    assert hands.actions + to_the_printer + TODAY_TO_VISIT <= 25, hands.actions
    note = read_visit(desk, VisitId(visit))
    assert note.row.babies_seen == "awake"
    assert "He turns to her voice" in {line.value_text for part in note.parts for line in part.lines}
