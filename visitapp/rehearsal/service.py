"""The practice server as a process of its own, started and asked through the doors an administrator uses."""

import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

READY = re.compile(r"ready on (http://[\w.:]+) \(PostgreSQL ([^)]+)\)")
START_WITHIN_S = 120


class ServiceDidNotStartError(RuntimeError):
    """The practice server ended or said nothing before it was ready."""


class PracticeService:
    """A running practice server; stopping it leaves no process behind."""

    def __init__(self, data: Path, port: int = 0) -> None:
        self.data = data
        self.address = ""
        self.postgresql = ""
        self._said: list[str] = []
        words = ("serve", "--data", str(data), "--port", str(port), "--practice", "--with-parent")
        command = [sys.executable, "-m", "visitapp", *words]
        self._process = subprocess.Popen(  # noqa: S603 - our own interpreter, no shell
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True, env=_without_qt()
        )
        self._ready = threading.Event()
        self._reader = threading.Thread(target=self._listen, daemon=True)
        self._reader.start()
        if not self._ready.wait(START_WITHIN_S) or not self.address:
            self.stop()
            raise ServiceDidNotStartError("\n".join(self._said[-20:]))

    @property
    def process_id(self) -> int:
        """The server's process."""
        return self._process.pid

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._said.append(line.rstrip())
            found = READY.search(line)
            if found:
                self.address, self.postgresql = found.group(1), found.group(2)
                self._ready.set()
        self._ready.set()

    def stop(self) -> None:
        """Stop the server and wait until it and its database have gone."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(30)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait(10)
        self._reader.join(5)

    def administer(self, *words: str) -> str:
        """Run one administrator's command against this server's data folder; returns what it printed."""
        return administer(self.data, words)


def administer(data: Path, words: Sequence[str]) -> str:
    """Run `visitapp server ...`; returns what it printed. Raises RuntimeError with its words when it fails."""
    command = [sys.executable, "-m", "visitapp", "server", "--data", str(data), *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=_without_qt())  # noqa: S603
    if done.returncode:
        raise RuntimeError(f"visitapp server {words[0]}: {done.stdout}{done.stderr}")
    return done.stdout


def _without_qt() -> dict[str, str]:
    return {key: value for key, value in os.environ.items() if not key.startswith("QT_")}
