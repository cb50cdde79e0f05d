"""The row-level security that every table gets the moment it is made."""

from alembic import op


def wall(table: str) -> None:
    """Nobody sees or changes a row, not even the owner, unless a policy lets them; the owner only while administering."""
    op.execute(f"alter table {table} enable row level security")
    op.execute(f"alter table {table} force row level security")
    op.execute(f"revoke all on {table} from public")
    administering = "(select current_setting('visitapp.purpose', true)) = 'administer'"
    op.execute(f"create policy administration on {table} to current_user using ({administering}) with check ({administering})")


def allow(role: str, table: str, verb: str, *, columns: str = "", using: str = "", check: str = "") -> None:
    """Lets the serving role do one thing to the rows for which the conditions hold."""
    op.execute(f'grant {verb}{f"({columns})" if columns else ""} on {table} to "{role}"')
    conditions = (f" using ({using})" if using else "") + (f" with check ({check})" if check else "")
    op.execute(f'create policy serving_{verb} on {table} for {verb} to "{role}"{conditions}')
