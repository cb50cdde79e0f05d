"""Engines, roles and migrations: who connects to PostgreSQL as what, and the refusal to serve as anyone too mighty."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import psycopg
from alembic import command
from alembic.config import Config
from psycopg import sql
from sqlalchemy import URL, Connection, Engine, create_engine, make_url, text
from sqlalchemy.exc import ProgrammingError

from visitapp.server.embedded import EmbeddedPostgres

OWNER: Final = "visitapp_owner"
SERVING: Final = "visitapp_serving"
DATABASE: Final = "visitapp"
MINIMUM_VERSION: Final = 15


class UnsafeRole(Exception):
    """The role that should serve could get round row-level security. `facts` say how."""

    def __init__(self, facts: tuple[str, ...]) -> None:
        super().__init__("the serving role " + ", ".join(facts))
        self.facts = facts


class TooOld(Exception):
    """PostgreSQL is older than the server can use."""


def make_engine(url: str | URL, *, size: int = 10) -> Engine:
    """An engine whose errors and logs never show bound values. Plain `postgresql://` URLs are taken as psycopg's."""
    where = make_url(url)
    if where.drivername in ("postgresql", "postgres"):
        where = where.set(drivername="postgresql+psycopg")
    options = "-c statement_timeout=20000 -c lock_timeout=5000 -c idle_in_transaction_session_timeout=30000"
    return create_engine(
        where,
        hide_parameters=True,
        pool_size=size,
        max_overflow=0,
        pool_timeout=10,
        pool_pre_ping=False,
        connect_args={"options": options, "connect_timeout": 10, "application_name": "visitapp"},
    )


def prepare_embedded(postgres: EmbeddedPostgres, database: str = DATABASE, template: str = "template1") -> tuple[str, str]:
    """Makes the two roles and the database where they are missing; answers the owner's and the serving role's URL."""
    with postgres.superuser() as connection:
        passwords = {OWNER: postgres.passwords.owner, SERVING: postgres.passwords.serving}
        for role, password in passwords.items():
            found = connection.execute("select 1 from pg_roles where rolname = %s", (role,)).fetchone()
            if found is None:
                made = sql.SQL("create role {} login nosuperuser nobypassrls nocreatedb nocreaterole password {}")
                connection.execute(made.format(sql.Identifier(role), sql.Literal(password)))
        if connection.execute("select 1 from pg_database where datname = %s", (database,)).fetchone() is None:
            made = sql.SQL("create database {} owner {} template {}")
            names = (sql.Identifier(name) for name in (database, OWNER, template))
            connection.execute(made.format(*names))
        closed = sql.SQL("revoke all on database {} from public").format(sql.Identifier(database))
        connection.execute(closed)
        let_in = sql.SQL("grant connect on database {} to {}")
        connection.execute(let_in.format(sql.Identifier(database), sql.Identifier(SERVING)))
    with postgres.superuser(database) as connection:
        # The schema belongs to the database's owner, so that migrations need no superuser.
        connection.execute(sql.SQL("alter schema public owner to {}").format(sql.Identifier(OWNER)))
    owner = postgres.url(OWNER, postgres.passwords.owner, database)
    return owner, postgres.url(SERVING, postgres.passwords.serving, database)


def prepare_external(owner_url: str, password: str) -> str:
    """Makes the serving role on a PostgreSQL of the operator's; answers its URL.

    The owner needs CREATEROLE for it; otherwise the operator makes the role and names it in DATABASE_SERVING_URL.
    """
    engine = make_engine(owner_url, size=1)
    try:
        with engine.begin() as connection:
            driver = driver_of(connection)
            found = connection.execute(text("select 1 from pg_roles where rolname = :role"), {"role": SERVING}).first()
            words = "alter role {} with password {}" if found else "create role {} login nobypassrls password {}"
            with contextlib.suppress(ProgrammingError) if found else contextlib.nullcontext():
                driver.execute(sql.SQL(words).format(sql.Identifier(SERVING), sql.Literal(password)))
    finally:
        engine.dispose()
    where = make_url(owner_url).set(username=SERVING, password=password)
    return where.render_as_string(hide_password=False)


def migrate(owner_url: str, serving_role: str = SERVING) -> None:
    """Brings the schema to the newest revision, in one transaction, as the owner."""
    engine = make_engine(owner_url, size=1)
    try:
        with engine.begin() as connection:
            number = int(connection.execute(text("select current_setting('server_version_num')")).scalar_one())
            if number < MINIMUM_VERSION * 10_000:
                raise TooOld
            connection.execute(text("select set_config('lock_timeout', '60s', true)"))
            connection.execute(text("select set_config('visitapp.purpose', 'administer', true)"))
            command.upgrade(migrations_of(connection, serving_role), "head")
    finally:
        engine.dispose()


def migrations_of(connection: Connection, serving_role: str = SERVING) -> Config:
    """Alembic's view of our migrations on a connection."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    config.attributes["serving_role"] = serving_role
    return config


def driver_of(connection: Connection) -> "psycopg.Connection[tuple[Any, ...]]":
    """The driver's own connection behind SQLAlchemy's, in the same transaction: for what it alone can, and for speed."""
    driver = connection.connection.driver_connection
    assert isinstance(driver, psycopg.Connection)
    return driver


@contextlib.contextmanager
def administering(engine: Engine) -> Iterator[Connection]:
    """A transaction of the owner in which, and only in which, it may see and change rows."""
    with engine.begin() as connection:
        connection.execute(text("select set_config('visitapp.purpose', 'administer', true)"))
        yield connection


_WEAKNESSES: Final = """
select r.rolsuper, r.rolbypassrls, r.rolcreaterole,
  exists (select 1 from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname not in ('pg_catalog', 'information_schema') and n.nspname not like 'pg\\_t%'
    and pg_has_role(r.oid, c.relowner, 'member')) as owns,
  exists (select 1 from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = 'public' and c.relkind in ('r', 'p') and not (c.relrowsecurity and c.relforcerowsecurity)) as unwalled
from pg_roles r where r.rolname = current_user
"""


def refuse_mighty_role(engine: Engine) -> None:
    """Raises UnsafeRole when the connected role is superuser, passes or owns the walls, or a table has none."""
    with engine.connect() as connection:
        row = connection.execute(text(_WEAKNESSES)).one()
    words = ("is a superuser", "has BYPASSRLS", "may create roles", "owns tables", "finds tables without forced security")
    facts = tuple(word for word, found in zip(words, row, strict=True) if found)
    if facts:
        raise UnsafeRole(facts)


def version_of(engine: Engine) -> str:
    """PostgreSQL's version in its own words, such as `18.4`."""
    with engine.connect() as connection:
        shown: str = connection.execute(text("show server_version")).scalar_one()
    return shown.split(maxsplit=1)[0]


def role_of(url: str) -> str:
    """The role a URL names. Raises ValueError if it names none."""
    role = make_url(url).username
    if not role:
        raise ValueError("the URL names no role")
    return role
