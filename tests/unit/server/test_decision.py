"""The decision on access: every cell against the same rules said another way, and nothing without a row."""

from typing import Any

import pytest

from tests.kit import permitted
from visitapp.protocol.messages import Act
from visitapp.protocol.rules import KINDS
from visitapp.server import matrix
from visitapp.server.app import document
from visitapp.server.decision import OFFICES, SITUATIONS, STATES, Decision, Question, decide, questions
from visitapp.server.operations import ACTS, ANY_KIND, OPERATIONS, Role, asks, of_push


@pytest.fixture(scope="module")
def told() -> dict[str, Any]:
    return document()


def test_every_cell_is_as_the_rules_say_in_other_words(told: dict[str, Any]) -> None:
    judged = list(matrix.cells(told))
    wrong = [(cell.question, cell.decision.way) for cell in judged if cell.decision.way != permitted.way(cell.question)]
    assert not wrong, f"{len(wrong)} cells, such as {wrong[:5]}"
    assert len(judged) > 5_000
    assert 0 < sum(cell.decision.allowed for cell in judged) < len(judged) / 10, "most is not allowed"


def test_every_route_names_its_row(told: dict[str, Any]) -> None:
    named = matrix.operations(told)
    assert {f"push {act} {kind}" for act in ACTS for kind in (*KINDS, ANY_KIND)} <= set(named)
    unjudged = {"paths": {**told["paths"], "/v1/new": {"post": {}}, "/v1/other": {"get": {"x-operation": "no such row"}}}}
    with pytest.raises(matrix.Unjudged, match=r"POST /v1/new, GET /v1/other"):
        matrix.operations(unjudged)
    with pytest.raises(KeyError):
        asks("no such row")


WITHIN = {"held.list"}
"""Asked within another page, to know what to show there."""


def test_every_row_is_asked_by_a_route(told: dict[str, Any]) -> None:
    assert set(OPERATIONS) - set(matrix.operations(told)) == WITHIN, "a row that nobody asks for is to go"


def test_every_refusal_has_a_reason_and_nothing_that_is_allowed_has_one(told: dict[str, Any]) -> None:
    reasons = {(cell.decision.allowed, cell.decision.reason) for cell in matrix.cells(told)}
    assert {allowed for allowed, reason in reasons if reason == ""} == {True}
    assert {reason for allowed, reason in reasons if not allowed} == {"state", "role", "subject", "relation", "ended"}


def test_what_nobody_wrote_down_is_refused() -> None:
    asked = Question("pull", "nurse", "clinical", "own")
    assert decide(asked) == Decision("yes")
    assert decide(Question("pull.everything", "nurse", "clinical", "own")) == Decision("no", "operation")
    assert decide(Question("pull", "chief", "clinical", "own")) == Decision("no", "role")
    assert decide(Question("pull", "", "clinical", "own")) == Decision("no", "role")
    assert decide(Question(of_push("put", "hologram"), "nurse", "clinical", "own")).way == "yes"
    assert decide(Question("push put hologram", "nurse", "clinical", "own")) == Decision("no", "operation")


def test_the_matrix_has_every_combination_once(told: dict[str, Any]) -> None:
    assert len(questions("pull")) == len(Role) * len(SITUATIONS) * len(STATES)
    assert len(questions("people.list")) == len(Role) * len(OFFICES) * len(STATES)
    judged = [cell.question for cell in matrix.cells(told)]
    assert len(judged) == len(set(judged))


@pytest.mark.parametrize("role", ["auditor", "administrator", "service"])
def test_an_office_never_reads_or_writes_about_a_family(role: str, told: dict[str, Any]) -> None:
    clinical = ("clinical", "restricted")
    cells = [cell for cell in matrix.cells(told) if cell.question.role == role and cell.question.subject in clinical]
    assert len(cells) > 1_000
    assert not [cell for cell in cells if cell.decision.allowed]


def test_the_counts_are_of_what_is_shown(told: dict[str, Any]) -> None:
    shown = matrix.as_json(told)
    assert len(shown["matrix"]) == shown["cells"]
    assert len({row[0] for row in shown["matrix"]}) == shown["operations"]
    assert sum(row[6] != "no" for row in shown["matrix"]) == shown["allowed"]
    assert all(len(row) == len(shown["columns"]) for row in shown["matrix"])
    last = matrix.as_text(told).splitlines()[-1]
    assert last == f"{shown['operations']} operations, {shown['cells']} cells, {shown['allowed']} allowed"


def test_the_acts_are_those_of_the_protocol() -> None:
    from typing import get_args

    assert get_args(Act) == ACTS
