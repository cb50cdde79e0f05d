"""The client does not keep the source of what it imports in memory."""

import subprocess
import sys


def test_importing_the_client_reads_no_source() -> None:
    code = "import visitapp.desktop, linecache, sys; print(len(linecache.cache), 'visitapp.desktop' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=120)
    files, imported = done.stdout.split()
    assert imported == "True", done.stderr
    assert int(files) < 50
