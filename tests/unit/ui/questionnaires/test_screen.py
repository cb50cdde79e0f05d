"""The Questionnaires screen: what is loaded, a file judged in words beside its live form, and taken in."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication, QFileDialog, QLabel, QPushButton
from pytestqt.qtbot import QtBot

from tests.kit.desks import a_desk
from tests.unit.ui.conftest import FeedByHand, LanesAtOnce, Told
from visitapp.actions.questionnaires import Loaded
from visitapp.actions.session import Desk
from visitapp.actions.shelf import Origin, Refusal
from visitapp.forms import load_questionnaire
from visitapp.forms.facts import Fact, Severity
from visitapp.forms.library import Period
from visitapp.store.changes import Changes
from visitapp.ui.questionnaires.build import build_questionnaires
from visitapp.ui.questionnaires.presenter import line_of, period_words, refused_words
from visitapp.ui.questionnaires.view import QuestionnairesScreen
from visitapp.ui.widgets.buttons import PrimaryButton
from visitapp.ui.widgets.rows import RowButton

URL = "https://forms.service.example/Questionnaire/bath-time"


def a_form(**more: Any) -> dict[str, Any]:
    item = [{"linkId": "warm", "type": "boolean", "text": "Was it warm?"}]
    head = {"resourceType": "Questionnaire", "url": URL, "version": "1", "title": "Bath time", "status": "active"}
    return head | {"item": item} | more


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    found = a_desk(tmp_path, practice=True)
    yield replace(found, library=found.library.copy())
    found.record.close()


@pytest.fixture
def screen(dressed: QApplication, desk: Desk, lanes: LanesAtOnce, feed: FeedByHand, told: Told) -> Iterator[QuestionnairesScreen]:
    found = build_questionnaires(desk, lanes, feed, told)
    found.resize(1366, 768)
    found.show()
    found.open()
    yield found
    found.leave()
    found.close()


def said(screen: QuestionnairesScreen) -> str:
    QApplication.processEvents()
    return "\n".join(label.text() for label in screen.findChildren(QLabel) if label.isVisibleTo(screen))


def rows(screen: QuestionnairesScreen) -> list[str]:
    QApplication.processEvents()
    return [button.accessibleName() for button in screen.findChildren(RowButton) if button.isVisibleTo(screen)]


def use_button(screen: QuestionnairesScreen) -> PrimaryButton:
    QApplication.processEvents()
    return next(button for button in screen.findChildren(PrimaryButton) if button.isVisibleTo(screen))


def saved(folder: Path, content: Any) -> str:
    file = folder / "bath.json"
    file.write_text(content if isinstance(content, str) else json.dumps(content))
    return str(file)


def test_what_is_loaded_is_listed_with_version_and_source(screen: QuestionnairesScreen, desk: Desk) -> None:
    listed = rows(screen)
    assert len(listed) == len(desk.library)
    phq = next(words for words in listed if words.startswith("PHQ-9"))
    assert "Version 1.0.0" in phq
    assert "Comes with visitapp" in phq


def test_choosing_one_shows_its_form(screen: QuestionnairesScreen) -> None:
    button = next(b for b in screen.findChildren(RowButton) if b.accessibleName().startswith("PHQ-9"))
    button.click()
    assert "Little interest or pleasure in doing things" in said(screen)


def test_a_file_is_shown_live_and_used_in_the_record(screen: QuestionnairesScreen, desk: Desk, told: Told, tmp_path: Path) -> None:
    screen.bring(saved(tmp_path, a_form()))
    assert "Was it warm?" in said(screen)
    use = use_button(screen)
    assert use.isEnabled()
    use.click()
    assert told.words == ["1 questionnaire can be used from now on."]
    assert desk.questionnaire(URL).title == "Bath time"
    assert any("Bath time" in words and "Loaded on this laptop" in words for words in rows(screen))


def test_what_is_wrong_is_said_in_words_and_keeps_it_from_being_used(screen: QuestionnairesScreen, tmp_path: Path) -> None:
    screen.bring(saved(tmp_path, a_form(status="finished")))
    assert "▲ the status is missing or none of FHIR's" in said(screen)
    assert "Was it warm?" in said(screen), "it can be looked at all the same"
    assert not use_button(screen).isEnabled()
    screen.bring(saved(tmp_path, "{"))
    assert "not readable" in said(screen)
    assert "There is no form to show" in said(screen)
    screen.bring(str(tmp_path / "gone.json"))
    assert "not readable" in said(screen)


def test_the_form_follows_the_file_while_its_author_writes(screen: QuestionnairesScreen, tmp_path: Path, qtbot: QtBot) -> None:
    path = saved(tmp_path, a_form())
    screen.bring(path)
    saved(tmp_path, a_form(item=[{"linkId": "cold", "type": "boolean", "text": "Was it cold?"}]))
    qtbot.waitUntil(lambda: "Was it cold?" in said(screen), timeout=3000)
    new = tmp_path / "new.json"
    new.write_text(json.dumps(a_form(item=[{"linkId": "hot", "type": "boolean", "text": "Was it hot?"}])))
    new.replace(path)
    qtbot.waitUntil(lambda: "Was it hot?" in said(screen), timeout=3000)


def test_putting_the_file_away_leaves_nothing_behind(screen: QuestionnairesScreen, desk: Desk, tmp_path: Path) -> None:
    screen.bring(saved(tmp_path, a_form()))
    next(b for b in screen.findChildren(QPushButton) if b.text() == "Put it away").click()
    assert "bath.json" not in said(screen)
    assert desk.library.latest(URL) is None


def test_the_file_dialog_is_qts_own(screen: QuestionnairesScreen) -> None:
    next(b for b in screen.findChildren(QPushButton) if b.text().startswith("Load a questionnaire")).click()
    dialog = screen.findChild(QFileDialog)
    assert dialog is not None
    assert dialog.testOption(QFileDialog.Option.DontUseNativeDialog)
    dialog.close()


def test_what_came_and_was_refused_is_shown_when_it_comes(screen: QuestionnairesScreen, desk: Desk, feed: FeedByHand) -> None:
    assert "Needs you" not in said(screen)
    with desk.record.writing() as w:
        w.put("g:", "questionnaire", desk.ids(), {"url": URL, "version": "1", "title": "Bath time", "text": json.dumps(a_form())})
    feed.tell(Changes(kinds=frozenset({"questionnaire"})))
    assert "Needs you: came and cannot be used" in said(screen)
    assert "Bath time: " in said(screen)


def test_a_line_says_what_an_author_must_know() -> None:
    form = load_questionnaire(a_form(status="draft"))
    row = Loaded(form, Origin.SERVICE, "the bath team", "ed25519:00112233445566", Period(), is_asked=False)
    line = line_of(row)
    assert line.detail == "Version 1 · From your service · the bath team"
    assert [words for words, _ in line.marks] == ["Draft", "Not asked now", "Signed 0011 2233"]


def test_a_refusal_is_one_sentence() -> None:
    fact = Fact(Severity.ERROR, "packUnsigned", None, "", {}, structural=True)
    assert refused_words(Refusal("Bath time", (fact, fact))) == "Bath time: nobody has signed the pack."


def test_when_a_form_is_in_use_is_said_in_days() -> None:
    assert period_words(Period()) == ""
    assert period_words(Period(date(2026, 1, 2))) == "in use from 2 Jan 2026"
    assert period_words(Period(date(2026, 1, 2), date(2026, 12, 31))) == "in use 2 Jan 2026 to 31 Dec 2026"
    assert period_words(Period(None, date(2026, 12, 31))) == "in use until 31 Dec 2026"
