# ruff: noqa: F811 - a fixture is imported and then asked for by its name
"""A family changes hands: the new nurse has everything, the old laptop holds nothing afterwards, and no work is lost on the way."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from tests.kit.laptops import MakeLaptop, SyncedLaptop, laptop, team  # noqa: F401
from tests.kit.postgres import databases, postgres, service  # noqa: F401
from tests.kit.service import ServiceKit
from visitapp.store import backup
from visitapp.store.incoming import cursors, lost_scopes
from visitapp.store.outbox import outbox_rows, sync_counts
from visitapp.store.people import families
from visitapp.store.reading import Reading
from visitapp.store.search import find_families, search_notes
from visitapp.store.visits import visits
from visitapp.sync.exchange import run_exchange

CANARY = "quince-marmalade"
HandedOver = tuple[SyncedLaptop, SyncedLaptop, str]


def rows_about(r: Reading, family: str, words: str) -> list[str]:
    """The tables in which anything of a family is left; the audit's ids and the receipts of her own changes don't count."""
    found = []
    tables = [row.name for row in r.all(text("SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE '%VIRTUAL%'"))]
    for table in tables:
        if table in ("audit", "receipt", "sync_log", "meta") or table.startswith(("word_", "sqlite_")):
            continue
        for row in r.all(text(f"SELECT * FROM {table}")):
            held = " ".join(bytes(v).decode("utf-8", "replace") if isinstance(v, bytes) else str(v) for v in row)
            if family in held or words in held:
                found.append(table)
                break
    return found


def index_pages(r: Reading) -> list[Any]:
    """The pages of the word index as they lie in the file."""
    return list(r.all(text("SELECT block FROM word_data")))


@pytest.fixture
def handed_over(laptop: MakeLaptop, service: ServiceKit) -> HandedOver:
    """Two nurses; the first has a family with a visit, and it is then given to the second."""
    first, second = laptop(), laptop()
    family = first.begin_family("Okafor", note=CANARY)
    first.sign(family, f"{CANARY} visit", restricted=f"{CANARY} secret")
    first.level()
    now = datetime.now(UTC)
    service.assign(family, second.user)
    service.assign(family, first.user, until_at=now - timedelta(seconds=1))
    return first, second, family


def test_new_nurse_has_everything_and_the_old_laptop_nothing(handed_over: HandedOver) -> None:
    first, second, family = handed_over
    backup.back_up(first.record)
    assert first.level().purged
    second.level()

    assert [row.id for row in second.ask(families)] == [family]
    assert len(second.ask(visits, family)) == 1
    assert second.ask(search_notes, "secret")
    assert not first.ask(families)
    assert not first.ask(find_families, "okafor")
    assert not first.ask(search_notes, CANARY)
    assert first.ask(rows_about, family, CANARY) == []
    assert not any(b"quince" in bytes(row.block) for row in first.ask(index_pages))
    assert f"f:{family}" not in {cursor.scope for cursor in first.ask(cursors)}
    assert len(backup.backups(first.record.path)) == 1
    first.record.close()
    second.record.close()


def test_visit_signed_before_the_loss_was_known_arrives_as_late(handed_over: HandedOver, service: ServiceKit) -> None:
    first, second, family = handed_over
    service.sql("update assignment set until_at = now() + interval '2 seconds' where user_id = :u returning scope", u=first.user)
    signed = first.sign(family, "the last visit")
    service.sql("select pg_sleep(2.1)")
    first.level()
    second.level()
    assert signed in {row.id for row in second.ask(visits, family)}
    assert not first.ask(outbox_rows)
    assert first.ask(rows_about, family, "the last visit") == []


def test_visit_signed_after_the_loss_is_held_for_a_person_and_keeps_its_bytes(handed_over: HandedOver, service: ServiceKit) -> None:
    first, second, family = handed_over
    first.sign(family, "too late by a day")
    first.level()
    second.level()
    assert len(second.ask(visits, family)) == 1
    assert {row.state for row in first.ask(outbox_rows)} == {"held"}
    assert first.ask(sync_counts).unsent == 0
    assert first.ask(rows_about, family, "too late by a day") == ["outbox"]
    assert {row[0] for row in service.sql("select why from held")} == {"assignment"}


def test_family_in_somebodys_hands_is_purged_only_when_she_has_left_it(handed_over: HandedOver) -> None:
    first, _, family = handed_over
    result = run_exchange(first.record, first.client, user=first.user, may_purge=lambda id_: id_ != family)
    assert result.complete
    assert not result.purged
    assert [row.leaving for row in first.ask(families)] == [True]
    assert first.level().purged == tuple(sorted((f"f:{family}", f"r:{family}")))
    assert first.ask(lost_scopes) == ()


def test_family_that_comes_back_is_pulled_from_the_start(handed_over: HandedOver, service: ServiceKit) -> None:
    first, second, family = handed_over
    first.level()
    second.level()
    second.sign(family, "meanwhile")
    second.level()
    service.assign(family, first.user)
    first.level()
    assert {row.summary for row in first.ask(visits, family)} == {f"{CANARY} visit", "meanwhile"}
    assert first.ask(search_notes, "meanwhile")
