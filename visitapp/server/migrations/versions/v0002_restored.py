"""Records that come back after a restore: who handed them in beside who wrote them, and whose keys prove it."""

from alembic import context, op

from visitapp.server.migrations.walls import allow

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_ME = "(select current_setting('visitapp.user', true))"
_MY_TEAM = "(select current_setting('visitapp.team', true))"
_MY_DEVICE = "(select current_setting('visitapp.device', true))"
_GRACE = "(select coalesce(nullif(current_setting('visitapp.grace', true), ''), '0')::interval)"
_MINE = f"""scope = any(array(select a.scope from assignment a where a.user_id = {_ME}
  and a.from_at <= now() and coalesce(a.until_at, 'infinity') > now() - {_GRACE}))"""  # noqa: S608 - constants only
_BY_ME = f"{_MINE} and via = {_ME} and (author = {_ME} or restored)"


def upgrade() -> None:
    """Adds the two columns and lets a record keep its author when someone else brings it back."""
    serving = context.config.attributes["serving_role"]
    for table in ("rec", "hist"):
        op.execute(f"alter table {table} add column via text not null default ''")
        op.execute(f"alter table {table} add column restored boolean not null default false")
    op.execute("drop policy serving_insert on rec")
    op.execute("drop policy serving_update on rec")
    op.execute("drop policy serving_select on device")
    allow(serving, "rec", "insert", check=_BY_ME)
    columns = "kind, seq, rev, h, del, author, device, op, at_ms, recv_ms, late, via, restored, body"
    allow(serving, "rec", "update", columns=columns, using=_MINE, check=_BY_ME)
    colleagues = f"user_id = any(array(select id from member where team = {_MY_TEAM}))"  # noqa: S608 - constants only
    allow(serving, "device", "select", using=f"id = {_MY_DEVICE} or {colleagues}")
