"""Handing in: while the server works on one batch, the answer to the one before is taken in and the one after it is frozen."""

from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass

from visitapp.protocol.messages import ACCEPTED, MAX_OPS, Op, PushAnswer
from visitapp.store.outbox import MAX_BATCH_BYTES, Batches, mark_failed
from visitapp.store.record import Record
from visitapp.store.settlement import settle
from visitapp.store.writing import Writing
from visitapp.sync.client import monotonic
from visitapp.sync.flight import Flight
from visitapp.sync.pace import Pace
from visitapp.sync.problems import ServiceFailed, ServiceUnreachable


class Stopped(Exception):
    """The exchange was asked to stop and did, between two steps."""


@dataclass(frozen=True)
class Way:
    """What sending needs of the exchange that it is part of.

    `push` hands in changes, on another thread than everything else. `step` is told before each batch how many changes have been
    answered, and of how many; it may raise Stopped. `remember` notes server and request counter beside what was taken in. `landed`
    is told after each batch how many changes it answered. `pace` says how much the line carries, and learns from every batch.
    """

    push: Callable[[Sequence[Op]], PushAnswer]
    step: Callable[[int, int], None]
    remember: Callable[[Writing], None]
    landed: Callable[[int], None]
    pace: Pace


class Sending:
    """Hands in everything that may go; one request on its way at a time, every step one transaction.

    A batch leaves only after the transaction that froze it. The next one leaves before the last answer is taken in, if that answer
    is nothing but acceptance; else the record decides first what may go.
    """

    def __init__(self, record: Record, way: Way, user: str) -> None:
        self._record = record
        self._way = way
        self._user = user
        self._batches = Batches(MAX_OPS)
        self._flight: Flight[PushAnswer] | None = None
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
                batch, ahead = self._freeze_next(w), list[Op]()
            while batch:
                if self._flight is None:
                    self._launch(batch)
                if not ahead and self._batches.left:
                    with self._record.writing() as w:
                        ahead = self._freeze_next(w, {op.op for op in batch})
                answer = self._landed(batch)
                batch, ahead, many = self._take_in(answer, ahead)
                self._sent += many
                self._way.landed(many)
        finally:
            if self._flight is not None:
                self._flight.land()

    def _launch(self, batch: list[Op]) -> None:
        self._of = max(self._of, self._sent + len(batch))
        self._way.step(self._sent, self._of)
        self._flight = Flight(lambda: self._push(batch))

    def _push(self, batch: list[Op]) -> PushAnswer:
        began, pace = monotonic(), self._way.pace
        try:
            answer = self._way.push(batch)
        except ServiceUnreachable:
            pace.broke()
            raise
        pace.took(sum(len(op.body) for op in batch), monotonic() - began)
        return answer

    def _freeze_next(self, w: Writing, on_their_way: Collection[str] = ()) -> list[Op]:
        return self._batches.freeze_next(w, on_their_way, min(self._way.pace.bytes, MAX_BATCH_BYTES))

    def _landed(self, batch: list[Op]) -> PushAnswer:
        flight, self._flight = self._flight, None
        assert flight is not None
        try:
            return flight.answer()
        except ServiceFailed:
            with self._record.writing() as w:
                mark_failed(w, batch, "failed", alone=len({op.group or op.op for op in batch}) == 1)
            raise

    def _take_in(self, answer: PushAnswer, ahead: list[Op]) -> tuple[list[Op], list[Op], int]:
        """Settle an answer; returns the batch that follows, the one after it, and how many changes were finally answered."""
        many = sum(receipt.outcome != "retry" for receipt in answer.receipts)
        if ahead and all(receipt.outcome in ACCEPTED for receipt in answer.receipts):
            # Told to stop, it still takes in this answer.
            with suppress(Stopped):
                self._launch(ahead)
        with self._record.writing() as w:
            settle(w, answer.receipts, answer.heads, author=self._user, received_ms=answer.greeting.now_ms)
            self._way.remember(w)
            if self._flight is not None:
                following = self._freeze_next(w, {op.op for op in ahead}) if self._batches.left else []
                return ahead, following, many
            self._batches.forget()
            return self._freeze_next(w) if many else [], [], many
