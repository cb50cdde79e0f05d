"""HL7's published pairs of questionnaire and response: verdict, rule and place as the reference validator has them."""

import json
from pathlib import Path
from typing import Any

import pytest

from visitapp.forms import Severity, load_questionnaire, validate, wire

CASES = Path(__file__).parents[2] / "data" / "hl7"
EXPECTED: dict[str, dict[str, Any]] = json.loads((CASES / "expected.json").read_text())


def test_there_are_26_cases() -> None:
    assert len(EXPECTED) == 26


@pytest.mark.parametrize("name", EXPECTED)
def test_verdict_rule_and_place_are_those_of_the_reference_validator(name: str) -> None:
    expected = EXPECTED[name]
    questionnaire = load_questionnaire((CASES / expected["questionnaire"][0]).read_bytes())
    facts = validate(questionnaire, wire.parse((CASES / expected["response"]).read_bytes()))
    found = [(fact.rule, f"linkId='{fact.link_id}'", fact.severity.value) for fact in facts]
    wanted = [(each["rule"], each["linkId"], each["severity"].replace("fatal", "error")) for each in expected["problems"]]
    assert found == wanted
    assert all(fact.severity is not Severity.ERROR for fact in facts) is expected["valid"]
