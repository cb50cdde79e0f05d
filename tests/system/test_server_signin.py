"""Who may speak to the server: codes spent once, requests signed and never replayed, devices blocked at once."""

import base64
import json
import logging
import re
import threading

import pytest

from tests.kit.service import Laptop, ServiceKit, a_family, now_ms
from visitapp.protocol import codec
from visitapp.protocol import messages as m
from visitapp.protocol.requests import enrolment_text
from visitapp.server.admin import people
from visitapp.server.database import administering


@pytest.fixture
def nurse(service: ServiceKit) -> str:
    return service.user(service.team())


def refused(answer: object) -> tuple[int, str]:
    status, content = answer.status_code, answer.content  # type: ignore[attr-defined]
    return status, codec.decode_plain(m.Refusal, content).code


def empty_pull(laptop: Laptop) -> bytes:
    return codec.encode_pull(m.PullAsk(laptop.hello(), 0, ()))


def ask_enrol(service: ServiceKit, code: str, laptop: Laptop | None = None, signed: str | None = None) -> object:
    laptop = laptop or Laptop(service.http)
    public = laptop.key.public_key().public_bytes_raw()
    proof = laptop.key.sign(enrolment_text(code if signed is None else signed, public))
    ask = m.EnrolAsk(code, base64.b64encode(public).decode(), base64.b64encode(proof).decode())
    return service.http.post("/v1/enrol", content=codec.encode_plain(ask))


def test_enrolment_tells_a_laptop_what_it_has_to_know(service: ServiceKit, nurse: str) -> None:
    enrolled = Laptop(service.http).enrol(service.code(nurse))
    assert (enrolled.user, enrolled.name, enrolled.role) == (nurse, "Ann Example", "nurse")
    assert (enrolled.team_name, enrolled.job_title, enrolled.practice) == ("North", "Family nurse", False)
    assert enrolled.server_key == service.app.state.service.key.public
    assert enrolled.epoch
    assert abs(enrolled.now_ms - now_ms()) < 5000


def test_a_code_is_spent_once_even_in_a_race(service: ServiceKit, nurse: str) -> None:
    code = service.code(nurse)
    answers: list[object] = []
    threads = [threading.Thread(target=lambda: answers.append(ask_enrol(service, code))) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answer.status_code for answer in answers) == [200, *[403] * 5]  # type: ignore[attr-defined]
    assert service.sql("select count(*) from device") == [(1,)]


def test_a_code_may_be_typed_as_people_type(service: ServiceKit, nurse: str) -> None:
    typed = f" {service.code(nurse).lower().replace('-', ' ')} "
    assert Laptop(service.http).enrol(typed).user == nurse


def test_old_wrong_and_used_codes_are_answered_alike(service: ServiceKit, nurse: str) -> None:
    used, old = service.code(nurse), service.code(nurse)
    Laptop(service.http).enrol(used)
    with administering(service.owner) as connection:
        connection.exec_driver_sql("update enrolment set expires_at = now() - interval '1 second' where used_at is null")
    for code in (used, old, "AAAA-AAAA-AAAA", ""):
        assert refused(ask_enrol(service, code)) == (403, "code")


def test_a_key_that_is_not_held_cannot_be_enrolled(service: ServiceKit, nurse: str) -> None:
    code = service.code(nurse)
    assert refused(ask_enrol(service, code, signed="another code")) == (401, "signature")
    assert ask_enrol(service, code).status_code == 200  # type: ignore[attr-defined]


def test_guessing_codes_is_slowed_down(service: ServiceKit, nurse: str) -> None:
    for _ in range(20):
        assert refused(ask_enrol(service, "AAAA-AAAA-AAAA")) == (403, "code")
    answer = ask_enrol(service, service.code(nurse))
    assert refused(answer) == (429, "busy")
    assert int(answer.headers["Retry-After"]) > 800  # type: ignore[attr-defined]


def test_every_part_of_a_request_is_signed(service: ServiceKit, nurse: str) -> None:
    laptop, other = service.laptop(nurse), service.laptop(nurse)
    body = empty_pull(laptop)
    assert laptop.send("/v1/pull", body).status_code == 200
    assert refused(laptop.send("/v1/pull", body, signed=body + b"x")) == (401, "signature")
    assert refused(laptop.send("/v1/pull", body, device=other.device)) == (401, "signature")
    assert refused(laptop.send("/v1/pull", body, device=laptop.device[:-1] + "0"))[0] == 401
    assert refused(laptop.send("/v1/pull", body, header="")) == (400, "malformed")
    assert refused(laptop.send("/v1/pull", body, header="Bearer x")) == (400, "malformed")


def test_a_request_is_never_answered_twice(service: ServiceKit, nurse: str) -> None:
    laptop = service.laptop(nurse)
    nonce = "n" * 22
    assert laptop.send("/v1/pull", empty_pull(laptop), nonce=nonce).status_code == 200
    assert refused(laptop.send("/v1/pull", empty_pull(laptop), nonce=nonce)) == (401, "replay")


@pytest.mark.parametrize("skew_ms", [-400_000, 400_000, 94_608_000_000])
def test_a_wrong_clock_is_told_the_right_time(service: ServiceKit, nurse: str, skew_ms: int) -> None:
    laptop = service.laptop(nurse)
    laptop.offset_ms = skew_ms
    answer = laptop.send("/v1/pull", empty_pull(laptop))
    assert refused(answer) == (401, "clock")
    laptop.offset_ms += codec.decode_plain(m.Refusal, answer.content).now_ms - (now_ms() + skew_ms)
    assert laptop.send("/v1/pull", empty_pull(laptop)).status_code == 200


def test_a_blocked_device_is_refused_from_the_next_request_on(service: ServiceKit, nurse: str) -> None:
    laptop, other = service.laptop(nurse), service.laptop(nurse)
    for state, told in (("blocked", (403, "blocked")), ("wipe", (403, "wipe"))):
        with administering(service.owner) as connection:
            people.set_device_state(connection, laptop.device, state)
        assert refused(laptop.send("/v1/pull", empty_pull(laptop))) == told
    assert other.send("/v1/pull", empty_pull(other)).status_code == 200
    with administering(service.owner) as connection:
        people.set_device_state(connection, laptop.device, "active")
    assert laptop.send("/v1/pull", empty_pull(laptop)).status_code == 200


def test_a_closed_account_is_refused_on_every_device(service: ServiceKit, nurse: str) -> None:
    laptop = service.laptop(nurse)
    with administering(service.owner) as connection:
        people.set_active(connection, nurse, active=False)
    assert refused(laptop.send("/v1/pull", empty_pull(laptop))) == (403, "blocked")
    assert refused(ask_enrol(service, service.code(nurse))) == (403, "blocked")


def test_what_cannot_be_read_is_refused_in_one_form(service: ServiceKit, nurse: str) -> None:
    laptop = service.laptop(nurse)
    plain = codec.unpack(empty_pull(laptop))
    other = codec.pack(plain.replace(b'"p":1', b'"p":7'))
    bomb = codec.pack(b"\0" * (m.MAX_UNPACKED + 1))
    for path in ("/v1/pull", "/v1/push"):
        assert refused(laptop.send(path, b"noise")) == (400, "malformed")
        assert refused(laptop.send(path, other)) == (426, "version")
        assert refused(laptop.send(path, bomb)) == (413, "too-large")
    assert refused(laptop.send("/v1/push", b"x" * (m.MAX_UNPACKED + 1))) == (413, "too-large")
    assert refused(service.http.post("/v1/enrol", content=b"x" * 20_000)) == (413, "too-large")
    assert refused(service.http.post("/v1/enrol", content=b"[]")) == (400, "malformed")


def test_answers_are_never_stored_on_the_way(service: ServiceKit, nurse: str) -> None:
    laptop = service.laptop(nurse)
    for answer in (laptop.send("/v1/pull", empty_pull(laptop)), laptop.send("/v1/pull", b"noise")):
        assert answer.headers["Cache-Control"] == "no-store"


def test_the_service_describes_itself(service: ServiceKit) -> None:
    described = service.http.get("/v1/openapi.json").json()
    paths = ("health", "enrol", "push", "pull", "check", "rekey", "authority", "escrow", "wiped")
    assert {f"/v1/{path}" for path in paths} <= set(described["paths"])
    health = service.http.get("/v1/health").json()
    assert health["status"] == "ok"
    assert re.fullmatch(r"\d+\.\d+", health["postgres"])


def test_nothing_clinical_reaches_the_log(
    service: ServiceKit, nurse: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    from visitapp.server import push
    from visitapp.server.logs import AllowedFields

    caplog.set_level(logging.DEBUG)
    laptop = service.laptop(nurse)
    secret = "Quillfeather"
    laptop.push(a_family(name=secret))
    laptop.send("/v1/push", codec.pack(secret.encode()))

    def fail(*_: object) -> None:
        raise RuntimeError(secret)

    monkeypatch.setattr(push, "carry_out", fail)
    assert refused(laptop.send("/v1/push", codec.encode_push(m.Push(laptop.hello(), (a_family(name=secret),))))) == (500, "failed")
    written = "\n".join(AllowedFields().format(record) for record in caplog.records)
    assert "push" in written
    assert "RuntimeError" in written
    for hidden in (secret, laptop.device, nurse):
        assert hidden not in written
    assert all(json.loads(line) for line in written.splitlines())


def test_a_lost_answer_does_not_burn_the_code_for_the_laptop_that_asked(service: ServiceKit, nurse: str) -> None:
    code, laptop = service.code(nurse), Laptop(service.http)
    first = ask_enrol(service, code, laptop)
    again = ask_enrol(service, code, laptop)
    told = [codec.decode_plain(m.Enrolled, answer.content) for answer in (first, again)]  # type: ignore[attr-defined]
    assert told[0].device == told[1].device
    assert service.sql("select count(*) from device") == [(1,)]
    assert refused(ask_enrol(service, code)) == (403, "code")
    with administering(service.owner) as connection:
        connection.exec_driver_sql("update enrolment set expires_at = now() - interval '1 second'")
    assert refused(ask_enrol(service, code, laptop)) == (403, "code")
