"""The pages that change what is known of a family: which fields there are, and from fields to bodies and back. No Qt."""

from collections.abc import Mapping, Sequence
from typing import Any

from visitapp.domain.people import TWIN_COLOURS, FamilyState, Role
from visitapp.ui.family.person_forms import gestation_in
from visitapp.ui.form import FieldKind, FieldSpec, Form, Section, Values, day_in, is_ticked, text_of, typed_iso

_DATE, _TICK = FieldKind.DATE, FieldKind.TICK
_PARAGRAPH, _CHOICE, _NUMBER = FieldKind.PARAGRAPH, FieldKind.CHOICE, FieldKind.NUMBER
_RISKS = (
    ("", "Not said"),
    ("self", "To herself or himself"),
    ("others", "To others"),
    ("from_others", "From others, or from the place"),
)
_PROGRAMMES = (
    ("programme-fnp", "Family Nurse Partnership", "fnp"),
    ("programme-hcp", "Healthy Child Programme, England", "hcp-england"),
)

CONTACT = Section(
    "Contact",
    (
        FieldSpec("phone", "Phone", half=True),
        FieldSpec("postcode", "Postcode", half=True),
        FieldSpec("line", "House and street", half=True),
        FieldSpec("town", "Town", half=True),
        FieldSpec("safe_contact", "Safe contact", _PARAGRAPH, "How and when it is safe to call, text or write."),
    ),
)
LANGUAGE = Section(
    "Language",
    (
        FieldSpec("languages", "Languages", hint="With commas between them."),
        FieldSpec("interpreter", "An interpreter is needed", _TICK),
        FieldSpec("interpreter-language", "Interpreter for", half=True),
        FieldSpec("interpreter-note", "About the interpreter", half=True),
    ),
)
SERVICE = Section(
    "Service",
    (
        FieldSpec("enrolled_on", "Enrolled on", _DATE, half=True),
        FieldSpec("gp", "GP", half=True),
        *(FieldSpec(key, words, _TICK) for key, words, _ in _PROGRAMMES),
        FieldSpec("note", "Note", _PARAGRAPH),
    ),
)
ALERT = Section(
    "Add an alert",
    (
        FieldSpec("alert-text", "What to know", hint="For example: large dog, ring first."),
        FieldSpec("alert-risk", "Risk", _CHOICE, options=_RISKS, half=True),
        FieldSpec("alert-source", "Who said so", half=True),
        FieldSpec("alert-review_on", "Look at it again on", _DATE, half=True),
        FieldSpec("alert-restricted", "Hide it until asked for", _TICK),
    ),
)
PROFESSIONAL = Section(
    "Add somebody who works with them",
    (
        FieldSpec("other-role", "Role", half=True),
        FieldSpec("other-name", "Name", half=True),
        FieldSpec("other-phone", "Phone", half=True),
    ),
)


def family_form(body: Mapping[str, Any]) -> Form:
    """Return the page that edits a family; alerts and professionals there are already can be ended by a tick."""
    ends = tuple(
        FieldSpec(f"end-alert-{number}", f"End: {alert.get('text') or alert.get('code')}", _TICK)
        for number, alert in enumerate(body.get("alerts") or ())
    )
    gone = tuple(
        FieldSpec(f"end-other-{number}", f"No longer: {other.get('role')} {other.get('name')}", _TICK)
        for number, other in enumerate(body.get("professionals") or ())
    )
    sections = [Section("Family", (FieldSpec("name", "Family's name"),)), CONTACT, LANGUAGE, SERVICE]
    sections += [Section("Alerts now", ends)] if ends else []
    sections += [ALERT]
    sections += [Section("Who works with them now", gone)] if gone else []
    return Form("Edit family", (*sections, PROFESSIONAL))


def family_values(body: Mapping[str, Any]) -> Values:
    """Return what the fields of a family show."""
    address, interpreter = body.get("address") or {}, body.get("interpreter") or {}
    values: dict[str, str | bool] = {key: str(body.get(key) or "") for key in ("name", "phone", "safe_contact", "gp", "note")}
    values |= {key: str(address.get(key) or "") for key in ("line", "town", "postcode")}
    values["languages"] = ", ".join(body.get("languages") or ())
    values["interpreter"] = bool(interpreter.get("needed"))
    values["interpreter-language"] = str(interpreter.get("language") or "")
    values["interpreter-note"] = str(interpreter.get("note") or "")
    values["enrolled_on"] = typed_iso(body.get("enrolled_on"))
    for key, _, code in _PROGRAMMES:
        values[key] = code in (body.get("programmes") or ())
    return values


def family_changes(values: Values, body: Mapping[str, Any]) -> dict[str, Any]:
    """Return the changes to a family's body; keys that nobody here knows stay. Raises NotAValidDate."""
    known = {code for _, _, code in _PROGRAMMES}
    programmes = [code for code in body.get("programmes") or () if code not in known]
    programmes += [code for key, _, code in _PROGRAMMES if is_ticked(values, key)]
    alerts = [a for n, a in enumerate(body.get("alerts") or ()) if not is_ticked(values, f"end-alert-{n}")]
    others = [o for n, o in enumerate(body.get("professionals") or ()) if not is_ticked(values, f"end-other-{n}")]
    if text_of(values, "alert-text"):
        alerts.append(_alert(values))
    if text_of(values, "other-name") or text_of(values, "other-role"):
        others.append({key: text_of(values, f"other-{key}") for key in ("role", "name", "phone")})
    return {
        **{key: text_of(values, key) or None for key in ("name", "phone", "safe_contact", "gp", "note")},
        "name": text_of(values, "name"),
        "address": {**(body.get("address") or {}), **{k: text_of(values, k) for k in ("line", "town", "postcode")}},
        "languages": [part.strip() for part in text_of(values, "languages").split(",") if part.strip()],
        "interpreter": {
            **(body.get("interpreter") or {}),
            "needed": is_ticked(values, "interpreter"),
            "language": text_of(values, "interpreter-language"),
            "note": text_of(values, "interpreter-note"),
        },
        "enrolled_on": day_in(values, "enrolled_on"),
        "programmes": programmes,
        "alerts": alerts,
        "professionals": others,
    }


def _alert(values: Values) -> dict[str, Any]:
    found = {
        "code": "note",
        "text": text_of(values, "alert-text"),
        "risk": text_of(values, "alert-risk"),
        "source": text_of(values, "alert-source"),
        "review_on": day_in(values, "alert-review_on"),
        "restricted": is_ticked(values, "alert-restricted"),
    }
    return {key: value for key, value in found.items() if value not in (None, "")}


def new_family_form() -> Form:
    """Return the page that begins a family: what is known at the first call, the rest can wait."""
    return Form(
        "New family",
        (
            Section("Family", (FieldSpec("name", "Family's name", hint="What you will look for in the caseload."),)),
            Section("Mother", (
                FieldSpec("mother-given_name", "Given name", half=True),
                FieldSpec("mother-family_name", "Family name", half=True),
                FieldSpec("mother-born_on", "Born on", _DATE, half=True),
                FieldSpec("mother-nhs_number", "NHS number", half=True),
            )),
            Section("Father or partner", (
                FieldSpec("father-role", "In this family", _CHOICE, options=(
                    ("father", "Father"), ("partner", "Partner"), ("carer", "Carer")), half=True),
                FieldSpec("father-given_name", "Given name", half=True),
                FieldSpec("father-family_name", "Family name", half=True),
                FieldSpec("father-lives_here", "Lives with this family", _TICK),
            ), "Wherever they live. Leave it empty if you do not know yet."),
            Section("Baby", (
                FieldSpec("baby", "The baby is", _CHOICE, options=(
                    ("expected", "expected"), ("one", "born"), ("two", "born, twins"), ("later", "to be added later"))),
                FieldSpec("due_on", "Expected on", _DATE),
                FieldSpec("born_on", "Born on", _DATE, half=True),
                FieldSpec("weeks", "Weeks at birth", _NUMBER, half=True),
                FieldSpec("given_name-0", "Given name", half=True),
                FieldSpec("given_name-1", "Second twin's given name", half=True),
            )),
            CONTACT,
        ),
        save="Begin this family",
        introduction="Works without a network. The family reaches your service with the next sync.",
    )  # fmt: skip


def new_family_fields(baby: str) -> frozenset[str]:
    """Return which fields of a new family make sense for how far its baby is."""
    hidden = {
        "expected": {"born_on", "weeks", "given_name-0", "given_name-1"},
        "one": {"due_on", "given_name-1"},
        "two": {"due_on"},
    }.get(baby, {"due_on", "born_on", "weeks", "given_name-0", "given_name-1"})
    return frozenset(new_family_form().field_keys()) - hidden


def new_family_bodies(values: Values) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Return the bodies of a new family and of its people. Raises NotAValidDate."""
    family = {key: text_of(values, key) for key in ("phone", "safe_contact") if text_of(values, key)}
    address = {key: text_of(values, key) for key in ("line", "town", "postcode") if text_of(values, key)}
    family_body: dict[str, Any] = {"name": text_of(values, "name"), **family}
    if address:
        family_body["address"] = address
    people: list[dict[str, Any]] = []
    if any(text_of(values, f"mother-{key}") for key in ("given_name", "family_name", "born_on", "nhs_number")):
        people.append({"role": Role.MOTHER.value, "lives_here": True, "parental_responsibility": True,
                       **_named(values, "mother", ("given_name", "family_name", "nhs_number"))})  # fmt: skip
        people[-1] |= _without_none({"born_on": day_in(values, "mother-born_on")})
    if any(text_of(values, f"father-{key}") for key in ("given_name", "family_name")):
        people.append({"role": text_of(values, "father-role") or Role.FATHER.value,
                       "lives_here": is_ticked(values, "father-lives_here"),
                       **_named(values, "father", ("given_name", "family_name"))})  # fmt: skip
    return family_body, [*people, *_new_babies(values)]


def _new_babies(values: Values) -> list[dict[str, Any]]:
    baby = text_of(values, "baby")
    if baby == "expected":
        return [_without_none({"role": Role.UNBORN.value, "due_on": day_in(values, "due_on")})]
    many = {"one": 1, "two": 2}.get(baby, 0)
    told = _without_none({"born_on": day_in(values, "born_on"), "gestation_days": gestation_in(values)}) if many else {}
    babies = []
    for number in range(many):
        name = text_of(values, f"given_name-{number}")
        body = {"role": Role.BABY.value, "lives_here": True, **told, **({"given_name": name} if name else {})}
        babies.append(body | ({"colour": TWIN_COLOURS[number]} if many > 1 else {}))
    return babies


STATE_ORDER = (
    FamilyState.MOVED, FamilyState.GRADUATED, FamilyState.DECLINED, FamilyState.PREGNANCY_ENDED, FamilyState.BABY_DIED,
    FamilyState.ACTIVE,
)  # fmt: skip
STATE_CHOICES = {
    FamilyState.MOVED: "The family has moved away",
    FamilyState.GRADUATED: "The family has graduated",
    FamilyState.DECLINED: "The family does not want the service",
    FamilyState.PREGNANCY_ENDED: "The pregnancy has ended",
    FamilyState.BABY_DIED: "A baby has died",
    FamilyState.ACTIVE: "The family is with us",
}
STATE_EXPLAINED = {
    FamilyState.MOVED: "Due contacts stop. Notes stay readable, and you can still write.",
    FamilyState.GRADUATED: "Due contacts stop. Notes stay readable, and you can still write.",
    FamilyState.DECLINED: "Due contacts stop. Notes stay readable, and you can still write.",
    FamilyState.PREGNANCY_ENDED: "Due contacts stop at once, and nothing will ask about a baby. Visits can still be written.",
    FamilyState.BABY_DIED: "Due contacts for this family stop at once, and nothing will remind you of them. "
    "What you wrote about the baby stays as it is. Visits can still be written.",
    FamilyState.ACTIVE: "Contacts become due again.",
}


def state_explained(state: str, babies: int) -> str:
    """Say what a change of state does; a surviving twin keeps its own contacts."""
    if state == FamilyState.BABY_DIED and babies > 1:
        return (
            "Contacts for this baby stop at once, and nothing will remind you of them. What you wrote about the baby "
            "stays as it is. Contacts for the other baby go on."
        )
    return STATE_EXPLAINED[FamilyState(state)]


def state_form(babies: Sequence[tuple[str, str]]) -> Form:
    """Return the page that says where a family stands; `babies` are ids and names."""
    return Form(
        "Where the family stands",
        (
            Section("", (
                FieldSpec("state", "What has changed", _CHOICE, options=tuple((s.value, STATE_CHOICES[s]) for s in STATE_ORDER)),
                FieldSpec("baby", "Which baby", _CHOICE, options=tuple(babies)),
                FieldSpec("on", "On", _DATE),
            )),
        ),
    )  # fmt: skip


def state_fields(state: str, babies: int) -> frozenset[str]:
    """Return which fields make sense for a state; which baby is asked only after a death and where there are two."""
    return frozenset({"state", "on", *(("baby",) if state == FamilyState.BABY_DIED and babies > 1 else ())})


def _named(values: Values, who: str, keys: Sequence[str]) -> dict[str, str]:
    return {key: text_of(values, f"{who}-{key}") for key in keys if text_of(values, f"{who}-{key}")}


def _without_none(body: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in body.items() if value is not None}
