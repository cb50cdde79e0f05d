"""A service with somebody of every role, and every situation in which any of them can be to a scope."""

from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy import Connection, text

from tests.kit.service import Laptop, ServiceKit
from visitapp.server.admin import people
from visitapp.server.database import administering
from visitapp.server.decision import SITUATIONS, STATES, State, Tense
from visitapp.server.ids import new_id
from visitapp.server.operations import Relation, Role, Subject

Situation = tuple[Subject, Relation, Tense]

_GRANTS = {"own": "nurse", "review": "review", "restricted": "restricted", "glass": "glass"}
DAYS: dict[Tense, tuple[int, int | None, int]] = {Tense.NOW: (5, None, 0), Tense.LATE: (9, 1, 3), Tense.ONCE: (9, 1, 0)}
"""How many days ago an assignment began and ended, and the work was done."""


@dataclass
class Person:
    """Somebody of one role with a laptop in each state, and a scope for each situation."""

    role: str
    user: str
    laptops: dict[State, Laptop]
    scopes: dict[Situation, str] = field(default_factory=dict)


class House:
    """A service with somebody of every role, and everything that any of them could be to a scope."""

    def __init__(self, service: ServiceKit) -> None:
        self.service = service
        self.team, self.far = service.team("North"), service.team("South")
        with administering(service.owner) as connection:
            self.people = [self._person(connection, role.value) for role in Role]
            for person in self.people:
                for situation in SITUATIONS:
                    person.scopes[situation] = self._scope(connection, person, situation)

    def _person(self, connection: Connection, role: str) -> Person:
        user = new_id()
        connection.execute(
            text("insert into member(id, name, role, team) values (:id, :name, :role, :team)"),
            {"id": user, "name": f"A {role}", "role": role, "team": self.team},
        )
        new = people.NewUser(f"A {role}", role, self.team)
        people.settle_in(connection, user, new, "North", reviews=False)
        return Person(role, user, {state: self._laptop(connection, user, state) for state in STATES})

    def _laptop(self, connection: Connection, user: str, state: State) -> Laptop:
        laptop = Laptop(self.service.http, user=user, device=new_id())
        if state != "unknown":
            key = laptop.key.public_key().public_bytes_raw()
            connection.execute(
                text("insert into device(id, user_id, public_key, state) values (:id, :user, :key, :state)"),
                {"id": laptop.device, "user": user, "key": key, "state": state},
            )
        return laptop

    def _scope(self, connection: Connection, person: Person, situation: Situation) -> str:
        subject, relation, tense = situation
        if subject == "personal":
            return f"u:{person.user}" if relation == "own" else f"u:{new_id()}"
        if subject == "shared":
            return f"t:{self.team}" if relation == "shared" else f"t:{self.far}"
        family = new_id()
        scope = f"{'f' if subject == 'clinical' else 'r'}:{family}"
        if relation == "new":
            return scope
        team = self.far if relation == "other" else self.team
        for each in (f"f:{family}", f"r:{family}"):
            connection.execute(text("insert into scope(id, team) values (:id, :team)"), {"id": each, "team": team})
            connection.execute(text("insert into opening(scope, opened_by) values (:id, :by)"), {"id": each, "by": new_id()})
        if relation in _GRANTS:
            begun, ended, _ = DAYS[tense]
            connection.execute(
                text(
                    "insert into assignment(user_id, scope, role, from_at, until_at) values (:user, :scope, :role,"
                    " now() - cast(:begun as interval), now() - cast(:ended as interval))"
                ),
                {
                    "user": person.user,
                    "scope": scope,
                    "role": _GRANTS[relation],
                    "begun": timedelta(days=begun),
                    "ended": timedelta(days=ended) if ended is not None else timedelta(hours=-1) if relation == "glass" else None,
                },
            )
        return scope
