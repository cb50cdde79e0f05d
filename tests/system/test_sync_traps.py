"""The traps of synchronising, T1 to T6, each with the test that would expose it, on real PostgreSQL and SQLCipher."""

import json
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.kit.fleet import (
    DAY,
    Fleet,
    agree,
    fleet,  # noqa: F401
    hand_over,
    in_history,
    level,
    on_server,
    ops_of,
    rows_of,
    texts_on,
)
from tests.kit.laptops import DriftingClock, text_of
from tests.kit.postgres import databases, postgres, service  # noqa: F401
from tests.kit.service import ServiceKit, a_family, a_person, a_visit, some_uuid
from visitapp.protocol import messages as m
from visitapp.server import push, records
from visitapp.server.signin import Caller
from visitapp.store.outbox import disagreements, outbox_rows
from visitapp.store.people import families
from visitapp.store.visits import drafts, visit, visits
from visitapp.sync.exchange import ExchangeResult
from visitapp.sync.problems import ServiceUnreachable

GOLDEN = Path(__file__).parents[1] / "data" / "bodies"


# T1 commit order


def test_t01_two_overlapping_commits_lose_nothing(fleet: Fleet) -> None:  # noqa: F811
    nurse, other, supervisor = fleet.laptop(), fleet.laptop(), fleet.laptop("supervisor")
    family = nurse.begin_family()
    level(nurse, supervisor)
    fleet.service.assign(family, other.user)
    level(other)
    first = a_person(family, given_name="First")
    other.sign(family, "second to be committed, first to finish")
    taken, may_commit = threading.Event(), threading.Event()
    outcomes: list[str] = []
    quick_ones: list[ExchangeResult] = []

    def slow_push() -> None:
        caller = Caller(nurse.user, "", "nurse", "", fleet.team, nurse.device)
        with fleet.service.app.state.service.engine.begin() as connection:
            receipts = push.carry_out(connection, caller, fleet.service.settings, [first]).receipts
            outcomes.extend(receipt.outcome for receipt in receipts)
            taken.set()
            may_commit.wait(10)

    slow = threading.Thread(target=slow_push)
    quick = threading.Thread(target=lambda: quick_ones.append(other.sync()))
    slow.start()
    assert taken.wait(10)
    quick.start()
    quick.join(0.2)
    supervisor.level()
    may_commit.set()
    slow.join(10)
    quick.join(20)
    level(other, supervisor, nurse)
    assert outcomes == ["ok"]
    assert [one.problem for one in quick_ones] == [None], "waiting for one's turn is no failure"
    assert supervisor.body(f"f:{family}", first.id)["given_name"] == "First"
    assert len(supervisor.ask(visits, family)) == 1
    agree(fleet)


# T2 torn pull


def test_t02_change_between_heads_and_rows_does_not_tear_a_pull(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    nurse, supervisor = fleet.laptop(), fleet.laptop("supervisor")
    family = nurse.begin_family()
    level(nurse, supervisor)
    nurse.sign(family, "before")
    nurse.level()
    reading = records.feed

    def interrupted(*args: Any) -> Any:
        monkeypatch.setattr(records, "feed", reading)
        nurse.sign(family, "in the middle")
        nurse.level()
        return reading(*args)

    monkeypatch.setattr(records, "feed", interrupted)
    first = supervisor.level()
    assert not first.repaired
    assert not supervisor.level().repaired
    assert {row.summary for row in supervisor.ask(visits, family)} == {"before", "in the middle"}
    agree(fleet)


# T3 permissions


def test_t03_family_given_away_is_whole_there_and_gone_here(fleet: Fleet) -> None:  # noqa: F811
    ann, bea = fleet.laptop(), fleet.laptop()
    family = ann.begin_family()
    signed = ann.sign(family, "quince visit", restricted="quince secret")
    ann.draft(family, "quince draft")
    level(ann, bea)
    hand_over(fleet, family, ann, bea)
    level(ann, bea)
    assert bea.ask(visit, signed).summary == "quince visit"
    assert b"quince secret" in texts_on(bea)
    assert not ann.ask(families)
    for scope in (f"f:{family}", f"r:{family}"):
        assert not any(rows_of(ann, table, where=f"scope = '{scope}'") for table in ("rec", "edit", "kept", "cursor"))
    agree(fleet)


def test_t03_work_done_offline_before_the_loss_was_known_arrives(fleet: Fleet) -> None:  # noqa: F811
    ann, bea = fleet.laptop(), fleet.laptop()
    family = ann.begin_family()
    level(ann, bea)
    signed = ann.sign(family, "signed in the car")
    time.sleep(0.02)
    hand_over(fleet, family, ann, bea)
    level(ann, bea)
    assert bea.ask(visit, signed).summary == "signed in the car"
    assert not ann.ask(outbox_rows)
    assert b"signed in the car" not in texts_on(ann)
    agree(fleet)


def test_t03_draft_of_a_lost_family_goes_to_the_new_nurse(fleet: Fleet) -> None:  # noqa: F811
    ann, bea = fleet.laptop(), fleet.laptop()
    family = ann.begin_family()
    level(ann, bea)
    ann.draft(family, "half a thought")
    time.sleep(0.02)
    hand_over(fleet, family, ann, bea)
    level(ann, bea)
    level(ann, bea)
    assert [row.family for row in bea.ask(drafts)] == [family]
    assert b"half a thought" in texts_on(bea)


def test_t03_away_and_back_again(fleet: Fleet) -> None:  # noqa: F811
    ann, bea = fleet.laptop(), fleet.laptop()
    family = ann.begin_family()
    ann.sign(family, "by Ann")
    level(ann)
    hand_over(fleet, family, ann, bea)
    level(bea, ann)
    bea.sign(family, "by Bea")
    level(bea)
    hand_over(fleet, family, bea, ann)
    level(ann, bea)
    assert {row.summary for row in ann.ask(visits, family)} == {"by Ann", "by Bea"}
    assert not bea.ask(visits, family)
    agree(fleet)


def test_t03_access_revoked_in_the_middle_of_a_paged_pull(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    ann, bea = fleet.laptop(), fleet.laptop()
    family = ann.begin_family()
    for turn in range(12):
        ann.sign(family, f"quince visit {turn} " + "word " * 300)
    level(ann, bea)
    fleet.service.assign(family, bea.user)
    pull = bea.client.pull
    pages: list[m.PullAnswer] = []

    def small(version: int, asked: Any, told: str = "", budget: int = 0) -> m.PullAnswer:
        answer = pull(version, asked, told, 4_000)
        if any(feed.records and feed.scope == f"f:{family}" for feed in answer.feeds):
            pages.append(answer)
            if len(pages) == 2:
                fleet.service.assign(family, bea.user, until_at=datetime.now(UTC) - timedelta(milliseconds=1))
        return answer

    monkeypatch.setattr(bea.client, "pull", small)
    bea.sync()
    assert len(pages) == 2
    monkeypatch.setattr(bea.client, "pull", pull)
    level(bea)
    assert b"quince" not in texts_on(bea)
    assert not bea.ask(families)
    agree(fleet)


@pytest.mark.parametrize("way", ["pull", "push"])
def test_t03_guessed_family_looks_like_none(service: ServiceKit, way: str) -> None:  # noqa: F811
    team = service.team()
    ann, bea = (service.laptop(service.user(team)) for _ in range(2))
    opened = a_family()
    assert ann.outcomes(opened) == ["ok"]

    def told(family: str) -> Any:
        if way == "pull":
            return [
                (feed.flag, feed.head, feed.count, feed.digest, feed.records)
                for feed in bea.ask([m.Cursor(f"f:{family}", 0, 0)]).feeds
            ]
        answer = bea.push(a_person(family), a_visit(family, bea.user), a_family(family, base=1))
        return [(r.outcome, r.code, r.rev, r.seq, r.record) for r in answer.receipts], answer.heads

    assert told(opened.id) == told(some_uuid())


# T4 lost answers

_ANSWER_LOST = ("drop_after", "cut:0", "cut:1", "cut:40", "cut:-2", "twice", "late")


@pytest.mark.parametrize("word", _ANSWER_LOST)
def test_t04_lost_answer_retried_three_times_has_one_effect(fleet: Fleet, word: str) -> None:  # noqa: F811
    nurse, supervisor = fleet.laptop(), fleet.laptop("supervisor")
    family = nurse.begin_family()
    nurse.level()
    signed = nurse.sign(family, "only once")
    for _ in range(3):
        nurse.faults[:] = [word]
        result = nurse.sync()
        if word not in ("twice",):
            assert result.problem is not None
    nurse.faults.clear()
    nurse.level()
    supervisor.level()
    [row] = on_server(fleet.service, "id = :id", id=signed)
    assert row.rev == 1
    assert in_history(fleet.service, signed) == [bytes(row.body)]
    assert fleet.service.sql("select count(*) from receipt where op = :op", op=row.op) == [(1,)]
    [kept] = rows_of(nurse, "receipt", where=f"id = '{signed}'")
    [told] = fleet.service.sql("select outcome, rev, seq, code from receipt where op = :op", op=row.op)
    assert (kept.outcome, kept.rev, kept.seq, kept.code) == tuple(told)
    assert [one.id for one in supervisor.ask(visits, family)] == [signed]
    agree(fleet)


# T5 edit while on its way


def test_t05_edit_between_send_and_lost_answer(fleet: Fleet) -> None:  # noqa: F811
    nurse = fleet.laptop()
    family = nurse.begin_family()
    nurse.level()
    draft = nurse.draft(family, "first words")
    nurse.faults[:] = ["drop_after"]
    assert isinstance(nurse.sync().problem, ServiceUnreachable)
    frozen = next(row for row in ops_of(nurse) if row.kind == "draft")
    nurse.draft(family, "first words and more", visit=draft)
    [still] = [row for row in ops_of(nurse) if row.op == frozen.op]
    assert bytes(still.body) == bytes(frozen.body)
    nurse.level()
    assert not nurse.ask(disagreements)
    assert not nurse.ask(outbox_rows)
    bodies = [text_of(json.loads(body)) for body in in_history(fleet.service, draft)]
    assert sorted(bodies) == ["first words", "first words and more"]
    [row] = on_server(fleet.service, "id = :id", id=draft)
    assert text_of(json.loads(bytes(row.body))) == "first words and more"
    agree(fleet)


# T6 clocks


@pytest.mark.parametrize(
    "off_by", [3 * 365 * DAY, -DAY, timedelta(minutes=-4)], ids=["years_ahead", "day_behind", "minutes_behind"]
)
def test_t06_wrong_clock_changes_nothing_but_the_date_she_wrote(fleet: Fleet, off_by: timedelta) -> None:  # noqa: F811
    supervisor = fleet.laptop("supervisor")
    nurse = fleet.laptop(clock=DriftingClock(off_by))
    family = nurse.begin_family()
    level(nurse)
    signed = nurse.sign(family, "what the clock said")
    written = nurse.body(f"f:{family}", signed)["signed_at"]
    level(nurse, supervisor)
    row = fleet.service.sql("select at_ms, recv_ms, body from rec where id = :id", id=signed)[0]
    assert abs(row.at_ms - row.recv_ms) < 60_000, "the server works with corrected time"
    assert json.loads(bytes(row.body))["signed_at"] == written
    assert [one.id for one in supervisor.ask(visits, family)] == [signed]
    agree(fleet)


def test_t06_clock_that_jumps_back_during_a_sync(fleet: Fleet) -> None:  # noqa: F811
    clock = DriftingClock(DAY)
    nurse, supervisor = fleet.laptop(clock=clock), fleet.laptop("supervisor")
    wanted = [nurse.begin_family(f"Family {number}") for number in range(3)]
    nurse.level()
    signed = {nurse.sign(family, "before the jump") for family in wanted}
    nurse.line.after = lambda request, response: (setattr(clock, "off_by", -DAY), response)[1]
    nurse.sync()
    nurse.line.restore()
    signed |= {nurse.sign(family, "after the jump") for family in wanted}
    level(nurse, supervisor)
    assert {one.id for family in wanted for one in supervisor.ask(visits, family)} == signed
    agree(fleet)
