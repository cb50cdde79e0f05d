"""From any released form of the record to the newest one, always after a backup that was opened and checked.

Decision: a new record runs through the same steps as an old one, so that there is one way to make the tables; a
snapshot test shows every change of it in review. Going back is refused: an older program does not know what a newer one
wrote.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Final

from visitapp.domain.clock import Clock
from visitapp.store import backup
from visitapp.store.connection import connect, translated
from visitapp.store.problems import RecordDamaged, RecordTooNew

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

NEWEST: Final = "0001"
KNOWN: Final = ("0001",)
"""Every revision in order. The newest is a constant so that opening a record costs one SELECT."""


SCRIPTS = Path(__file__).parent


def revision(path: Path, key: bytes) -> str:
    """The revision a record is at, "" before the first step."""
    with translated(RecordDamaged):
        raw = connect(path, key)
        try:
            found = raw.execute("SELECT name FROM sqlite_master WHERE name = 'alembic_version'").fetchone()
            row = raw.execute("SELECT version_num FROM alembic_version").fetchone() if found else None
        finally:
            raw.close()
    return str(row[0]) if row else ""


def build(path: Path, key: bytes) -> None:
    """Make the tables of a new record."""
    _upgrade(path, key)


def bring_up_to_date(path: Path, key: bytes, clock: Clock, *, counts: bool = True) -> None:
    """Upgrade an older record after a checked backup. Raises RecordTooNew for one from the future, RecordDamaged,
    BackupFailed.

    The upgrade counts as a commit, so that pages changed by it are not taken for pages put back; not in a record that
    was put back itself, which must stay behind its anchors.
    """
    found = revision(path, key)
    if found == NEWEST:
        return
    if found and found not in KNOWN:
        raise RecordTooNew(found)
    if found:
        backup.copy(path, key, clock)
    _upgrade(path, key, counts=counts)


def _upgrade(path: Path, key: bytes, *, counts: bool = False) -> None:
    # Loaded when there is a step to take: most openings need neither library.
    import sqlcipher3.dbapi2 as cipher
    from alembic import command
    from alembic.config import Config
    from sqlalchemy import create_engine
    from sqlalchemy.pool import StaticPool

    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    engine = create_engine(
        "sqlite://", module=cipher, creator=lambda: connect(path, key), poolclass=StaticPool, hide_parameters=True
    )
    try:
        with translated(), engine.connect() as connection:
            _run(connection, config, command.upgrade, counts=counts)
    finally:
        engine.dispose()


def _run(connection: "Connection", config: object, upgrade: object, *, counts: bool) -> None:
    # One transaction around all steps: a crash leaves the old form, never half of the new one.
    connection.exec_driver_sql("BEGIN IMMEDIATE")
    config.attributes["connection"] = connection  # type: ignore[attr-defined]
    upgrade(config, "head")  # type: ignore[operator]
    if counts:
        connection.exec_driver_sql("UPDATE meta SET value = CAST(value AS INTEGER) + 1 WHERE key = 'commits'")
    connection.commit()
