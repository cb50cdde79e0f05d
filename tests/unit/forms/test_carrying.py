"""A draft taken to a newer version of its form: what is kept, moved, reworded and lost is all named."""

from typing import Any

from visitapp.forms import Filling, load_questionnaire
from visitapp.forms.carrying import Loss, Outcome, carry


def a_form(*items: dict[str, Any], version: str = "1") -> Any:
    raw = {"resourceType": "Questionnaire", "url": "urn:form", "version": version, "status": "active"}
    return load_questionnaire(raw | {"item": list(items)})


def options(*codes: str) -> list[dict[str, Any]]:
    return [{"valueCoding": {"system": "urn:x", "code": code}} for code in codes]


def choice(*codes: str) -> dict[str, Any]:
    return {"linkId": "c", "type": "choice", "answerOption": options(*codes), "text": "Which"}


def answered(link_id: str, *values: dict[str, Any]) -> dict[str, Any]:
    return {"linkId": link_id, "answer": list(values)}


def test_answers_are_kept_moved_reworded_or_lost_and_each_is_named() -> None:
    old = a_form(
        {"linkId": "a", "type": "string", "text": "A"},
        {"linkId": "b", "type": "string", "text": "B"},
        {"linkId": "n", "type": "integer", "text": "N"},
        {"linkId": "d", "type": "boolean", "text": "D"},
        {"linkId": "gone", "type": "string", "text": "Gone"},
        choice("x", "y"),
    )
    new = a_form(
        {"linkId": "a", "type": "string", "text": "A, in other words"},
        {"linkId": "g", "type": "group", "item": [{"linkId": "b", "type": "string", "text": "B"}]},
        {"linkId": "n", "type": "decimal", "text": "N"},
        {"linkId": "d", "type": "integer", "text": "D"},
        choice("y"),
        version="2",
    )
    given = [
        answered("a", {"valueString": "1"}),
        answered("b", {"valueString": "2"}),
        answered("n", {"valueInteger": 3}),
        answered("d", {"valueBoolean": True}),
        answered("gone", {"valueString": "4"}),
        answered("c", {"valueCoding": {"system": "urn:x", "code": "x"}}),
    ]
    carried = carry(old, new, given)
    assert [(move.link_id, move.outcome, move.loss) for move in carried.moves] == [
        ("a", Outcome.REWORDED, None),
        ("b", Outcome.MOVED, None),
        ("n", Outcome.KEPT, None),
        ("d", Outcome.LOST, Loss.TYPE),
        ("gone", Outcome.LOST, Loss.GONE),
        ("c", Outcome.LOST, Loss.OPTION),
    ]
    assert [move.values for move in carried.lost][1] == ("4",)
    filling = Filling(new, carried.answers)
    assert [filling.row(place).values for place in ("a", "b", "n")] == [("1",), ("2",), (3,)]


def test_occurrences_of_a_group_stay_apart_and_what_lies_below_goes_along() -> None:
    group = {
        "linkId": "g",
        "type": "group",
        "repeats": True,
        "item": [{"linkId": "q", "type": "string", "item": [{"linkId": "why", "type": "string"}]}],
    }
    given = [
        {"linkId": "g", "item": [answered("q", {"valueString": word, "item": [answered("why", {"valueString": "w" + word})]})]}
        for word in ("one", "two")
    ]
    carried = carry(a_form(group), a_form(group, version="2"), given)
    filling = Filling(a_form(group, version="2"), carried.answers)
    assert filling.values("q") == ("one", "two")
    assert filling.values("why") == ("wone", "wtwo")
    assert {move.outcome for move in carried.moves} == {Outcome.KEPT}


def test_what_there_is_room_for_only_once_is_named() -> None:
    old = a_form({"linkId": "q", "type": "string", "repeats": True})
    new = a_form({"linkId": "q", "type": "string"}, version="2")
    carried = carry(old, new, [answered("q", {"valueString": "a"}, {"valueString": "b"})])
    assert [(move.values, move.loss) for move in carried.lost] == [(("b",), Loss.ONCE)]
    assert carried.answers[0]["answer"] == [{"valueString": "a"}]
