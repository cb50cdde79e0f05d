"""The Filling: what is asked, what each answer changes, and what comes out."""

from decimal import Decimal
from typing import Any

from visitapp.forms import Coding, Filling, Quantity, load_questionnaire

SEEN = Coding("S", "urn:x", "Seen")
NOT_SEEN = Coding("N", "urn:x", "Not seen")
OPTIONS = [
    {"valueCoding": {"system": "urn:x", "code": code, "display": text}}
    for code, text in (("S", "Seen"), ("E", "Emerging"), ("N", "Not seen"))
]


def a_form(*items: dict[str, Any]) -> dict[str, Any]:
    return {"resourceType": "Questionnaire", "url": "urn:form", "version": "1", "status": "active", "item": list(items)}


def observation() -> dict[str, Any]:
    evidence = {
        "linkId": "IN1-evidence",
        "type": "string",
        "text": "What was seen",
        "maxLength": 10,
        "enableWhen": [{"question": "IN1", "operator": "=", "answerCoding": {"system": "urn:x", "code": code}} for code in "EN"],
        "enableBehavior": "any",
    }
    hint = {
        "linkId": "IN1-hint",
        "type": "display",
        "text": "Looks like this",
        "extension": [
            {
                "url": "http://hl7.org/fhir/StructureDefinition/questionnaire-itemControl",
                "valueCodeableConcept": {"coding": [{"code": "help"}]},
            }
        ],
    }
    question = {
        "linkId": "IN1",
        "type": "choice",
        "text": "Turns to the voice",
        "required": True,
        "answerOption": OPTIONS,
        "item": [hint, evidence],
    }
    plan = {
        "linkId": "plan-item",
        "type": "group",
        "repeats": True,
        "item": [{"linkId": "plan-what", "type": "string"}, {"linkId": "plan-agreed", "type": "boolean"}],
    }
    return a_form({"linkId": "items", "type": "group", "text": "Baby", "item": [question]}, plan)


def places(filling: Filling) -> list[str]:
    return [row.place for row in filling.rows()]


def test_rows_show_what_is_asked_now_with_the_hint_beside_its_question() -> None:
    filling = Filling(load_questionnaire(observation()))
    assert places(filling) == ["items", "IN1", "plan-item[0]", "plan-item[0]/plan-what", "plan-item[0]/plan-agreed"]
    row = filling.row("IN1")
    assert row.hint == "Looks like this"
    assert [option.text for option in row.options] == ["Seen", "Emerging", "Not seen"]


def test_evidence_appears_for_not_seen_and_goes_again_for_seen() -> None:
    filling = Filling(load_questionnaire(observation()))
    filling.answer("IN1", [SEEN])
    assert "IN1/IN1-evidence" not in places(filling)
    assert "IN1/IN1-evidence" in filling.answer("IN1", [NOT_SEEN])
    filling.answer("IN1/IN1-evidence", ["no"])
    assert "IN1/IN1-evidence" in places(filling)
    assert "IN1/IN1-evidence" in filling.answer("IN1", [SEEN])
    assert filling.answers()[0]["item"][0]["answer"] == [{"valueCoding": {"system": "urn:x", "code": "S", "display": "Seen"}}]
    filling.answer("IN1", [NOT_SEEN])
    assert filling.row("IN1/IN1-evidence").values == ("no",)


def test_problems_are_on_the_row_they_belong_to() -> None:
    filling = Filling(load_questionnaire(observation()))
    assert filling.progress().required_missing == ("IN1",)
    filling.answer("IN1", [NOT_SEEN])
    assert filling.progress().required_missing == ()
    filling.answer("IN1/IN1-evidence", ["longer than ten"])
    assert [fact.rule for fact in filling.row("IN1/IN1-evidence").problems] == ["maxLength"]
    assert [fact.rule for fact in filling.facts()] == ["maxLength"]


def test_repeating_groups_are_added_and_removed_without_moving_the_others() -> None:
    filling = Filling(load_questionnaire(observation()))
    assert filling.row("plan-item[0]").can_add
    assert not filling.row("plan-item[0]").can_remove
    second = filling.add("plan-item[0]")
    assert second == "plan-item[1]"
    filling.answer("plan-item[1]/plan-what", ["Call the GP"])
    assert "plan-item[0]/plan-what" in filling.remove("plan-item[0]")
    assert [row.place for row in filling.rows() if row.item.link_id == "plan-item"] == ["plan-item[1]"]
    assert filling.row("plan-item[1]/plan-what").values == ("Call the GP",)
    assert filling.add("plan-item[1]") == "plan-item[2]"


def test_answers_come_back_as_they_were_given() -> None:
    questionnaire = load_questionnaire(observation())
    filling = Filling(questionnaire)
    filling.answer("IN1", [NOT_SEEN])
    filling.answer("IN1/IN1-evidence", ["cried"])
    filling.answer("plan-item[0]/plan-agreed", [True])
    filling.add("plan-item[0]")
    filling.answer("plan-item[1]/plan-what", ["Walk"])
    again = Filling(questionnaire, filling.answers())
    assert again.answers() == filling.answers()
    assert [row.values for row in again.rows()] == [row.values for row in filling.rows()]


def test_a_new_form_is_empty_and_has_no_answers_to_keep() -> None:
    filling = Filling(load_questionnaire(observation()))
    assert filling.progress().empty
    assert filling.answers() == []
    filling.answer("plan-item[0]/plan-what", ["x"])
    assert not filling.progress().empty


def test_initial_values_are_there_but_do_not_make_a_form_begun() -> None:
    form = a_form({"linkId": "mode", "type": "string", "initial": [{"valueString": "home"}]})
    filling = Filling(load_questionnaire(form))
    assert filling.row("mode").values == ("home",)
    assert filling.progress().empty
    filling.answer("mode", ["hub"])
    assert not filling.progress().empty


def test_a_score_needs_every_question_that_is_asked() -> None:
    weight = "http://hl7.org/fhir/StructureDefinition/itemWeight"
    options = [
        {"valueCoding": {"code": str(n), "display": str(n)}, "extension": [{"url": weight, "valueDecimal": n}]} for n in range(4)
    ]
    band = {
        "url": "https://visitapp.example/fhir/StructureDefinition/score-band",
        "extension": [
            {"url": "low", "valueDecimal": 3},
            {"url": "text", "valueString": "High"},
            {"url": "positive", "valueBoolean": True},
        ],
    }
    items = [{"linkId": f"q{n}", "type": "choice", "answerOption": options} for n in (1, 2)]
    filling = Filling(load_questionnaire(a_form(*items) | {"extension": [band]}))
    filling.answer("q1", [filling.row("q1").options[2].value])
    total = filling.total()
    assert total is not None
    assert (total.value, total.answered, total.of) == (None, 1, 2)
    filling.answer("q2", [filling.row("q2").options[3].value])
    total = filling.total()
    assert total is not None
    assert total.band is not None
    assert (total.value, total.band.label, total.band.positive) == (Decimal(5), "High", True)


def test_plain_values_become_what_the_question_asks_for() -> None:
    filling = Filling(
        load_questionnaire(
            a_form(
                {"linkId": "on", "type": "date"},
                {"linkId": "n", "type": "decimal"},
                {"linkId": "w", "type": "quantity"},
            )
        )
    )
    filling.answer("on", ["2026-01-02"])
    filling.answer("n", [3])
    filling.answer("w", [Quantity(Decimal(3450), "g", "http://unitsofmeasure.org", "g")])
    assert [item["answer"][0] for item in filling.answers()] == [
        {"valueDate": "2026-01-02"},
        {"valueDecimal": 3},
        {"valueQuantity": {"value": 3450, "unit": "g", "system": "http://unitsofmeasure.org", "code": "g"}},
    ]


def test_the_next_sign_of_a_missing_required_answer_survives_the_way_to_the_server() -> None:
    from visitapp.forms import validate

    inner = {"linkId": "q", "type": "string", "required": True}
    questionnaire = load_questionnaire(
        a_form({"linkId": "g", "type": "group", "item": [inner]}, {"linkId": "other", "type": "string"})
    )
    filling = Filling(questionnaire)
    filling.answer("other", ["x"])
    assert [fact.rule for fact in validate(questionnaire, filling.response())] == ["required"]
