# ruff: noqa: F811 - a fixture is imported and then asked for by its name
"""The line breaks at every phase: whatever was acknowledged stays, nothing is doubled, and the next exchange goes on."""

import itertools
from collections.abc import Callable
from typing import Any

import httpx2
import pytest

from tests.kit.laptops import MakeLaptop, SyncedLaptop, everything_written, laptop, lost, team, text_of  # noqa: F401
from tests.kit.postgres import databases, postgres, service  # noqa: F401
from tests.kit.service import ServiceKit
from visitapp.protocol import codec
from visitapp.store.acknowledged import add_up, correct_sums
from visitapp.store.incoming import cursors
from visitapp.store.outbox import disagreements, outbox_rows, sync_counts, sync_log
from visitapp.store.settlement import keep_mine, kept_bodies, take_theirs, write_again
from visitapp.store.visits import visit, visits
from visitapp.sync.problems import DeviceBlocked, NotTheService, PageDamaged, ServiceFailed, ServiceUnreachable


def _breaks_at(number: int, *, answered: bool) -> Callable[[SyncedLaptop], None]:
    """Break the line at the n-th request, before the server saw it or after it had answered."""

    def arm(one: SyncedLaptop) -> None:
        count = itertools.count(1)

        def before(request: httpx2.Request) -> None:
            if next(count) == number and not answered:
                lost()

        def after(request: httpx2.Request, response: httpx2.Response) -> httpx2.Response:
            seen = len(one.line.requests) - start
            return lost() if answered and seen == number else response

        start = len(one.line.requests)
        one.line.before, one.line.after = before, after

    return arm


def _reply(status: int, body: bytes, headers: dict[str, str] | None = None) -> httpx2.Response:
    return httpx2.Response(status, headers=headers, stream=httpx2.ByteStream(body))


@pytest.mark.parametrize("answered", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_broken_line_at_any_request_loses_and_doubles_nothing(
    laptop: MakeLaptop,
    service: ServiceKit,
    number: int,
    answered: bool,
) -> None:
    supervisor, nurse = laptop("supervisor"), laptop()
    family = nurse.begin_family()
    signed = [nurse.sign(family, f"visit {turn}") for turn in range(3)]
    _breaks_at(number, answered=answered)(nurse)

    broken = nurse.sync()
    assert isinstance(broken.problem, ServiceUnreachable)
    assert [visit_row.summary for visit_row in nurse.ask(visits, family)] == ["visit 2", "visit 1", "visit 0"]

    nurse.line.restore()
    nurse.level()
    supervisor.level()
    assert {row.id for row in supervisor.ask(visits, family)} == set(signed)
    assert not nurse.ask(outbox_rows)
    assert service.sql("select count(*) from rec where kind = 'visit'")[0][0] == 3
    assert service.sql("select count(*) from hist where kind = 'visit'")[0][0] == 0


def test_edit_between_send_and_lost_answer_does_not_conflict_with_oneself(laptop: MakeLaptop) -> None:
    nurse = laptop()
    family = nurse.begin_family()
    draft = nurse.draft(family, "first words")
    nurse.line.after = lost
    assert not nurse.sync().complete
    nurse.draft(family, "first words and more", visit=draft)
    assert [row.state for row in nurse.ask(outbox_rows) if row.kind == "draft"] == ["sent", "waiting"]

    nurse.line.restore()
    nurse.level()
    second = laptop(user=nurse.user)
    second.level()
    assert text_of(second.body(f"u:{nurse.user}", draft)) == "first words and more"
    assert not nurse.ask(disagreements)
    assert not nurse.ask(outbox_rows)


def test_edit_between_choosing_and_sending_goes_out_as_it_stands(laptop: MakeLaptop, monkeypatch: pytest.MonkeyPatch) -> None:
    nurse = laptop()
    family = nurse.begin_family()
    nurse.level()
    draft = nurse.draft(family, "first words")
    writing, edits = nurse.record.writing, ["first words and more"]

    def edited_first() -> Any:
        if edits:
            nurse.draft(family, edits.pop(), visit=draft)
        return writing()

    monkeypatch.setattr(nurse.record, "writing", edited_first)
    nurse.level()
    nurse.level()
    second = laptop(user=nurse.user)
    second.level()
    assert text_of(second.body(f"u:{nurse.user}", draft)) == "first words and more"
    assert not edits
    assert not nurse.ask(disagreements)
    assert not nurse.ask(outbox_rows)


def test_answer_that_is_a_networks_sign_in_page_is_not_taken_for_the_service(laptop: MakeLaptop) -> None:
    nurse = laptop()
    nurse.begin_family()
    page = b"<html>Welcome to the hotel</html>"
    nurse.line.after = lambda request, response: _reply(200, page, {"Content-Type": "text/html"})
    result = nurse.sync()
    assert isinstance(result.problem, NotTheService)
    nurse.line.restore()
    nurse.level()
    assert nurse.ask(sync_counts).unsent == 0


@pytest.mark.parametrize("keep", [0, 1, 17, 60])
def test_answer_cut_short_changes_nothing(laptop: MakeLaptop, keep: int) -> None:
    nurse = laptop()
    nurse.begin_family()

    def cut(request: httpx2.Request, response: httpx2.Response) -> httpx2.Response:
        body = b"".join(response.stream)
        return httpx2.Response(response.status_code, headers=response.headers, stream=httpx2.ByteStream(body[:keep]))

    nurse.line.after = cut
    assert isinstance(nurse.sync().problem, ServiceUnreachable | NotTheService)
    assert nurse.ask(sync_counts).unsent == 2
    nurse.line.restore()
    nurse.level()
    assert nurse.ask(sync_counts).unsent == 0


def test_server_that_stumbles_over_one_change_gets_the_others_and_the_change_waits_for_a_person(laptop: MakeLaptop) -> None:
    nurse = laptop()
    family = nurse.begin_family()
    nurse.level()
    bad = nurse.sign(family, "poison")
    good = [nurse.sign(family, f"visit {turn}") for turn in range(4)]

    def stumble(request: httpx2.Request) -> None:
        if request.url.path == "/v1/push" and any(b"poison" in op.body for op in codec.decode_push(request.content).ops):
            raise _Stumble

    def handle(request: httpx2.Request, plain: Callable[[httpx2.Request], httpx2.Response]) -> httpx2.Response:
        try:
            stumble(request)
        except _Stumble:
            return _reply(500, b'{"code":"failed","now_ms":0,"incident":"abc"}')
        return plain(request)

    plain = nurse.line.handle_request
    nurse.line.handle_request = lambda request: handle(request, plain)  # type: ignore[method-assign]
    problems = [nurse.sync().problem for _ in range(8)]
    assert isinstance(problems[0], ServiceFailed)
    assert problems[-1] is None
    assert all(nurse.ask(visit, one).state == "received" for one in good)
    assert nurse.ask(visit, bad).state == "signed"
    assert {row.state for row in nurse.ask(outbox_rows)} == {"parked"}
    assert nurse.ask(sync_counts).attention == 2


class _Stumble(Exception):
    """The server cannot carry this out."""


def test_record_damaged_on_its_way_is_not_taken_in(laptop: MakeLaptop) -> None:
    supervisor, nurse = laptop("supervisor"), laptop()
    family = nurse.begin_family()
    nurse.sign(family, "the true words")
    nurse.level()

    def swap(request: httpx2.Request, response: httpx2.Response) -> httpx2.Response:
        raw = codec.unpack(b"".join(response.stream))
        body = codec.pack(raw.replace(b"true words", b"fake words"))
        headers = {"Content-Type": response.headers["Content-Type"], "Content-Encoding": "zstd"}
        return _reply(200, body, headers) if request.url.path == "/v1/pull" else response

    supervisor.line.after = swap
    assert isinstance(supervisor.sync().problem, PageDamaged)
    assert not any(b"fake words" in body for body in supervisor.ask(everything_written))
    supervisor.line.restore()
    supervisor.level()
    assert supervisor.ask(visits, family)[0].summary == "the true words"


def test_one_byte_flipped_on_disk_is_found_and_the_family_pulled_afresh(laptop: MakeLaptop) -> None:
    from sqlalchemy import text

    nurse = laptop()
    family, other = nurse.begin_family("Okafor"), nurse.begin_family("Evans")
    signed = nurse.sign(family, "the true words")
    nurse.level()
    flip = text("UPDATE rec SET body = CAST(replace(CAST(body AS TEXT), 'true', 'frue') AS BLOB) WHERE id = :id")
    nurse.do(lambda w: w.connection.execute(flip, {"id": signed}))

    assert nurse.do(correct_sums) == (f"f:{family}",)
    result = nurse.level()
    assert result.repaired == {f"f:{family}"}
    assert f"f:{other}" not in result.repaired
    assert nurse.body(f"f:{family}", signed)["summary"] == "the true words"
    assert nurse.do(correct_sums) == ()


def test_row_the_server_does_not_have_goes_back_to_it(laptop: MakeLaptop, service: ServiceKit) -> None:
    from visitapp.store.acknowledged import Acknowledged, put_rows

    nurse = laptop()
    family = nurse.begin_family()
    nurse.level()
    stray = nurse.ids()
    row = Acknowledged(
        f"f:{family}", stray, "plan_item", 1, False, nurse.user, 0, f'{{"family":"{family}","text":"a stray goal"}}'.encode()
    )
    nurse.do(lambda w: put_rows(w, [row]))
    assert nurse.level().repaired == {f"f:{family}"}
    nurse.level()
    assert nurse.body(f"f:{family}", stray)["text"] == "a stray goal"
    assert not nurse.ask(outbox_rows)
    assert service.sql("select 1 from rec where id = :id", id=stray)
    with nurse.record.reading() as r:
        true = add_up(r, f"f:{family}")
        assert {c.scope: c.digest for c in cursors(r)}[f"f:{family}"] == true.digest


def test_row_that_only_the_service_may_write_is_put_aside_when_the_service_lost_it(laptop: MakeLaptop) -> None:
    from visitapp.store.acknowledged import Acknowledged, put_rows

    nurse = laptop()
    nurse.level()
    stray, scope = nurse.ids(), f"u:{nurse.user}"
    nurse.do(lambda w: put_rows(w, [Acknowledged(scope, stray, "notice", 1, False, "", 0, b'{"text":"a notice"}')]))
    assert nurse.level().repaired == {scope}
    assert nurse.body(scope, stray) is None
    assert nurse.ask(kept_bodies, scope, stray) == ({"text": "a notice"},)


def test_interrupted_first_sync_goes_on_where_it_stopped(laptop: MakeLaptop) -> None:
    nurse = laptop()
    wanted = [nurse.begin_family(f"Family {number:02}") for number in range(6)]
    for family in wanted:
        for turn in range(4):
            nurse.sign(family, f"visit {turn} " + "word " * 400)
    nurse.level()

    second = laptop(user=nurse.user)
    pull = second.client.pull
    second.client.pull = lambda version, asked, fingerprint="", budget=0: pull(version, asked, fingerprint, 16_000)  # type: ignore
    rounds = 0
    while rounds < 60:
        rounds += 1
        _breaks_at(3, answered=True)(second)
        if second.sync().complete:
            break
    assert 2 < rounds < 60
    assert sum(len(second.ask(visits, family)) for family in wanted) == 24
    assert second.ask(sync_log)[0].outcome == "done"


def _conflicting_draft(laptop: MakeLaptop) -> tuple[SyncedLaptop, SyncedLaptop, str, str]:
    nurse = laptop()
    family = nurse.begin_family()
    draft = nurse.draft(family, "the beginning")
    nurse.level()
    second = laptop(user=nurse.user)
    second.level()
    nurse.draft(family, "written in the car", visit=draft)
    second.draft(family, "written at home", visit=draft)
    nurse.level()
    second.level()
    return nurse, second, family, draft


@pytest.mark.parametrize("choice", ["mine", "theirs", "both"])
def test_a_decided_conflict_goes_out_again_and_keeps_what_was_not_chosen(laptop: MakeLaptop, choice: str) -> None:
    nurse, second, _, draft = _conflicting_draft(laptop)
    scope = f"u:{nurse.user}"
    [waiting] = second.ask(disagreements)
    if choice == "mine":
        second.do(lambda w: keep_mine(w, waiting.op))
    elif choice == "theirs":
        second.do(lambda w: take_theirs(w, waiting.op))
    else:
        both = {**second.body(scope, draft)}
        both["sheets"][0]["answers"][0]["answer"][0]["valueString"] = "in the car and at home"
        second.do(lambda w: write_again(w, waiting.op, both))
    second.level()
    nurse.level()
    told = {"mine": "written at home", "theirs": "written in the car", "both": "in the car and at home"}[choice]
    assert text_of(nurse.body(scope, draft)) == text_of(second.body(scope, draft)) == told
    assert not second.ask(disagreements)
    reachable = {text_of(body) for body in (*second.ask(kept_bodies, scope, draft), second.body(scope, draft))}
    assert {"written at home", "written in the car"} <= reachable


def test_writing_on_in_a_conflict_changes_neither_the_servers_text_nor_sends_over_it(laptop: MakeLaptop) -> None:
    nurse, second, family, draft = _conflicting_draft(laptop)
    second.draft(family, "written at home, and more", visit=draft)
    second.level()
    nurse.level()
    assert text_of(nurse.body(f"u:{nurse.user}", draft)) == "written in the car"
    [waiting] = second.ask(disagreements)
    assert b"and more" in waiting.mine


def test_blocked_laptop_keeps_its_outbox(laptop: MakeLaptop, service: ServiceKit) -> None:
    nurse = laptop()
    nurse.begin_family()
    service.sql("update device set state = 'blocked' where id = :device returning id", device=nurse.device)
    assert isinstance(nurse.sync().problem, DeviceBlocked)
    assert nurse.ask(sync_counts).unsent == 2


def test_clock_wrong_by_three_years_still_gets_through_and_is_noted_on_every_change(laptop: MakeLaptop) -> None:
    from datetime import timedelta

    from tests.kit.laptops import DriftingClock

    nurse = laptop(clock=DriftingClock(timedelta(days=3 * 365)))
    nurse.begin_family()
    nurse.level()
    family = nurse.begin_family()
    signed = nurse.sign(family, "a visit in the future")
    nurse.level()
    assert nurse.ask(visit, signed).state == "received"
    with nurse.record.reading() as r:
        assert abs(int(r.meta("clock_offset_ms")) + 3 * 365 * 86_400_000) < 60_000
