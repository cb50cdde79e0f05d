"""Where a family stands, in words: its state, and what it means that nothing is due."""

from datetime import date

from visitapp.actions.caseload import FamilyView
from visitapp.domain.people import FamilyState
from visitapp.ui.wording import FAMILY_STATES, LOSS, day_words


def nothing_due(state: FamilyState) -> str:
    """What stands where no contact is due."""
    if state in LOSS:
        return "No contact is asked for. Visits can still be written."
    if state is not FamilyState.ACTIVE:
        return "Nothing is due: the family is not active."
    return "Nothing is due. Contacts show here when their window opens."


def state_words(view: FamilyView, today: date) -> str:
    """The state of a family, and since when."""
    on = str(view.body.get("state_on") or "")
    words = FAMILY_STATES[view.row.state]
    try:
        return f"{words}, {day_words(date.fromisoformat(on), today)}" if on else words
    except ValueError:
        return words
