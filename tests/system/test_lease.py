"""How long a laptop may do without its service, with the real service signing, a record that keeps it and the doors that judge (S8)."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.kit.custody import KeptLaptop, administered, begin_family, kept, refused
from tests.kit.service import ServiceKit
from visitapp.actions.caseload import caseload, family_view, find, today_view
from visitapp.actions.leases import held_lease, take_lease
from visitapp.actions.offline import families_named, offline_view, standing_of
from visitapp.actions.reading import read_visit
from visitapp.actions.session import Desk
from visitapp.actions.visits import open_draft, save_answers, start_visit
from visitapp.domain.ids import FamilyId
from visitapp.server.admin import custody
from visitapp.server.admin.people import NotPossible, set_active
from visitapp.sync.problems import DeviceBlocked
from visitapp.vault.lease import Leave
from visitapp.vault.problems import LeaseOver, LeaseRefused

__all__ = ["kept"]
Make = Callable[..., KeptLaptop]
DAY = timedelta(days=1)


def later(laptop: KeptLaptop, days: float) -> Desk:
    """The desk after unlocking with the clock so many days on, without any network meanwhile."""
    laptop.lock()
    laptop.clock.off_by = days * DAY
    return laptop.unlock().desk


def lease_of(laptop: KeptLaptop) -> tuple[int, int]:
    with laptop.here.record.reading() as r:
        held = held_lease(r)
    assert held is not None
    return held.epoch, (held.expires_ms - held.issued_ms) // 86_400_000


def test_the_first_exchange_brings_a_lease_of_fourteen_days(kept: Make) -> None:
    laptop = kept()
    assert laptop.sync().complete
    assert lease_of(laptop) == (1, 14)
    assert standing_of(laptop.here.desk).leave is Leave.FREE


def test_a_fresh_lease_is_not_sent_again_and_an_old_one_is(service: ServiceKit, kept: Make) -> None:
    laptop = kept()
    laptop.sync()
    with laptop.here.record.reading() as r:
        first = r.meta("lease")
    laptop.sync()
    with laptop.here.record.reading() as r:
        assert r.meta("lease") == first
    with laptop.here.record.writing() as w:
        w.meta_set("lease", "")
    laptop.sync()
    with laptop.here.record.reading() as r:
        assert r.meta("lease") not in ("", first)


@pytest.mark.parametrize(
    ("days", "leave"),
    [
        pytest.param(9.9, Leave.FREE, marks=pytest.mark.hunt),
        (10.1, Leave.WARN),
        pytest.param(13.9, Leave.WARN, marks=pytest.mark.hunt),
        (14.1, Leave.WRITE_ONLY),
        pytest.param(20.9, Leave.WRITE_ONLY, marks=pytest.mark.hunt),
        (21.1, Leave.SEALED),
    ],
)
def test_what_is_left_after_so_many_days(kept: Make, days: float, leave: Leave) -> None:
    laptop = kept()
    family = begin_family(laptop.here.record, "Okafor")
    laptop.sync()
    desk = later(laptop, days)
    assert desk.leave is leave
    asked = (
        lambda: caseload(desk),
        lambda: today_view(desk),
        lambda: family_view(desk, FamilyId(family)),
        lambda: find(desk, "Oka"),
    )
    for ask in asked:
        if leave in (Leave.FREE, Leave.WARN):
            ask()
        else:
            assert refused(ask) == LeaseOver(may_write=leave is Leave.WRITE_ONLY)


def test_in_the_week_after_a_visit_is_written_by_the_familys_whole_name_and_ones_own_is_read(kept: Make) -> None:
    laptop = kept()
    begin_family(laptop.here.record, "Okafor")
    laptop.sync()
    desk = later(laptop, 15)
    assert families_named(desk, "Oka") == ()
    found = families_named(desk, " okafor ")
    assert [each.name for each in found] == ["Okafor"]
    visit = start_visit(desk, found[0].family)
    save_answers(desk, visit, {})
    view = offline_view(desk)
    assert [(work.visit, work.is_signed) for work in view.work] == [(visit, False)]
    # Nothing of it is lost when the week ends: it is closed, and sent by the next exchange.
    desk = later(laptop, 22)
    assert isinstance(refused(lambda: open_draft(desk, visit)), LeaseOver)
    assert isinstance(refused(lambda: families_named(desk, "Okafor")), LeaseOver)
    laptop.clock.off_by = timedelta()
    assert laptop.sync().complete
    laptop.lock()
    assert open_draft(laptop.unlock().desk, visit).visit == visit


def test_an_exchange_gives_everything_back_to_a_clock_that_was_right(service: ServiceKit, kept: Make) -> None:
    laptop = kept()
    begin_family(laptop.here.record, "Okafor")
    laptop.sync()
    assert later(laptop, 16).leave is Leave.WRITE_ONLY
    laptop.clock.off_by = timedelta()
    assert laptop.sync().complete
    laptop.lock()
    assert [row.name for row in caseload(laptop.unlock().desk)] == ["Okafor"]


def test_a_clock_that_is_set_back_gains_nothing(kept: Make) -> None:
    laptop = kept()
    laptop.sync()
    assert later(laptop, 15).leave is Leave.WRITE_ONLY
    desk = later(laptop, 1)
    assert desk.leave is Leave.WRITE_ONLY
    assert standing_of(desk).set_back


def test_the_policy_decides_how_long_and_a_new_one_ends_the_old(service: ServiceKit, kept: Make) -> None:
    for days in (0, 91):
        with pytest.raises(NotPossible):
            administered(service, custody.set_lease, days)
    administered(service, custody.set_lease, 3)
    laptop = kept()
    laptop.sync()
    assert lease_of(laptop) == (2, 3)
    assert later(laptop, 3.5).leave is Leave.WRITE_ONLY


def test_whose_account_is_closed_gets_no_more_leases(service: ServiceKit, kept: Make) -> None:
    laptop = kept()
    laptop.sync()
    administered(service, set_active, laptop.user, False)
    with laptop.here.record.writing() as w:
        w.meta_set("lease_before", w.meta("lease"))
    assert isinstance(laptop.sync().problem, DeviceBlocked)
    with laptop.here.record.reading() as r:
        assert r.meta("lease") == r.meta("lease_before")
    assert later(laptop, 15).leave is Leave.WRITE_ONLY


def test_the_lease_of_another_laptop_and_a_forged_one_are_refused(kept: Make) -> None:
    mine, other = kept(), kept()
    mine.sync()
    other.sync()
    with other.here.record.reading() as r:
        theirs = r.meta("lease")
    for text in (theirs, theirs[:-6] + "AAAAAA", "x.y"):
        assert isinstance(refused(lambda text=text: take_lease(mine.here.record, text)), LeaseRefused)


def test_a_lease_put_forward_again_after_a_newer_one_changes_nothing(kept: Make) -> None:
    laptop = kept()
    laptop.sync()
    with laptop.here.record.reading() as r:
        first, held = r.meta("lease"), held_lease(r)
    with laptop.here.record.writing() as w:
        w.meta_set("lease", "")
    laptop.sync()
    assert held is not None
    taken = take_lease(laptop.here.record, first)
    assert taken.issued_ms > held.issued_ms


def test_reading_ones_own_unsent_note_goes_on(kept: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    from visitapp.domain.bodies import sha256
    from visitapp.domain.clock import iso
    from visitapp.domain.ids import Ids, VisitId
    from visitapp.domain.visits import sealed

    laptop = kept()
    family = begin_family(laptop.here.record, "Okafor")
    laptop.sync()
    desk = later(laptop, 15)
    visit, part, now = Ids(laptop.clock)(), Ids(laptop.clock)(), iso(laptop.clock.now())
    with desk.record.writing() as w:
        answers = [{"linkId": "story", "answer": [{"valueString": "slept"}]}]
        body = {
            "visit": visit,
            "section": "narrative",
            "questionnaire": "q|1",
            "subject": {"kind": "family", "id": family},
            "answers": answers,
        }
        raw = w.put(f"f:{family}", "part", part, {**body, "restricted": False}, group=visit)
        listed = [{"id": part, "section": "narrative", "subject": body["subject"], "sha256": sha256(raw), "restricted": False}]
        told = {"visit": visit, "family": family, "author": laptop.user, "author_name": "N", "started_at": now, "signed_at": now}
        told |= {"outcome": "completed", "flags": [], "summary": "slept", "device": desk.device, "parts": listed}
        w.put(f"f:{family}", "visit", visit, sealed(told, desk.sign), group=visit, type="sign")
    assert read_visit(desk, VisitId(visit)).family == family
    with desk.record.writing() as w:
        w.connection.exec_driver_sql("UPDATE visit SET received_ms = 1")
    assert isinstance(refused(lambda: read_visit(desk, VisitId(visit))), LeaseOver)
