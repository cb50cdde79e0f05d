"""Many laptops at once on one team's families: nothing lost, nothing twice, deadlocks are tried again, memory stays bounded."""

import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import psutil
import pytest

from tests.kit.service import Laptop, ServiceKit, a_family, a_person, a_visit
from visitapp.protocol import codec
from visitapp.protocol import messages as m
from visitapp.server import push
from visitapp.server.database import make_engine
from visitapp.server.embedded import EmbeddedPostgres
from visitapp.server.folder import opened

EDITORS = 5
MB = 1024 * 1024


class Patient(Laptop):
    """A laptop that asks again, with a new number, when it is told that it asks too often; so does the client."""

    def ask(self, cursors: Sequence[m.Cursor], **more: Any) -> m.PullAnswer:
        """The answer once there is one."""
        version = more.pop("caseload_version", self.caseload_version)
        while True:
            asked = m.PullAsk(self.hello(), version, tuple(cursors), **more)
            answer = self.send("/v1/pull", codec.encode_pull(asked))
            if answer.status_code == 200:
                return codec.decode_pull_answer(answer.content)
            assert answer.status_code == 429, answer.text
            time.sleep(0.05)


@dataclass
class Busy:
    """A server process of its own, its administrator, and how long every request took."""

    kit: ServiceKit
    address: str
    process: psutil.Process
    took_s: list[float] = field(default_factory=list)
    refused: Counter[int] = field(default_factory=Counter)

    def laptop(self, user: str, kind: type[Laptop] = Laptop) -> Laptop:
        """An enrolled laptop on a connection of its own."""
        http = httpx2.Client(base_url=self.address, timeout=120, trust_env=False)
        laptop = kind(http)  # type: ignore[arg-type]
        laptop.enrol(self.kit.code(user))
        return laptop

    def push(self, laptop: Laptop, *ops: m.Op) -> m.PushAnswer:
        """Hand in, again as long as the service says that it is busy, as the client does."""
        while True:
            began = time.monotonic()
            answer = laptop.send("/v1/push", codec.encode_push(m.Push(laptop.hello(), ops)))
            self.took_s.append(time.monotonic() - began)
            if answer.status_code == 200:
                return codec.decode_push_answer(answer.content)
            self.refused[answer.status_code] += 1
            assert answer.status_code in (429, 503), answer.text
            time.sleep(0.05)


@pytest.fixture(scope="module")
def busy() -> Iterator[Busy]:
    """A real server on a real socket; its memory is its own."""
    folder = Path(tempfile.mkdtemp(prefix="visitapp-busy-"))
    folder.chmod(0o711)
    command = [sys.executable, "-m", "visitapp.server", "--data", str(folder / "server"), "--port", "0"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert process.stdout is not None
    try:
        found = re.search(r"ready on (http://[\w.:]+)", process.stdout.readline())
        assert found, "the server did not start"
        with opened(folder / "server", "administer") as databases:
            kit = ServiceKit.__new__(ServiceKit)
            kit.owner = make_engine(databases.owner_url, size=3)
            yield Busy(kit, found.group(1), psutil.Process(process.pid))
            kit.owner.dispose()
    finally:
        process.terminate()
        process.wait(60)
        process.stdout.close()
        shutil.rmtree(folder, ignore_errors=True)


def _work(busy: Busy, laptop: Laptop, family: str, shared: str, notes: int, *, edits: bool) -> dict[str, str]:
    """One laptop's morning: notes of its own in a family of its own; an editor also types into the shared family. Answers outcomes."""
    outcomes: dict[str, str] = {}
    rev = 1
    for turn in range(notes):
        ops = [a_visit(family, laptop.user, summary=f"note {turn}")]
        if edits:
            words = f"{laptop.device} {turn}"
            ops.append(a_family(shared, base=rev, note=words, name="Testfamily"))
        for op, receipt in zip(ops, busy.push(laptop, *ops).receipts, strict=True):
            assert receipt.op == op.op
            outcomes[op.op] = receipt.outcome
            if op.kind == "family":
                rev = receipt.record.rev if receipt.record else receipt.rev
        if turn % 5 == 4:
            laptop.pull()
    return outcomes


def _many(busy: Busy, devices: int, notes: int, at_once: int) -> None:
    team = busy.kit.team()
    supervisor = busy.laptop(busy.kit.user(team, "supervisor"))
    laptops = [busy.laptop(busy.kit.user(team, name=f"Nurse {number}")) for number in range(devices)]
    families = [a_family() for _ in laptops]
    for laptop, family in zip(laptops, families, strict=True):
        assert laptop.outcomes(family) == ["ok"]
    shared = families[0].id
    for editor in laptops[1:EDITORS]:
        busy.kit.assign(shared, editor.user)
    weight: list[int] = []

    def work(number: int) -> dict[str, str]:
        if number in (devices // 3, devices - 1):
            weight.append(busy.process.memory_info().rss)
        own = families[number].id
        return _work(busy, laptops[number], own, shared, notes, edits=number < EDITORS)

    with ThreadPoolExecutor(at_once) as pool:
        done = list(pool.map(work, range(devices)))
    weight.append(busy.process.memory_info().rss)
    _check(busy, laptops[:EDITORS], supervisor, done, shared, devices * notes)
    busy.took_s.sort()
    p50, p95, p99 = (busy.took_s[int(len(busy.took_s) * part)] * 1000 for part in (0.5, 0.95, 0.99))
    told = [f"{one // MB} MB" for one in weight]
    print(f"\n{len(busy.took_s)} pushes, ms p50 {p50:.0f} p95 {p95:.0f} p99 {p99:.0f}; refused {dict(busy.refused)}; memory {told}")
    assert weight[-1] < 1.2 * weight[0] + 16 * MB, told
    for laptop in (*laptops, supervisor):
        laptop.http.close()


def _check(busy: Busy, editors: list[Laptop], supervisor: Laptop, done: list[dict[str, str]], shared: str, visits: int) -> None:
    made = {op for outcomes in done for op in outcomes}
    told = Counter(outcome for outcomes in done for outcome in outcomes.values())
    assert set(told) <= {"ok", "same", "merged"}, told
    assert {row[0] for row in busy.kit.sql("select op from receipt")} >= made
    assert busy.kit.sql("select count(*), count(distinct id) from rec where kind = 'visit'") == [(visits, visits)]
    assert not busy.kit.sql("select op from receipt group by op having count(*) > 1")
    effects = "select op from rec union all select op from hist where outcome = 'ok'"
    assert not busy.kit.sql(f"select op from ({effects}) found group by op having count(*) > 1")
    supervisor.pull()
    seen = {rec.id for held in supervisor.held.values() for rec in held.values() if rec.kind == "visit"}
    assert len(seen) == visits
    for editor in editors:
        editor.pull()
    bodies = {bytes(editor.held[f"f:{shared}"][shared].body) for editor in editors}
    assert len(bodies) == 1, "they see different families"
    texts = busy.kit.sql("select body from hist where id = :id union all select body from rec where id = :id", id=shared)
    everything = b"\n".join(bytes(row[0]) for row in texts)
    for editor in editors:
        for turn in range(visits // len(done)):
            assert f"{editor.device} {turn}".encode() in everything, "what was typed is in no version"


@pytest.mark.timeout(1200)
def test_fifty_laptops_at_once_lose_and_double_nothing(busy: Busy) -> None:
    _many(busy, 50, 20, 50)


@pytest.mark.hunt
@pytest.mark.timeout(0)
def test_five_hundred_laptops_with_two_hundred_notes_each(busy: Busy) -> None:
    _many(busy, 500, 200, 100)


def _soak(busy: Busy, writers: int, enough: Callable[[int], bool]) -> None:
    """Writers on the same few families, a reader that never asks for anything twice: what was committed is what was delivered."""
    team = busy.kit.team()
    reader = busy.laptop(busy.kit.user(team, "supervisor"), Patient)
    laptops = [busy.laptop(busy.kit.user(team)) for _ in range(writers)]
    families = [a_family() for _ in range(3)]
    assert laptops[0].outcomes(*families) == ["ok"] * len(families)
    for laptop in laptops[1:]:
        for family in families:
            busy.kit.assign(family.id, laptop.user)
    committed: list[set[str]] = [set() for _ in laptops]
    writing = threading.Event()

    def write(number: int) -> None:
        turn = 0
        while not enough(turn):
            ops = [a_person(family.id) for family in families[number % 3 :] + families[: number % 3]]
            assert all(receipt.outcome == "ok" for receipt in busy.push(laptops[number], *ops).receipts)
            committed[number].update(op.id for op in ops)
            turn += 1

    def read() -> None:
        while not writing.is_set():
            reader.pull()

    reading = threading.Thread(target=read)
    reading.start()
    with ThreadPoolExecutor(writers) as pool:
        list(pool.map(write, range(writers)))
    writing.set()
    reading.join(120)
    reader.pull()
    delivered = {rec.id for family in families for rec in reader.held[family.scope].values() if rec.kind == "person"}
    assert delivered == set().union(*committed)
    for laptop in (*laptops, reader):
        laptop.http.close()


@pytest.mark.timeout(1200)
def test_what_eight_writers_commit_is_what_a_reader_is_given(busy: Busy) -> None:
    _soak(busy, 8, lambda turn: turn >= 25)


@pytest.mark.hunt
@pytest.mark.timeout(0)
def test_what_eight_writers_commit_in_half_a_minute_is_what_a_reader_is_given(busy: Busy) -> None:
    until = time.monotonic() + 30
    _soak(busy, 8, lambda turn: time.monotonic() >= until)


def test_deadlock_with_somebody_elses_transaction_is_tried_again(
    service: ServiceKit, postgres: EmbeddedPostgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    laptop = service.laptop(service.user(service.team()))
    first, second = sorted((a_family(), a_family()), key=lambda op: op.scope)
    assert laptop.outcomes(first, second) == ["ok", "ok"]
    ops = [a_visit(op.id, laptop.user) for op in (first, second)]
    answer: list[list[str]] = []
    tries: list[int] = []
    carry_out = push.carry_out
    monkeypatch.setattr(push, "carry_out", lambda *given: tries.append(1) or carry_out(*given))
    lock = "select 1 from scope where id = %s for update"
    with postgres.superuser(service.databases.serving_url.rsplit("/", 1)[1]) as mighty, mighty.transaction():
        # The other one waits for ever, so that it is the push whose wait PostgreSQL ends.
        mighty.execute("set local deadlock_timeout = '1h'")
        mighty.execute(lock, (second.scope,))
        pushing = threading.Thread(target=lambda: answer.append(laptop.outcomes(*ops)))
        pushing.start()
        _until_somebody_waits(service)
        mighty.execute(lock, (first.scope,))
    pushing.join(120)
    assert answer == [["ok", "ok"]]
    assert len(tries) > 1
    laptop.pull()
    assert all(op.id in laptop.held[op.scope] for op in ops)


def _until_somebody_waits(service: ServiceKit) -> None:
    deadline = time.monotonic() + 60
    while not service.sql("select 1 from pg_locks where not granted"):
        assert time.monotonic() < deadline
        time.sleep(0.01)
