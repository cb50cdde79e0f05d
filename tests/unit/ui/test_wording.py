"""Every Problem of the client has words, and words never show a brace or a code."""

import importlib
import pkgutil
import subprocess
import sys
from datetime import UTC, date, datetime

import pytest

import visitapp
from visitapp.domain.people import FamilyState, Role
from visitapp.domain.problems import Problem
from visitapp.domain.visits import NoteState, Outcome
from visitapp.ui import wording


def _all_problems() -> list[type[Problem]]:
    for module in pkgutil.walk_packages(visitapp.__path__, "visitapp."):
        if "server" not in module.name and module.name.rsplit(".", 1)[-1] in (
            "problems",
            "state",
            "client",
            "session",
            "settlement",
        ):
            importlib.import_module(module.name)
    found, to_walk = [], [Problem]
    while to_walk:
        for kind in to_walk.pop().__subclasses__():
            found.append(kind)
            to_walk.append(kind)
    return [kind for kind in found if kind.__module__.startswith("visitapp.") and "server" not in kind.__module__]


@pytest.mark.parametrize("kind", _all_problems(), ids=lambda kind: kind.__name__)
def test_every_problem_has_words(kind):
    assert wording.has_words(kind), f"{kind.__name__} has no words in ui/wording.py"
    said = wording.sentence_for(kind())
    assert "{" not in said
    assert kind.__name__ not in said
    assert said.endswith(".")


def test_a_wait_is_said_in_seconds_and_then_in_minutes():
    assert [wording.wait_words(s) for s in (0, 30, 300)] == [
        "Try again.", "Try again in 30 seconds.", "Try again in 5 minutes."
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("words", "kinds"),
    [
        (wording.NOTE_STATES, NoteState), (wording.OUTCOMES, Outcome), (wording.FAMILY_STATES, FamilyState),
        (wording.ROLES, Role),
    ],
)  # fmt: skip
def test_every_state_has_words(words, kinds):
    assert set(words) == set(kinds)


def test_moments_are_written_as_near_as_matters():
    now = datetime(2025, 7, 3, 12, tzinfo=UTC)
    written = [
        wording.moment_words(at, now)
        for at in (
            datetime(2025, 7, 3, 9, 42, tzinfo=UTC),
            datetime(2025, 7, 2, 9, 42, tzinfo=UTC),
            datetime(2025, 6, 1, 9, 42, tzinfo=UTC),
            datetime(2024, 6, 1, 9, 42, tzinfo=UTC),
        )
    ]
    assert written == ["10:42", "yesterday 10:42", "1 Jun 10:42", "1 Jun 2024"]


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (date(2025, 7, 3), "today"), (date(2025, 7, 2), "yesterday"), (date(2025, 6, 28), "5 days ago"),
        (date(2025, 6, 1), "4 weeks ago"), (date(2025, 1, 1), "6 months ago"),
    ],
)  # fmt: skip
def test_days_are_counted_back(day, words):
    assert wording.ago_words(day, date(2025, 7, 3)) == words


def test_no_words_use_what_the_practice_avoids():
    said = " ".join([*wording.OUTCOMES.values(), *wording.FAMILY_STATES.values(), *wording.BABY_SEEN.values()]).lower()
    assert not any(word in said for word in ("dna", "non-compliant", "failing", "disorder", "insecure"))


def test_words_do_not_make_the_unlock_screen_wait_for_the_database():
    code = "import sys, visitapp.ui.wording; print('sqlalchemy' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert ran.stdout.strip() == "False"
