"""Row-level security by role: what each of the six reaches with raw SQL as the serving role, and that no connection remembers anyone."""

import random
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from tests.kit import permitted
from tests.kit.everyone import House, Person
from tests.kit.postgres import fresh_databases
from tests.kit.service import ServiceKit
from visitapp.server.database import administering, make_engine
from visitapp.server.decision import Question, Tense
from visitapp.server.ids import new_id
from visitapp.server.operations import Role
from visitapp.server.signin import set_identity

THREADS = 50
ROUNDS = 20

_RECORD = (
    "insert into rec(scope, id, kind, seq, rev, h, del, author, device, op, at_ms, recv_ms, late, via, body)"
    " values (:scope, :id, 'person', :seq, 1, '', false, :author, '', '', 0, 0, false, :author, '')"
)


@dataclass
class Walls:
    """The house with a record in each scope, and the serving role's engine."""

    house: House
    serving: Engine


@pytest.fixture(scope="module")
def walls(postgres: Any) -> Iterator[Walls]:
    with fresh_databases(postgres) as databases:
        kit = ServiceKit(databases)
        serving = make_engine(databases.serving_url, size=10)
        try:
            house = House(kit)
            fill(house)
            yield Walls(house, serving)
        finally:
            serving.dispose()
            kit.close()


def fill(house: House) -> None:
    """Puts a record into every scope there is."""
    with administering(house.service.owner) as connection:
        for number, person in enumerate(house.people):
            for scope in set(person.scopes.values()):
                connection.execute(text(_RECORD), {"scope": scope, "id": new_id(), "seq": 900 + number, "author": person.user})


def say(connection: Connection, house: House, person: Person, grace: str = "0") -> None:
    """Says who asks, as the service does."""
    set_identity(connection, user=person.user, team=house.team, device=person.laptops["active"].device, grace=grace)


def readable(person: Person) -> set[str]:
    """The scopes of which she should read, by the rules in words."""
    asked = ((scope, Question("pull", person.role, *situation)) for situation, scope in person.scopes.items())
    found = {scope for scope, question in asked if permitted.way(question) == "yes"}
    return found - ({scope for scope in found if scope[0] in "ut"} if person.role == "service" else set())


def strict(person: Person) -> set[str]:
    """What the walls may show beside: a service account's own scope and its team's, which hold nothing of a family."""
    return {scope for scope in person.scopes.values() if scope == f"u:{person.user}" or scope[0] in "tg"}


@pytest.mark.parametrize("role", [role.value for role in Role])
def test_each_role_reads_with_any_sql_what_the_rules_say_and_no_more(role: str, walls: Walls) -> None:
    person = next(one for one in walls.house.people if one.role == role)
    with walls.serving.connect() as connection, connection.begin():
        say(connection, walls.house, person)
        for table, column in (("rec", "scope"), ("hist", "scope"), ("scope", "id")):
            seen = set(connection.execute(text(f"select distinct {column} from {table}")).scalars())
            clinical = {scope for scope in seen if scope[0] in "fr"}
            if table == "rec":
                assert clinical == {scope for scope in readable(person) if scope[0] in "fr"}
            else:
                assert clinical <= readable(person)
            others = seen - clinical
            assert others <= strict(person) | {"g:"}
    if role in ("auditor", "administrator", "service"):
        assert not {scope for scope in readable(person) if scope[0] in "fr"}


def writable(person: Person, situation: tuple[Any, Any, Tense]) -> bool:
    """Whether there is any kind of record that she may hand in to a scope now or late."""
    from visitapp.protocol.rules import KINDS
    from visitapp.server.operations import ANY_KIND

    kinds = (*KINDS, ANY_KIND)
    return any(permitted.way(Question(f"push put {kind}", person.role, *situation)) in ("yes", "late") for kind in kinds)


@pytest.mark.parametrize("role", [role.value for role in Role])
def test_each_role_writes_with_any_sql_where_the_rules_let_her_write_something(role: str, walls: Walls) -> None:
    person = next(one for one in walls.house.people if one.role == role)
    unexpected = []
    for situation, scope in person.scopes.items():
        if situation[1] == "new":
            continue
        with walls.serving.connect() as connection, connection.begin() as transaction:
            say(connection, walls.house, person, grace="90 days")
            try:
                connection.execute(text(_RECORD), {"scope": scope, "id": new_id(), "seq": 5_000, "author": person.user})
                written = True
            except DBAPIError:
                written = False
            transaction.rollback()
        # The walls know time by its grace, not the moment of the work: what was hers once may still be reached by them.
        if written and not writable(person, situation) and situation[2] is not Tense.ONCE:
            unexpected.append(situation)
        if not written:
            assert not writable(person, situation), situation
    assert not unexpected


def test_fifty_threads_on_ten_connections_never_see_each_others_families(walls: Walls) -> None:
    wrong: list[str] = []
    done: list[int] = []

    def ask(number: int) -> None:
        chance = random.Random(number)
        for _ in range(ROUNDS):
            person = chance.choice(walls.house.people)
            with walls.serving.connect() as connection, connection.begin() as transaction:
                before = connection.execute(text("select count(*) from rec")).scalar_one()
                if before:
                    wrong.append("somebody was remembered")
                say(connection, walls.house, person)
                seen = set(connection.execute(text("select scope from rec where scope ~ '^[fr]:'")).scalars())
                wrong.extend(seen - set(person.scopes.values()))
                if chance.random() < 0.3:
                    transaction.rollback()
            done.append(1)

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert len(done) == THREADS * ROUNDS


@pytest.mark.parametrize("role", ["auditor", "administrator", "service", "safeguarding"])
def test_a_role_that_is_only_said_is_not_believed(role: str, walls: Walls) -> None:
    """The walls look the role up: whatever a mistaken service says of a user, an office reads nothing about a family."""
    person = next(one for one in walls.house.people if one.role == role)
    with walls.serving.connect() as connection, connection.begin():
        say(connection, walls.house, person)
        set_identity(connection, role="nurse")
        scopes = set(connection.execute(text("select scope from rec where scope ~ '^[fr]:'")).scalars())
    assert scopes == {scope for scope in readable(person) if scope[0] in "fr"} if role == "safeguarding" else scopes == set()


def test_a_closed_account_reads_nothing_about_a_family(walls: Walls) -> None:
    nurse = next(one for one in walls.house.people if one.role == "nurse")
    with administering(walls.house.service.owner) as connection:
        connection.execute(text("update member set active = false where id = :id"), {"id": nurse.user})
    try:
        with walls.serving.connect() as connection, connection.begin():
            say(connection, walls.house, nurse)
            assert connection.execute(text("select count(*) from rec where scope ~ '^[fr]:'")).scalar_one() == 0
    finally:
        with administering(walls.house.service.owner) as connection:
            connection.execute(text("update member set active = true where id = :id"), {"id": nurse.user})
