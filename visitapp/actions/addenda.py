"""What may follow a signature: an addendum, a correction, a strike; the signed version itself never changes."""

import base64

from visitapp.actions.people import family_scope
from visitapp.actions.session import Desk
from visitapp.domain.bodies import Body
from visitapp.domain.clock import iso
from visitapp.domain.ids import RecordId, VisitId
from visitapp.domain.people import safe_text
from visitapp.domain.problems import NoSuchVisit, NotAllowed, ReasonNeeded, TextNeeded
from visitapp.domain.review import UserRole
from visitapp.domain.visits import content_hash
from visitapp.store.visits import visit as visit_row


def add_addendum(desk: Desk, visit: VisitId, text: str, replies_to: str = "") -> RecordId:
    """Add words to a signed visit; `replies_to` names the review it answers. Raises NoSuchVisit, TextNeeded, NotAllowed."""
    if not text.strip():
        raise TextNeeded("addendum")
    body: Body = {"kind": "addendum", "text": safe_text(text.strip())}
    if replies_to:
        body["replies_to"] = replies_to
    return _append(desk, visit, body)


def add_correction(
    desk: Desk, visit: VisitId, part: str, link_id: str, *, old: str, new: str, reason: str
) -> RecordId:
    """Correct one answer of a signed visit; old and new stay readable side by side.

    Raises NoSuchVisit, TextNeeded (no new words), ReasonNeeded, NotAllowed.
    """
    if not new.strip():
        raise TextNeeded("correction")
    if not reason.strip():
        raise ReasonNeeded("correction")
    return _append(
        desk, visit,
        {
            "kind": "correction", "text": safe_text(new.strip()), "part": part, "link_id": link_id, "old": old,
            "new": safe_text(new.strip()), "reason": safe_text(reason.strip()),
        },
    )  # fmt: skip


def _append(desk: Desk, visit: VisitId, told: Body) -> RecordId:
    desk.must_be(UserRole.NURSE)
    id_ = RecordId(desk.ids())
    with desk.record.writing() as w:
        row = visit_row(w, visit)
        if row is None:
            raise NoSuchVisit
        body = addendum_body(desk, visit, told)
        w.put(family_scope(row.family), "addendum", id_, body)
        w.audit(f"{told['kind']}_added", family=row.family, visit=visit)
    return id_


def addendum_body(desk: Desk, visit: VisitId, told: Body) -> Body:
    """Return an addendum as it is kept: what it says, who wrote it when, and this laptop's signature."""
    body: Body = {
        "visit": visit, **told, "author": desk.user.user, "author_name": desk.user.name,
        "author_role": desk.user.job_title or desk.user.role.value, "written_at": iso(desk.clock.now()),
    }  # fmt: skip
    body["signature"] = base64.b64encode(desk.sign(bytes.fromhex(content_hash(body)))).decode()
    return body


def strike_visit(desk: Desk, visit: VisitId, reason: str) -> RecordId:
    """Mark a signed visit as entered in error; it stays readable, struck. Raises NoSuchVisit, ReasonNeeded, NotAllowed."""
    desk.must_be(UserRole.NURSE)
    if not reason.strip():
        raise ReasonNeeded("strike")
    id_ = RecordId(desk.ids())
    with desk.record.writing() as w:
        row = visit_row(w, visit)
        if row is None:
            raise NoSuchVisit
        if row.author != desk.user.user:
            raise NotAllowed(desk.user.role.value)
        body: Body = {
            "visit": visit, "reason": safe_text(reason.strip()), "author": desk.user.user,
            "author_name": desk.user.name, "at": iso(desk.clock.now()),
        }  # fmt: skip
        w.put(family_scope(row.family), "error_mark", id_, body)
        w.audit("visit_struck", family=row.family, visit=visit)
    return id_
