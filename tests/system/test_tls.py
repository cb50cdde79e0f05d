"""TLS between laptop and service on this machine: what is believed, and everything that is refused."""

import datetime
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from datetime import UTC
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from tests.kit.postgres import databases, postgres, service  # noqa: F401
from tests.kit.service import ServiceKit
from visitapp.actions.connecting import begin_connected, enrol_key, service_client
from visitapp.domain.clock import SystemClock
from visitapp.server.app import create_app
from visitapp.server.certificates import Made, make_certificates
from visitapp.server.door import administer
from visitapp.server.patience import PatientProtocol
from visitapp.store.record import Record
from visitapp.sync.enrolment import enrol
from visitapp.sync.exchange import run_exchange
from visitapp.sync.problems import InsecureAddress, NotAnAddress, ServiceNotTrusted, ServiceUnreachable
from visitapp.sync.trust import fetch_authority, without_pin
from visitapp.sync.wire import checked_address
from visitapp.vault.device import DeviceKey

HOST = "localhost"


class Secure:
    """The service behind TLS on a port of this machine."""

    def __init__(self, service: ServiceKit, made: Made, tune: Callable[[ssl.SSLContext], None] = lambda context: None) -> None:  # noqa: F811
        from dataclasses import replace

        app = create_app(replace(service.settings, authority=made.authority.read_bytes()))
        self._service = app.state.service
        self._listener = socket.create_server(("127.0.0.1", 0))
        config = uvicorn.Config(
            app,
            http=PatientProtocol,
            ws="none",
            lifespan="off",
            log_config=None,
            ssl_certfile=made.certificate,
            ssl_keyfile=made.key,
        )
        config.load()
        assert config.ssl is not None
        tune(config.ssl)
        self.address = f"https://{HOST}:{self._listener.getsockname()[1]}"
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, args=([self._listener],), daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._server.should_exit = True
        self._thread.join(10)
        self._listener.close()
        self._service.close()


Serve = Callable[..., Secure]


@pytest.fixture
def serve(service: ServiceKit) -> Iterator[Serve]:  # noqa: F811
    running: list[Secure] = []

    def start(made: Made, **more: Any) -> Secure:
        running.append(Secure(service, made, **more))
        return running[-1]

    yield start
    for one in running:
        one.close()


@pytest.fixture
def made(tmp_path: Path) -> Made:
    return make_certificates(tmp_path / "ours", HOST)


@pytest.fixture
def code(service: ServiceKit) -> str:  # noqa: F811
    return service.code(service.user(service.team()))


def speak(address: str, authority: bytes, code: str) -> Any:
    key = DeviceKey.generate()
    return enrol(address, code, key.public_bytes, key.sign, app="0", authority=authority)


def test_laptop_connects_by_an_address_with_a_pin_and_syncs_on_its_own_later(
    serve: Serve, made: Made, code: str, tmp_path: Path
) -> None:
    address = f"{serve(made).address}#{made.pin}"
    key = DeviceKey.generate()
    told = enrol_key(address, code, key)
    record = Record.create(tmp_path / "record.db", b"k" * 32, clock=SystemClock())
    begin_connected(record, address, told, key)
    client = service_client(record, SystemClock())
    assert client is not None
    assert run_exchange(record, client, user=told.user).complete
    client.close()
    record.close()


def test_new_certificate_of_the_same_authority_is_believed(serve: Serve, made: Made, code: str) -> None:
    authority = made.authority.read_bytes()
    again = make_certificates(made.authority.parent, HOST)
    assert (again.pin, again.authority.read_bytes()) == (made.pin, authority)
    assert speak(serve(again).address, authority, code).user


def test_expired_certificate_is_refused(serve: Serve, tmp_path: Path, code: str) -> None:
    made = make_certificates(tmp_path / "old", HOST, datetime.datetime.now(UTC) - datetime.timedelta(days=400))
    with pytest.raises(ServiceNotTrusted):
        speak(serve(made).address, made.authority.read_bytes(), code)


@pytest.mark.parametrize("host", ["elsewhere.example", "127.0.0.2"])
def test_certificate_of_another_host_is_refused(serve: Serve, tmp_path: Path, code: str, host: str) -> None:
    made = make_certificates(tmp_path / "wrong", host)
    with pytest.raises(ServiceNotTrusted):
        speak(serve(made).address, made.authority.read_bytes(), code)


def test_authority_that_nobody_named_is_refused(serve: Serve, made: Made, tmp_path: Path, code: str) -> None:
    other = make_certificates(tmp_path / "theirs", HOST)
    address = serve(other).address
    for authority in (made.authority.read_bytes(), b""):
        with pytest.raises(ServiceNotTrusted):
            speak(address, authority, code)


def test_certificate_that_vouches_for_itself_is_refused(serve: Serve, made: Made, code: str, tmp_path: Path) -> None:
    alone = make_certificates(tmp_path / "alone", HOST)
    itself = Made(alone.authority, alone.authority, alone.authority.with_suffix(".key"), alone.pin)
    with pytest.raises(ServiceNotTrusted):
        speak(serve(itself).address, made.authority.read_bytes(), code)


def test_pin_that_does_not_fit_tells_the_server_nothing(serve: Serve, made: Made, code: str, tmp_path: Path) -> None:
    rotated = make_certificates(tmp_path / "rotated", HOST)
    secure = serve(rotated)
    with pytest.raises(ServiceNotTrusted):
        fetch_authority(secure.address, made.pin)
    with pytest.raises(ServiceNotTrusted):
        enrol_key(f"{secure.address}#{made.pin}", code, DeviceKey.generate())
    assert speak(secure.address, rotated.authority.read_bytes(), code).user, "the code was not spent"


def test_proxy_that_reads_along_is_refused_even_where_the_machine_trusts_it(
    serve: Serve,
    made: Made,
    code: str,
    tmp_path: Path,
    service: ServiceKit,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """An inspecting proxy passes everything on, the service's own authority too, under a certificate of its own making."""
    proxy = make_certificates(tmp_path / "proxy", HOST)
    between = serve(Made(made.authority, proxy.certificate, proxy.key, made.pin))
    monkeypatch.setenv("SSL_CERT_FILE", str(proxy.authority))
    machine = ssl.create_default_context()
    with (
        socket.create_connection(("127.0.0.1", int(between.address.rsplit(":", 1)[1])), 5) as line,
        machine.wrap_socket(line, server_hostname=HOST) as proved,
    ):
        assert proved.version(), "the machine itself believes the proxy"
    with pytest.raises(ServiceNotTrusted):
        speak(between.address, made.authority.read_bytes(), code)
    key = DeviceKey.generate()
    with pytest.raises(ServiceNotTrusted):
        enrol_key(f"{between.address}#{made.pin}", code, key)
    assert service.sql("select 1 from device") == []
    assert speak(serve(made).address, made.authority.read_bytes(), code).user, "the code was told to nobody"


def test_old_tls_is_refused_on_both_sides(serve: Serve, made: Made, code: str) -> None:
    def old(context: ssl.SSLContext) -> None:
        context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
        context.set_ciphers("ALL:@SECLEVEL=0")

    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        secure = serve(made, tune=old)
    with pytest.raises((ServiceNotTrusted, ServiceUnreachable)):
        speak(secure.address, made.authority.read_bytes(), code)
    with pytest.raises((ServiceNotTrusted, ServiceUnreachable)):
        fetch_authority(secure.address, made.pin)


def test_plain_http_to_a_tls_port_gets_nothing(serve: Serve, made: Made, code: str) -> None:
    with pytest.raises(ServiceUnreachable):
        speak(serve(made).address.replace("https:", "http:"), b"", code)


@pytest.mark.parametrize("address", ["http://visits.example:8741", "http://192.0.2.7", "http://[2001:db8::1]:1"])
def test_plain_http_beyond_this_machine_is_refused(address: str) -> None:
    with pytest.raises(InsecureAddress):
        checked_address(address)


def test_pin_is_read_as_people_copy_it(made: Made) -> None:
    spaced = ":".join(made.pin[place : place + 2] for place in range(0, 64, 2)).upper()
    assert without_pin(f" https://a.example#{spaced} ") == ("https://a.example", made.pin)
    assert checked_address(f"https://a.example:8741#{made.pin}") == "https://a.example:8741"
    for typed in ("https://a.example#part", f"http://localhost#{made.pin}"):
        with pytest.raises(NotAnAddress):
            checked_address(typed)


def test_one_command_makes_everything_with_keys_for_their_owner_only(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert administer(["certificates", str(tmp_path / "c"), "visits.example"]) == 0
    said = capsys.readouterr().out
    assert "https://visits.example:8741#" in said
    modes = {path.name: path.stat().st_mode & 0o777 for path in (tmp_path / "c").glob("*.key")}
    assert modes == {"authority.key": 0o600, "visits.example.key": 0o600}
