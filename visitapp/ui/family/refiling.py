"""The page that files a person who stands in the wrong family in the right one, naming both before anything is moved."""

from collections.abc import Mapping
from dataclasses import dataclass

from visitapp.actions.caseload import CaseloadRow, FamilyView, caseload, family_view
from visitapp.actions.moving import refile_person
from visitapp.actions.session import Desk
from visitapp.domain.ids import FamilyId, PersonId
from visitapp.domain.people import Person
from visitapp.domain.problems import CheckNeeded, TextNeeded
from visitapp.ui.family.form_presenter import Opened
from visitapp.ui.form import FieldKind, FieldSpec, Form, Section, Values, is_ticked, text_of
from visitapp.ui.wording import ROLES, count, day_words

CHECK = "checked"


@dataclass(frozen=True)
class RefilePerson:
    """Moves a person with what was measured and referred; signed visits stay where they were signed."""

    desk: Desk
    done: str = "Filed in the other family. Notes already signed stay here: strike those that are about them."

    def load(self, argument: str) -> Opened:
        """Show whom it may be, where they may belong, and in one sentence what will happen."""
        here = family_view(self.desk, FamilyId(argument))
        others = [row for row in caseload(self.desk) if row.family != argument]
        people = {str(person.id): person for person in here.people}
        places = {str(row.family): row for row in others}

        def introduction(values: Values) -> str:
            return _what_happens(here, people.get(text_of(values, "person")), places.get(text_of(values, "to")))

        first = next((person.id for person in here.people if person.is_child), next(iter(people), ""))
        return Opened(_form(here, others), {"person": first, "to": "", CHECK: False}, introduction=introduction)

    def save(self, argument: str, values: Values) -> str:
        """Move the person; returns the family they belong to. Raises CheckNeeded, TextNeeded and what `refile_person` raises."""
        person, to = text_of(values, "person"), text_of(values, "to")
        if not to:
            raise CheckNeeded("to")
        if not text_of(values, "reason"):
            raise TextNeeded("reason")
        if not is_ticked(values, CHECK):
            raise CheckNeeded(CHECK)
        refile_person(self.desk, PersonId(person), FamilyId(argument), FamilyId(to), text_of(values, "reason"))
        # She stays with the family whose signed notes she has to look through.
        return argument


def _form(here: FamilyView, others: list[CaseloadRow]) -> Form:
    places = (("", "Choose a family"), *((row.family, _place_words(row)) for row in sorted(others, key=_by_name)))
    fields = (
        FieldSpec("person", "Who is filed in the wrong family", FieldKind.CHOICE, options=_people_options(here)),
        FieldSpec("to", "Which family they belong to", FieldKind.CHOICE, options=places),
        FieldSpec("reason", "What went wrong", FieldKind.PARAGRAPH, "One sentence. It stays in the history of both families."),
        FieldSpec(CHECK, "I have compared names and dates of birth", FieldKind.TICK),
    )
    hint = (
        "This is for somebody who was written down in the wrong family. Their growth measurements and referrals go along. "
        "A note that is not signed yet is moved from inside the note; a signed note never moves, it is struck."
    )
    return Form("In the wrong family", (Section("", fields, hint),), save="Move to that family")


def _people_options(here: FamilyView) -> tuple[tuple[str, str], ...]:
    return tuple((str(person.id), _person_words(person, here.ages)) for person in here.people)


def _by_name(row: CaseloadRow) -> str:
    return row.name.casefold()


def _person_words(person: Person, ages: Mapping[str, str]) -> str:
    born = f"born {day_words(person.born_on)}" if person.born_on else ages.get(person.id, "")
    return ", ".join(part for part in (person.full_name or ROLES[person.role], ROLES[person.role], born) if part)


def _place_words(row: CaseloadRow) -> str:
    babies = ", ".join(f"{baby.name} {baby.age}".strip() for baby in row.babies)
    return " · ".join(part for part in (row.name, row.mother, babies) if part)


def _what_happens(here: FamilyView, person: Person | None, to: CaseloadRow | None) -> str:
    if person is None:
        return ""
    whom = _person_words(person, here.ages)
    named = sum(person.id in note.baby_ids for note in here.visits)
    verbs = "names them and stays" if named == 1 else "name them and stay"
    kept = f" {count(named, 'signed note')} of {here.row.name} {verbs} there." if named else ""
    if to is None:
        return f"You are about to take {whom} out of {here.row.name}.{kept}"
    babies = ", ".join(baby.name for baby in to.babies) or "no baby"
    return f"You are about to take {whom} out of {here.row.name} and file them with {to.name} ({babies}).{kept}"
