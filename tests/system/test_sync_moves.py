"""A person filed in the wrong family: moved under the same id, offline or not, by one or by two at once, and back again."""

from typing import Any

import pytest

from tests.kit.desks import shipped_library
from tests.kit.fleet import Fleet, FleetLaptop, agree, fleet, level, on_server, rows_of, texts_on  # noqa: F401
from tests.kit.postgres import databases, postgres, service  # noqa: F401
from tests.kit.service import Laptop, ServiceKit, a_family, a_person, an_op
from visitapp.actions.moving import refile_person
from visitapp.actions.people import edit_person
from visitapp.actions.session import Desk, Profile
from visitapp.domain.ids import DeviceId, UserId
from visitapp.domain.problems import NoSuchFamily, NoSuchPerson, ReasonNeeded, StillUndecided
from visitapp.domain.review import UserRole
from visitapp.store.outbox import disagreements, outbox_rows
from visitapp.store.people import people
from visitapp.store.settlement import keep_mine, take_theirs

WHY = "filed with her sister"


def desk_of(laptop: FleetLaptop) -> Desk:
    """The desk of the nurse whose laptop it is."""
    user = Profile(UserId(laptop.user), "Ann", UserRole.NURSE)
    return Desk(laptop.record, laptop.clock, laptop.ids, user, DeviceId(laptop.device), laptop.key.sign, shipped_library(), ())


def mother_of(laptop: FleetLaptop, family: str) -> str:
    [row] = laptop.ask(people, family)
    return str(row.id)


def names(laptop: FleetLaptop, family: str) -> set[str]:
    return {row.id for row in laptop.ask(people, family)}


@pytest.fixture
def two(fleet: Fleet) -> tuple[Fleet, FleetLaptop, str, str]:  # noqa: F811
    nurse = fleet.laptop()
    families = nurse.begin_family("Okafor"), nurse.begin_family("Wright")
    nurse.level()
    return fleet, nurse, *families


def move(laptop: FleetLaptop, person: str, old: str, new: str) -> Any:
    return refile_person(desk_of(laptop), person, old, new, WHY)  # type: ignore[arg-type]


def test_moved_person_is_in_one_family_everywhere_with_what_goes_along(two: Any) -> None:
    fleet, nurse, old, new = two  # noqa: F811
    supervisor = fleet.laptop("supervisor")
    person = mother_of(nurse, old)
    weighed, referred = nurse.ids(), nurse.ids()
    measured = {"person": person, "code": "weight", "value": 61000, "unit": "g", "taken_on": "2026-11-02"}
    nurse.do(lambda w: w.put(f"f:{old}", "measurement", weighed, measured))
    nurse.do(lambda w: w.put(f"f:{old}", "referral", referred, {"person": person, "to": "GP", "state": "sent"}))
    level(nurse, supervisor)
    move(nurse, person, old, new)
    assert (names(nurse, old), person in names(nurse, new)) == (set(), True)
    level(nurse, supervisor)
    assert not nurse.ask(outbox_rows)
    for laptop in (nurse, supervisor):
        assert (names(laptop, old), person in names(laptop, new)) == (set(), True)
        assert {row.family for row in rows_of(laptop, "measurement")} == {new}
        assert {row.family for row in rows_of(laptop, "referral")} == {new}
    there = {(row[0], row[1]): (row[3], row[4]) for row in on_server(fleet.service)}
    for id_ in (person, weighed, referred):
        assert (there[f"f:{old}", id_], there[f"f:{new}", id_]) == ((2, True), (1, False))
    agree(fleet)


def test_there_and_back_again(two: Any) -> None:
    fleet, nurse, old, new = two  # noqa: F811
    person = mother_of(nurse, old)
    for _ in range(2):
        move(nurse, person, old, new)
        nurse.level()
        move(nurse, person, new, old)
        nurse.level()
    assert names(nurse, old) == {person}
    assert not nurse.ask(outbox_rows)
    agree(fleet)


def test_there_and_back_before_anything_was_sent(two: Any) -> None:
    fleet, nurse, old, new = two  # noqa: F811
    person = mother_of(nurse, old)
    move(nurse, person, old, new)
    move(nurse, person, new, old)
    for _ in range(3):
        nurse.sync()
    assert not nurse.ask(outbox_rows)
    assert names(nurse, old) == {person}
    assert person not in names(nurse, new)
    agree(fleet)


def test_person_the_server_never_saw_is_begun_in_the_other_family(two: Any) -> None:
    fleet, nurse, old, _ = two  # noqa: F811
    begun = nurse.begin_family("Begun offline")
    person = mother_of(nurse, begun)
    move(nurse, person, begun, old)
    third = nurse.begin_family("Begun offline too")
    moved = mother_of(nurse, old) if len(names(nurse, old)) == 1 else next(iter(names(nurse, old) - {person}))
    move(nurse, moved, old, third)
    nurse.level()
    assert not nurse.ask(outbox_rows)
    assert (names(nurse, old), moved in names(nurse, third)) == ({person}, True)
    assert [row.scope for row in on_server(fleet.service, "id = :id", id=person)] == [f"f:{old}"]
    agree(fleet)


@pytest.mark.parametrize("word", ["drop_after", "drop_before", "cut:30", "twice"])
def test_lost_answer_moves_once(two: Any, word: str) -> None:
    fleet, nurse, old, new = two  # noqa: F811
    person = mother_of(nurse, old)
    move(nurse, person, old, new)
    nurse.faults[:] = [word]
    nurse.sync()
    nurse.faults.clear()
    nurse.level()
    assert (names(nurse, old), person in names(nurse, new)) == (set(), True)
    assert len(on_server(fleet.service, "id = :id", id=person)) == 2
    agree(fleet)


@pytest.mark.parametrize("decide", [keep_mine, take_theirs])
def test_change_by_somebody_else_meanwhile_is_shown_and_decided(two: Any, decide: Any) -> None:
    fleet, nurse, old, new = two  # noqa: F811
    second = fleet.laptop(user=nurse.user)
    second.level()
    person = mother_of(nurse, old)
    edit_person(desk_of(second), old, person, {"phone": "01632 960111"})
    second.level()
    move(nurse, person, old, new)
    nurse.level()
    [open_one] = nurse.ask(disagreements)
    assert open_one.outcome == "conflict"
    with pytest.raises((StillUndecided, NoSuchPerson)):
        move(nurse, person, old, new)
    nurse.do(lambda w: decide(w, open_one.op))
    level(nurse, second)
    assert not nurse.ask(outbox_rows)
    where = new if decide is keep_mine else old
    for laptop in (nurse, second):
        assert [family for family in (old, new) if person in names(laptop, family)] == [where]
    assert b"01632 960111" in texts_on(nurse)
    agree(fleet)


def test_change_sent_after_the_move_finds_the_person_gone_and_keeps_its_text(two: Any) -> None:
    fleet, nurse, old, new = two  # noqa: F811
    second = fleet.laptop(user=nurse.user)
    second.level()
    person = mother_of(nurse, old)
    move(nurse, person, old, new)
    nurse.level()
    edit_person(desk_of(second), old, person, {"phone": "01632 960222"})
    second.level()
    assert [each.outcome for each in second.ask(disagreements)] == ["gone"]
    assert b"01632 960222" in texts_on(second)
    agree(fleet)


def test_what_cannot_be_moved_is_refused(two: Any) -> None:
    _, nurse, old, new = two
    person = mother_of(nurse, old)
    desk = desk_of(nurse)
    for problem, (who, source, target, why) in {
        NoSuchFamily: (person, old, nurse.ids(), WHY),
        NoSuchPerson: (nurse.ids(), old, new, WHY),
        ReasonNeeded: (person, old, new, " "),
    }.items():
        with pytest.raises(problem):
            refile_person(desk, who, source, target, why)
    assert names(nurse, old) == {person}


def both_ways(old: str, new: str, person: str, base: int, group: str, **fields: Any) -> tuple[Any, Any]:
    come = an_op(f"f:{new}", "person", person, {"id": person, "family": new, **fields}, act="move", group=group)
    gone = an_op(f"f:{old}", "person", person, b"", base, act="move", group=group)
    return come, gone


class TestAtTheServer:
    """What a client may not do with it."""

    @pytest.fixture
    def ann(self, service: ServiceKit) -> Laptop:  # noqa: F811
        return service.laptop(service.user(service.team()))

    def test_half_a_move_is_held_and_changes_nothing(self, ann: Laptop, service: ServiceKit) -> None:  # noqa: F811
        first, second = a_family(), a_family()
        person = a_person(first.id)
        assert set(ann.outcomes(first, second, person)) == {"ok"}
        come, gone = both_ways(first.id, second.id, person.id, 1, first.id)
        assert ann.outcomes(come) == ann.outcomes(gone) == ["held"]
        assert service.sql("select count(*), bool_or(del) from rec where id = :id", id=person.id) == [(1, False)]

    def test_move_into_a_family_of_somebody_else_moves_nothing(self, ann: Laptop, service: ServiceKit) -> None:  # noqa: F811
        bea = service.laptop(service.user(service.team("South")))
        mine, theirs = a_family(), a_family()
        person = a_person(mine.id)
        assert set(ann.outcomes(mine, person)) == set(bea.outcomes(theirs)) == {"ok"}
        assert ann.outcomes(*both_ways(mine.id, theirs.id, person.id, 1, mine.id)) == ["denied", "denied"]
        assert service.sql("select count(*), bool_or(del) from rec where id = :id", id=person.id) == [(1, False)]

    @pytest.mark.parametrize("kind", ["visit", "family", "plan_item", "part"])
    def test_signed_things_do_not_move(self, ann: Laptop, kind: str) -> None:
        first, second = a_family(), a_family()
        assert set(ann.outcomes(first, second)) == {"ok"}
        id_ = first.id if kind == "family" else a_person(first.id).id
        gone = an_op(f"f:{first.id}", kind, id_, b"", 1, act="move", group=first.id)
        come = an_op(f"f:{second.id}", kind, id_, {"visit": id_, "family": second.id, "text": ""}, act="move", group=first.id)
        assert "ok" not in ann.outcomes(come, gone)
