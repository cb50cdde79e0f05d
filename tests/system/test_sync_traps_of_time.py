"""The traps of synchronising, T7 to T10: what was deleted, put back, cloned or written by another version."""

import json
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.kit.desks import shipped_library
from tests.kit.fleet import (
    DAY,
    Fleet,
    FleetLaptop,
    agree,
    back_up_server,
    fleet,  # noqa: F401
    in_history,
    level,
    on_server,
    put_back,
    restarted,
    restore_server,
    snapshot,
    texts_on,
)
from tests.kit.laptops import DriftingClock
from tests.kit.postgres import databases, postgres, service  # noqa: F401
from tests.kit.service import some_uuid
from visitapp.actions.people import edit_family
from visitapp.actions.session import Desk, Profile
from visitapp.domain.ids import DeviceId, FamilyId, TeamId, UserId
from visitapp.domain.review import UserRole
from visitapp.domain.visits import sealed
from visitapp.server.admin.publishing import publish
from visitapp.server.database import administering
from visitapp.store.outbox import disagreements, outbox_rows
from visitapp.store.people import families
from visitapp.store.visits import visits
from visitapp.sync.problems import UpdateNeeded

GOLDEN = Path(__file__).parents[1] / "data" / "bodies"


# T7 tombstones


def _discarded_here_edited_there(fleet: Fleet) -> tuple[FleetLaptop, FleetLaptop, str]:  # noqa: F811
    here = fleet.laptop()
    family = here.begin_family()
    draft = here.draft(family, "the beginning")
    here.level()
    there = fleet.laptop(user=here.user)
    there.level()
    scope = f"u:{here.user}"
    here.do(lambda w: w.delete(scope, draft, "draft"))
    here.level()
    there.draft(family, "the beginning and more", visit=draft)
    return here, there, draft


def test_t07_discarded_draft_does_not_rise_and_its_last_text_is_not_lost(fleet: Fleet) -> None:  # noqa: F811
    here, there, draft = _discarded_here_edited_there(fleet)
    level(there, here)
    assert here.body(f"u:{here.user}", draft) is None
    assert [row.outcome for row in there.ask(disagreements)] == ["gone"]
    assert b"the beginning and more" in texts_on(there)
    [row] = on_server(fleet.service, "id = :id", id=draft)
    assert row[4] is True
    agree(fleet)


def test_t07_discarded_draft_does_not_rise_when_its_tombstone_has_been_dropped(fleet: Fleet) -> None:  # noqa: F811
    here, there, draft = _discarded_here_edited_there(fleet)
    scope = f"u:{here.user}"
    from visitapp.protocol.digest import add, body_hash, term

    [stone] = on_server(fleet.service, "id = :id", id=draft)
    gone = term(draft, stone.rev, body_hash(b""))
    [(digest,)] = fleet.service.sql("select dig from scope where id = :s", s=scope)
    fleet.service.sql("delete from rec where id = :id returning id", id=draft)
    fleet.service.sql("update scope set dig = :d, n = n - 1 where id = :s returning id", d=add(digest, -gone), s=scope)
    fleet.service.sql("delete from receipt where scope = :s returning op", s=scope)
    level(there, here)
    assert b"the beginning and more" in texts_on(there)
    assert here.body(scope, draft) is None, "it rose again"


# T8 laptops put back and cloned


@pytest.mark.parametrize("backed_up", ["before_writing", "unsent", "after_sync"])
def test_t08_laptop_put_back_to_last_week_doubles_and_loses_nothing(fleet: Fleet, tmp_path: Path, backed_up: str) -> None:  # noqa: F811
    nurse, supervisor = fleet.laptop(), fleet.laptop("supervisor")
    family = nurse.begin_family()
    nurse.level()
    copy = snapshot(nurse, tmp_path / "copy.db")
    signed = [nurse.sign(family, f"visit {turn}") for turn in range(10)]
    if backed_up == "unsent":
        copy = snapshot(nurse, tmp_path / "copy.db")
    nurse.level()
    if backed_up == "after_sync":
        copy = snapshot(nurse, tmp_path / "copy.db")
        signed.append(nurse.sign(family, "after the backup"))
        nurse.level()
    put_back(nurse, copy)
    level(nurse, supervisor)
    assert {row.id for row in nurse.ask(visits, family)} == set(signed)
    assert {row.id for row in supervisor.ask(visits, family)} == set(signed)
    assert Counter(row.id for row in on_server(fleet.service, "kind = 'visit'")) == Counter(signed)
    assert all(row.rev == 1 for row in on_server(fleet.service, "kind = 'visit'"))
    assert not nurse.ask(outbox_rows)
    agree(fleet)


def test_t08_what_is_written_on_after_being_put_back_is_not_taken_for_what_was_sent_before(fleet: Fleet, tmp_path: Path) -> None:  # noqa: F811
    nurse = fleet.laptop()
    family = nurse.begin_family()
    nurse.level()
    draft = nurse.draft(family, "the beginning")
    copy = snapshot(nurse, tmp_path / "copy.db")
    nurse.level()
    put_back(nurse, copy)
    nurse.draft(family, "the beginning and what came to her later", visit=draft)
    for _ in range(3):
        nurse.sync()
    kept = texts_on(nurse) + b"".join(in_history(fleet.service, draft))
    assert b"what came to her later" in kept
    assert b"the beginning" in kept


def test_t08_original_and_clone_take_turns_and_come_level(fleet: Fleet) -> None:  # noqa: F811
    nurse = fleet.laptop()
    family = nurse.begin_family()
    nurse.level()
    twin = fleet.clone(nurse)
    signed = []
    for turn in range(3):
        signed.append(nurse.sign(family, f"original {turn}"))
        nurse.sync()
        signed.append(twin.sign(family, f"twin {turn}"))
        twin.sync()
    level(nurse, twin, nurse)
    for laptop in (nurse, twin):
        assert {row.id for row in laptop.ask(visits, family)} == set(signed)
    agree(fleet)


def test_t08_one_of_two_clones_gets_a_new_device_id(fleet: Fleet) -> None:  # noqa: F811
    nurse = fleet.laptop()
    family = nurse.begin_family()
    nurse.level()
    twin = fleet.clone(nurse)
    for turn in range(4):
        nurse.sign(family, f"original {turn}")
        nurse.sync()
        twin.sign(family, f"twin {turn}")
        twin.sync()
    devices = {row[0] for row in fleet.service.sql("select distinct device from rec where kind = 'visit'")}
    assert len(devices) == 2


# T9 the server put back


def _ten_lost_by_the_server(fleet: Fleet, tmp_path: Path, *, new_epoch: bool) -> tuple[FleetLaptop, FleetLaptop, list[Any]]:  # noqa: F811
    nurse, other = fleet.laptop(), fleet.laptop()
    family = nurse.begin_family()
    nurse.level()
    fleet.service.assign(family, other.user)
    level(other, nurse)
    copy = back_up_server(fleet.service, tmp_path / "night.zip")
    for turn in range(10):
        nurse.sign(family, f"visit {turn}")
    nurse.level()
    before = [tuple(row) for row in on_server(fleet.service, "kind in ('visit', 'part')")]
    restore_server(fleet.service, copy, new_epoch=new_epoch)
    assert not on_server(fleet.service, "kind = 'visit'")
    return nurse, other, before


def _after(fleet: Fleet) -> list[Any]:  # noqa: F811
    return [tuple(row) for row in on_server(fleet.service, "kind in ('visit', 'part')")]


def test_t09_server_put_back_gets_everything_again_from_the_laptop(fleet: Fleet, tmp_path: Path) -> None:  # noqa: F811
    nurse, other, before = _ten_lost_by_the_server(fleet, tmp_path, new_epoch=True)
    for _ in range(3):
        nurse.sync()
    assert _after(fleet) == before
    level(other)
    agree(fleet)


def test_t09_another_laptop_writes_first_so_that_numbers_look_right_again(fleet: Fleet, tmp_path: Path) -> None:  # noqa: F811
    nurse, other, before = _ten_lost_by_the_server(fleet, tmp_path, new_epoch=True)
    family = other.ask(families)[0].id
    for turn in range(30):
        other.sign(family, f"meanwhile {turn}")
    other.level()
    for _ in range(3):
        nurse.sync()
    found = _after(fleet)
    assert [row for row in before if row not in found] == []


def test_t09_server_put_back_by_copying_files_without_a_new_epoch(fleet: Fleet, tmp_path: Path) -> None:  # noqa: F811
    nurse, _, before = _ten_lost_by_the_server(fleet, tmp_path, new_epoch=False)
    for _ in range(3):
        nurse.sync()
    assert _after(fleet) == before


@pytest.mark.parametrize("new_epoch", [True, False])
def test_t09_nothing_leaves_the_laptop_when_the_server_was_put_back(fleet: Fleet, tmp_path: Path, new_epoch: bool) -> None:  # noqa: F811
    nurse, _, before = _ten_lost_by_the_server(fleet, tmp_path, new_epoch=new_epoch)
    nurse.sync()
    written = texts_on(nurse)
    assert all(bytes(row[-1]) in written for row in before)


# T10 versions


def test_t10_old_client_keeps_a_field_it_does_not_know(fleet: Fleet) -> None:  # noqa: F811
    nurse = fleet.laptop()
    family = nurse.begin_family()
    nurse.level()
    newer = {**nurse.body(f"f:{family}", family), "from_the_future": {"deep": [1, "ü"]}}
    second = fleet.laptop(user=nurse.user)
    second.level()
    second.do(lambda w: w.put(f"f:{family}", "family", family, newer))
    level(second, nurse)
    desk = Desk(
        record=nurse.record,
        clock=nurse.clock,
        ids=nurse.ids,
        user=Profile(UserId(nurse.user), "Ann", UserRole.NURSE, "", TeamId(fleet.team), ""),
        device=DeviceId(nurse.device),
        sign=nurse.key.sign,
        library=shipped_library(),
        programmes=(),
    )
    edit_family(desk, FamilyId(family), {"phone": "01632 960009"})
    level(nurse, second)
    found = second.body(f"f:{family}", family)
    assert (found["from_the_future"], found["phone"]) == ({"deep": [1, "ü"]}, "01632 960009")


def test_t10_unknown_kind_is_parked_and_counted(fleet: Fleet) -> None:  # noqa: F811
    nurse = fleet.laptop()
    family = nurse.begin_family()
    nurse.level()
    strange = some_uuid()
    with administering(fleet.service.owner) as connection:
        publish(connection, f"f:{family}", "hologram", strange, {"light": "blue"})
    assert not nurse.level().repaired
    assert nurse.body(f"f:{family}", strange) == {"light": "blue"}
    agree(fleet)


def test_t10_client_of_long_ago_hands_in_work_of_two_hundred_days(fleet: Fleet) -> None:  # noqa: F811
    nurse = fleet.laptop(clock=DriftingClock(timedelta()))
    family = nurse.begin_family()
    nurse.level()
    assert isinstance(nurse.clock, DriftingClock)
    nurse.clock.off_by = -200 * DAY
    signed = [nurse.sign(family, f"visit {turn}") for turn in range(3)]
    nurse.clock.off_by = timedelta()
    nurse.level()
    assert {row.id for row in on_server(fleet.service, "kind = 'visit'")} == set(signed)
    assert not nurse.ask(outbox_rows)


def test_t10_client_three_releases_old_hands_in_and_fetches_as_before(fleet: Fleet) -> None:  # noqa: F811
    nurse, second = fleet.laptop(), fleet.laptop("supervisor")
    family = nurse.begin_family()
    nurse.level()
    with administering(fleet.service.owner) as connection:
        publish(connection, f"f:{family}", "hologram", some_uuid(), {"of": "three releases later"})
    fleet.service.app.state.service.settings = replace(fleet.service.app.state.service.settings, latest_app="0.4.0")
    signed = [nurse.sign(family, f"visit {turn}") for turn in range(3)]
    level(nurse, second)
    assert not nurse.ask(outbox_rows)
    assert sorted(row.id for row in second.ask(visits, family)) == sorted(signed)
    agree(fleet)


def test_t10_client_below_the_least_version_can_always_hand_in_and_nothing_else(fleet: Fleet) -> None:  # noqa: F811
    nurse, colleague = fleet.laptop(), fleet.laptop()
    family = nurse.begin_family()
    nurse.level()
    fleet.service.assign(family, colleague.user)
    level(colleague, nurse)
    known = fleet.service.app.state.service
    known.settings = replace(known.settings, minimum_app="0.2.0")
    signed = nurse.sign(family, "written with an old version")
    assert isinstance(nurse.sync().problem, UpdateNeeded)
    assert not nurse.ask(outbox_rows), "her work has left the laptop"
    assert [row.rev for row in on_server(fleet.service, "id = :id", id=signed)] == [1]
    assert isinstance(colleague.sync().problem, UpdateNeeded)
    assert colleague.body(f"f:{family}", signed) is None
    for laptop in (nurse, colleague):
        laptop.app = "0.2.0"
        restarted(laptop)
        laptop.level()
    assert colleague.body(f"f:{family}", signed) is not None
    agree(fleet)


@pytest.mark.parametrize("version", sorted(path.stem for path in GOLDEN.glob("*.jsonl")))
def test_t10_bodies_of_every_released_version_are_taken_as_they_are(fleet: Fleet, version: str) -> None:  # noqa: F811
    nurse, supervisor = fleet.laptop(), fleet.laptop("supervisor")
    family = nurse.begin_family()
    nurse.level()
    sent = {}
    for line in (GOLDEN / f"{version}.jsonl").read_text("utf-8").splitlines():
        told = json.loads(line.replace("FAMILY", family).replace("USER", nurse.user))
        scope = f"{told['scope']}:{nurse.user if told['scope'] == 'u' else family}"
        if "signature" in told["body"]:
            # Only its author's laptop could seal it, and this one stands for that.
            again = sealed(told["body"], nurse.key.sign)
            told["body"] |= {key: again[key] for key in ("content_hash", "signature") if key in told["body"]}
        sent[scope, told["id"]] = nurse.do(lambda w, t=told, s=scope: w.put(s, t["kind"], t["id"], t["body"], type=t["act"]))
    assert len(sent) > 10
    level(nurse, supervisor)
    assert not nurse.ask(outbox_rows)
    held = {(row.scope, row.id): bytes(row.body) for row in on_server(fleet.service)}
    assert {key: held.get(key) for key in sent} == sent
    agree(fleet)
