"""`visitapp tour`: the whole main job, by real events on real windows, a real encrypted record, a real server."""

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from visitapp.actions.session import shipped
from visitapp.config.paths import places, resources_folder
from visitapp.domain.clock import SystemClock
from visitapp.rehearsal.caseload import Size, families_of, size_named
from visitapp.rehearsal.cast import (
    Cast,
    a_cast,
    cast_on_server,
    enrolment_code,
    prepare_colleagues,
    prepare_supervisor,
    secrets_for,
)
from visitapp.rehearsal.records import Player, fill_record, prepare_record
from visitapp.rehearsal.service import PracticeService, administer

ACT_WITHIN_S = 280


class TourFailedError(RuntimeError):
    """An act was not played to its end."""


@dataclass
class Tour:
    """A tour under way: where it leaves what, and what it has measured."""

    out: Path
    size: Size
    cast: Cast
    seconds: dict[str, float] = field(default_factory=dict)
    pictures: list[str] = field(default_factory=list)
    pdfs: list[str] = field(default_factory=list)
    actions: int = 0
    visit: str = ""
    draft: str = ""
    postgresql: str = ""

    @property
    def data(self) -> Path:
        """The folder of all data folders."""
        return self.out / "data"

    def act(self, name: str, who: str, player: Player, **extra: str) -> dict[str, Any]:
        """Have one act played by a process of its own."""
        print(f"  {name} ...", flush=True)
        report = self.out / f"{name}.json"
        command = [
            sys.executable, "-m", "visitapp.rehearsal.actor", "--act", name, "--data", str(self.data / who),
            "--out", str(self.out), "--user", player.user_name, "--passphrase", player.passphrase,
            "--report", str(report), "--prefix", f"{len(self.seconds):02d}-{name}", "--extra", json.dumps(extra),
        ]  # fmt: skip
        began = time.monotonic()
        environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
        done = subprocess.run(  # noqa: S603 - our own interpreter, no shell
            command, capture_output=True, text=True, timeout=ACT_WITHIN_S, check=False, env=environment
        )
        if done.returncode or not report.exists():
            raise TourFailedError(f"{name}: {done.stdout[-2000:]}{done.stderr[-4000:]}")
        told: dict[str, Any] = json.loads(report.read_text("utf-8"))
        report.unlink()
        self.seconds[name] = round(time.monotonic() - began, 3)
        self.seconds |= {f"{name}: {step}": took for step, took in told["seconds"].items()}
        self.pictures += told["pictures"]
        self.pdfs += told["pdfs"]
        self.actions = told["actions"] or self.actions
        self.visit = told["visit"] or self.visit
        self.draft = told["draft"] or self.draft
        return told


def main(argv: Sequence[str]) -> int:
    """Walk through the whole work; returns 0 only when every step worked and all three hashes agree."""
    parser = argparse.ArgumentParser(prog="visitapp tour")
    parser.add_argument("--out", type=Path, required=True, help="where pictures, PDFs and data are left")
    parser.add_argument("--size", choices=("small", "real", "large"), default="small")
    parser.add_argument("--anew", action="store_true", help="empty the folder first if an earlier tour filled it")
    told = parser.parse_args(list(argv))
    out = told.out.absolute()
    try:
        if told.anew and (out / "tour.json").exists():
            shutil.rmtree(out)
        if out.exists() and any(out.iterdir()):
            print(f"{out} is not empty: choose another folder, or say --anew where an earlier tour may be overwritten.")
            return 2
        out.mkdir(parents=True, exist_ok=True)
    except OSError as refused:
        print(f"Nothing can be written to {out}: {refused.strerror}. Choose another folder.")
        return 2
    began = time.monotonic()
    try:
        report = _walk(out, size_named(told.size))
    except (TourFailedError, RuntimeError, subprocess.TimeoutExpired) as failure:
        print(f"The tour stopped: {failure}")
        return 1
    report["seconds"]["whole tour"] = round(time.monotonic() - began, 3)
    (out / "tour.json").write_text(json.dumps(report, indent=1, ensure_ascii=False), "utf-8")
    same = len(set(report["hashes"].values())) == 1
    print(f"Pictures: {len(report['screenshots'])} in {out}")
    print("PDFs: " + ", ".join(report["pdfs"]))
    print(f"The signed visit is {'the same' if same else 'NOT THE SAME'} at nurse, server and supervisor: {report['hashes']}")
    print(f"{report['actions']} actions from Today to the family copy; all in {out / 'tour.json'}")
    return 0 if same else 1


def _walk(out: Path, size: Size) -> dict[str, Any]:
    clock, clinical = SystemClock(), shipped(resources_folder())
    tour = Tour(out, size, a_cast(clock, size))
    nurse, supervisor = tour.cast.nurses[0], tour.cast.supervisor
    print("The first window of all:", flush=True)
    secrets_for(places(tour.data / "first"))
    tour.act("first-start", "first", nurse)
    shutil.rmtree(tour.data / "first")
    print("Inventing a caseload ...", flush=True)
    nurse_at = places(tour.data / "nurse")
    prepared = prepare_record(nurse_at, nurse, secrets_for(nurse_at), clinical, clock)
    try:
        fill_record(prepared.desk, families_of(0, size), size.visits_each)
    finally:
        prepared.close()
    print("Offline, in the nurse's window:", flush=True)
    tour.act("nurse-records", "nurse", nurse)
    print("The server starts; online:", flush=True)
    service = PracticeService(tour.data / "server")
    try:
        tour.postgresql = service.postgresql
        cast_on_server(service, tour.cast)
        code = enrolment_code(service, nurse)
        tour.act("nurse-connects", "nurse", nurse, address=service.address, code=code, visit=tour.visit)
        prepare_colleagues(out / "colleagues", tour.cast, size, service, clinical, clock)
        (out / "colleagues").rmdir()
        supervisor_at = places(tour.data / "supervisor")
        prepare_supervisor(supervisor_at, tour.cast, secrets_for(supervisor_at), service, clinical, clock)
        tour.act("supervisor-returns", "supervisor", supervisor, visit=tour.visit)
        tour.act("nurse-answers", "nurse", nurse, visit=tour.visit, draft=tour.draft)
        tour.act("supervisor-countersigns", "supervisor", supervisor, visit=tour.visit)
        hashes = {
            "nurse": _hash_in(tour.data / "nurse", nurse, tour.visit),
            "server": administer(tour.data / "server", ("hash", tour.visit)).strip(),
            "supervisor": _hash_in(tour.data / "supervisor", supervisor, tour.visit),
        }
    finally:
        service.stop()
    return _report(tour, hashes)


def _hash_in(data: Path, player: Player, visit: str) -> str:
    """Have a process that knows nothing of the tour open the record and hash the signed visit."""
    command = [sys.executable, "-m", "visitapp.rehearsal.reader", "--data", str(data), "--user", player.user_name, "--visit", visit]
    done = subprocess.run(  # noqa: S603 - our own interpreter, no shell
        command, input=player.passphrase, capture_output=True, text=True, timeout=120, check=False
    )
    if done.returncode:
        raise TourFailedError(f"the record could not be read back: {done.stderr[-2000:]}")
    return done.stdout.strip()


def _report(tour: Tour, hashes: dict[str, str]) -> dict[str, Any]:
    from visitapp.rehearsal.script import NARRATIVE

    return {
        "passphrase": tour.cast.nurses[0].passphrase,
        "narrative": NARRATIVE,
        "hashes": hashes,
        "pdfs": tour.pdfs,
        "screenshots": tour.pictures,
        "data": [str(tour.data / who) for who in ("nurse", "server", "supervisor")],
        "server": tour.postgresql,
        "actions": tour.actions,
        "seconds": tour.seconds,
        "visit": tour.visit,
    }
