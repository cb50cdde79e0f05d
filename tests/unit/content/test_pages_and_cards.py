"""Help pages, the phone card, the list of changes and the immunisation schedule."""

import json
import re
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from visitapp.forms.definition import load_questionnaire
from visitapp.forms.facts import Severity
from visitapp.forms.filling import Filling

RESOURCES = Path(__file__).parents[3] / "resources"
PAGES = sorted((RESOURCES / "help").glob("*.md"))
SCREENS = {
    "today", "caseload", "family", "visit", "observation", "sign", "print", "review", "sync", "settings", "unlock", "team",
    "disagreement", "administration",
}  # fmt: skip
FORBIDDEN = ("DNA", "non-compliant", "noncompliant", "failing", "attachment disorder", "insecure")
# Ofcom keeps these ranges for drama: they reach nobody.
DRAMA = re.compile(r"(01632 960\d{3}|07700 900\d{3}|020 7946 0\d{3})")


def front(path: Path) -> dict[str, str]:
    text = path.read_text(encoding="utf-8")
    assert text.startswith("---\n")
    lines = text.split("---\n", 2)[1].splitlines()
    return {key.strip(): value.strip() for key, value in (line.split(":", 1) for line in lines)}


def body(path: Path) -> str:
    return path.read_text(encoding="utf-8").split("---\n", 2)[2]


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_a_help_page_can_be_found_and_is_short(path: Path) -> None:
    told = front(path)
    assert told["title"]
    assert told["screen"] in SCREENS
    assert len(told["words"].split(",")) >= 5
    text = body(path)
    assert text.startswith(f"# {told['title']}\n")
    prose = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
    assert len(prose.split()) <= 500
    for word in FORBIDDEN:
        assert not re.search(rf"\b{re.escape(word)}\b", prose, 0 if word.isupper() else re.IGNORECASE)


def test_every_screen_has_its_help() -> None:
    assert {front(path)["screen"] for path in PAGES} == SCREENS


def test_the_worked_example_is_a_checklist_that_can_be_filled_in() -> None:
    blocks = re.findall(r"```json\n(.*?)```", body(RESOURCES / "help" / "write-your-own-checklist.md"), flags=re.DOTALL)
    wholes = [json.loads(block) for block in blocks if '"resourceType"' in block]
    assert len(wholes) == 2
    for whole in wholes:
        found = load_questionnaire(whole)
        assert not [fact for fact in found.facts if fact.severity is Severity.ERROR]
    form = Filling(load_questionnaire(wholes[-1]))
    assert "advice" not in [row.item.link_id for row in form.rows()]
    water = form.places("water")[0]
    assert form.row(water).hint == "Warm, not hot: about 37 degrees."
    form.answer(water, [form.row(water).options[2].value])
    assert "advice" in [row.item.link_id for row in form.rows()]


def test_every_piece_of_the_worked_example_stands_in_the_whole_or_parses() -> None:
    for block in re.findall(r"```json\n(.*?)```", body(RESOURCES / "help" / "write-your-own-checklist.md"), flags=re.DOTALL):
        json.loads(block)


def test_numbers_on_the_phone_card_reach_an_emergency_service_or_nobody() -> None:
    card = json.loads((RESOURCES / "directory" / "phone-card.json").read_text(encoding="utf-8"))
    assert {entry["phone"] for entry in card["cards"] if entry.get("real")} == {"999", "111"}
    for entry in card["cards"]:
        assert entry["name"]
        assert entry["hours"]
        assert entry["when"]
        if not entry.get("real"):
            assert DRAMA.fullmatch(entry["phone"])
            assert "(invented)" in entry["name"]


def test_the_list_of_changes_begins_with_the_version_of_the_package() -> None:
    text = (RESOURCES / "changes.md").read_text(encoding="utf-8")
    project = (RESOURCES.parent / "pyproject.toml").read_text(encoding="utf-8")
    version = re.search(r'^version = "([^"]+)"', project, flags=re.MULTILINE)
    assert version is not None
    assert re.search(r"^## ([\d.]+),", text, flags=re.MULTILINE).group(1) == version.group(1)  # type: ignore[union-attr]


@pytest.fixture
def schedule() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((RESOURCES / "immunisations" / "uk-2026-01-01.json").read_text(encoding="utf-8"))
    return found


def test_the_immunisation_schedule_tells_its_dates_source_and_that_it_goes_by_age_from_birth(schedule: dict[str, Any]) -> None:
    assert schedule["effective"]["start"] < schedule["effective"]["end"]
    assert schedule["source"]
    assert schedule["ages"] == "from birth, never corrected"
    ages = [(each["at"].get("months", 0) * 30 + each["at"].get("weeks", 0) * 7) for each in schedule["routine"]]
    assert ages == sorted(ages)


def test_doses_of_each_vaccine_are_numbered_without_a_gap(schedule: dict[str, Any]) -> None:
    doses: dict[str, list[int]] = {}
    for each in schedule["routine"]:
        for vaccine, number in each["vaccines"]:
            doses.setdefault(vaccine, []).append(number)
    assert doses == {
        "DTaP/IPV/Hib/HepB": [1, 2, 3, 4],
        "MenB": [1, 2, 3],
        "Rotavirus": [1, 2],
        "PCV13": [1, 2],
        "dTaP/IPV": [1],
    }


def test_every_day_of_birth_belongs_to_exactly_one_measles_cohort(schedule: dict[str, Any]) -> None:
    cohorts = [
        (date.fromisoformat(c["born"].get("from", "0001-01-01")), date.fromisoformat(c["born"].get("to", "9999-12-31")))
        for c in schedule["measles"]
    ]
    ordered = sorted(cohorts)
    for (_, ends), (begins, _) in pairwise(ordered):
        assert (begins - ends).days == 1
    assert ordered[0][0] == date(1, 1, 1)
    assert ordered[-1][1] == date(9999, 12, 31)


@pytest.mark.parametrize(
    ("born", "doses"),
    [
        ("2025-01-01", [("MMRV", 12), ("MMRV", 18)]),
        ("2024-12-31", [("MMR", 12), ("MMRV", 18), ("MMRV", 40)]),
        ("2024-06-30", [("MMR", 12), ("MMRV", 40)]),
        ("2022-08-31", []),
    ],
)
def test_measles_doses_go_by_the_day_of_birth(schedule: dict[str, Any], born: str, doses: list[tuple[str, int]]) -> None:
    cohort = next(c for c in schedule["measles"] if c["born"].get("from", "") <= born <= c["born"].get("to", "9999-12-31"))
    assert [(dose["vaccine"], dose["at"]["months"]) for dose in cohort["doses"]] == doses
