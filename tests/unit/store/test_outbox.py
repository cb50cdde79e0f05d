"""What goes to the server and when: one change per record at a time, groups whole, nothing sent is touched again."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from visitapp.domain.bodies import dump, load
from visitapp.domain.clock import FixedClock
from visitapp.domain.ids import Ids
from visitapp.protocol.digest import add, body_hash, hash_start, term
from visitapp.protocol.messages import CaseloadEntry, Feed, Head, Op, Outcome, Rec, Receipt
from visitapp.store.incoming import Applied, apply_feed, cursors, purge_scope, set_caseload, strays
from visitapp.store.outbox import (
    disagreements,
    mark_failed,
    mark_sent,
    next_batch,
    outbox_rows,
    receipts,
    send_again,
    sync_counts,
)
from visitapp.store.record import Record
from visitapp.store.settlement import NothingToDecide, settle, take_theirs

CLOCK = FixedClock(datetime(2026, 11, 20, 10, tzinfo=UTC))
ids = Ids(CLOCK)
USER = ids()
FAMILY = ids()
F = f"f:{FAMILY}"
U = f"u:{USER}"


@pytest.fixture
def record(tmp_path: Path) -> Iterator[Record]:
    """A new record."""
    made = Record.create(tmp_path / "record.db", b"k" * 32, clock=CLOCK)
    yield made
    made.close()


def put(record: Record, kind: str, id_: str, scope: str = F, group: str | None = None, **body: Any) -> None:
    """One change in a transaction of its own."""
    with record.writing() as w:
        w.put(scope, kind, id_, body, group=group)


def batch(record: Record, **limits: int) -> list[Op]:
    """The changes that may go next."""
    with record.reading() as r:
        return next_batch(r, **limits)


def send(record: Record) -> list[Op]:
    """The next batch, frozen as it is when it leaves."""
    ops = batch(record)
    with record.writing() as w:
        mark_sent(w, ops)
    return ops


def answer(record: Record, *given: Receipt, heads: tuple[Head, ...] = ()) -> None:
    """Take in an answer to a push."""
    with record.writing() as w:
        settle(w, given, heads, author=USER, received_ms=1_000)


def accept(record: Record, ops: list[Op], rev: int = 1) -> None:
    """Accept a batch as the server would."""
    answer(record, *(Receipt(op.op, "ok", rev, 1) for op in ops))


def states(record: Record) -> list[tuple[str, str]]:
    """Kind and state of everything in the outbox."""
    with record.reading() as r:
        return [(row.kind, row.state) for row in outbox_rows(r)]


def body_of(record: Record, id_: str, scope: str = F) -> Any:
    """A record's content."""
    with record.reading() as r:
        return r.body(scope, id_)


def rec(id_: str, kind: str, rev: int, body: dict[str, Any] | None) -> Rec:
    """A record as the server sends it."""
    raw = dump(body) if body is not None else b""
    return Rec(id_, kind, rev, hash_start(body_hash(raw)), body is None, "someone", 2_000, raw)


def test_edits_of_an_unsent_record_are_one_change_with_the_last_text(record: Record) -> None:
    draft = ids()
    for typed in ("a", "ab", "abc"):
        put(record, "draft", draft, U, family=FAMILY, visit=draft, text=typed)
    [op] = batch(record)
    assert load(op.body)["text"] == "abc"
    assert op.base == 0


def test_change_that_was_sent_is_frozen_and_a_later_one_waits_for_its_receipt(record: Record) -> None:
    draft = ids()
    put(record, "draft", draft, U, family=FAMILY, text="first")
    [sent] = send(record)
    put(record, "draft", draft, U, family=FAMILY, text="second")
    assert batch(record) == [sent]
    assert states(record) == [("draft", "sent"), ("draft", "waiting")]
    answer(record, Receipt(sent.op, "ok", 1, 1))
    [second] = batch(record)
    assert (second.base, load(second.body)["text"]) == (1, "second")


def test_record_the_server_never_saw_leaves_nothing_when_deleted(record: Record) -> None:
    draft = ids()
    put(record, "draft", draft, U, family=FAMILY)
    with record.writing() as w:
        w.delete(U, draft, "draft")
    assert states(record) == []
    assert body_of(record, draft, U) is None


def test_record_the_server_has_is_deleted_there_too(record: Record) -> None:
    draft = ids()
    put(record, "draft", draft, U, family=FAMILY)
    accept(record, send(record))
    with record.writing() as w:
        w.delete(U, draft, "draft")
    [op] = batch(record)
    assert (op.act, op.base, op.body) == ("del", 1, b"")
    accept(record, send(record), rev=2)
    assert body_of(record, draft, U) is None
    assert states(record) == []


def test_deletion_while_the_first_text_is_on_its_way_follows_it(record: Record) -> None:
    draft = ids()
    put(record, "draft", draft, U, family=FAMILY)
    [sent] = send(record)
    with record.writing() as w:
        w.delete(U, draft, "draft")
    assert body_of(record, draft, U) is None
    answer(record, Receipt(sent.op, "ok", 1, 1))
    [op] = batch(record)
    assert (op.act, op.base) == ("del", 1)


def test_group_goes_whole_or_not_at_all(record: Record) -> None:
    group = ids()
    for _ in range(3):
        put(record, "plan_item", ids(), group=group, text="x")
    put(record, "plan_item", ids(), text="alone")
    assert len(batch(record, max_ops=2)) == 3
    assert [op.group for op in batch(record, max_ops=4)] == [group, group, group, ""]


def test_group_waits_while_one_of_its_records_is_on_its_way(record: Record) -> None:
    draft, group = ids(), ids()
    put(record, "draft", draft, U, family=FAMILY, text="x")
    [sent] = send(record)
    with record.writing() as w:
        w.put(F, "visit", draft, {"visit": draft, "family": FAMILY}, group=group, type="sign")
        w.delete(U, draft, "draft", group=group)
    assert batch(record) == [sent]
    answer(record, Receipt(sent.op, "ok", 1, 1))
    assert {op.act for op in batch(record)} == {"sign", "del"}


def test_unsent_change_joins_the_group_that_takes_it_over(record: Record) -> None:
    marker, group = ids(), ids()
    put(record, "begun", marker, visit=marker, closed=False)
    with record.writing() as w:
        w.put(F, "begun", marker, {"visit": marker, "closed": True}, group=group)
        w.put(F, "visit", ids(), {"visit": marker}, group=group, type="sign")
    assert [(op.kind, op.group) for op in batch(record)] == [("begun", group), ("visit", group)]


def test_family_opened_here_stays_ahead_of_everything_else_of_it(record: Record) -> None:
    person, group = ids(), ids()
    put(record, "family", FAMILY, id=FAMILY, name="a")
    put(record, "person", person, id=person)
    with record.writing() as w:
        w.put(F, "family", FAMILY, {"id": FAMILY, "name": "b"}, group=group)
        w.put(F, "plan_item", ids(), {"text": "x"}, group=group)
    assert [op.kind for op in batch(record)] == ["family", "person", "plan_item"]


def test_family_the_server_refused_holds_back_its_own_and_nothing_else(record: Record) -> None:
    other = ids()
    put(record, "family", FAMILY, id=FAMILY, name="a")
    put(record, "person", ids(), role="mother")
    [first, *_] = send(record)
    answer(record, Receipt(first.op, "denied", 0, 0))
    put(record, "family", other, f"f:{other}", id=other, name="b")
    assert [op.scope for op in batch(record)] == [f"f:{other}"]


def test_batch_goes_family_by_family_in_the_order_made(record: Record) -> None:
    one, two = ids(), ids()
    for number in range(6):
        family = (one, two)[number % 2]
        put(record, "plan_item", ids(), f"f:{family}", text=str(number))
    assert [load(op.body)["text"] for op in batch(record)] == ["0", "2", "4", "1", "3", "5"]


def test_batch_stops_at_its_bytes(record: Record) -> None:
    for _ in range(5):
        put(record, "plan_item", ids(), text="x" * 1000)
    assert len(batch(record, max_bytes=3200)) == 3


def test_accepted_change_becomes_the_acknowledged_row_and_moves_the_cursor(record: Record) -> None:
    item = ids()
    put(record, "plan_item", item, text="goal")
    [op] = send(record)
    digest = add(0, term(item, 1, body_hash(op.body)))
    answer(record, Receipt(op.op, "ok", 1, 1), heads=(Head(F, 0, 1, 1, digest),))
    with record.reading() as r:
        held = r.raw(F, item)
        assert held is not None
        assert (held.state, held.rev, held.body) == ("received", 1, op.body)
        assert [(c.seq, c.digest) for c in cursors(r) if c.scope == F] == [(1, digest)]
        assert receipts(r, item)[0].outcome == "ok"
        assert sync_counts(r).unsent == 0


def test_cursor_stays_when_somebody_else_wrote_in_between(record: Record) -> None:
    put(record, "plan_item", ids(), text="goal")
    [op] = send(record)
    answer(record, Receipt(op.op, "ok", 1, 5), heads=(Head(F, 4, 5, 3, 99),))
    with record.reading() as r:
        assert [c.seq for c in cursors(r) if c.scope == F] == [0]


@pytest.mark.parametrize("outcome", ["conflict", "frozen", "gone", "denied"])
def test_refused_change_waits_with_both_texts(record: Record, outcome: Outcome) -> None:
    item = ids()
    put(record, "plan_item", item, text="mine")
    [op] = send(record)
    theirs = rec(item, "plan_item", 3, {"text": "theirs"}) if outcome != "denied" else None
    answer(record, Receipt(op.op, outcome, 3, 1, record=theirs))
    assert batch(record) == []
    with record.reading() as r:
        [waiting] = disagreements(r)
        assert waiting.outcome == outcome
        assert b"mine" in waiting.mine
        assert (waiting.theirs is not None and b"theirs" in waiting.theirs) == (outcome != "denied")
        assert sync_counts(r).attention == 1
        assert r.body(F, item) == {"text": "mine"}


def test_text_typed_while_a_conflict_was_on_its_way_is_the_one_that_waits(record: Record) -> None:
    item = ids()
    put(record, "plan_item", item, text="mine")
    [op] = send(record)
    put(record, "plan_item", item, text="mine, longer")
    answer(record, Receipt(op.op, "conflict", 3, 1, record=rec(item, "plan_item", 3, {"text": "theirs"})))
    with record.reading() as r:
        [waiting] = disagreements(r)
    assert b"mine, longer" in waiting.mine
    assert states(record) == [("plan_item", "conflict")]


def test_merged_answer_replaces_the_text_and_a_later_edit_is_set_upon_it(record: Record) -> None:
    put(record, "family", FAMILY, id=FAMILY, phone="1", note="a")
    [op] = send(record)
    put(record, "family", FAMILY, id=FAMILY, phone="2", note="a")
    merged = {"id": FAMILY, "phone": "1", "note": "theirs"}
    answer(record, Receipt(op.op, "merged", 4, 9, record=rec(FAMILY, "family", 4, merged)))
    assert body_of(record, FAMILY) == {"id": FAMILY, "phone": "2", "note": "theirs"}
    [later] = batch(record)
    assert later.base == 4
    assert load(later.body) == {"id": FAMILY, "phone": "2", "note": "theirs"}


def test_refused_group_counts_as_one_thing_for_a_person_and_goes_again_under_new_names(record: Record) -> None:
    group, bad, good = ids(), ids(), ids()
    put(record, "plan_item", bad, group=group, text="bad")
    put(record, "plan_item", good, group=group, text="good")
    sent = send(record)
    answer(record, Receipt(sent[0].op, "conflict", 2, 1, record=rec(bad, "plan_item", 2, {"text": "theirs"})),
           Receipt(sent[1].op, "conflict", 0, 0, "group"))  # fmt: skip
    with record.reading() as r:
        [waiting] = disagreements(r)
        assert sync_counts(r).attention == 1
    with record.writing() as w:
        take_theirs(w, waiting.op)
    [again] = batch(record)
    assert load(again.body)["text"] == "good"
    assert again.op not in {op.op for op in sent}
    assert body_of(record, bad) == {"text": "theirs"}
    with pytest.raises(NothingToDecide), record.writing() as w:
        take_theirs(w, waiting.op)


def test_held_change_leaves_the_way_but_stays_in_sight(record: Record) -> None:
    item = ids()
    put(record, "plan_item", item, text="mine")
    [op] = send(record)
    answer(record, Receipt(op.op, "held", 0, 0, "assignment"))
    assert batch(record) == []
    with record.reading() as r:
        counts = sync_counts(r)
    assert (counts.unsent, counts.attention, counts.held) == (0, 0, 1)
    assert body_of(record, item) == {"text": "mine"}


def test_held_change_that_was_carried_out_after_all_needs_no_overlay(record: Record) -> None:
    item = ids()
    put(record, "plan_item", item, text="mine")
    [op] = send(record)
    answer(record, Receipt(op.op, "held", 0, 0, "assignment"), heads=())
    put(record, "plan_item", ids(), text="another")
    accept(record, send(record))
    arrived = rec(item, "plan_item", 1, {"text": "mine"})
    with record.writing() as w:
        apply_feed(w, Feed(F, 0, 2, 3, 9, 9, "", (arrived,)))
    assert states(record) == []
    assert body_of(record, item) == {"text": "mine"}


def test_change_the_server_fails_at_goes_alone_after_two_tries_and_is_parked_after_three(record: Record) -> None:
    for number in range(3):
        put(record, "plan_item", ids(), text=str(number))
    for _ in range(2):
        ops = send(record)
        assert len(ops) == 3
        with record.writing() as w:
            mark_failed(w, ops, "failed", alone=False)
    ops = send(record)
    assert len(ops) == 1
    with record.writing() as w:
        mark_failed(w, ops, "failed", alone=True)
    assert sorted(state for _, state in states(record)) == ["parked", "sent", "sent"]
    with record.writing() as w:
        send_again(w)
    assert "parked" not in {state for _, state in states(record)}


def test_pull_never_touches_a_text_that_is_not_yet_sent(record: Record) -> None:
    item = ids()
    put(record, "plan_item", item, text="mine")
    theirs = rec(item, "plan_item", 7, {"text": "theirs"})
    with record.writing() as w:
        from visitapp.store.acknowledged import ensure_cursors

        ensure_cursors(w, [F])
        digest = add(0, term(item, 7, body_hash(theirs.body)))
        assert apply_feed(w, Feed(F, 0, 1, 1, 1, digest, "", (theirs,))) is Applied.LEVEL
    assert body_of(record, item) == {"text": "mine"}
    [op] = batch(record)
    assert op.base == 0
    with record.reading() as r:
        held = r.raw(F, item)
        assert held is not None
        assert held.state == "waiting"


def test_receipts_for_changes_no_longer_here_are_ignored(record: Record) -> None:
    answer(record, Receipt(ids(), "ok", 1, 1))
    assert states(record) == []


def test_many_records_in_one_transaction_are_cheap(record: Record) -> None:
    import time

    start = time.process_time()
    with record.writing() as w:
        for number in range(2000):
            told = {"valueString": f"the baby smiled at her mother {number} times " * 8}
            body = {"visit": FAMILY, "section": "narrative", "answers": [{"linkId": "story", "answer": [told]}]}
            w.put(F, "part", w.new_id(), body)
    assert (time.process_time() - start) / 2000 < 0.002


def test_two_kinds_under_one_id_are_a_bug_and_say_so(record: Record) -> None:
    one = ids()
    put(record, "begun", one, visit=one)
    with pytest.raises(ValueError, match="under the id"), record.writing() as w:
        w.put(F, "visit", one, {"visit": one})


def test_deletion_after_a_sent_and_an_unsent_text_does_not_let_the_sent_one_rise_again(record: Record) -> None:
    draft = ids()
    put(record, "draft", draft, U, family=FAMILY, text="first")
    [sent] = send(record)
    put(record, "draft", draft, U, family=FAMILY, text="second")
    with record.writing() as w:
        w.delete(U, draft, "draft")
    answer(record, Receipt(sent.op, "ok", 1, 1))
    [op] = batch(record)
    assert (op.act, op.base) == ("del", 1)
    assert body_of(record, draft, U) is None


def test_family_that_was_only_written_to_here_and_is_not_ours_is_purged_and_its_bytes_stay(record: Record) -> None:
    item, kept = ids(), ids()
    put(record, "plan_item", item, text="a goal of a family that went")
    put(record, "family", kept, f"f:{kept}", id=kept, name="begun here")
    put(record, "part", ids(), f"r:{kept}", visit=ids(), restricted=True)
    [op] = [op for op in send(record) if op.id == item]
    answer(record, Receipt(op.op, "held", 0, 0, "assignment"))
    with record.writing() as w:
        set_caseload(w, [CaseloadEntry(U, "own")], 3)
        assert strays(w) == (F,)
        purge_scope(w, F)
    assert body_of(record, item) is None
    with record.reading() as r:
        assert r.one(text("SELECT body FROM outbox WHERE id = :id"), id=item) == (op.body,)
    assert body_of(record, kept, f"f:{kept}") is not None
