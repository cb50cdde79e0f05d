"""`visitapp forms check`: verdicts, exit codes and what is printed."""

import json
from pathlib import Path
from typing import Any

import pytest

from visitapp.forms.door import main

CASES = Path(__file__).parents[2] / "data" / "hl7"
RESOURCES = Path(__file__).parents[3] / "resources"
FORM = {
    "resourceType": "Questionnaire",
    "url": "urn:form",
    "status": "active",
    "item": [{"linkId": "q", "type": "string", "required": True}],
}


def saved(folder: Path, name: str, content: Any) -> str:
    file = folder / name
    file.write_text(content if isinstance(content, str) else json.dumps(content))
    return str(file)


def verdict(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_a_valid_questionnaire_exits_with_0(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", saved(tmp_path, "q.json", FORM), "--json"]) == 0
    assert verdict(capsys) == {"valid": True, "problems": []}


def test_an_invalid_response_exits_with_1_and_names_rule_and_place(capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["check", str(CASES / "string-regex-q.json"), "--response", str(CASES / "string-regex-qr.json"), "--json"])
    found = verdict(capsys)
    assert code == 1
    assert found["valid"] is False
    problem = found["problems"][0]
    assert (problem["rule"], problem["linkId"], problem["severity"]) == ("regex", "q1", "error")
    assert problem["path"] == "QuestionnaireResponse.item[0].answer[1]"
    assert "fasdfa@@test.com.au" in problem["text"]


@pytest.mark.parametrize("content", ["", "{", "<Questionnaire/>", "[]", "\x00", '{"a": NaN}', "[" * 100_000])
def test_what_is_not_readable_exits_with_2(tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str) -> None:
    assert main(["check", saved(tmp_path, "q.json", content), "--json"]) == 2
    assert verdict(capsys)["problems"][0]["rule"] == "notReadable"
    assert main(["check", str(tmp_path / "none.json"), "--json"]) == 2


def test_another_resource_is_refused_with_a_reason(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", saved(tmp_path, "q.json", {"resourceType": "Patient"}), "--json"]) == 1
    assert verdict(capsys)["problems"][0]["rule"] == "notAQuestionnaire"


def test_a_folder_checks_all_in_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    saved(tmp_path, "good.json", FORM)
    saved(tmp_path, "bad.json", FORM | {"status": "finished"})
    assert main(["check", str(tmp_path), "--json"]) == 1
    found = verdict(capsys)
    assert [each["valid"] for each in found["files"]] == [False, True]
    assert found["problems"][0]["file"].endswith("bad.json")


def test_the_questionnaires_that_are_shipped_are_valid() -> None:
    assert main(["check", str(RESOURCES / "questionnaires")]) == 0


def test_a_dash_takes_the_questionnaire_the_response_contains(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    response = {"resourceType": "QuestionnaireResponse", "status": "completed", "questionnaire": "#form"}
    file = saved(tmp_path, "r.json", response | {"contained": [FORM | {"id": "form"}]})
    assert main(["check", "-", "--response", file, "--json"]) == 1
    assert [(each["rule"], each["linkId"]) for each in verdict(capsys)["problems"]] == [("required", "q")]


def test_a_dash_takes_the_questionnaire_the_response_names(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    url = "https://visitapp.example/fhir/Questionnaire/phq-2"
    response = {"resourceType": "QuestionnaireResponse", "status": "completed", "questionnaire": url}
    bad = {"item": [{"linkId": "no such", "answer": [{"valueString": "x"}]}]}
    assert main(["check", "-", "--response", saved(tmp_path, "r.json", response | bad), "--json"]) == 1
    assert verdict(capsys)["problems"][0]["rule"] == "invalidLinkId"


def test_a_questionnaire_that_is_not_here_is_said_to_be_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    response = {"resourceType": "QuestionnaireResponse", "status": "completed", "questionnaire": "urn:nowhere"}
    assert main(["check", "-", "--response", saved(tmp_path, "r.json", response), "--json"]) == 1
    assert verdict(capsys)["problems"][0]["rule"] == "questionnaireNotFound"


def test_words_are_printed_without_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", saved(tmp_path, "q.json", FORM | {"item": [{"linkId": "a", "type": "nothing"}]})]) == 1
    assert "a: the type 'nothing' can't be used" in capsys.readouterr().out


def test_show_prints_the_form_as_it_is_asked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    form = FORM | {"title": "Form", "item": [{"linkId": "q", "type": "string", "text": "Name"}]}
    response = {"resourceType": "QuestionnaireResponse", "item": [{"linkId": "q", "answer": [{"valueString": "Ana"}]}]}
    file = saved(tmp_path, "q.json", form)
    assert main(["show", file]) == 0
    assert capsys.readouterr().out == "Form\n- Name: …\n"
    assert main(["show", file, "--response", saved(tmp_path, "r.json", response)]) == 0
    assert capsys.readouterr().out == "Form\n- Name: Ana\n"
    assert main(["show", saved(tmp_path, "bad.json", "{")]) == 2
