"""What stands on the page of each step: blocks of questions, and what may be added; no Qt."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from visitapp.actions.signing import MINUTES, visit_minutes
from visitapp.actions.visits import SCREENING, DraftView
from visitapp.actions.visits import Offer as Other
from visitapp.domain.ids import PersonId
from visitapp.domain.people import Person, Role
from visitapp.domain.programme import age_text
from visitapp.domain.visits import sheet_key
from visitapp.forms.filling import Row
from visitapp.ui.visit.sheets import RISK_NOW, OpenSheet
from visitapp.ui.visit.steps import STEPS

FIXED = frozenset(
    {"visit-arrival", "visit-narrative", "visit-topics", "visit-risks", "visit-plan", "concern-markers",
     "voice-of-infant", "baby-health"}
)  # fmt: skip
"""Questionnaires that every visit has; the others were added and can be taken off again."""
TITLES: Mapping[str, str] = {
    "whooley": "Whooley questions", "phq-9": "PHQ-9", "gad-7": "GAD-7", "phq-2": "PHQ-2", "gad-2": "GAD-2",
    "safe-enquiry": "Safe enquiry", "third-party": "What a third party told us", RISK_NOW: "“Risk now?” page",
    "parent-note": "A note about this parent",
}  # fmt: skip
NOT_ALONE = "Opens once you have said that you are alone with this parent."


@dataclass(frozen=True)
class Block:
    """One sheet on the page: what kind of block shows it, whom it is about, and its rows."""

    key: str
    kind: str
    title: str
    person: str
    age: str
    colour: str
    rows: tuple[Row, ...]
    removable: bool = False
    restricted: bool = False
    note: str = ""
    phones: tuple[tuple[str, str, str], ...] = ()
    bare: bool = False
    """The block needs no title of its own: the page has said everything."""


@dataclass(frozen=True)
class Offer:
    """A questionnaire that can be added to the step; `locked` says why not yet."""

    name: str
    subject: str
    caregiver: str
    words: str
    locked: str = ""


@dataclass(frozen=True)
class StepPage:
    """Everything the page of a step shows."""

    code: str
    title: str
    lead: str
    blocks: tuple[Block, ...]
    offers: tuple[Offer, ...]
    asks_alone: bool = False
    more: tuple[tuple[str, tuple[Offer, ...]], ...] = ()
    """What else may be asked, by the name of whom it is about."""


LEADS: Mapping[str, str] = {
    "arrival": "Who, where, and whether the baby was seen.",
    "narrative": "Keep what you saw, what you were told and what you think apart.",
    "observation": "Start with two strengths. Five or six items are enough; what you had no chance to see stays “No opportunity”.",
    "voice": "Put what the baby showed into words.",
    "health": "What you measured, saw or were told.",
    "parents": "Each parent's page belongs to that parent's own record.",
    "topics": "Minutes may stay empty; if you give them, they should add up to the visit.",
    "risks": "Say yes or no: an empty box would not tell a reader whether you looked.",
    "plan": "Only what is ticked “agreed” prints on the family copy.",
}


def page_of(
    code: str, draft: DraftView, sheets: Collection[OpenSheet], today: date, alone: bool,
    phones: tuple[tuple[str, str, str], ...], others: Sequence[Other] = (),
) -> StepPage:  # fmt: skip
    """The page of a step, as it stands now."""
    at_risk = {sheet.sheet.subject.id for sheet in sheets if sheet.asks_for_risk_now()}
    length = visit_length(draft, sheets)
    _, title, sections = next(step for step in STEPS if step[0] == code)
    held = [sheet for section in sections for sheet in sheets if sheet.sheet.section == section]
    babies = {baby.id: place for place, baby in enumerate(draft.babies, 1)}
    # The page that cannot wait stands first; where there are twins, everything about one stands together.
    held.sort(key=lambda sheet: (sheet.name != RISK_NOW, babies.get(PersonId(sheet.sheet.subject.id), 0)))
    several = len(draft.babies) > 1
    taken = {sheet.key for sheet in held}
    first = tuple(_offers(code, draft, taken, alone))
    return StepPage(
        code=code,
        title=title,
        lead=LEADS.get(code, ""),
        blocks=tuple(
            replace(
                block_of(sheet, draft, today, several, phones, len(held) == 1),
                note=note_of(sheet, length),
                removable=_is_removable(sheet, draft, at_risk),
            )
            for sheet in held
        ),
        offers=first,
        asks_alone=code == "parents" and not alone,
        more=tuple(_more([o for o in others if o.section in sections], draft, taken | {key_of(o) for o in first}, alone)),
    )


def block_of(
    sheet: OpenSheet, draft: DraftView, today: date, several: bool, phones: tuple[tuple[str, str, str], ...],
    only: bool = False,
) -> Block:  # fmt: skip
    """The block that shows a sheet."""
    about = draft.person(sheet.sheet.subject.id)
    carer = draft.person(sheet.sheet.caregiver)
    person = " with ".join(who.short_name for who in (carer, about) if who is not None)
    kind = _kind(sheet)
    return Block(
        key=sheet.key,
        kind=kind,
        title=sheet.questionnaire.title or sheet.name,
        person=person,
        age=age_text(about, today) if about is not None and about.is_child else "",
        colour=about.colour if about is not None and several else "",
        rows=sheet.rows(),
        restricted=sheet.sheet.restricted,
        phones=phones if kind == RISK_NOW else (),
        bare=only and not person,
    )


def visit_length(draft: DraftView, sheets: Collection[OpenSheet]) -> int | None:
    """The minutes the visit lasted as Arrival says now, None while it does not."""
    return visit_minutes(replace(draft, sheets=tuple(s.current() for s in sheets if s.sheet.section == "arrival")))


def note_of(sheet: OpenSheet, length: int | None) -> str:
    """What stands under a sheet: its score, or how far the minutes by topic add up to the visit."""
    if sheet.name != "visit-topics":
        return sheet.score_words()
    given = [value for key in MINUTES for value in sheet.filling.values(key) if isinstance(value, int)]
    if not given:
        return ""
    if length is None:
        return f"{sum(given)} minutes so far. How long the visit was follows from its end on Arrival."
    return f"{sum(given)} of {length} minutes" + (": they add up." if sum(given) == length else ".")


def _is_removable(sheet: OpenSheet, draft: DraftView, at_risk: Collection[str]) -> bool:
    """Whether a sheet can be taken off: never one that asks for the "risk now?" page, nor that page while it is asked for."""
    if sheet.asks_for_risk_now() or (sheet.name == RISK_NOW and sheet.sheet.subject.id in at_risk):
        return False
    return sheet.name not in FIXED and not _is_first_of_its_kind(sheet, draft)


def _kind(sheet: OpenSheet) -> str:
    if sheet.name.startswith("observation-"):
        return "observation"
    return {"concern-markers": "concerns", RISK_NOW: RISK_NOW}.get(sheet.name, "form")


def _is_first_of_its_kind(sheet: OpenSheet, draft: DraftView) -> bool:
    """Whether the visit began with this sheet: the dyads with the first carer and the first parent's note."""
    if sheet.name == "parent-note" or sheet.name.startswith("observation-"):
        carer = first_carer(draft.people)
        return carer is not None and carer.id in (sheet.sheet.caregiver, sheet.sheet.subject.id)
    return False


def first_carer(people: Sequence[Person]) -> Person | None:
    """The parent a visit begins with: the mother where there is one."""
    parents = [person for person in people if person.is_parent]
    return next((person for person in parents if person.role is Role.MOTHER), parents[0] if parents else None)


def _offers(code: str, draft: DraftView, held: set[str], alone: bool) -> Iterable[Offer]:
    parents = [person for person in draft.people if person.is_parent]
    if code == "observation":
        for baby in draft.babies:
            for carer in parents:
                if not any(baby.id in key and carer.id in key for key in held):
                    yield Offer("observation", baby.id, carer.id, f"{carer.short_name} with {baby.short_name}")
    elif code == "risks" and not any(key.startswith("third-party") for key in held):
        yield Offer("third-party", draft.family, "", TITLES["third-party"])
    elif code == "parents":
        for parent in parents:
            for name in ("parent-note", *SCREENING, "safe-enquiry", RISK_NOW):
                if f"{name}:{parent.id}" not in held:
                    words = f"{TITLES[name]} · {parent.short_name}" if len(parents) > 1 else TITLES[name]
                    yield Offer(name, parent.id, "", words, NOT_ALONE if name == "safe-enquiry" and not alone else "")


def key_of(offer: Offer) -> str:
    """The key of the sheet that an offer would make."""
    return sheet_key(offer.name, offer.subject, offer.caregiver)


def _more(
    others: Sequence[Other], draft: DraftView, taken: Collection[str], alone: bool
) -> Iterable[tuple[str, tuple[Offer, ...]]]:
    """What the library has beside the usual, for each person it may be asked about."""
    parents = [(person.id, person.short_name, "parent") for person in draft.people if person.is_parent]
    babies = [(baby.id, baby.short_name, "baby") for baby in draft.babies]
    for id_, name, about in (*parents, *babies, (draft.family, "The family", "family")):
        found = [
            Offer(each.name, id_, "", each.title, NOT_ALONE if each.restricted and about == "parent" and not alone else "")
            for each in others
            if each.about == about and sheet_key(each.name, id_) not in taken
        ]
        if found:
            yield name, tuple(found)
