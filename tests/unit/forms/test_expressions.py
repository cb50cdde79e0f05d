"""FHIRPath in a form: calculated, conditional and constrained, within bounds, never a crash."""

import time
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from visitapp.forms import Filling, LaunchContext, Severity, load_questionnaire, validate
from visitapp.forms.expressions import ExpressionError, evaluate, plain

SDC = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-"
CORE = "http://hl7.org/fhir/StructureDefinition/"


def an_expression(url: str, text: str, name: str | None = None, language: str = "text/fhirpath") -> dict[str, Any]:
    said = {"language": language, "expression": text}
    return {"url": url, "valueExpression": said | ({"name": name} if name else {})}


def calculated(link_id: str, text: str, kind: str = "decimal", **more: Any) -> dict[str, Any]:
    return {"linkId": link_id, "type": kind, "extension": [an_expression(SDC + "calculatedExpression", text)]} | more


def a_form(*items: dict[str, Any], **more: Any) -> Any:
    raw = {"resourceType": "Questionnaire", "url": "urn:form", "status": "active", "item": list(items)}
    return load_questionnaire(raw | more)


def value_of(link_id: str) -> str:
    return f"%resource.item.where(linkId='{link_id}').answer.value"


def answered(link_id: str, **value: Any) -> dict[str, Any]:
    return {"linkId": link_id, "answer": [value]}


def a_response(*items: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"resourceType": "QuestionnaireResponse", "status": "completed", "item": list(items)} | more


def test_a_calculation_follows_the_answers_it_looks_at() -> None:
    form = a_form(
        {"linkId": "weight", "type": "decimal"},
        {"linkId": "height", "type": "decimal"},
        calculated("bmi", f"({value_of('weight')} / ({value_of('height')}.power(2))).round(1)", readOnly=True),
    )
    filling = Filling(form)
    filling.answer("weight", [Decimal(70)])
    assert filling.row("bmi").values == ()
    assert "bmi" in filling.answer("height", [Decimal("1.75")])
    assert filling.row("bmi").values == (Decimal("22.9"),)
    assert "bmi" in filling.answer("height", [])
    assert filling.row("bmi").values == ()


def test_calculations_in_a_chain_all_follow() -> None:
    items = [calculated(f"c{n}", f"{value_of(f'c{n - 1}')} + 1", "integer", readOnly=True) for n in range(1, 6)]
    filling = Filling(a_form(*reversed(items), {"linkId": "c0", "type": "integer"}))
    filling.answer("c0", [1])
    assert filling.row("c5").values == (6,)


def test_a_calculation_that_goes_in_a_circle_is_reported_and_left_out() -> None:
    form = a_form(calculated("a", f"{value_of('b')} + 1", "integer"), calculated("b", value_of("a"), "integer"))
    assert [(fact.rule, fact.link_id) for fact in form.facts] == [("expressionCycle", "a"), ("expressionCycle", "b")]
    assert Filling(form).row("a").values == ()


def test_a_calculation_that_never_comes_to_rest_is_reported() -> None:
    form = a_form({"linkId": "n", "type": "integer"}, calculated("a", "%resource.item.answer.value.sum() + 1", "integer"))
    filling = Filling(form)
    filling.answer("n", [1])
    assert "expressionCycle" in [fact.rule for fact in filling.facts()]


def test_an_answer_given_by_hand_stands_until_it_is_taken_away() -> None:
    form = a_form({"linkId": "n", "type": "integer"}, calculated("twice", f"{value_of('n')} * 2", "integer"))
    filling = Filling(form)
    filling.answer("n", [2])
    filling.answer("twice", [5])
    filling.answer("n", [3])
    assert filling.row("twice").values == (5,)
    filling.answer("twice", [])
    assert filling.row("twice").values == (6,)


def test_a_question_is_asked_while_its_expression_is_true() -> None:
    asked = {"linkId": "b", "type": "string", "required": True}
    asked["extension"] = [an_expression(SDC + "enableWhenExpression", f"{value_of('a')} > 3")]
    form = a_form({"linkId": "a", "type": "integer"}, asked)
    filling = Filling(form)
    assert [row.place for row in filling.rows()] == ["a"]
    assert "b" in filling.answer("a", [4])
    assert [row.place for row in filling.rows()] == ["a", "b"]
    assert [fact.rule for fact in validate(form, a_response(answered("a", valueInteger=4)))] == ["required"]
    assert validate(form, a_response(answered("a", valueInteger=2))) == ()


def test_variables_are_found_at_the_form_and_at_the_group() -> None:
    group = {
        "linkId": "g",
        "type": "group",
        "repeats": True,
        "extension": [an_expression(CORE + "variable", "item.where(linkId='n').answer.value", "n")],
        "item": [{"linkId": "n", "type": "integer"}, calculated("sum", "%n + %base", "integer")],
    }
    base = an_expression(CORE + "variable", value_of("base"), "base")
    filling = Filling(a_form({"linkId": "base", "type": "integer"}, group, extension=[base]))
    filling.answer("base", [10])
    filling.add("g[0]")
    filling.answer("g[0]/n", [1])
    filling.answer("g[1]/n", [2])
    assert filling.row("g[0]/sum").values == (11,)
    assert filling.row("g[1]/sum").values == (12,)


def test_initial_values_come_from_the_launch_context() -> None:
    item = {"linkId": "name", "type": "string"}
    item["extension"] = [an_expression(SDC + "initialExpression", "%patient.name.given.first()")]  # type: ignore[assignment]
    launch = {"url": SDC + "launchContext", "extension": [{"url": "name", "valueCoding": {"code": "patient"}}]}
    form = a_form(item, extension=[launch])
    patient = {"resourceType": "Patient", "name": [{"given": ["Amina"]}]}
    filling = Filling(form, context=LaunchContext({"patient": patient}))
    assert filling.row("name").values == ("Amina",)
    assert filling.progress().empty
    assert Filling(form).row("name").values == ()
    assert Filling(form).facts() == ()


def test_scores_can_be_calculated_from_the_weights_of_the_options() -> None:
    weight = CORE + "itemWeight"
    options = [{"valueCoding": {"code": str(n)}, "extension": [{"url": weight, "valueDecimal": n}]} for n in range(1, 4)]
    items = [{"linkId": f"q{n}", "type": "choice", "answerOption": options} for n in (1, 2)]
    total = "%resource.item.where(linkId='q1' or linkId='q2').answer.value.ordinal().sum()"
    filling = Filling(a_form(*items, calculated("total", total, "integer")))
    for link_id, at in (("q1", 1), ("q2", 2)):
        filling.answer(link_id, [filling.row(link_id).options[at].value])
    assert filling.row("total").values == (5,)


def test_options_come_from_an_expression() -> None:
    chosen = {"linkId": "b", "type": "choice"}
    chosen["extension"] = [an_expression(SDC + "answerExpression", value_of("a"))]  # type: ignore[assignment]
    filling = Filling(a_form({"linkId": "a", "type": "string", "repeats": True}, chosen))
    assert "b" in filling.answer("a", ["one", "two"])
    assert [option.text for option in filling.row("b").options] == ["one", "two"]


def test_bounds_can_be_calculated() -> None:
    limit = {"url": CORE + "maxValue", "_valueDate": {"extension": [an_expression(CORE + "cqf-expression", "today()")]}}
    form = a_form({"linkId": "on", "type": "date", "extension": [limit]})
    context = LaunchContext(at=datetime(2026, 5, 1, tzinfo=UTC))
    filling = Filling(form, context=context)
    filling.answer("on", ["2026-05-02"])
    assert [fact.rule for fact in filling.row("on").problems] == ["maxValue"]
    late = a_response(answered("on", valueDate="2026-05-02"), authored="2026-05-01T10:00:00Z")
    assert [fact.rule for fact in validate(form, late)] == ["maxValue"]


def a_constraint(text: str, severity: str = "error") -> dict[str, Any]:
    parts = [
        {"url": "key", "valueId": "k-1"},
        {"url": "severity", "valueCode": severity},
        {"url": "expression", "valueString": text},
        {"url": "human", "valueString": "The end is after the start"},
    ]
    return {"url": CORE + "questionnaire-constraint", "extension": parts}


def test_a_constraint_that_is_not_met_is_a_fact_with_its_words() -> None:
    text = "item.where(linkId='end').answer.value >= item.where(linkId='start').answer.value"
    group = {"linkId": "g", "type": "group", "extension": [a_constraint(text)]}
    group["item"] = [{"linkId": "start", "type": "date"}, {"linkId": "end", "type": "date"}]  # type: ignore[assignment]
    form = a_form(group)
    facts = validate(
        form,
        a_response(
            {
                "linkId": "g",
                "item": [answered("start", valueDate="2026-02-01"), answered("end", valueDate="2026-01-01")],
            }
        ),
    )
    assert [(fact.rule, fact.link_id, fact.severity, fact.detail["human"]) for fact in facts] == [
        ("invariant", "g", Severity.ERROR, "The end is after the start")
    ]
    only_one = a_response({"linkId": "g", "item": [answered("start", valueDate="2026-02-01")]})
    assert validate(form, only_one) == ()


def test_a_constraint_shows_on_its_row_as_soon_as_what_it_looks_at_changes() -> None:
    text = f"answer.value > {value_of('a')}"
    form = a_form({"linkId": "a", "type": "integer"}, {"linkId": "b", "type": "integer", "extension": [a_constraint(text)]})
    filling = Filling(form)
    filling.answer("b", [5])
    assert filling.row("b").problems == ()
    assert "b" in filling.answer("a", [7])
    assert [fact.rule for fact in filling.row("b").problems] == ["invariant"]


@pytest.mark.parametrize("text", ["(((", "%nothing", "nosuch()", "item.where(", "1 +"])
def test_a_broken_expression_is_a_reported_problem(text: str) -> None:
    form = a_form({"linkId": "a", "type": "integer"}, calculated("b", text))
    filling = Filling(form)
    filling.answer("a", [1])
    assert {fact.rule for fact in filling.facts()} <= {"expressionBroken", "expressionFailed", "expressionVariable"}
    assert filling.facts()
    constrained = a_form({"linkId": "a", "type": "integer", "extension": [a_constraint(text)]})
    facts = validate(constrained, a_response(answered("a", valueInteger=1)))
    assert [(fact.rule, fact.severity) for fact in facts] == [("invariantExecution", Severity.ERROR)]


BOMBS = [
    "1" + "+1" * 4000,
    "(1|2|3).repeat($this+1)",
    "(1|2|3|4|5|6|7|8|9|10)" + ".select((1|2|3|4|5|6|7|8|9|10).combine($this))" * 8,
    "iif(" * 200 + "true" + ",1,2)" * 200,
    "10000000000" + "*10000000000" * 400,
    "'" + "a" * 40 + "!'.matches('(a|aa)+$')",
    "'a'" + ".replace('a','aaaaaaaaaa')" * 12,
    "2.power(1000000000)",
    "x" * 20_000,
]


@pytest.mark.parametrize("bomb", BOMBS, ids=range(len(BOMBS)))
def test_an_expression_bomb_ends_soon(bomb: str) -> None:
    # Processor time: a busy machine is no bomb.
    started = time.process_time()
    form = a_form({"linkId": "a", "type": "string"}, calculated("b", bomb), calculated("c", bomb + " "))
    filling = Filling(form)
    filling.answer("a", ["x"])
    filling.facts()
    assert time.process_time() - started < 4
    started = time.process_time()
    validate(form, a_response(answered("a", valueString="x")))
    assert time.process_time() - started < 2


def test_what_is_not_fhirpath_is_named_when_the_form_is_loaded() -> None:
    item = {"linkId": "a", "type": "string"}
    item["extension"] = [an_expression(SDC + "initialExpression", "Patient?x", language="application/x-fhir-query")]  # type: ignore[assignment]
    form = a_form(item)
    assert [fact.detail["what"] for fact in form.unsupported] == ["an expression in application/x-fhir-query"]


def test_the_clock_is_handed_in() -> None:
    at = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert list(map(plain, evaluate("today()", {}, {}, at=at))) == ["2026-01-02"]
    with pytest.raises(ExpressionError):
        evaluate("%unknown", {}, {})


DEEP = {
    "linkId": "g",
    "type": "group",
    "item": [{"linkId": "a", "type": "integer", "item": [{"linkId": "b", "type": "integer"}]}],
}


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("%resource.item.where(linkId='a')", ()),
        ("%resource.item.item.where(linkId='a')", (1,)),
        ("%resource.descendants().where(linkId='b')", (2,)),
        ("%resource.repeat(item).where(linkId='a')", (1,)),
        ("%resource.repeat(item).where(linkId='b')", ()),
        ("%resource.descendants().where( linkId = 'a' )", (1,)),
        ("QuestionnaireResponse.item.item.where(linkId='a')", (1,)),
        ("%resource.item.where(linkId='g').item.where(linkId='a')", (1,)),
        ("%resource.item.where(linkId='g').item.answer.item", (2,)),
        ("%resource.item.where(linkId='no')", ()),
    ],
)
def test_a_search_by_link_id_finds_what_fhirpath_finds(search: str, found: tuple[int, ...]) -> None:
    form = a_form(DEEP, calculated("c", f"{search}.answer.value", "integer"))
    filling = Filling(form)
    filling.answer("a", [1])
    filling.answer("a/b", [2])
    assert filling.row("c").values == found
    tree = {"resourceType": "QuestionnaireResponse", "item": filling.answers()}
    plainly = evaluate(f"{search}.answer.value".replace("QuestionnaireResponse", "%resource"), tree, {"resource": tree})
    assert tuple(map(plain, plainly)) == found
