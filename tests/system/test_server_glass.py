"""Breaking the glass at the real service: who may, for how long, what it opens, and who is told."""

import json
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from tests.kit.service import Laptop, ServiceKit, a_family, a_part, a_person, a_review, a_visit, some_uuid
from visitapp.protocol import codec
from visitapp.protocol import messages as m
from visitapp.server import audit
from visitapp.server.database import administering, make_engine
from visitapp.server.glass import A_DAY, openings
from visitapp.server.signin import set_identity

REASON = "Duty call: mother in A&E, nobody else reachable"


@dataclass
class Team:
    """Two nurses of a team, the family of one of them, and those who watch."""

    ann: Laptop
    bea: Laptop
    sue: Laptop
    lea: Laptop
    auditor: str
    family: str
    visit: str


@pytest.fixture
def team(service: ServiceKit) -> Team:
    north = service.team("North")
    ann, bea = (service.laptop(service.user(north)) for _ in range(2))
    sue = service.laptop(service.user(north, "supervisor"))
    opening = a_family()
    visit = a_visit(opening.id, ann.user)
    assert set(ann.outcomes(opening, visit, a_part(opening.id, visit.id, restricted=True))) == {"ok"}
    lea = service.laptop(service.user(service.team("Safeguarding"), "safeguarding"))
    auditor = service.user(north, "auditor")
    return Team(ann, bea, sue, lea, auditor, opening.id, visit.id)


def ask(laptop: Laptop, family: str, reason: str = REASON) -> Any:
    return laptop.send("/v1/glass", codec.encode_plain(m.GlassAsk(family, reason)))


def opened(laptop: Laptop, family: str) -> m.GlassOpened:
    answer = ask(laptop, family)
    assert answer.status_code == 200, answer.text
    return codec.decode_plain(m.GlassOpened, answer.content)


def test_a_colleague_reads_the_family_for_an_hour_and_writes_nothing(team: Team, service: ServiceKit) -> None:
    team.bea.pull()
    assert f"f:{team.family}" not in team.bea.caseload
    found = opened(team.bea, team.family)
    asked = service.sql("select extract(epoch from until_at - asked_at) as s, extract(epoch from until_at) * 1000 as u from glass")
    assert (int(asked[0].s), int(asked[0].u)) == (3600, found.until_ms)
    team.bea.pull()
    assert team.bea.caseload[f"f:{team.family}"] == team.bea.caseload[f"r:{team.family}"] == "glass"
    assert team.visit in team.bea.held[f"f:{team.family}"]
    assert len(team.bea.held[f"r:{team.family}"]) == 1
    writing = (a_person(team.family), a_review(team.family, team.visit, team.bea.user, "comment", text="Seen"))
    assert team.bea.outcomes(*writing) == ["denied", "denied"]
    end = "update assignment set until_at = now() where role = 'glass'"
    with administering(service.owner) as connection:
        connection.execute(text(end))
    team.bea.pull()
    assert not {f"f:{team.family}", f"r:{team.family}"} & set(team.bea.held)
    assert team.bea.outcomes(a_person(team.family)) == ["denied"], "whoever only looked is no former nurse"


def test_those_who_watch_are_told_at_once(team: Team, service: ServiceKit) -> None:
    found = opened(team.sue, team.family)
    team.lea.pull()
    notice = team.lea.body(f"u:{team.lea.user}", found.id)
    assert (notice["reason"], notice["user"], notice["family"]) == (REASON, team.sue.user, team.family)
    kept = service.sql("select scope, body from rec where kind = 'notice' order by scope")
    assert {row.scope for row in kept} == {f"u:{team.lea.user}", f"u:{team.auditor}"}
    with administering(service.owner) as connection:
        assert [entry.reason for entry in openings(connection)] == [REASON]
        told = [entry for entry in audit.newest(connection) if entry.what == "glass"]
        assert (told[0].who, told[0].about) == (team.sue.user, f"f:{team.family}")
        assert REASON not in json.dumps([entry.told for entry in told]), "the audit holds no words"
        assert audit.verify(connection).broken == 0


def test_a_supervisor_keeps_her_review_and_gets_the_restricted_part(team: Team) -> None:
    opened(team.sue, team.family)
    team.sue.pull()
    assert team.sue.caseload[f"f:{team.family}"] == "review"
    assert team.sue.caseload[f"r:{team.family}"] == "glass"
    assert team.sue.outcomes(a_review(team.family, team.visit, team.sue.user)) == ["ok"]


def test_a_safeguarding_lead_opens_families_of_every_team(team: Team) -> None:
    team.lea.pull()
    assert f"f:{team.family}" not in team.lea.caseload
    opened(team.lea, team.family)
    team.lea.pull()
    assert team.visit in team.lea.held[f"f:{team.family}"]
    assert team.lea.outcomes(a_person(team.family)) == ["denied"]


def test_nobody_else_opens_anything_and_nobody_learns_what_there_is(team: Team, service: ServiceKit) -> None:
    south = service.team("South")
    stranger = service.laptop(service.user(south))
    answers = [ask(stranger, team.family), ask(stranger, some_uuid()), ask(team.bea, some_uuid()), ask(team.lea, some_uuid())]
    assert {answer.status_code for answer in answers} == {403}
    assert {answer.json()["code"] for answer in answers} == {"forbidden"}
    assert service.sql("select * from glass") == []
    with administering(service.owner) as connection:
        denied = [entry for entry in audit.newest(connection) if entry.what == "denied glass.ask"]
    assert [entry.who for entry in denied] == [team.lea.user, team.bea.user, stranger.user, stranger.user]


@pytest.mark.parametrize(
    ("reason", "status"),
    [("", 422), ("curious", 422), ("  short   words ", 200), ("         x          ", 422), ("y" * 500, 200), ("y" * 501, 400)],
)
def test_a_reason_is_asked_for(reason: str, status: int, team: Team) -> None:
    assert ask(team.bea, team.family, reason).status_code == status


def test_there_is_an_end_to_how_many_one_person_opens(team: Team) -> None:
    statuses = [ask(team.bea, team.family).status_code for _ in range(A_DAY + 1)]
    assert statuses == [200] * A_DAY + [429]


def test_work_from_before_is_still_taken_while_the_glass_is_broken(team: Team, service: ServiceKit) -> None:
    """A nurse who handed a family over, and opens it again, has not lost the right to hand in what she wrote when it was hers."""
    with administering(service.owner) as connection:
        connection.execute(
            text(
                "update assignment set from_at = now() - interval '9 days', until_at = now() - interval '1 day' where user_id = :u"
                " and role in ('nurse', 'restricted')"
            ),
            {"u": team.ann.user},
        )
    opened(team.ann, team.family)
    late = a_visit(team.family, team.ann.user, at_ms=m_ago(days=3))
    assert team.ann.outcomes(late) == ["ok"]


def m_ago(days: int) -> int:
    from tests.kit.service import now_ms

    return now_ms() - days * 24 * 3600 * 1000


def test_the_walls_alone_keep_a_glass_from_being_broken_without_the_service(team: Team, service: ServiceKit) -> None:
    """What the serving role could do if the service's own judgement were wrong: nothing in another team, nothing for longer."""
    south = service.team("South")
    stranger = service.laptop(service.user(south))
    auditor = team.auditor
    make = "insert into glass(id, user_id, family, reason, until_at) values (:id, :user, :family, :reason, now() + cast(:for as interval))"
    engine = make_engine(service.databases.serving_url, size=1)

    def tries(user: str, family: str, reason: str = REASON, lasts: str = "60 minutes") -> bool:
        with engine.connect() as connection, connection.begin() as transaction:
            set_identity(connection, user=user, team=south, device="", purpose="glass")
            try:
                connection.execute(text(make), {"id": some_uuid(), "user": user, "family": family, "reason": reason, "for": lasts})
            except DBAPIError:
                return False
            finally:
                transaction.rollback()
            return True

    try:
        assert tries(team.bea.user, team.family)
        assert tries(team.lea.user, team.family)
        assert not tries(stranger.user, team.family), "a team that is only said is not believed"
        assert not tries(auditor, team.family)
        assert not tries(team.bea.user, some_uuid())
        assert not tries(team.bea.user, team.family, reason="curious")
        assert not tries(team.bea.user, team.family, lasts="61 minutes")
    finally:
        engine.dispose()
