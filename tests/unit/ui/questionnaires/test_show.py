"""`visitapp forms show`: a whole form in a picture, with answers, and clear words where there is none to show."""

import json
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit

from visitapp.forms import load_questionnaire
from visitapp.ui.questionnaires import door
from visitapp.ui.questionnaires.door import FormWindow, pictures, show
from visitapp.ui.questionnaires.form_page import FormPage, previewed

RESOURCES = Path(__file__).parents[4] / "resources"
FORM: dict[str, Any] = {
    "resourceType": "Questionnaire",
    "url": "urn:form",
    "version": "2",
    "status": "active",
    "title": "Bath time",
    "_title": {
        "extension": [
            {
                "url": "http://hl7.org/fhir/StructureDefinition/translation",
                "extension": [{"url": "lang", "valueCode": "cy"}, {"url": "content", "valueString": "Amser bath"}],
            }
        ]
    },
    "item": [
        {"linkId": "warm", "type": "boolean", "text": "Was it warm?"},
        {
            "linkId": "why",
            "type": "string",
            "text": "Why not?",
            "enableWhen": [{"question": "warm", "operator": "=", "answerBoolean": False}],
        },
    ],
}
RESPONSE = {
    "resourceType": "QuestionnaireResponse",
    "status": "completed",
    "item": [
        {"linkId": "warm", "answer": [{"valueBoolean": False}]},
        {"linkId": "why", "answer": [{"valueString": "The heater broke"}]},
    ],
}


def saved(folder: Path, name: str, content: Any) -> str:
    file = folder / name
    file.write_text(content if isinstance(content, str) else json.dumps(content))
    return str(file)


def said(page: FormPage) -> list[str]:
    return [label.text() for label in page.findChildren(QLabel) if label.text()]


def test_a_picture_holds_the_whole_form(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    items = [{"linkId": str(at), "type": "string", "text": f"Question {at}"} for at in range(120)]
    out = tmp_path / "form.png"
    assert show([saved(tmp_path, "q.json", FORM | {"item": items}), "--png", str(out)]) == 0
    picture = QImage(str(out))
    assert picture.width() == 860
    assert picture.height() > 120 * 60, "120 questions do not fit on one screen"
    assert str(out) in capsys.readouterr().out
    lowest = picture.copy(0, picture.height() - 200, picture.width(), 150)
    shades = {lowest.pixel(x, y) for x in range(0, lowest.width(), 5) for y in range(0, lowest.height(), 5)}
    assert len(shades) > 2, "the last question is drawn"


def test_a_very_long_form_goes_on_in_further_pictures(dressed: QApplication, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door, "_TALLEST", 1000)
    page = FormPage()
    items = [{"linkId": str(at), "type": "string", "text": f"Question {at}"} for at in range(40)]
    previewed(page).open(load_questionnaire(FORM | {"item": items}))
    drawn = pictures(page, 600)
    assert len(drawn) > 2
    assert {image.height() for image in drawn[:-1]} == {1000}


def test_of_an_endless_form_the_first_lines_are_drawn_and_that_is_said(
    dressed: QApplication, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(door, "MOST_ROWS", 5)
    items = [{"linkId": str(at), "type": "string", "text": f"Question {at}"} for at in range(12)]
    assert show([saved(tmp_path, "q.json", FORM | {"item": items}), "--png", str(tmp_path / "out.png")]) == 0
    assert "The first 5 lines of the form are drawn, 7 more are not" in capsys.readouterr().out


def test_the_answers_of_a_response_are_shown_and_what_they_ask_for(dressed: QApplication) -> None:
    page = FormPage()
    previewed(page).open(load_questionnaire(FORM), RESPONSE["item"])  # type: ignore[arg-type]
    assert "Why not?" in said(page)
    assert [field.text() for field in page.findChildren(QLineEdit)] == ["The heater broke"]


def test_trying_an_answer_opens_what_depends_on_it(dressed: QApplication) -> None:
    page = FormPage()
    presenter = previewed(page)
    presenter.open(load_questionnaire(FORM))
    assert "Why not?" not in said(page)
    page.answered.emit("warm", (False,))
    assert "Why not?" in said(page)


def test_the_language_asked_for_is_shown(dressed: QApplication) -> None:
    page = FormPage()
    previewed(page).open(load_questionnaire(FORM), language="cy")
    assert said(page)[0] == "Amser bath"


def test_what_is_wrong_with_a_form_stands_above_it(dressed: QApplication) -> None:
    page = FormPage()
    previewed(page).open(load_questionnaire(FORM | {"status": "finished"}))
    assert any(words.startswith("Wrong: ") and "status" in words for words in said(page))


def test_another_form_does_not_inherit_the_widgets_of_the_one_before(dressed: QApplication) -> None:
    page = FormPage()
    presenter = previewed(page)
    presenter.open(load_questionnaire(FORM), RESPONSE["item"])  # type: ignore[arg-type]
    presenter.open(load_questionnaire(FORM | {"item": [{"linkId": "why", "type": "string", "text": "Other"}]}))
    assert [field.text() for field in page.findChildren(QLineEdit) if field.isVisibleTo(page)] == [""]


def test_every_shipped_form_can_be_drawn(dressed: QApplication) -> None:
    for file in sorted((RESOURCES / "questionnaires").glob("*.json"))[::6]:
        page = FormPage()
        previewed(page).open(load_questionnaire(file.read_bytes()))
        assert pictures(page, 700)[0].height() > 100, file.name


@pytest.mark.parametrize("content", ["{", "", "<Questionnaire/>"])
def test_what_is_not_readable_is_said_and_exits_with_2(tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str) -> None:
    out = tmp_path / "out.png"
    assert show([saved(tmp_path, "q.json", content), "--png", str(out)]) == 2
    assert "not readable" in capsys.readouterr().out
    assert not out.exists()


def test_a_picture_that_cannot_be_written_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert show([saved(tmp_path, "q.json", FORM), "--png", str(tmp_path / "no" / "such" / "out.png")]) == 2
    assert "could not be written" in capsys.readouterr().err


def test_without_a_screen_it_says_how_to_get_a_picture(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert show([saved(tmp_path, "q.json", FORM)]) == 2
    assert "--png" in capsys.readouterr().err


def test_the_window_has_the_form_in_it(dressed: QApplication) -> None:
    page = FormPage()
    previewed(page).open(load_questionnaire(FORM))
    window = FormWindow(page)
    window.show()
    assert page.isVisible()
    assert page.focus_first()
    window.close()
