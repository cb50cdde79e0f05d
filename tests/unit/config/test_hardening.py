"""A hardened process leaves no core and keeps its temporary files to itself; tried in a process of its own."""

import subprocess
import sys
from pathlib import Path

import pytest


def in_a_process(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    return done.stdout.strip()


@pytest.mark.skipif(sys.platform != "linux", reason="reads the limits as Linux keeps them")
def test_core_dumps_are_off_and_the_process_is_closed_to_others():
    found = in_a_process(
        "import ctypes, resource\n"
        "from visitapp.config.hardening import harden\n"
        "done = harden()\n"
        "print(done.has_no_core_dumps, done.is_closed_to_others, resource.getrlimit(resource.RLIMIT_CORE),"
        " ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))"
    )
    assert found == "True True (0, 0) 0"


def test_temporary_files_go_to_the_programs_own_folder_which_is_emptied(tmp_path):
    folder = tmp_path / "temporary"
    folder.mkdir()
    (folder / "left over").write_text("text")
    found = in_a_process(
        "import pathlib, tempfile\n"
        "from visitapp.config.hardening import keep_temporary_files_in\n"
        f"keep_temporary_files_in(pathlib.Path({str(folder)!r}))\n"
        "print(tempfile.mkstemp()[1])"
    )
    assert Path(found).parent == folder
    assert [each.name for each in folder.iterdir()] == [Path(found).name]
