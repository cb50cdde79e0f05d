"""When a draft is saved."""

from collections.abc import Callable

import pytest

from visitapp.ui.visit.autosave import LONGEST_MS, QUIET_MS, Autosave


class Hours:
    """A clock moved by hand that calls what is due."""

    def __init__(self) -> None:
        self.now_ms = 0
        self._due: list[tuple[int, Callable[[], None]]] = []

    def later(self, delay_ms: int, call: Callable[[], None]) -> Callable[[], None]:
        entry = (self.now_ms + delay_ms, call)
        self._due.append(entry)
        return lambda: self._due.remove(entry) if entry in self._due else None

    def pass_by(self, milliseconds: int) -> None:
        for _ in range(milliseconds):
            self.now_ms += 1
            for entry in [entry for entry in self._due if entry[0] <= self.now_ms]:
                self._due.remove(entry)
                entry[1]()


class Saves:
    """Counts saves and remembers when each began."""

    def __init__(self, hours: Hours) -> None:
        self.at: list[int] = []
        self._hours = hours

    def __call__(self) -> None:
        self.at.append(self._hours.now_ms)


@pytest.fixture
def hours() -> Hours:
    return Hours()


@pytest.fixture
def saves(hours: Hours) -> Saves:
    return Saves(hours)


@pytest.fixture
def autosave(hours: Hours, saves: Saves) -> Autosave:
    return Autosave(hours.later, lambda: hours.now_ms, saves)


def test_a_single_key_is_saved_after_the_quiet(autosave: Autosave, hours: Hours, saves: Saves) -> None:
    autosave.touch()
    hours.pass_by(QUIET_MS - 1)
    assert saves.at == []
    hours.pass_by(1)
    assert saves.at == [QUIET_MS]


def test_steady_typing_is_saved_at_most_a_second_after_the_first_unsaved_key(
    autosave: Autosave, hours: Hours, saves: Saves
) -> None:
    for _ in range(50):
        autosave.touch()
        hours.pass_by(100)
        autosave.saved()
    gaps = [later - earlier for earlier, later in zip([0, *saves.at], saves.at, strict=False)]
    assert max(gaps) <= LONGEST_MS + 100
    assert len(saves.at) == 5


def test_leaving_a_field_saves_at_once_and_only_once(autosave: Autosave, hours: Hours, saves: Saves) -> None:
    autosave.touch()
    autosave.flush()
    autosave.flush()
    hours.pass_by(2 * LONGEST_MS)
    assert saves.at == [0]


def test_leaving_saves_at_once_even_while_another_save_is_under_way(autosave: Autosave, hours: Hours, saves: Saves) -> None:
    autosave.touch()
    autosave.flush()
    autosave.touch()
    autosave.flush()
    assert len(saves.at) == 2


def test_nothing_is_saved_when_nothing_was_typed(autosave: Autosave, hours: Hours, saves: Saves) -> None:
    autosave.flush()
    hours.pass_by(2 * LONGEST_MS)
    assert saves.at == []
    assert autosave.is_clean


def test_a_save_that_failed_is_tried_again_without_a_further_key(autosave: Autosave, hours: Hours, saves: Saves) -> None:
    autosave.touch()
    hours.pass_by(QUIET_MS)
    autosave.failed()
    assert not autosave.is_clean
    hours.pass_by(LONGEST_MS)
    assert len(saves.at) == 2
    autosave.saved()
    assert autosave.is_clean


def test_a_discarded_draft_is_not_saved_again(autosave: Autosave, hours: Hours, saves: Saves) -> None:
    autosave.touch()
    autosave.stop()
    hours.pass_by(2 * LONGEST_MS)
    assert saves.at == []
