"""The first schema: tables, forced row-level security on each, and the few things the serving role may do."""

from alembic import context, op

from visitapp.server.migrations.walls import allow, wall

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_TABLES = """
create table team(
  id text primary key, name text not null, made_at timestamptz not null default now());
create table member(
  id text primary key, name text not null, role text not null, job_title text not null default '', team text not null,
  active boolean not null default true, made_at timestamptz not null default now());
create index member_team on member(team);
create table device(
  id text primary key, user_id text not null, public_key bytea not null, state text not null default 'active',
  enrolled_at timestamptz not null default now());
create index device_user on device(user_id);
create table enrolment(
  code_hash bytea primary key, user_id text not null, made_at timestamptz not null default now(),
  expires_at timestamptz not null, used_at timestamptz);
create unlogged table nonce(
  device text not null, nonce text not null, at_ms bigint not null, primary key(device, nonce));
create table assignment(
  user_id text not null, scope text not null, n bigint generated always as identity, role text not null,
  from_at timestamptz not null default now(), until_at timestamptz, primary key(user_id, scope, n));
create index assignment_scope on assignment(scope);
create table scope(
  id text primary key, seq bigint not null default 0, n integer not null default 0, dig bigint not null default 0,
  team text not null default '');
create table opening(
  scope text primary key, opened_by text not null, opened_at timestamptz not null default now());
create table rec(
  scope text not null, id text not null, kind text not null, seq bigint not null, rev integer not null, h bytea not null,
  del boolean not null, author text not null, device text not null, op text not null, at_ms bigint not null,
  recv_ms bigint not null, late boolean not null, body bytea not null, primary key(scope, id));
create unique index rec_feed on rec(scope, seq);
create table hist(
  scope text not null, id text not null, rev integer not null, op text not null, kind text not null,
  outcome text not null, h bytea not null, author text not null, device text not null, at_ms bigint not null,
  recv_ms bigint not null, late boolean not null, body bytea not null, primary key(scope, id, rev, op, outcome));
create table receipt(
  scope text not null, op text not null, user_id text not null, outcome text not null, rev integer not null,
  seq bigint not null, code text not null default '', at timestamptz not null default now(), primary key(scope, op));
create table held(
  scope text not null, op text not null, user_id text not null, device text not null, why text not null,
  meta text not null, raw bytea not null, at timestamptz not null default now(), primary key(scope, op));
create table epoch(id text primary key, made_at timestamptz not null default now());
insert into epoch(id) values (gen_random_uuid()::text);
"""

# Bodies of a few KB stay in the row; without lz4 PostgreSQL's own compression costs more time than it saves (measured).
_BODIES = """
do $$ begin
  if 'lz4' = any((select enumvals from pg_settings where name = 'default_toast_compression')::text[]) then
    execute 'alter table rec alter body set compression lz4, alter body set storage main';
    execute 'alter table hist alter body set compression lz4, alter body set storage main';
  else
    execute 'alter table rec alter body set storage external, set (toast_tuple_target = 8160)';
    execute 'alter table hist alter body set storage external, set (toast_tuple_target = 8160)';
  end if;
end $$
"""

_NAMES = (
    *("team", "member", "device", "enrolment", "nonce", "assignment"),
    *("scope", "opening", "rec", "hist", "receipt", "held", "epoch"),
)

_ME = "(select current_setting('visitapp.user', true))"
_MY_TEAM = "(select current_setting('visitapp.team', true))"
_MY_DEVICE = "(select current_setting('visitapp.device', true))"
_MY_CODE = "(select decode(current_setting('visitapp.code', true), 'hex'))"
_GRACE = "(select coalesce(nullif(current_setting('visitapp.grace', true), ''), '0')::interval)"
_MY_SCOPES = f"""any(array(select a.scope from assignment a where a.user_id = {_ME}
  and a.from_at <= now() and coalesce(a.until_at, 'infinity') > now() - {_GRACE}))"""  # noqa: S608 - constants only
# Whoever opened a family may let people into it until the end of that transaction (now() is when it began).
_OPENING = f"opened_by = {_ME} and opened_at = now()"
_OPENED = "exists (select 1 from opening o where o.scope = {} and " + _OPENING + ")"  # noqa: S608 - constants only


def upgrade() -> None:
    """Makes everything; the owner is the connected role, the serving role's name comes from the caller."""
    serving = context.config.attributes["serving_role"]
    for statement in _TABLES.strip().split(";\n"):
        op.execute(statement.rstrip(";\n"))
    op.execute(_BODIES)
    op.execute("revoke all on schema public from public")
    op.execute(f'grant usage on schema public to "{serving}"')
    for name in (*_NAMES, "alembic_version"):
        wall(name)
    _let_in(serving)


def _let_in(serving: str) -> None:
    allow(serving, "epoch", "select", using="true")
    allow(serving, "team", "select", using=f"id = {_MY_TEAM}")
    allow(serving, "member", "select", using=f"id = {_ME} or team = {_MY_TEAM}")
    allow(serving, "device", "select", using=f"id = {_MY_DEVICE}")
    allow(serving, "device", "insert", check=f"id = {_MY_DEVICE} and user_id = {_ME} and state = 'active'")
    allow(serving, "enrolment", "select", using=f"code_hash = {_MY_CODE}")
    allow(serving, "enrolment", "update", columns="used_at", using=f"code_hash = {_MY_CODE}", check="true")
    allow(serving, "nonce", "select", using=f"device = {_MY_DEVICE}")
    allow(serving, "nonce", "insert", check=f"device = {_MY_DEVICE}")
    allow(serving, "nonce", "delete", using=f"device = {_MY_DEVICE}")
    allow(serving, "assignment", "select", using=f"user_id = {_ME}")
    allow(serving, "assignment", "insert", check=_OPENED.format("assignment.scope"))
    allow(serving, "scope", "select", using=f"id = {_MY_SCOPES}")
    allow(serving, "opening", "select", using=f"opened_by = {_ME}")
    allow(serving, "opening", "insert", check=f"({_OPENING}) and scope ~ '^[fr]:'")
    allow(serving, "scope", "insert", check=f"{_OPENED.format('scope.id')} and seq = 0 and team = {_MY_TEAM}")
    allow(serving, "scope", "update", columns="seq, n, dig", using=f"id = {_MY_SCOPES}", check=f"id = {_MY_SCOPES}")
    mine = f"scope = {_MY_SCOPES}"
    allow(serving, "rec", "select", using=mine)
    allow(serving, "rec", "insert", check=f"{mine} and author = {_ME}")
    columns = "kind, seq, rev, h, del, author, device, op, at_ms, recv_ms, late, body"
    allow(serving, "rec", "update", columns=columns, using=mine, check=f"{mine} and author = {_ME}")
    allow(serving, "hist", "select", using=mine)
    allow(serving, "hist", "insert", check=mine)
    allow(serving, "receipt", "select", using=f"user_id = {_ME}")
    allow(serving, "receipt", "insert", check=f"user_id = {_ME}")
    allow(serving, "held", "insert", check=f"user_id = {_ME}")
