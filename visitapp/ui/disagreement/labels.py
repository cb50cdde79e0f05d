"""What the kinds of records and their fields are called where two versions of one are shown. No Qt."""

from collections.abc import Sequence
from datetime import date

from visitapp.domain.people import shown_nhs_number
from visitapp.ui.wording import day_words

KINDS = {
    "family": "family",
    "person": "person",
    "begun": "mark of a visit begun",
    "draft": "notes not signed yet",
    "visit": "signed note",
    "part": "part of a signed note",
    "addendum": "addendum",
    "error_mark": "mark “entered in error”",
    "review": "review",
    "measurement": "measurement",
    "referral": "referral",
    "plan_item": "plan item",
    "decision": "decision",
    "handed_on": "text for your supervisor",
}
_FIELDS = {
    "nhs_number": "NHS number",
    "born_on": "Date of birth",
    "due_on": "Expected on",
    "died_on": "Date of death",
    "gestation_days": "Days of pregnancy at birth",
    "gp": "GP",
    "line": "Street and number",
    "line2": "Second line of the address",
    "safe_contact": "Safe contact",
    "lives_here": "Lives here",
    "parental_responsibility": "Has parental responsibility",
    "state": "State",
    "state_on": "State since",
    "to": "To whom",
    "who": "Who does it",
    "baby_ids": "Which babies the visit is about",
    "answers": "Answers",
    "professionals": "Who else works with them",
    "enrolled_on": "With the service since",
    "nurse_name": "Family nurse",
    "agreed": "Agreed with the family",
    "done_on": "Done on",
    "known_as": "Known as",
}
_CODES = {
    "pregnancy_ended": "the pregnancy has ended",
    "baby_died": "a baby has died",
}


def kind_title(kind: str, about: str = "") -> str:
    """Say what a record is: "Person: Amina"."""
    words = KINDS.get(kind, "record")
    words = words[0].upper() + words[1:]
    return f"{words}: {about}" if about else words


def field_label(path: Sequence[str], question: str = "", sheet: str = "") -> str:
    """Say what a place of a record is called: the question of a form, or the field."""
    if sheet:
        last = question or ("Answers" if len(path) > 2 else "The whole page")
        return f"{sheet}: {last}"
    key = path[-1] if path and path[-1] else "text"
    label = _FIELDS.get(key) or key.replace("_", " ").replace("-", " ").capitalize()
    inside = path[0].replace("_", " ").capitalize() if len(path) > 1 else ""
    return f"{inside}: {label}" if inside and inside != label else label


def value_words(path: Sequence[str], text: str) -> str:
    """Say a value as people read it: a date in words, an NHS number in threes."""
    if path and path[-1] == "nhs_number":
        return shown_nhs_number(text)
    try:
        return day_words(date.fromisoformat(text))
    except ValueError:
        return _CODES.get(text, text)
