# ruff: noqa: F811 - a fixture is imported and then asked for by its name
"""The server is put back to an older state: what it lost comes back from the laptops, and nobody throws anything away."""

from typing import Any

import pytest
from sqlalchemy import text

from tests.kit.laptops import MakeLaptop, laptop, team  # noqa: F401
from tests.kit.postgres import databases, postgres, service  # noqa: F401
from tests.kit.service import ServiceKit
from visitapp.server.database import administering
from visitapp.store.incoming import lost_scopes
from visitapp.store.outbox import outbox_rows, receipts
from visitapp.store.people import families
from visitapp.store.visits import visit, visits

TABLES = ("scope", "rec", "receipt", "hist", "assignment")


class Backup:
    """What the server's tables held at one moment."""

    def __init__(self, service: ServiceKit) -> None:
        self.service = service
        self._run(*(f"create table saved_{table} as table {table}" for table in TABLES))

    def restore(self, *, new_epoch: bool) -> None:
        """Put the tables back."""
        self._run(*(f"delete from {table}" for table in reversed(TABLES)))
        self._run(*(f"insert into {table} overriding system value select * from saved_{table}" for table in TABLES))
        if new_epoch:
            self._run("update epoch set id = gen_random_uuid()::text")

    def _run(self, *statements: str) -> None:
        with administering(self.service.owner) as connection:
            for statement in statements:
                connection.execute(text(statement))


@pytest.mark.parametrize("new_epoch", [True, False])
def test_notes_the_server_lost_come_back_under_their_old_names(laptop: MakeLaptop, service: ServiceKit, new_epoch: bool) -> None:
    supervisor, nurse = laptop("supervisor"), laptop()
    family = nurse.begin_family()
    old = nurse.sign(family, "before the backup")
    nurse.level()
    saved = Backup(service)
    lost = [nurse.sign(family, f"after the backup {turn}") for turn in range(5)]
    nurse.level()
    names = {row.op for row in nurse.ask(receipts)}

    saved.restore(new_epoch=new_epoch)
    nurse.level()
    nurse.level()
    supervisor.level()

    assert {row.id for row in supervisor.ask(visits, family)} == {old, *lost}
    assert {row.id for row in nurse.ask(visits, family)} == {old, *lost}
    assert supervisor.ask(visit, lost[0]).hash == nurse.ask(visit, lost[0]).hash
    assert not nurse.ask(outbox_rows)
    assert {row[0] for row in service.sql("select op from rec where kind = 'visit'")} <= names


def test_another_laptop_that_wrote_first_hides_nothing(laptop: MakeLaptop, service: ServiceKit) -> None:
    nurse = laptop()
    family = nurse.begin_family()
    nurse.level()
    saved = Backup(service)
    lost = nurse.sign(family, "after the backup")
    nurse.level()
    saved.restore(new_epoch=False)
    second = laptop(user=nurse.user)
    second.level()
    others = [second.sign(family, f"by the second {turn}") for turn in range(4)]
    second.level()

    nurse.level()
    nurse.level()
    second.level()
    assert {row.id for row in second.ask(visits, family)} == {lost, *others}
    assert {row.id for row in nurse.ask(visits, family)} == {lost, *others}


def test_family_the_restored_server_does_not_know_is_not_purged(laptop: MakeLaptop, service: ServiceKit) -> None:
    nurse = laptop()
    kept = nurse.begin_family("Evans")
    nurse.level()
    saved = Backup(service)
    family = nurse.begin_family("Okafor")
    nurse.sign(family, "after the backup")
    nurse.level()
    saved.restore(new_epoch=True)

    results: list[Any] = [nurse.level() for _ in range(3)]
    assert not any(result.purged for result in results)
    assert {row.id for row in nurse.ask(families)} == {family, kept}
    assert len(nurse.ask(visits, family)) == 1
    assert nurse.ask(lost_scopes) == ()
