"""How fast record and server come level: the whole product on the corpus that the peers are measured with.

`python tests/benchmarks/sync.py --records 5000 --bytes 2048 [--json]`. Client on SQLCipher, server a process of its own on its own
PostgreSQL, both with every commit on disk; signed requests, validation, row-level security, projections and word index included.
A record is one part of a signed note (its words are indexed, and it never changes); every hundredth, which is changed later, is a
plan item (the kind that a nurse changes). Times come from a pass without a relay, bytes from a second pass through one.

`parts` (the second table) says what the pieces cost alone and how much each side worked, so that it can be seen where the time
goes. The floor is the laptop's own work, because it is one process: a pull has to unpack, hash and parse every body, write it
encrypted (`sqlcipher_insert_s`), fill the columns that screens sort by (about half as much again) and index its words
(`sqlcipher_words_s`, the largest single piece); a push has to read, pack, hash and write every body again as acknowledged. The
service's work and PostgreSQL's run beside it where there is a second core, and the next page or batch is always on its way. Words
are indexed and pages encrypted without Python's lock, parsing and laying out with it, on another thread.
"""

import argparse
import contextlib
import json
import os
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.benchmarks import sync_parts
from tests.kit.faults import Relay
from visitapp.domain.clock import SystemClock
from visitapp.domain.ids import Ids
from visitapp.rehearsal.service import PracticeService
from visitapp.store.acknowledged import add_up
from visitapp.store.folding import spaced
from visitapp.store.incoming import cursors
from visitapp.store.record import Record
from visitapp.store.search import note_text
from visitapp.sync.client import Client, Identity
from visitapp.sync.enrolment import enrol
from visitapp.sync.exchange import run_exchange
from visitapp.vault.device import DeviceKey

FAMILIES = 25
_STORAGE = "SQLCipher client, fsync on every commit both ends"

_COMMON_WORDS = (
    "the baby mother father family nurse visit today weight height feeding breast milk bottle sleep well cried calm "
    "smiles rolls sits crawls walks talks plays home safe smoke free room cot back tummy time vaccine given due next week month "
    "doctor referral speech hearing vision check growth chart normal above below centile advice offered leaflet discussed support "
    "partner work rent money food stress mood low better worse anxious tired happy sister brother school nursery group clinic"
)
_COMMON = _COMMON_WORDS.split()
_ALL_SYLLABLES = (
    "ba be bi bo bu da de di do du fa fe fi fo fu ga ge gi go gu ka ke ki ko ku la le li lo lu ma me mi mo mu "
    "na ne ni no nu pa pe pi po pu ra re ri ro ru sa se si so su ta te ti to"
)
_SYLLABLES = _ALL_SYLLABLES.split()[:64]

_MEASURED = (("weight", "g"), ("length", "mm"), ("head", "mm"))


def _rng(seed: int) -> Callable[[int], int]:
    state = seed & 0xFFFFFFFF

    def draw(n: int) -> int:
        nonlocal state
        state = (state * 1664525 + 1013904223) & 0xFFFFFFFF
        return ((state >> 8) * n) // 16777216

    return draw


@dataclass(frozen=True)
class Doc:
    """One record of the corpus: where it lives and what it says."""

    scope: str
    kind: str
    id: str
    body: dict[str, Any]


def _written(body: dict[str, Any]) -> str:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"))


def make_doc(number: int, version: int, families: list[str], size: int, changes: bool) -> Doc:
    """Record `number` in a version: the same words, codes and proportions as the peers' corpus, exactly `size` bytes."""
    draw, draw_id = _rng(number * 7919 + version * 104729 + 17), _rng(number * 31337 + 5)
    id_ = str(uuid.UUID("".join("0123456789abcdef"[draw_id(16)] for _ in range(32))))
    family = families[number % len(families)]
    body: dict[str, Any] = {
        "visit": id_,
        "person": f"p-{number % 75:04d}",
        "nurse": "n-0001",
        "visited_at": f"2026-{1 + draw(12):02d}-{1 + draw(28):02d}T{8 + draw(10):02d}:{draw(60):02d}:00Z",
        "version": version,
        "codes": {f"q{q:02d}": draw(5) for q in range(1, 21)},
        "measurements": [
            {"code": code, "value": 300 + draw(15000), "unit": unit}
            for code, unit in (("weight", "g"), ("length", "mm"), ("head", "mm"))
        ],
    }
    if changes:
        body |= {"kind": "goal", "agreed": True, "text": ""}
    else:
        body |= {"section": "narrative", "questionnaire": "q|1", "subject": {"kind": "family"}, "restricted": False, "answers": []}
        body["answers"] = [{"linkId": "story", "answer": [{"valueString": ""}]}]
    room, said = size - len(_written(body)), ""
    while len(said) < room:
        if draw(100) < 60:
            said += _COMMON[draw(len(_COMMON))]
        else:
            said += "".join(_SYLLABLES[draw(len(_SYLLABLES))] for _ in range(2 + draw(2)))
        said += " "
    if changes:
        body["text"] = said[:room]
    else:
        body["answers"][0]["answer"][0]["valueString"] = said[:room]
    assert len(_written(body)) == size
    return Doc(f"f:{family}", "plan_item" if changes else "part", id_, body)


class Desk:
    """One nurse's laptop in the benchmark."""

    def __init__(self, folder: Path, address: str, code: str) -> None:
        self.clock = SystemClock()
        key = DeviceKey.generate()
        told = enrol(address, code, key.public_bytes, key.sign, app="0.1.0")
        self.user = told.user
        self.record = Record.create(folder, os.urandom(32), clock=self.clock)
        import base64

        from visitapp.vault.device import verify

        public = base64.b64decode(told.server_key)
        identity = Identity(told.device, "0.1.0", key.sign, lambda signature, message: verify(public, signature, message))
        self.client = Client(address, identity, self.clock)

    def level(self) -> None:
        """One whole exchange."""
        result = run_exchange(self.record, self.client, user=self.user)
        if not result.complete:
            raise RuntimeError(f"an exchange failed: {type(result.problem).__name__}")

    def write(self, docs: list[Doc]) -> None:
        """Local saves: record, outbox, columns and word index in one transaction for every 100."""
        for start in range(0, len(docs), 100):
            with self.record.writing() as w:
                for doc in docs[start : start + 100]:
                    w.put(doc.scope, doc.kind, doc.id, doc.body)

    def count(self) -> int:
        """How many corpus records the server has acknowledged here; every digest is added up afresh and must agree."""
        from visitapp.store.sql import text

        with self.record.reading() as r:
            for cursor in cursors(r):
                assert add_up(r, cursor.scope).digest == cursor.digest, cursor.scope
            assert not r.number(text("SELECT count(*) FROM outbox"))
            return r.number(text("SELECT count(*) FROM rec WHERE kind IN ('part', 'plan_item')"))

    def close(self) -> None:
        """Let go of everything."""
        self.client.close()
        self.record.close()


@contextlib.contextmanager
def _server(folder: Path) -> Iterator[PracticeService]:
    service = PracticeService(folder)
    try:
        yield service
    finally:
        service.stop()


def _said(service: PracticeService, *words: str) -> str:
    return service.administer(*words).strip().splitlines()[-1].strip()


def _spent(service: PracticeService) -> dict[str, float]:
    return sync_parts.work(service.process_id)


def run_pass(
    service: PracticeService, folder: Path, address: str, asked: argparse.Namespace, relay: Relay | None
) -> dict[str, Any]:
    """All steps once with two fresh laptops of one new nurse."""
    team = _said(service, "add-team", "Benchmark")
    user = _said(service, "add-user", "Ann Example", "--role", "nurse", "--team", team)
    a, b = (Desk(folder / f"{name}.db", address, _said(service, "enrol", user)) for name in "ab")
    ids = Ids(a.clock)
    families = [ids() for _ in range(FAMILIES)]
    with a.record.writing() as w:
        for number, family in enumerate(families):
            w.put(f"f:{family}", "family", family, {"id": family, "name": f"Family {number:02}", "state": "active"})
    a.level()
    every = asked.records // asked.changed
    docs = [make_doc(i, 1, families, asked.bytes, i % every == 0) for i in range(asked.records)]
    changed = [make_doc(i * every, 2, families, asked.bytes, True) for i in range(asked.changed)]

    def step(desk: Desk) -> dict[str, Any]:
        before = relay.counts() if relay else (0, 0)
        requests, worked, start = desk.client.traffic.requests, _spent(service), time.perf_counter()
        desk.level()
        took = time.perf_counter() - start
        steps["parts"]["work"].append({side: round(now - worked[side], 2) for side, now in _spent(service).items()})
        after = relay.counts() if relay else (0, 0)
        told = {"up_bytes": after[0] - before[0], "down_bytes": after[1] - before[1]}
        return {"s": round(took, 4), **told, "requests": desk.client.traffic.requests - requests}

    steps: dict[str, Any] = {"parts": {"work": []}}
    start = time.perf_counter()
    a.write(docs)
    steps["parts"]["local_write_s"] = round(time.perf_counter() - start, 3)
    steps["push"] = step(a)
    steps["pull"] = step(b)
    a.write(changed)
    steps["incr_push"] = step(a)
    steps["incr_pull"] = step(b)
    steps["noop_pull"] = min((step(b) for _ in range(5)), key=lambda told: told["s"])
    steps["ok"] = a.count() == b.count() == asked.records
    a.close()
    b.close()
    return steps


def main(argv: list[str]) -> int:
    """Runs the benchmark and prints what it found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=5000)
    parser.add_argument("--bytes", type=int, default=2048)
    parser.add_argument("--changed", type=int, default=50)
    parser.add_argument("--json", action="store_true", help="one line of JSON")
    asked = parser.parse_args(argv)
    with tempfile.TemporaryDirectory(prefix="visitapp-bench-") as place:
        folder = Path(place)
        folder.chmod(0o711)
        with _server(folder / "server") as service:
            timed = run_pass(service, _fresh(folder / "timed"), service.address, asked, None)
            timed["parts"] |= {f"{name}_{side}_work_s": s for name, told in zip(_STEPS, timed["parts"].pop("work"), strict=False)
                               for side, s in told.items()}  # fmt: skip
            timed["parts"] |= _pieces(asked, folder, service)
            with Relay(int(service.address.rsplit(":", 1)[1])) as relay:
                counted = run_pass(service, _fresh(folder / "counted"), relay.address, asked, relay)
            told = {"peer": "visitapp", "backend": f"PostgreSQL {service.postgresql}", "storage": _STORAGE}
    for name in _STEPS:
        timed[name] |= {key: counted[name][key] for key in ("up_bytes", "down_bytes")}
    ok = timed.pop("ok") and counted["ok"]
    found = {**told, "n": asked.records, "doc_bytes": asked.bytes, "changed": asked.changed, **timed, "ok": ok}
    print(json.dumps(found) if asked.json else _table(found))
    return 0 if ok else 1


_STEPS = ("push", "pull", "incr_push", "incr_pull", "noop_pull")


def _pieces(asked: argparse.Namespace, folder: Path, service: PracticeService) -> dict[str, float]:
    families = [str(uuid.UUID(int=number)) for number in range(FAMILIES)]
    docs = [make_doc(number, 1, families, asked.bytes, False) for number in range(asked.records)]
    rows = [(doc.scope, doc.id, _written(doc.body).encode(), spaced(note_text(doc.kind, doc.body))) for doc in docs]
    return sync_parts.pieces(rows, folder, service.address, folder / "server")


def _fresh(folder: Path) -> Path:
    folder.mkdir()
    return folder


def _table(found: dict[str, Any]) -> str:
    lines = [f"{found['n']} records of {found['doc_bytes']} bytes, {found['backend']}, every digest agrees: {found['ok']}"]
    lines.append(f"{'':<10} {'seconds':>9} {'up bytes':>11} {'down bytes':>11} {'requests':>9}")
    for name in _STEPS:
        s = found[name]
        lines.append(f"{name:<10} {s['s']:>9.4f} {s['up_bytes']:>11,} {s['down_bytes']:>11,} {s['requests']:>9}")
    parts = dict(found["parts"])
    lines += ["", f"{'seconds of work':<18} {'laptop':>8} {'service':>8} {'postgres':>9}"]
    for name in _STEPS[:2]:
        laptop, service, postgres = (parts[f"{name}_{side}_work_s"] for side in ("laptop", "service", "postgres"))
        lines.append(f"{name:<18} {laptop:>8.2f} {service:>8.2f} {postgres:>9.2f}")
    lines += ["", "alone, for all records, in seconds of work"]
    lines += [f"{name[:-2]:<20} {s:>8.4f}" for name, s in parts.items() if not name.endswith("_work_s")]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
