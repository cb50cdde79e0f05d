# ruff: noqa: F811 - a fixture is imported and then asked for by its name
"""The server is put back to an older state: what it lost comes back from the laptops, and nobody throws anything away."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.kit.fleet import rows_of
from tests.kit.laptops import MakeLaptop, laptop, team  # noqa: F401
from tests.kit.postgres import databases, postgres, service  # noqa: F401
from tests.kit.service import ServiceKit
from visitapp.server.admin import backup
from visitapp.store.answers import parts
from visitapp.store.incoming import lost_scopes
from visitapp.store.outbox import outbox_rows, receipts
from visitapp.store.people import families
from visitapp.store.visits import visit, visits


class Backup:
    """The administrator's backup of the server at one moment."""

    def __init__(self, service: ServiceKit, folder: Path) -> None:
        self.service, self.path = service, folder / "night.zip"
        self.epoch = service.sql("select id from epoch")[0][0]
        backup.back_up(service.owner, self.path, b"k" * 32)

    def restore(self, *, new_epoch: bool) -> None:
        """Put the server back; a restore that somebody did by hand leaves the epoch as it was."""
        backup.restore(self.service.owner, self.path, self.path.parent)
        if not new_epoch:
            self.service.sql("update epoch set id = :id returning id", id=self.epoch)


@pytest.mark.parametrize("new_epoch", [True, False])
def test_notes_the_server_lost_come_back_under_their_old_names(
    laptop: MakeLaptop, service: ServiceKit, tmp_path: Path, new_epoch: bool
) -> None:
    supervisor, nurse = laptop("supervisor"), laptop()
    family = nurse.begin_family()
    old = nurse.sign(family, "before the backup")
    nurse.level()
    saved = Backup(service, tmp_path)
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


def test_another_laptop_that_wrote_first_hides_nothing(laptop: MakeLaptop, service: ServiceKit, tmp_path: Path) -> None:
    nurse = laptop()
    family = nurse.begin_family()
    nurse.level()
    saved = Backup(service, tmp_path)
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


def test_family_the_restored_server_forgot_is_begun_again_with_everything_in_it(
    laptop: MakeLaptop, service: ServiceKit, tmp_path: Path
) -> None:
    supervisor, nurse = laptop("supervisor"), laptop()
    kept = nurse.begin_family("Evans")
    nurse.level()
    saved = Backup(service, tmp_path)
    family = nurse.begin_family("Okafor")
    signed = nurse.sign(family, "after the backup", restricted="a secret")
    nurse.level()
    saved.restore(new_epoch=True)

    supervisor.level()
    results: list[Any] = [nurse.level() for _ in range(3)]
    assert not any(result.purged for result in results)
    assert {row.id for row in nurse.ask(families)} == {family, kept}
    assert not nurse.ask(outbox_rows)
    supervisor.level()
    assert supervisor.ask(visit, signed).hash == nurse.ask(visit, signed).hash
    second = laptop(user=nurse.user)
    second.level()
    assert len(second.ask(parts, signed)) == 2
    assert nurse.ask(lost_scopes) == ()


def test_family_the_restored_server_forgot_is_not_purged_from_a_readers_laptop(
    laptop: MakeLaptop, service: ServiceKit, tmp_path: Path
) -> None:
    supervisor, nurse = laptop("supervisor"), laptop()
    saved = Backup(service, tmp_path)
    family = nurse.begin_family("Okafor")
    nurse.level()
    supervisor.level()
    saved.restore(new_epoch=True)
    assert not supervisor.level().purged
    assert not supervisor.level().purged
    assert {row.id for row in supervisor.ask(families)} == {family}
    nurse.level()
    nurse.level()
    supervisor.level()
    assert [row.role for row in supervisor.ask(families)] == ["review"]


def test_family_given_away_before_the_server_was_put_back_leaves_the_old_laptop(
    laptop: MakeLaptop, service: ServiceKit, tmp_path: Path
) -> None:
    old, new = laptop(), laptop()
    old.begin_family("Evans")
    old.level()
    saved = Backup(service, tmp_path)
    family = old.begin_family("Okafor")
    signed = old.sign(family, "by the old nurse")
    old.level()
    service.assign(family, new.user)
    new.level()
    saved.restore(new_epoch=True)

    for _ in range(2):
        new.level()
    # The supervisor enters again that the old nurse had it once.
    service.assign(family, old.user, until_at=datetime.now(UTC) - timedelta(milliseconds=1))
    for _ in range(3):
        old.level()
    assert new.ask(visit, signed).family == family
    assert {row.state for row in old.ask(outbox_rows)} == {"held"}
    assert family not in {row.id for row in old.ask(families)}
    for table in ("rec", "edit", "part"):
        assert f"f:{family}" not in {row.scope for row in rows_of(old, table, "DISTINCT scope")}
