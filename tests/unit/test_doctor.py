"""The doctor finds what is wrong, says it without naming anybody, and touches nothing."""

import http.server
import json
import shutil
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from visitapp import doctor
from visitapp.config.paths import Places
from visitapp.config.settings import Settings, save_settings
from visitapp.doctor import FINE, NOTICE, WRONG, Finding, diagnose, is_ill, main
from visitapp.domain.clock import FixedClock, SystemClock
from visitapp.store.record import Record
from visitapp.vault.header import HEADER_FILE, SPARE_FILE
from visitapp.vault.keys import FLOOR
from visitapp.vault.secrets import FileSecretStore
from visitapp.vault.vault import Vault

NAME = "gwendolen.ellis"


@pytest.fixture(scope="module")
def window():
    """Qt is asked once for all tests of this module: it takes a second."""
    return tuple(doctor._window(None))


@pytest.fixture(autouse=True)
def asked_once(window, monkeypatch):
    checks = tuple((lambda _: iter(window)) if check is doctor._window else check for check in doctor._CHECKS)
    monkeypatch.setattr(doctor, "_CHECKS", checks)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    at = Places(tmp_path_factory.mktemp("made") / NAME)
    at.data.mkdir(mode=0o700)
    secrets = FileSecretStore(at.secret_file)
    folder = at.new_vault_folder()
    vault = Vault.create(folder, bytearray(b"kettle harbour"), secrets, clock=SystemClock(), kdf=FLOOR, user=NAME)
    Record.create(folder / doctor.RECORD_FILE, vault.db_key(), clock=SystemClock()).close()
    vault.close()
    save_settings(at.settings_file, Settings(key_place="file"))
    return at.data


@pytest.fixture
def data(made, tmp_path):
    copied = tmp_path / NAME
    shutil.copytree(made, copied)
    copied.chmod(0o700)
    return copied


def vault_of(data: Path) -> Path:
    (folder,) = Places(data).vault_folders()
    return folder


def about(findings: tuple[Finding, ...], subject: str) -> Finding:
    (found,) = [finding for finding in findings if finding.subject == subject]
    return found


def everything(data: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in sorted(data.rglob("*")) if path.is_file()}


def test_a_healthy_data_folder_has_nothing_wrong_and_is_left_as_it_was(data, capsys):
    before = everything(data)
    assert main(["--data", str(data)]) == 0
    told = capsys.readouterr().out
    assert "Nothing is wrong." in told
    assert everything(data) == before
    findings = diagnose(data)
    assert about(findings, "record, header").severity == FINE
    assert about(findings, "record, data").severity == FINE
    assert about(findings, "encryption").facts["sqlite"] >= "3.51.3"
    assert about(findings, "keyring") == Finding(
        "keyring", NOTICE, about(findings, "keyring").words, {"reduced": True, "in_use": True}
    )


def test_neither_words_nor_facts_name_anybody(data, capsys):
    (vault_of(data) / HEADER_FILE).write_bytes(b"damaged")
    main(["--data", str(data), "--json"])
    told = capsys.readouterr().out
    assert NAME not in told
    assert vault_of(data).name not in told
    assert json.loads(told)["ill"] is True


def break_bit(folder: Path) -> None:
    raw = bytearray((folder / HEADER_FILE).read_bytes())
    raw[raw.index(b'"counter":') + 10] ^= 1
    (folder / HEADER_FILE).write_bytes(raw)


@pytest.mark.parametrize(
    ("harm", "subject", "says"),
    [
        (break_bit, "record, header", "damaged"),
        (lambda folder: (folder / HEADER_FILE).unlink(), "record, header", "spare copy is there"),
        (lambda folder: [(folder / name).unlink() for name in (HEADER_FILE, SPARE_FILE)], "record, header", "no record"),
        (lambda folder: (folder / "record.db").unlink(), "record, data", "not where it was"),
        (lambda folder: (folder / "record.db").write_bytes(b""), "record, data", "empty"),
        (lambda folder: (folder / "record.db").write_bytes(b"SQLite format 3\0" * 9), "record, data", "not encrypted"),
        (lambda folder: (folder.parents[1] / "device-secrets.json").unlink(), "record, header", "keyring does not know"),
    ],
)
def test_harm_to_a_record_is_found(data, harm, subject, says):
    harm(vault_of(data))
    findings = diagnose(data)
    assert about(findings, subject).severity == WRONG
    assert says in about(findings, subject).words
    assert is_ill(findings)


def test_a_given_folder_that_is_not_there_is_wrong_and_not_made(tmp_path):
    findings = diagnose(tmp_path / "nowhere")
    assert about(findings, "data folder").severity == WRONG
    assert not (tmp_path / "nowhere").exists()


def test_a_computer_nobody_used_yet_is_not_ill_for_that(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    findings = diagnose(None)
    assert about(findings, "data folder").severity == NOTICE
    assert list(tmp_path.iterdir()) == []


def test_a_cloud_folder_is_wrong(data, tmp_path):
    (tmp_path / ".stfolder").mkdir()
    assert "Syncthing" in about(diagnose(data), "data folder").words


def test_a_folder_open_to_others_is_a_notice(data):
    data.chmod(0o755)
    assert about(diagnose(data), "data folder").severity == NOTICE


def test_a_damaged_settings_file_is_found_and_left_alone(data):
    (data / "settings.json").write_text('{"theme": "pink"')
    findings = diagnose(data)
    assert about(findings, "settings").severity == WRONG
    assert (data / "settings.json").exists()


def test_no_keyring_is_wrong_where_the_settings_want_one(data, monkeypatch):
    save_settings(data / "settings.json", Settings())
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere")
    findings = diagnose(data)
    assert about(findings, "keyring").severity == WRONG
    assert about(findings, "record, header").severity == NOTICE


@pytest.mark.parametrize(("free_mib", "severity"), [(100, WRONG), (500, NOTICE), (5000, FINE)])
def test_a_disk_that_fills_up_is_told(data, monkeypatch, free_mib, severity):
    usage = shutil.disk_usage(data)
    monkeypatch.setattr(doctor.shutil, "disk_usage", lambda _: usage._replace(free=free_mib * 1024**2))
    assert about(diagnose(data), "disk").severity == severity


def test_a_clock_behind_the_last_save_is_wrong(data):
    behind = FixedClock(datetime.now(UTC) - timedelta(days=3))
    assert about(diagnose(data, clock=behind), "clock").severity == WRONG
    ahead = FixedClock(datetime.now(UTC) + timedelta(days=3))
    assert about(diagnose(data, clock=ahead), "clock").severity == FINE


def test_leftover_temporary_files_are_counted(data):
    (data / "temporary").mkdir()
    (data / "temporary" / "left").write_text("x")
    assert about(diagnose(data), "temporary files").facts == {"files": 1}


class Service(http.server.BaseHTTPRequestHandler):
    status = 200

    def do_GET(self):
        assert self.path == "/v1/health"
        self.send_response(self.status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args):
        pass


@pytest.fixture
def service():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Service)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    Service.status = 200
    server.shutdown()
    thread.join()
    server.server_close()


def connected(data: Path, server: str) -> None:
    save_settings(data / "settings.json", Settings(key_place="file", server=server))


def test_a_server_that_answers_is_fine(data, service):
    connected(data, service)
    findings = diagnose(data)
    assert about(findings, "server").severity == FINE
    assert not is_ill(findings)


def test_a_server_that_is_not_the_service_is_wrong(data, service):
    connected(data, service)
    Service.status = 503
    assert about(diagnose(data), "server").severity == WRONG


def test_a_server_that_does_not_answer_is_wrong_and_says_where_the_notes_are(data, service):
    for server in ("http://127.0.0.1:9", "https://127.0.0.1:9", "nonsense", service.replace("http:", "https:")):
        connected(data, server)
        found = about(diagnose(data), "server")
        assert found.severity == WRONG
        assert "stay on this laptop" in found.words


def test_a_clock_that_differs_from_the_servers_is_wrong(data, service):
    connected(data, service)
    findings = diagnose(data, clock=FixedClock(datetime.now(UTC) + timedelta(minutes=42, seconds=30)))
    (found,) = [finding for finding in findings if finding.severity == WRONG]
    assert (found.subject, "42 minutes" in found.words) == ("clock", True)


def test_qt_and_typefaces_were_really_asked(window):
    subjects = [finding.subject for finding in window]
    assert subjects == ["window", "typefaces"]
    assert all(finding.severity in (FINE, NOTICE) for finding in window)


def test_a_qt_that_ends_its_process_is_told(monkeypatch):
    monkeypatch.setenv("QT_QPA_PLATFORM", "no-such-platform")
    (found,) = doctor._window(None)
    assert (found.subject, found.severity) == ("window", WRONG)


def test_missing_resources_are_told(data, monkeypatch, tmp_path):
    monkeypatch.setattr("visitapp.config.paths._PACKAGE", tmp_path / "visitapp")
    assert about(diagnose(data), "files").severity == WRONG


def test_two_records_are_told_apart_by_number(data):
    folder = vault_of(data)
    shutil.copytree(folder, Places(data).new_vault_folder())
    subjects = [finding.subject for finding in diagnose(data)]
    assert {"record 1 of 2, header", "record 2 of 2, header"} <= set(subjects)


def test_a_wipe_under_way_and_what_is_in_escrow_are_told_without_unlocking(data):
    assert about(diagnose(data), "record, escrow").severity == NOTICE
    journal = '{"order": "x", "vault_id": "v", "step": "settled", "receipt": "r"}'
    (vault_of(data) / "wipe.json").write_text(journal)
    findings = diagnose(data)
    assert about(findings, "record, wipe").severity == NOTICE
    assert not [finding for finding in findings if finding.subject == "record, header"]


def test_backups_and_anchors_are_judged_without_unlocking(data):
    from visitapp.actions.custody import close_record, open_record

    record = vault_of(data) / doctor.RECORD_FILE
    vault = Vault.open(vault_of(data), bytearray(b"kettle harbour"), FileSecretStore(Places(data).secret_file), clock=SystemClock())
    opened = open_record(record, vault, SystemClock())
    with opened.writing() as w:
        w.meta_set("profile", "")
    close_record(opened, vault)
    findings = diagnose(data)
    assert about(findings, "record, anchors").severity == FINE
    assert about(findings, "record, backups").facts["backups"] == 1
    raw = bytearray(record.read_bytes())
    raw[-40] ^= 1
    record.write_bytes(raw)
    assert about(diagnose(data), "record, anchors").severity == WRONG
