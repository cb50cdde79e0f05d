"""The head of a laptop's audit at the service: left after each exchange that moved it, and what shows when the log was cut."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.kit.laptops import SyncedLaptop, lost
from tests.kit.service import ServiceKit
from visitapp.server.anchors import of_device
from visitapp.server.database import administering
from visitapp.store import audit
from visitapp.sync.anchoring import leave_anchor


@pytest.fixture
def laptop(service: ServiceKit, tmp_path: Path) -> Iterator[SyncedLaptop]:
    made = SyncedLaptop(service, service.user(service.team()), tmp_path)
    made.level()
    yield made
    made.close()


def heads(service: ServiceKit, laptop: SyncedLaptop) -> list[tuple[int, bytes]]:
    with administering(service.owner) as connection:
        return [(anchor.n, anchor.head) for anchor in of_device(connection, laptop.device)]


def look(laptop: SyncedLaptop, times: int = 1) -> None:
    for _ in range(times):
        with laptop.record.writing() as w:
            w.audit("viewed", family="018f0000-0000-7000-8000-000000000001")


def test_a_head_is_left_when_it_moved_and_only_then(service: ServiceKit, laptop: SyncedLaptop) -> None:
    look(laptop, 3)
    before = laptop.client.traffic.requests
    assert leave_anchor(laptop.record, laptop.client)
    head = laptop.ask(audit.head)
    assert heads(service, laptop) == [(head.seq, head.hash)]
    assert leave_anchor(laptop.record, laptop.client)
    assert laptop.client.traffic.requests == before + 1, "nothing is asked where nothing moved"
    look(laptop)
    assert leave_anchor(laptop.record, laptop.client)
    assert [n for n, _ in heads(service, laptop)] == [head.seq, head.seq + 1]


def test_a_log_cut_short_is_noticed_and_said_once(service: ServiceKit, laptop: SyncedLaptop) -> None:
    look(laptop, 6)
    leave_anchor(laptop.record, laptop.client)
    full = laptop.ask(audit.head).seq
    with laptop.record.writing() as w:
        for trigger in w.connection.execute(
            text("select name from sqlite_master where type = 'trigger' and tbl_name = 'audit'")
        ).all():
            w.connection.execute(text(f"drop trigger {trigger.name}"))
        w.connection.execute(text("delete from audit where seq > :kept"), {"kept": full - 4})
    assert not leave_anchor(laptop.record, laptop.client)
    assert not leave_anchor(laptop.record, laptop.client), "its own word about it moved the head"
    said = [link.entry for link in laptop.ask(audit.links) if link.entry["do"] == "audit-behind"]
    assert [(entry["here"], entry["known"]) for entry in said] == [(full - 4, full)]
    with administering(service.owner) as connection:
        from visitapp.server import audit as kept

        told = [(entry.what, entry.about) for entry in kept.entries(connection)]
    assert told == [("laptop's audit behind", laptop.device)] * 2


def test_a_line_that_breaks_leaves_it_for_the_next_time(service: ServiceKit, laptop: SyncedLaptop) -> None:
    look(laptop)
    laptop.line.before = lost
    assert leave_anchor(laptop.record, laptop.client)
    assert heads(service, laptop) == []
    laptop.line.restore()
    assert leave_anchor(laptop.record, laptop.client)
    assert len(heads(service, laptop)) == 1
