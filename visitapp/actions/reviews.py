"""A supervisor's review: the queue, a note with the one before it, comments and decisions; and the nurse's answer."""

from collections.abc import Sequence
from dataclasses import dataclass

from visitapp.actions.people import family_scope
from visitapp.actions.reading import VisitReading, read_visit
from visitapp.actions.session import Desk
from visitapp.domain.bodies import Body, sha256
from visitapp.domain.clock import iso
from visitapp.domain.ids import RecordId, VisitId
from visitapp.domain.people import safe_text
from visitapp.domain.problems import NoSuchVisit
from visitapp.domain.review import ReviewAction, UserRole, check_review
from visitapp.store.reviews import queue
from visitapp.store.rows import QueueRow, VisitRow
from visitapp.store.visits import visit as visit_row
from visitapp.store.visits import visits
from visitapp.store.writing import Writing


@dataclass(frozen=True)
class ReviewView:
    """A note under review with the family's previous visit beside it."""

    note: VisitReading
    previous: VisitReading | None
    following: VisitId | None


def review_queue(desk: Desk) -> tuple[QueueRow, ...]:
    """Return the notes that wait for this supervisor: flagged first, then oldest. Raises NotAllowed."""
    desk.must_read()
    desk.must_be(UserRole.SUPERVISOR)
    with desk.record.reading() as r:
        return queue(r)


def open_review(desk: Desk, visit: VisitId) -> ReviewView:
    """Open a note for review. Raises NoSuchVisit, NotAllowed."""
    desk.must_read()
    desk.must_be(UserRole.SUPERVISOR)
    note = read_visit(desk, visit)
    with desk.record.reading() as r:
        earlier = [row for row in visits(r, note.family) if row.started_at < note.row.started_at and row.id != visit]
        waiting = [row.visit for row in queue(r) if row.visit != visit]
    return ReviewView(
        note=note,
        previous=read_visit(desk, VisitId(_latest(earlier).id)) if earlier else None,
        following=VisitId(waiting[0]) if waiting else None,
    )


def _latest(rows: list[VisitRow]) -> VisitRow:
    return max(rows, key=lambda row: row.started_at)


def comment(
    desk: Desk, visit: VisitId, text: str, *, part: str = "", link_id: str = "", quote: str = ""
) -> RecordId:
    """Comment on a note, one of its parts, a question or a sentence, pinned to the version read.

    Raises NoSuchVisit, TextNeeded.
    """
    return _review(desk, visit, ReviewAction.COMMENT, text, {"part": part, "link_id": link_id, "quote": quote})


def mark_seen(desk: Desk, visit: VisitId) -> RecordId:
    """Mark a note as seen by the supervisor. Raises NoSuchVisit, NotAllowed."""
    return _review(desk, visit, ReviewAction.SEEN, "", {})


def return_to_author(desk: Desk, visit: VisitId, question: str) -> RecordId:
    """Return a note to its author with a question. Raises NoSuchVisit, NotAllowed, TextNeeded."""
    return _review(desk, visit, ReviewAction.RETURNED, question, {})


def countersign(desk: Desk, visit: VisitId, text: str = "") -> RecordId:
    """Countersign a note. Raises NoSuchVisit, NotAllowed."""
    return _review(desk, visit, ReviewAction.COUNTERSIGNED, text, {})


def mark_all_seen(desk: Desk, chosen: Sequence[VisitId]) -> None:
    """Mark several notes as seen in one step. Raises NoSuchVisit, NotAllowed."""
    with desk.record.writing() as w:
        for visit in chosen:
            _append(desk, w, visit, ReviewAction.SEEN, "", {})


def _review(desk: Desk, visit: VisitId, action: ReviewAction, text: str, pin: dict[str, str]) -> RecordId:
    with desk.record.writing() as w:
        return _append(desk, w, visit, action, text, pin)


def _append(desk: Desk, w: Writing, visit: VisitId, action: ReviewAction, text: str, pin: dict[str, str]) -> RecordId:
    row = visit_row(w, visit)
    held = w.raw(family_scope(row.family), visit) if row else None
    if row is None or held is None:
        raise NoSuchVisit
    check_review(desk.user.role, action, text, row.author, desk.user.user)
    id_ = RecordId(desk.ids())
    body: Body = {
        "visit": visit, "visit_hash": sha256(held.body), "action": action.value, "text": safe_text(text.strip()),
        **{key: value for key, value in pin.items() if value}, "author": desk.user.user,
        "author_name": desk.user.name, "author_role": desk.user.job_title or desk.user.role.value,
        "at": iso(desk.clock.now()),
    }  # fmt: skip
    w.put(family_scope(row.family), "review", id_, body)
    w.audit(f"review_{action.value}", family=row.family, visit=visit)
    return id_
