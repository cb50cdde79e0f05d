"""Clocks that are wrong, jump, stand still or disagree: nothing is lost, nothing is put in another order, nobody is locked out."""

import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.kit.fleet import DAY, Fleet, agree, level, on_server
from tests.kit.laptops import DriftingClock, text_of
from tests.kit.postgres import databases, postgres  # noqa: F401
from tests.kit.service import ServiceKit
from visitapp.domain.clock import LONDON, iso
from visitapp.protocol.papers import Lease
from visitapp.server.folder import Databases
from visitapp.store.outbox import disagreements, outbox_rows
from visitapp.store.visits import visits
from visitapp.vault.lease import Leave, judged

HOUR, MINUTE, SECOND = timedelta(hours=1), timedelta(minutes=1), timedelta(seconds=1)
YEARS = 5 * 365 * DAY
NONE = timedelta()


def _last_sunday(year: int, month: int) -> datetime:
    end = datetime(year, month, 31, 1, tzinfo=UTC)
    return end - ((end.weekday() + 1) % 7) * DAY


def _from_now(at: datetime) -> timedelta:
    return at - datetime.now(UTC)


NEXT_YEAR = datetime.now(UTC).year + 1
SPRING, AUTUMN = _last_sunday(NEXT_YEAR, 3), _last_sunday(NEXT_YEAR, 10)
LEAP_DAY = datetime(NEXT_YEAR + (-NEXT_YEAR) % 4, 2, 29, 23, 59, 58, tzinfo=UTC)


class StoppedClock(DriftingClock):
    """A clock whose battery is empty: it says the same for ever, unless somebody sets it."""

    def now(self) -> datetime:
        """The moment it stopped at."""
        return STOPPED + self.off_by


STOPPED = datetime.now(UTC).replace(microsecond=0)


@dataclass(frozen=True)
class Case:
    """By how much the laptop's clock is off the true time when she begins, while she writes, when she signs, sends, and goes on.

    `server` is by how much the service's own clock is off; `zone` what the machine takes for its zone.
    """

    name: str
    stages: tuple[timedelta, timedelta, timedelta, timedelta, timedelta]
    server: timedelta = NONE
    stopped: bool = False
    zone: str = ""


def _always(name: str, off_by: timedelta, **more: Any) -> Case:
    return Case(name, (off_by,) * 5, **more)


def _through(name: str, at: datetime) -> Case:
    """Both clocks are right and go through a moment: before it, just before, just after, and on."""
    around = (at - HOUR, at - SECOND, at + SECOND, at + HOUR, at + DAY)
    begin, *_, end = (_from_now(moment) for moment in around)
    return Case(name, tuple(_from_now(moment) for moment in around), server=(begin + end) / 2)  # type: ignore[arg-type]


CASES = (
    _always("five_minutes_ahead", 5 * MINUTE),
    _always("five_minutes_behind", -5 * MINUTE),
    _always("day_ahead", DAY),
    _always("day_behind", -DAY),
    _always("five_years_ahead", YEARS),
    _always("five_years_behind", -YEARS),
    Case("set_back_an_hour_while_she_writes", (NONE, NONE, -HOUR, -HOUR, -HOUR)),
    Case("set_back_five_years_while_she_writes", (NONE, -YEARS, -YEARS, NONE, NONE)),
    Case("set_right_between_signing_and_sending", (-DAY, -DAY, -DAY, NONE, NONE)),
    Case("jumps_at_every_step", (DAY, -DAY, YEARS, -YEARS, 3 * HOUR)),
    _through("spring_forward", SPRING),
    _through("autumn_back", AUTUMN),
    _through("into_and_out_of_the_leap_day", LEAP_DAY),
    _through("new_year", datetime(NEXT_YEAR, 12, 31, 23, 59, 59, tzinfo=UTC)),
    _always("zone_of_the_other_side_of_the_world", NONE, zone="Pacific/Auckland"),
    _always("hands_set_to_the_time_there", 13 * HOUR, zone="Pacific/Auckland"),
    _always("stopped", NONE, stopped=True),
    Case("stopped_and_set_again", (NONE, NONE, NONE, DAY, DAY), stopped=True),
    _always("server_an_hour_ahead", NONE, server=HOUR),
    _always("server_five_years_behind", NONE, server=-YEARS),
    Case("both_wrong_in_opposite_ways", (DAY, DAY, DAY, DAY, -DAY), server=-DAY),
)


@contextmanager
def _zone(name: str) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        if name:
            patch.setenv("TZ", name)
        time.tzset()
        yield
    time.tzset()


@pytest.fixture
def fleet(databases: Databases, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Fleet]:  # noqa: F811
    """A team whose service has the clock of the case."""
    server_off = request.param.server
    kit = ServiceKit(databases, clock_ms=lambda: int((datetime.now(UTC) + server_off).timestamp() * 1000))
    with kit.http:
        made = Fleet(kit, tmp_path)
        yield made
        made.close()
    kit.close()


@pytest.mark.skipif(os.name == "nt", reason="the machine's zone is set through the environment")
@pytest.mark.parametrize(("case", "fleet"), [(case, case) for case in CASES], indirect=["fleet"], ids=[case.name for case in CASES])
def test_work_under_a_wrong_clock_arrives_whole_and_in_the_order_it_was_done(case: Case, fleet: Fleet) -> None:
    clock = StoppedClock() if case.stopped else DriftingClock()
    begin, writing, signing, sending, after = case.stages
    with _zone(case.zone):
        clock.off_by = begin
        nurse, supervisor = fleet.laptop(clock=clock), fleet.laptop("supervisor")
        family = nurse.begin_family()
        draft = nurse.draft(family, "the first words")
        nurse.level()
        clock.off_by = writing
        nurse.draft(family, "the first words and the last", visit=draft)
        clock.off_by = signing
        said = iso(clock.now())
        signed = nurse.sign(family, "what she signed", visit=draft)
        _note(nurse, family, "the earlier note")
        clock.off_by = sending
        level(nurse, supervisor)
        clock.off_by = after
        _note(nurse, family, "the later note")
        other = nurse.sign(family, "the visit after")
        level(nurse, supervisor, nurse)

    assert not nurse.ask(outbox_rows)
    assert not nurse.ask(disagreements)
    assert sorted(one.id for one in supervisor.ask(visits, family)) == sorted([signed, other])
    body = supervisor.body(f"f:{family}", signed)
    assert abs(datetime.fromisoformat(body["signed_at"]) - datetime.fromisoformat(said)) < MINUTE, "it is her date that stands"
    assert text_of(supervisor.body(f"f:{family}", body["parts"][0]["id"])) == "what she signed"
    assert supervisor.body(f"f:{family}", family)["note"] == "the later note", "clocks put nothing in order"
    assert nurse.body(f"u:{nurse.user}", draft) is None
    _check_server(fleet, case, signed, other)
    agree(fleet)


def _note(nurse: Any, family: str, words: str) -> None:
    whole = {**nurse.body(f"f:{family}", family), "note": words}
    nurse.do(lambda w: w.put(f"f:{family}", "family", family, whole))


def _check_server(fleet: Fleet, case: Case, *signed: str) -> None:
    """Each once; and the service knows how wrong the clock was, as far as the laptop could know when she wrote."""
    rows = [row for row in on_server(fleet.service, "kind = 'visit'") if row.id in signed]
    assert len(rows) == len(signed)
    for row in rows:
        assert row.rev == 1
        [(at_ms, recv_ms)] = fleet.service.sql("select at_ms, recv_ms from rec where kind = 'visit' and id = :id", id=row.id)
        if len(set(case.stages)) == 1 and not case.stopped:
            assert abs(at_ms - recv_ms) < 10 * 60_000
    bodies = [json.loads(bytes(row.body)) for row in rows]
    assert {body["visit"] for body in bodies} == set(signed)


ISSUED = datetime(2026, 11, 2, 9, tzinfo=UTC)
LEASE = Lease(
    user="u",
    device="d",
    roles=("nurse",),
    issued_ms=int(ISSUED.timestamp() * 1000),
    expires_ms=int((ISSUED + 14 * DAY).timestamp() * 1000),
    epoch=1,
)


def test_lease_under_a_clock_that_is_set_back_gains_nothing() -> None:
    seen = ISSUED + 13 * DAY
    for back in (HOUR, DAY, YEARS):
        standing = judged(LEASE, seen - back, seen=seen)
        assert (standing.leave, standing.at, standing.set_back) == (Leave.WARN, seen, True)
    assert judged(LEASE, ISSUED - YEARS, seen=ISSUED + 15 * DAY).leave is Leave.WRITE_ONLY
    assert judged(LEASE, ISSUED - YEARS, seen=ISSUED + 22 * DAY).leave is Leave.SEALED


def test_lease_under_a_clock_that_jumps_ahead_lets_her_write_first_and_a_new_lease_frees_her() -> None:
    assert judged(LEASE, ISSUED + 15 * DAY).leave is Leave.WRITE_ONLY
    jumped = judged(LEASE, ISSUED + YEARS)
    assert not jumped.may_read_caseload
    # Back at the right time the highest moment ever shown still counts, until the service has given a new lease.
    assert judged(LEASE, ISSUED + DAY, seen=jumped.at).leave is Leave.SEALED
    assert judged(LEASE, ISSUED + DAY).leave is Leave.FREE


@pytest.mark.parametrize("at", [SPRING, AUTUMN], ids=["spring", "autumn"])
def test_lease_is_fourteen_times_twenty_four_hours_whatever_the_clocks_on_the_wall_do(at: datetime) -> None:
    issued = at - 7 * DAY
    lease = Lease(
        user="u",
        device="d",
        roles=("nurse",),
        issued_ms=int(issued.timestamp() * 1000),
        expires_ms=int((issued + 14 * DAY).timestamp() * 1000),
        epoch=1,
    )
    wall = (issued + 14 * DAY).astimezone(LONDON)
    assert wall.utcoffset() != issued.astimezone(ZoneInfo("Europe/London")).utcoffset()
    assert judged(lease, wall - SECOND).leave is Leave.WARN
    assert judged(lease, wall).leave is Leave.WRITE_ONLY
