"""What questionnaires in the world contain, how to build it, and what is to be refused."""

from typing import Any

CORE = "http://hl7.org/fhir/StructureDefinition/"
SDC = "http://hl7.org/fhir/uv/sdc/StructureDefinition/"
UCUM = "http://unitsofmeasure.org"
Json = dict[str, Any]


def form(*items: Json, **more: Any) -> Json:
    """A questionnaire of these items."""
    return {"resourceType": "Questionnaire", "url": "urn:shape", "status": "draft", "item": list(items), **more}


def item(link_id: str, kind: str, *extensions: Json, **more: Any) -> Json:
    """An item with extensions."""
    made: Json = {"linkId": link_id, "type": kind, "text": f"Text of {link_id}", **more}
    return made | ({"extension": list(extensions)} if extensions else {})


def core(name: str, key: str, value: Any) -> Json:
    """A core extension."""
    return {"url": CORE + name, key: value}


def sdc(name: str, key: str, value: Any) -> Json:
    """An extension of structured data capture."""
    return {"url": f"{SDC}sdc-questionnaire-{name}", key: value}


def said(text: str, name: str = "", language: str = "text/fhirpath") -> Json:
    """An expression."""
    return {"language": language, "expression": text} | ({"name": name} if name else {})


def path(name: str, text: str, called: str = "") -> Json:
    """An extension of structured data capture that is a FHIRPath expression."""
    return sdc(name, "valueExpression", said(text, called))


def variable(name: str, text: str, language: str = "text/fhirpath") -> Json:
    """A variable."""
    return core("variable", "valueExpression", said(text, name, language))


def control(code: str) -> Json:
    """How an item is shown."""
    coding = {"system": "http://hl7.org/fhir/questionnaire-item-control", "code": code}
    return core("questionnaire-itemControl", "valueCodeableConcept", {"coding": [coding]})


def context(name: Any, *types: str) -> Json:
    """A launch context; its name has been of many types over the years."""
    parts = [{"url": "name", **name}, *({"url": "type", "valueCode": each} for each in types)]
    return {"url": SDC + "sdc-questionnaire-launchContext", "extension": parts}


def coded(*codes: str) -> list[Json]:
    """Answers to choose from."""
    return [{"valueCoding": {"system": "urn:codes", "code": code, "display": code.title()}} for code in codes]


def when(question: str, operator: str, **answer: Any) -> Json:
    """A condition."""
    return {"question": question, "operator": operator, **answer}


REFUSED: dict[str, tuple[Json, str]] = {
    "no type": (form({"linkId": "a", "text": "x"}), "invalidType"),
    "R5: coding": (form(item("a", "coding")), "otherVersion"),
    "STU3: options": (form(item("a", "choice", options={"reference": "#vs"})), "otherVersion"),
    "STU3: option": (form(item("a", "choice", option=coded("a"))), "otherVersion"),
    "STU3: has answer": (
        form(item("a", "string"), item("b", "string", enableWhen=[{"question": "a", "hasAnswer": True}])),
        "otherVersion",
    ),
    "DSTU2: group": (
        {"resourceType": "Questionnaire", "status": "draft", "group": {"linkId": "a", "question": []}},
        "otherVersion",
    ),
    "linkId twice": (form(item("a", "string"), item("a", "string")), "linkIdTwice"),
    "no linkId": (form({"type": "string"}), "linkIdMissing"),
    "modifier extension": (
        form(item("a", "string"), modifierExtension=[{"url": "urn:x", "valueBoolean": True}]),
        "modifierExtension",
    ),
    "implicit rules": (form(item("a", "string"), implicitRules="https://example.org/rules"), "implicitRules"),
    "a bundle": ({"resourceType": "Bundle", "type": "collection"}, "notAQuestionnaire"),
    "a circle of conditions": (
        form(
            item("a", "boolean", enableWhen=[when("b", "=", answerBoolean=True)]),
            item("b", "boolean", enableWhen=[when("a", "=", answerBoolean=True)]),
        ),
        "enableWhenCycle",
    ),
    "a condition on nothing": (
        form(item("a", "string", enableWhen=[when("z", "exists", answerBoolean=True)])),
        "enableWhenQuestionMissing",
    ),
    "an expression that is none": (
        form(item("a", "string", path("calculatedExpression", "%resource.item.where("))),
        "expressionBroken",
    ),
    "a circle of calculations": (
        form(
            item("a", "integer", path("calculatedExpression", "%resource.item.where(linkId='b').answer.value + 1")),
            item("b", "integer", path("calculatedExpression", "%resource.item.where(linkId='a').answer.value + 1")),
        ),
        "expressionCycle",
    ),
}
