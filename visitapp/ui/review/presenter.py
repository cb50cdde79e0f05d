"""Decides what the review screen shows and takes the supervisor's decisions; no Qt."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeVar

from visitapp.actions import reviews
from visitapp.actions.reviews import ReviewView as Opened
from visitapp.actions.session import Desk
from visitapp.domain.ids import VisitId
from visitapp.domain.problems import Problem
from visitapp.domain.visits import Outcome
from visitapp.store.rows import QueueRow
from visitapp.ui.roles import Feed, Lanes, Navigate, Notices, WhatChanged
from visitapp.ui.sign.document import DocLine, DocumentPage, document_of
from visitapp.ui.wording import OUTCOMES, count, flag_words, moment_words

T = TypeVar("T")


@dataclass(frozen=True)
class QueueLine:
    """One note that waits."""

    visit: str
    title: str
    detail: str
    waiting: str
    marks: tuple[tuple[str, str, str], ...]


class ReviewScreenView(Protocol):
    """What the presenter asks of the screen."""

    def show_queue(self, lines: Sequence[QueueLine]) -> None: ...
    def show_note(self, note: DocumentPage, previous: DocumentPage | None, waiting: str) -> None: ...
    def show_said(self) -> None: ...
    def show_refused(self, problem: Problem) -> None: ...


class ReviewPresenter:
    """The queue, and the note that is open."""

    def __init__(
        self, view: ReviewScreenView, desk: Desk, lanes: Lanes, feed: Feed, navigate: Navigate, notices: Notices
    ) -> None:
        self._view = view
        self._desk = desk
        self._lanes = lanes
        self._navigate = navigate
        self._notices = notices
        self._here = False
        self._visit = VisitId("")
        self._family = ""
        self._deciding = False
        feed.follow(view, self._heard)

    def open(self, argument: str) -> None:
        """Show the queue, or the note named by its id."""
        self._here = True
        if argument:
            self.open_note(argument)
        else:
            self.show_queue()

    def leave(self) -> None:
        """Nothing needs to be kept up to date while nobody looks."""
        self._here = False

    def show_queue(self) -> None:
        """Go back to the queue."""
        self._visit = VisitId("")
        self._lanes.on_record(
            self._view, lambda: reviews.review_queue(self._desk), self._show_queue, self._notices.problem
        )

    def open_note(self, visit: str) -> None:
        """Open a note with the visit before it."""
        self._visit = VisitId(visit)
        self._read()

    def open_family(self) -> None:
        """Go to the family of the note that is open."""
        self._navigate("family", self._family)

    def comment(self, text: str, line: DocLine | None, quote: str) -> None:
        """Comment on the note, a question of it, or words of its answer."""
        visit = self._visit
        part, link_id = (line.part, line.link_id) if line is not None else ("", "")
        self._say(
            lambda: reviews.comment(self._desk, visit, text, part=part, link_id=link_id, quote=quote),
            lambda _id: self._view.show_said(),
        )

    def seen(self) -> None:
        """Mark the note as seen and go on."""
        visit = self._visit
        self._decide(lambda: reviews.mark_seen(self._desk, visit), "Marked as seen.")

    def give_back(self, question: str) -> None:
        """Return the note to its author with a question and go on."""
        visit = self._visit
        self._decide(lambda: reviews.return_to_author(self._desk, visit, question), "Returned with your question.")

    def countersign(self) -> None:
        """Countersign the note and go on."""
        visit = self._visit
        self._decide(lambda: reviews.countersign(self._desk, visit), "Countersigned.")

    def next_note(self) -> None:
        """Leave this note as it is and open the next."""
        visit = self._visit
        self._lanes.on_record(
            self._view, lambda: reviews.review_queue(self._desk), lambda rows: self._go_past(visit, rows), self._notices.problem
        )

    def _decide(self, work: Callable[[], object], words: str) -> None:
        if not self._visit or self._deciding:
            return
        self._deciding = True
        decided = self._visit

        def work_and_next() -> VisitId | None:
            work()
            waiting = [row.visit for row in reviews.review_queue(self._desk) if row.visit != decided]
            return VisitId(waiting[0]) if waiting else None

        def done(following: VisitId | None) -> None:
            self._deciding = False
            self._view.show_said()
            self._notices.tell(words if following else f"{words} That was the last one.")
            if following is None:
                self.show_queue()
            else:
                self.open_note(following)

        self._say(work_and_next, done)

    def _say(self, work: Callable[[], T], done: Callable[[T], None]) -> None:
        self._lanes.on_record(self._view, work, done, self._refused)

    def _refused(self, problem: Problem) -> None:
        self._deciding = False
        self._view.show_refused(problem)

    def _go_past(self, visit: VisitId, rows: Sequence[QueueRow]) -> None:
        ids = [row.visit for row in rows]
        at = ids.index(visit) + 1 if visit in ids else 0
        following = (ids[at:] + ids[:at])[:1]
        if following and following[0] != visit:
            self.open_note(following[0])
        else:
            self.show_queue()

    def _read(self) -> None:
        visit = self._visit

        def work() -> tuple[Opened, int]:
            return reviews.open_review(self._desk, visit), len(reviews.review_queue(self._desk))

        self._lanes.on_record(self._view, work, self._show_note, self._notices.problem)

    def _show_note(self, found: tuple[Opened, int]) -> None:
        opened, waiting = found
        if opened.note.visit != self._visit:
            return
        now = self._desk.clock.now()
        self._family = opened.note.family
        previous = document_of(opened.previous, now) if opened.previous is not None else None
        words = f"{count(waiting, 'note')} in the queue" if waiting else "The queue is empty"
        self._view.show_note(document_of(opened.note, now), previous, words)

    def _show_queue(self, rows: Sequence[QueueRow]) -> None:
        if not self._visit:
            now = self._desk.clock.now()
            self._view.show_queue([queue_line(row, now) for row in rows])

    def _heard(self, changes: WhatChanged) -> None:
        if not self._here or self._deciding:
            return
        if self._visit and self._visit in changes.visits:
            self._read()
        elif not self._visit and (changes.visits or "review" in changes.kinds):
            self.show_queue()


def queue_line(row: QueueRow, now: datetime) -> QueueLine:
    """One note of the queue in words."""
    days = (now - (row.received_at or row.signed_at)).days
    outcome = OUTCOMES[Outcome(row.outcome)] if row.outcome in set(Outcome) else row.outcome
    marks = [flag_words(flag) for flag in row.flags]
    if row.late:
        marks.append(flag_words("late"))
    if row.answered:
        marks.append(("answered", "accent", "chat"))
    said = [row.author_name, moment_words(row.started_at, now), outcome if row.outcome != Outcome.COMPLETED else "", row.summary]
    return QueueLine(
        visit=row.visit,
        title=row.family_name,
        detail=" · ".join(part for part in said if part),
        waiting="today" if days < 1 else count(days, "day"),
        marks=tuple(marks),
    )
