"""Devices whose id was in use twice: how far each has counted its requests, and which device another one came from."""

from alembic import context, op

from visitapp.server.migrations.walls import allow, wall

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_MY_DEVICE = "(select current_setting('visitapp.device', true))"


def upgrade() -> None:
    """Adds the counters and the origin of a device.

    The counters are not logged: they change with every request, and all that a crash costs is noticing a doubled device later.
    """
    serving = context.config.attributes["serving_role"]
    op.execute("alter table device add column origin text not null default ''")
    op.execute("create unlogged table counter(device text primary key, n bigint not null)")
    wall("counter")
    mine = f"device = {_MY_DEVICE}"
    allow(serving, "counter", "select", using=mine)
    allow(serving, "counter", "insert", check=mine)
    allow(serving, "counter", "update", columns="n", using=mine, check=mine)
