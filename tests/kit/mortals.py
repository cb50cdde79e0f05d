"""Processes that are made to be killed: forked from one that has imported everything, so that two hundred deaths cost seconds."""

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import IO

# Reads one line of arguments after the other and forks for each; the child runs the code and says what it does into a pipe by name.
_MOTHER = """
import json, os, signal, sys
code = compile(sys.stdin.readline() and open(sys.argv[1]).read(), "mortal", "exec")
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
exec(compile(open(sys.argv[2]).read(), "imports", "exec"))
print("ready", flush=True)
for line in sys.stdin:
    args = json.loads(line)
    child = os.fork()
    if child == 0:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.setsid()
        os.dup2(os.open(args[0], os.O_WRONLY), 1)
        sys.argv = ["mortal", *args[1:]]
        try:
            exec(code, {"__name__": "__main__"})
        finally:
            os._exit(1)
    print(child, flush=True)
"""


class Mortal:
    """One process that says what it has done, line by line, until it is killed."""

    def __init__(self, pid: int, told: IO[str]) -> None:
        self.pid = pid
        self.told = told

    def kill(self) -> list[str]:
        """kill -9; answers the whole lines that it had said and nobody had read yet."""
        os.kill(self.pid, signal.SIGKILL)
        with self.told:
            return [line for line in self.told.read().splitlines(keepends=True) if line.endswith("\n")]


class Mother:
    """Bears processes that run one piece of code."""

    def __init__(self, code: str) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="visitapp-mortals-")
        folder = Path(self._folder.name)
        (folder / "code.py").write_text(code)
        imports = [line for line in code.splitlines() if line.startswith(("import ", "from "))]
        (folder / "imports.py").write_text("\n".join(imports))
        command = [sys.executable, "-c", _MOTHER, str(folder / "code.py"), str(folder / "imports.py")]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self._number = 0
        self._say("begin")
        assert self._hear() == "ready"

    def _say(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()

    def _hear(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()

    def bear(self, args: Sequence[str]) -> Mortal:
        """A new process with these arguments."""
        self._number += 1
        pipe = Path(self._folder.name) / f"told{self._number}"
        os.mkfifo(pipe)
        self._say(json.dumps([str(pipe), *args]))
        pid = int(self._hear())
        # Opening waits until the child has its end, and nobody but the child ever has one.
        return Mortal(pid, open(pipe, encoding="utf-8"))

    def __enter__(self) -> "Mother":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(60)
        self._process.stdout.close()
        self._folder.cleanup()
