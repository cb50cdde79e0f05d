"""A device id in use twice: who notices, who gets a new one, and that nothing is lost or doubled by it."""

import base64
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.kit.fleet import (
    Fleet,
    agree,
    back_up_server,
    fleet,  # noqa: F401
    level,
    on_server,
    put_back,
    restarted,
    restore_server,
    snapshot,
)
from tests.kit.postgres import databases, postgres, service  # noqa: F401
from tests.kit.service import Laptop, ServiceKit, a_family
from visitapp.protocol import codec
from visitapp.protocol import messages as m
from visitapp.protocol.requests import rekey_text
from visitapp.server.admin import people
from visitapp.server.database import administering
from visitapp.store.outbox import outbox_rows
from visitapp.store.visits import visits


@pytest.fixture
def ann(service: ServiceKit) -> Laptop:  # noqa: F811
    return service.laptop(service.user(service.team()))


def ask_for_id(laptop: Laptop, key: Ed25519PrivateKey, device: str = "") -> Any:
    public = key.public_key().public_bytes_raw()
    proof = key.sign(rekey_text(device or laptop.device, public))
    ask = m.RekeyAsk(base64.b64encode(public).decode(), base64.b64encode(proof).decode())
    return laptop.send("/v1/rekey", codec.encode_plain(ask))


def refusal(answer: Any) -> tuple[int, str]:
    return answer.status_code, codec.decode_plain(m.Refusal, answer.content).code


@pytest.mark.parametrize("back", [0, 1])
def test_number_that_was_used_is_refused_and_nothing_is_done(service: ServiceKit, ann: Laptop, back: int) -> None:  # noqa: F811
    ann.pull()
    assert ann.outcomes(a_family()) == ["ok"]
    last = ann.counter
    used = replace(ann.hello(), counter=last - back)
    push = codec.encode_push(m.Push(used, (a_family(),)))
    assert refusal(ann.send("/v1/push", push)) == (409, "rekey")
    assert service.sql("select count(*) from rec where kind = 'family'") == [(1,)]
    ann.pull()


def test_message_that_names_another_device_than_its_signature_is_refused(service: ServiceKit, ann: Laptop) -> None:  # noqa: F811
    bea = service.laptop(service.user(service.team()))
    push = codec.encode_push(m.Push(bea.hello(), (a_family(),)))
    assert refusal(ann.send("/v1/push", push)) == (400, "malformed")


def test_new_id_works_and_the_old_one_goes_on(service: ServiceKit, ann: Laptop) -> None:  # noqa: F811
    ann.pull()
    key = Ed25519PrivateKey.generate()
    answer = ask_for_id(ann, key)
    told = codec.decode_plain(m.Enrolled, answer.content)
    assert (told.user, told.device != ann.device) == (ann.user, True)
    twin = Laptop(service.http, key, ann.user, told.device)
    assert twin.outcomes(a_family()) == ["ok"]
    assert ann.outcomes(a_family()) == ["ok"]


def test_same_key_again_gets_the_same_id_and_a_wrong_proof_none(service: ServiceKit, ann: Laptop) -> None:  # noqa: F811
    key = Ed25519PrivateKey.generate()
    first, second = (codec.decode_plain(m.Enrolled, ask_for_id(ann, key).content).device for _ in range(2))
    assert first == second
    other = service.laptop(service.user(service.team()))
    assert refusal(ask_for_id(ann, key, device=other.device)) == (401, "signature")
    assert len(service.sql("select 1 from device where user_id = :user", user=ann.user)) == 2


def test_ids_are_not_given_without_end(ann: Laptop) -> None:
    told = [ask_for_id(ann, Ed25519PrivateKey.generate()).status_code for _ in range(11)]
    assert told == [200] * 10 + [429]


@pytest.mark.parametrize("state", ["blocked", "wipe"])
def test_block_reaches_the_ids_that_came_from_a_device(service: ServiceKit, ann: Laptop, state: str) -> None:  # noqa: F811
    first = Ed25519PrivateKey.generate()
    child = Laptop(service.http, first, ann.user, codec.decode_plain(m.Enrolled, ask_for_id(ann, first).content).device)
    second = Ed25519PrivateKey.generate()
    grandchild = codec.decode_plain(m.Enrolled, ask_for_id(child, second).content).device
    with administering(service.owner) as connection:
        people.set_device_state(connection, ann.device, state)
    found = dict(service.sql("select id, state from device"))
    assert [found[id_] for id_ in (ann.device, child.device, grandchild)] == [state, "blocked", "blocked"]


def test_laptop_that_is_alone_keeps_its_id_through_restarts_and_lost_answers(fleet: Fleet) -> None:  # noqa: F811
    nurse = fleet.laptop()
    family = nurse.begin_family()
    for word in ("ok", "drop_after", "drop_before", "twice", "cut:0"):
        nurse.faults[:] = [word]
        nurse.sign(family, word)
        nurse.sync()
        restarted(nurse)
    nurse.faults.clear()
    for _ in range(120):
        nurse.sync()
    restarted(nurse)
    nurse.level()
    assert fleet.service.sql("select count(*) from device") == [(1,)]
    agree(fleet)


def test_copy_that_was_put_back_far_gets_a_new_id(fleet: Fleet, tmp_path: Path) -> None:  # noqa: F811
    nurse = fleet.laptop()
    family = nurse.begin_family()
    nurse.level()
    copy = snapshot(nurse, tmp_path / "copy.db")
    for turn in range(3):
        nurse.sign(family, f"visit {turn}")
        nurse.level()
        restarted(nurse)
    nurse.level()
    put_back(nurse, copy)
    nurse.level()
    assert len(nurse.ask(visits, family)) == 3
    assert len(fleet.service.sql("select 1 from device")) == 2
    agree(fleet)


def _doubled(fleet: Fleet) -> tuple[Any, Any, str]:  # noqa: F811
    nurse = fleet.laptop()
    family = nurse.begin_family()
    nurse.level()
    twin = fleet.clone(nurse)
    twin.level()
    return nurse, twin, family


@pytest.mark.parametrize("faults", [["ok", "drop_after"], ["ok", "drop_before"], ["ok", "cut:20"], ["drop_after"]])
def test_lost_answer_to_rekeying_makes_no_second_id(fleet: Fleet, faults: list[str]) -> None:  # noqa: F811
    nurse, twin, family = _doubled(fleet)
    signed = nurse.sign(family, "by the original")
    nurse.faults[:] = faults
    nurse.sync()
    restarted(nurse)
    nurse.faults.clear()
    for _ in range(2):
        nurse.sync()
    level(nurse, twin)
    assert len(fleet.service.sql("select 1 from device")) == 2
    assert [row.id for row in on_server(fleet.service, "kind = 'visit'")] == [signed]
    assert not nurse.ask(outbox_rows)
    agree(fleet)


def test_server_put_back_to_before_a_rekeying_takes_the_laptop_on_again(fleet: Fleet, tmp_path: Path) -> None:  # noqa: F811
    nurse, twin, family = _doubled(fleet)
    copy = back_up_server(fleet.service, tmp_path / "night.zip")
    signed = [nurse.sign(family, "before")]
    nurse.level()
    restarted(nurse)
    signed.append(nurse.sign(family, "with the new key"))
    nurse.level()
    restore_server(fleet.service, copy)
    signed.append(nurse.sign(family, "after"))
    for _ in range(3):
        nurse.sync()
    level(nurse, twin)
    assert {row.id for row in on_server(fleet.service, "kind = 'visit'")} == set(signed)
    agree(fleet)
