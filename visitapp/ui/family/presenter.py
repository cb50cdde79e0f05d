"""Decides what the Family screen shows and where it leads."""

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from visitapp.actions.caseload import FamilyView
from visitapp.domain.ids import FamilyId, VisitId
from visitapp.domain.problems import NoSuchFamily, Problem
from visitapp.ui.family.page import FamilyPage, Kind, page_of
from visitapp.ui.roles import Feed, Lanes, Navigate, WhatChanged


class FamilyShows(Protocol):
    """What the presenter asks of the view."""

    def show_page(self, page: FamilyPage) -> None:
        """Show a family."""

    def show_gone(self) -> None:
        """Say that the family is no longer on this laptop."""


class FamilyPresenter:
    """Shows one family and follows what changes about it while it is in front."""

    def __init__(
        self,
        view: FamilyShows,
        *,
        load: Callable[[FamilyId], FamilyView],
        start: Callable[[FamilyId], VisitId],
        now: Callable[[], datetime],
        may_write: bool,
        lanes: Lanes,
        feed: Feed,
        navigate: Navigate,
    ) -> None:
        self._view = view
        self._load = load
        self._start = start
        self._now = now
        self._may_write = may_write
        self._lanes = lanes
        self._navigate = navigate
        self._family = FamilyId("")
        self._shown: FamilyView | None = None
        self._kinds: frozenset[Kind] = frozenset()
        self._in_front = False
        feed.follow(view, self._changed)

    def open(self, family: str) -> None:
        """Show a family; nothing of the one before it stays in sight meanwhile."""
        self._in_front = True
        if family and family != self._family:
            self._family = FamilyId(family)
            self._kinds = frozenset()
        self._reload()

    def leave(self) -> None:
        """Stop following until the screen is in front again."""
        self._in_front = False

    def narrow(self, kinds: frozenset[Kind]) -> None:
        """Show only some kinds of event in the timeline; none named shows all."""
        self._kinds = kinds
        self._show()

    def start_visit(self) -> None:
        """Begin a visit to this family, or go on with the one begun on this laptop."""
        if self._shown is None:
            return
        if self._shown.drafts:
            self._navigate("visit", self._shown.drafts[0].visit)
            return
        family = self._family
        self._lanes.on_record(self._view, lambda: self._start(family), lambda visit: self._navigate("visit", visit))

    def go(self, screen: str, argument: str = "") -> None:
        """Open what was chosen on the screen; without an argument it is about this family."""
        self._navigate(screen, argument or self._family)

    def go_for_person(self, screen: str, person: str) -> None:
        """Open a page about one person of this family."""
        self._navigate(screen, f"{self._family}/{person}")

    def _changed(self, changes: WhatChanged) -> None:
        if self._in_front and self._family in changes.families:
            self._reload()

    def _reload(self) -> None:
        family = self._family

        def loaded(view: FamilyView) -> None:
            # The user may have gone on to another family while this one was being read.
            if family == self._family:
                self._shown = view
                self._show()

        self._lanes.on_record(self._view, lambda: self._load(family), loaded, self._failed)

    def _failed(self, problem: Problem) -> None:
        self._shown = None
        if isinstance(problem, NoSuchFamily):
            self._view.show_gone()
        else:
            raise problem

    def _show(self) -> None:
        if self._shown is not None:
            self._view.show_page(page_of(self._shown, self._now(), self._kinds, may_write=self._may_write))
