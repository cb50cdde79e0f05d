"""What an observation says, what a concern asks for, and which flags a visit carries."""

import json
from pathlib import Path
from typing import Any

import pytest

from visitapp.domain.observation import (
    CONSTRUCT_GROUPS,
    DEFAULT_LEVELS,
    LEVELS,
    Concern,
    Scale,
    asks_risk_now,
    asks_to_see_baby,
    concerns_of,
    missing_for,
    ribbon,
    scale_of,
    unseen_awake_running,
    visit_flags,
)

QUESTIONNAIRES = Path(__file__).parents[3] / "resources" / "questionnaires"


def choice(link_id: str, code: str, *inside: dict[str, Any]) -> dict[str, Any]:
    answer: dict[str, Any] = {"valueCoding": {"code": code}}
    if inside:
        answer["item"] = list(inside)
    return {"linkId": link_id, "answer": [answer]}


def test_a_blank_is_no_opportunity_and_only_emerging_and_not_seen_ask_for_a_line() -> None:
    assert scale_of(None) is Scale.NO_OPPORTUNITY
    assert scale_of("") is Scale.NO_OPPORTUNITY
    assert [scale_of(code).asks_for_evidence for code in "SENO"] == [False, True, True, False]


def test_a_ribbon_keeps_the_order_of_groups_and_items_and_knows_no_total() -> None:
    found = ribbon([("repair", "S"), ("signals", "E"), ("signals", None), ("repair", "N")])
    assert list(found.items()) == [
        ("signals", (Scale.EMERGING, Scale.NO_OPPORTUNITY)),
        ("repair", (Scale.SEEN, Scale.NOT_SEEN)),
    ]


def test_every_item_of_the_five_bands_belongs_to_a_construct_group() -> None:
    groups = set()
    for path in QUESTIONNAIRES.glob("observation-*.json"):
        for item in json.loads(path.read_text(encoding="utf-8"))["item"]:
            if item["linkId"] == "items":
                for each in item["item"]:
                    construct = [e["valueString"] for e in each["extension"] if e["url"].endswith("/construct")]
                    assert len(construct) == 1
                    groups.add(construct[0])
    assert groups == set(CONSTRUCT_GROUPS)


def test_the_levels_of_the_form_are_the_levels_of_the_rules() -> None:
    form = json.loads((QUESTIONNAIRES / "concern-markers.json").read_text(encoding="utf-8"))
    told = {
        marker["linkId"]: next(e["valueInteger"] for e in marker["extension"] if e["url"].endswith("/level"))
        for group in form["item"]
        for marker in group.get("item", ())
    }
    assert told == dict(DEFAULT_LEVELS)


def test_a_concern_is_read_with_its_level_and_one_without_a_level_has_its_default() -> None:
    answers = [
        {
            "linkId": "concerns-baby",
            "item": [choice("X2", "once"), choice("X4", "none"), choice("X1", "more", choice("X1-level", "3"))],
        },
        {"linkId": "concerns-adult", "item": [choice("Y1", "reported", choice("Y1-level", "2"))]},
    ]
    found = concerns_of(answers)
    assert found == (Concern("X1", "more", 3), Concern("X2", "once", 3), Concern("Y1", "reported", 2))
    assert [concern.is_lowered for concern in found] == [False, False, True]


@pytest.mark.parametrize(
    ("concern", "given", "missing"),
    [
        (Concern("Y5", "once", 1), (), {"words"}),
        (Concern("Y5", "once", 1), ("words",), set()),
        (Concern("X4", "once", 2), ("words",), {"action"}),
        (Concern("X2", "once", 3), ("words",), {"action", "told", "outcome"}),
        (Concern("X2", "once", 2), ("words", "action"), {"reason"}),
        (Concern("X2", "once", 3), ("words", "action", "told", "outcome"), set()),
    ],
)
def test_what_a_concern_still_needs_depends_on_its_level(concern: Concern, given: tuple[str, ...], missing: set[str]) -> None:
    assert missing_for(concern, given) == missing


def test_level_2_is_for_supervision_within_a_week_and_level_3_for_the_same_day() -> None:
    assert [LEVELS[number].within_days for number in (1, 2, 3)] == [None, 7, 0]


@pytest.mark.parametrize(
    ("name", "answers", "asks"),
    [
        ("phq-9", [{"linkId": "phq9", "item": [choice("phq9-9", "1")]}], True),
        ("phq-9", [{"linkId": "phq9", "item": [choice("phq9-9", "0")]}], False),
        ("phq-9", [{"linkId": "phq9", "item": [choice("phq9-1", "3")]}], False),
        ("epds-score", [{"linkId": "epds-10", "answer": [{"valueInteger": 1}]}], True),
        ("epds-score", [{"linkId": "epds-10", "answer": [{"valueInteger": 0}]}], False),
        ("parent-note", [{"linkId": "risk-disclosed", "answer": [{"valueBoolean": True}]}], True),
        ("parent-note", [{"linkId": "risk-disclosed", "answer": [{"valueBoolean": False}]}], False),
        ("parent-note", [{"linkId": "parent-mood", "answer": [{"valueString": "wants to die"}]}], False),
        ("concern-markers", [{"linkId": "concerns-adult", "item": [choice("Y9", "reported")]}], True),
        ("concern-markers", [{"linkId": "concerns-adult", "item": [choice("Y9", "none")]}], False),
    ],
)
def test_the_risk_page_is_asked_for_by_a_tick_or_a_score_and_never_by_text(
    name: str, answers: list[dict[str, Any]], asks: bool
) -> None:
    assert asks_risk_now(name, answers) is asks


def test_the_flags_of_a_visit_come_gravest_first_and_only_the_gravest_concern() -> None:
    concerns = [{"linkId": "concerns-baby", "item": [choice("X2", "once"), choice("X4", "once")]}]
    sheets = [
        ("visit-arrival", [choice("outcome", "completed"), choice("baby-seen", "not-seen")]),
        ("concern-markers", concerns),
        ("phq-9", [choice("phq9-9", "2")]),
    ]
    assert visit_flags(sheets) == ("concern-3", "risk-now", "baby-not-seen")
    assert visit_flags([("visit-arrival", [choice("outcome", "not-brought")])]) == ("not-brought",)
    assert visit_flags([("visit-arrival", [choice("outcome", "no-access")])]) == ("no-access",)
    assert visit_flags([("visit-arrival", [choice("outcome", "completed"), choice("baby-seen", "awake")])]) == ()


def test_a_restricted_sheet_never_raises_a_flag() -> None:
    disclosed = [choice("se-asked", "asked"), choice("se-result", "disclosed")]
    sheets = [
        ("safe-enquiry", disclosed),
        ("third-party", [choice("third-party-consent", "no")]),
        ("hark", [choice("hark-2", "yes")]),
    ]
    assert visit_flags(sheets) == ()


@pytest.mark.parametrize(
    ("seen", "running", "asks"),
    [
        ((), 0, False),
        (("awake",), 0, False),
        (("awake", "asleep"), 1, False),
        (("awake", "asleep", "not-seen"), 2, True),
        (("not-seen", "not-seen", "awake"), 0, False),
        (("", "not-seen"), 1, False),
        (("not-seen", "", "asleep"), 1, False),
        (("asleep", "asleep", "asleep"), 3, True),
    ],
)
def test_two_visits_running_without_the_baby_seen_awake_ask_for_attention(seen: tuple[str, ...], running: int, asks: bool) -> None:
    assert unseen_awake_running(seen) == running
    assert asks_to_see_baby(seen) is asks
