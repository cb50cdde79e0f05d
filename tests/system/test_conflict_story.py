# ruff: noqa: F811 - a fixture is imported and then asked for by its name
"""Two nurses, one family, two texts: what each sees, decides and reads afterwards, on real laptops and the real service."""

from dataclasses import replace
from typing import Any

import pytest

from tests.kit.desks import shipped_library, shipped_programmes
from tests.kit.laptops import MakeLaptop, SyncedLaptop, laptop, team  # noqa: F401
from tests.kit.postgres import databases, postgres, service  # noqa: F401
from tests.kit.service import ServiceKit
from visitapp.actions.disagreements import decide, decided, disagreements, note_decision
from visitapp.actions.people import edit_person
from visitapp.actions.session import Desk, Profile
from visitapp.actions.stuck import Way, act_on, needs_attention
from visitapp.actions.team import team_view
from visitapp.domain.differences import Chosen
from visitapp.domain.ids import DeviceId, FamilyId, Ids, PersonId, TeamId, UserId
from visitapp.domain.review import UserRole


def desk_of(one: SyncedLaptop, team: str, name: str, role: UserRole = UserRole.NURSE) -> Desk:
    """The desk that whoever has this laptop sits at."""
    return Desk(
        record=one.record,
        clock=one.clock,
        ids=Ids(one.clock),
        user=Profile(UserId(one.user), name, role, "", TeamId(team), "North"),
        device=DeviceId(one.device),
        sign=one.key.sign,
        library=shipped_library(),
        programmes=shipped_programmes(),
    )


Two = tuple[SyncedLaptop, Desk, SyncedLaptop, Desk, FamilyId, PersonId]


@pytest.fixture
def two(laptop: MakeLaptop, service: ServiceKit, team: str) -> Two:
    """Ann and Ruth both have a family; both are level."""
    ann, ruth = laptop(), laptop()
    family = ann.begin_family()
    ann.level()
    service.assign(family, ruth.user)
    ruth.level()
    person = next(id_ for _, id_, _ in ann.ask(lambda r: r.of_kind("person")))
    return ann, desk_of(ann, team, "Ann"), ruth, desk_of(ruth, team, "Ruth"), FamilyId(family), PersonId(person)


def born(desk: Desk, family: str, person: str) -> Any:
    with desk.record.reading() as r:
        return (r.body(f"f:{family}", person) or {}).get("born_on")


def test_a_birthday_written_twice_is_decided_by_a_person_and_both_read_who_wrote_what(two: Two) -> None:
    ann, at_anns, ruth, at_ruths, family, person = two
    edit_person(at_anns, family, person, {"born_on": "2001-03-04"})
    edit_person(at_ruths, family, person, {"born_on": "2001-04-03"})
    ann.level()
    ruth.level()
    [waiting] = needs_attention(at_ruths)
    assert waiting.ways == (Way.DECIDE,)
    [two_texts] = disagreements(at_ruths)
    [place] = two_texts.places
    assert (place.mine, place.theirs, two_texts.theirs_by) == ("2001-04-03", "2001-03-04", "nurse 0")
    assert born(at_anns, family, person) == "2001-03-04"
    decide(at_ruths, two_texts.op, {place.path: Chosen("mine")})
    ruth.level()
    ann.level()
    for desk in (at_anns, at_ruths):
        assert born(desk, family, person) == "2001-04-03"
        [step] = decided(desk, family)
        assert (step.by, step.chosen, step.fields[0].theirs) == ("Ruth", "mine", "2001-03-04")
    assert needs_attention(at_ruths) == ()


def test_a_forged_decision_is_not_taken(two: Two) -> None:
    ann, at_anns, _, _, family, person = two
    forger = replace(at_anns, sign=lambda message: bytes(64))
    edit_person(forger, family, person, {"note": "a"})
    with forger.record.writing() as w:
        note_decision(forger, w, f"f:{family}", {"record": person, "kind": "person", "family": family, "chosen": "mine"})
    ann.level()
    [held] = needs_attention(at_anns)
    assert (held.kind, held.state, held.code) == ("decision", "held", "body:signature")


def test_what_a_family_that_is_not_hers_does_not_take_goes_to_the_supervisor(
    two: Two, laptop: MakeLaptop, service: ServiceKit, team: str
) -> None:
    ann, at_anns, _, _, _, _ = two
    supervisor = laptop("supervisor")
    stranger = ann.ids()
    ann.do(
        lambda w: w.put(f"f:{stranger}", "plan_item", ann.ids(), {"text": "Ring the health visitor about Yusuf.", "kind": "task"})
    )
    ann.sync()
    [waiting] = needs_attention(at_anns)
    assert waiting.ways[0] is Way.HAND_ON
    act_on(at_anns, waiting.op, Way.HAND_ON)
    ann.sync()
    supervisor.level()
    [handed] = team_view(desk_of(supervisor, team, "Sue", UserRole.SUPERVISOR)).handed
    assert "Ring the health visitor about Yusuf." in handed.text
    assert (handed.sender, handed.number) == (ann.user, waiting.number)


def test_a_phone_number_written_twice_is_told_to_both_and_the_other_can_be_put_back(two: Two) -> None:
    ann, at_anns, ruth, at_ruths, family, person = two
    edit_person(at_anns, family, person, {"phone": "01632 960 111", "note": "Ring twice."})
    edit_person(at_ruths, family, person, {"phone": "01632 960 222"})
    ann.level()
    ruth.level()
    ann.level()
    for desk in (at_anns, at_ruths):
        assert needs_attention(desk) == ()
        [both] = disagreements(desk)
        assert (both.mine_by, both.theirs_by) == ("nurse 1", "nurse 0") or desk is at_anns
        assert [(place.path, place.mine, place.theirs) for place in both.places] == [(("phone",), "01632 960 222", "01632 960 111")]
    [both] = disagreements(at_anns)
    decide(at_anns, both.op, {("phone",): Chosen("theirs")})
    ann.level()
    ruth.level()
    for desk in (at_anns, at_ruths):
        with desk.record.reading() as r:
            body = r.body(f"f:{family}", person) or {}
        assert (body["phone"], body["note"]) == ("01632 960 111", "Ring twice.")
        assert disagreements(desk) == ()
        [step] = decided(desk, family)
        assert (step.by, step.fields[0].mine) == ("Ann", "01632 960 222")
