"""The six pages that change a family, each from its action. No Qt."""

from dataclasses import dataclass
from datetime import date

from visitapp.actions.caseload import family_view
from visitapp.actions.people import (
    add_person,
    edit_family,
    edit_person,
    family_at,
    new_family,
    person_at,
    record_birth,
    set_family_state,
)
from visitapp.actions.session import Desk
from visitapp.domain.ids import FamilyId, PersonId
from visitapp.domain.people import FamilyState, Role
from visitapp.domain.problems import NotAValidDate
from visitapp.ui.days import read_day, typed_day
from visitapp.ui.family import forms, person_forms
from visitapp.ui.family.form_presenter import Opened
from visitapp.ui.form import Values, text_of


def _two(argument: str) -> tuple[FamilyId, PersonId]:
    family, _, person = argument.partition("/")
    return FamilyId(family), PersonId(person)


@dataclass(frozen=True)
class NewFamily:
    """Begins a family with the people known so far."""

    desk: Desk
    done: str = "The family has been begun."

    def load(self, argument: str) -> Opened:
        """Show the empty page."""
        return Opened(
            forms.new_family_form(),
            {"baby": "expected", "father-lives_here": True},
            fields=lambda values: forms.new_family_fields(text_of(values, "baby")),
        )

    def save(self, argument: str, values: Values) -> str:
        """Begin the family."""
        return new_family(self.desk, *forms.new_family_bodies(values))


@dataclass(frozen=True)
class EditFamily:
    """Changes what is known of a family."""

    desk: Desk
    done: str = "Saved."

    def load(self, argument: str) -> Opened:
        """Show what is known."""
        body = family_at(self.desk, FamilyId(argument))
        return Opened(forms.family_form(body), forms.family_values(body))

    def save(self, argument: str, values: Values) -> str:
        """Change the family."""
        family = FamilyId(argument)
        edit_family(self.desk, family, forms.family_changes(values, family_at(self.desk, family)))
        return family


@dataclass(frozen=True)
class AddPerson:
    """Adds a person to a family."""

    desk: Desk
    done: str = "The person has been added."

    def load(self, argument: str) -> Opened:
        """Show an empty person."""
        values = person_forms.person_values({"role": Role.FATHER.value})
        return Opened(person_forms.person_form("Add a person", known=False), values, fields=_by_role)

    def save(self, argument: str, values: Values) -> str:
        """Add the person."""
        told = {key: value for key, value in person_forms.person_changes(values).items() if value is not None}
        add_person(self.desk, FamilyId(argument), told)
        return argument


@dataclass(frozen=True)
class EditPerson:
    """Changes what is known of a person."""

    desk: Desk
    done: str = "Saved."

    def load(self, argument: str) -> Opened:
        """Show what is known."""
        body = person_at(self.desk, *_two(argument))
        return Opened(person_forms.person_form("Edit person", known=True), person_forms.person_values(body), fields=_by_role)

    def save(self, argument: str, values: Values) -> str:
        """Change the person."""
        family, person = _two(argument)
        edit_person(self.desk, family, person, person_forms.person_changes(values))
        return family


@dataclass(frozen=True)
class RecordBirth:
    """Turns an expected baby into the baby or babies born."""

    desk: Desk
    done: str = "The birth has been recorded."

    def load(self, argument: str) -> Opened:
        """Show the page; weeks are reckoned from the expected day as soon as the birthday is typed."""
        expected = person_at(self.desk, *_two(argument)).get("due_on")
        due = date.fromisoformat(str(expected)) if expected else None

        def fills(values: Values, key: str) -> Values:
            if key != "born_on":
                return {}
            weeks, days = person_forms.gestation_at(read_day(text_of(values, "born_on")), due)
            return {"weeks": weeks, "days": days} if weeks else {}

        def fields(values: Values) -> frozenset[str]:
            return person_forms.birth_fields(text_of(values, "many"))

        return Opened(person_forms.birth_form(), {"many": "1"}, fields=fields, fills=fills)

    def save(self, argument: str, values: Values) -> str:
        """Record the birth."""
        family, person = _two(argument)
        record_birth(self.desk, family, person, person_forms.births_in(values))
        return family


@dataclass(frozen=True)
class ChangeState:
    """Says that a family has moved on, or has lost a pregnancy or a baby; dues stop at once."""

    desk: Desk
    done: str = "Saved."

    def load(self, argument: str) -> Opened:
        """Show where the family may stand."""
        view = family_view(self.desk, FamilyId(argument))
        babies = [(p.id, p.full_name) for p in view.people if p.role is Role.BABY and p.died_on is None]
        now = view.row.state
        first = FamilyState.ACTIVE if now is not FamilyState.ACTIVE else FamilyState.MOVED
        return Opened(
            forms.state_form(babies),
            {"state": first.value, "on": typed_day(self.desk.clock.today()), "baby": babies[0][0] if babies else ""},
            fields=lambda values: forms.state_fields(text_of(values, "state"), len(babies)),
            introduction=lambda values: forms.state_explained(text_of(values, "state"), len(babies)),
        )

    def save(self, argument: str, values: Values) -> str:
        """Record the state, and with a death the day on which the baby died."""
        family, state = FamilyId(argument), FamilyState(text_of(values, "state"))
        on = read_day(text_of(values, "on"))
        if on is None or on > self.desk.clock.today():
            raise NotAValidDate("state_on")
        baby = PersonId(text_of(values, "baby"))
        if state is FamilyState.BABY_DIED and baby:
            edit_person(self.desk, family, baby, {"died_on": on.isoformat()})
            if self._another_lives(family):
                return family
        set_family_state(self.desk, family, state, on)
        return family

    def _another_lives(self, family: FamilyId) -> bool:
        """Tell whether there is a baby for whom contacts go on: a surviving twin keeps its own."""
        return any(p.role is Role.BABY and p.died_on is None for p in family_view(self.desk, family).people)


def _by_role(values: Values) -> frozenset[str]:
    return person_forms.person_fields(text_of(values, "role"))
