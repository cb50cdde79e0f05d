"""Custody of laptops: orders to wipe and what became of them, keys in escrow, the policy of leases, and a log of all of it."""

from alembic import context, op

from visitapp.server.migrations.walls import allow, wall

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_ME = "(select current_setting('visitapp.user', true))"
_MY_DEVICE = "(select current_setting('visitapp.device', true))"

_TABLES = """
create table wipe_order(
  id text primary key, device text not null, issued_ms bigint not null, by_first text not null default '',
  by_second text not null default '', wants_now boolean not null default false, receipt text not null default '',
  unsent text not null default '', count integer not null default 0, sealed bytea not null default ''::bytea,
  received_at timestamptz);
create index wipe_order_device on wipe_order(device, issued_ms);
create table escrow(
  device text not null, vault text not null, epoch integer not null, user_id text not null, sealed_to bytea not null,
  about bytea not null, sealed bytea not null, kept_at timestamptz not null default now(), primary key(device, vault, epoch));
create table custody_policy(
  id integer primary key, lease_days integer not null, epoch integer not null, recovery_key bytea not null);
insert into custody_policy(id, lease_days, epoch, recovery_key) values (1, 14, 1, ''::bytea);
create table custody_log(
  id text primary key, at timestamptz not null default now(), what text not null, user_id text not null default '',
  device text not null default '', by_first text not null default '', by_second text not null default '');
"""


def upgrade() -> None:
    """Adds the four tables; a laptop reaches its own rows only, and nothing of what is sealed comes back to it."""
    serving = context.config.attributes["serving_role"]
    for statement in _TABLES.strip().split(";\n"):
        op.execute(statement.rstrip(";\n"))
    for name in ("wipe_order", "escrow", "custody_policy", "custody_log"):
        wall(name)
    mine = f"device = {_MY_DEVICE}"
    allow(serving, "wipe_order", "select", using=mine)
    allow(serving, "wipe_order", "update", columns="receipt, unsent, count, sealed, received_at", using=mine, check=mine)
    allow(serving, "escrow", "select", using=mine)
    allow(serving, "escrow", "insert", check=f"{mine} and user_id = {_ME}")
    allow(serving, "custody_policy", "select", using=f"{_MY_DEVICE} <> ''")
    allow(serving, "custody_log", "select", using=f"user_id = {_ME}")
    allow(serving, "custody_log", "insert", check=f"user_id = {_ME} and {mine}")
