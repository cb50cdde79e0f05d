"""A person who was filed in the wrong family is put into the right one, with what was measured and referred.

Signed visits stay: they say what was written where, and are struck by an error mark.
"""

from visitapp.actions.disagreements import note_decision
from visitapp.actions.people import family_scope, people
from visitapp.actions.session import Desk
from visitapp.domain.bodies import Body, changed
from visitapp.domain.ids import FamilyId, PersonId
from visitapp.domain.people import safe_text
from visitapp.domain.problems import NoSuchFamily, NoSuchPerson, ReasonNeeded, StillUndecided
from visitapp.domain.review import UserRole
from visitapp.store.moving import is_undecided, move
from visitapp.store.plan import measurements, referrals
from visitapp.store.reading import Reading
from visitapp.store.visits import visits


def refile_person(desk: Desk, person: PersonId, old: FamilyId, new: FamilyId, reason: str) -> tuple[str, ...]:
    """Move a person from one family to another under the same id; returns the visits of the old family that name them.

    Those are signed and stay; whoever moved the person decides which of them to strike. Raises NotAllowed, NoSuchFamily (either is
    not in the caseload), NoSuchPerson, StillUndecided, ReasonNeeded.
    """
    desk.must_be(UserRole.NURSE)
    if not reason.strip():
        raise ReasonNeeded
    with desk.record.writing() as w:
        if old == new or any(w.body(family_scope(family), family) is None for family in (old, new)):
            raise NoSuchFamily
        body = w.body(family_scope(old), person)
        if body is None or body.get("family") != old:
            raise NoSuchPerson
        things = _about(w, old, person)
        if any(is_undecided(w, family_scope(old), id_) for id_ in (person, *(id_ for _, id_ in things))):
            raise StillUndecided
        named = tuple(row.id for row in visits(w, old) if person in row.baby_ids)
        group = desk.ids()
        order = len(people(w, new))
        told = changed(body, {"family": new, "order": order})
        move(w, "person", person, family_scope(old), family_scope(new), told, group)
        for kind, id_ in things:
            thing = w.body(family_scope(old), id_)
            if thing is not None:
                there = {**thing, "family": new} if "family" in thing else thing
                move(w, kind, id_, family_scope(old), family_scope(new), there, group)
        for family, way in ((old, "moved_out"), (new, "moved_in")):
            note_decision(desk, w, family_scope(family), _step(person, body, family, way, reason))
        w.audit("person_moved", person=person, old=old, new=new)
    return named


def _step(person: PersonId, body: Body, family: FamilyId, way: str, reason: str) -> Body:
    """The signed step in the history of one of both families; neither names the other."""
    name = str(body.get("known_as") or body.get("given_name") or "")
    return {
        "record": person, "kind": "person", "family": family, "about": name, "chosen": way, "fields": [],
        "reason": safe_text(reason.strip()),
    }  # fmt: skip


def _about(r: Reading, family: str, person: str) -> list[tuple[str, str]]:
    """What goes along: measurements taken apart from a visit, and referrals."""

    taken = [("measurement", row.id) for row in measurements(r, person) if row.family == family and not row.visit]
    return taken + [("referral", row.id) for row in referrals(r, family) if row.person == person]
