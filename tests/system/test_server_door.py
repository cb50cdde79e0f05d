"""The server as the operator runs it: a process with its own PostgreSQL, administered beside it, gone without a trace."""

import contextlib
import io
import json
import os
import re
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import httpx2
import psutil
import pytest

from tests.kit.service import Laptop, a_family, a_person
from visitapp.server import door
from visitapp.server.database import make_engine, refuse_mighty_role
from visitapp.server.embedded import EmbeddedPostgres, write_private

READY = re.compile(r"visitapp server ready on (http://127\.0\.0\.1:(\d+)) \(PostgreSQL (\d+\.\d+)\)")


class Running:
    """A server process on a data folder."""

    def __init__(self, data: Path, *options: str) -> None:
        command = [sys.executable, "-m", "visitapp.server", "--data", str(data), "--port", "0", *options]
        environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        found = READY.fullmatch(line.strip())
        assert found, line + self.errors()
        self.url, self.port, self.version = found[1], int(found[2]), found[3]
        self.family = psutil.Process(self.process.pid).children(recursive=True)

    def errors(self) -> str:
        assert self.process.stderr is not None
        self.process.kill()
        return self.process.stderr.read()

    def stop(self, how: int = signal.SIGTERM) -> int:
        self.process.send_signal(how)
        code = self.process.wait(20)
        for stream in (self.process.stdout, self.process.stderr):
            assert stream is not None
            stream.close()
        return code

    def left_behind(self, patience_s: float = 10) -> list[psutil.Process]:
        return psutil.wait_procs(self.family, patience_s)[1]


@pytest.fixture
def data() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="visitapp-server-") as folder:
        Path(folder).chmod(0o711)
        yield Path(folder) / "server"


@pytest.fixture
def running(data: Path) -> Iterator[Running]:
    server = Running(data)
    yield server
    if server.process.poll() is None:
        server.stop()


def admin(data: Path, *words: str, code: int = 0) -> str:
    """What an administrator's command printed, or said when it failed."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        assert door.administer(["--data", str(data), *words]) == code, err.getvalue()
    return (out if code == 0 else err).getvalue().strip()


def a_laptop(data: Path, url: str) -> tuple[Laptop, httpx2.Client]:
    team = admin(data, "add-team", "North")
    user = admin(data, "add-user", "Ann Example", "--role", "nurse", "--team", team, "--job-title", "Family nurse")
    http = httpx2.Client(base_url=url)
    laptop = Laptop(http)  # type: ignore[arg-type]
    laptop.enrol(admin(data, "enrol", user))
    return laptop, http


def test_a_server_is_ready_serves_and_leaves_nothing_behind(running: Running) -> None:
    assert httpx2.get(f"{running.url}/v1/health").json()["status"] == "ok"
    assert running.version.startswith("18.")
    assert any(child.name() == "postgres" for child in running.family)
    assert running.stop(signal.SIGINT) == 0
    assert running.left_behind() == []


def test_its_postgres_dies_with_a_server_that_is_killed(running: Running) -> None:
    running.process.kill()
    running.process.wait(10)
    assert running.left_behind() == []
    for stream in (running.process.stdout, running.process.stderr):
        assert stream is not None
        stream.close()


def test_postgres_is_unprivileged_on_loopback_and_asks_for_a_password(running: Running, data: Path) -> None:
    main = next(child for child in running.family if child.name() == "postgres" and child.ppid() == running.process.pid)
    assert main.uids().effective != 0
    listening = [place for place in main.net_connections() if place.status == psutil.CONN_LISTEN]
    assert {place.laddr.ip for place in listening} == {"127.0.0.1"}
    import psycopg

    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(host="127.0.0.1", port=listening[0].laddr.port, user="postgres", password="postgres", dbname="postgres")
    for name in ("passwords.json", "server-key", "running.json", "postgres.log"):
        assert stat.S_IMODE((data / name).stat().st_mode) == 0o600
    assert stat.S_IMODE((data / "postgres").stat().st_mode) == 0o700
    assert not list((data / "postgres").glob("**/.s.PGSQL*"))


def test_the_server_listens_on_loopback_only(running: Running) -> None:
    places = [c for c in psutil.Process(running.process.pid).net_connections() if c.status == psutil.CONN_LISTEN]
    assert {place.laddr.ip for place in places} == {"127.0.0.1"}


def test_administration_works_beside_a_running_server_and_without(running: Running, data: Path) -> None:
    laptop, http = a_laptop(data, running.url)
    family = a_family()
    assert laptop.outcomes(family) == ["ok"]
    other = admin(data, "add-user", "Bea Example", "--role", "nurse", "--team", _only_team(data))
    admin(data, "assign", family.id, other, "--from", "2026-01-01")
    admin(data, "assign", family.id, laptop.user, "--until", "2026-01-02")
    laptop.pull()
    assert f"f:{family.id}" not in laptop.caseload
    admin(data, "block-device", laptop.device)
    assert laptop.send("/v1/pull", b"").status_code == 403
    http.close()
    command = [sys.executable, "-m", "visitapp", "server", "--data", str(data), "list", "teams"]
    assert "North" in subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout
    assert running.stop() == 0
    users = json.loads(admin(data, "list", "users", "--json"))
    assert {user["name"] for user in users} == {"Ann Example", "Bea Example"}
    assert family.id in admin(data, "list", "families")
    assert "no such family" in admin(data, "assign", laptop.user, other, code=1)
    assert "no such user" in admin(data, "enrol", "nobody", code=1)
    assert not [child for child in psutil.process_iter() if _serves(child, data)]


def _only_team(data: Path) -> str:
    [team] = json.loads(admin(data, "list", "teams", "--json"))
    found: str = team["id"]
    return found


def _serves(process: psutil.Process, data: Path) -> bool:
    try:
        return process.name() == "postgres" and str(data.resolve()) in " ".join(process.cmdline())
    except psutil.Error:
        return False


def test_what_was_acknowledged_survives_a_killed_server(running: Running, data: Path) -> None:
    laptop, http = a_laptop(data, running.url)
    family = a_family()
    sent = [family, *(a_person(family.id) for _ in range(20))]
    assert set(laptop.outcomes(*sent)) == {"ok"}
    http.close()
    for process in [psutil.Process(running.process.pid), *running.family]:
        if process.is_running():
            process.kill()
    running.stop()
    again = Running(data)
    try:
        laptop.http = httpx2.Client(base_url=again.url)  # type: ignore[assignment]
        laptop.pull()
        assert len(laptop.held[f"f:{family.id}"]) == 21
        assert set(laptop.outcomes(*sent)) == {"ok"}
        laptop.http.close()
    finally:
        again.stop()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs PostgreSQL as someone else")
def test_a_data_folder_that_root_copied_starts_again(data: Path) -> None:
    team = admin(data, "add-team", "North")
    copy = data.with_name("copy")
    shutil.copytree(data, copy)
    assert team in admin(copy, "list", "teams")
    assert (copy / "postgres").stat().st_uid != 0


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to put the cluster elsewhere")
def test_a_data_folder_that_others_may_not_enter_is_left_closed(data: Path) -> None:
    data.parent.chmod(0o700)
    team = admin(data, "add-team", "North")
    assert stat.S_IMODE(data.parent.stat().st_mode) == 0o700
    elsewhere = (data / "postgres").resolve()
    assert not elsewhere.is_relative_to(data.resolve())
    assert stat.S_IMODE(elsewhere.stat().st_mode) == 0o700
    assert team in admin(data, "list", "teams")

    def listed() -> list[str]:
        return [line for line in admin(data, "clusters").splitlines() if line.startswith(elsewhere.name)]

    assert [line.split("\t")[1::2] for line in listed()] == [["kept", str(data.resolve())]]
    assert "belongs to" in admin(data, "clusters", "--delete", elsewhere.name, code=1)
    assert elsewhere.exists()
    shutil.rmtree(data)
    assert listed()[0].split("\t")[1] == "left over"
    assert admin(data, "clusters", "--delete", elsewhere.name) == "deleted: 1"
    assert not elsewhere.exists()
    assert listed() == []


def test_a_backup_brings_everything_back_under_a_new_epoch(running: Running, data: Path, tmp_path: Path) -> None:
    laptop, http = a_laptop(data, running.url)
    family = a_family()
    laptop.outcomes(family, a_person(family.id))
    laptop.pull()
    held, file = dict(laptop.held[f"f:{family.id}"]), tmp_path / "night.zip"
    assert "backed up: 4 records" in admin(data, "backup", str(file))
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    lost = a_person(family.id)
    before = laptop.push(lost).greeting.epoch
    assert "restored: 4 records" in admin(data, "restore", str(file))
    laptop.held, laptop.cursors = {}, {}
    laptop.pull()
    assert laptop.held[f"f:{family.id}"] == held
    after = laptop.push(lost)
    assert after.greeting.epoch != before
    assert [receipt.outcome for receipt in after.receipts] == ["ok"]
    assert laptop.outcomes(a_family()) == ["ok"]
    whole = file.read_bytes()
    for damaged in (whole[: len(whole) // 2], whole[:200] + b"\0\0\0\0" + whole[204:], b"", b"not a zip"):
        file.write_bytes(damaged)
        assert "visitapp server: " in admin(data, "restore", str(file), code=1)
    laptop.pull()
    assert lost.id in laptop.held[f"f:{family.id}"]
    http.close()


def test_a_backup_can_be_restored_into_an_empty_folder(running: Running, data: Path, tmp_path: Path) -> None:
    laptop, http = a_laptop(data, running.url)
    family = a_family()
    laptop.outcomes(family)
    http.close()
    admin(data, "backup", str(tmp_path / "night.zip"))
    elsewhere = data.with_name("elsewhere")
    admin(elsewhere, "restore", str(tmp_path / "night.zip"))
    assert (elsewhere / "server-key").read_bytes() == (data / "server-key").read_bytes()
    other = Running(elsewhere)
    laptop.http = httpx2.Client(base_url=other.url)  # type: ignore[assignment]
    laptop.pull()
    assert family.id in laptop.held[f"f:{family.id}"]
    laptop.http.close()
    other.stop()


def test_two_servers_never_share_a_data_folder(running: Running, data: Path) -> None:
    second = subprocess.run(
        [sys.executable, "-m", "visitapp.server", "--data", str(data), "--port", "0"],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert second.returncode == 1
    assert "another server is running" in second.stderr


def test_a_port_in_use_is_told_and_leaves_nothing(data: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        run = subprocess.run(
            [sys.executable, "-m", "visitapp.server", "--data", str(data), "--port", str(port)],
            capture_output=True, text=True, timeout=30, check=False,
        )  # fmt: skip
    assert run.returncode == 1
    assert "in use" in run.stderr
    assert not [child for child in psutil.process_iter() if _serves(child, data)]


def test_a_stop_during_the_start_is_obeyed(data: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "visitapp.server", "--data", str(data), "--port", "0"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    deadline = time.monotonic() + 20
    while not (data / "postgres.log").exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    process.terminate()
    out, _ = process.communicate(timeout=20)
    assert (process.returncode, out) == (0, b"")
    assert not [child for child in psutil.process_iter() if _serves(child, data)]


def test_practice_is_told_to_laptops(data: Path) -> None:
    server = Running(data, "--practice")
    try:
        assert httpx2.get(f"{server.url}/v1/health").json()["practice"] is True
    finally:
        server.stop()


def test_an_operators_own_postgres_is_used(data: Path, databases: object, monkeypatch: pytest.MonkeyPatch) -> None:
    from visitapp.server.folder import Databases

    assert isinstance(databases, Databases)
    monkeypatch.setenv("DATABASE_URL", databases.owner_url.replace("postgresql+psycopg", "postgresql"))
    monkeypatch.setenv("DATABASE_SERVING_URL", databases.serving_url)
    assert door.administer(["--data", str(data), "add-team", "North"]) == 0
    assert not (data / "postgres").exists()
    monkeypatch.setenv("DATABASE_SERVING_URL", databases.owner_url)
    assert door.serve(["--data", str(data), "--port", "0"]) == 1


def test_an_operators_owner_who_may_make_roles_needs_no_more_than_one_url(
    data: Path, postgres: EmbeddedPostgres, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with postgres.superuser() as connection:
        connection.execute("create role operator login createrole password 'x'")
        connection.execute("create database operated owner operator")
        connection.execute("grant visitapp_serving to operator with admin option")
    # Roles belong to the whole cluster, and other tests use this one.
    data.mkdir()
    write_private(data / "passwords.json", json.dumps(asdict(postgres.passwords)).encode())
    monkeypatch.delenv("DATABASE_SERVING_URL", raising=False)
    monkeypatch.setenv("DATABASE_URL", f"postgresql://operator:x@127.0.0.1:{postgres.port}/operated")
    try:
        assert door.administer(["--data", str(data), "add-team", "North"]) == 0
        team = capsys.readouterr().out.strip()
        words = ["add-user", "Ann Example", "--role", "nurse", "--team", team]
        assert door.administer(["--data", str(data), *words]) == 0
        assert door.administer(["--data", str(data), "list"]) == 0
        assert "Ann Example" in capsys.readouterr().out
        serving = make_engine(f"postgresql://visitapp_serving:{postgres.passwords.serving}@127.0.0.1:{postgres.port}/operated")
        refuse_mighty_role(serving)
        serving.dispose()
    finally:
        with postgres.superuser() as connection:
            connection.execute("drop database operated with (force)")
            connection.execute("drop role operator")
