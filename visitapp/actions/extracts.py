"""What signed forms say for a family's timeline: totals, coded answers, and what was seen of each construct."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from visitapp.actions.session import Desk
from visitapp.actions.signing import MEASURES
from visitapp.domain.observation import Scale, ribbon
from visitapp.domain.problems import QuestionnaireNotHere
from visitapp.domain.visits import NoteState, questionnaire_name
from visitapp.forms.extraction import Extract, extracts
from visitapp.forms.values import Coding, value_text
from visitapp.store.answers import parts
from visitapp.store.reading import Reading
from visitapp.store.rows import PartRow, VisitRow

_VISITS_READ = 40
"""Enough for more than a year of fortnightly visits; older notes are read one by one."""


@dataclass(frozen=True)
class Said:
    """One thing a form says for the timeline: a total with its band, or an answer that the form marks for it."""

    visit: str
    person: str
    at: datetime
    title: str
    words: str
    is_score: bool = True


@dataclass(frozen=True)
class Ribbons:
    """One observation of a baby with a caregiver: for each construct what was seen, in the order of the form."""

    visit: str
    baby: str
    caregiver: str
    at: datetime
    seen: Mapping[str, tuple[Scale, ...]]


@dataclass(frozen=True)
class FamilyExtracts:
    """Everything the signed forms of a family say for its timeline, newest first."""

    said: tuple[Said, ...] = ()
    ribbons: tuple[Ribbons, ...] = ()


def family_extracts(desk: Desk, r: Reading, visits: Sequence[VisitRow]) -> FamilyExtracts:
    """Read what the forms of a family's visits say; struck notes and restricted parts are left out.

    Nothing is added up over visits, and nothing is graded: what was seen is shown beside what was seen before.
    """
    said: list[Said] = []
    ribbons: list[Ribbons] = []
    for visit in [each for each in visits if each.state != NoteState.IN_ERROR][:_VISITS_READ]:
        for part in parts(r, visit.id):
            if part.restricted or visit.started_at is None:
                continue
            found = _found(desk, part)
            said += _said(found, part, visit)
            seen = ribbon((each.construct, _code(each)) for each in found if each.construct is not None)
            if seen:
                ribbons.append(Ribbons(visit.id, part.subject, part.caregiver, visit.started_at, seen))
    return FamilyExtracts(tuple(said), tuple(ribbons))


def _found(desk: Desk, part: PartRow) -> tuple[Extract, ...]:
    try:
        return extracts(desk.questionnaire(part.questionnaire), part.answers)
    except QuestionnaireNotHere:
        return ()


def _said(found: Sequence[Extract], part: PartRow, visit: VisitRow) -> Iterator[Said]:
    for each in found:
        if each.kind == "construct":
            continue
        if each.kind == "score":
            band = each.score.band.label if each.score and each.score.band else ""
            words = f"{value_text(each.value)}{f', {band}' if band else ''}"
            yield Said(visit.id, part.subject, visit.started_at, part.title, words)
        elif not (each.link_id in MEASURES and questionnaire_name(part.questionnaire) == "baby-health"):
            # Weight, length and head stand on the timeline as measurements already, with their centiles.
            named = next((code.display for code in each.codes if code.display), "") or _titled(part.title, each.text)
            words = value_text(each.value) + (f", {each.band.label}" if each.band and each.band.label else "")
            is_score = each.band is not None or not each.codes
            yield Said(visit.id, part.subject, visit.started_at, named, words, is_score)


def _titled(form: str, text: str) -> str:
    return form if not text or text.casefold() in ("total", "score") else f"{form}, {text}"


def _code(extract: Extract) -> str | None:
    return extract.value.code if isinstance(extract.value, Coding) else None
