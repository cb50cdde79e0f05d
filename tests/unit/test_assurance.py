"""The tables of what is assured: every requirement and hazard has an answer, and every test named there exists."""

import ast
from functools import cache
from pathlib import Path

import pytest

from tests.kit.assurance import page, rows

ROOT = Path(__file__).parents[2]
ANSWERS = {"met", "by design", "partly", "not met", "the deployer's", "not applicable"}
LEVELS = {"1": 70, "2": 183}
"""Requirements of ASVS 5.0.0 by level."""
HAZARDS = 18


@cache
def names_in(place: str) -> frozenset[str]:
    tree = ast.parse((ROOT / place).read_text("utf-8"))
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef))


def missing(row: dict[str, str]) -> list[str]:
    found = []
    for named in row["tests"].split():
        path, _, name = named.partition("::")
        if not (ROOT / path).is_file() or name not in names_in(path):
            found.append(named)
    return found


@pytest.mark.parametrize("name", ["asvs-5.0.csv", "hazards.csv"])
def test_every_test_that_is_named_exists(name: str) -> None:
    assert [test for row in rows(name) for test in missing(row)] == []


def test_a_test_that_does_not_exist_is_missed() -> None:
    assert missing({"tests": "tests/unit/test_assurance.py::test_nothing tests/unit/test_nowhere.py::test_x"})


def test_every_requirement_of_levels_1_and_2_stands_once_in_the_table() -> None:
    found = rows("asvs-5.0.csv")
    assert len({row["requirement"] for row in found}) == len(found)
    for level, number in LEVELS.items():
        assert sum(row["level"] == level for row in found) == number


def test_every_requirement_is_answered_by_a_test_or_a_reason() -> None:
    for row in rows("asvs-5.0.csv"):
        assert row["answer"] in ANSWERS, row
        assert row["about"], row
        assert row["tests"] if row["answer"] == "met" else row["reason"], row


def test_every_hazard_names_its_control_and_tests() -> None:
    found = rows("hazards.csv")
    assert [row["hazard"] for row in found] == [f"H{number}" for number in range(1, HAZARDS + 1)]
    assert all(row["control"] and row["tests"] and row["severity"] for row in found)


def test_the_page_holds_every_row() -> None:
    lines = page().splitlines()
    assert sum(line.startswith("| V") for line in lines) == sum(LEVELS.values())
    assert sum(line.startswith("| H") for line in lines) == HAZARDS
