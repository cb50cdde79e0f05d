"""The help page "Write your own checklist" followed word for word: from an empty file to the page of a nurse's visit."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QPushButton
from pytestqt.qtbot import QtBot

from tests.kit.desks import a_desk
from tests.kit.okafors import TWINS, the_okafors
from tests.unit.ui.conftest import FeedByHand, LanesAtOnce, Told
from tests.unit.ui.visit.test_moving import a_screen
from visitapp.actions.session import Desk
from visitapp.actions.visits import add_sheet, offers, open_draft, start_visit
from visitapp.forms.door import main as forms
from visitapp.ui.questionnaires.build import build_questionnaires

PAGE = (Path(__file__).parents[4] / "resources" / "help" / "write-your-own-checklist.md").read_text("utf-8")
BLOCKS: list[dict[str, Any]] = [json.loads(block) for block in re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    found = a_desk(tmp_path, practice=True)
    yield replace(found, library=found.library.copy())
    found.record.close()


def shown(widget: Any) -> list[str]:
    return [label.text() for label in widget.findChildren(QLabel) if label.isVisible() and label.text()]


def test_from_an_empty_file_to_the_nurses_screen(
    dressed: QApplication, qtbot: QtBot, desk: Desk, lanes: LanesAtOnce, feed: FeedByHand, told: Told, tmp_path: Path
) -> None:
    empty, enjoyed, water, advice = BLOCKS[0], BLOCKS[1], BLOCKS[2], BLOCKS[3]
    whole = next(block for block in BLOCKS if block.get("resourceType") == "Questionnaire" and block["item"])
    file = tmp_path / "bath-time.json"
    screen = build_questionnaires(desk, lanes, feed, told)
    qtbot.addWidget(screen)
    screen.resize(1366, 768)
    screen.show()
    file.write_text(json.dumps(empty))
    screen.open(str(file))
    steps = ([enjoyed], [enjoyed, water], [enjoyed, water, advice])
    for items in steps:
        file.write_text(json.dumps(empty | {"item": items}))
        assert forms(["check", str(file)]) == 0
        # The page follows the file: nothing is pressed here.
        qtbot.waitUntil(lambda words=items[0]["text"]: words in shown(screen), timeout=20_000)
    file.write_text(json.dumps(whole))
    qtbot.waitUntil(lambda: "Bath time today" in shown(screen), timeout=20_000)
    (use,) = [each for each in screen.findChildren(QPushButton) if each.text() == "Use it in this record"]
    QTest.mouseClick(use, Qt.MouseButton.LeftButton)
    screen.leave()
    offered = next(each for each in offers(desk) if each.title == "Bath time")
    assert (offered.section, offered.about) == ("health", "baby")
    visit = start_visit(desk, the_okafors(desk, TWINS))
    baby = open_draft(desk, visit).babies[0]
    key = add_sheet(desk, visit, offered.name, baby.id)
    page = a_screen(qtbot, desk, lanes, told, f"{visit}|health|{key}|water")
    qtbot.waitUntil(lambda: "How was the water tried?" in shown(page))
    assert "What did you show or say?" not in shown(page)
    not_tried = [each for each in page.findChildren(QAbstractButton) if each.text() == "Not tried" and each.isVisible()]
    QTest.mouseClick(not_tried[0], Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "What did you show or say?" in shown(page))
