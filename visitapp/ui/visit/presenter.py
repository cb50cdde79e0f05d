"""Decides what the visit screen shows and when the draft is saved; no Qt."""

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from visitapp.actions import reading, visits
from visitapp.actions.session import Desk
from visitapp.actions.visits import DraftView
from visitapp.domain.clock import spoken_time
from visitapp.domain.ids import PersonId, VisitId
from visitapp.domain.problems import Problem
from visitapp.domain.programme import age_text
from visitapp.domain.visits import Sheet
from visitapp.forms.values import Value
from visitapp.ui.roles import Lanes, Navigate, Notices
from visitapp.ui.visit.autosave import Autosave, Later
from visitapp.ui.visit.files import TOO_MANY, are_too_many
from visitapp.ui.visit.heading import BabyTag, Heading, VisitView
from visitapp.ui.visit.last_visit import LastVisit, last_visit_of
from visitapp.ui.visit.pages import note_of, page_of, visit_length
from visitapp.ui.visit.sheets import RISK_NOW, OpenSheet, Shown, outcome_now, place_of, questionnaire_is_risk_now, values_of
from visitapp.ui.visit.steps import Step, step_of_section, steps_of


class VisitPresenter:
    """One visit being written."""

    def __init__(
        self, view: VisitView, desk: Desk, lanes: Lanes, navigate: Navigate, notices: Notices, later: Later,
        language: Callable[[], str] = lambda: "en",
    ) -> None:  # fmt: skip
        self._view = view
        self._desk = desk
        self._lanes = lanes
        self._navigate = navigate
        self._notices = notices
        self._draft: DraftView | None = None
        self._sheets: dict[str, OpenSheet] = {}
        self._dirty: set[str] = set()
        self._language = language
        self._step = self._saved_step = ""
        self._steps: tuple[Step, ...] = ()
        self._adding: set[str] = set()
        self._in_trouble = False
        self._autosave = Autosave(later, self._now_ms, self._save)

    def open_argument(self, argument: str) -> None:
        """Show what the window was asked for: "visit id", or "visit id|section|sheet key|place"."""
        visit, _, goto = argument.partition("|")
        self.open_visit(visit, goto)

    def open_visit(self, visit: str, goto: str = "") -> None:
        """Show a draft; `goto` is "section|sheet key|place" of a question to go to, each but the first optional."""
        self._autosave.flush()
        self._draft = None
        self._sheets = {}
        self._step = ""
        self._view.forget_pages()
        self._lanes.on_record(
            self._view,
            lambda: self._load(VisitId(visit)),
            lambda loaded: self._opened(loaded, goto),
            lambda problem: self._not_there(visit, problem),
        )

    def _not_there(self, visit: str, problem: Problem) -> None:
        """Somebody came back to a visit that is signed by now: show it as it is."""
        self._lanes.on_record(
            self._view,
            lambda: reading.read_visit(self._desk, VisitId(visit)),
            lambda _found: self._navigate("note", visit),
            lambda _also: self._notices.problem(problem),
        )

    def _load(self, visit: VisitId) -> tuple[DraftView, LastVisit]:
        draft = visits.open_draft(self._desk, visit)
        return draft, last_visit_of(self._desk, draft)

    def _opened(self, loaded: tuple[DraftView, LastVisit], goto: str) -> None:
        draft, last = loaded
        self._draft = draft
        self._sheets = {sheet.key: self._open_sheet(sheet) for sheet in draft.sheets}
        self._dirty = set()
        today = self._desk.clock.today()
        several = len(draft.babies) > 1
        babies = tuple(
            BabyTag(baby.short_name, age_text(baby, today), baby.colour if several else "") for baby in draft.babies
        )
        self._view.show_heading(Heading(draft.family_name, babies, draft.started_at))
        self._view.show_last_visit(last)
        self._view.show_saved(f"Saved on this laptop {spoken_time(draft.updated_at)}", "muted")
        self.tick()
        section, _, rest = goto.partition("|")
        self._go(step_of_section(section or draft.step), save=False)
        key, _, place = rest.partition("|")
        if key:
            self._view.focus_place(key, place)

    def _open_sheet(self, sheet: Sheet) -> OpenSheet:
        people = self._draft.people if self._draft is not None else ()
        return OpenSheet(sheet, self._desk.questionnaire(sheet.questionnaire), self._language(), people)

    def go_to(self, code: str) -> None:
        """Show a step; what was typed is saved at once."""
        if self._draft is not None and code != self._step:
            self._autosave.flush()
            self._go(code)

    def next_step(self) -> None:
        """Show the step after this one; after the last comes signing."""
        codes = [step.code for step in self._steps]
        at = codes.index(self._step) if self._step in codes else -1
        if at + 1 < len(codes):
            self.go_to(codes[at + 1])
        elif codes:
            self.sign()

    def previous_step(self) -> None:
        """Show the step before this one."""
        codes = [step.code for step in self._steps]
        if self._step in codes and codes.index(self._step) > 0:
            self.go_to(codes[codes.index(self._step) - 1])

    def sign(self) -> None:
        """Go on to signing, with everything saved."""
        if self._draft is not None:
            self._autosave.flush()
            self._navigate("sign", self._draft.visit)

    def leave(self) -> None:
        """The screen is being left: save what is unsaved, ask nothing."""
        self._autosave.flush()

    def tick(self) -> None:
        """Show how long the visit has lasted."""
        if self._draft is not None:
            minutes = int((self._desk.clock.now() - self._draft.started_at).total_seconds() // 60)
            begun = spoken_time(self._draft.started_at)
            words = f"begun {begun}" if minutes >= 8 * 60 or minutes < 0 else f"begun {begun} · {_length(minutes)}"
            self._view.show_time(words)

    def _go(self, code: str, *, save: bool = True) -> None:
        self._show_steps(code)
        codes = [step.code for step in self._steps]
        if code not in codes:
            code = codes[0] if codes else ""
        self._step = code
        self._view.show_steps(self._steps, code)
        self._show_page()
        self._view.focus_first()
        if save and code != self._saved_step:
            self._autosave.touch()

    # Answering

    def answer(self, key: str, place: str, values: Sequence[Value]) -> None:
        """Take an answer to a question of a sheet."""
        sheet = self._sheets.get(key)
        if sheet is not None and are_too_many(self._sheets.values(), sheet, place, values):
            self._notices.tell(TOO_MANY)
        elif sheet is not None:
            self._after(sheet, sheet.answer(place, values))

    def add_group(self, key: str, place: str) -> None:
        """Add another of a repeating group and go to it."""
        sheet = self._sheets.get(key)
        if sheet is not None:
            new, shown = sheet.add(place)
            self._after(sheet, shown)
            first = next((row.place for row in shown.rows if row.place.startswith(f"{new}/")), new)
            self._view.focus_place(key, first)

    def remove_group(self, key: str, place: str) -> None:
        """Take one of a repeating group away; it can be brought back."""
        sheet = self._sheets.get(key)
        if sheet is None:
            return
        before = sheet.current()
        self._after(sheet, sheet.remove(place))
        self._notices.tell("Taken away.", lambda: self._put_back(key, before))

    def field_left(self) -> None:
        """A field lost the focus: save at once what is unsaved."""
        self._autosave.flush()

    def say_alone(self) -> None:
        """The nurse says that she is alone with the parent: private questions open."""
        for sheet in self._sheets.values():
            place = place_of(sheet, "alone")
            if place is not None:
                self.answer(sheet.key, place, (True,))
                self._show_page()
                return

    def _put_back(self, key: str, before: Sheet) -> None:
        if key in self._sheets:
            sheet = self._open_sheet(before)
            self._sheets[key] = sheet
            self._after(sheet, Shown(sheet.rows(), anew=True))

    def _after(self, sheet: OpenSheet, shown: Shown) -> None:
        self._dirty.add(sheet.key)
        self._autosave.touch()
        if shown.anew:
            self._view.show_rows(sheet.key, shown.rows)
        else:
            self._view.show_changed(sheet.key, shown.rows)
        self._view.show_note(sheet.key, self._note(sheet))
        self._open_risk_now(sheet)
        self._show_steps(self._step)

    def _note(self, sheet: OpenSheet) -> str:
        draft = self._draft
        return note_of(sheet, visit_length(draft, self._sheets.values())) if draft is not None else ""

    # Adding and taking off questionnaires

    def add_questionnaire(self, name: str, subject: str, caregiver: str = "") -> None:
        """Add a questionnaire to the visit and go to it."""
        self._add(name, subject, caregiver, go=True)

    def remove_questionnaire(self, key: str) -> None:
        """Take an added questionnaire off; it can be brought back with everything in it."""
        draft = self._draft
        if draft is None or key not in self._sheets:
            return
        self._autosave.flush()
        visit = draft.visit
        self._lanes.on_record(
            self._view, lambda: visits.remove_sheet(self._desk, visit, key), self._removed, self._notices.problem
        )

    def _removed(self, gone: Sheet) -> None:
        self._sheets.pop(gone.key, None)
        self._dirty.discard(gone.key)
        self._show_page()
        self._show_steps(self._step)
        self._notices.tell("Taken off this visit.", lambda: self._restore(gone))

    def _restore(self, sheet: Sheet) -> None:
        draft = self._draft
        if draft is not None:
            visit = draft.visit
            self._lanes.on_record(
                self._view,
                lambda: visits.restore_sheet(self._desk, visit, sheet),
                lambda _none: self._sheet_came(sheet, go=False),
                self._notices.problem,
            )

    def _open_risk_now(self, sheet: OpenSheet) -> None:
        """Open the "risk now?" page beside the sheet that asks for it; the nurse may come to it when they are alone."""
        person = sheet.sheet.subject.id
        if sheet.asks_for_risk_now() and not self._risk_now_sheet(person) and person not in self._adding:
            self._adding.add(person)
            self._add(RISK_NOW, person, "", go=False)

    def _add(self, name: str, subject: str, caregiver: str, *, go: bool) -> None:
        draft = self._draft
        if draft is None:
            return
        visit = draft.visit

        def work() -> Sheet:
            key = visits.add_sheet(
                self._desk, visit, name, PersonId(subject), PersonId(caregiver) if caregiver else None
            )
            return next(sheet for sheet in visits.open_draft(self._desk, visit).sheets if sheet.key == key)

        self._lanes.on_record(self._view, work, lambda sheet: self._sheet_came(sheet, go=go), self._notices.problem)

    def _sheet_came(self, sheet: Sheet, *, go: bool) -> None:
        self._adding.discard(sheet.subject.id)
        if sheet.key not in self._sheets:
            self._sheets[sheet.key] = self._open_sheet(sheet)
        self._show_steps(self._step)
        if step_of_section(sheet.section) == self._step:
            self._show_page()
            if go:
                self._view.focus_place(sheet.key, "")
        if questionnaire_is_risk_now(sheet) and not go:
            self._notices.tell("The “Risk now?” page is open under Parents. It can wait until you are alone.")

    def _risk_now_sheet(self, person: str) -> OpenSheet | None:
        return next((s for s in self._sheets.values() if s.name == RISK_NOW and s.sheet.subject.id == person), None)

    # Saving

    def discard(self) -> None:
        """Set the draft aside; the notice brings it back."""
        draft = self._draft
        if draft is None:
            return
        self._autosave.flush()
        self._autosave.stop()
        visit, family = draft.visit, draft.family
        self._draft = None

        def gone(_none: object) -> None:
            self._navigate("family", family)
            self._notices.tell("The visit was set aside.", lambda: self._bring_back(visit))

        self._lanes.on_record(self._view, lambda: visits.discard_draft(self._desk, visit), gone, self._notices.problem)

    def _bring_back(self, visit: VisitId) -> None:
        self._lanes.on_record(
            self._view,
            lambda: visits.restore_draft(self._desk, visit),
            lambda _none: self._navigate("visit", visit),
            self._notices.problem,
        )

    def move(self, begin: Callable[[str], None]) -> None:
        """Begin moving the draft to another family or baby, with everything saved."""
        if self._draft is not None:
            self._autosave.flush()
            begin(self._draft.visit)

    def _save(self) -> None:
        draft = self._draft
        if draft is None:
            self._autosave.saved()
            return
        keys = {key for key in self._dirty if key in self._sheets}
        self._dirty = set()
        answers: dict[str, Sequence[Mapping[str, Any]]] = {key: self._sheets[key].answers() for key in keys}
        visit, step = draft.visit, self._step
        self._lanes.on_record(
            self._view,
            lambda: visits.save_answers(self._desk, visit, answers, step),
            lambda at: self._saved(visit, at, step),
            lambda problem: self._not_saved(visit, keys, problem),
        )

    def _saved(self, visit: VisitId, at: datetime, step: str) -> None:
        self._saved_step = step
        self._in_trouble = False
        self._autosave.saved()
        if self._draft is not None and self._draft.visit == visit:
            self._view.show_saved(f"Saved on this laptop {spoken_time(at)}", "muted")

    def _not_saved(self, visit: VisitId, keys: set[str], problem: Problem) -> None:
        if self._draft is not None and self._draft.visit == visit:
            self._dirty |= keys
            self._autosave.failed()
            self._view.show_saved("Not saved yet: trying again. Keep this window open.", "danger")
        else:
            self._autosave.saved()
        # It is tried again every second: the top line keeps saying so, the notice comes once.
        if not self._in_trouble:
            self._in_trouble = True
            self._notices.problem(problem)

    # Showing

    def _show_steps(self, current: str) -> None:
        progress = [
            sheet.progress(needs_you=self._needs_you(sheet)) for sheet in self._sheets.values()
        ]
        steps = steps_of(outcome_now(self._sheets), progress)
        if steps != self._steps:
            self._steps = steps
            self._view.show_steps(steps, current)

    def _needs_you(self, sheet: OpenSheet) -> bool:
        if not sheet.asks_for_risk_now():
            return False
        answer = self._risk_now_sheet(sheet.sheet.subject.id)
        return answer is None or not values_of(answer, "rn-outcome")

    def _show_page(self) -> None:
        draft = self._draft
        if draft is None or not self._step:
            return
        phones = tuple(
            (str(card.get("name", "")), str(card.get("phone", "")), str(card.get("when") or card.get("hours") or ""))
            for card in self._desk.phone_cards
        )
        today = self._desk.clock.today()
        others = visits.offers(self._desk)
        self._view.show_page(page_of(self._step, draft, tuple(self._sheets.values()), today, self._is_alone(), phones, others))

    def _is_alone(self) -> bool:
        arrivals = (sheet for sheet in self._sheets.values() if sheet.name == "visit-arrival")
        return any(values_of(sheet, "alone") == (True,) for sheet in arrivals)

    def _now_ms(self) -> int:
        # Not the wall clock: setting the laptop's time must neither hold back nor hurry a save.
        return int(time.monotonic() * 1000)


def _length(minutes: int) -> str:
    hours, rest = divmod(minutes, 60)
    return f"{hours} h {rest} min" if hours else f"{rest} min"

