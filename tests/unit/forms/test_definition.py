"""What is understood of a questionnaire, and what is named because it isn't."""

from typing import Any

import pytest

from visitapp.forms import MalformedQuestionnaire, Severity, load_questionnaire

CORE = "http://hl7.org/fhir/StructureDefinition/"


def a_form(*items: dict[str, Any], **more: Any) -> Any:
    raw = {"resourceType": "Questionnaire", "url": "urn:form", "status": "active", "item": list(items)}
    return load_questionnaire(raw | more)


def control(code: str) -> dict[str, Any]:
    return {"url": CORE + "questionnaire-itemControl", "valueCodeableConcept": {"coding": [{"code": code}]}}


def test_what_a_widget_needs_is_read() -> None:
    kilogram = {"system": "http://unitsofmeasure.org", "code": "kg", "display": "kilograms"}
    item = a_form(
        {
            "linkId": "q",
            "type": "quantity",
            "extension": [
                control("slider"),
                {"url": CORE + "questionnaire-choiceOrientation", "valueCode": "horizontal"},
                {"url": CORE + "questionnaire-hidden", "valueBoolean": True},
                {"url": CORE + "entryFormat", "valueString": "0.0"},
                {"url": CORE + "questionnaire-supportLink", "valueUri": "https://example.org"},
                {"url": CORE + "questionnaire-unitOption", "valueCoding": kilogram},
                {"url": CORE + "questionnaire-sliderStepValue", "valueInteger": 5},
            ],
            "item": [
                {"linkId": "h", "type": "display", "text": "Help", "extension": [control("help")]},
                {"linkId": "p", "type": "display", "text": "Prompt", "extension": [control("prompt")]},
                {"linkId": "u", "type": "display", "text": "kg", "extension": [control("unit")]},
            ],
        }
    ).items[0]
    assert (item.control, item.orientation, item.hidden, item.entry_format) == ("slider", "horizontal", True, "0.0")
    assert (item.hint, item.prompt, item.unit_text, item.slider_step) == ("Help", "Prompt", "kg", 5)
    assert item.support_links == ("https://example.org",)
    assert item.unit is not None
    assert item.unit.code == "kg"


def test_what_is_not_supported_is_named_and_kept() -> None:
    form = a_form({"linkId": "q", "type": "string", "extension": [{"url": "urn:own", "valueString": "x"}], "own": 1})
    assert [(fact.severity, fact.link_id, fact.detail["what"]) for fact in form.unsupported] == [
        (Severity.INFORMATION, "q", "urn:own"),
        (Severity.INFORMATION, "q", "own"),
    ]
    assert form.items[0].extension("urn:own") == "x"


REFUSED = [
    ("linkIdMissing", {"type": "string"}),
    ("linkIdTwice", {"linkId": "a", "type": "string", "item": [{"linkId": "a", "type": "string"}]}),
    ("invalidType", {"linkId": "a", "type": "colour"}),
    ("invalidType", {"linkId": "a"}),
    ("modifierExtension", {"linkId": "a", "type": "string", "modifierExtension": [{"url": "urn:x"}]}),
    ("structure", {"linkId": "a", "type": "group", "item": {}}),
    ("structure", {"linkId": "a", "type": "string", "enableWhen": [{"question": "b", "operator": "?"}]}),
]


@pytest.mark.parametrize(("rule", "item"), REFUSED)
def test_what_can_not_be_used_is_refused_with_a_reason(rule: str, item: dict[str, Any]) -> None:
    with pytest.raises(MalformedQuestionnaire) as refused:
        a_form(item)
    assert {fact.rule for fact in refused.value.facts} == {rule}


DOUBTFUL = [
    ("optionsTwice", {"type": "choice", "answerOption": [{"valueString": "x"}], "answerValueSet": "urn:v"}),
    ("optionsNotAllowed", {"type": "boolean", "answerOption": [{"valueString": "x"}]}),
    ("optionNotReadable", {"type": "choice", "answerOption": [{"valueInteger": "x"}]}),
    ("initialTooMany", {"type": "integer", "initial": [{"valueInteger": 1}, {"valueInteger": 2}]}),
    ("initialNotAllowed", {"type": "group", "item": [{"linkId": "c", "type": "string"}], "initial": [{"valueInteger": 1}]}),
    (
        "enableWhenQuestionMissing",
        {"type": "string", "enableWhen": [{"question": "no", "operator": "exists", "answerBoolean": True}]},
    ),
    ("enableWhenCycle", {"type": "string", "enableWhen": [{"question": "q", "operator": "exists", "answerBoolean": True}]}),
    ("displayWithItems", {"type": "display", "item": [{"linkId": "c", "type": "string"}]}),
    ("structure", {"type": "string", "required": "yes"}),
]


@pytest.mark.parametrize(("rule", "item"), DOUBTFUL)
def test_what_means_nothing_is_an_error_in_a_form_that_still_opens(rule: str, item: dict[str, Any]) -> None:
    form = a_form({"linkId": "q"} | item)
    assert rule in {fact.rule for fact in form.facts if fact.severity is Severity.ERROR}


def test_an_extension_beside_an_element_is_named_too() -> None:
    calculated = {"extension": [{"url": CORE + "cqf-expression", "valueExpression": {"expression": "true"}}]}
    form = a_form({"linkId": "q", "type": "string", "_repeats": calculated, "_text": calculated})
    named = [(fact.path, fact.detail["what"]) for fact in form.unsupported]
    assert named == [("Questionnaire.item[0].repeats", CORE + "cqf-expression")]


def test_other_units_are_taken_where_the_form_leaves_them_open() -> None:
    from visitapp.forms import validate

    kilogram = {"url": CORE + "questionnaire-unitOption", "valueCoding": {"code": "kg"}}
    unit_open = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-unitOpen"
    answer = {"status": "completed", "item": [{"linkId": "q", "answer": [{"valueQuantity": {"value": 1, "code": "g"}}]}]}
    for extensions, rules in (
        ([kilogram], ["invalidUnit"]),
        ([kilogram, {"url": unit_open, "valueCode": "optionsOrString"}], []),
    ):
        form = a_form({"linkId": "q", "type": "quantity", "extension": extensions})
        assert [fact.rule for fact in validate(form, answer)] == rules
