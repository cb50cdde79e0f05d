"""Decides what the sign screen shows and signs; no Qt."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from visitapp.actions import reading, signing
from visitapp.actions.session import Desk
from visitapp.actions.signing import Missing, SignPreview
from visitapp.domain.ids import VisitId
from visitapp.domain.problems import Problem, VisitNotComplete
from visitapp.domain.visits import Sheet, questionnaire_name
from visitapp.ui.checklist.wording import rule_words
from visitapp.ui.roles import Lanes, Navigate, Notices
from visitapp.ui.visit.steps import step_of_section, step_title
from visitapp.ui.wording import OUTCOMES, count, flag_words, moment_words


@dataclass(frozen=True)
class MissingLine:
    """One thing that keeps the visit from being signed; the argument leads to it."""

    words: str
    step: str
    argument: str


@dataclass(frozen=True)
class LockedLine:
    """One part of the note that will be locked."""

    title: str
    subject: str
    restricted: bool


@dataclass(frozen=True)
class SignPage:
    """Everything the sign screen shows."""

    heading: str
    summary: str
    locked: tuple[LockedLine, ...]
    missing: tuple[MissingLine, ...]
    late: str
    flags: tuple[str, ...]
    readers: str
    can_sign: bool


class SignView(Protocol):
    """What the presenter asks of the screen."""

    def show_page(self, page: SignPage) -> None: ...
    def show_working(self, working: bool) -> None: ...
    def show_reason_needed(self) -> None: ...


class SignPresenter:
    """One draft about to be signed."""

    def __init__(
        self, view: SignView, desk: Desk, lanes: Lanes, navigate: Navigate, notices: Notices,
        language: Callable[[], str] = lambda: "en",
    ) -> None:  # fmt: skip
        self._view = view
        self._desk = desk
        self._lanes = lanes
        self._navigate = navigate
        self._notices = notices
        self._language = language
        self._visit = VisitId("")
        self._page: SignPage | None = None
        self._signing = False

    def open(self, visit: str) -> None:
        """Show what signing this draft now would lock, and what is missing."""
        self._visit = VisitId(visit)
        self._page = None
        self._lanes.on_record(
            self._view,
            lambda: signing.preview_signing(self._desk, VisitId(visit), self._language()),
            self._show,
            lambda problem: self._not_there(visit, problem),
        )

    def go_to(self, line: MissingLine) -> None:
        """Go to what is missing."""
        self._navigate("visit", line.argument)

    def back(self) -> None:
        """Go back to writing."""
        self._navigate("visit", self._visit)

    def sign(self, late_reason: str) -> None:
        """Sign; asked twice it signs once."""
        page = self._page
        if page is None or self._signing or not page.can_sign:
            return
        if page.late and not late_reason.strip():
            self._view.show_reason_needed()
            return
        self._signing = True
        self._view.show_working(True)
        visit = self._visit
        self._lanes.on_record(
            self._view,
            lambda: signing.sign_visit(self._desk, visit, late_reason),
            lambda _signed: self._signed(visit),
            self._failed,
        )

    def _not_there(self, visit: str, problem: Problem) -> None:
        """Somebody came back to a visit that is signed by now: show it as it is."""
        self._lanes.on_record(
            self._view,
            lambda: reading.read_visit(self._desk, VisitId(visit)),
            lambda _found: self._navigate("note", visit),
            lambda _also: self._notices.problem(problem),
        )

    def _signed(self, visit: VisitId) -> None:
        self._signing = False
        self._view.show_working(False)
        self._navigate("note", f"{visit}|signed")

    def _failed(self, problem: Problem) -> None:
        self._signing = False
        self._view.show_working(False)
        if isinstance(problem, VisitNotComplete):
            self.open(self._visit)
        self._notices.problem(problem)

    def _show(self, preview: SignPreview) -> None:
        if preview.draft.visit != self._visit:
            return
        self._page = page_of(preview, self._desk)
        self._view.show_page(self._page)


def page_of(preview: SignPreview, desk: Desk) -> SignPage:
    """Put a preview in words."""
    draft = preview.draft
    now = desk.clock.now()
    names = ", ".join(baby.short_name for baby in draft.babies)
    ended = moment_words(preview.ended_at, now)
    late = f"The visit ended {ended}, more than a day ago: this will be marked as a late entry." if preview.late else ""
    return SignPage(
        heading=" · ".join(part for part in (draft.family_name, names) if part),
        summary=f"{OUTCOMES[draft.outcome].capitalize()}, begun {moment_words(draft.started_at, now)}",
        locked=tuple(_locked(sheet, preview, desk) for sheet in preview.parts),
        missing=tuple(missing_line(missing, draft.visit) for missing in preview.missing),
        late=late,
        flags=tuple(flag_words(flag)[0] for flag in preview.flags),
        readers=_together(preview.readers),
        can_sign=not preview.missing,
    )


def missing_line(missing: Missing, visit: str) -> MissingLine:
    """One missing thing in words, with the way there."""
    argument = "|".join((visit, missing.section, missing.sheet_key, missing.place))
    return MissingLine(_why(missing), step_title(step_of_section(missing.section)), argument)


def _why(missing: Missing) -> str:
    match missing.why:
        case "risks":
            return "Say whether a new risk was identified today, yes or no"
        case "risk-now":
            return "Record the outcome on the “Risk now?” page"
        case "minutes":
            return f"The minutes do not add up to the visit: {missing.text}"
        case "invalid":
            return rule_words(missing.text)
        case _:
            return missing.text or "A needed answer"


def _locked(sheet: Sheet, preview: SignPreview, desk: Desk) -> LockedLine:
    about = [preview.draft.person(id_) for id_ in (sheet.caregiver, sheet.subject.id) if id_]
    title = desk.questionnaire(sheet.questionnaire).title or questionnaire_name(sheet.questionnaire)
    return LockedLine(title, " with ".join(person.short_name for person in about if person), sheet.restricted)


def _together(names: Sequence[str]) -> str:
    return " and ".join(names) if len(names) < 3 else f"{', '.join(names[:-1])} and {names[-1]}"


def missing_count_words(page: SignPage) -> str:
    """How much is missing, as a heading."""
    return f"{count(len(page.missing), 'answer is', 'answers are')} missing"
