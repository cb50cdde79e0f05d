"""A supervisor's review: comments on a question of a version, seen, returned, countersigned."""

from enum import StrEnum

from visitapp.domain.problems import NotAllowed, TextNeeded
from visitapp.domain.visits import NoteState


class UserRole(StrEnum):
    """What a signed-in person is to the service. Whoever is anything else works in a browser and has no laptop."""

    NURSE = "nurse"
    SUPERVISOR = "supervisor"
    SAFEGUARDING = "safeguarding"


class ReviewAction(StrEnum):
    """What a step of a review does."""

    COMMENT = "comment"
    SEEN = "seen"
    RETURNED = "returned"
    COUNTERSIGNED = "countersigned"
    RESOLVED = "resolved"


DECISIONS = {
    ReviewAction.SEEN: NoteState.SEEN,
    ReviewAction.RETURNED: NoteState.RETURNED,
    ReviewAction.COUNTERSIGNED: NoteState.COUNTERSIGNED,
}


def check_review(role: str, action: ReviewAction, text: str, author: str, reviewer: str) -> None:
    """Check that a step of a review may be taken.

    A supervisor decides; a nurse may comment on her own note; a safeguarding lead reads only. Nobody countersigns, returns or marks
    seen what she wrote herself. Returning needs a question and a comment needs words. Raises NotAllowed, TextNeeded.
    """
    if role == UserRole.SAFEGUARDING:
        raise NotAllowed(role)
    if action in DECISIONS and (role != UserRole.SUPERVISOR or author == reviewer):
        raise NotAllowed(role)
    if action in (ReviewAction.RETURNED, ReviewAction.COMMENT) and not text.strip():
        raise TextNeeded(action.value)


def answers_return(decisions: list[tuple[str, str]], addenda_at: list[str]) -> bool:
    """Tell whether the author has answered the last return.

    `decisions` are (action, ISO moment) in the order they were made, `addenda_at` the moments of the author's addenda.
    """
    returned = [at for action, at in decisions if action == ReviewAction.RETURNED]
    return bool(returned) and any(at >= returned[-1] for at in addenda_at)
