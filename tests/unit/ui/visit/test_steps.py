"""The steps at the left: which apply, how far each has come."""

from visitapp.domain.visits import Outcome
from visitapp.ui.visit.steps import SheetProgress, StepState, step_of_section, steps_of

ALL = [
    SheetProgress(section, True, 0)
    for section in ("arrival", "narrative", "observation", "concerns", "voice", "health", "parents", "topics", "risks", "plan")
]


def test_a_completed_visit_has_all_nine_steps_in_order() -> None:
    codes = [step.code for step in steps_of(Outcome.COMPLETED, ALL)]
    assert codes == ["arrival", "narrative", "observation", "voice", "health", "parents", "topics", "risks", "plan"]


def test_no_access_shortens_the_steps() -> None:
    for outcome in set(Outcome) - {Outcome.COMPLETED}:
        assert [step.code for step in steps_of(outcome, ALL)] == ["arrival", "narrative", "risks", "plan"]


def test_a_step_without_a_sheet_is_not_shown() -> None:
    assert [step.code for step in steps_of(Outcome.COMPLETED, [SheetProgress("plan", True, 0)])] == ["plan"]


def test_the_state_of_a_step_says_what_its_sheets_need() -> None:
    def state(*sheets: SheetProgress) -> tuple[StepState, str]:
        step = steps_of(Outcome.COMPLETED, sheets)[0]
        return step.state, step.words

    assert state(SheetProgress("risks", True, 0)) == (StepState.EMPTY, "")
    assert state(SheetProgress("risks", True, 1)) == (StepState.EMPTY, "1 needed")
    assert state(SheetProgress("risks", False, 2)) == (StepState.BEGUN, "2 needed")
    assert state(SheetProgress("risks", False, 0)) == (StepState.COMPLETE, "done")
    assert state(SheetProgress("parents", False, 0, needs_you=True)) == (StepState.NEEDS_YOU, "needs you")


def test_a_concern_counts_towards_the_observation_step_where_it_is_written() -> None:
    assert step_of_section("concerns") == "observation"
    step = steps_of(Outcome.COMPLETED, [SheetProgress("observation", True, 0), SheetProgress("concerns", False, 3)])[0]
    assert step.missing == 3
    assert step.state is StepState.BEGUN
