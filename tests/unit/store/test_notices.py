"""What the service told about families: one that has gone is told until it was read, a cover until it is over."""

from datetime import timedelta

import pytest

from tests.kit.desks import MONDAY, a_desk
from visitapp.domain.bodies import dump
from visitapp.domain.clock import iso
from visitapp.store.acknowledged import Acknowledged, put_rows
from visitapp.store.notices import covers, families_gone, note_seen


@pytest.fixture
def desk(tmp_path):
    made = a_desk(tmp_path)
    yield made
    made.record.close()


def notice(desk, body):
    id_ = desk.ids()
    with desk.record.writing() as w:
        put_rows(w, [Acknowledged(desk.drafts_scope, id_, "notice", 1, False, "", 0, dump(body))])
    return id_


def test_a_family_that_has_gone_is_told_until_it_was_read(desk):
    first = notice(desk, {"about": "family_gone", "to_name": "Ruth Bell", "notes": 2, "drafts": 1, "at": iso(MONDAY)})
    notice(desk, {"about": "family_gone", "to_name": "Amy Cole", "notes": "many", "at": "never"})
    with desk.record.reading() as r:
        assert [(row.to_name, row.notes, row.drafts) for row in families_gone(r)] == [("Ruth Bell", 2, 1), ("Amy Cole", 0, 0)]
    with desk.record.writing() as w:
        note_seen(w, first)
    with desk.record.reading() as r:
        assert [row.to_name for row in families_gone(r)] == ["Amy Cole"]


def test_a_cover_is_told_until_it_is_over(desk):
    notice(desk, {"about": "cover", "family": "f1", "for_name": "Ruth Bell", "until": iso(MONDAY + timedelta(days=9))})
    with desk.record.reading() as r:
        [row] = covers(r, MONDAY)
        assert (row.family, row.for_name) == ("f1", "Ruth Bell")
        assert covers(r, MONDAY + timedelta(days=10)) == ()
