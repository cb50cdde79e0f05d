"""A form being tried out: takes answers, tells what to show, keeps nothing; no Qt."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from visitapp.forms.definition import Questionnaire
from visitapp.forms.facts import Fact, Severity
from visitapp.forms.filling import Filling, Row
from visitapp.forms.scoring import Score
from visitapp.forms.sentences import sentence
from visitapp.forms.values import Value

_MOST_NOTES = 12
_SEVERITY_WORDS = {Severity.ERROR: "Wrong", Severity.WARNING: "Doubtful", Severity.INFORMATION: "To know"}


@dataclass(frozen=True)
class FormHead:
    """What stands above the questions: title, a line of facts about the form, and what the author should know."""

    title: str
    about: str
    notes: tuple[str, ...]


class FormShows(Protocol):
    """What the presenter asks of the page."""

    def show_head(self, head: FormHead) -> None:
        """Show the title and what is to be known about the form."""

    def show_rows(self, rows: Sequence[Row]) -> None:
        """Show exactly these rows."""

    def show_changed(self, rows: Sequence[Row]) -> None:
        """Mend these rows in place."""

    def show_total(self, words: str) -> None:
        """Show what the answers add up to."""


class FormPreview:
    """Answers a form as the nurse would, without a visit."""

    def __init__(self, view: FormShows) -> None:
        self._view = view
        self._filling: Filling | None = None
        self._places: list[str] = []

    def open(self, questionnaire: Questionnaire, answers: Sequence[Mapping[str, Any]] = (), language: str = "en") -> None:
        """Show a form, empty or with the answers of a response."""
        self._filling = Filling(questionnaire, answers, language=language)
        self._view.show_head(head_of(questionnaire, language, self._filling.facts() if answers else ()))
        self._show_all()

    def answer(self, place: str, values: Sequence[Value]) -> None:
        """Take an answer."""
        if self._filling is None:
            return
        changed = self._filling.answer(place, values)
        rows = self._filling.rows()
        if [row.place for row in rows] != self._places:
            self._show_all()
            return
        self._view.show_changed([row for row in rows if row.place in changed])
        self._view.show_total(total_words(self._filling.total()))

    def add(self, place: str) -> None:
        """Add another of a repeating group."""
        if self._filling is not None:
            self._filling.add(place)
            self._show_all()

    def remove(self, place: str) -> None:
        """Take one of a repeating group away."""
        if self._filling is not None:
            self._filling.remove(place)
            self._show_all()

    def _show_all(self) -> None:
        if self._filling is None:
            return
        rows = self._filling.rows()
        self._places = [row.place for row in rows]
        self._view.show_rows(rows)
        self._view.show_total(total_words(self._filling.total()))


def head_of(questionnaire: Questionnaire, language: str, broken: Iterable[Fact] = ()) -> FormHead:
    """What stands above a form."""
    said = questionnaire.raw.get("publisher")
    about = [
        f"Version {questionnaire.version}" if questionnaire.version else "No version",
        questionnaire.status,
        said if isinstance(said, str) else "",
    ]
    notes = [note(fact) for fact in (*questionnaire.facts, *broken)]
    rest = len(notes) - _MOST_NOTES
    return FormHead(
        title=questionnaire.title_in(language) or (str(questionnaire.raw.get("url") or "") or "A form without a title"),
        about=" · ".join(part for part in about if part),
        notes=(*notes[:_MOST_NOTES], *([f"and {rest} more"] if rest > 0 else [])),
    )


def note(fact: Fact) -> str:
    """What is to be known about a questionnaire or an answer, in a sentence that names the place."""
    said = sentence(fact)
    return f"{_SEVERITY_WORDS[fact.severity]}: {said}"


def total_words(score: Score | None) -> str:
    """The total with its band, or how much is answered: an incomplete form has no total."""
    if score is None:
        return ""
    if score.value is None:
        return f"{score.answered} of {score.of} answered: no total yet."
    band = f" ({score.band.label})" if score.band is not None and score.band.label else ""
    return f"Total {score.value:f}{band}."
