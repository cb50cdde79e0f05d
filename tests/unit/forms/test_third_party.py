"""Questionnaires as others write them: taken, asked, printed and kept byte for byte, or refused with a reason in words."""

import json
import random
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.unit.forms.shapes import REFUSED
from tests.unit.forms.shapes_taken import TAKEN
from visitapp.forms import Filling, MalformedQuestionnaire, Questionnaire, load_questionnaire, validate, wire
from visitapp.forms.carrying import carry
from visitapp.forms.extraction import extracts
from visitapp.forms.facts import Fact, Severity
from visitapp.forms.inspection import unreadable
from visitapp.forms.printing import printable
from visitapp.forms.rows import Row
from visitapp.forms.sentences import SENTENCES, sentence
from visitapp.forms.values import Attachment, Coding, Quantity, Reference, Value

FOLDER = Path(__file__).parents[2] / "data" / "third-party"
FILES = {file.stem: file.read_bytes() for file in sorted(FOLDER.glob("*.json"))}
ALL = {name: json.dumps(raw).encode() for name, raw in TAKEN.items()} | FILES


def facts_of(raw: bytes) -> tuple[Questionnaire | None, tuple[Fact, ...]]:
    try:
        form = load_questionnaire(raw)
    except MalformedQuestionnaire as refused:
        return None, refused.facts
    return form, (*form.facts, *unreadable(form))


@pytest.mark.parametrize("name", ALL)
def test_it_is_taken_and_what_has_no_effect_is_named(name: str) -> None:
    form, facts = facts_of(ALL[name])
    assert form is not None
    assert [sentence(fact) for fact in facts if fact.severity is Severity.ERROR] == []
    assert all(fact.rule in SENTENCES for fact in facts)
    assert form.source == ALL[name]
    assert wire.parse(wire.write(form.raw)) == json.loads(ALL[name], parse_float=wire.Literal)


@pytest.mark.parametrize("name", ALL)
def test_it_can_be_filled_in_by_anybody_and_nothing_gets_lost(name: str) -> None:
    form, _ = facts_of(ALL[name])
    assert form is not None
    rng = random.Random(name)
    for _ in range(3):
        filling = Filling(form)
        fill(filling, rng)
        response = filling.response(status="completed")
        if "item" in response:
            assert Filling(form, response["item"]).response(status="completed") == response
        validate(form, response)
        printable(form, response.get("item", []), "cy")
        extracts(form, response.get("item", []))
        assert not carry(form, form, response.get("item", [])).lost


GIVEN: dict[str, list[Value]] = {
    "boolean": [True, False],
    "decimal": [Decimal("1.5"), Decimal(-2)],
    "integer": [0, 7],
    "date": ["2020-01-31", "2020-02"],
    "dateTime": ["2020-01-31T10:00:00Z", "2021"],
    "time": ["10:00:00"],
    "string": ["words", "x"],
    "text": ["two\nlines"],
    "url": ["https://example.org/x"],
    "choice": [Coding("a", "urn:codes", "A"), Coding("zz")],
    "open-choice": ["in words", Coding("a", "urn:codes")],
    "attachment": [Attachment("text/plain", "eA==", size=1)],
    "reference": [Reference("Patient/1"), Reference(display="somebody")],
    "quantity": [Quantity(Decimal(3), "kg", "http://unitsofmeasure.org", "kg"), Quantity(Decimal(1))],
}


def some_answers(row: Row, rng: random.Random) -> list[Value]:
    offered = [option.value for option in row.options] or GIVEN[row.item.type]
    return rng.sample(offered, rng.randint(0, len(offered) if row.item.repeats else 1))


def fill(filling: Filling, rng: random.Random) -> None:
    for row in filling.rows():
        if row.item.is_question and not row.read_only and row.place in {each.place for each in filling.rows()}:
            filling.answer(row.place, some_answers(row, rng))
        elif row.can_add and rng.random() < 0.5:
            filling.add(row.place)


@pytest.mark.parametrize("name", REFUSED)
def test_it_is_refused_with_a_reason(name: str) -> None:
    raw, rule = REFUSED[name]
    _, facts = facts_of(json.dumps(raw).encode())
    said = [fact for fact in facts if fact.rule == rule]
    assert said
    assert all(fact.severity is Severity.ERROR for fact in said)
    assert all(len(sentence(fact)) > 20 for fact in said)


def a_form(*items: dict[str, Any], **more: Any) -> Questionnaire:
    return load_questionnaire({"resourceType": "Questionnaire", "url": "urn:t", "status": "active", "item": list(items), **more})


def test_a_name_with_a_hyphen_is_a_name_and_a_minus_between_names_a_minus() -> None:
    form, _ = facts_of(ALL["names with hyphens, and differences"])
    assert form is not None
    filling = Filling(form)
    assert filling.values("b") == (5,)
    assert filling.values("c") == (True,)
    filling.answer("a", [True])
    assert filling.values("c") == (True,)


def test_totals_of_one_group_by_a_way_through_it_are_worked_out() -> None:
    form, _ = facts_of(ALL["two totals in one group, by a way through it"])
    assert form is not None
    filling = Filling(form)
    filling.answer("g.1", [4])
    assert filling.values("g.3") == (5,)


def test_the_name_of_a_calculation_stands_for_its_result_below_it() -> None:
    calculation = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-calculatedExpression"

    def calculated(link_id: str, text: str, name: str = "", *below: dict[str, Any]) -> dict[str, Any]:
        said = {"language": "text/fhirpath", "expression": text} | ({"name": name} if name else {})
        made: dict[str, Any] = {"linkId": link_id, "type": "integer", "extension": [{"url": calculation, "valueExpression": said}]}
        return made | ({"item": list(below)} if below else {})

    b = calculated("b", "%resource.item.where(linkId='a').answer.value + 1", "varB", calculated("b1", "%varB + 1"))
    filling = Filling(a_form({"linkId": "a", "type": "integer"}, b))
    filling.answer("a", [3])
    assert (filling.values("b"), filling.values("b1")) == ((4,), (5,))


def test_required_and_read_only_follow_what_is_worked_out() -> None:
    form, _ = facts_of(ALL["dynamic required and read-only"])
    assert form is not None
    filling = Filling(form)
    assert (filling.row("b").required, filling.row("c").read_only) == (False, False)
    assert {"b", "c"} <= filling.answer("a", [True])
    assert (filling.row("b").required, filling.row("c").read_only) == (True, True)
    assert filling.progress().required_missing == ("b",)
    response = filling.response(status="completed")
    assert ("required", "b") in {(fact.rule, fact.link_id) for fact in validate(form, response)}
    filling.answer("a", [False])
    assert not filling.progress().required_missing


def test_what_a_query_would_give_leaves_the_question_shown_and_empty() -> None:
    form, _ = facts_of(ALL["an answer of a query is looked at"])
    assert form is not None
    filling = Filling(form)
    assert [row.place for row in filling.rows()] == ["q", "r", "s", "t"]
    assert {fact.rule for fact in filling.facts()} == {"expressionElsewhere"}
    assert {fact.severity for fact in validate(form, filling.response())} <= {Severity.WARNING, Severity.INFORMATION}


def test_many_names_that_use_each_other_are_sorted_out_in_no_time() -> None:
    url = "http://hl7.org/fhir/StructureDefinition/variable"
    chain = [
        {"url": url, "valueExpression": {"name": f"v{at}", "language": "text/fhirpath", "expression": f"%v{at + 1} + %v{at + 2}"}}
        for at in range(3000)
    ]
    calculated = {"url": "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-calculatedExpression"}
    calculated |= {"valueExpression": {"language": "text/fhirpath", "expression": "%v0"}}  # type: ignore[dict-item]
    form = a_form({"linkId": "a", "type": "integer", "extension": [calculated]}, extension=chain)
    filling = Filling(form)
    assert filling.values("a") == ()
    assert filling.facts()


WILD: list[Any] = [
    *(None, True, 0, -1, 1.5, "", "x", [], {}, [None], ["x"], [{}], [[]], 10**30, {"url": "x"}),
    *({"extension": "x"}, {"extension": [None, {"url": 5}]}, {"coding": "x"}, {"coding": [None]}),
]


def places_in(found: Any, way: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to every element of a piece of JSON."""
    if way:
        yield way
    inside = found.items() if isinstance(found, dict) else enumerate(found) if isinstance(found, list) else ()
    for key, each in inside:
        yield from places_in(each, (*way, key))


def gone_wild(raw: dict[str, Any], rng: random.Random) -> dict[str, Any]:
    """A form with an element or three replaced by something else, or taken out."""
    made: dict[str, Any] = json.loads(json.dumps(raw))
    for way in rng.sample(list(places_in(made)), rng.randint(1, 3)):
        holder: Any = made
        try:
            for step in way[:-1]:
                holder = holder[step]
            if isinstance(holder, dict) and rng.random() < 0.2:
                del holder[way[-1]]
            else:
                holder[way[-1]] = rng.choice(WILD)
        except (KeyError, TypeError, IndexError):
            continue  # an earlier change took away what this one was in
    return made


@pytest.mark.parametrize("seed", range(6))
def test_whatever_becomes_of_a_form_it_is_taken_or_refused_in_words(seed: int) -> None:
    rng = random.Random(seed)
    taken = 0
    for _ in range(60):
        form, facts = facts_of(json.dumps(gone_wild(rng.choice(list(TAKEN.values())), rng)).encode())
        assert all(sentence(fact) for fact in facts)
        if form is None:
            assert facts
            continue
        taken += 1
        filling = Filling(form)
        fill(filling, rng)
        response = filling.response(status="completed")
        validate(form, response)
        printable(form, response.get("item", []), "cy")
        extracts(form, response.get("item", []))
    assert taken > 20
