"""The shipped questionnaires: what code relies on is there, wording keeps to the rules, nothing licensed has crept in."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from visitapp.domain.observation import CONSTRUCT_GROUPS
from visitapp.forms.definition import load_questionnaire
from visitapp.forms.facts import Severity
from visitapp.forms.filling import Filling
from visitapp.forms.values import Coding

RESOURCES = Path(__file__).parents[3] / "resources"
OWN = "https://visitapp.example/fhir/StructureDefinition/"
CODES = "https://visitapp.example/fhir/CodeSystem/"
NAMES = sorted(path.stem for path in (RESOURCES / "questionnaires").glob("*.json"))
BANDS = ("an", "nb", "in", "mb", "td")
OBSERVATIONS = tuple(f"observation-{band}" for band in BANDS)
CONCERNS = tuple(f"X{n}" for n in range(1, 11)) + tuple(f"Y{n}" for n in range(1, 13))
SHORT_FORM = {
    "an": {1, 2, 4, 6, 8},
    "nb": {2, 5, 6, 9, 12, 13},
    "in": {1, 3, 6, 9, 13, 14},
    "mb": {2, 4, 8, 10, 13, 14},
    "td": {1, 2, 7, 10, 13, 14},
}

LINK_IDS = {
    "visit-arrival": "outcome mode present started ended baby-seen baby-not-seen-reason alone",
    "visit-narrative": "story client-words reported opinion engagement",
    "voice-of-infant": "voice voice-because voice-ticks voice-change",
    "baby-health": "weight length head feeding sleep imms-status health-note",
    "parent-note": "risk-disclosed",
    "visit-topics": "min-personal min-maternal min-lifecourse min-family min-environment min-services topics",
    "visit-risks": "risks-none risk-fact risk-report risk-analysis risk-action",
    "third-party": "third-party",
    "visit-plan": "goal plan-item plan-what plan-who plan-when plan-agreed next-on next-at supervision",
    "risk-now": "rn-called-who rn-outcome",
    "phq-9": "phq9-9",
    **dict.fromkeys(OBSERVATIONS, "strength-1 strength-2 context ctx-setting ctx-minutes ctx-changed ctx-closeness items"),
}
SECTIONS = {
    "arrival", "narrative", "observation", "concerns", "voice", "health", "parents", "topics", "risks", "plan",
}  # fmt: skip
RESTRICTED = {"safe-enquiry", "third-party", "hark"} & set(NAMES)


def read(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((RESOURCES / "questionnaires" / f"{name}.json").read_text(encoding="utf-8"))
    return found


def walk(items: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for item in items:
        yield item
        yield from walk(item.get("item", []))


def by_link(name: str) -> dict[str, dict[str, Any]]:
    return {item["linkId"]: item for item in walk(read(name)["item"])}


def said(part: dict[str, Any], extension: str) -> Any:
    for each in part.get("extension", ()):
        if each["url"] == OWN + extension:
            return next(value for key, value in each.items() if key.startswith("value"))
    return None


def codes(item: dict[str, Any]) -> list[str]:
    return [option["valueCoding"]["code"] for option in item["answerOption"]]


def new(name: str) -> Filling:
    return Filling(load_questionnaire(read(name)))


def choose(filling: Filling, place: str, code: str) -> None:
    option = next(o for o in filling.row(place).options if isinstance(o.value, Coding) and o.value.code == code)
    filling.answer(place, [option.value])


# What the engine and the rest of the code rely on


@pytest.mark.parametrize("name", NAMES)
def test_every_questionnaire_loads_without_a_doubt(name: str) -> None:
    found = load_questionnaire((RESOURCES / "questionnaires" / f"{name}.json").read_bytes())
    assert [fact for fact in found.facts if fact.severity is not Severity.INFORMATION] == []
    assert found.unsupported == ()
    assert found.url == f"https://visitapp.example/fhir/Questionnaire/{name}"
    assert found.version


@pytest.mark.parametrize("name", NAMES)
def test_every_questionnaire_tells_source_licence_date_section_and_subject(name: str) -> None:
    found = read(name)
    assert found["purpose"].startswith("Source: ")
    assert found["copyright"]
    assert found["effectivePeriod"]["start"] <= found["date"]
    assert found["publisher"]
    assert found["title"]
    assert found["description"]
    assert said(found, "section") in SECTIONS
    assert said(found, "subject") in {"family", "baby", "parent"}
    assert (said(found, "restricted") is True) == (name in RESTRICTED)


@pytest.mark.parametrize(("name", "links"), LINK_IDS.items())
def test_the_answers_that_code_reads_have_their_names(name: str, links: str) -> None:
    assert set(links.split()) <= set(by_link(name))


@pytest.mark.parametrize("name", NAMES)
def test_every_condition_names_an_answer_that_is_offered(name: str) -> None:
    items = by_link(name)
    for item in items.values():
        for condition in item.get("enableWhen", ()):
            asked = items[condition["question"]]
            if "answerCoding" in condition:
                offered = [(o["valueCoding"]["system"], o["valueCoding"]["code"]) for o in asked["answerOption"]]
                assert (condition["answerCoding"]["system"], condition["answerCoding"]["code"]) in offered
        for initial in item.get("initial", ()):
            assert initial["valueCoding"]["code"] in codes(item)


def test_outcome_mode_and_whether_the_baby_was_seen_have_the_codes_that_code_reads() -> None:
    arrival = by_link("visit-arrival")
    assert codes(arrival["outcome"]) == [
        "completed", "no-access", "cancelled-family", "cancelled-service", "declined", "not-brought",
    ]  # fmt: skip
    assert codes(arrival["mode"]) == ["home", "other-home", "gp", "hub", "phone", "video", "text"]
    assert codes(arrival["baby-seen"]) == ["awake", "asleep", "not-seen"]
    assert {"mother", "father", "partner", "carer", "baby"} <= set(codes(arrival["present"]))


def test_the_contacts_a_visit_can_be_tagged_with_are_those_of_the_programme_pack() -> None:
    pack = json.loads((RESOURCES / "programmes" / "hcp-england-2026-02-06.json").read_text(encoding="utf-8"))
    assert codes(by_link("visit-arrival")["counts-as"]) == [contact["code"] for contact in pack["contacts"]]


# The routine visit asks for little


def test_a_routine_visit_needs_no_answer_that_is_not_there_already() -> None:
    names = (
        "visit-arrival visit-narrative observation-in concern-markers voice-of-infant baby-health parent-note "
        "visit-topics visit-risks visit-plan"
    )
    for name in names.split():
        assert new(name).progress().required_missing == (), name


def test_a_visit_that_did_not_happen_asks_what_happened() -> None:
    arrival = new("visit-arrival")
    shown = {row.item.link_id for row in arrival.rows()}
    assert "outcome-reason" not in shown
    assert {"present", "baby-seen"} <= shown
    choose(arrival, "outcome", "not-brought")
    shown = {row.item.link_id for row in arrival.rows()}
    assert {"outcome-reason", "tried"} <= shown
    assert not {"present", "baby-seen", "alone"} & shown
    assert "outcome-reason" in arrival.progress().required_missing


# The observation


def test_there_are_67_items_and_each_band_has_its_number_side_construct_and_short_form() -> None:
    total = 0
    for band in BANDS:
        group = by_link(f"observation-{band}")["items"]["item"]
        total += len(group)
        assert [item["linkId"] for item in group] == [f"{band.upper()}{n}" for n in range(1, len(group) + 1)]
        assert {said(item, "side") for item in group} <= {"B", "C", "T"}
        assert {said(item, "construct") for item in group} <= set(CONSTRUCT_GROUPS)
        short = {n for n, item in enumerate(group, 1) if said(item, "short-form") is True}
        assert short == SHORT_FORM[band]
    assert total == 67


@pytest.mark.parametrize("name", OBSERVATIONS)
def test_every_item_has_the_scale_a_hint_and_a_line_of_evidence_only_when_it_helps(name: str) -> None:
    form = new(name)
    for item in by_link(name)["items"]["item"]:
        link = item["linkId"]
        assert [(o["valueCoding"]["code"], o["valueCoding"]["display"]) for o in item["answerOption"]] == [
            ("S", "Seen"),
            ("E", "Emerging"),
            ("N", "Not seen"),
            ("O", "No opportunity"),
        ]
        place = form.places(link)[0]
        assert len(form.row(place).hint.split()) >= 8
        for code, asked in (("S", False), ("E", True), ("N", True), ("O", False)):
            choose(form, place, code)
            evidence = [row for row in form.rows() if row.item.link_id == f"{link}-evidence"]
            assert bool(evidence) is asked
            assert all(row.item.raw["maxLength"] == 200 and not row.required for row in evidence)


def test_no_two_items_share_their_hint() -> None:
    hints = [
        item["text"] for name in OBSERVATIONS for link, item in by_link(name).items() if re.fullmatch(r"[A-Z]{2}\d+-hint", link)
    ]
    assert len(hints) == len(set(hints)) == 67


@pytest.mark.parametrize("name", OBSERVATIONS)
def test_strengths_come_first_and_the_form_says_that_it_is_a_draft_and_no_test(name: str) -> None:
    found = read(name)
    assert [item["linkId"] for item in found["item"][:2]] == ["strength-1", "strength-2"]
    assert all(said(item, "strength") and said(item, "family-copy") for item in found["item"][:2])
    assert found["status"] == "draft"
    assert found["description"].startswith("Draft, awaiting clinical review.")
    about = by_link(name)["about"]["text"]
    assert about.startswith("Draft, awaiting clinical review.")
    assert "not a test" in about
    assert new(name).total() is None


# Concerns


def test_every_marker_asks_for_words_and_level_3_for_who_was_told_and_the_outcome() -> None:
    for code in CONCERNS:
        form = new("concern-markers")
        place = form.places(code)[0]
        assert form.progress().required_missing == ()
        choose(form, place, "once")
        level = form.values(f"{code}-level")
        assert [value.code for value in level if isinstance(value, Coding)] == [
            str(said(by_link("concern-markers")[code], "level"))
        ]
        assert form.row(place).hint.startswith("Level ")
        choose(form, form.places(f"{code}-level")[0], "3")
        needed = {form.row(each).item.link_id for each in form.progress().required_missing}
        assert needed == {f"{code}-words", f"{code}-action", f"{code}-told", f"{code}-outcome"}
        choose(form, place, "none")
        assert form.progress().required_missing == ()


def test_a_level_may_be_raised_freely_and_lowered_only_with_a_reason() -> None:
    form = new("concern-markers")
    choose(form, form.places("X2")[0], "once")
    choose(form, form.places("X2-level")[0], "1")
    needed = {form.row(each).item.link_id for each in form.progress().required_missing}
    assert needed == {"X2-words", "X2-lower-reason"}
    choose(form, form.places("Y5")[0], "once")
    choose(form, form.places("Y5-level")[0], "2")
    assert not form.places("Y5-lower-reason")


# Scores


SCORED = {
    "phq-9": (9, 27, {4: "minimal", 5: "mild", 10: "moderate", 15: "moderately-severe", 20: "severe", 27: "severe"}),
    "phq-2": (2, 6, {2: "below", 3: "positive"}),
    "gad-7": (7, 21, {4: "minimal", 5: "mild", 10: "moderate", 15: "severe", 21: "severe"}),
    "gad-2": (2, 6, {2: "below", 3: "positive"}),
    "whooley": (2, 2, {0: "negative", 1: "positive", 2: "positive"}),
}


@pytest.mark.parametrize(("name", "items", "top", "bands"), [(name, *rest) for name, rest in SCORED.items()])
def test_totals_and_bands_are_those_published(name: str, items: int, top: int, bands: dict[int, str]) -> None:
    form = new(name)
    places = [row.place for row in form.rows() if any(option.weight is not None for option in row.options)]
    assert len(places) == items
    for total, code in bands.items():
        left = total
        for place in places:
            options = form.row(place).options
            best = max((o for o in options if o.weight is not None and o.weight <= left), key=lambda o: o.weight or 0)
            form.answer(place, [best.value])
            left -= int(best.weight or 0)
        score = form.total()
        assert score is not None
        assert (score.value, score.of) == (total, items)
        assert score.band is not None
        assert score.band.code == code
    form.answer(places[0], [])
    score = form.total()
    assert score is not None
    assert (score.value, score.answered) == (None, items - 1)
    assert max(bands) <= top


def test_the_last_item_of_the_phq_9_and_a_ticked_disclosure_open_the_risk_page() -> None:
    risky = {
        (name, item["linkId"]) for name in NAMES for item in walk(read(name)["item"]) if said(item, "safety-flow") == "risk-now"
    }
    assert {("phq-9", "phq9-9"), ("parent-note", "risk-disclosed"), ("concern-markers", "Y9")} <= risky


def test_the_risk_page_needs_an_outcome_and_a_plan_for_today() -> None:
    form = new("risk-now")
    assert set(form.progress().required_missing) == {"rn-today", "rn-outcome"}


# The family copy


def test_only_strengths_the_babys_voice_and_what_was_agreed_may_reach_the_family_copy() -> None:
    shown = {(name, item["linkId"]) for name in NAMES for item in walk(read(name)["item"]) if said(item, "family-copy")}
    free = {(name, f"strength-{n}") for name in OBSERVATIONS for n in (1, 2)} | {("voice-of-infant", "voice")}
    assert free <= shown
    for name, link in shown - free:
        items = by_link(name)
        tick = said(items[link], "agreed-item")
        assert items[tick]["type"] == "boolean"


# Wording


def words_of(name: str) -> Iterator[str]:
    found = read(name)
    yield found["title"]
    yield found["description"]
    for item in walk(found["item"]):
        yield item.get("text", "")
        for option in item.get("answerOption", ()):
            yield option["valueCoding"]["display"]


FORBIDDEN = ("DNA", "non-compliant", "noncompliant", "failing", "attachment disorder", "insecure", "disorganised attachment")
# Fragments that tell a licensed instrument's items apart, three or four words each: enough to notice, too few to be the text.
LICENSED = (
    "the funny side", "blamed myself unnecessarily", "getting on top of me", "so unhappy that", "how often do you have a drink",
    "six or more drinks", "considerate of other people's", "often loses temper", "my baby laughs", "smiles at me",
)  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_no_word_that_the_vocabulary_forbids(name: str) -> None:
    for text in words_of(name):
        for word in FORBIDDEN:
            found = re.search(rf"\b{re.escape(word)}\b", text, 0 if word.isupper() else re.IGNORECASE)
            assert found is None, text


@pytest.mark.parametrize("name", NAMES)
def test_no_licensed_wording(name: str) -> None:
    text = " ".join(words_of(name)).lower().replace("’", "'")
    assert not [fragment for fragment in LICENSED if fragment in text]
