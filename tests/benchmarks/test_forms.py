"""Speed of forms: how soon a long one opens, what a key in it costs, how fast answers are judged; beside bare JSON and bare Qt."""

import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QVBoxLayout, QWidget

from visitapp.forms import Filling, load_questionnaire, validate
from visitapp.forms.values import Coding
from visitapp.ui import theme
from visitapp.ui.dressing import application
from visitapp.ui.questionnaires.door import FormWindow
from visitapp.ui.questionnaires.form_page import FormPage, previewed

RESOURCES = Path(__file__).parents[2] / "resources"
ROUNDS = 7
LINES = 15_000
OPTIONS = [{"valueCoding": {"code": code, "display": code.title()}} for code in ("seen", "emerging", "not-seen")]


@pytest.fixture(scope="module")
def app() -> QApplication:
    return application([], theme.load_theme(RESOURCES / "themes" / "light.json"))


def best(work: Callable[[], Any]) -> float:
    """Seconds of the best of some rounds."""
    found = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        work()
        found.append(time.perf_counter() - began)
    return min(found)


def an_item(at: int) -> dict[str, Any]:
    """Every third is a choice, every third a line that depends on it, every third a number."""
    if at % 3 == 0:
        return {"linkId": f"q{at}", "type": "choice", "text": f"Question {at}: what was seen?", "answerOption": OPTIONS}
    if at % 3 == 1:
        condition = {"question": f"q{at - 1}", "operator": "!=", "answerCoding": {"code": "seen"}}
        return {
            "linkId": f"q{at}",
            "type": "string",
            "text": f"Question {at}: in words",
            "maxLength": 200,
            "enableWhen": [condition],
        }
    return {"linkId": f"q{at}", "type": "integer", "text": f"Question {at}: how often?"}


def a_form(count: int) -> dict[str, Any]:
    groups = [
        {
            "linkId": f"g{first}",
            "type": "group",
            "text": f"Part {first}",
            "item": [an_item(at) for at in range(first, min(first + 25, count))],
        }
        for first in range(0, count, 25)
    ]
    return {"resourceType": "Questionnaire", "url": "urn:long", "version": "1", "status": "active", "title": "Long", "item": groups}


def a_long_file() -> bytes:
    count = 900
    while (raw := json.dumps(a_form(count), indent=1)).count("\n") < LINES:
        count += 25
    return raw.encode()


def opened(raw: bytes) -> FormWindow:
    """From the bytes to a painted window, as the nurse meets it."""
    page = FormPage()
    previewed_by = previewed(page)
    window = FormWindow(page)
    window.setProperty("presenter", previewed_by)
    previewed_by.open(load_questionnaire(raw))
    window.show()
    QApplication.processEvents()
    window.grab()
    return window


def bare(texts: int) -> QWidget:
    """A bare window with as many words and fields as the first screenful has."""
    window = QWidget()
    column = QVBoxLayout(window)
    for at in range(texts):
        column.addWidget(QLabel(f"Question {at}"))
        column.addWidget(QLineEdit())
    window.show()
    QApplication.processEvents()
    window.grab()
    return window


def close(window: QWidget) -> None:
    window.close()
    window.deleteLater()
    QApplication.processEvents()


def test_a_questionnaire_of_15000_lines_opens_in_half_a_second(app: QApplication) -> None:
    raw = a_long_file()
    assert raw.count(b"\n") >= LINES
    windows: list[QWidget] = []
    ours = best(lambda: windows.append(opened(raw)))
    parsing = best(lambda: json.loads(raw))
    plain = best(lambda: windows.append(bare(24)))
    print(f"\n15,000 lines open in {ours * 1000:.0f} ms: {ours / (parsing + plain):.1f} times a bare json.loads and a bare window"
          f" ({parsing * 1000:.1f} + {plain * 1000:.1f} ms)")  # fmt: skip
    for window in windows:
        close(window)
    assert ours <= 0.5


def test_a_form_of_200_items_opens_in_a_fifth_of_a_second(app: QApplication) -> None:
    raw = json.dumps(a_form(200)).encode()
    windows: list[QWidget] = []
    ours = best(lambda: windows.append(opened(raw)))
    plain = best(lambda: windows.append(bare(24)))
    print(f"\n200 items open in {ours * 1000:.0f} ms: {ours / plain:.1f} times a bare window ({plain * 1000:.1f} ms)")
    for window in windows:
        close(window)
    assert ours <= 0.2


def settle(app: QApplication) -> None:
    until = time.perf_counter() + 0.5
    while time.perf_counter() < until:
        app.processEvents()


def keys(into: QLineEdit, count: int) -> list[float]:
    """Seconds that each key holds the window up, painting included, in rising order."""
    found = []
    for at in range(count):
        QTest.qWait(2)
        began = time.perf_counter()
        QTest.keyClick(into, "a" if at % 6 else " ")
        QApplication.processEvents()
        found.append(time.perf_counter() - began)
    return sorted(found)


def test_a_key_in_the_long_form_costs_less_than_a_frame(app: QApplication) -> None:
    page = FormPage()
    presenter = previewed(page)
    presenter.open(load_questionnaire(a_long_file()))
    presenter.answer("q0", (Coding(code="emerging"),))
    page.show_whole()
    window = FormWindow(page)
    window.show()
    page.focus_first()
    settle(app)
    field = next(each for each in page.findChildren(QLineEdit) if each.accessibleName().startswith("Question 1:"))
    field.setFocus()
    alone = QLineEdit()
    alone.show()
    settle(app)
    ours, plain = keys(field, 120), keys(alone, 120)
    nearly_all = int(len(ours) * 0.95)
    print(f"\na key in 15,000 lines: {ours[60] * 1000:.1f} ms, 19 of 20 under {ours[nearly_all] * 1000:.1f} ms, the slowest {ours[-1] * 1000:.1f} ms;"
          f" {ours[60] / plain[60]:.1f} times a bare line edit ({plain[60] * 1000:.2f} ms)")  # fmt: skip
    assert field.text().count("a") == 100
    close(window)
    assert ours[nearly_all] <= 0.016


def test_a_response_of_300_answers_is_judged_in_20_ms() -> None:
    questionnaire = load_questionnaire(a_form(450))
    filling = Filling(questionnaire)
    for at in range(450):
        if at % 3 == 0:
            filling.answer(f"q{at}", (filling.row(f"q{at}").options[1].value,))
        elif at % 3 == 1:
            filling.answer(f"q{at}", ("a few words",))
        if sum(1 for row in filling.rows() if row.values) == 300:
            break
    response = filling.response(status="completed")
    raw = json.dumps(response, default=str)
    assert raw.count('"answer"') == 300
    assert [fact for fact in validate(questionnaire, response) if fact.severity == "error"] == []
    ours = best(lambda: validate(questionnaire, response))
    parsing = best(lambda: json.loads(raw))
    print(
        f"\n300 answers are judged in {ours * 1000:.1f} ms: {ours / parsing:.1f} times a bare json.loads ({parsing * 1000:.2f} ms)"
    )
    assert ours <= 0.020
