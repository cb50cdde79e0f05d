"""`make run`: an invented caseload with its own server, nurse and supervisor side by side; goes on where it ended."""

import argparse
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

from visitapp.actions.session import shipped
from visitapp.config.paths import places, resources_folder
from visitapp.domain.clock import SystemClock
from visitapp.rehearsal.caseload import families_of, size_named
from visitapp.rehearsal.cast import (
    Cast,
    a_cast,
    cast_on_server,
    connect_player,
    prepare_colleagues,
    prepare_supervisor,
    secrets_for,
)
from visitapp.rehearsal.records import fill_record, prepare_record
from visitapp.rehearsal.service import PracticeService, ServiceDidNotStartError

READY_FILE = "rehearsal.json"
ADMINISTRATION_FILE = "administration.json"


def has_display() -> bool:
    """Tell whether there is a screen to open windows on."""
    if sys.platform in ("win32", "darwin"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def main(argv: Sequence[str]) -> int:
    """Run the rehearsal; returns its exit code."""
    parser = argparse.ArgumentParser(prog="visitapp rehearse")
    parser.add_argument("--data", type=Path, default=Path(".demo"), help="where the invented data lies")
    parser.add_argument("--size", choices=("small", "real", "large"), default="real")
    told = parser.parse_args(list(argv))
    folder = told.data.absolute()
    if not has_display():
        return _without_display(folder)
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), _interrupted)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as refused:
        print(f"Nothing can be written to {folder}: {refused.strerror}. Choose another folder.")
        return 2
    service: PracticeService | None = None
    clients: list[subprocess.Popen[bytes]] = []
    try:
        port = _port(folder)
        print("Starting the practice server ...", flush=True)
        service = PracticeService(folder / "server", port)
        sign_ins = _prepared(folder, service, told.size)
        print(_welcome(sign_ins, service, administration(folder, service)), flush=True)
        clients = [_client(folder / who) for who in ("nurse", "supervisor")]
        while any(client.poll() is None for client in clients):
            time.sleep(0.3)
    except KeyboardInterrupt:
        print("\nStopping ...", flush=True)
    except ServiceDidNotStartError as failure:
        print(f"The practice server did not start. {failure}\nIs another `make run` still open? It uses {folder}.", flush=True)
        return 1
    finally:
        _stop(clients)
        if service is not None:
            service.stop()
    return 0


def _interrupted(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _without_display(folder: Path) -> int:
    from visitapp.rehearsal.tour import main as tour

    out = folder / "tour"
    print(f"There is no display here, so visitapp walks through the whole work by itself, offscreen, into {out}", flush=True)
    return tour(["--out", str(out), "--size", "small", "--anew"])


def _port(folder: Path) -> int:
    """Return the port of the practice server, the same in every run: the invented laptops remember its address."""
    kept = folder / "port"
    if kept.exists():
        return int(kept.read_text("ascii"))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    kept.write_text(str(port), "ascii")
    return port


def _prepared(folder: Path, service: PracticeService, size_name: str) -> dict[str, dict[str, str]]:
    """Invent everything in the first run; return the sign-ins."""
    ready = folder / READY_FILE
    if ready.exists():
        found: dict[str, dict[str, str]] = json.loads(ready.read_text("utf-8"))
        return found
    print("Inventing families, visits and colleagues (about a minute, only this once) ...", flush=True)
    clock, clinical, size = SystemClock(), shipped(resources_folder()), size_named(size_name)
    cast = a_cast(clock, size)
    cast_on_server(service, cast)
    nurse_at = places(folder / "nurse")
    prepared = prepare_record(nurse_at, cast.nurses[0], secrets_for(nurse_at), clinical, clock)
    try:
        fill_record(prepared.desk, families_of(0, size), size.visits_each)
        connect_player(prepared, service, cast.nurses[0])
    finally:
        prepared.close()
    prepare_colleagues(folder / "colleagues", cast, size, service, clinical, clock)
    supervisor_at = places(folder / "supervisor")
    prepare_supervisor(supervisor_at, cast, secrets_for(supervisor_at), service, clinical, clock)
    sign_ins = _sign_ins(cast)
    ready.write_text(json.dumps(sign_ins, indent=1), "utf-8")
    return sign_ins


def administration(folder: Path, service: PracticeService) -> dict[str, str]:
    """Invent an administrator and an auditor in the first run; return how they sign in to the web pages of the practice server."""
    kept = folder / ADMINISTRATION_FILE
    if not kept.exists():
        print("Inventing an administrator and an auditor ...", flush=True)
        teams = json.loads(service.administer("list", "teams", "--json"))
        made: dict[str, str] = {}
        for role, name in (("administrator", "Imogen Example"), ("auditor", "Gareth Example")):
            user = service.administer("add-user", name, "--role", role, "--team", teams[0]["id"]).strip()
            told = dict(line.rsplit(" ", 1) for line in service.administer("account", user, "--practice").strip().splitlines())
            made |= {f"{role} user name": told["user name"], f"{role} password": told["password"]}
        kept.write_text(json.dumps(made, indent=1), "utf-8")
    found: dict[str, str] = json.loads(kept.read_text("utf-8"))
    return found


def _sign_ins(cast: Cast) -> dict[str, dict[str, str]]:
    return {
        who: {"name": player.profile.name, "user": player.user_name, "passphrase": player.passphrase}
        for who, player in (("nurse", cast.nurses[0]), ("supervisor", cast.supervisor))
    }


def _welcome(sign_ins: dict[str, dict[str, str]], service: PracticeService, pages: dict[str, str]) -> str:
    lines = ["", "visitapp with invented families. Two windows open; sign in with:", ""]
    for who, told in sign_ins.items():
        lines.append(f"  {who:<11} user name  {told['user']:<8} passphrase  {told['passphrase']}")
    lines += ["", f"Practice server: {service.address} (PostgreSQL {service.postgresql})"]
    lines += ["", f"Its administration is at {service.address}/admin (the sign-in page shows the code that it asks for):", ""]
    for role in ("administrator", "auditor"):
        lines.append(f"  {role:<13} user name  {pages[f'{role} user name']:<16} password  {pages[f'{role} password']}")
    lines += ["", "Ctrl+C stops everything.", ""]
    return "\n".join(lines)


def _client(data: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "visitapp", "--data", str(data)]
    return subprocess.Popen(command, start_new_session=True)  # noqa: S603 - our own interpreter, no shell


def _stop(clients: Sequence[subprocess.Popen[bytes]]) -> None:
    for client in clients:
        if client.poll() is None:
            client.send_signal(signal.SIGTERM)
    for client in clients:
        try:
            client.wait(15)
        except subprocess.TimeoutExpired:
            client.kill()
            client.wait(5)
