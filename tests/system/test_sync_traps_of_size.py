"""The traps of synchronising, T11 to T17: poison, first syncs, conflicts, digests, query plans, bombs, two at once."""

import json
import os
import random
import subprocess
import sys
import threading
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import zstandard
from sqlalchemy import Connection, event, text

from tests.kit.fleet import (
    KEY,
    Fleet,
    FleetLaptop,
    agree,
    fleet,  # noqa: F401
    in_history,
    level,
    on_server,
    rows_of,
)
from tests.kit.laptops import text_of
from tests.kit.postgres import databases, postgres, service  # noqa: F401
from tests.kit.service import Laptop, ServiceKit, some_uuid
from tests.kit.typed import Typed
from visitapp.protocol import codec
from visitapp.protocol import messages as m
from visitapp.server import ledger
from visitapp.server.database import administering
from visitapp.server.signin import set_identity
from visitapp.store.acknowledged import correct_sums
from visitapp.store.outbox import disagreements, outbox_rows, sync_counts
from visitapp.store.people import families
from visitapp.store.record import Record
from visitapp.store.visits import visit, visits
from visitapp.sync.exchange import run_exchange
from visitapp.sync.problems import ScopeWillNotAgree

GOLDEN = Path(__file__).parents[1] / "data" / "bodies"


# T11 poison


def test_t11_one_bad_change_of_fifty_is_held_and_the_rest_land(fleet: Fleet) -> None:  # noqa: F811
    nurse = fleet.laptop()
    family = nurse.begin_family()
    nurse.level()
    goals = [nurse.ids() for _ in range(50)]
    for number, goal in enumerate(goals):
        body = {"note": "no text"} if number == 25 else {"text": f"goal {number}"}
        nurse.do(lambda w, goal=goal, body=body: w.put(f"f:{family}", "plan_item", goal, body))
    nurse.level()
    assert {row.id for row in on_server(fleet.service, "kind = 'plan_item'")} == set(goals) - {goals[25]}
    assert [(row.id, row.state) for row in nurse.ask(outbox_rows)] == [(goals[25], "held")]
    assert in_history(fleet.service, goals[25]) == [b'{"note":"no text"}']
    counts = nurse.ask(sync_counts)
    assert (counts.unsent, counts.held) == (0, 1)


def test_t11_change_that_makes_the_handler_raise_is_told_and_holds_back_only_its_own(
    fleet: Fleet,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    nurse = fleet.laptop()
    family = nurse.begin_family()
    nurse.level()
    decide = ledger.decide

    def stumbles(op: m.Op, *rest: Any) -> Any:
        if b"poison" in op.body:
            raise ValueError
        return decide(op, *rest)

    monkeypatch.setattr(ledger, "decide", stumbles)
    bad = nurse.sign(family, "poison")
    good = [nurse.sign(family, f"visit {turn}") for turn in range(5)]
    nurse.sync()
    assert {row.id for row in on_server(fleet.service, "kind = 'visit'")} == set(good), "the first answer already has the others"
    for _ in range(5):
        nurse.sync()
    assert {row.state for row in nurse.ask(outbox_rows)} == {"parked"}
    assert nurse.ask(sync_counts).attention == 2
    more = nurse.sign(family, "afterwards")
    nurse.sync()
    assert nurse.ask(visit, more).state == "received"
    assert nurse.ask(visit, bad).state == "signed"


def test_t11_outbox_lets_go_of_nothing_that_has_no_receipt(fleet: Fleet) -> None:  # noqa: F811
    nurse = fleet.laptop()
    family = nurse.begin_family()
    made = {row.op for row in nurse.ask(outbox_rows)}
    for word in ("drop_before", "drop_after", "cut:9", "late", "ok"):
        nurse.sign(family, word)
        made |= {row.op for row in nurse.ask(outbox_rows)}
        nurse.faults[:] = [word]
        nurse.sync()
        has_receipt = {row.op for row in rows_of(nurse, "receipt")}
        waiting = {row.op for row in nurse.ask(outbox_rows)}
        assert made - waiting <= has_receipt
    nurse.level()
    assert {row.op for row in rows_of(nurse, "receipt")} == made


# T12 a big first sync


def _a_caseload(fleet: Fleet) -> FleetLaptop:  # noqa: F811
    nurse = fleet.laptop()
    for number in range(25):
        family = nurse.begin_family(f"Family {number:02}")
        for turn in range(3 if number else 24):
            nurse.sign(
                family,
                f"visit {turn} " + " ".join(f"{random.Random(number * 10 + turn + k).getrandbits(40):x}" for k in range(150)),
            )
    nurse.level()
    return nurse


def _in_small_pages(laptop: FleetLaptop) -> None:
    pull = laptop.client.pull
    laptop.client.pull = lambda version, asked, told="", budget=0: pull(version, asked, told, 16_000)  # type: ignore[method-assign]


def test_t12_first_sync_cut_again_and_again_resends_little_and_is_usable_meanwhile(fleet: Fleet) -> None:  # noqa: F811
    nurse = _a_caseload(fleet)
    clean, broken = (fleet.laptop(user=nurse.user) for _ in range(2))
    down: Counter[str] = Counter()

    def counted(laptop: FleetLaptop, name: str) -> None:
        def after(request: Any, response: Any) -> Any:
            down[name] += int(response.headers["Content-Length"])
            return response

        laptop.line.after = after

    for laptop, name in ((clean, "clean"), (broken, "broken")):
        _in_small_pages(laptop)
        counted(laptop, name)
    clean.level()
    finished: list[int] = []
    for _ in range(40):
        broken.faults[:] = ["ok"] * 7 + ["drop_after"]
        done = broken.sync().complete
        finished.append(sum(len(broken.ask(visits, row.id)) in (3, 24) for row in broken.ask(families)))
        if done:
            break
    assert finished == sorted(finished)
    assert 0 < finished[0] < 25
    assert finished[-1] == 25
    assert down["broken"] < 1.2 * down["clean"]
    agree(fleet)


def test_t12_her_families_of_today_come_first(fleet: Fleet) -> None:  # noqa: F811
    nurse = _a_caseload(fleet)
    wanted = nurse.ask(families)[-1].id
    nurse.draft(wanted, "in the middle of it")
    nurse.level()
    second = fleet.laptop(user=nurse.user)
    _in_small_pages(second)
    second.faults[:] = ["ok", "ok", "drop_after"]
    second.sync()
    second.faults[:] = ["ok", "ok", "drop_after"]
    second.sync()
    assert len(second.ask(visits, wanted)) == 3
    assert len([row for row in second.ask(families) if second.ask(visits, row.id)]) < 25


# T13 conflicts


@pytest.mark.parametrize("seed", range(6))
def test_t13_every_text_is_reachable_after_every_conflict(fleet: Fleet, seed: int) -> None:  # noqa: F811
    dice = random.Random(seed)
    first = fleet.laptop()
    family = first.begin_family()
    draft = first.draft(family, f"text 0 {seed}")
    first.level()
    second = fleet.laptop(user=first.user)
    second.level()
    typed = Typed(fleet)
    for turn in range(1, 9):
        laptop = dice.choice((first, second))
        typed.note(laptop, draft, f"text {turn} {seed}")
        laptop.draft(family, f"text {turn} {seed}", visit=draft)
        if dice.random() < 0.4:
            whole = {**laptop.body(f"f:{family}", family), "note": f"name {turn} {seed}"}
            typed.note(laptop, family, f"name {turn} {seed}")
            laptop.do(lambda w, laptop=laptop, whole=whole: w.put(f"f:{family}", "family", family, whole))
        if dice.random() < 0.6:
            laptop = dice.choice((first, second))
            laptop.sync()
            typed.after_sync(laptop)
    level(first, second, first, second)
    assert typed.lost() == []
    assert typed.firm
    for laptop in (first, second):
        for waiting in laptop.ask(disagreements):
            assert waiting.mine
            assert waiting.theirs


def test_t13_what_lost_a_conflict_is_in_the_services_history_as_well(fleet: Fleet) -> None:  # noqa: F811
    first = fleet.laptop()
    family = first.begin_family()
    draft = first.draft(family, "the beginning")
    first.level()
    second = fleet.laptop(user=first.user)
    second.level()
    first.draft(family, "in the car", visit=draft)
    second.draft(family, "at home", visit=draft)
    level(first, second, first)
    told = {text_of(json.loads(body)) for body in in_history(fleet.service, draft)}
    assert told == {"the beginning", "in the car", "at home"}
    [waiting] = second.ask(disagreements)
    assert (text_of(json.loads(waiting.mine)), text_of(json.loads(waiting.theirs))) == ("at home", "in the car")


# T14 digests that are only copied


def test_t14_one_byte_flipped_on_disk_repairs_one_family(fleet: Fleet) -> None:  # noqa: F811
    nurse = fleet.laptop()
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
    agree(fleet)


def test_t14_server_that_says_another_digest_is_not_believed(fleet: Fleet) -> None:  # noqa: F811
    nurse = fleet.laptop()
    family = nurse.begin_family()
    nurse.level()
    fleet.service.sql("update scope set dig = dig + 1 where id = :s returning id", s=f"f:{family}")
    result = nurse.sync()
    assert isinstance(result.problem, ScopeWillNotAgree)
    fleet.service.sql("update scope set dig = dig - 1 where id = :s returning id", s=f"f:{family}")
    nurse.level()
    agree(fleet)


# T15 query plans

_BIG = {
    "rec": "insert into rec select 'f:' || i / 300, i::text, 'part', i, 1, '\\x00', false, 'a', 'd', 'o', 0, 0, false, '\\x7b7d'",
    "hist": "insert into hist select 'f:' || i / 300, i::text, 1, i::text, 'part', 'ok', '\\x00', 'a', 'd', 0, 0, false, '\\x7b7d'",
    "receipt": "insert into receipt select 'f:' || (i / 300), i::text, 'a', 'ok', 1, 1, '', now()",
    "scope": "insert into scope select 'f:' || i, 1, 1, 1, 't'",
    "assignment": "insert into assignment(user_id, scope, role) select (i / 60)::text, 'f:' || i, 'nurse'",
    "device": "insert into device select i::text, i::text, '\\x00', 'active', now()",
    "member": "insert into member select i::text, 'n', 'nurse', '', (i / 10)::text, true, now()",
    "nonce": "insert into nonce select (i / 100)::text, i::text, 0",
}


def _fill(service: ServiceKit, rows: int) -> None:  # noqa: F811
    with administering(service.owner) as connection:
        connection.execute(text("set local synchronous_commit = off"))
        connection.execute(text("set local statement_timeout = '300s'"))
        for statement in _BIG.values():
            connection.execute(text(f"{statement} from generate_series(1, {rows}) i"))
        for table in _BIG:
            connection.execute(text(f"analyze {table}"))


def _plans(service: ServiceKit, statements: list[tuple[str, Any]], laptop: FleetLaptop, team: str) -> dict[str, str]:  # noqa: F811
    found = {}
    with service.app.state.service.engine.connect() as connection, connection.begin() as begun:
        set_identity(connection, user=laptop.user, team=team, device=laptop.device, grace="0")
        for statement, values in statements:
            driver = connection.connection.driver_connection
            assert driver is not None
            rows = driver.execute("explain " + statement, values).fetchall()
            found[statement] = "\n".join(row[0] for row in rows)
        begun.rollback()
    return found


def _no_statement_scans(fleet: Fleet, rows: int) -> None:  # noqa: F811
    nurse = fleet.laptop()
    supervisor = fleet.laptop("supervisor")
    family = nurse.begin_family()
    draft = nurse.draft(family, "a draft")
    level(nurse, supervisor)
    _fill(fleet.service, rows)
    seen: dict[str, Any] = {}

    def note(connection: Connection, cursor: Any, statement: str, values: Any, context: Any, many: bool) -> None:
        one = values[0] if many and isinstance(values, list) else values
        if statement.split(maxsplit=1)[0].lower() in ("select", "insert", "update", "delete", "with"):
            seen.setdefault(statement, one)

    engine = fleet.service.app.state.service.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        for turn in range(2):
            nurse.sign(family, f"visit {turn}", restricted="secret")
            nurse.draft(family, f"a draft {turn}", visit=draft)
            whole = {**nurse.body(f"f:{family}", family), "note": f"{turn}"}
            nurse.do(lambda w, whole=whole: w.put(f"f:{family}", "family", family, whole))
            nurse.level()
        nurse.begin_family("Another")
        level(nurse, supervisor, fleet.laptop(user=nurse.user))
    finally:
        event.remove(engine, "before_cursor_execute", note)
    assert len(seen) > 8
    plans = _plans(fleet.service, list(seen.items()), nurse, fleet.team)
    scans = {s: plan for s, plan in plans.items() for line in plan.splitlines() if "Seq Scan on" in line and "epoch" not in line}
    assert not scans, "\n\n".join(f"{s}\n{plan}" for s, plan in scans.items())


def test_t15_no_statement_scans_a_large_table(fleet: Fleet) -> None:  # noqa: F811
    _no_statement_scans(fleet, 40_000)


@pytest.mark.hunt
def test_t15_no_statement_scans_a_table_of_a_million_rows(fleet: Fleet) -> None:  # noqa: F811
    _no_statement_scans(fleet, 1_000_000)


# T16 bombs and giants


def _zeros(size: int, times: int = 1) -> bytes:
    data = bytes(size)
    for _ in range(times):
        data = zstandard.ZstdCompressor(level=3).compress(data)
    return data


def _bombs(laptop: Laptop) -> dict[str, tuple[bytes, int]]:
    hello = codec.unpack(codec.encode_push(m.Push(laptop.hello(), ())))
    line = json.dumps([some_uuid(), "", "g:", "x", some_uuid(), 0, "put", 0, 0, 1]).encode()
    streamed = zstandard.ZstdCompressor(level=3).compressobj()
    unsized = b"".join([streamed.compress(bytes(20_000_000)), streamed.flush()])
    return {
        "zeros": (_zeros(200_000_000), 413),
        "zeros_without_size": (unsized, 413),
        "zeros_packed_thrice": (_zeros(10_000_000, 3), 400),
        "one_body_too_large": (codec.pack(hello + line + b"\n" + b'{"a":"' + b"x" * (m.MAX_BODY + 1) + b'"}\n'), 413),
        "one_op_too_many": (codec.pack(hello + (line + b"\n{}\n") * (m.MAX_OPS + 1)), 413),
        "nested": (codec.pack(hello + line + b"\n" + b'{"a":' * 40_000 + b"1" + b"}" * 40_000 + b"\n"), 200),
    }


def test_t16_bombs_are_refused_without_being_unpacked(service: ServiceKit) -> None:  # noqa: F811
    import resource

    laptop = service.laptop(service.user(service.team()))
    bombs = _bombs(laptop)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for name, (body, status) in bombs.items():
        answer = laptop.send("/v1/push", body)
        assert answer.status_code == status, name
    many = [m.Cursor(f"f:{some_uuid()}", 0, 0) for _ in range(m.MAX_SCOPES + 1)]
    asked = codec.encode_pull(m.PullAsk(laptop.hello(), 0, tuple(many)))
    assert laptop.send("/v1/pull", asked).status_code == 413
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 150_000, f"{grown} KB"
    laptop.pull()


def test_t16_client_does_not_unpack_a_bomb_either(fleet: Fleet) -> None:  # noqa: F811
    import httpx2

    nurse = fleet.laptop()
    nurse.begin_family()
    bomb = _zeros(200_000_000)
    headers = {"Content-Type": "application/x-ndjson", "Content-Encoding": "zstd"}
    nurse.line.after = lambda request, response: httpx2.Response(200, headers=headers, stream=httpx2.ByteStream(bomb))
    assert nurse.sync().problem is not None
    nurse.line.restore()
    nurse.level()


# T17 two syncs at once


def test_t17_second_process_does_not_get_at_the_record(fleet: Fleet) -> None:  # noqa: F811
    nurse = fleet.laptop()
    script = (
        "import sys\nfrom pathlib import Path\nfrom visitapp.domain.clock import SystemClock\n"
        "from visitapp.store.problems import RecordInUse\nfrom visitapp.store.record import Record\n"
        "try:\n    Record.open(Path(sys.argv[1]), bytes.fromhex(sys.argv[2]), clock=SystemClock())\n"
        "except RecordInUse:\n    sys.exit(77)\n"
    )
    command = [sys.executable, "-c", script, str(nurse.record.path), KEY.hex()]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    assert subprocess.run(command, env=environment, timeout=60, check=False).returncode == 77
    path = nurse.record.path
    nurse.record.close()
    assert subprocess.run(command, env=environment, timeout=60, check=False).returncode == 0
    nurse.record = Record.open(path, KEY, clock=nurse.clock)


def test_t17_button_and_timer_at_the_same_moment_send_once(fleet: Fleet) -> None:  # noqa: F811
    nurse, supervisor = fleet.laptop(), fleet.laptop("supervisor")
    family = nurse.begin_family()
    nurse.level()
    signed = [nurse.sign(family, f"visit {turn}") for turn in range(20)]
    again = nurse.connect()
    results: list[Any] = []
    both = [
        threading.Thread(target=lambda c=c: results.append(run_exchange(nurse.record, c, user=nurse.user)))
        for c in (nurse.client, again)
    ]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join(60)
    again.close()
    level(nurse, supervisor)
    assert len(results) == 2
    assert Counter(row.id for row in on_server(fleet.service, "kind = 'visit'")) == Counter(signed)
    assert fleet.service.sql("select count(*) from hist where kind in ('visit', 'part')") == [(0,)]
    assert not nurse.ask(outbox_rows)
    agree(fleet)
