"""What may still be done when the leave to work without the service is over: one's own unsent work, and a new visit.

The caseload that came from the service stays closed; a family can be visited by whoever knows its name already.
"""

from dataclasses import dataclass
from datetime import datetime

from visitapp.actions.leases import lease_standing
from visitapp.actions.session import Desk
from visitapp.domain.ids import FamilyId, VisitId
from visitapp.domain.people import Role
from visitapp.store.people import families
from visitapp.store.visits import drafts, unsent
from visitapp.vault.lease import Standing


@dataclass(frozen=True)
class OwnWork:
    """A visit that this person is writing, or has signed and not sent."""

    visit: VisitId
    family_name: str
    at: datetime
    is_signed: bool


@dataclass(frozen=True)
class OfflineView:
    """What the page shows while the caseload is closed."""

    standing: Standing
    last_sync_at: datetime | None
    work: tuple[OwnWork, ...]


@dataclass(frozen=True)
class Named:
    """A family found by its whole name."""

    family: FamilyId
    name: str
    mother: str


def standing_of(desk: Desk) -> Standing:
    """Judge the lease now."""
    return lease_standing(desk.record)


def offline_view(desk: Desk) -> OfflineView:
    """Gather what this person wrote here and has not sent, newest first."""
    standing = lease_standing(desk.record)
    with desk.record.reading() as r:
        last = r.meta("last_sync_ms")
        mine = [
            OwnWork(VisitId(row.visit), row.family_name, row.started_at, is_signed=False)
            for row in drafts(r)
            if row.author == desk.user.user
        ]
        mine += [
            OwnWork(VisitId(row.id), name, row.started_at, is_signed=True)
            for row, name in unsent(r)
            if row.author == desk.user.user
        ]
    mine.sort(key=lambda work: work.at, reverse=True)
    return OfflineView(standing, datetime.fromtimestamp(int(last) / 1000).astimezone() if last else None, tuple(mine))


def families_named(desk: Desk, name: str) -> tuple[Named, ...]:
    """The families that go by exactly this name: who knows a name learns no other. Raises LeaseOver once nothing may be written."""
    desk.must_write()
    wanted = " ".join(name.split()).casefold()
    with desk.record.reading() as r:
        found = [row for row in families(r) if wanted and row.name.casefold() == wanted]
    return tuple(Named(FamilyId(row.id), row.name, _mother(row)) for row in found)


def _mother(row: object) -> str:
    people = getattr(row, "people", ())
    return next((person.known_as or person.given_name for person in people if person.role == Role.MOTHER), "")
