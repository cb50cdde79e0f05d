"""The sheets of a draft while they are being filled in: one `Filling` each, how far each has come, safety flows; no Qt."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from visitapp.domain.people import Person, Role
from visitapp.domain.visits import EXTENSIONS, Outcome, Sheet, questionnaire_name
from visitapp.forms.definition import Questionnaire
from visitapp.forms.filling import Filling, Row
from visitapp.forms.items import Item
from visitapp.forms.values import Coding, Reference, Value
from visitapp.ui.visit.steps import SheetProgress

SAFETY_FLOW = EXTENSIONS + "safety-flow"
RISK_NOW = "risk-now"


@dataclass(frozen=True)
class Shown:
    """What changed on the screen by an answer: whole rows to set anew, or only rows to mend in place."""

    rows: tuple[Row, ...]
    anew: bool


class OpenSheet:
    """One sheet of the draft with its filling and the places it shows."""

    def __init__(self, sheet: Sheet, questionnaire: Questionnaire, language: str = "en", people: Iterable[Person] = ()) -> None:
        self.sheet = sheet
        self.questionnaire = questionnaire
        self.filling = Filling(questionnaire, sheet.answers, language=language, people=tuple(map(_pointer, people)))
        self.name = questionnaire_name(sheet.questionnaire)
        self._known = {row.place: row for row in self.filling.rows()}
        self._progress: SheetProgress | None = None
        self._flows = tuple(item for item in _walk(questionnaire.items) if item.extension(SAFETY_FLOW) == RISK_NOW)

    @property
    def key(self) -> str:
        """The key that tells the sheet from the others of its visit."""
        return self.sheet.key

    def rows(self) -> tuple[Row, ...]:
        """All rows that apply now, in order, which is what the screen shows from now on."""
        return self.filling.rows()

    def answer(self, place: str, values: Sequence[Value]) -> Shown:
        """Take an answer and tell what to show."""
        return self._shown(self.filling.answer(place, values))

    def add(self, place: str) -> tuple[str, Shown]:
        """Add another of a repeating group; returns the new place."""
        new = self.filling.add(place)
        self._progress = None
        return new, self._all()

    def remove(self, place: str) -> Shown:
        """Take one of a repeating group away."""
        self.filling.remove(place)
        self._progress = None
        return self._all()

    def answers(self) -> list[dict[str, Any]]:
        """The answers as they are saved."""
        return self.filling.answers()

    def current(self) -> Sheet:
        """The sheet with the answers given so far."""
        return replace(self.sheet, answers=tuple(self.answers()))

    def progress(self, needs_you: bool = False) -> SheetProgress:
        """How far the sheet has come; counted again only after an answer."""
        if self._progress is None:
            told = self.filling.progress()
            self._progress = SheetProgress(self.sheet.section, told.empty, len(told.required_missing))
        return replace(self._progress, needs_you=needs_you)

    def asks_for_risk_now(self) -> bool:
        """Whether an answer on this sheet opens the "risk now?" page: never inferred from text, always from a tick."""
        if not self._flows:
            return False
        flagged = {item.link_id for item in self._flows}
        return any(
            row.item.link_id in flagged and any(_is_positive(value) for value in row.values) for row in self.rows()
        )

    def score_words(self) -> str:
        """The total with its band, or how much is answered: an incomplete sheet has no total."""
        score = self.filling.total()
        if score is None:
            return ""
        if score.value is None:
            return f"{score.answered} of {score.of} answered: no total yet." if score.answered else ""
        band = f" ({score.band.label})" if score.band is not None and score.band.label else ""
        return f"Total {score.value:f}{band}. A score is an aid, not a diagnosis."

    def _shown(self, changed: Iterable[str]) -> Shown:
        self._progress = None
        places = set(changed)
        rows = self.rows()
        if [row.place for row in rows] != list(self._known):
            return self._all()
        mended = tuple(row for row in rows if row.place in places or row is not self._known[row.place])
        self._known.update((row.place, row) for row in mended)
        return Shown(mended, anew=False)

    def _all(self) -> Shown:
        rows = self.rows()
        self._known = {row.place: row for row in rows}
        return Shown(rows, anew=True)


def questionnaire_is_risk_now(sheet: Sheet) -> bool:
    """Whether a sheet is the "risk now?" page."""
    return sheet.key.startswith(f"{RISK_NOW}:")


def outcome_now(sheets: Mapping[str, OpenSheet]) -> Outcome:
    """What came of the visit, as the arrival sheet says at this moment."""
    for sheet in sheets.values():
        if sheet.sheet.section == "arrival":
            for row in sheet.rows():
                if row.item.link_id == "outcome" and row.values and isinstance(row.values[0], Coding):
                    code = row.values[0].code
                    return Outcome(code) if code in set(Outcome) else Outcome.COMPLETED
    return Outcome.COMPLETED


def place_of(sheet: OpenSheet, link_id: str) -> str | None:
    """The place of the first row that asks a question, or None when it does not apply."""
    return next((row.place for row in sheet.rows() if row.item.link_id == link_id), None)


def values_of(sheet: OpenSheet, link_id: str) -> tuple[Value, ...]:
    """The values given to a question so far."""
    return next((tuple(row.values) for row in sheet.rows() if row.item.link_id == link_id), ())


def _pointer(person: Person) -> Reference:
    """How a reference points to a person of the family; in FHIR's words, whom the visits are for are patients."""
    kind = "Patient" if person.role in (Role.MOTHER, Role.BABY, Role.UNBORN) else "RelatedPerson"
    return Reference(reference=f"{kind}/{person.id}", display=person.short_name, type=kind)


def _walk(items: Sequence[Item]) -> Iterable[Item]:
    for item in items:
        yield from item.walk()


def _is_positive(value: Value) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, Coding):
        return value.code not in ("0", "no", "LA6568-5", None)
    return bool(value)
