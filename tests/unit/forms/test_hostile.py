"""Forms made to do harm: each ends in a reported problem or a usable form, soon, and never in a crash."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from visitapp.forms import Filling, MalformedQuestionnaire, load_questionnaire, validate
from visitapp.forms.printing import printable

REGEX = "http://hl7.org/fhir/StructureDefinition/regex"


@contextmanager
def within(seconds: float) -> Iterator[None]:
    # Processor time: a busy machine is no hostile form.
    started = time.process_time()
    yield
    assert time.process_time() - started < seconds


def a_form(*items: dict[str, Any], **more: Any) -> bytes:
    raw = {"resourceType": "Questionnaire", "url": "urn:form", "status": "active", "item": list(items)} | more
    return json.dumps(raw).encode()


def a_response(*items: dict[str, Any]) -> dict[str, Any]:
    return {"resourceType": "QuestionnaireResponse", "status": "completed", "item": list(items)}


def refusal(raw: bytes | str) -> set[str]:
    with pytest.raises(MalformedQuestionnaire) as caught:
        load_questionnaire(raw)
    return {fact.rule for fact in caught.value.facts}


def test_a_megabyte_of_text_is_only_text() -> None:
    with within(2):
        long = "x" * 1_000_000
        form = load_questionnaire(a_form({"linkId": "q", "type": "string", "text": long, "maxLength": 5}, title=long))
        facts = validate(form, a_response({"linkId": "q", "answer": [{"valueString": long}]}))
        assert [fact.rule for fact in facts] == ["maxLength"]
        filling = Filling(form)
        filling.answer("q", [long])
        printable(form, filling.answers())


def test_ten_thousand_items_open() -> None:
    with within(2):
        items = [{"linkId": str(n), "type": "string", "required": True} for n in range(10_000)]
        form = load_questionnaire(a_form(*items))
        filling = Filling(form)
        assert len(filling.rows()) == 10_000
        assert len(filling.progress().required_missing) == 10_000


def test_too_many_items_are_refused() -> None:
    with within(2):
        assert refusal(a_form(*({"linkId": str(n), "type": "string"} for n in range(30_000)))) == {"tooManyItems"}


def nested(depth: int) -> dict[str, Any]:
    item: dict[str, Any] = {"linkId": str(depth), "type": "string"}
    for level in reversed(range(depth)):
        item = {"linkId": str(level), "type": "group", "item": [item]}
    return item


def test_depth_64_opens_and_more_is_refused() -> None:
    with within(2):
        form = load_questionnaire(a_form(nested(63)))
        filling = Filling(form)
        filling.answer("63", ["deep"])
        assert not validate(form, filling.response())
        assert refusal(a_form(nested(80))) == {"tooDeep"}
        assert refusal(a_form(nested(150))) == {"notReadable"}


@pytest.mark.parametrize("text", ["[" * 100_000, "{", "", "\x00", '{"resourceType":"Questionnaire","a":1e999999999}', "9" * 10_000])
def test_what_is_not_json_is_not_readable(text: str) -> None:
    with within(2):
        assert refusal(text) == {"notReadable"}


def test_a_circle_of_enable_when_is_reported_and_the_form_still_opens() -> None:
    size = 500
    items = [
        {
            "linkId": str(n),
            "type": "boolean",
            "enableWhen": [{"question": str((n + 1) % size), "operator": "=", "answerBoolean": True}],
        }
        for n in range(size)
    ]
    with within(2):
        form = load_questionnaire(a_form(*items))
        assert {fact.rule for fact in form.facts} == {"enableWhenCycle"}
        filling = Filling(form)
        assert filling.rows() == ()
        filling.answer("0", [True])
        assert [row.place for row in filling.rows()] == ["499"]


def test_a_catastrophic_pattern_gives_up() -> None:
    item = {"type": "string", "repeats": True, "extension": [{"url": REGEX, "valueString": r"(a|a|aa)+(b|b)+$"}]}
    items = [item | {"linkId": str(n)} for n in range(50)]
    with within(2):
        form = load_questionnaire(a_form(*items))
        answers = [{"linkId": str(n), "answer": [{"valueString": "a" * 5000}]} for n in range(50)]
        facts = validate(form, a_response(*answers))
        assert {fact.rule for fact in facts} <= {"regex", "regexTimeout"}
        assert len(facts) == 50


@pytest.mark.parametrize("pattern", ["((a{1000}){1000}){1000}", "(" * 5000, "[", "\\", "(?P<a", "a{999999999999}"])
def test_a_pattern_that_can_not_be_used_is_a_warning(pattern: str) -> None:
    item = {"linkId": "q", "type": "string", "extension": [{"url": REGEX, "valueString": pattern}]}
    with within(2):
        form = load_questionnaire(a_form(item))
        facts = validate(form, a_response({"linkId": "q", "answer": [{"valueString": "aaa"}]}))
        assert {fact.rule for fact in facts} <= {"regexUnusable", "regex", "regexTimeout"}
        assert facts


def test_an_endless_response_is_judged_with_an_end() -> None:
    form = load_questionnaire(a_form({"linkId": "q", "type": "string"}))
    answers = [{"linkId": "no", "answer": [{"valueString": "x"}]} for _ in range(100_000)]
    with within(2):
        assert 0 < len(validate(form, a_response(*answers))) <= 2000


def test_a_huge_least_number_of_occurrences_does_not_fill_the_memory() -> None:
    least = {"url": "http://hl7.org/fhir/StructureDefinition/questionnaire-minOccurs", "valueInteger": 10**9}
    group = {"linkId": "g", "type": "group", "repeats": True, "extension": [least]}
    inner = {"linkId": "h", "type": "group", "repeats": True, "extension": [least]}
    deep = {"linkId": "i", "type": "group", "repeats": True, "extension": [least]}
    with within(2):
        question = {"linkId": "q", "type": "string"}
        form = load_questionnaire(a_form(group | {"item": [inner | {"item": [deep | {"item": [question]}]}]}))
        assert len(Filling(form).rows()) < 20_000


def test_value_sets_that_name_each_other_end() -> None:
    sets = [
        {"resourceType": "ValueSet", "id": f"v{n}", "compose": {"include": [{"valueSet": ["#v0", "#v1"]}] * 3}} for n in range(2)
    ]
    with within(2):
        form = load_questionnaire(a_form({"linkId": "q", "type": "choice", "answerValueSet": "#v0"}, contained=sets))
        answer = {"linkId": "q", "answer": [{"valueCoding": {"code": "x"}}]}
        assert [fact.rule for fact in validate(form, a_response(answer))] == ["tsError"]
