"""A locked laptop's memory: after unlocking, writing, searching and locking, a parent finds no key, passphrase or word (S3)."""

import os
import subprocess
import sys
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kit.leaks import encodings_of
from tests.unit.vault.places import CHEAP
from visitapp.domain.clock import SystemClock
from visitapp.store.record import Record
from visitapp.vault.secrets import FileSecretStore
from visitapp.vault.vault import Vault

ROOT = Path(__file__).parents[2]
MASK = 0x55
IN_CI, AT_NIGHT = 20, 500

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="reads memory as Linux shows it"),
    pytest.mark.timeout(3600),
]

LAPTOP = """
import sys
from pathlib import Path
folder, secrets, script = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
# Nothing is imported before: a locked process that had the record open is a new one, and this one is bare.
print("locked", flush=True)
hidden = bytes.fromhex(sys.stdin.readline().strip())
if not hidden:
    raise SystemExit
passphrase, _, words = bytes(byte ^ 0x55 for byte in hidden).partition(b"|")
from visitapp.domain.clock import SystemClock
from visitapp.domain.ids import Ids
from visitapp.store import backup
from visitapp.store.anchors import Anchor
from visitapp.store.record import Record
from visitapp.store.search import search_notes
from visitapp.ui.lock import replace_process
from visitapp.vault.secrets import FileSecretStore
from visitapp.vault.vault import Vault
clock = SystemClock()
vault = Vault.open(folder, bytearray(passphrase), FileSecretStore(secrets), clock=clock)
anchors = [Anchor(each.counter, each.head, each.pages) for each in vault.anchors]
record = Record.open(folder / "record.db", vault.db_key(), clock=clock, anchors=anchors)
assert record.rolled_back is None
record.mirror_commits(lambda counter, head: vault.mirror_commit(counter, head.hex()))
ids = Ids(clock)
with record.writing() as w:
    for number in range(50):
        w.put("g:", "plan_item", ids(), {"family": "f", "text": words.decode() + str(number)})
    w.audit("saved")
with record.reading() as r:
    held = [body["text"] for _, _, body in r.of_kind("plan_item")]
    search_notes(r, words.decode())
backup.back_up(record)
print("unlocked", flush=True)
sys.stdin.readline()
found = record.anchor()
record.close()
vault.anchor(found.counter, found.head, found.pages, seen_at=clock.now())
vault.close()
replace_process([script, str(folder), str(secrets), script])
"""


def _found(process: int, needles: dict[bytes, str]) -> set[str]:
    """Which needles are in a process's writable memory."""
    found: set[str] = set()
    regions = [line.split() for line in Path(f"/proc/{process}/maps").read_text().splitlines()]
    with open(f"/proc/{process}/mem", "rb", buffering=0) as memory:
        for region in regions:
            if not region[1].startswith("rw"):
                continue
            start, end = (int(part, 16) for part in region[0].split("-"))
            try:
                memory.seek(start)
                raw = memory.read(end - start)
            except (OSError, OverflowError):
                continue
            found |= {name for needle, name in needles.items() if needle in raw}
    return found


class Watched:
    """A laptop in a process of its own, and what must not be in its memory while it is locked."""

    def __init__(self, base: Path) -> None:
        self.passphrase = "kettle harbour " + os.urandom(6).hex()
        self.words = "Tabernacle" + os.urandom(6).hex()
        folder, secrets, script = base / "vault", base / "secrets.json", base / "laptop.py"
        script.write_text(LAPTOP, "utf-8")
        vault = Vault.create(folder, bytearray(self.passphrase.encode()), FileSecretStore(secrets), clock=SystemClock(), kdf=CHEAP)
        Record.create(folder / "record.db", vault.db_key(), clock=SystemClock()).close()
        keys = {"master key": bytes(vault._master), "record key": vault.db_key(), "device secret": vault._device.secret}
        vault.close()
        self.needles = dict.fromkeys(encodings_of(self.words), "a note")
        self.needles |= dict.fromkeys(encodings_of(self.passphrase), "passphrase")
        for name, key in keys.items():
            self.needles |= dict.fromkeys((key, key.hex().encode(), b64encode(key)), name)
        self.process = subprocess.Popen(
            [sys.executable, str(script), str(folder), str(secrets), str(script)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )

    def says(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def tell(self, words: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(words + "\n")
        self.process.stdin.flush()

    def unlock(self) -> None:
        told = f"{self.passphrase}|{self.words}".encode()
        self.tell(bytes(byte ^ MASK for byte in told).hex())
        assert self.says() == "unlocked"

    def found(self) -> set[str]:
        return _found(self.process.pid, self.needles)


@pytest.fixture
def laptop(tmp_path: Path) -> Iterator[Watched]:
    """A laptop that is locked."""
    watched = Watched(tmp_path)
    try:
        assert watched.says() == "locked"
        try:
            watched.found()
        except PermissionError:
            pytest.skip("this system lets no process read another's memory")
        yield watched
    finally:
        with watched.process:
            watched.process.kill()


def _cycles(laptop: Watched, many: int) -> None:
    for number in range(many):
        assert laptop.found() == set(), f"locked for the {number}th time"
        laptop.unlock()
        if number == 0:
            # What is looked for can be found: unlocked, the process does hold it.
            assert {"a note", "master key"} <= laptop.found()
        laptop.tell("lock")
        assert laptop.says() == "locked"
    assert laptop.found() == set()


def test_nothing_is_in_memory_after_any_of_twenty_locks(laptop: Watched) -> None:
    _cycles(laptop, IN_CI)


@pytest.mark.hunt
def test_nothing_is_in_memory_after_any_of_five_hundred_locks(laptop: Watched) -> None:
    _cycles(laptop, AT_NIGHT)
