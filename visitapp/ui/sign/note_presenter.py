"""Decides what the screen of a signed visit shows, and adds to it; no Qt."""

from collections.abc import Callable
from typing import Protocol

from visitapp.actions import addenda, reading
from visitapp.actions.reading import VisitReading
from visitapp.actions.session import Desk
from visitapp.domain.ids import VisitId
from visitapp.domain.problems import Problem
from visitapp.domain.review import UserRole
from visitapp.domain.visits import NoteState
from visitapp.ui.roles import Feed, Lanes, Navigate, Notices, WhatChanged
from visitapp.ui.sign.document import DocLine, DocumentPage, Remark, document_of


class NoteView(Protocol):
    """What the presenter asks of the screen."""

    def show_document(self, page: DocumentPage, *, can_add: bool, can_strike: bool) -> None: ...
    def show_just_signed(self, words: str) -> None: ...
    def show_added(self) -> None: ...
    def show_refused(self, problem: Problem) -> None: ...


class NotePresenter:
    """One signed visit being read."""

    def __init__(
        self, view: NoteView, desk: Desk, lanes: Lanes, feed: Feed, navigate: Navigate, notices: Notices,
        language: Callable[[], str] = lambda: "en",
    ) -> None:  # fmt: skip
        self._view = view
        self._desk = desk
        self._lanes = lanes
        self._navigate = navigate
        self._notices = notices
        self._language = language
        self._visit = VisitId("")
        self._family = ""
        feed.follow(view, self._heard)

    def open(self, argument: str) -> None:
        """Show a signed visit; "id|signed" has just been signed."""
        visit, _, how = argument.partition("|")
        self._visit = VisitId(visit)
        self._view.show_just_signed(
            "Signed. It is on this laptop only until the next sync." if how == "signed" else ""
        )
        self._lanes.on_record(self._view, self._read_and_note, self._show, self._notices.problem)

    def leave(self) -> None:
        """Nothing of this note needs to be kept up to date any more."""
        self._visit = VisitId("")

    def print_note(self, copy: str = "") -> None:
        """Go to the print screen; `copy` names the copy to begin with."""
        self._navigate("print", "|".join(part for part in (self._visit, copy) if part))

    def open_family(self) -> None:
        """Go to the family."""
        self._navigate("family", self._family)

    def add(self, text: str, answers: Remark | None = None) -> None:
        """Add words to the note, as an answer to a remark or on their own."""
        visit = self._visit
        self._run(lambda: addenda.add_addendum(self._desk, visit, text, answers.id if answers else ""))

    def correct(self, line: DocLine, new: str, reason: str) -> None:
        """Correct an answer; the old one stays readable."""
        visit = self._visit
        self._run(
            lambda: addenda.add_correction(
                self._desk, visit, line.part, line.link_id, old=line.value, new=new, reason=reason
            )
        )

    def strike(self, reason: str) -> None:
        """Mark the note as entered in error."""
        visit = self._visit
        self._run(lambda: addenda.strike_visit(self._desk, visit, reason))

    def _run(self, work: Callable[[], object]) -> None:
        self._lanes.on_record(self._view, work, lambda _id: self._view.show_added(), self._view.show_refused)

    def _read_and_note(self) -> VisitReading:
        found = reading.read_visit(self._desk, self._visit, self._language())
        reading.note_view(self._desk, self._visit)
        return found

    def _show(self, found: VisitReading) -> None:
        if found.visit != self._visit:
            return
        self._family = found.family
        nurse = self._desk.user.role is UserRole.NURSE
        struck = found.state is NoteState.IN_ERROR
        mine = found.row.author == self._desk.user.user
        page = document_of(found, self._desk.clock.now())
        self._view.show_document(page, can_add=nurse and not struck, can_strike=nurse and mine and not struck)

    def _heard(self, changes: WhatChanged) -> None:
        if self._visit and self._visit in changes.visits:
            visit = self._visit
            self._lanes.on_record(
                self._view, lambda: reading.read_visit(self._desk, visit, self._language()), self._show, self._notices.problem
            )
