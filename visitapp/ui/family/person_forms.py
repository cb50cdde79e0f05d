"""The pages for one person and for a birth: their fields, and from fields to bodies and back. No Qt."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from visitapp.actions.people import Birth
from visitapp.domain.people import Role
from visitapp.domain.problems import NotAValidDate
from visitapp.ui.days import read_day
from visitapp.ui.form import FieldKind, FieldSpec, Form, Section, Values, day_in, is_ticked, text_of, typed_iso
from visitapp.ui.wording import ROLES

_DATE, _TICK = FieldKind.DATE, FieldKind.TICK
_PARAGRAPH, _CHOICE, _NUMBER = FieldKind.PARAGRAPH, FieldKind.CHOICE, FieldKind.NUMBER
_SEXES = (("", "Not recorded"), ("female", "Female"), ("male", "Male"), ("indeterminate", "Indeterminate"))
_ROLE_CHOICES = tuple((role.value, words.capitalize()) for role, words in ROLES.items())
_COMMON = ("role", "note")
_GROWN = ("given_name", "family_name", "known_as", "pronouns", "born_on", "phone", "language", "nhs_number",
          "parental_responsibility", "lives_here")  # fmt: skip
_BORN = ("given_name", "family_name", "known_as", "born_on", "weeks", "days", "sex", "nhs_number", "lives_here")
_UNBORN = ("due_on", "known_as")


def person_form(title: str, *, known: bool) -> Form:
    """Return the page for one person; `known` adds what is only asked about somebody already written down."""
    died = (FieldSpec("died_on", "Died on", _DATE, "Only if this person has died.", half=True),) if known else ()
    return Form(
        title,
        (
            Section("Who", (
                FieldSpec("role", "In this family", _CHOICE, options=_ROLE_CHOICES),
                FieldSpec("given_name", "Given name", half=True),
                FieldSpec("family_name", "Family name", half=True),
                FieldSpec("known_as", "Known as", hint="The name they use.", half=True),
                FieldSpec("pronouns", "Pronouns", half=True),
                FieldSpec("parental_responsibility", "Has parental responsibility", _TICK),
                FieldSpec("lives_here", "Lives with this family", _TICK),
            )),
            Section("Dates and numbers", (
                FieldSpec("due_on", "Expected on", _DATE),
                FieldSpec("born_on", "Born on", _DATE, half=True),
                FieldSpec("sex", "Sex", _CHOICE, options=_SEXES, half=True),
                FieldSpec("weeks", "Weeks at birth", _NUMBER, half=True),
                FieldSpec("days", "and days", _NUMBER, half=True),
                FieldSpec("nhs_number", "NHS number", hint="Ten digits. Leave it empty until you have it."),
            )),
            Section("Contact and note", (
                FieldSpec("phone", "Phone", half=True),
                FieldSpec("language", "Language", half=True),
                FieldSpec("note", "Note", _PARAGRAPH),
                *died,
            )),
        ),
    )  # fmt: skip


def person_fields(role: str) -> frozenset[str]:
    """Return which fields make sense for a role."""
    if role == Role.UNBORN:
        return frozenset((*_COMMON, *_UNBORN))
    return frozenset((*_COMMON, "died_on", *(_BORN if role == Role.BABY else _GROWN)))


def person_values(body: Mapping[str, Any]) -> Values:
    """Return what the fields of a person show."""
    texts = ("role", "given_name", "family_name", "known_as", "pronouns", "sex", "nhs_number", "phone", "language", "note")
    values: dict[str, str | bool] = {key: str(body.get(key) or "") for key in texts}
    values |= {key: typed_iso(body.get(key)) for key in ("born_on", "due_on", "died_on")}
    days = body.get("gestation_days")
    values["weeks"], values["days"] = (str(days // 7), str(days % 7)) if isinstance(days, int) else ("", "")
    values["parental_responsibility"] = bool(body.get("parental_responsibility"))
    values["lives_here"] = bool(body.get("lives_here", True))
    return values


def person_changes(values: Values) -> dict[str, Any]:
    """Return the changes to a person's body: only fields that make sense for the role. Raises NotAValidDate."""
    role = text_of(values, "role")
    shown = person_fields(role)
    texts = ("given_name", "family_name", "known_as", "pronouns", "sex", "nhs_number", "phone", "language", "note")
    found: dict[str, Any] = {"role": role}
    found |= {key: text_of(values, key) or None for key in texts if key in shown}
    found |= {key: day_in(values, key) for key in ("born_on", "due_on", "died_on") if key in shown and key in values}
    found |= {key: is_ticked(values, key) for key in ("parental_responsibility", "lives_here") if key in shown}
    if "weeks" in shown:
        found["gestation_days"] = gestation_in(values)
    return found


def birth_form() -> Form:
    """Return the page that turns an expected baby into the baby or babies born."""
    babies = tuple(
        Section(f"{_WHICH[number]} baby", (
            FieldSpec(f"given_name-{number}", "Given name", half=True),
            FieldSpec(f"sex-{number}", "Sex", _CHOICE, options=_SEXES, half=True),
            FieldSpec(f"nhs_number-{number}", "NHS number", hint="Leave it empty until you have it."),
        ))
        for number in range(len(_WHICH))
    )  # fmt: skip
    return Form(
        "Record the birth",
        (
            Section("Birth", (
                FieldSpec("many", "Born", _CHOICE, options=(("1", "one baby"), ("2", "twins"), ("3", "triplets"))),
                FieldSpec("born_on", "Born on", _DATE),
                FieldSpec("weeks", "Weeks at birth", _NUMBER, half=True),
                FieldSpec("days", "and days", _NUMBER, half=True),
            )),
            *babies,
        ),
        save="Record the birth",
        introduction="What was written about the pregnancy stays with the baby. Twins each get a card of their own.",
    )  # fmt: skip


_WHICH = ("First", "Second", "Third")


def birth_fields(many: str) -> frozenset[str]:
    """Return which fields of the birth make sense for so many babies."""
    number = int(many) if many.isdecimal() else 1
    return frozenset(key for key in birth_form().field_keys() if "-" not in key or int(key.rsplit("-", 1)[1]) < number)


def births_in(values: Values) -> list[Birth]:
    """Return the births told by the page. Raises NotAValidDate."""
    born = read_day(text_of(values, "born_on"))
    if born is None:
        raise NotAValidDate("born_on")
    many = int(text_of(values, "many") or "1")
    return [
        Birth(
            given_name=text_of(values, f"given_name-{number}"),
            born_on=born,
            gestation_days=gestation_in(values),
            sex=text_of(values, f"sex-{number}"),
            nhs_number=text_of(values, f"nhs_number-{number}"),
        )
        for number in range(many)
    ]


def gestation_at(born: date | None, due: date | None) -> tuple[str, str]:
    """Return weeks and days at birth reckoned from the expected day (280 days), empty where that cannot be."""
    if born is None or due is None or not 20 * 7 <= 280 - (due - born).days <= 45 * 7:
        return "", ""
    weeks, days = divmod(280 - (due - born).days, 7)
    return str(weeks), str(days)


def gestation_in(values: Values) -> int | None:
    """Return the days of gestation typed as weeks and days; raises NotAValidDate."""
    weeks, days = text_of(values, "weeks"), text_of(values, "days") or "0"
    if not weeks:
        return None
    if not weeks.isdecimal() or not days.isdecimal() or int(days) > 6:
        raise NotAValidDate("gestation_days")
    return int(weeks) * 7 + int(days)
