"""Decides what the Questionnaires screen shows: what is loaded, and the file somebody brought. No Qt."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Protocol

from visitapp.actions.packing import fingerprint
from visitapp.actions.questionnaires import Candidate, Loaded, LoadedView
from visitapp.actions.shelf import Origin, Refusal
from visitapp.forms.definition import Questionnaire
from visitapp.forms.facts import Severity
from visitapp.forms.library import Period
from visitapp.forms.sentences import sentence
from visitapp.forms.wire import MAX_BYTES
from visitapp.ui.days import typed_day
from visitapp.ui.questionnaires.preview import note
from visitapp.ui.roles import Lanes, Notices, WhatChanged
from visitapp.ui.wording import count

_MOST_PROBLEMS = 30
_ORIGINS = {
    Origin.SHIPPED: "Comes with visitapp",
    Origin.SERVICE: "From your service",
    Origin.RECORD: "Loaded on this laptop",
}
_STATUS = {"draft": "Draft", "retired": "Retired", "unknown": "Status unknown"}


@dataclass(frozen=True)
class Line:
    """A questionnaire in the list; `marks` are (words, tone)."""

    canonical: str
    title: str
    detail: str
    marks: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Brought:
    """The file somebody brought: what it is, what is wrong, what is in it, and whether it may be used here."""

    name: str
    about: str
    problems: tuple[str, ...]
    notes: tuple[str, ...]
    titles: tuple[tuple[str, str], ...]
    may_be_used: bool


class QuestionnairesShows(Protocol):
    """What the presenter asks of the view."""

    def show_lines(self, lines: Sequence[Line], refused: Sequence[str]) -> None:
        """Show what is loaded, and what came and could not be used."""

    def show_brought(self, brought: Brought | None) -> None:
        """Show the file somebody brought, or that there is none."""

    def show_form(self, questionnaire: Questionnaire) -> None:
        """Show a form as the nurse would see it."""

    def show_no_form(self, words: str) -> None:
        """Show that there is no form to see, and why."""


class QuestionnairesPresenter:
    """Lists what is loaded; judges, previews and takes in a file."""

    def __init__(
        self,
        view: QuestionnairesShows,
        *,
        loaded: Callable[[], LoadedView],
        judge: Callable[[str, bytes], Candidate],
        accept: Callable[[Candidate], Candidate],
        lanes: Lanes,
        notices: Notices,
    ) -> None:
        self._view = view
        self._loaded = loaded
        self._judge = judge
        self._accept = accept
        self._lanes = lanes
        self._notices = notices
        self._forms: dict[str, Questionnaire] = {}
        self._candidate: Candidate | None = None
        self._chosen = ""

    def open(self) -> None:
        """Show what is loaded."""
        self._lanes.on_record(self._view, self._loaded, self._show_loaded)

    def heard(self, changes: WhatChanged) -> None:
        """Show what came by sync meanwhile."""
        if "questionnaire" in changes.kinds:
            self.open()

    def choose(self, canonical: str) -> None:
        """Show one of the list, or one of the file that was brought."""
        form = self._in_candidate(canonical) or self._forms.get(canonical)
        if form is not None:
            self._chosen = canonical
            self._view.show_form(form)

    def bring(self, path: str) -> None:
        """Judge a file and show it; called again whenever the file changes."""
        self._lanes.on_record(self._view, lambda: self._read(Path(path)), self._show_candidate)

    def put_away(self) -> None:
        """Forget the file that was brought."""
        self._candidate = None
        self._view.show_brought(None)

    def use(self) -> None:
        """Use what was brought in this record from now on."""
        candidate = self._candidate
        if candidate is not None and candidate.may_be_accepted:
            self._lanes.on_record(self._view, lambda: self._accept(candidate), self._used)

    def _read(self, path: Path) -> Candidate:
        try:
            # One byte more than is allowed: the judge refuses it for its size.
            with path.open("rb") as file:
                raw = file.read(MAX_BYTES + 1)
        except OSError:
            raw = b""
        return self._judge(path.name, raw)

    def _used(self, candidate: Candidate) -> None:
        if candidate.may_be_accepted:
            self._notices.tell(f"{count(len(candidate.questionnaires), 'questionnaire')} can be used from now on.")
            self.put_away()
            self.open()
        else:
            self._show_candidate(candidate)

    def _in_candidate(self, canonical: str) -> Questionnaire | None:
        forms = self._candidate.questionnaires if self._candidate else ()
        return next((each for each in forms if each.canonical == canonical), None)

    def _show_loaded(self, found: LoadedView) -> None:
        self._forms = {row.canonical: row.questionnaire for row in found.loaded}
        self._view.show_lines([line_of(row) for row in found.loaded], [refused_words(each) for each in found.refused])
        if not self._chosen and found.loaded:
            self.choose(found.loaded[0].canonical)

    def _show_candidate(self, candidate: Candidate) -> None:
        self._candidate = candidate
        self._view.show_brought(brought_of(candidate))
        forms = candidate.questionnaires
        if not forms:
            self._view.show_no_form("There is no form to show: what is wrong stands beside.")
            return
        # A file that is being written keeps the form that its author is looking at.
        still = self._in_candidate(self._chosen)
        self.choose((still or forms[0]).canonical)


def line_of(row: Loaded) -> Line:
    """A questionnaire as the list says it."""
    said = row.questionnaire
    version = f"Version {said.version}" if said.version else "No version"
    detail = (version, _ORIGINS[row.origin], row.source, period_words(row.period))
    marks = []
    if said.status in _STATUS:
        marks.append((_STATUS[said.status], "attention"))
    if not row.is_asked and said.status != "retired":
        marks.append(("Not asked now", "muted"))
    if said.unsupported:
        marks.append((f"{len(said.unsupported)} without effect here", "attention"))
    if row.signer:
        marks.append((f"Signed {fingerprint(row.signer)[:9]}", "success"))
    return Line(row.canonical, said.title or said.url, " · ".join(part for part in detail if part), tuple(marks))


def period_words(period: Period) -> str:
    """When a questionnaire is in use."""
    first, last = _day(period.first), _day(period.last)
    if first and last:
        return f"in use {first} to {last}"
    return f"in use from {first}" if first else f"in use until {last}" if last else ""


def _day(day: date | None) -> str:
    return typed_day(day) if day else ""


def refused_words(refusal: Refusal) -> str:
    """What came and could not be used, and why."""
    return f"{refusal.name or 'A questionnaire'}: {'; '.join(dict.fromkeys(sentence(fact) for fact in refusal.facts[:5]))}."


def brought_of(candidate: Candidate) -> Brought:
    """A file that was brought, in words."""
    about = [count(len(candidate.questionnaires), "questionnaire")] if candidate.questionnaires else ["Cannot be used"]
    pack = candidate.pack
    if pack is not None:
        about += [f"pack {pack.name} {pack.version}", pack.source, period_words(Period(pack.effective_from, pack.effective_until))]
        about += [f"signed by {fingerprint(pack.key)}" if pack.key else "not signed"]
    problems = list(dict.fromkeys(sentence(fact) for fact in candidate.refusals))
    notes = [note(fact) for fact in candidate.facts if fact.severity is not Severity.ERROR]
    return Brought(
        name=candidate.name,
        about=" · ".join(part for part in about if part),
        problems=_some(problems),
        notes=_some(notes),
        titles=tuple((each.canonical, each.title or each.url) for each in candidate.questionnaires),
        may_be_used=candidate.may_be_accepted,
    )


def _some(words: Sequence[str]) -> tuple[str, ...]:
    rest = len(words) - _MOST_PROBLEMS
    return (*words[:_MOST_PROBLEMS], *([f"and {rest} more"] if rest > 0 else []))
