"""Opening a restricted section from the laptop: the real service opens it, a sync brings it, and it goes when the hour is over."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.kit.desks import shipped_library
from tests.kit.laptops import SyncedLaptop, laptop, team
from tests.kit.service import ServiceKit
from visitapp.actions import connecting
from visitapp.actions.caseload import family_view
from visitapp.actions.glass import close_what_is_over, open_restricted
from visitapp.actions.session import Desk, Profile
from visitapp.domain.ids import DeviceId, FamilyId, TeamId, UserId
from visitapp.domain.problems import CheckNeeded, TextNeeded
from visitapp.domain.review import UserRole
from visitapp.store.search import search_notes
from visitapp.store.sql import text
from visitapp.sync.problems import NotPermitted, ReasonTooShort, ServiceUnreachable
from visitapp.ui.family.opening import CHECK, OpenRestricted, kept_section

__all__ = ["laptop", "team"]
REASON = "Duty call: mother in A&E, nobody else reachable"
SECRET = "He broke the door on Sunday"
AUDIT = text("SELECT * FROM audit ORDER BY seq")
Make = Callable[..., SyncedLaptop]


def desk_of(laptop: SyncedLaptop, role: UserRole) -> Desk:
    user = Profile(UserId(laptop.user), "Sue Pemberton", role, "", TeamId("t"), "North")
    return Desk(laptop.record, laptop.clock, laptop.ids, user, DeviceId(laptop.device), laptop.key.sign, shipped_library(), ())


@pytest.fixture
def opened(service: ServiceKit, laptop: Make, team: str, monkeypatch: pytest.MonkeyPatch) -> tuple[SyncedLaptop, Desk, FamilyId]:
    """A supervisor's laptop that holds a family of her team, and not its restricted section."""
    nurse, supervisor = laptop("nurse"), laptop("supervisor")
    family = nurse.begin_family()
    nurse.sign(family, "We talked about sleep.", restricted=SECRET)
    nurse.level()
    supervisor.level()
    monkeypatch.setattr(connecting, "service_client", lambda record, clock: supervisor.connect())
    return supervisor, desk_of(supervisor, UserRole.SUPERVISOR), FamilyId(family)


def holds_secret(laptop: SyncedLaptop) -> bool:
    return bool(laptop.ask(search_notes, "broke the door"))


def test_what_was_opened_arrives_with_a_sync_and_goes_by_itself(opened: tuple[SyncedLaptop, Desk, FamilyId]) -> None:
    laptop, desk, family = opened
    access = family_view(desk, family).restricted
    assert (access.by_work, access.until) == (False, None)
    until = open_restricted(desk, family, REASON)
    assert until - desk.clock.now() <= timedelta(hours=1)
    laptop.level()
    assert holds_secret(laptop)
    assert family_view(desk, family).restricted.until == until.replace(microsecond=until.microsecond // 1000 * 1000)
    assert close_what_is_over(laptop.record, until - timedelta(minutes=1)) == ()
    assert holds_secret(laptop)
    # The laptop has no network when the hour is over.
    assert close_what_is_over(laptop.record, until) == (family,)
    assert not holds_secret(laptop)
    assert family_view(desk, family).restricted.until is None
    assert family_view(desk, family).visits, "what she holds by her work stays"
    assert close_what_is_over(laptop.record, until + timedelta(days=1)) == ()


def test_it_stands_in_this_laptops_audit_without_the_reason(opened: tuple[SyncedLaptop, Desk, FamilyId]) -> None:
    laptop, desk, family = opened
    close_what_is_over(laptop.record, open_restricted(desk, family, REASON))
    with laptop.record.reading() as r:
        written = [str(row) for row in r.connection.execute(AUDIT).all()]
    assert [action in line for line, action in zip(written[-2:], ("break-glass", "break-glass-over"), strict=True)] == [True, True]
    assert not any("Duty call" in line for line in written)


def test_nothing_opens_without_a_reason_a_service_or_leave(
    opened: tuple[SyncedLaptop, Desk, FamilyId], monkeypatch: pytest.MonkeyPatch
) -> None:
    laptop, desk, family = opened
    with pytest.raises(ReasonTooShort):
        open_restricted(desk, family, "because")
    with pytest.raises(NotPermitted):
        open_restricted(desk, FamilyId(laptop.ids()), REASON)
    monkeypatch.setattr(connecting, "service_client", lambda record, clock: None)
    with pytest.raises(ServiceUnreachable):
        open_restricted(desk, family, REASON)
    assert family_view(desk, family).restricted.until is None


def test_the_page_says_who_is_told_before_it_asks(opened: tuple[SyncedLaptop, Desk, FamilyId]) -> None:
    _, desk, family = opened
    page = OpenRestricted(desk)
    said = page.load(family).form.introduction
    for words in ("one hour", "safeguarding lead", "information governance auditor", "audit"):
        assert words in said
    with pytest.raises(TextNeeded):
        page.save(family, {"reason": " ", CHECK: True})
    with pytest.raises(CheckNeeded):
        page.save(family, {"reason": REASON, CHECK: False})
    assert page.save(family, {"reason": REASON, CHECK: True}) == family
    kept = kept_section(family_view(desk, family).restricted, desk.clock.now())
    assert kept is not None
    assert not kept.may_open
    assert "until" in kept.words


def test_who_holds_it_by_her_work_is_offered_nothing(service: ServiceKit, laptop: Make, team: str) -> None:
    nurse = laptop("nurse")
    family = FamilyId(nurse.begin_family())
    desk = desk_of(nurse, UserRole.NURSE)
    for _ in range(2):
        access = family_view(desk, family).restricted
        assert kept_section(access, desk.clock.now()) is None
        nurse.level()
    assert replace(access, by_work=False).until is None
