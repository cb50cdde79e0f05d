"""Row-level security, the second wall: what the serving role can reach with any SQL, and that it is the wall that holds it."""

import threading
from collections.abc import Iterator

import pytest
from psycopg import errors
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from tests.kit.service import Laptop, ServiceKit, a_family, a_part, a_person, a_visit, some_uuid
from visitapp.protocol.messages import CaseloadEntry
from visitapp.server import access, push
from visitapp.server.app import create_app
from visitapp.server.database import UnsafeRole, make_engine, migrations_of, refuse_mighty_role
from visitapp.server.decision import Decision
from visitapp.server.settings import Settings
from visitapp.server.signin import set_identity
from visitapp.server.tables import metadata

TABLES = sorted(metadata.tables)


class Two:
    """Two nurses of different teams, each with a family with a restricted part."""

    def __init__(self, service: ServiceKit) -> None:
        self.teams = [service.team(name) for name in ("North", "South")]
        self.ann, self.bea = (service.laptop(service.user(team)) for team in self.teams)
        self.families = [self._begin(laptop) for laptop in (self.ann, self.bea)]

    @staticmethod
    def _begin(laptop: Laptop) -> str:
        opening = a_family()
        visit = a_visit(opening.id, laptop.user)
        ops = (opening, visit, a_part(opening.id, visit.id, restricted=True), a_person(opening.id))
        assert set(laptop.outcomes(*ops)) == {"ok"}
        return opening.id


@pytest.fixture
def two(service: ServiceKit) -> Two:
    return Two(service)


@pytest.fixture
def serving(service: ServiceKit) -> Iterator[Engine]:
    engine = make_engine(service.databases.serving_url, size=5)
    yield engine
    engine.dispose()


def say_ann(connection: Connection, two: Two, grace: str = "0") -> None:
    set_identity(connection, user=two.ann.user, team=two.teams[0], device=two.ann.device, grace=grace)


def counts(connection: Connection) -> dict[str, int]:
    found = {}
    for table in TABLES:
        if table == "held":
            continue  # the serving role may not even ask
        found[table] = connection.execute(text(f"select count(*) from {table}")).scalar_one()
    return found


def test_every_table_has_forced_security_and_a_policy(service: ServiceKit) -> None:
    rows = service.sql(
        "select c.relname, c.relrowsecurity and c.relforcerowsecurity as walled,"
        " (select count(*) from pg_policy p where p.polrelid = c.oid) as policies"
        " from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = 'public' and c.relkind in ('r', 'p')"
    )
    assert {row.relname for row in rows} == {*TABLES, "alembic_version"}
    assert all(row.walled and row.policies for row in rows)


def test_nothing_runs_with_the_owners_rights(service: ServiceKit) -> None:
    views = (
        "select 1 from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = 'public' and relkind in ('v','m')"
    )
    definers = "select 1 from pg_proc p join pg_namespace n on n.oid = p.pronamespace where n.nspname = 'public' and p.prosecdef"
    assert service.sql(views) == service.sql(definers) == []


def test_without_saying_who_asks_nothing_is_seen(two: Two, serving: Engine) -> None:
    with serving.connect() as connection:
        found = counts(connection)
    assert found.pop("epoch") == found.pop("audit_head") == 1
    assert set(found.values()) == {0}


def test_a_nurse_sees_only_what_she_holds_with_any_sql(two: Two, serving: Engine) -> None:
    with serving.connect() as connection, connection.begin():
        say_ann(connection, two)
        scopes = set(connection.execute(text("select distinct scope from rec")).scalars())
        people = connection.execute(text("select id from member")).scalars().all()
        others = connection.execute(text("select count(*) from assignment where user_id <> :me"), {"me": two.ann.user})
        assert others.scalar_one() == 0
    mine = two.families[0]
    assert scopes == {f"f:{mine}", f"r:{mine}", f"u:{two.ann.user}", f"t:{two.teams[0]}"}
    assert people == [two.ann.user]


def test_who_asks_is_forgotten_with_the_transaction(two: Two, serving: Engine) -> None:
    with serving.connect() as connection:
        with connection.begin():
            say_ann(connection, two)
            assert connection.execute(text("select count(*) from rec")).scalar_one() > 0
        with connection.begin():
            assert connection.execute(text("select count(*) from rec")).scalar_one() == 0


def test_connections_of_a_pool_never_mix_up_who_asks(two: Two, serving: Engine) -> None:
    wrong: list[str] = []

    def ask(laptop: Laptop, team: str, family: str) -> None:
        for _ in range(40):
            with serving.connect() as connection, connection.begin():
                set_identity(connection, user=laptop.user, team=team, device=laptop.device, grace="0")
                seen = set(connection.execute(text("select scope from rec where scope like 'f:%'")).scalars())
                wrong.extend(seen - {f"f:{family}"})

    pairs = list(zip((two.ann, two.bea), two.teams, two.families, strict=True))
    threads = [threading.Thread(target=ask, args=pairs[place % 2]) for place in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


FORBIDDEN = {
    "write into another's family": "insert into rec(scope, id, kind, seq, rev, h, del, author, device, op, at_ms, recv_ms,"
    " late, body) values (:theirs, :new, 'person', 99, 1, '', false, :me, '', '', 0, 0, false, '')",
    "write in another's name": "insert into rec(scope, id, kind, seq, rev, h, del, author, device, op, at_ms, recv_ms,"
    " late, body) values (:mine, :new, 'person', 99, 1, '', false, :them, '', '', 0, 0, false, '')",
    "give herself a family": "insert into assignment(user_id, scope, role) values (:me, :theirs, 'nurse')",
    "give herself a family while opening one": "with o as (insert into opening(scope, opened_by) values ('f:' || :new, :me))"
    " insert into assignment(user_id, scope, role) values (:me, :theirs, 'nurse')",
    "let someone into her family": "insert into assignment(user_id, scope, role) values (:them, :mine, 'nurse')",
    "open a family in another's name": "insert into opening(scope, opened_by) values ('f:' || :new, :them)",
    "make a team's scope": "insert into opening(scope, opened_by) values ('t:' || :new, :me)",
    "delete a record": "delete from rec",
    "rewrite history": "update hist set body = ''",
    "forge a receipt": "insert into receipt(scope, op, user_id, outcome, rev, seq) values (:mine, :new, :them, 'ok', 1, 1)",
    "make a code": "insert into enrolment(code_hash, user_id, expires_at) values ('x', :me, now())",
    "read what is held": "select * from held",
    "begin a session as somebody she is not": "insert into web_session(token_hash, user_id, role, via)"
    " values ('x', :me, 'administrator', 'password')",
    "write into the audit in another's name": "insert into audit values (1, now(), :them, 'x', '', '', 'x', 'x')",
    "rewrite the audit": "update audit set told = ''",
    "shorten the audit": "delete from audit",
    "make another head of the audit": "insert into audit_head(one, n, hash) values (true, 0, '')",
    "give herself an hour": "insert into assignment(user_id, scope, role, until_at)"
    " values (:me, :theirs, 'glass', now() + interval '1 hour')",
    "break a glass in another team": "insert into glass(id, user_id, family, reason, until_at)"
    " values (:new, :me, substr(:theirs, 3), 'because I am curious', now() + interval '1 hour')",
    "leave another's anchor": "insert into anchor(device, n, head, signature) values (:new, 1, '', '')",
    "give herself an account": "insert into account(user_id, login) values (:me, 'x')",
    "change the epoch": "update epoch set id = 'x'",
    "take down a wall": "alter table rec disable row level security",
    "become the owner": "set role visitapp_owner",
    "make a table": "create table mine(x int)",
    "read a file": "copy rec from '/etc/passwd'",
}

FRUITLESS = {
    "prolong an assignment": "update assignment set until_at = null",
    "unblock a device": "update device set state = 'active'",
    "promote herself": "update member set role = 'supervisor'",
    "close an account": "update account set ended_at = now()",
    "let devices in without approval": "update service_policy set value = 'off'",
}


@pytest.mark.parametrize("statement", FRUITLESS.values(), ids=FRUITLESS.keys())
def test_what_only_an_administrators_session_may_changes_nothing_without_one(
    statement: str, two: Two, service: ServiceKit, serving: Engine
) -> None:
    service.sql("insert into service_policy(name, value) values ('approve_devices', 'on') returning 1")
    service.sql("insert into account(user_id, login) values (:me, 'ann') returning 1", me=two.ann.user)
    service.sql(
        "insert into web_session(token_hash, user_id, role, via) values ('x', :me, 'nurse', 'password') returning 1",
        me=two.ann.user,
    )
    with serving.connect() as connection, connection.begin():
        say_ann(connection, two, grace="90 days")
        assert connection.execute(text(statement)).rowcount == 0
        # Her own sessions she can end, and nothing else.
        with pytest.raises(DBAPIError), connection.begin_nested():
            connection.execute(text("update web_session set seen_at = now()"))
        assert connection.execute(text("update web_session set ended_at = now()")).rowcount == 1


@pytest.mark.parametrize("statement", FORBIDDEN.values(), ids=FORBIDDEN.keys())
def test_the_serving_role_cannot(statement: str, two: Two, serving: Engine) -> None:
    values = {
        "me": two.ann.user,
        "them": two.bea.user,
        "mine": f"f:{two.families[0]}",
        "theirs": f"f:{two.families[1]}",
        "new": some_uuid(),
    }
    used = {name: value for name, value in values.items() if f":{name}" in statement}
    with serving.connect() as connection, connection.begin():
        say_ann(connection, two, grace="90 days")
        with pytest.raises(DBAPIError) as refused, connection.begin_nested():
            connection.execute(text(statement), used)
        assert isinstance(refused.value.orig, errors.InsufficientPrivilege), refused.value.orig
        changed = connection.execute(text("update scope set seq = 0 where id = :s"), {"s": values["theirs"]})
        assert changed.rowcount == 0


def test_the_owner_too_sees_nothing_unless_administering(two: Two, service: ServiceKit) -> None:
    with service.owner.connect() as connection:
        assert connection.execute(text("select count(*) from rec")).scalar_one() == 0
        assert connection.execute(text("select count(*) from member")).scalar_one() == 0


def leak(two: Two, serving: Engine) -> int:
    """How many of the other nurse's records one can read."""
    with serving.connect() as connection, connection.begin():
        say_ann(connection, two)
        found = connection.execute(
            text("select count(*) from rec where scope in (:f, :r)"),
            {"f": f"f:{two.families[1]}", "r": f"r:{two.families[1]}"},
        )
        count: int = found.scalar_one()
        return count


def test_it_is_the_policies_that_keep_strangers_out(two: Two, service: ServiceKit, serving: Engine) -> None:
    assert leak(two, serving) == 0
    with service.owner.begin() as connection:
        connection.execute(text("alter table rec disable row level security"))
    assert leak(two, serving) == 4, "with the wall down the leak must show, or the test above proves nothing"
    with pytest.raises(UnsafeRole):
        create_app(Settings(service.databases.serving_url, b"k" * 32))


def test_a_mistake_in_the_first_wall_is_caught_by_the_second(
    two: Two, service: ServiceKit, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The judgement says yes to everyone and the caseload lists a stranger's family: still nothing is written or shown."""
    theirs = two.families[1]
    held = access.Assignments.of
    monkeypatch.setattr(push, "judge", lambda *_: Decision("yes"))
    monkeypatch.setattr(access.Assignments, "of", lambda self, scope: held(self, scope) or ["anything"])
    assert two.ann.outcomes(a_person(theirs)) == ["retry"]
    monkeypatch.undo()
    listed = access.Assignments.caseload
    monkeypatch.setattr(access.Assignments, "caseload", lambda self: (*listed(self), CaseloadEntry(f"f:{theirs}", "nurse")))
    two.ann.pull()
    assert f"f:{theirs}" not in two.ann.held
    assert service.sql("select count(*) from rec where scope = :s", s=f"f:{theirs}") == [(3,)]


def test_too_mighty_a_role_is_refused(service: ServiceKit, postgres: object) -> None:
    with pytest.raises(UnsafeRole, match="owns tables"):
        refuse_mighty_role(service.owner)
    from visitapp.server.embedded import EmbeddedPostgres

    assert isinstance(postgres, EmbeddedPostgres)
    name = service.databases.owner_url.rsplit("/", 1)[1]
    with postgres.superuser() as connection:
        connection.execute("drop role if exists mighty")
        connection.execute("create role mighty login bypassrls createrole password 'x'")
        connection.execute(f"grant connect on database {name} to mighty")
    try:
        for role, password, words in (
            ("postgres", postgres.passwords.superuser, "is a superuser"),
            ("mighty", "x", "has BYPASSRLS, may create roles"),
        ):
            engine = make_engine(postgres.url(role, password, name), size=1)
            with pytest.raises(UnsafeRole, match=words):
                refuse_mighty_role(engine)
            engine.dispose()
    finally:
        with postgres.superuser() as connection:
            connection.execute(f"revoke all on database {name} from mighty")
            connection.execute("drop role mighty")


def test_the_migrations_make_what_the_statements_expect(service: ServiceKit) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    with service.owner.begin() as connection:
        connection.execute(text("select set_config('visitapp.purpose', 'administer', true)"))
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
        from alembic import command

        command.upgrade(migrations_of(connection), "head")
