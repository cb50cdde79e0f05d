"""Handing in: while the server works on some batches, the answers to those before are taken in and the next are frozen."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from visitapp.domain.problems import Problem
from visitapp.protocol.messages import ACCEPTED, MAX_OPS, Op, PushAnswer
from visitapp.store.outbox import MAX_BATCH_BYTES, Batches, mark_failed
from visitapp.store.record import Record
from visitapp.store.settlement import settle
from visitapp.store.writing import Writing
from visitapp.sync.client import monotonic
from visitapp.sync.flight import Flight
from visitapp.sync.pace import Pace
from visitapp.sync.problems import ServiceFailed, ServiceUnreachable

_MOST_BATCHES: Final = 4
_QUICK_BYTES: Final = 1024 * 1024

Batch = list[Op]


class Stopped(Exception):
    """The exchange was asked to stop and did, between two steps."""


@dataclass(frozen=True)
class Way:
    """What sending needs of the exchange that it is part of.

    `push` hands in changes, on another thread than everything else. `step` is told before each round how many changes have been
    answered, and of how many; it may raise Stopped. `remember` notes server and request counter beside what was taken in. `landed`
    is told after each round how many changes it answered. `pace` says how much the line carries, and learns from every batch.
    """

    push: Callable[[Sequence[Op]], PushAnswer]
    step: Callable[[int, int], None]
    remember: Callable[[Writing], None]
    landed: Callable[[int], None]
    pace: Pace


@dataclass
class _Landed:
    """What came back of one round: an answer for each batch, as far as it got, and what ended it early."""

    answers: list[PushAnswer] = field(default_factory=list)
    problem: Problem | None = None
    whole: bool = False

    @property
    def many(self) -> int:
        """How many changes were finally answered."""
        return sum(receipt.outcome != "retry" for answer in self.answers for receipt in answer.receipts)


class Sending:
    """Hands in everything that may go, in rounds of some batches; one request on its way at a time, every step one transaction.

    A round leaves only after the transaction that froze it. The next one leaves before the last answers are taken in, if those are
    nothing but acceptance; else the record decides first what may go. A round is one batch on a slow line, several on a quick one:
    the changes of one batch are spread over the whole file, and writing most of its pages once for each is what takes the time.
    """

    def __init__(self, record: Record, way: Way, user: str) -> None:
        self._record = record
        self._way = way
        self._user = user
        self._batches = Batches(MAX_OPS)
        self._flight: Flight[_Landed] | None = None
        self._of = 0
        self._sent = 0

    def run(self) -> None:
        """Until nothing is left or the server takes nothing more. Raises Stopped and the problems of `sync/problems.py`."""
        with self._record.reading() as r:
            if not self._batches.plan(r):
                return
        self._of = self._batches.left
        try:
            with self._record.writing() as w:
                sent = self._freeze(w, [])
            ahead: list[Batch] = []
            while sent:
                if self._flight is None:
                    self._launch(sent)
                if not ahead and self._batches.left:
                    with self._record.writing() as w:
                        ahead = self._freeze(w, sent)
                landed = self._landed()
                sent, ahead = self._take_in(landed, sent, ahead)
        finally:
            if self._flight is not None:
                self._flight.land()

    def _freeze(self, w: Writing, on_their_way: list[Batch]) -> list[Batch]:
        """The next round, frozen in this transaction."""
        fits = self._way.pace.bytes
        most = _MOST_BATCHES if fits >= _QUICK_BYTES else 1
        return self._batches.freeze_next(w, {op.op for batch in on_their_way for op in batch}, most, min(fits, MAX_BATCH_BYTES))

    def _launch(self, batches: list[Batch]) -> None:
        self._of = max(self._of, self._sent + sum(map(len, batches)))
        self._way.step(self._sent, self._of)
        self._flight = Flight(lambda: self._hand_in(batches))

    def _hand_in(self, batches: list[Batch]) -> _Landed:
        """One batch after the other, as long as each is accepted whole; on the request's own thread."""
        landed = _Landed()
        for batch in batches:
            try:
                answer = self._push(batch)
            except Problem as problem:
                landed.problem = problem
                return landed
            landed.answers.append(answer)
            if not all(receipt.outcome in ACCEPTED for receipt in answer.receipts):
                return landed
        landed.whole = True
        return landed

    def _push(self, batch: Batch) -> PushAnswer:
        began, pace = monotonic(), self._way.pace
        try:
            answer = self._way.push(batch)
        except ServiceUnreachable:
            pace.broke()
            raise
        pace.took(sum(len(op.body) for op in batch), monotonic() - began)
        return answer

    def _landed(self) -> _Landed:
        flight, self._flight = self._flight, None
        assert flight is not None
        return flight.answer()

    def _take_in(self, landed: _Landed, sent: list[Batch], ahead: list[Batch]) -> tuple[list[Batch], list[Batch]]:
        """Settle what came back; returns the round that follows and the one after it. Raises what ended the round early."""
        if ahead and landed.whole:
            # Told to stop, it still takes in these answers.
            with suppress(Stopped):
                self._launch(ahead)
        following = self._settle(landed, ahead) if landed.answers else []
        if isinstance(landed.problem, ServiceFailed):
            failed = sent[len(landed.answers)]
            with self._record.writing() as w:
                mark_failed(w, failed, "failed", alone=len({op.group or op.op for op in failed}) == 1)
        if landed.problem is not None:
            raise landed.problem
        return (ahead, following) if self._flight is not None else (following, [])

    def _settle(self, landed: _Landed, ahead: list[Batch]) -> list[Batch]:
        """Take the answers in, and freeze what may go after them."""
        following: list[Batch] = []
        with self._record.writing() as w:
            for answer in landed.answers:
                settle(w, answer.receipts, answer.heads, author=self._user, received_ms=answer.greeting.now_ms)
            self._way.remember(w)
            if self._flight is not None:
                following = self._freeze(w, ahead) if self._batches.left else []
            elif landed.problem is None:
                self._batches.forget()
                following = self._freeze(w, []) if landed.many else []
        self._sent += landed.many
        self._way.landed(landed.many)
        return following
