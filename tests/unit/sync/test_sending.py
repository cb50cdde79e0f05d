"""Handing in by rounds: what was answered is kept, whatever ends a round, and what was not is sent again as it was."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from visitapp.domain.clock import FixedClock
from visitapp.domain.ids import Ids
from visitapp.protocol.messages import MAX_OPS, Greeting, Op, PushAnswer, Receipt
from visitapp.store.outbox import outbox_rows, receipts
from visitapp.store.record import Record
from visitapp.sync.pace import Pace
from visitapp.sync.problems import ServiceFailed, ServiceUnreachable
from visitapp.sync.sending import Sending, Way

CLOCK = FixedClock(datetime(2026, 11, 20, 10, tzinfo=UTC))
ids = Ids(CLOCK)
MANY = 2 * MAX_OPS + 100


@pytest.fixture
def record(tmp_path: Path) -> Iterator[Record]:
    """A record with more plan items than go into two batches."""
    made = Record.create(tmp_path / "record.db", b"k" * 32, clock=CLOCK)
    family = ids()
    with made.writing() as w:
        for number in range(MANY):
            w.put(f"f:{family}", "plan_item", ids(), {"text": f"item {number}"})
    yield made
    made.close()


class Service:
    """Accepts every batch up to one that it fails at, and remembers what it was sent."""

    def __init__(self, problem: Exception | None = None, after: int = 0) -> None:
        self.batches: list[list[Op]] = []
        self._problem = problem
        self._after = after

    def push(self, ops: Sequence[Op]) -> PushAnswer:
        """Accept a batch or fail."""
        self.batches.append(list(ops))
        if self._problem is not None and len(self.batches) > self._after:
            raise self._problem
        accepted = tuple(Receipt(op.op, "ok", 1, number) for number, op in enumerate(ops, 1))
        return PushAnswer(Greeting("epoch", 0, 1), accepted, (), "")


def hand_in(record: Record, service: Service) -> list[int]:
    """One run on a quick line; returns how many changes each round answered."""
    landed: list[int] = []
    pace = Pace()
    pace.bytes = 1 << 23
    way = Way(service.push, lambda sent, of: None, lambda w: None, landed.append, pace)
    Sending(record, way, "u").run()
    return landed


def waiting(record: Record) -> dict[str, tuple[str, int]]:
    """State and number of tries of each change that is still in the outbox, by op."""
    with record.reading() as r:
        return {row.op: (row.state, row.tries) for row in outbox_rows(r)}


def test_a_quick_line_has_its_answers_taken_in_together(record: Record) -> None:
    service = Service()
    assert hand_in(record, service) == [MANY]
    assert [len(batch) for batch in service.batches] == [MAX_OPS, MAX_OPS, 100]
    assert waiting(record) == {}
    with record.reading() as r:
        assert len(receipts(r, many=2 * MANY)) == MANY


def test_a_line_that_breaks_in_a_round_keeps_what_was_answered_before(record: Record) -> None:
    service = Service(ServiceUnreachable(), after=1)
    with pytest.raises(ServiceUnreachable):
        hand_in(record, service)
    left = waiting(record)
    assert len(left) == MANY - MAX_OPS
    assert set(left.values()) == {("sent", 0)}
    # What was frozen and got no answer goes out under the same names.
    again = Service()
    hand_in(record, again)
    assert {op.op for batch in again.batches for op in batch} == set(left)


def test_a_batch_that_the_service_fails_at_is_the_one_that_is_counted(record: Record) -> None:
    service = Service(ServiceFailed("x"), after=1)
    with pytest.raises(ServiceFailed):
        hand_in(record, service)
    left = waiting(record)
    failed = {op for op, (_, tries) in left.items() if tries}
    assert failed == {op.op for op in service.batches[1]}
    assert len(left) == MANY - MAX_OPS
