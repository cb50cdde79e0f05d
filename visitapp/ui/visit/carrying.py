"""Decides what is said where a newer version of a checklist has come while a visit is being written; no Qt."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from visitapp.actions import carrying
from visitapp.actions.carrying import Newer
from visitapp.actions.session import Desk
from visitapp.domain.ids import VisitId
from visitapp.forms.carrying import Carried, Loss, Move, Outcome
from visitapp.ui.checklist.labels import value_label
from visitapp.ui.roles import Lanes, Notices
from visitapp.ui.wording import count

_WHY = {
    Loss.GONE: "the question is no longer asked",
    Loss.TYPE: "it is asked for in another form now",
    Loss.OPTION: "this answer is no longer offered",
    Loss.ONCE: "it takes one answer only",
}


@dataclass(frozen=True)
class CarryOffer:
    """One sheet that can be carried: what goes along, what is asked in other words, and what has no place."""

    key: str
    title: str
    versions: str
    along: str
    reworded: tuple[str, ...]
    lost: tuple[str, ...]


class CarryingView(Protocol):
    """What the presenter asks of the screen."""

    def show_newer(self, words: str) -> None: ...
    def show_offers(self, offers: Sequence[CarryOffer]) -> None: ...
    def close_carrying(self) -> None: ...


class CarryPresenter:
    """Shows first what carrying would do and does it when asked; nobody is made to."""

    def __init__(self, view: CarryingView, desk: Desk, lanes: Lanes, notices: Notices, reopen: Callable[[str], None]) -> None:
        self._view = view
        self._desk = desk
        self._lanes = lanes
        self._notices = notices
        self._reopen = reopen
        self._visit = VisitId("")

    def look(self, argument: str) -> None:
        """Tell whether a draft that is being opened has anything to carry; `argument` begins with its id."""
        self._visit = visit = VisitId(argument.partition("|")[0])
        self._view.show_newer("")
        # A signed visit or none: whoever opens it says so.
        self._lanes.on_record(self._view, lambda: self._found(visit), self._tell, lambda _problem: None)

    def begin(self, visit: str) -> None:
        """Show what carrying each sheet would do."""
        self._visit = now = VisitId(visit)
        self._lanes.on_record(self._view, lambda: self._found(now), self._show, self._notices.problem)

    def carry(self, key: str) -> None:
        """Carry one sheet over."""
        visit = self._visit
        self._lanes.on_record(
            self._view, lambda: carrying.carry_sheet(self._desk, visit, key), lambda done: self._carried(visit, done),
            self._notices.problem,
        )  # fmt: skip

    def _found(self, visit: VisitId) -> tuple[Newer, ...]:
        return carrying.newer_versions(self._desk, visit)

    def _tell(self, found: Sequence[Newer]) -> None:
        named = found[0].title if len(found) == 1 else f"{len(found)} checklists"
        self._view.show_newer(f"A newer version of {named} is here." if found else "")

    def _show(self, found: Sequence[Newer]) -> None:
        self._tell(found)
        self._view.show_offers([_offer(each) for each in found])

    def _carried(self, visit: VisitId, done: Carried) -> None:
        self._view.close_carrying()
        kept = f" {count(len(done.lost), 'answer')} without a place stays with the visit." if done.lost else ""
        self._notices.tell(f"Carried to the newer version.{kept}")
        self._reopen(visit)
        self.look(visit)


def _offer(found: Newer) -> CarryOffer:
    moves = found.carried.moves
    along = sum(move.outcome is not Outcome.LOST for move in moves)
    return CarryOffer(
        key=found.key,
        title=found.title,
        versions=f"Version {_version(found.old)}, newer: {_version(found.new)}",
        along=f"{count(along, 'answer')} go along." if along != 1 else "1 answer goes along.",
        reworded=tuple(_said(move) for move in moves if move.outcome is Outcome.REWORDED),
        lost=tuple(f"{_said(move)} ({_WHY[move.loss]})" if move.loss else _said(move) for move in found.carried.lost),
    )


def _said(move: Move) -> str:
    asked = move.text or move.link_id
    colon = "" if asked.endswith(("?", ":", ".", "…")) else ":"
    return f"{asked}{colon} {', '.join(value_label(value) for value in move.values)}"


def _version(canonical: str) -> str:
    return canonical.partition("|")[2]
