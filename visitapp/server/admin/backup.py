"""Backup and restore: every table as PostgreSQL's own binary copy in one zip, taken from one snapshot."""

import json
import os
import zipfile
from pathlib import Path
from typing import Any, Final

from psycopg import sql
from sqlalchemy import Connection, Engine, text

from visitapp.server import audit
from visitapp.server.admin.people import NotPossible
from visitapp.server.database import administering, driver_of
from visitapp.server.embedded import write_private
from visitapp.server.ids import new_id
from visitapp.server.tables import metadata

_LEFT_OUT: Final = frozenset({"nonce", "counter", "web_session"})
_KEPT: Final = tuple(table.name for table in metadata.sorted_tables if table.name not in _LEFT_OUT)
_CHUNK: Final = 1 << 20


def back_up(engine: Engine, target: Path, server_key: bytes) -> dict[str, int]:
    """Writes a backup readable by its owner only, whole or not at all; answers how many rows of each table it holds."""
    draft = target.with_name(target.name + ".new")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        with engine.connect() as connection:
            snapshot = connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            with snapshot.begin():
                snapshot.execute(text("select set_config('visitapp.purpose', 'administer', true)"))
                rows = {name: _copy_out(snapshot, name, archive) for name in _KEPT}
                told = {"format": 1, "schema": _revision(snapshot), "rows": rows}
        archive.writestr("server-key", server_key)
        archive.writestr("backup.json", json.dumps(told))
        archive.close()
        file.flush()
        os.fsync(file.fileno())
    draft.replace(target)
    return rows


def _copy_out(connection: Connection, table: str, archive: zipfile.ZipFile) -> int:
    # Under row-level security only a query can be copied, not a table; the owner sees all rows while administering.
    words = sql.SQL("copy (select {} from {}) to stdout (format binary)")
    with _cursor(connection) as cursor, archive.open(f"tables/{table}", "w", force_zip64=True) as member:
        with cursor.copy(words.format(_columns(table), sql.Identifier(table))) as copy:
            for block in copy:
                member.write(block)
        count: int = cursor.rowcount
    return count


def restore(engine: Engine, source: Path, folder: Path) -> dict[str, int]:
    """Replaces everything by what a backup holds, under a new epoch so that laptops notice; answers the rows of each table.

    Raises NotPossible if the file is no whole backup of this schema; nothing is changed then.
    """
    try:
        with zipfile.ZipFile(source) as archive:
            if archive.testzip() is not None:
                raise NotPossible("the file is damaged")
            told = json.loads(archive.read("backup.json"))
            key = archive.read("server-key")
            with administering(engine) as connection:
                if told.get("format") != 1 or told.get("schema") != _revision(connection):
                    raise NotPossible("the backup was made by another version of visitapp")
                lost = connection.execute(text("select n, hash from audit_head")).one()
                rows = {name: _copy_in(connection, name, archive) for name in _KEPT}
                if rows != told["rows"]:
                    raise NotPossible("the backup does not hold what it says")
                # Whoever holds a later head of the audit than this backup finds here why.
                audit.note(connection, audit.OPERATOR, "restored", told=f"{lost.n}:{bytes(lost.hash).hex()}")
                connection.execute(text("delete from counter"))
                connection.execute(text("delete from web_session"))
                connection.execute(text("delete from epoch"))
                connection.execute(text("insert into epoch(id) values (:id)"), {"id": new_id()})
    except (zipfile.BadZipFile, KeyError, ValueError):
        raise NotPossible("the file is no backup of visitapp") from None
    write_private(folder / "server-key", key)
    return rows


def _copy_in(connection: Connection, table: str, archive: zipfile.ZipFile) -> int:
    # COPY is refused under row-level security; inside this transaction alone the owner stands outside it.
    name = sql.Identifier(table)
    with _cursor(connection) as cursor, archive.open(f"tables/{table}") as member:
        cursor.execute(sql.SQL("alter table {} no force row level security").format(name))
        cursor.execute(sql.SQL("truncate {}").format(name))
        with cursor.copy(sql.SQL("copy {} ({}) from stdin (format binary)").format(name, _columns(table))) as copy:
            while block := member.read(_CHUNK):
                copy.write(block)
        count: int = cursor.rowcount
        cursor.execute(sql.SQL("alter table {} force row level security").format(name))
        if table == "assignment":
            cursor.execute(
                "select setval(pg_get_serial_sequence('assignment', 'n'), (select coalesce(max(n), 0) + 1 from assignment))"
            )
    return count


def _columns(table: str) -> sql.Composed:
    return sql.SQL(", ").join(sql.Identifier(column.name) for column in metadata.tables[table].columns)


def _cursor(connection: Connection) -> Any:
    return driver_of(connection).cursor()


def _revision(connection: Connection) -> str:
    found: str = connection.execute(text("select version_num from alembic_version")).scalar_one()
    return found
