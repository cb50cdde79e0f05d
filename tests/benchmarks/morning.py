"""A simulated morning: ten thousand nurses open their laptops, replayed against one server with so many workers.

`python tests/benchmarks/morning.py [--nurses 150] [--workers 2] [--seconds 45] [--of 10000] [--json]`. The server is the product: its
processes serve one PostgreSQL of their own with every commit on disk. The nurses are a sample of those of the service, each with 25
families and what a family holds; they come as often as all of them together would. Requests are signed and real; the laptops are thin,
because the load generator shares the machine with the server: read CPU and disk per sync, not seconds, when sizing another machine.
"""

import argparse
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

import httpx2
import psutil

from tests.kit.service import Laptop, ServiceKit, a_draft, a_family, a_person, a_visit, an_op, listed
from visitapp.protocol import messages as m
from visitapp.protocol.digest import fingerprint
from visitapp.server.database import make_engine, migrate, prepare_embedded
from visitapp.server.embedded import EmbeddedPostgres
from visitapp.server.folder import Databases
from visitapp.server.ids import new_id

FAMILIES, VISITS = 25, 3
SYNCS_A_DAY = 8
WORST_HOUR, WORST_MINUTE = 1 / 3, 4.0
"""A third of a day's syncs fall into its worst hour; its worst minute has four times the mean."""
MIX = (("nothing", 50), ("draft", 20), ("visit", 24), ("fetch", 5), ("first", 1))
STORY = "She held him close while he fed, and talked with him as he looked at her face. " * 12


@dataclass
class Nurse(Laptop):
    """A thin laptop of a nurse that syncs as the real one does: hands in, moves its own cursors, asks if there is anything new."""

    families: list[str] = field(default_factory=list)
    dice: random.Random = field(default_factory=random.Random)

    def populate(self) -> None:
        """25 families with what they hold after some visits."""
        for _ in range(FAMILIES):
            family = a_family()
            self.families.append(family.id)
            people = [a_person(family.id, role=role) for role in ("mother", "child")]
            self._hand_in(family, *people, *(op for _ in range(VISITS) for op in self._visit(family.id)))
        self.pull()

    def _visit(self, family: str) -> list[m.Op]:
        visit, group = new_id(), new_id()
        sheet = {"visit": visit, "section": "narrative", "questionnaire": "q|1", "subject": {}, "restricted": False}
        parts = [an_op(f"f:{family}", "part", new_id(), {**sheet, "answers": [_told("story")]}, group=group) for _ in range(2)]
        return [*parts, a_visit(family, self.user, visit, group=group, parts=listed(*parts))]

    def _hand_in(self, *ops: m.Op) -> None:
        answer = self.push(*ops)
        assert all(receipt.outcome in m.ACCEPTED for receipt in answer.receipts), [receipt.code for receipt in answer.receipts]
        for head in answer.heads:
            if self.cursors.get(head.scope, (0, 0))[0] == head.before:
                self.cursors[head.scope] = (head.after, head.digest)

    def sync(self, kind: str) -> None:
        """One exchange."""
        family = self.dice.choice(self.families)
        if kind == "draft":
            self._hand_in(a_draft(self.user, family, sheets=[{"key": "story", "section": "narrative", **_told("story")}]))
        elif kind == "visit":
            visit = new_id()
            told = {"visit": visit, "family": family, "author": self.user, "started_at": "2026-11-20T09:00:00Z"}
            begun = an_op(f"f:{family}", "begun", visit, told)
            self._hand_in(begun, *self._visit(family), *self._visit(self.dice.choice(self.families)))
        elif kind == "fetch":
            # What somebody else changed since: as if two families had moved on.
            for scope in self.dice.sample([f"f:{each}" for each in self.families], 2):
                self.cursors[scope] = (max(0, self.cursors[scope][0] - 6), 0)
        elif kind == "first":
            self.cursors.clear()
        if kind in ("fetch", "first"):
            self.ask([m.Cursor(scope, *self.cursors.get(scope, (0, 0))) for scope in self.caseload], budget=4 << 20)
            self.pull()
            self.held.clear()
            return
        held = [m.Cursor(scope, *self.cursors.get(scope, (0, 0))) for scope in sorted(self.caseload)]
        if self.ask([], fingerprint=fingerprint(self.caseload_version, held)).differs:
            self.pull()
        self.held.clear()

    def _take(self, feed: m.Feed) -> None:
        # Nothing is kept: what the server answers is trusted here, and checked in the tests.
        self.cursors[feed.scope] = (feed.last, feed.digest if feed.last == feed.head else 0)


def _told(link: str) -> dict[str, Any]:
    return {"linkId": link, "answer": [{"valueString": STORY}]}


class Service:
    """PostgreSQL and the workers, and what they use of the machine."""

    def __init__(self, folder: Path, workers: int, stack: ExitStack) -> None:
        self._postgres = EmbeddedPostgres.start(folder / "cluster")
        stack.callback(self._postgres.stop)
        databases = Databases(*prepare_embedded(self._postgres))
        migrate(databases.owner_url)
        self.kit = ServiceKit.__new__(ServiceKit)
        self.kit.owner = make_engine(databases.owner_url, size=2)
        stack.callback(self.kit.owner.dispose)
        env = {**os.environ, "DATABASE_URL": databases.owner_url, "DATABASE_SERVING_URL": databases.serving_url}
        self.addresses: list[str] = []
        self._processes: list[psutil.Process] = []
        for _ in range(workers):
            self._start(folder / "data", env, stack)
        me = psutil.Process()
        self._cluster = [one for one in me.children(recursive=True) if one.name() == "postgres"]

    def _start(self, data: Path, env: dict[str, str], stack: ExitStack) -> None:
        command = [sys.executable, "-m", "visitapp.server", "--data", str(data), "--port", "0"]
        process = subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        assert process.stdout is not None
        stack.callback(process.wait, 30)
        stack.callback(process.terminate)
        found = re.search(r"ready on (http://[\w.:]+)", process.stdout.readline())
        assert found, "a worker did not start"
        self.addresses.append(found.group(1))
        self._processes.append(psutil.Process(process.pid))

    def settle(self) -> None:
        """Have everything written that is due, so that what follows is measured by itself."""
        with self._postgres.superuser() as mighty:
            mighty.execute("checkpoint")

    def _wal(self) -> float:
        with self._postgres.superuser() as mighty:
            [bytes_so_far] = mighty.execute("select pg_current_wal_lsn() - '0/0'::pg_lsn").fetchone() or [0]
        return float(str(bytes_so_far))

    def used(self) -> dict[str, float]:
        """CPU seconds of workers and of PostgreSQL, bytes of its log, bytes it gave to the system to write, memory; since they started."""
        database = {one.pid: one for one in psutil.process_iter() if _is_ours(one, self._cluster)}
        workers = [one.cpu_times() for one in self._processes]
        cluster = [one.cpu_times() for one in database.values()]
        return {
            "workers_cpu_s": sum(one.user + one.system for one in workers),
            "postgres_cpu_s": sum(one.user + one.system + one.children_user + one.children_system for one in cluster),
            "wal": self._wal(),
            "written": float(sum(one.io_counters().write_chars for one in database.values())),
            "rss": float(sum(one.memory_info().rss for one in self._processes)),
        }


def _is_ours(one: psutil.Process, cluster: Sequence[psutil.Process]) -> bool:
    try:
        return one.name() == "postgres" and any(one.pid == known.pid or one.ppid() == known.pid for known in cluster[:1])
    except psutil.Error:
        return False


@contextmanager
def _serving(workers: int) -> Iterator[Service]:
    folder = Path(tempfile.mkdtemp(prefix="visitapp-morning-"))
    folder.chmod(0o711)
    try:
        with ExitStack() as stack:
            yield Service(folder, workers, stack)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _nurses(service: Service, many: int) -> list[Nurse]:
    team = service.kit.team()
    made = []
    for number in range(many):
        if number % 8 == 0:
            team = service.kit.team(f"Team {number // 8}")
        http = httpx2.Client(base_url=service.addresses[number % len(service.addresses)], timeout=120, trust_env=False)
        nurse = Nurse(http, dice=random.Random(number))  # type: ignore[arg-type]
        nurse.enrol(service.kit.code(service.kit.user(team, name=f"Nurse {number}")))
        made.append(nurse)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(Nurse.populate, made))
    return made


def _arrivals(seconds: float, of: int) -> list[float]:
    """When syncs begin: the worst hour squeezed into so many seconds at its true rate, its worst minute in the middle."""
    dice, mean = random.Random(1), of * SYNCS_A_DAY * WORST_HOUR / 3600
    found, at = [], 0.0
    while at < seconds:
        middle = abs(at / seconds - 0.5) < 0.125
        at += dice.expovariate(mean * (WORST_MINUTE if middle else 1))
        found.append(at)
    return found


@dataclass
class Run:
    """What became of the syncs of one run."""

    took_s: list[float] = field(default_factory=list)
    failed: Counter[str] = field(default_factory=Counter)
    wall_s: float = 0.0
    used: dict[str, float] = field(default_factory=dict)

    def told(self) -> dict[str, float]:
        """The figures."""
        took, many = sorted(self.took_s), max(1, len(self.took_s))
        told = {f"p{part}_ms": round(took[int((many - 1) * part / 100)] * 1000, 1) for part in (50, 95, 99)}
        cpu = self.used["workers_cpu_s"] + self.used["postgres_cpu_s"]
        return {
            "syncs": many,
            "failed": self.failed.total(),
            "per_s": round(many / self.wall_s, 1),
            **told,
            "cpu_ms_per_sync": round(cpu / many * 1000, 1),
            "of_it_postgres_ms": round(self.used["postgres_cpu_s"] / many * 1000, 1),
            "log_kb_per_sync": round(self.used["wal"] / many / 1024, 1),
            "disk_kb_per_sync": round(self.used["written"] / many / 1024, 1),
            "workers_mb": round(self.used["rss"] / 2**20),
        }


def _replay(service: Service, nurses: list[Nurse], starts: Sequence[float], threads: int) -> Run:
    """Syncs at these moments; one that cannot begin because everybody is busy waits, and its wait counts."""
    service.settle()
    run, before, turn = Run(), service.used(), threading.Lock()
    kinds = random.Random(2).choices([kind for kind, _ in MIX], [weight for _, weight in MIX], k=len(starts))
    free = {id(nurse): threading.Lock() for nurse in nurses}
    waiting = iter(enumerate(zip(starts, kinds, strict=True)))
    began = time.monotonic()

    def work() -> None:
        while True:
            with turn:
                number, (at, kind) = next(waiting, (-1, (0.0, "")))
            if number < 0:
                return
            time.sleep(max(0.0, began + at - time.monotonic()))
            nurse = nurses[number % len(nurses)]
            with free[id(nurse)]:
                try:
                    nurse.sync(kind)
                    run.took_s.append(time.monotonic() - began - at)
                except (AssertionError, httpx2.TransportError) as trouble:
                    run.failed[f"{kind}: {str(trouble)[:80]}"] += 1

    with ThreadPoolExecutor(threads) as pool:
        for _ in range(threads):
            pool.submit(work)
    run.wall_s = time.monotonic() - began
    service.settle()
    for why, many in run.failed.items():
        print(f"{many} failed, {why}", file=sys.stderr)
    after = service.used()
    run.used = {name: after[name] - (before[name] if name != "rss" else 0) for name in after}
    return run


def _in_words(morning: dict[str, float], full: dict[str, float], asked: argparse.Namespace) -> str:
    worst = asked.of * SYNCS_A_DAY * WORST_HOUR / 3600 * WORST_MINUTE
    a_core = 1000 / morning["cpu_ms_per_sync"]
    share = morning["of_it_postgres_ms"] / morning["cpu_ms_per_sync"]
    first = "the workers' processors" if share < 0.5 else "PostgreSQL's processor"
    return (
        f"A sync costs {morning['cpu_ms_per_sync']} ms of processor ({share:.0%} of it PostgreSQL's) and {morning['disk_kb_per_sync']} KB "
        f"of disk. One core carries {a_core:.0f} syncs a second, two cores {2 * a_core:.0f}. {asked.of:,} nurses bring "
        f"{worst / WORST_MINUTE:.1f} a second in the worst hour and {worst:.0f} in its worst minute, which is {worst / a_core:.1f} cores. "
        f"As fast as this machine goes, the load generator on the same cores included, it was {full['per_s']} a second at "
        f"p95 {full['p95_ms']:.0f} ms. What gives way first is {first}: requests wait, and nothing is refused until a request has waited "
        "ten seconds for a connection to the database; then laptops are told to come again, and do."
    )


def main() -> None:
    """Set up, replay, and say what it cost."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nurses", type=int, default=60, help="how many laptops there really are")
    parser.add_argument("--of", type=int, default=10_000, help="how many nurses they stand for")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=45)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    with _serving(asked.workers) as service:
        began = time.monotonic()
        nurses = _nurses(service, asked.nurses)
        set_up_s = time.monotonic() - began
        _replay(service, nurses, [0.0] * 32, 32)  # connections are made, pages are in memory
        morning = _replay(service, nurses, _arrivals(asked.seconds, asked.of), 32).told()
        full = _replay(service, nurses, [0.0] * int(20 * morning["per_s"]), 16).told()
        for nurse in nurses:
            nurse.http.close()
    if asked.json:
        print(json.dumps({"nurses": asked.nurses, "of": asked.of, "workers": asked.workers, "morning": morning, "full": full}))
        return
    records = asked.nurses * FAMILIES * (3 + 3 * VISITS)
    print(
        f"{asked.nurses} laptops with {FAMILIES} families, {records:,} records, {asked.workers} workers; set up in {set_up_s:.0f} s"
    )
    for name, told in (("the worst hour, squeezed", morning), ("as fast as it goes", full)):
        print(f"{name}: " + ", ".join(f"{key} {value}" for key, value in told.items()))
    print(_in_words(morning, full, asked))


if __name__ == "__main__":
    main()
