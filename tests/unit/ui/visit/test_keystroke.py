"""What a key costs the window, and who writes to the disk."""

import threading
import time
from typing import Any

import pytest
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from tests.kit.hands import Hands
from tests.kit.okafors import TWINS, the_okafors
from visitapp.actions import visits
from visitapp.actions.session import Desk
from visitapp.domain.visits import first_answer
from visitapp.ui.visit.build import build_visit

FRAME_S = 0.016


def test_a_key_in_a_narrative_costs_the_window_less_than_a_frame_and_is_written_by_another_thread(
    hands: Hands, desk: Desk, told: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    writers: set[str] = set()
    save = visits.save_answers

    def watched(*args: Any, **named: Any) -> Any:
        writers.add(threading.current_thread().name)
        return save(*args, **named)

    monkeypatch.setattr(visits, "save_answers", watched)
    visit = visits.start_visit(desk, the_okafors(desk, TWINS))
    screen = build_visit(desk, hands._lanes, told, told)
    hands.show(screen)
    screen.open(f"{visit}|narrative")
    hands.wait()
    costs = []
    for letter in "She smiled when he looked up. " * 8:
        # The thread's own time: what else this machine is doing is not what a key costs.
        before = time.thread_time()
        QTest.keyClicks(hands.focus, letter)
        QApplication.processEvents()
        costs.append(time.thread_time() - before)
    assert sorted(costs)[int(len(costs) * 0.95)] < FRAME_S
    screen.leave()
    hands.wait()
    held = next(sheet for sheet in visits.open_draft(desk, visit).sheets if sheet.section == "narrative")
    assert first_answer(held.answers, "story") == "She smiled when he looked up. " * 8
    assert writers
    assert all(name.startswith("record") for name in writers)
