"""What a form says for the timeline."""

from decimal import Decimal
from typing import Any

from visitapp.forms import Coding, Filling, Quantity, load_questionnaire
from visitapp.forms.extraction import extracts, observation

SDC = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-"
OWN = "https://visitapp.example/fhir/StructureDefinition/"
EXTRACT = {"url": SDC + "observationExtract", "valueBoolean": True}
NOT_EXTRACTED = EXTRACT | {"valueBoolean": False}
WEIGHT = {"system": "http://loinc.org", "code": "29463-7", "display": "Body weight"}


def a_form(*items: dict[str, Any], **more: Any) -> Any:
    raw = {"resourceType": "Questionnaire", "url": "urn:form", "status": "active", "item": list(items)}
    return load_questionnaire(raw | more)


def test_marked_answers_become_observations() -> None:
    weight = {"linkId": "w", "type": "quantity", "code": [WEIGHT], "extension": [EXTRACT]}
    form = a_form(weight, {"linkId": "other", "type": "quantity", "code": [WEIGHT]})
    filling = Filling(form)
    for link_id in ("w", "other"):
        filling.answer(link_id, [Quantity(Decimal("3.5"), "kg", "http://unitsofmeasure.org", "kg")])
    found = extracts(form, filling.answers())
    assert [each.link_id for each in found] == ["w"]
    made = observation(found[0], subject="Patient/1", effective="2026-01-02", derived_from="QuestionnaireResponse/2")
    assert made["code"]["coding"] == [{"system": "http://loinc.org", "code": "29463-7", "display": "Body weight"}]
    assert made["valueQuantity"]["value"] == 3.5
    assert made["derivedFrom"] == [{"reference": "QuestionnaireResponse/2"}]


def test_the_mark_is_inherited_until_something_nearer_says_no() -> None:
    inner = {"linkId": "b", "type": "string", "code": [WEIGHT], "extension": [NOT_EXTRACTED]}
    group = {"linkId": "g", "type": "group", "item": [{"linkId": "a", "type": "string", "code": [WEIGHT]}, inner]}
    form = a_form(group, extension=[EXTRACT])
    filling = Filling(form)
    for link_id in ("a", "b"):
        filling.answer(link_id, ["x"])
    assert [each.link_id for each in extracts(form, filling.answers())] == ["a"]


def test_constructs_and_a_finished_score_are_extracted() -> None:
    weight = "http://hl7.org/fhir/StructureDefinition/itemWeight"
    options = [
        {"valueCoding": {"code": "S"}, "extension": [{"url": weight, "valueDecimal": 2}]},
        {"valueCoding": {"code": "N"}, "extension": [{"url": weight, "valueDecimal": 0}]},
    ]
    marks = [{"url": OWN + "construct", "valueString": "sensitivity"}, {"url": OWN + "side", "valueCode": "C"}]
    items = [{"linkId": f"i{n}", "type": "choice", "answerOption": options, "extension": marks} for n in (1, 2)]
    form = a_form(*items, code=[{"code": "total"}])
    filling = Filling(form)
    filling.answer("i1", [Coding("S")])
    assert [each.kind for each in extracts(form, filling.answers())] == ["construct"]
    filling.answer("i2", [Coding("N")])
    found = extracts(form, filling.answers())
    assert [(each.kind, each.construct, each.side) for each in found] == [
        ("construct", "sensitivity", "C"),
        ("construct", "sensitivity", "C"),
        ("score", None, None),
    ]
    assert found[2].value == Decimal(2)
    assert observation(found[2], subject="s", effective="2026", derived_from="d")["valueInteger"] == 2
