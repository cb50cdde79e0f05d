"""A lease in the record: taken in, judged by the highest time, forgiven by a newer one."""

import base64
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from visitapp.actions.leases import lease_standing, take_lease, take_policy
from visitapp.actions.session import Profile, begin_record
from visitapp.domain.clock import FixedClock
from visitapp.domain.ids import DeviceId, UserId
from visitapp.domain.review import UserRole
from visitapp.protocol.papers import Lease, paper_text
from visitapp.store import audit
from visitapp.store.record import Record
from visitapp.vault.device import DeviceKey
from visitapp.vault.lease import Leave
from visitapp.vault.problems import LeaseRefused

START = datetime(2026, 11, 2, 9, tzinfo=UTC)
SERVICE = DeviceKey.generate()


@pytest.fixture
def clock() -> FixedClock:
    """A clock that a test moves."""
    return FixedClock(START)


@pytest.fixture
def record(tmp_path: Path, clock: FixedClock) -> Iterator[Record]:
    """A record of Bea's that belongs to the service."""
    made = Record.create(tmp_path / "record.db", b"k" * 32, clock=clock)
    begin_record(made, Profile(UserId("bea"), "Bea", UserRole.NURSE), DeviceId("d1"), DeviceKey.generate(), practice=False)
    with made.writing() as w:
        w.meta_set("service_key", base64.b64encode(SERVICE.public_bytes).decode())
    yield made
    made.close()


def _lease(at: datetime, *, epoch: int = 1, user: str = "bea") -> str:
    issued = int(at.timestamp() * 1000)
    return paper_text(Lease(user, "d1", ("nurse",), epoch, issued, issued + 14 * 86_400_000), SERVICE.sign)


def _done(record: Record) -> list[str]:
    with record.reading() as r:
        return [str(link.entry["do"]) for link in audit.links(r)]


def test_without_a_lease_nothing_is_taken_away(record: Record) -> None:
    assert lease_standing(record).leave is Leave.FREE


def test_a_lease_runs_out_and_a_newer_one_gives_everything_back(record: Record, clock: FixedClock) -> None:
    take_lease(record, _lease(START))
    seen = []
    for _ in range(22):
        seen.append(lease_standing(record).leave)
        clock.move(timedelta(days=1))
    assert seen == [Leave.FREE] * 10 + [Leave.WARN] * 4 + [Leave.WRITE_ONLY] * 7 + [Leave.SEALED]
    take_lease(record, _lease(clock.now()))
    assert lease_standing(record).leave is Leave.FREE


def test_setting_the_clock_back_gains_nothing_and_is_noted_once(record: Record, clock: FixedClock) -> None:
    take_lease(record, _lease(START))
    clock.move(timedelta(days=15))
    assert lease_standing(record).leave is Leave.WRITE_ONLY
    clock.move(timedelta(days=-14))
    for _ in range(3):
        standing = lease_standing(record)
        assert standing.leave is Leave.WRITE_ONLY
        assert standing.set_back
    assert _done(record).count("clock_set_back") == 1
    clock.move(timedelta(days=21))
    assert lease_standing(record).leave is Leave.SEALED


def test_the_keyring_remembers_what_a_record_put_back_has_forgotten(record: Record, clock: FixedClock) -> None:
    take_lease(record, _lease(START))
    assert lease_standing(record, locked_at=START + timedelta(days=15)).leave is Leave.WRITE_ONLY
    assert lease_standing(record).leave is Leave.WRITE_ONLY


def test_a_clock_that_once_ran_ahead_is_forgiven_by_the_services_time(record: Record, clock: FixedClock) -> None:
    take_lease(record, _lease(START))
    clock.move(timedelta(days=2000))
    assert lease_standing(record).leave is Leave.SEALED
    clock.move(timedelta(days=-1999))
    assert lease_standing(record).leave is Leave.SEALED
    take_lease(record, _lease(START + timedelta(days=1)))
    assert lease_standing(record).leave is Leave.FREE


def test_an_old_lease_sent_again_and_a_strangers_are_of_no_use(record: Record, clock: FixedClock) -> None:
    take_lease(record, _lease(START))
    clock.move(timedelta(days=15))
    take_lease(record, _lease(START))
    assert lease_standing(record).leave is Leave.WRITE_ONLY
    with pytest.raises(LeaseRefused):
        take_lease(record, _lease(clock.now(), user="ann"))
    assert _done(record).count("lease_taken") == 1


def test_a_newer_policy_ends_the_reading_at_once_and_its_lease_begins_it_again(record: Record, clock: FixedClock) -> None:
    take_lease(record, _lease(START))
    clock.move(timedelta(days=2))
    take_policy(record, 2, clock.now())
    standing = lease_standing(record)
    assert standing.leave is Leave.WRITE_ONLY
    assert standing.may_write
    clock.move(timedelta(days=7))
    assert lease_standing(record).leave is Leave.SEALED
    take_lease(record, _lease(clock.now(), epoch=2))
    assert lease_standing(record).leave is Leave.FREE
