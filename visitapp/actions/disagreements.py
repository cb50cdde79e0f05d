"""Records of which two versions exist: read both, and decide for one; the other is kept aside."""

from dataclasses import dataclass
from datetime import datetime

from visitapp.actions.session import Desk
from visitapp.domain.bodies import Body, load
from visitapp.domain.ids import FamilyId
from visitapp.store.outbox import disagreements as waiting
from visitapp.store.people import family
from visitapp.store.settlement import keep_mine, take_theirs


@dataclass(frozen=True)
class TwoVersions:
    """A change that the server did not take: what was written here, and what the server has (None: nothing any more)."""

    op: str
    kind: str
    why: str
    code: str
    family: FamilyId
    family_name: str
    mine: Body
    theirs: Body | None
    theirs_at: datetime | None


def disagreements(desk: Desk) -> tuple[TwoVersions, ...]:
    """Return every change that waits for this person's decision, with both texts."""
    with desk.record.reading() as r:
        found = []
        for each in waiting(r):
            row = family(r, each.family)
            found.append(
                TwoVersions(
                    op=each.op,
                    kind=each.kind,
                    why=each.outcome,
                    code=each.code,
                    family=FamilyId(each.family),
                    family_name=row.name if row else "",
                    mine=load(each.mine) if each.mine else {},
                    theirs=load(each.theirs) if each.theirs else None,
                    theirs_at=each.theirs_at,
                )
            )
    return tuple(found)


def decide_for_mine(desk: Desk, op: str) -> None:
    """Send again what was written here, upon the server's version, which is kept aside. Raises NothingToDecide."""
    with desk.record.writing() as w:
        keep_mine(w, op)


def decide_for_theirs(desk: Desk, op: str) -> None:
    """Take the server's version; what was written here is kept aside. Raises NothingToDecide."""
    with desk.record.writing() as w:
        take_theirs(w, op)
