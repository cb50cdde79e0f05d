"""Random forms and random answers: the engine agrees with the slow, obvious one, and nothing is lost on the way."""

import json
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.unit.forms.slow_forms import SlowForm
from visitapp.forms import Filling, load_questionnaire, validate, wire
from visitapp.forms.enablement import Enablement

CORE = "http://hl7.org/fhir/StructureDefinition/"
TYPES = ("group", "boolean", "integer", "string")
KEYS = {"boolean": "answerBoolean", "integer": "answerInteger", "string": "answerString"}
VALUES = {
    "boolean": st.booleans(),
    "integer": st.integers(-3, 3),
    "string": st.sampled_from(["a", "b", "longer"]),
}
SETTINGS = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


@st.composite
def forms(draw: st.DrawFn) -> dict[str, Any]:
    """A questionnaire whose conditions look at questions before them."""
    seen: list[tuple[str, str]] = []

    def an_item(depth: int) -> dict[str, Any]:
        link_id = f"i{len(seen)}"
        kind = draw(st.sampled_from(TYPES if depth < 3 else TYPES[1:]))
        item: dict[str, Any] = {"linkId": link_id, "type": kind, "required": draw(st.booleans())}
        before = [each for each in seen if each[1] != "group"]
        seen.append((link_id, kind))
        if kind == "group":
            item["repeats"] = draw(st.booleans())
        elif kind == "string" and draw(st.booleans()):
            item["maxLength"] = 3
        elif kind == "integer" and draw(st.booleans()):
            item["extension"] = [{"url": CORE + draw(st.sampled_from(("minValue", "maxValue"))), "valueInteger": 0}]
        if before and draw(st.booleans()):
            item["enableWhen"] = [a_condition(before) for _ in range(draw(st.integers(1, 2)))]
            item["enableBehavior"] = draw(st.sampled_from(("any", "all")))
        if kind == "group" or (depth < 3 and draw(st.integers(0, 3)) == 0):
            item["item"] = [an_item(depth + 1) for _ in range(draw(st.integers(1, 3)))]
        return item

    def a_condition(before: list[tuple[str, str]]) -> dict[str, Any]:
        question, kind = draw(st.sampled_from(before))
        operators = ("exists", "=", "!=") if kind != "integer" else ("exists", "=", "!=", ">", "<", ">=", "<=")
        operator = draw(st.sampled_from(operators))
        if operator == "exists":
            return {"question": question, "operator": operator, "answerBoolean": draw(st.booleans())}
        return {"question": question, "operator": operator, KEYS[kind]: draw(VALUES[kind])}

    items = [an_item(0) for _ in range(draw(st.integers(1, 5)))]
    return {"resourceType": "Questionnaire", "url": "urn:random", "status": "active", "item": items}


def places_asked(filling: Filling) -> set[str]:
    return {row.place for row in filling.rows() if row.item.is_question}


def values_by_place(filling: Filling) -> dict[str, list[Any]]:
    return {row.place: list(row.values) for row in filling.rows() if row.values}


def change(data: st.DataObject, filling: Filling, slow: SlowForm) -> None:
    rows = filling.rows()
    if not rows:
        return
    row = data.draw(st.sampled_from(rows))
    if row.item.is_question:
        values = data.draw(st.lists(VALUES[row.item.type], max_size=1))
        filling.answer(row.place, values)
        slow.answer(row.place, values)
    elif row.item.repeats and len(filling.places(row.item.link_id)) < 3 and data.draw(st.booleans()):
        filling.add(row.place)
        slow.add(row.place.rpartition("[")[0])
    elif row.item.repeats:
        filling.remove(row.place)
        place, _, serial = row.place.rpartition("[")
        slow.remove(place, int(serial.rstrip("]")))


@SETTINGS
@given(forms(), st.data())
def test_every_change_leaves_what_the_slow_form_has(raw: dict[str, Any], data: st.DataObject) -> None:
    questionnaire = load_questionnaire(raw)
    filling, slow = Filling(questionnaire), SlowForm(raw)
    for _ in range(data.draw(st.integers(1, 8))):
        change(data, filling, slow)
        assert places_asked(filling) == slow.asked()
        assert values_by_place(filling) == slow.answers()
        assert sorted((fact.rule, fact.link_id) for fact in filling.facts()) == slow.broken()


@SETTINGS
@given(forms(), st.data())
def test_what_a_change_names_is_all_that_looks_different(raw: dict[str, Any], data: st.DataObject) -> None:
    filling, slow = Filling(load_questionnaire(raw)), SlowForm(raw)
    for _ in range(6):
        change(data, filling, slow)
    questions = [row for row in filling.rows() if row.item.is_question]
    if questions:
        before = {row.place: row for row in filling.rows()}
        row = data.draw(st.sampled_from(questions))
        named = filling.answer(row.place, data.draw(st.lists(VALUES[row.item.type], max_size=1)))
        fresh = Filling(filling.questionnaire, filling.answers())
        after = {each.place: each for each in filling.rows()}
        assert before.keys() ^ after.keys() <= named
        for place in before.keys() & after.keys():
            assert before[place] == after[place] or place in named
        assert len(fresh.rows()) <= len(after)


@SETTINGS
@given(forms(), st.data())
def test_answers_written_and_read_again_are_the_same(raw: dict[str, Any], data: st.DataObject) -> None:
    questionnaire = load_questionnaire(raw)
    filling, slow = Filling(questionnaire), SlowForm(raw)
    for _ in range(8):
        change(data, filling, slow)
    written = filling.answers()
    assert Filling(questionnaire, json.loads(json.dumps(written))).answers() == written or not written


@SETTINGS
@given(forms(), st.data())
def test_a_finished_response_is_judged_as_on_the_screen(raw: dict[str, Any], data: st.DataObject) -> None:
    questionnaire = load_questionnaire(raw)
    filling, slow = Filling(questionnaire), SlowForm(raw)
    for _ in range(8):
        change(data, filling, slow)
    if filling.answers():
        on_screen = {(fact.rule, fact.link_id) for fact in filling.facts()}
        judged = {(fact.rule, fact.link_id) for fact in validate(questionnaire, filling.response())}
        # Occurrences of repeating groups that are left empty are on the screen, but not in the response.
        assert judged <= on_screen
        assert {each for each in on_screen if not is_in_series(questionnaire, each[1])} <= judged


def is_in_series(questionnaire: Any, link_id: str | None) -> bool:
    item = questionnaire.item(link_id)
    return any(each.is_group and each.repeats for each in (item, *item.ancestors()))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=12,
)


@SETTINGS
@given(JSON)
def test_json_written_and_parsed_is_the_same(value: Any) -> None:
    assert wire.parse(wire.write(value)) == value


@SETTINGS
@given(st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**6), max_value=10**6))
def test_numbers_keep_their_spelling(number: Any) -> None:
    text = f'{{"a":{number:f}}}'
    assert wire.write(wire.parse(text)) == text


@SETTINGS
@given(st.dictionaries(st.text(max_size=8), JSON, max_size=4), JSON)
def test_what_is_unknown_survives(unknown: dict[str, Any], value: Any) -> None:
    raw = {"resourceType": "Questionnaire", "status": "active"}
    raw["item"] = [{"linkId": "q", "type": "string", "x-own": value}]  # type: ignore[assignment]
    raw |= {f"x-{key}": part for key, part in unknown.items()}
    text = json.dumps(raw, ensure_ascii=False)
    questionnaire = load_questionnaire(text)
    assert questionnaire.source.decode() == text
    assert json.loads(wire.write(questionnaire.raw)) == raw


@SETTINGS
@given(forms(), st.data())
def test_deciding_a_part_is_deciding_all(raw: dict[str, Any], data: st.DataObject) -> None:
    filling, slow = Filling(load_questionnaire(raw)), SlowForm(raw)
    for _ in range(6):
        change(data, filling, slow)
    before = [(spot.place, spot.live) for spot in filling._answers.spots()]
    Enablement(filling.questionnaire, filling._answers).decide_all()
    assert [(spot.place, spot.live) for spot in filling._answers.spots()] == before


@st.composite
def sums(draw: st.DrawFn) -> dict[str, Any]:
    """Integers, some of them asked only sometimes, and sums of what stands before or after them, never in a circle."""
    count = draw(st.integers(1, 4))
    items: list[dict[str, Any]] = [{"linkId": f"n{n}", "type": "integer"} for n in range(count)]
    for n in range(1, count):
        if draw(st.booleans()):
            items[n]["enableWhen"] = [{"question": f"n{n - 1}", "operator": ">", "answerInteger": 0}]
    for n in range(draw(st.integers(1, 5))):
        names = draw(st.lists(st.sampled_from([item["linkId"] for item in items]), min_size=1, unique=True))
        parts = " + ".join(f"%resource.item.where(linkId='{name}').answer.value.sum()" for name in names)
        said = {"language": "text/fhirpath", "expression": parts}
        url = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-calculatedExpression"
        extension = [{"url": url, "valueExpression": said}]
        items.append({"linkId": f"s{n}", "type": "integer", "readOnly": True, "extension": extension, "x": names})
    shuffled = draw(st.permutations(items))
    return {"resourceType": "Questionnaire", "url": "urn:sums", "status": "active", "item": shuffled}


@SETTINGS
@given(sums(), st.data())
def test_sums_are_what_they_are_when_worked_out_anew(raw: dict[str, Any], data: st.DataObject) -> None:
    items = {item["linkId"]: item for item in raw["item"]}
    inputs = {name: 0 for name in items if name.startswith("n")}
    filling = Filling(load_questionnaire(raw))

    def worth(name: str) -> int:
        item = items[name]
        if name.startswith("s"):
            return sum(worth(each) for each in item["x"])
        asked = all(worth(condition["question"]) > 0 for condition in item.get("enableWhen", []))
        return inputs[name] if asked else 0

    for _ in range(data.draw(st.integers(1, 5))):
        name = data.draw(st.sampled_from(sorted(inputs)))
        if name in {row.place for row in filling.rows()}:
            inputs[name] = data.draw(st.integers(-5, 5))
            filling.answer(name, [inputs[name]])
        for each in items:
            if each.startswith("s"):
                assert filling.row(each).values == (worth(each),)
