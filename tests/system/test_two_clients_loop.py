# ruff: noqa: F811 - a fixture is imported and then asked for by its name
"""The background thread against the real service: by itself after a change, on command, patient while offline, quick to stop."""

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.kit.laptops import MakeLaptop, SyncedLaptop, laptop, lost, team  # noqa: F401
from tests.kit.postgres import databases, postgres, service  # noqa: F401
from tests.kit.service import ServiceKit
from visitapp.store.outbox import sync_counts, sync_log
from visitapp.store.visits import visits
from visitapp.sync.loop import Pace, SyncLoop
from visitapp.sync.state import Blocked, Idle, NeedsSignIn, NotConnected, Offline, SyncState, Working

PACE = Pace(every_s=30.0, quiet_s=0.05, stop_s=2.0)


class Watched:
    """A loop and every state it has shown."""

    def __init__(self, one: SyncedLaptop, client: Any = None, **more: Any) -> None:
        self.states: list[SyncState] = []
        self.one = one
        self.loop = SyncLoop(
            one.record, client or one.connect, one.clock, self.states.append, user=one.user, **{"pace": PACE, **more}
        )

    def until(self, told: Callable[[SyncState], bool], seconds: float = 15.0) -> SyncState:
        """Wait for a state, from the newest on."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self.states and told(self.states[-1]):
                return self.states[-1]
            time.sleep(0.01)
        raise AssertionError(self.states)


@pytest.fixture
def watched() -> Iterator[Callable[..., Watched]]:
    """Starts loops and stops them after the test."""
    started: list[Watched] = []

    def start(one: SyncedLaptop, *more: Any, **named: Any) -> Watched:
        started.append(Watched(one, *more, **named))
        started[-1].loop.start()
        return started[-1]

    yield start
    for each in started:
        each.loop.stop()
    assert not any(thread.name == "sync" for thread in threading.enumerate())


def test_a_change_is_sent_by_itself_and_the_states_tell_it(laptop: MakeLaptop, watched: Callable[..., Watched]) -> None:
    supervisor, nurse = laptop("supervisor"), laptop()
    seen = watched(nurse)
    seen.until(lambda state: isinstance(state, Idle))
    family = nurse.begin_family()
    nurse.sign(family, "by itself")
    seen.until(lambda state: isinstance(state, Idle) and nurse.ask(sync_counts).unsent == 0)
    assert any(isinstance(state, Working) and state.step == "sending" and state.of >= 2 for state in seen.states)
    last = seen.states[-1]
    assert isinstance(last, Idle)
    assert (last.unsent, last.attention) == (0, 0)
    assert last.last_at is not None
    supervisor.level()
    assert [row.summary for row in supervisor.ask(visits, family)] == ["by itself"]


def test_its_own_writes_do_not_wake_it_again(laptop: MakeLaptop, watched: Callable[..., Watched]) -> None:
    nurse = laptop()
    seen = watched(nurse)
    nurse.begin_family()
    seen.until(lambda state: isinstance(state, Idle) and nurse.ask(sync_counts).unsent == 0)
    time.sleep(0.4)
    many = len(nurse.ask(sync_log))
    time.sleep(0.6)
    assert len(nurse.ask(sync_log)) == many


def test_offline_says_since_when_keeps_everything_and_a_command_tries_at_once(
    laptop: MakeLaptop, watched: Callable[..., Watched]
) -> None:
    nurse = laptop()
    nurse.line.before = lost
    family = nurse.begin_family()
    seen = watched(nurse)
    first = seen.until(lambda state: isinstance(state, Offline))
    assert isinstance(first, Offline)
    assert first.unsent == 2
    assert first.retry_at is not None
    assert first.retry_at > first.since
    tries = len(nurse.line.requests)
    nurse.sign(family, "while offline")
    time.sleep(0.4)
    assert len(nurse.line.requests) == tries

    nurse.line.restore()
    seen.loop.sync_now()
    seen.until(lambda state: isinstance(state, Idle))
    assert nurse.ask(sync_counts).unsent == 0


def test_record_without_a_service_says_so_and_connects_as_soon_as_there_is_one(
    laptop: MakeLaptop, watched: Callable[..., Watched]
) -> None:
    nurse = laptop()
    nurse.begin_family()
    ready: list[bool] = []
    seen = watched(nurse, lambda: nurse.connect() if ready else None)
    seen.until(lambda state: isinstance(state, NotConnected))
    ready.append(True)
    seen.loop.sync_now()
    seen.until(lambda state: isinstance(state, Idle))
    assert nurse.ask(sync_counts).unsent == 0


@pytest.mark.parametrize(("device_state", "shown"), [("blocked", Blocked()), ("wipe", Blocked(wipe=True))])
def test_blocked_laptop_is_told(
    laptop: MakeLaptop, watched: Callable[..., Watched], service: ServiceKit, device_state: str, shown: SyncState
) -> None:
    nurse = laptop()
    service.sql("update device set state = :state where id = :id returning id", state=device_state, id=nurse.device)
    assert watched(nurse).until(lambda state: not isinstance(state, Working)) == shown


def test_laptop_the_service_does_not_know_has_to_be_connected_again(laptop: MakeLaptop, watched: Callable[..., Watched]) -> None:
    nurse = laptop()
    nurse.begin_family()
    nurse.device = nurse.ids()
    nurse.keep_identity()
    seen = watched(nurse)
    assert seen.until(lambda state: isinstance(state, NeedsSignIn)) == NeedsSignIn(unsent=2)


def test_stop_waits_no_longer_than_two_seconds_for_a_line_that_hangs(laptop: MakeLaptop) -> None:
    nurse = laptop()
    nurse.begin_family()
    hanging, gone = threading.Event(), threading.Event()

    def hang(*_: Any) -> None:
        hanging.set()
        gone.wait(6)
        lost()

    nurse.line.before = hang
    seen = Watched(nurse, pace=Pace(every_s=30, quiet_s=0.05, stop_s=0.5))
    seen.loop.start()
    assert hanging.wait(5)
    start = time.monotonic()
    seen.loop.stop()
    assert time.monotonic() - start < 5.5, "the stop waited for the line"
    gone.set()
    for thread in threading.enumerate():
        if thread.name == "sync":
            thread.join(5)
    assert nurse.ask(sync_counts).unsent == 2


def test_record_closed_under_the_loop_ends_it_quietly(laptop: MakeLaptop) -> None:
    nurse = laptop()
    seen = Watched(nurse)
    seen.loop.start()
    seen.until(lambda state: isinstance(state, Idle))
    nurse.record.close()
    seen.loop.sync_now()
    for thread in threading.enumerate():
        if thread.name == "sync":
            thread.join(5)
    assert not any(thread.name == "sync" for thread in threading.enumerate())
    seen.loop.stop()
