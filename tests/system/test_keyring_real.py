"""The vault on a real Secret Service: gnome-keyring on a session bus of its own, for every state it can be in."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAMS = ("dbus-run-session", "gnome-keyring-daemon")
MISSING = [program for program in PROGRAMS if shutil.which(program) is None]

pytestmark = [
    pytest.mark.keyring,
    pytest.mark.skipif(bool(MISSING) or sys.platform != "linux", reason=f"not installed here: {', '.join(MISSING)}"),
]

UNLOCKED = "printf 'login password\\n' | gnome-keyring-daemon --unlock --components=secrets >/dev/null && "


def in_session(
    home: Path, child: str, *, unlocked: bool = True, env: dict[str, str] | None = None
) -> dict[str, object]:
    """Run a piece of Python in a session of its own and return what it printed as JSON."""
    runtime = home / "run"
    runtime.mkdir(mode=0o700, exist_ok=True)
    surroundings = {
        key: value for key, value in os.environ.items() if key not in ("DBUS_SESSION_BUS_ADDRESS", "DISPLAY")
    }
    surroundings |= {"HOME": str(home), "XDG_RUNTIME_DIR": str(runtime), "CASE_HOME": str(home), **(env or {})}
    script = home / "child.py"
    script.write_text(PRELUDE + child)
    python = f"{sys.executable} {script}"
    done = subprocess.run(
        ["dbus-run-session", "--", "sh", "-c", (UNLOCKED if unlocked else "") + python],
        env=surroundings,
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    found = json.loads(done.stdout.strip().splitlines()[-1])
    assert isinstance(found, dict)
    return found


PRELUDE = """
import json, os, pathlib, sys
sys.path.insert(0, os.getcwd())
from visitapp.domain.clock import SystemClock
from visitapp.domain.problems import Problem
from visitapp.vault.keys import FLOOR
from visitapp.vault.secrets import PlatformSecretStore
from visitapp.vault.vault import Vault
home = pathlib.Path(os.environ["CASE_HOME"])
store = PlatformSecretStore("0000-test-install")
clock = SystemClock()
def typed(text="kettle harbour violin moss"):
    return bytearray(text.encode())
def outcome(work):
    try:
        work()
    except Problem as problem:
        return repr(problem)
    return "fine"
def say(**found):
    print(json.dumps(found))
"""


def test_a_vault_is_made_opened_and_removed_on_a_real_keyring(tmp_path):
    found = in_session(
        tmp_path,
        """
store.self_test()
vault = Vault.create(home / "vault", typed(), store, clock=clock, kdf=FLOOR)
key, kept = vault.db_key(), store.get(vault.vault_id)
vault.mirror_commit(3, "ab" * 32)
vault.close()
wrong = outcome(lambda: Vault.open(home / "vault", typed("wrong"), store, clock=clock))
again = Vault.open(home / "vault", typed(), store, clock=clock)
same = again.db_key() == key
again.close()
store.delete(vault.vault_id)
gone = outcome(lambda: Vault.open(home / "vault", typed(), store, clock=clock))
store.set(vault.vault_id, kept)
restored = outcome(lambda: Vault.open(home / "vault", typed(), store, clock=clock))
secret = json.loads(kept)["secret"].encode()
in_clear = [str(path) for path in home.rglob("*") if path.is_file() and secret in path.read_bytes()]
say(wrong=wrong, same=same, reduced=again.is_reduced, gone=gone, restored=restored, in_clear=in_clear)
""",
    )
    assert found == {
        "wrong": "WrongPassphrase(retry_after_s=0, tries_left=9)",
        "same": True,
        "reduced": False,
        "gone": "DeviceSecretMissing()",
        "restored": "fine",
        "in_clear": [],
    }


def test_a_vault_opens_again_in_the_next_session(tmp_path):
    in_session(tmp_path, "Vault.create(home / 'vault', typed(), store, clock=clock, kdf=FLOOR).close(); say()")
    found = in_session(tmp_path, "say(found=outcome(lambda: Vault.open(home / 'vault', typed(), store, clock=clock)))")
    assert found == {"found": "fine"}


def test_a_keyring_locked_meanwhile_is_told_apart(tmp_path):
    found = in_session(
        tmp_path,
        """
import secretstorage
Vault.create(home / "vault", typed(), store, clock=clock, kdf=FLOOR).close()
secretstorage.get_default_collection(secretstorage.dbus_init()).lock()
say(found=outcome(lambda: Vault.open(home / "vault", typed(), store, clock=clock)))
""",
    )
    assert found == {"found": "KeyringIsLocked()"}


def test_a_keyring_that_was_never_unlocked_counts_as_dismissed(tmp_path):
    found = in_session(
        tmp_path,
        "say(test=outcome(store.self_test),"
        " made=outcome(lambda: Vault.create(home / 'vault', typed(), store, clock=clock, kdf=FLOOR)),"
        " left=Vault.exists(home / 'vault'))",
        unlocked=False,
    )
    assert found == {"test": "KeyringDismissed()", "made": "KeyringDismissed()", "left": False}


def test_no_session_bus_is_told_apart(tmp_path):
    found = in_session(
        tmp_path,
        """
os.environ.pop("DBUS_SESSION_BUS_ADDRESS")
say(found=outcome(store.self_test))
""",
        unlocked=False,
    )
    assert found == {"found": "KeyringUnavailable(platform='linux')"}


def test_environment_and_settings_file_cannot_redirect_the_keyring(tmp_path):
    (tmp_path / "settings" / "python_keyring").mkdir(parents=True)
    (tmp_path / "settings" / "python_keyring" / "keyringrc.cfg").write_text(
        "[backend]\ndefault-keyring=keyring.backends.null.Keyring\n"
    )
    found = in_session(
        tmp_path,
        """
import secretstorage
Vault.create(home / "vault", typed(), store, clock=clock, kdf=FLOOR).close()
items = secretstorage.get_default_collection(secretstorage.dbus_init()).get_all_items()
say(services=[item.get_attributes()["service"] for item in items])
""",
        env={
            "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
            "XDG_CONFIG_HOME": str(tmp_path / "settings"),
        },
    )
    assert found == {"services": ["visitapp/0000-test-install"]}
