"""Opening the restricted section of a family with a reason, for an hour, and taking it away again when the hour is over.

Decision: the hour is the service's; this laptop keeps its end by its own clock and takes the section off by itself, so that a
laptop without a network does not keep for days what was opened for an hour. A clock that was set back gains nothing at the service:
its next list of scopes lacks the section, and the exchange takes it off.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from visitapp.actions.people import family_scope, restricted_scope
from visitapp.actions.session import Desk
from visitapp.domain.ids import FamilyId
from visitapp.store.opened import ROLE, close_opened, note_opened, opened_until, over, role_in
from visitapp.store.reading import Reading
from visitapp.store.record import Record
from visitapp.sync.problems import ServiceUnreachable

HOUR = timedelta(minutes=60)
"""How long the service opens a family."""


@dataclass(frozen=True)
class Access:
    """How somebody stands to the restricted section of a family: by her work, open until, or not at all."""

    by_work: bool = False
    until: datetime | None = None


def restricted_access(r: Reading, family: FamilyId, now: datetime) -> Access:
    """Return how the signed-in person stands to the restricted section of a family now."""
    main, role = role_in(r, family_scope(family)), role_in(r, restricted_scope(family))
    # A family begun here has no role yet: it is hers.
    if main in ("", "nurse") or role not in ("", ROLE):
        return Access(by_work=True)
    until = opened_until(r, family)
    return Access(until=until if until is not None and until > now else None)


def open_restricted(desk: Desk, family: FamilyId, reason: str) -> datetime:
    """Ask the service to open a family for an hour; returns until when, by this laptop's clock. What was opened comes with a sync.

    The reason goes to those who watch and into both audits' ids, never as text into this one. Raises ServiceUnreachable,
    NotPermitted, ReasonTooShort and the other problems of `sync/problems.py`.
    """
    # Brings what HTTP needs, and most sessions open nothing.
    from visitapp.actions.connecting import service_client

    client = service_client(desk.record, desk.clock)
    if client is None:
        raise ServiceUnreachable
    try:
        opened = client.ask_break_glass(family, reason.strip())
    finally:
        client.close()
    # Not `until_ms`: this laptop's clock may be wrong, and an hour is an hour by any clock.
    until = desk.clock.now() + HOUR
    with desk.record.writing() as w:
        note_opened(w, family, until)
        w.audit("break-glass", family=family, opening=opened.id, until_ms=opened.until_ms)
    return until


def close_what_is_over(record: Record, now: datetime) -> tuple[str, ...]:
    """Take every opened section whose hour is over off this laptop; returns the families."""
    with record.reading() as r:
        families = over(r, now)
    if families:
        with record.writing() as w:
            for family in families:
                close_opened(w, family)
                w.audit("break-glass-over", family=family)
    return families
