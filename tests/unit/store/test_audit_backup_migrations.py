"""The audit chain, backups that are tried before they count, and steps from an older record to the newest."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import create_engine, inspect, text
from sqlalchemy.pool import StaticPool

from visitapp.domain.clock import FixedClock
from visitapp.domain.ids import Ids
from visitapp.store import audit, backup, migrations, tables
from visitapp.store.anchors import Anchor
from visitapp.store.connection import StoreError, connect
from visitapp.store.problems import BackupFailed, RecordRolledBack, RecordTooNew
from visitapp.store.record import Record

KEY = b"k" * 32
SNAPSHOT = Path(__file__).parents[2] / "data" / "record-schema.sql"


@pytest.fixture
def clock() -> FixedClock:
    """A clock that a test moves."""
    return FixedClock(datetime(2026, 11, 20, 10, tzinfo=UTC))


@pytest.fixture
def record(tmp_path: Path, clock: FixedClock) -> Iterator[Record]:
    """A new record with one family."""
    made = Record.create(tmp_path / "record.db", KEY, clock=clock)
    family = Ids(clock)()
    with made.writing() as w:
        w.put(f"f:{family}", "family", family, {"id": family, "name": "Marmaladewicz"})
    yield made
    made.close()


def test_chain_holds_and_its_head_moves(record: Record) -> None:
    for number in range(5):
        with record.writing() as w:
            w.audit("viewed", visit=f"v{number}")
    with record.reading() as r:
        assert audit.first_break(r) == 0
        assert audit.head(r).seq == 5
        assert audit.links(r)[4].entry["visit"] == "v4"
        assert audit.links(r)[4].entry["do"] == "viewed"


@pytest.mark.parametrize("statement", [
    "UPDATE audit SET entry = 'x' WHERE seq = 2", "DELETE FROM audit WHERE seq = 2", "DELETE FROM audit",
    "INSERT OR REPLACE INTO audit SELECT seq, prev, 'x', hash FROM audit WHERE seq = 2",
    "INSERT INTO audit SELECT 9, prev, entry, hash FROM audit WHERE seq = 2",
])  # fmt: skip
def test_audit_only_grows(record: Record, statement: str) -> None:
    with record.writing() as w:
        for number in range(3):
            w.audit("viewed", visit=f"v{number}")
    with pytest.raises(StoreError), record.writing() as w:
        w.connection.exec_driver_sql(statement)
    with record.reading() as r:
        assert audit.first_break(r) == 0


@pytest.mark.parametrize(("tamper", "broken"), [
    ("UPDATE audit SET entry = replace(entry, 'v1', 'v7') WHERE seq = 2", 2), ("DELETE FROM audit WHERE seq = 2", 2),
    ("UPDATE audit SET prev = zeroblob(32) WHERE seq = 3", 3), ("UPDATE audit SET seq = 9 WHERE seq = 3", 3),
])  # fmt: skip
def test_tampering_behind_our_back_is_found(record: Record, tamper: str, broken: int) -> None:
    with record.writing() as w:
        for number in range(3):
            w.audit("viewed", visit=f"v{number}")
        for trigger in ("audit_stays", "audit_grows", "audit_adds"):
            w.connection.exec_driver_sql(f"DROP TRIGGER {trigger}")
        w.connection.exec_driver_sql(tamper)
    with record.reading() as r:
        assert audit.first_break(r) == broken


def test_backup_opens_under_the_same_key_and_holds_everything(record: Record, clock: FixedClock, tmp_path: Path) -> None:
    made = backup.back_up(record)
    assert b"armalade" not in made.path.read_bytes()
    assert made.path.stat().st_mode & 0o77 == 0
    restored = tmp_path / "restored" / "record.db"
    restored.parent.mkdir()
    shutil.copy(made.path, restored)
    again = Record.open(restored, KEY, clock=clock)
    with again.reading() as r:
        assert r.one(text("SELECT name FROM family")) == ("Marmaladewicz",)
        assert r.number(text("SELECT count(*) FROM outbox")) == 1
    again.close()


def test_damaged_backup_is_refused(record: Record) -> None:
    made = backup.back_up(record)
    raw = bytearray(made.path.read_bytes())
    raw[len(raw) // 2] ^= 1
    made.path.write_bytes(raw)
    with pytest.raises(BackupFailed):
        backup.check(made.path, KEY)


def test_backups_are_thinned_to_three_and_one_a_day_for_a_week(record: Record, clock: FixedClock) -> None:
    for _ in range(20):
        backup.back_up(record)
        clock.move(timedelta(hours=9))
    ages = [clock.now() - made.made_at for made in backup.backups(record.path)]
    assert len(ages) <= 10
    assert ages == sorted(ages)
    assert max(ages) <= timedelta(days=9)
    clock.move(timedelta(days=60))
    backup.thin_out(record.path, clock)
    assert len(backup.backups(record.path)) == 1


def test_tables_are_what_the_migrations_make(record: Record) -> None:
    made = connect(record.path, KEY)
    live = {row[0]: " ".join(row[1].split()) for row in made.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL")}
    made.close()
    engine = create_engine("sqlite://", poolclass=StaticPool)
    tables.metadata.create_all(engine)
    with engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL").all()
        declared = {name: " ".join(sql.split()) for name, sql in rows}
        assert inspect(connection).get_table_names()
    engine.dispose()
    ours = {name: sql for name, sql in live.items() if not name.startswith(("word", "sqlite_", "alembic_", "audit_"))}
    assert ours == {name: sql for name, sql in declared.items() if not name.startswith("sqlite_")}


def test_schema_is_the_one_that_was_reviewed(record: Record) -> None:
    made = connect(record.path, KEY)
    rows = made.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY type, name").fetchall()
    made.close()
    schema = "\n".join(" ".join(row[0].split()) + ";" for row in rows) + "\n"
    assert schema == SNAPSHOT.read_text(encoding="utf-8"), f"the schema changed: review it, then write it to {SNAPSHOT}"


def test_record_from_a_newer_program_is_refused_and_left_alone(record: Record, clock: FixedClock) -> None:
    with record.writing() as w:
        w.connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    record.close()
    before = record.path.read_bytes()
    with pytest.raises(RecordTooNew):
        Record.open(record.path, KEY, clock=clock)
    assert record.path.read_bytes() == before


@pytest.fixture
def next_step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A later program with one step more; returns the step's file."""
    scripts = tmp_path / "scripts"
    shutil.copytree(migrations.SCRIPTS, scripts, ignore=shutil.ignore_patterns("__pycache__"))
    step = scripts / "versions" / "m0002_next.py"
    step.write_text(
        "from alembic import op\nrevision = '0002'\ndown_revision = '0001'\nbranch_labels = depends_on = None\n\n"
        "def upgrade() -> None:\n    op.get_bind().exec_driver_sql('CREATE TABLE later (id TEXT)')\n"
    )
    monkeypatch.setattr(migrations, "SCRIPTS", scripts)
    monkeypatch.setattr(migrations, "NEWEST", "0002")
    return step


def test_older_record_is_backed_up_and_then_brought_up_to_date(record: Record, clock: FixedClock, next_step: Path) -> None:
    record.close()
    again = Record.open(record.path, KEY, clock=clock)
    with again.reading() as r:
        assert r.number(text("SELECT count(*) FROM later")) == 0
        assert r.one(text("SELECT name FROM family")) == ("Marmaladewicz",)
    again.close()
    [made] = backup.backups(record.path)
    assert migrations.revision(made.path, KEY) == "0001"
    assert migrations.revision(record.path, KEY) == "0002"


def test_step_killed_just_after_it_is_not_taken_for_an_old_page(record: Record, clock: FixedClock, next_step: Path) -> None:
    anchor = record.anchor()
    record.close()
    for _ in range(2):
        again = Record.open(record.path, KEY, clock=clock, anchors=(anchor,))
        assert again.rolled_back is None
        again.close()


def test_record_that_was_put_back_stays_behind_its_anchor_through_a_step(
    record: Record, clock: FixedClock, next_step: Path
) -> None:
    anchor = record.anchor()
    record.close()
    ahead = Anchor(anchor.counter + 1, anchor.head)
    for _ in range(2):
        again = Record.open(record.path, KEY, clock=clock, anchors=(ahead,))
        assert again.rolled_back is not None
        with pytest.raises(RecordRolledBack):
            again.anchor()
        again.close()


def test_step_that_fails_leaves_the_old_form(record: Record, clock: FixedClock, next_step: Path) -> None:
    next_step.write_text(next_step.read_text() + "    op.get_bind().exec_driver_sql('INSERT INTO nowhere VALUES (1)')\n")
    record.close()
    with pytest.raises(StoreError):
        Record.open(record.path, KEY, clock=clock)
    assert migrations.revision(record.path, KEY) == "0001"
    raw = connect(record.path, KEY)
    assert raw.execute("SELECT count(*) FROM sqlite_master WHERE name = 'later'").fetchone() == (0,)
    assert raw.execute("SELECT name FROM family").fetchone() == ("Marmaladewicz",)
    raw.close()


def test_step_without_a_backup_is_not_taken(record: Record, clock: FixedClock, next_step: Path) -> None:
    record.close()
    backup.folder_of(record.path).touch()
    with pytest.raises(BackupFailed):
        Record.open(record.path, KEY, clock=clock)
    assert migrations.revision(record.path, KEY) == "0001"
