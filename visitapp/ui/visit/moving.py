"""Decides what is offered when a visit was begun for the wrong family or baby; no Qt."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from visitapp.actions import caseload, visits
from visitapp.actions.caseload import CaseloadRow, FamilyView
from visitapp.actions.session import Desk
from visitapp.actions.visits import DraftView
from visitapp.domain.ids import FamilyId, PersonId, VisitId
from visitapp.domain.problems import Problem
from visitapp.ui.roles import Lanes, Notices

SHOWN = 8


@dataclass(frozen=True)
class FamilyLine:
    """One family that the visit could be about."""

    family: str
    name: str
    detail: str


@dataclass(frozen=True)
class BabyChoice:
    """One baby of the draft, and whom of the other family it could be."""

    baby: str
    name: str
    offers: tuple[tuple[str, str], ...]


class MovingView(Protocol):
    """What the presenter asks of the screen."""

    def show_families(self, lines: Sequence[FamilyLine]) -> None: ...
    def show_babies(self, family: str, choices: Sequence[BabyChoice]) -> None: ...
    def show_cannot_move(self, words: str) -> None: ...
    def close_moving(self) -> None: ...


class MovePresenter:
    """Moves a draft whole: nothing typed is lost, whichever family it ends with."""

    def __init__(self, view: MovingView, desk: Desk, lanes: Lanes, notices: Notices, reopen: Callable[[str], None]) -> None:
        self._view = view
        self._desk = desk
        self._lanes = lanes
        self._notices = notices
        self._reopen = reopen
        self._visit = VisitId("")
        self._draft: DraftView | None = None
        self._rows: tuple[CaseloadRow, ...] = ()
        self._family = FamilyId("")

    def begin(self, visit: str) -> None:
        """Offer the families of the caseload, this one first: the baby alone may be wrong."""
        self._visit = VisitId(visit)

        def work() -> tuple[DraftView, tuple[CaseloadRow, ...]]:
            return visits.open_draft(self._desk, self._visit), caseload.caseload(self._desk)

        self._lanes.on_record(self._view, work, self._came, self._notices.problem)

    def look_for(self, text: str) -> None:
        """Narrow the families by name, mother or baby."""
        words = text.casefold().split()
        found = [row for row in self._rows if all(word in _searched(row) for word in words)]
        self._view.show_families([_line(row) for row in found[:SHOWN]])

    def choose(self, family: str) -> None:
        """Take a family and ask which baby is which."""
        self._lanes.on_record(
            self._view, lambda: caseload.family_view(self._desk, FamilyId(family)), self._ask_babies, self._notices.problem
        )

    def move(self, babies: Mapping[str, str]) -> None:
        """Move the draft with everything in it."""
        visit, family = self._visit, self._family
        to = {baby: PersonId(other) for baby, other in babies.items()}
        self._lanes.on_record(
            self._view, lambda: visits.move_draft(self._desk, visit, family, to), lambda _none: self._moved(visit), self._failed
        )

    def _came(self, found: tuple[DraftView, tuple[CaseloadRow, ...]]) -> None:
        self._draft, rows = found
        here = self._draft.family
        self._rows = tuple(sorted(rows, key=lambda row: (row.family != here, row.name.casefold())))
        self.look_for("")

    def _ask_babies(self, family: FamilyView) -> None:
        draft = self._draft
        if draft is None:
            return
        self._family = FamilyId(family.row.family)
        offers = tuple(
            (person.id, f"{person.short_name} · {family.ages.get(person.id, '')}".rstrip(" ·"))
            for person in family.people
            if person.is_child and person.died_on is None
        )
        if len(offers) < len(draft.babies):
            self._view.show_cannot_move(f"{family.row.name} has fewer babies than this visit is about.")
            return
        choices = [
            BabyChoice(baby.id, baby.short_name, offers[place:] + offers[:place]) for place, baby in enumerate(draft.babies)
        ]
        self._view.show_babies(family.row.name, choices)

    def _moved(self, visit: VisitId) -> None:
        self._view.close_moving()
        self._notices.tell("The visit was moved with everything in it.")
        self._reopen(visit)

    def _failed(self, problem: Problem) -> None:
        self._notices.problem(problem)


def _line(row: CaseloadRow) -> FamilyLine:
    babies = ", ".join(f"{baby.name} {baby.age}".strip() for baby in row.babies)
    return FamilyLine(row.family, row.name, " · ".join(part for part in (row.mother, babies) if part))


def _searched(row: CaseloadRow) -> str:
    return " ".join((row.name, row.mother, *(baby.name for baby in row.babies))).casefold()
