"""Forms that take a licensed tool's result: numbers within the published range, a licence note, and none of its text."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from visitapp.forms.definition import load_questionnaire
from visitapp.forms.filling import Filling

FOLDER = Path(__file__).parents[3] / "resources" / "questionnaires"
ENTRY = (
    "epds-score", "audit-c-score", "audit-score", "asq-3-score", "asq-se-2-score", "sdq-score", "mors-sf-score", "pbq-score",
    "core-10-score", "wemwbs-score", "adbb-score", "m-adbb-score", "piios-score", "care-index-result", "kips-result",
    "ncast-result", "dance-result", "piccolo-score", "home-score", "other-tool-result",
)  # fmt: skip
HIGHEST = {
    ("epds-score", "epds-total"): 30, ("epds-score", "epds-10"): 3, ("audit-c-score", "audit-c-total"): 12,
    ("audit-score", "audit-total"): 40, ("asq-3-score", "asq-communication"): 60, ("sdq-score", "sdq-total"): 40,
    ("pbq-score", "pbq-1"): 60, ("pbq-score", "pbq-2"): 35, ("pbq-score", "pbq-3"): 20, ("pbq-score", "pbq-4"): 10,
    ("pbq-score", "pbq-total"): 125, ("adbb-score", "adbb-total"): 32, ("m-adbb-score", "madbb-total"): 10,
    ("care-index-result", "care-sensitive"): 14, ("home-score", "home-total"): 45,
}  # fmt: skip
ANSWERED = {"integer", "decimal", "date", "string", "text", "choice", "open-choice", "group", "display"}


def read(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return found


def walk(items: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for item in items:
        yield item
        yield from walk(item.get("item", []))


@pytest.mark.parametrize("name", ENTRY)
def test_a_licensed_tool_is_entered_by_its_result_only(name: str) -> None:
    found = read(name)
    assert "Result entry only" in found["description"] or "Names only" in found["copyright"]
    assert "eproduced" in found["copyright"] or "left out" in found["copyright"]
    for item in walk(found["item"]):
        assert item["type"] in ANSWERED
        if item["type"] in ("integer", "decimal", "choice"):
            assert len(item["text"].split()) <= 12, item["text"]
        assert not any(e["url"].endswith("itemWeight") for o in item.get("answerOption", ()) for e in o.get("extension", ()))


@pytest.mark.parametrize(("where", "top"), HIGHEST.items())
def test_a_score_above_the_highest_possible_is_refused(where: tuple[str, str], top: int) -> None:
    name, link = where
    form = Filling(load_questionnaire(read(name)))
    place = form.places(link)[0]
    form.answer(place, [top])
    assert not form.row(place).problems
    form.answer(place, [top + 1])
    assert [fact.rule for fact in form.row(place).problems] == ["maxValue"]
    form.answer(place, [-1])
    assert [fact.rule for fact in form.row(place).problems] == ["minValue"]


def test_the_scales_of_the_home_inventory_add_up_to_its_total() -> None:
    tops = {
        item["linkId"]: next(e["valueInteger"] for e in item["extension"] if e["url"].endswith("maxValue"))
        for item in read("home-score")["item"]
        if item["linkId"].startswith("home-")
    }
    assert tops.pop("home-total") == sum(tops.values())


@pytest.mark.parametrize(("name", "link"), [("epds-score", "epds-10"), ("core-10-score", "core-10-risk")])
def test_a_risk_item_is_asked_for_and_opens_the_risk_page(name: str, link: str) -> None:
    item = next(item for item in walk(read(name)["item"]) if item["linkId"] == link)
    assert item["required"] is True
    assert any(e["url"].endswith("/safety-flow") and e["valueCode"] == "risk-now" for e in item["extension"])


def test_hark_is_restricted_and_asked_only_when_alone() -> None:
    found = read("hark")
    assert any(e["url"].endswith("/restricted") and e["valueBoolean"] is True for e in found["extension"])
    assert "BMC Family Practice 2007;8:49" in found["purpose"]
    form = Filling(load_questionnaire(found))
    assert not [row for row in form.rows() if row.item.link_id == "hark-1"]
    form.answer("hark-alone", [True])
    places = [row.place for row in form.rows() if row.item.link_id in ("hark-1", "hark-2", "hark-3", "hark-4")]
    assert len(places) == 4
    for place in places:
        form.answer(place, [form.row(place).options[0].value])
    score = form.total()
    assert score is not None
    assert score.value == 0
    assert form.progress().required_missing == ()
    form.answer(places[3], [form.row(places[3]).options[1].value])
    score = form.total()
    assert score is not None
    assert score.band is not None
    assert score.band.positive
    assert {form.row(place).item.link_id for place in form.progress().required_missing} == {"hark-safe-now", "hark-done"}
