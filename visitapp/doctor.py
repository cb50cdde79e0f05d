"""What is wrong with this installation or data folder, in words that name nobody and no folder.

Looks and never mends: nothing is unlocked, moved or written, but for a test entry in the keyring and a test file in a
temporary folder, both removed again. Three severities: "fine", "notice" (worth knowing) and "wrong" (exit code 1).
"""

import argparse
import http.client
import json
import os
import shutil
import ssl
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from visitapp import __version__
from visitapp.actions.folders import has_order, is_settled
from visitapp.config.paths import Places, default_data_folder, install_id_kept, resources_folder, syncing_service
from visitapp.config.problems import ResourcesMissing
from visitapp.config.settings import Settings, load_settings
from visitapp.domain.clock import Clock, SystemClock
from visitapp.domain.problems import Problem
from visitapp.store.connection import connect
from visitapp.vault.problems import DeviceSecretMissing, VaultDamaged
from visitapp.vault.secrets import FileSecretStore, PlatformSecretStore, SecretStore
from visitapp.vault.vault import Vault

FINE, NOTICE, WRONG = "fine", "notice", "wrong"
RECORD_FILE = "record.db"
HEALTH = "/v1/health"

_MIB = 1024**2
_TOO_LITTLE_BYTES = 200 * _MIB
_LITTLE_BYTES = 1024 * _MIB
_CLOCK_MAY_DIFFER = timedelta(minutes=5)
_NOT_BEFORE = datetime(2026, 1, 1, tzinfo=UTC)
_SERVER_WITHIN_S = 10
_WINDOW_WITHIN_S = 60
_PLAIN_DATABASE = b"SQLite format 3\x00"


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at: which, how it is, what to say about it, and the bare facts."""

    subject: str
    severity: str
    words: str
    facts: Mapping[str, str | int | bool] = field(default_factory=dict)


@dataclass(frozen=True)
class Ground:
    """What the checks stand on."""

    at: Places
    is_given: bool
    settings: Settings
    clock: Clock

    def secrets(self) -> SecretStore:
        """Return where device secrets lie."""
        if self.settings.key_place == "file":
            return FileSecretStore(self.at.secret_file)
        return PlatformSecretStore(install_id_kept(self.at))


def diagnose(data: Path | None, *, clock: Clock | None = None) -> tuple[Finding, ...]:
    """Look at the installation and at a data folder (None = the platform's own); the folder is not made."""
    at = Places((data or default_data_folder()).expanduser().absolute())
    settings, damaged = load_settings(at.settings_file, only_look=True)
    ground = Ground(at, data is not None, settings, clock or SystemClock())
    found = [_program()]
    if damaged is not None:
        keys = ", ".join(damaged.keys) or "all of them"
        found.append(Finding("settings", WRONG, f"Settings that cannot be read, so the usual ones apply: {keys}."))
    for check in _CHECKS:
        found += check(ground)
    return tuple(found)


def _program() -> Finding:
    python = ".".join(map(str, sys.version_info[:3]))
    return Finding("program", FINE, f"visitapp {__version__} on Python {python}.", {"version": __version__})


_WINDOW = """
import json
from PySide6.QtWidgets import QApplication
app = QApplication([])
from visitapp.ui import fonts
print(json.dumps({"platform": app.platformName(), "missing": list(fonts.load())}))
"""


def _window(ground: Ground) -> Iterator[Finding]:
    """Open Qt in a process of its own: where a library is missing, Qt ends the process that asked."""
    surroundings = dict(os.environ)
    has_screen = sys.platform != "linux" or any(
        surroundings.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    )
    if not has_screen:
        surroundings["QT_QPA_PLATFORM"] = "offscreen"
    try:
        done = subprocess.run(  # noqa: S603 - our own interpreter and our own words
            [sys.executable, "-c", _WINDOW],
            env=surroundings,
            capture_output=True,
            text=True,
            timeout=_WINDOW_WITHIN_S,
            check=True,
        )
        told = json.loads(done.stdout.strip().splitlines()[-1])
    except (OSError, subprocess.SubprocessError, ValueError, IndexError):
        yield Finding("window", WRONG, "No window can be opened: a library that Qt needs is missing or does not fit.")
        return
    facts: dict[str, str | int | bool] = {"platform": str(told["platform"])}
    if has_screen:
        yield Finding("window", FINE, f"Windows can be opened (Qt platform {told['platform']}).", facts)
    else:
        yield Finding("window", NOTICE, "There is no screen here. Everything else a window needs is there.", facts)
    missing = told["missing"]
    if missing:
        yield Finding("typefaces", WRONG, f"Typefaces missing, so some names show as boxes: {', '.join(missing)}.")
    else:
        yield Finding("typefaces", FINE, "All typefaces are there, so names in every script show.")


def _resources(ground: Ground) -> Iterator[Finding]:
    try:
        folder = resources_folder()
    except ResourcesMissing:
        yield Finding("files", WRONG, "The program's own data files are missing. Install visitapp again.")
        return
    questionnaires, damaged = sorted((folder / "questionnaires").glob("*.json")), 0
    for path in questionnaires:
        try:
            json.loads(path.read_bytes())
        except (OSError, ValueError):
            damaged += 1
    if damaged or not questionnaires:
        yield Finding("files", WRONG, f"{damaged} questionnaires cannot be read. Install visitapp again.")
    else:
        yield Finding("files", FINE, f"The program's own files are there ({len(questionnaires)} questionnaires).")


def _keyring(ground: Ground) -> Iterator[Finding]:
    from visitapp.ui.wording import words_for

    if ground.settings.key_place == "file":
        is_kept = ground.at.secret_file.exists()
        yield Finding(
            "keyring",
            NOTICE,
            "Reduced protection: half of the key lies in a file and not in this computer's keyring, as the settings say.",
            {"reduced": True, "in_use": is_kept},
        )
        return
    try:
        PlatformSecretStore("doctor").self_test()
    except Problem as problem:
        yield Finding("keyring", WRONG, words_for(problem).happened, {"problem": type(problem).__name__})
    else:
        yield Finding("keyring", FINE, "This computer's keyring keeps, gives back and forgets a secret.")


def _encryption(ground: Ground) -> Iterator[Finding]:
    from visitapp.ui.wording import words_for

    with tempfile.TemporaryDirectory(prefix="visitapp-doctor-") as folder:
        path = Path(folder) / "test.db"
        try:
            with closing(connect(path, os.urandom(32))) as raw:
                raw.execute("CREATE TABLE tried (words TEXT)").close()
                cipher = str(raw.execute("PRAGMA cipher_version").fetchone()[0])
                engine = str(raw.execute("SELECT sqlite_version()").fetchone()[0])
        except Problem as problem:
            yield Finding("encryption", WRONG, words_for(problem).happened, {"problem": type(problem).__name__})
            return
        if path.read_bytes()[:16] == _PLAIN_DATABASE:
            yield Finding("encryption", WRONG, "A record would be written in clear. Install visitapp again.")
            return
    facts: dict[str, str | int | bool] = {"sqlcipher": cipher, "sqlite": engine}
    yield Finding("encryption", FINE, f"Records are encrypted (SQLCipher {cipher}, SQLite {engine}).", facts)


def _data_folder(ground: Ground) -> Iterator[Finding]:
    data = ground.at.data
    if not data.exists():
        severity = WRONG if ground.is_given else NOTICE
        yield Finding("data folder", severity, "There is no data folder yet: nobody has used visitapp here.")
        return
    if not data.is_dir() or not os.access(data, os.R_OK | os.W_OK | os.X_OK):
        yield Finding("data folder", WRONG, "The data folder cannot be read and written.")
        return
    service = syncing_service(data)
    if service:
        yield Finding("data folder", WRONG, f"The data folder lies where {service} copies it to other machines.")
    elif os.name == "posix" and data.stat().st_mode & 0o077:
        yield Finding("data folder", NOTICE, "Others who use this computer can look into the data folder.")
    else:
        yield Finding("data folder", FINE, "The data folder is there and open to its owner only.")
    left = sum(1 for _ in ground.at.temporary.iterdir()) if ground.at.temporary.is_dir() else 0
    if left:
        yield Finding("temporary files", NOTICE, "A program that ended badly left temporary files.", {"files": left})


def _disk(ground: Ground) -> Iterator[Finding]:
    near = next(folder for folder in (ground.at.data, *ground.at.data.parents) if folder.exists())
    free = shutil.disk_usage(near).free
    facts: dict[str, str | int | bool] = {"free_mib": free // _MIB}
    if free < _TOO_LITTLE_BYTES:
        yield Finding("disk", WRONG, f"The disk is nearly full: {free // _MIB} MB are left. Make room soon.", facts)
    elif free < _LITTLE_BYTES:
        yield Finding("disk", NOTICE, f"There is little room on the disk: {free // _MIB} MB.", facts)
    else:
        yield Finding("disk", FINE, f"There is room on the disk: {free // _MIB // 1024} GB.", facts)


def _clock(ground: Ground) -> Iterator[Finding]:
    now = ground.clock.now()
    try:
        ZoneInfo("Europe/London")
    except ZoneInfoNotFoundError:
        yield Finding("clock", WRONG, "The rules of British time are missing from this computer.")
    written = max((path.stat().st_mtime for path in _files_of(ground.at)), default=0.0)
    if now < _NOT_BEFORE or datetime.fromtimestamp(written, UTC) > now + _CLOCK_MAY_DIFFER:
        yield Finding("clock", WRONG, "This computer's clock is behind: it shows a time before the last note was saved.")
    else:
        yield Finding("clock", FINE, "The clock is not behind what was saved last.")


def _files_of(at: Places) -> Iterator[Path]:
    for folder in at.vault_folders():
        yield from (path for path in folder.iterdir() if path.is_file())


def _records(ground: Ground) -> Iterator[Finding]:
    folders = ground.at.vault_folders()
    if not folders:
        yield Finding("record", NOTICE if ground.at.data.exists() else FINE, "There is no record in the data folder.")
    for number, folder in enumerate(folders, 1):
        name = "record" if len(folders) == 1 else f"record {number} of {len(folders)}"
        if has_order(folder):
            said = "The service ordered this record off the laptop. Start visitapp once to finish it."
            yield Finding(f"{name}, wipe", NOTICE, said)
        if is_settled(folder):
            continue
        yield _header(ground, folder, name)
        yield _database(folder, name)
        yield from _custody(ground, folder, name)


def _header(ground: Ground, folder: Path, name: str) -> Finding:
    from visitapp.ui.wording import words_for

    subject = f"{name}, header"
    try:
        Vault.check(folder)
    except VaultDamaged as damage:
        spare = " A spare copy is there." if damage.has_spare else ""
        facts: dict[str, str | int | bool] = {"reason": damage.reason, "has_spare": damage.has_spare}
        return Finding(subject, WRONG, f"The file that holds the record's lock is damaged.{spare}", facts)
    except Problem as problem:
        return Finding(subject, WRONG, words_for(problem).happened, {"problem": type(problem).__name__})
    try:
        Vault.check(folder, ground.secrets())
    except (VaultDamaged, DeviceSecretMissing) as problem:
        return Finding(subject, WRONG, words_for(problem).happened, {"problem": type(problem).__name__})
    except Problem as problem:
        said = "The header can be read, but not checked without the keyring."
        return Finding(subject, NOTICE, said, {"problem": type(problem).__name__})
    return Finding(subject, FINE, "The header can be read and nobody changed it.")


def _database(folder: Path, name: str) -> Finding:
    subject = f"{name}, data"
    try:
        with (folder / RECORD_FILE).open("rb") as file:
            start = file.read(16)
    except OSError:
        return Finding(subject, WRONG, "The record's file is not where it was, or cannot be read.")
    if not start:
        return Finding(subject, WRONG, "The record's file is empty.")
    if start == _PLAIN_DATABASE:
        return Finding(subject, WRONG, "The record's file is not encrypted.")
    return Finding(subject, FINE, "The record's file is there and encrypted. Only unlocking can tell more.")


def _custody(ground: Ground, folder: Path, name: str) -> Iterator[Finding]:
    from visitapp.actions.custody import look_at

    try:
        look = look_at(folder / RECORD_FILE, ground.secrets())
    except Problem:
        return
    facts: dict[str, str | int | bool] = {"commits": look.commits, "put_aside": look.put_aside}
    if look.header_is_behind or look.rests is False:
        yield Finding(f"{name}, anchors", WRONG, "The record or its header is older than the one that was locked here.", facts)
    elif look.rests:
        yield Finding(f"{name}, anchors", FINE, "The record is page for page the one that was locked here.", facts)
    else:
        yield Finding(f"{name}, anchors", NOTICE, "The record is open or was not closed properly; unlocking tells more.", facts)
    age = (ground.clock.now() - look.newest_backup_at).days if look.newest_backup_at else None
    made: dict[str, str | int | bool] = {"backups": look.backups}
    if age is None:
        yield Finding(f"{name}, backups", NOTICE, "There is no backup of the record yet.", made)
    else:
        made["newest_days"] = age
        yield Finding(f"{name}, backups", FINE, f"Backups: {look.backups}; the newest is {age} days old.", made)
    escrow = "Two administrators can open it if the passphrase is lost." if look.has_escrow else "Its key is not in escrow."
    yield Finding(f"{name}, escrow", FINE if look.has_escrow else NOTICE, escrow, {"escrow": look.has_escrow})
    if look.is_sealed:
        yield Finding(f"{name}, lock", WRONG, "Ten wrong passphrases: only two administrators can open this record.")


def _server(ground: Ground) -> Iterator[Finding]:
    if not ground.settings.server:
        yield Finding("server", NOTICE, "This laptop is not connected to a service.")
        return
    try:
        status, date = _health(ground.settings.server)
    except (OSError, http.client.HTTPException, ssl.SSLError, ValueError):
        yield Finding("server", WRONG, "The server does not answer. Notes stay on this laptop until it does.")
        return
    if status != http.client.OK:
        yield Finding("server", WRONG, "Something answers at the server's address, but not as the service does.")
        return
    yield Finding("server", FINE, "The server answers.")
    try:
        differs = abs(parsedate_to_datetime(date) - ground.clock.now())
    except (TypeError, ValueError):
        return
    if differs > _CLOCK_MAY_DIFFER:
        minutes = int(differs.total_seconds() // 60)
        yield Finding("clock", WRONG, f"This computer's clock and the server's differ by {minutes} minutes.")


def _health(server: str) -> tuple[int, str]:
    parts = urlsplit(server)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    with closing(kind(parts.hostname or "", parts.port, timeout=_SERVER_WITHIN_S)) as connection:
        connection.request("GET", f"{parts.path.rstrip('/')}{HEALTH}", headers={"User-Agent": "visitapp"})
        answer = connection.getresponse()
        return answer.status, answer.getheader("Date", "")


_CHECKS: tuple[Callable[[Ground], Iterator[Finding]], ...] = (
    _window,
    _resources,
    _keyring,
    _encryption,
    _data_folder,
    _disk,
    _clock,
    _records,
    _server,
)
_SIGNS = {FINE: "fine   ", NOTICE: "notice ", WRONG: "WRONG  "}


def is_ill(findings: Sequence[Finding]) -> bool:
    """Say whether anything is wrong."""
    return any(finding.severity == WRONG for finding in findings)


def main(argv: Sequence[str]) -> int:
    """Print the findings; returns 1 if anything is wrong."""
    parser = argparse.ArgumentParser(prog="visitapp doctor", description="What is wrong with this installation.")
    parser.add_argument("--data", type=Path, default=None, help="a data folder (default: the platform's own)")
    parser.add_argument("--json", action="store_true", help="print the findings as JSON")
    told = parser.parse_args(list(argv))
    findings = diagnose(told.data)
    if told.json:
        shape = {"findings": [asdict(finding) for finding in findings], "ill": is_ill(findings)}
        print(json.dumps(shape, indent=2, ensure_ascii=False))
    else:
        for finding in findings:
            print(f"{_SIGNS[finding.severity]}{finding.subject}: {finding.words}")
        print("\nSomething is wrong." if is_ill(findings) else "\nNothing is wrong.")
    return int(is_ill(findings))
