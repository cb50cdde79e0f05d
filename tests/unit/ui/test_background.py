"""The lanes: order, outcomes on the main thread, and nothing delivered to a screen that has gone."""

import threading
import time

import pytest
import shiboken6
from PySide6.QtCore import QObject

from visitapp.domain.problems import NoSuchFamily
from visitapp.ui.background import BackgroundLanes


@pytest.fixture
def real_lanes(qapp):
    found = BackgroundLanes()
    yield found
    found.close()


def test_what_is_asked_of_the_record_is_done_in_the_order_asked(qtbot, real_lanes):
    done = []
    for number in range(20):
        real_lanes.on_record(real_lanes, lambda n=number: time.sleep(0.002 if n % 2 else 0) or n, done.append)
    qtbot.waitUntil(lambda: len(done) == 20)
    assert done == list(range(20))


def test_work_leaves_the_main_thread_and_its_outcome_comes_back_to_it(qtbot, real_lanes):
    threads = []
    real_lanes.on_record(real_lanes, threading.get_ident, lambda ident: threads.append((ident, threading.get_ident())))
    qtbot.waitUntil(lambda: bool(threads))
    worked, told = threads[0]
    assert told == threading.get_ident() != worked


def test_outcome_is_dropped_when_the_screen_that_asked_has_gone(qtbot, real_lanes):
    asker, begun, told = QObject(), threading.Event(), []
    real_lanes.on_record(asker, lambda: begun.wait(5), told.append)
    shiboken6.delete(asker)
    begun.set()
    qtbot.waitUntil(lambda: real_lanes.is_idle)
    assert told == []


def test_a_problem_goes_to_the_asker_when_it_wants_to_hear(qtbot, real_lanes):
    failed, unheard = [], []
    real_lanes.problem_met.connect(unheard.append)

    def refuse():
        raise NoSuchFamily

    real_lanes.on_record(real_lanes, refuse, lambda _: None, failed.append)
    real_lanes.on_record(real_lanes, refuse, lambda _: None)
    qtbot.waitUntil(lambda: bool(failed and unheard))
    assert isinstance(failed[0], NoSuchFamily)
    assert isinstance(unheard[0], NoSuchFamily)


def test_a_bug_never_goes_to_the_asker(qtbot, real_lanes):
    failed = []
    with qtbot.waitSignal(real_lanes.bug_met) as met:
        real_lanes.slowly(real_lanes, lambda: 1 // 0, lambda _: None, failed.append)
    assert isinstance(met.args[0], ZeroDivisionError)
    assert failed == []


def test_closing_finishes_what_was_asked_of_the_record(qapp):
    lanes, done = BackgroundLanes(), []
    for number in range(5):
        lanes.on_record(lanes, lambda n=number: time.sleep(0.005) or done.append(n), lambda _: None)
    lanes.close()
    lanes.on_record(lanes, lambda: done.append("late"), lambda _: None)
    assert done == [0, 1, 2, 3, 4]
