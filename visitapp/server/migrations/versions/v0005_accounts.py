"""Accounts, their credentials and sessions in a browser, and what the walls let an administrator's live session reach."""

from alembic import context, op

from visitapp.server.migrations.walls import allow, wall

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_TABLES = """
create table account(
  user_id text primary key, login text not null unique, subject text not null default '',
  made_at timestamptz not null default now(), reset_at timestamptz not null default now(),
  ended_at timestamptz not null default now());
create unique index account_subject on account(subject) where subject <> '';
create table setup_code(
  code_hash bytea primary key, user_id text not null, made_at timestamptz not null default now(),
  expires_at timestamptz not null, used_at timestamptz);
create table credential(
  user_id text primary key, password text not null, totp bytea not null, last_step bigint not null default 0,
  set_at timestamptz not null);
create table recovery_code(
  user_id text not null, code_hash bytea not null, made_at timestamptz not null, used_at timestamptz,
  primary key(user_id, code_hash));
create table web_session(
  token_hash bytea primary key, user_id text not null, role text not null, via text not null,
  made_at timestamptz not null default now(), seen_at timestamptz not null default now(), stepped_at timestamptz,
  ended_at timestamptz);
create table deed(
  n bigint primary key, at timestamptz not null, who text not null, what text not null, about text not null,
  told text not null, previous bytea not null, hash bytea not null);
create table service_policy(
  name text primary key, value text not null, by_user text not null default '', at timestamptz not null default now());
create table family_label(scope text primary key, name text not null);
alter table counter add column seen_at timestamptz;
"""
_NAMES = ("account", "setup_code", "credential", "recovery_code", "web_session", "deed", "service_policy", "family_label")

_ME = "(select current_setting('visitapp.user', true))"
_MY_DEVICE = "(select current_setting('visitapp.device', true))"
_MY_LOGIN = "(select current_setting('visitapp.login', true))"
_MY_SUBJECT = "(select nullif(current_setting('visitapp.subject', true), ''))"
_MY_CODE = "(select decode(current_setting('visitapp.code', true), 'hex'))"
_MY_SESSION = "(select decode(current_setting('visitapp.session', true), 'hex'))"
_MY_SCOPES = f"""any(array(select a.scope from assignment a where a.user_id = {_ME}
  and a.from_at <= now() and coalesce(a.until_at, 'infinity') > now()))"""  # noqa: S608 - constants only
_SERVICE = "'00000000-0000-7000-8000-000000000000'"
_PUBLISHED = "kind in ('profile', 'colleague', 'phone_card', 'questionnaire', 'programme', 'notice') and scope ~ '^[utg]:'"

# Only a session that is alive opens an administrator's walls: to say who one is, as laptops do, is not enough.
_LIVE = f"""(select exists (select 1 from web_session s where s.token_hash = {_MY_SESSION} and s.ended_at is null
  and s.seen_at > now() - interval '15 minutes' and s.made_at > now() - interval '12 hours' and s.role in ({{}})))"""  # noqa: S608
_ADMINISTRATOR = _LIVE.format("'administrator'")
_OFFICE = _LIVE.format("'administrator', 'auditor'")
_NAMES_SHOWN = "(select exists (select 1 from service_policy p where p.name = 'family_names' and p.value = 'on'))"
_APPROVAL = "(select exists (select 1 from service_policy p where p.name = 'approve_devices' and p.value = 'on'))"

# What an administrator may call a family by: its name and nothing else of it, kept beside it as it is written. Nothing that is
# wrong with a name may keep a nurse's work out.
_LABEL = """
create function label_family() returns trigger language plpgsql as $$
begin
  insert into family_label(scope, name) values (new.scope, coalesce(convert_from(new.body, 'utf8')::jsonb ->> 'name', ''))
  on conflict (scope) do update set name = excluded.name;
  return null;
exception when others then
  return null;
end $$
"""
_LABELLING = """
create trigger rec_label after insert or update on rec for each row
when (new.kind = 'family' and not new.del and new.scope ~ '^f:') execute function label_family()
"""

# A policy of the sessions may not look at members, whose policies look at the sessions; a trigger may.
_AS_MEMBER = """
create function session_as_member() returns trigger language plpgsql as $$
begin
  if not exists (select 1 from member m where m.id = new.user_id and m.role = new.role and m.active) then
    raise insufficient_privilege using message = 'a session has the role of its member';
  end if;
  return new;
end $$
"""
_CHECKING = "create trigger session_role before insert on web_session for each row execute function session_as_member()"


def upgrade() -> None:
    """Makes the tables; then what anyone may do who signs in, and what an administrator and an auditor may do besides."""
    serving = context.config.attributes["serving_role"]
    for statement in _TABLES.strip().split(";\n"):
        op.execute(statement.rstrip(";\n"))
    for name in _NAMES:
        wall(name)
    op.execute(_LABEL)
    op.execute(_LABELLING)
    op.execute(_AS_MEMBER)
    op.execute(_CHECKING)
    op.execute("update rec set late = late where kind = 'family'")
    _sign_in(serving)
    _administer(serving)
    _publish(serving)


def _sign_in(serving: str) -> None:
    allow(serving, "account", "select", using=f"user_id = {_ME} or login = {_MY_LOGIN} or subject = {_MY_SUBJECT}")
    allow(serving, "setup_code", "select", using=f"code_hash = {_MY_CODE}")
    allow(serving, "setup_code", "update", columns="used_at", using=f"code_hash = {_MY_CODE}", check="true")
    mine = f"user_id = {_ME}"
    for table in ("credential", "recovery_code"):
        allow(serving, table, "select", using=mine)
        allow(serving, table, "insert", check=mine)
    allow(serving, "credential", "update", columns="password, totp, last_step, set_at", using=mine, check=mine)
    allow(serving, "recovery_code", "update", columns="used_at", using=mine, check=mine)
    allow(serving, "web_session", "select", using=f"token_hash = {_MY_SESSION} or {mine}")
    allow(serving, "web_session", "insert", check=mine)
    alive = f"token_hash = {_MY_SESSION} and ended_at is null"
    allow(
        serving, "web_session", "update", columns="seen_at, stepped_at, ended_at", using=alive, check=f"token_hash = {_MY_SESSION}"
    )
    # Of her other sessions anyone may only say that they are over.
    _also(
        serving,
        "web_session",
        "update",
        columns="ended_at",
        using=f"{mine} and ended_at is null",
        check=f"{mine} and ended_at is not null",
    )
    allow(serving, "service_policy", "select", using="true")
    allow(serving, "family_label", "select", using=f"scope = {_MY_SCOPES} or ({_ADMINISTRATOR} and {_NAMES_SHOWN})")
    allow(serving, "family_label", "insert", check=f"scope = {_MY_SCOPES}")
    allow(serving, "family_label", "update", columns="name", using=f"scope = {_MY_SCOPES}", check=f"scope = {_MY_SCOPES}")
    # A laptop that is enrolled waits where the policy says so; one that gets a new id after a copy was noticed was let in before.
    op.execute("drop policy serving_insert on device")
    state = f"state = 'pending' or (state = 'active' and (origin <> '' or not {_APPROVAL}))"
    allow(serving, "device", "insert", check=f"id = {_MY_DEVICE} and user_id = {_ME} and ({state})")


def _administer(serving: str) -> None:
    for table in ("team", "member", "device", "assignment", "scope", "account"):
        _also(serving, table, "select", using=_OFFICE)
    for table in ("enrolment", "setup_code"):
        _also(serving, table, "insert", check=_ADMINISTRATOR)
    for table in ("team", "member", "assignment", "account", "service_policy"):
        _also(serving, table, "insert", check=_ADMINISTRATOR)
    changed = {
        "team": "name",
        "member": "name, role, job_title, team, active",
        "device": "state",
        "assignment": "until_at",
        "account": "login, subject, reset_at, ended_at",
        "service_policy": "value, by_user, at",
    }
    # Nobody gives herself another role or account; that she has none open twice is the service's own affair.
    others = {"member": f"{_ADMINISTRATOR} and id <> {_ME}", "account": f"{_ADMINISTRATOR} and user_id <> {_ME}"}
    for table, columns in changed.items():
        rows = others.get(table, _ADMINISTRATOR)
        _also(serving, table, "update", columns=columns, using=rows, check=rows)
    _also(serving, "held", "select", columns="scope, op, user_id, device, why, at", using=_ADMINISTRATOR)
    _also(serving, "deed", "select", using=_OFFICE)
    _also(serving, "deed", "insert", check=f"{_OFFICE} and who = {_ME}")
    _also(serving, "wipe_order", "select", using=_OFFICE)
    _also(serving, "wipe_order", "insert", check=_ADMINISTRATOR)
    _also(serving, "wipe_order", "update", columns="by_second, wants_now", using=_ADMINISTRATOR, check=_ADMINISTRATOR)
    _also(serving, "custody_log", "select", using=_OFFICE)
    _also(serving, "custody_log", "insert", check=_ADMINISTRATOR)
    _also(serving, "custody_policy", "select", using=_OFFICE)
    _also(serving, "custody_policy", "update", columns="lease_days, epoch", using=_ADMINISTRATOR, check=_ADMINISTRATOR)
    _also(serving, "counter", "select", using=_OFFICE)
    op.execute(f'grant update(seen_at) on counter to "{serving}"')


def _publish(serving: str) -> None:
    """What the service itself writes is written for an administrator in the service's name; no family's scope is in reach."""
    _also(serving, "scope", "insert", check=f"{_ADMINISTRATOR} and id ~ '^[utg]:'")
    ours = f"{_ADMINISTRATOR} and id ~ '^[utg]:'"
    _also(serving, "scope", "update", columns="seq, n, dig", using=ours, check=ours)
    published = f"{_ADMINISTRATOR} and {_PUBLISHED} and author = {_SERVICE} and via = {_SERVICE}"
    seen = f"({_ADMINISTRATOR} and {_PUBLISHED}) or ({_OFFICE} and kind = 'sync_health' and scope ~ '^u:')"
    _also(serving, "rec", "select", using=seen)
    _also(serving, "rec", "insert", check=published)
    columns = "kind, seq, rev, h, del, author, device, op, at_ms, recv_ms, late, via, restored, body"
    _also(serving, "rec", "update", columns=columns, using=f"{_ADMINISTRATOR} and {_PUBLISHED}", check=published)
    _also(serving, "hist", "insert", check=published)


def _also(role: str, table: str, verb: str, *, columns: str = "", using: str = "", check: str = "") -> None:
    op.execute(f'grant {verb}{f"({columns})" if columns else ""} on {table} to "{role}"')
    conditions = (f" using ({using})" if using else "") + (f" with check ({check})" if check else "")
    op.execute(f'create policy office_{verb} on {table} for {verb} to "{role}"{conditions}')
