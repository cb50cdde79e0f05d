"""Who may read at all, a family opened for an hour with a reason, the organisation's audit, the heads of laptops' audits."""

from alembic import context, op

from visitapp.server.migrations.walls import allow, wall

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_TABLES = """
create table glass(
  id text primary key, user_id text not null, family text not null, reason text not null,
  asked_at timestamptz not null default now(), until_at timestamptz not null);
create index glass_asked on glass(asked_at);
create table audit(
  n bigint primary key, at timestamptz not null, who text not null, what text not null, about text not null,
  told text not null, previous bytea not null, hash bytea not null);
create table audit_head(one boolean primary key default true, n bigint not null, hash bytea not null, check (one));
insert into audit_head(n, hash) values (0, decode(repeat('00', 32), 'hex'));
create table anchor(
  device text not null, n bigint not null, head bytea not null, signature bytea not null,
  kept_at timestamptz not null default now(), primary key(device, n, head));
"""

# Nobody changes or takes away an entry, the owner included; a restore replaces the whole table.
_FROZEN = """
create function entries_stay() returns trigger language plpgsql as $$
begin
  raise insufficient_privilege using message = 'entries of the audit stay as they are';
end $$
"""

_ME = "(select current_setting('visitapp.user', true))"
_MY_DEVICE = "(select current_setting('visitapp.device', true))"
_GRACE = "(select coalesce(nullif(current_setting('visitapp.grace', true), ''), '0')::interval)"
_AM = "(select exists (select 1 from member m where m.id = {} and m.active and m.role in ({})))".format(_ME, "{}")  # noqa: S608
_READER = _AM.format("'nurse', 'supervisor', 'safeguarding'")
_WRITER = _AM.format("'nurse', 'supervisor'")
_NURSE = _AM.format("'nurse'")
_HELD = f"a.user_id = {_ME} and a.from_at <= now() and coalesce(a.until_at, 'infinity') > now() - {_GRACE}"
_OF_A_FAMILY = "(a.scope ~ '^[fr]:')"
_READABLE = f"""any(array(select a.scope from assignment a where {_HELD}
  and (not {_OF_A_FAMILY} or ({_READER} and (a.role <> 'nurse' or {_WRITER})))))"""  # noqa: S608 - constants only
_WRITABLE = f"""any(array(select a.scope from assignment a where {_HELD} and {_WRITER}
  and a.role in ('nurse', 'own', 'review', 'restricted') and (a.scope !~ '^r:' or {_NURSE})))"""  # noqa: S608 - constants only

_OPENING = f"opened_by = {_ME} and opened_at = now()"
_OPENED = f"exists (select 1 from opening o where o.scope = assignment.scope and {_OPENING}) and {_NURSE}"  # noqa: S608

# Whoever breaks a glass finds the family by its id, in her own team; whoever is safeguarding lead, in every team.
_BREAKING = "(select current_setting('visitapp.purpose', true)) = 'glass'"
_MY_TEAM = f"(select m.team from member m where m.id = {_ME} and m.active and m.role in ('nurse', 'supervisor'))"  # noqa: S608
_LEAD = _AM.format("'safeguarding'")
_FINDS = f"{_BREAKING} and id ~ '^[fr]:' and (team = {_MY_TEAM} or {_LEAD})"
_HOUR = "until_at > now() and until_at <= now() + interval '60 minutes'"
_FOUND = "exists (select 1 from scope s where s.id = 'f:' || glass.family)"
_GLASS = f"user_id = {_ME} and asked_at = now() and {_HOUR} and length(trim(reason)) >= 10 and {_BREAKING} and {_FOUND}"
_BROKEN = f"""(role = 'glass' and user_id = {_ME} and from_at <= now() and scope ~ '^[fr]:' and exists (
  select 1 from glass g where g.user_id = {_ME} and g.family = substr(assignment.scope, 3)
  and g.asked_at = now() and g.until_at = assignment.until_at))"""  # noqa: S608 - constants only


def upgrade() -> None:
    """Makes the tables; then narrows who reads and writes what by the role that stands in the table of members."""
    serving = context.config.attributes["serving_role"]
    for statement in _TABLES.strip().split(";\n"):
        op.execute(statement.rstrip(";\n"))
    for name in ("glass", "audit", "audit_head", "anchor"):
        wall(name)
    # Administrators' deeds go into the one audit of the organisation.
    op.execute("drop table deed")
    op.execute(_FROZEN)
    for table in ("audit", "anchor"):
        words = f"create trigger {table}_stays before update or delete on {table} for each row execute function entries_stay()"
        op.execute(words)
    _narrow(serving)
    _let_break(serving)
    _let_audit(serving)


def _narrow(serving: str) -> None:
    for table, verbs in (("scope", "select update"), ("rec", "select insert update"), ("hist", "select insert")):
        for verb in verbs.split():
            op.execute(f"drop policy serving_{verb} on {table}")
    allow(serving, "scope", "select", using=f"id = {_READABLE} or ({_FINDS})")
    allow(serving, "scope", "update", columns="seq, n, dig", using=f"id = {_WRITABLE}", check=f"id = {_WRITABLE}")
    allow(serving, "rec", "select", using=f"scope = {_READABLE}")
    by_me = f"scope = {_WRITABLE} and via = {_ME} and (author = {_ME} or restored)"
    allow(serving, "rec", "insert", check=by_me)
    columns = "kind, seq, rev, h, del, author, device, op, at_ms, recv_ms, late, via, restored, body"
    allow(serving, "rec", "update", columns=columns, using=f"scope = {_WRITABLE}", check=by_me)
    allow(serving, "hist", "select", using=f"scope = {_READABLE}")
    allow(serving, "hist", "insert", check=f"scope = {_WRITABLE}")


def _let_break(serving: str) -> None:
    op.execute("drop policy serving_insert on assignment")
    allow(serving, "assignment", "insert", check=f"({_OPENED}) or {_BROKEN}")
    auditors = _AM.format("'auditor', 'safeguarding'")
    allow(serving, "glass", "select", using=f"user_id = {_ME} or {auditors}")
    allow(serving, "glass", "insert", check=_GLASS)


def _let_audit(serving: str) -> None:
    auditor = _AM.format("'auditor'")
    allow(serving, "audit", "select", using=auditor)
    # What nobody signed in for, such as a refused code, has no name.
    allow(serving, "audit", "insert", check=f"who = '' or who = {_ME}")
    allow(serving, "audit_head", "select", using="true")
    allow(serving, "audit_head", "update", columns="n, hash", using="true", check="true")
    mine = f"device = {_MY_DEVICE}"
    allow(serving, "anchor", "select", using=f"{mine} or {auditor}")
    allow(serving, "anchor", "insert", check=mine)
