"""Every rule an answer can break, one case where it holds and one where it doesn't."""

from typing import Any

import pytest

from visitapp.forms import Severity, load_questionnaire, validate

CORE = "http://hl7.org/fhir/StructureDefinition/"
SDC = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-"
UCUM = "http://unitsofmeasure.org"
OPTIONS = [{"valueCoding": {"system": "urn:x", "code": "a", "display": "Apple"}}, {"valueString": "pear"}]


def an_extension(name: str, **value: Any) -> dict[str, Any]:
    return {"url": name if name.startswith("http") else CORE + name, **value}


def a_quantity(value: float, code: str) -> dict[str, Any]:
    return {"value": value, "system": UCUM, "code": code, "unit": code}


def facts_of(item: dict[str, Any], *answers: dict[str, Any], status: str = "completed", **form: Any) -> Any:
    raw = {"resourceType": "Questionnaire", "url": "urn:form", "status": "active", "item": [item], **form}
    items = [{"linkId": "q", "answer": list(answers)}] if answers else []
    response = {"resourceType": "QuestionnaireResponse", "status": status, "item": items}
    return validate(load_questionnaire(raw), response)


def broken(kind: str, answer: dict[str, Any], *extensions: dict[str, Any], **item: Any) -> list[str]:
    made = {"linkId": "q", "type": kind, "extension": list(extensions), **item}
    return [fact.rule for fact in facts_of(made, answer)]


GOOD = {
    "boolean": {"valueBoolean": False},
    "decimal": {"valueDecimal": 1},
    "integer": {"valueInteger": 0},
    "date": {"valueDate": "2026-02"},
    "dateTime": {"valueDateTime": "2026-02-03T04:05:06Z"},
    "time": {"valueTime": "23:59:00"},
    "string": {"valueString": "x"},
    "text": {"valueString": "x\ny"},
    "url": {"valueUri": "https://example.org/a"},
    "choice": {"valueCoding": {"code": "a"}},
    "open-choice": {"valueString": "own words"},
    "attachment": {"valueAttachment": {"title": "x"}},
    "reference": {"valueReference": {"reference": "Patient/1"}},
    "quantity": {"valueQuantity": {"value": 3.5, "unit": "kg"}},
}
WRONG = [
    ("boolean", {"valueBoolean": "true"}),
    ("boolean", {"valueString": "true"}),
    ("decimal", {"valueDecimal": "1"}),
    ("integer", {"valueInteger": 1.5}),
    ("integer", {"valueInteger": 2**31}),
    ("integer", {"valueInteger": True}),
    ("date", {"valueDate": "2026-13-01"}),
    ("date", {"valueDate": "1.2.2026"}),
    ("date", {"valueDate": "2026-02-30"}),
    ("dateTime", {"valueDateTime": "2026-02-03T04:05"}),
    ("time", {"valueTime": "24:00:00"}),
    ("string", {"valueString": ""}),
    ("text", {"valueInteger": 3}),
    ("url", {"valueString": "x"}),
    ("choice", {"valueString": "x"}),
    ("choice", {"valueCoding": "x"}),
    ("open-choice", {"valueInteger": 1}),
    ("attachment", {"valueUri": "urn:x"}),
    ("reference", {"valueReference": "Patient/1"}),
    ("quantity", {"valueDecimal": 1}),
    ("string", {"valueString": "x", "valueInteger": 1}),
]


@pytest.mark.parametrize("kind", GOOD)
def test_each_type_takes_its_own_answers(kind: str) -> None:
    assert broken(kind, GOOD[kind]) == []


@pytest.mark.parametrize(("kind", "answer"), WRONG)
def test_an_answer_of_another_type_is_refused(kind: str, answer: dict[str, Any]) -> None:
    facts = facts_of({"linkId": "q", "type": kind, "required": True}, answer)
    assert [fact.rule for fact in facts] == ["invalidAnswerType"]
    assert facts[0].path == "QuestionnaireResponse.item[0].answer[0]"


RULES = [
    ("required", "string", [], {"required": True}),
    ("repeats", "string", [{"valueString": "a"}, {"valueString": "b"}], {}),
    ("minCount", "string", [{"valueString": "a"}], {"repeats": True, "ext": ("questionnaire-minOccurs", {"valueInteger": 2})}),
    ("maxCount", "string", [{"valueString": "a"}] * 2, {"repeats": True, "ext": ("questionnaire-maxOccurs", {"valueInteger": 1})}),
    ("minValue", "integer", [{"valueInteger": 1}], {"ext": ("minValue", {"valueInteger": 2})}),
    ("maxValue", "decimal", [{"valueDecimal": 2.1}], {"ext": ("maxValue", {"valueDecimal": 2})}),
    ("minValue", "date", [{"valueDate": "2019-12-31"}], {"ext": ("minValue", {"valueDate": "2020"})}),
    (
        "maxValue",
        "dateTime",
        [{"valueDateTime": "2020-01-01T10:00:00+02:00"}],
        {"ext": ("maxValue", {"valueDateTime": "2020-01-01T07:00:00Z"})},
    ),
    ("maxValue", "time", [{"valueTime": "12:00:01"}], {"ext": ("maxValue", {"valueTime": "12:00:00"})}),
    (
        "minValue",
        "quantity",
        [{"valueQuantity": a_quantity(499, "g")}],
        {"ext": ("minValue", {"valueQuantity": a_quantity(0.5, "kg")})},
    ),
    (
        "maxValue",
        "quantity",
        [{"valueQuantity": a_quantity(38, "Cel")}],
        {"ext": (SDC + "maxQuantity", {"valueQuantity": a_quantity(100, "[degF]")})},
    ),
    (
        "minValueIncompatUnits",
        "quantity",
        [{"valueQuantity": a_quantity(3, "cm")}],
        {"ext": ("minValue", {"valueQuantity": a_quantity(1, "kg")})},
    ),
    ("maxDecimalPlaces", "decimal", [{"valueDecimal": 1.25}], {"ext": ("maxDecimalPlaces", {"valueInteger": 1})}),
    ("minLength", "string", [{"valueString": "ab"}], {"ext": ("minLength", {"valueInteger": 3})}),
    ("maxLength", "text", [{"valueString": "abcd"}], {"maxLength": 3}),
    ("invalidNewLine", "string", [{"valueString": "a\nb"}], {}),
    ("regex", "string", [{"valueString": "12a"}], {"ext": ("regex", {"valueString": "[0-9]+"})}),
    ("invalidAnswerOption", "choice", [{"valueCoding": {"system": "urn:x", "code": "b"}}], {"answerOption": OPTIONS}),
    (
        "invalidAnswerOption",
        "choice",
        [{"valueCoding": {"system": "urn:x", "code": "a", "display": "Pear"}}],
        {"answerOption": OPTIONS},
    ),
    ("invalidAnswerOption", "integer", [{"valueInteger": 3}], {"answerOption": [{"valueInteger": 1}]}),
    ("invalidAnswerOption", "choice", [{"valueString": "plum"}], {"answerOption": OPTIONS}),
    (
        "invalidAttachmentType",
        "attachment",
        [{"valueAttachment": {"contentType": "image/png"}}],
        {"ext": ("mimeType", {"valueCode": "image/jpeg"})},
    ),
    ("attachmentSizeInconsistent", "attachment", [{"valueAttachment": {"data": "AAAA", "size": 9}}], {}),
    ("maxAttachmentSize", "attachment", [{"valueAttachment": {"data": "AAAA"}}], {"ext": ("maxSize", {"valueDecimal": 2})}),
    ("invalidRefValue", "reference", [{"valueReference": {"reference": "not a reference"}}], {}),
    ("invalidRefResourceType", "reference", [{"valueReference": {"reference": "Nurse/1"}}], {}),
    (
        "invalidRefResourceTypeRestriction",
        "reference",
        [{"valueReference": {"reference": "Patient/1"}}],
        {"ext": ("questionnaire-referenceResource", {"valueCode": "Group"})},
    ),
    ("invalidUrlValue", "url", [{"valueUri": "https://a b"}], {}),
    ("invalidUrlValue", "url", [{"valueUri": "urn:uuid:1234"}], {}),
    (
        "invalidUnit",
        "quantity",
        [{"valueQuantity": {"value": 1, "unit": "kg"}}],
        {"ext": ("questionnaire-unitOption", {"valueCoding": {"system": UCUM, "code": "kg"}})},
    ),
]


@pytest.mark.parametrize(("rule", "kind", "answers", "more"), RULES, ids=[f"{each[0]}-{each[1]}" for each in RULES])
def test_each_rule_is_broken_alone(rule: str, kind: str, answers: list[Any], more: dict[str, Any]) -> None:
    item = {"linkId": "q", "type": kind} | {key: value for key, value in more.items() if key != "ext"}
    if "ext" in more:
        name, value = more["ext"]
        item["extension"] = [an_extension(name, **value)]
    facts = facts_of(item, *answers)
    assert [(fact.rule, fact.link_id, fact.severity) for fact in facts] == [(rule, "q", Severity.ERROR)]
    in_progress = facts_of(item, *answers, status="in-progress")
    assert [fact.severity for fact in in_progress] == [Severity.ERROR if rule == "invalidNewLine" else Severity.WARNING]


HOLDS = [
    ("date", {"valueDate": "2020-06"}, [an_extension("minValue", valueDate="2020"), an_extension("maxValue", valueDate="2020")]),
    ("quantity", {"valueQuantity": a_quantity(3.2, "kg")}, [an_extension("minValue", valueQuantity=a_quantity(500, "g"))]),
    ("quantity", {"valueQuantity": a_quantity(3, "furlong")}, [an_extension("minValue", valueDecimal=1)]),
    ("attachment", {"valueAttachment": {"contentType": "image/png; x=1"}}, [an_extension("mimeType", valueCode="image/*")]),
    ("reference", {"valueReference": {"reference": "https://a.example/fhir/Patient/1/_history/2"}}, []),
    ("reference", {"valueReference": {"reference": "urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0"}}, []),
    ("url", {"valueUri": "../relative?x=y"}, []),
    ("string", {"valueString": "ééé"}, [an_extension("minLength", valueInteger=3)]),
]


@pytest.mark.parametrize(("kind", "answer", "extensions"), HOLDS)
def test_what_is_within_the_rules_breaks_none(kind: str, answer: Any, extensions: list[Any]) -> None:
    assert broken(kind, answer, *extensions) == []


def test_a_code_may_be_shown_by_its_translation() -> None:
    welsh = {
        "extension": [
            {
                "url": CORE + "translation",
                "extension": [{"url": "lang", "valueCode": "cy"}, {"url": "content", "valueString": "Afal"}],
            }
        ]
    }
    options = [{"valueCoding": {"system": "urn:x", "code": "a", "display": "Apple", "_display": welsh}}]
    answer = {"valueCoding": {"system": "urn:x", "code": "a", "display": "afal"}}
    assert broken("choice", answer, answerOption=options) == []


def test_contained_value_sets_are_expanded_with_what_they_leave_out() -> None:
    include = {"system": "urn:x", "concept": [{"code": "a", "display": "Apple"}, {"code": "b"}]}
    compose = {"include": [include], "exclude": [{"system": "urn:x", "concept": [{"code": "b"}]}]}
    contained = [{"resourceType": "ValueSet", "id": "v", "compose": compose}]
    item = {"linkId": "q", "type": "choice", "answerValueSet": "#v"}
    for coding, rules in (
        ({"system": "urn:x", "code": "a"}, []),
        ({"system": "urn:x", "code": "b"}, ["invalidCoding"]),
        ({"system": "urn:x", "code": "a", "display": "Pear"}, ["invalidCoding"]),
        ({"system": "urn:y", "code": "a"}, ["invalidCoding"]),
    ):
        facts = facts_of(item, {"valueCoding": coding}, contained=contained)
        assert [fact.rule for fact in facts] == rules


def test_a_value_set_that_is_not_here_is_a_warning() -> None:
    item = {"linkId": "q", "type": "choice", "answerValueSet": "http://snomed.info/sct?fhir_vs"}
    facts = facts_of(item, {"valueCoding": {"code": "1"}})
    assert [(fact.rule, fact.severity) for fact in facts] == [("tsError", Severity.WARNING)]


def test_a_question_out_of_its_place_and_an_unknown_one_are_named() -> None:
    raw = {"resourceType": "Questionnaire", "url": "urn:form", "status": "active"}
    raw["item"] = [{"linkId": "g", "type": "group", "item": [{"linkId": "q", "type": "string"}]}]  # type: ignore[assignment]
    items = [{"linkId": "q", "answer": [{"valueString": "x"}]}, {"linkId": "no", "answer": []}]
    facts = validate(load_questionnaire(raw), {"status": "completed", "item": items})
    assert [(fact.rule, fact.link_id) for fact in facts] == [("invalidLinkId", "q"), ("invalidLinkId", "no")]


def test_an_answer_to_what_was_not_asked_is_a_warning_and_is_not_required() -> None:
    condition = [{"question": "q", "operator": "=", "answerBoolean": True}]
    hidden = {"linkId": "h", "type": "string", "required": True, "enableWhen": condition}
    raw = {"resourceType": "Questionnaire", "url": "urn:form", "status": "active"}
    raw["item"] = [{"linkId": "q", "type": "boolean"}, hidden]  # type: ignore[assignment]
    form = load_questionnaire(raw)
    assert validate(form, {"status": "completed", "item": []}) == ()
    facts = validate(form, {"status": "completed", "item": [{"linkId": "h", "answer": [{"valueString": "x"}]}]})
    assert [(fact.rule, fact.severity) for fact in facts] == [("notEnabled", Severity.WARNING)]
