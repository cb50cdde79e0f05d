"""The histories find a protocol that is broken on purpose: each of these faults, put into the product, is caught."""

from collections import Counter
from collections.abc import Callable
from typing import Any, Final

import pytest
from hypothesis.errors import Flaky

from tests.kit.histories import Histories, run
from tests.kit.postgres import databases, postgres, service  # noqa: F401
from tests.kit.service import ServiceKit
from visitapp.domain.problems import Problem
from visitapp.protocol import rules
from visitapp.protocol.rules import Verdict
from visitapp.server import ledger as server_ledger
from visitapp.server import records
from visitapp.store import incoming, settlement
from visitapp.store.connection import StoreError
from visitapp.store.sql import text
from visitapp.store.writing import Writing
from visitapp.sync import exchange
from visitapp.sync.problems import ServiceUnreachable
from visitapp.sync.sending import Sending

HISTORIES = 400

Patch = pytest.MonkeyPatch
_NOTHING: Final = ("select 1", ())


def server_files_no_receipts(patch: Patch) -> None:
    patch.setattr(records, "file_receipts", lambda *_: _NOTHING)


def server_keeps_no_superseded_text(patch: Patch) -> None:
    patch.setattr(records, "supersede", lambda *_: _NOTHING)


def server_digest_leaves_the_old_version_in(patch: Patch) -> None:
    term = server_ledger.term
    patch.setattr(server_ledger, "term", lambda id_, rev, h: term(id_, max(rev, 2), h))


def second_signature_wins(patch: Patch) -> None:
    decide = server_ledger.decide

    def lenient(op: Any, standing: Any, base_body: Any = None) -> Verdict:
        verdict = decide(op, standing, base_body)
        return Verdict("ok", verdict.rev + 1, op.body) if verdict.outcome == "frozen" else verdict

    patch.setattr(server_ledger, "decide", lenient)


def merge_drops_fields_it_does_not_know(patch: Patch) -> None:
    merge = rules.three_way

    def known_only(base: Any, theirs: Any, mine: Any) -> Any:
        merged, overlap = merge(base, theirs, mine)
        return {name: value for name, value in merged.items() if not name.startswith("of_a_later")}, overlap

    patch.setattr(rules, "three_way", known_only)


def sent_means_received(patch: Patch) -> None:
    push = Sending._push

    def careless(self: Sending, batch: Any) -> Any:
        try:
            return push(self, batch)
        except ServiceUnreachable:
            with self._record.writing() as w:
                for op in batch:
                    w.connection.execute(text("DELETE FROM outbox WHERE op = :op"), {"op": op.op})
                    w.connection.execute(text("DELETE FROM edit WHERE scope = :s AND id = :id"), {"s": op.scope, "id": op.id})
            raise

    patch.setattr(Sending, "_push", careless)


def later_change_goes_with_the_earlier_ones_receipt(patch: Patch) -> None:
    patch.setattr(settlement, "_FOLLOWING", text("SELECT k, scope, id, act, body, k AS after FROM outbox WHERE op = :ops AND 0"))


def what_arrives_overwrites_what_was_typed(patch: Patch) -> None:
    apply = exchange.apply_feed

    def rude(w: Writing, feed: Any, *rest: Any) -> Any:
        for rec in feed.records:
            w.connection.execute(text("DELETE FROM outbox WHERE scope = :s AND id = :id"), {"s": feed.scope, "id": rec.id})
            w.connection.execute(text("DELETE FROM edit WHERE scope = :s AND id = :id"), {"s": feed.scope, "id": rec.id})
        return apply(w, feed, *rest)

    patch.setattr(exchange, "apply_feed", rude)


def lost_families_are_kept(patch: Patch) -> None:
    patch.setattr(incoming, "mark_lost", lambda *_, **__: None)
    patch.setattr(exchange, "mark_lost", lambda *_, **__: None)


BROKEN: Final[tuple[Callable[[Patch], None], ...]] = (
    server_files_no_receipts,
    server_keeps_no_superseded_text,
    server_digest_leaves_the_old_version_in,
    second_signature_wins,
    merge_drops_fields_it_does_not_know,
    sent_means_received,
    later_change_goes_with_the_earlier_ones_receipt,
    what_arrives_overwrites_what_was_typed,
    lost_families_are_kept,
)


SOON_FOUND: Final = (server_digest_leaves_the_old_version_in, what_arrives_overwrites_what_was_typed, lost_families_are_kept)
"""Found within three histories, so that every push of main proves that the machine can fail."""


@pytest.fixture
def machine(service: ServiceKit) -> Any:  # noqa: F811
    """Histories of their own, with a server that may be put back."""
    made = type("Histories", (Histories,), {"service": service, "told": Counter(), "server_is_put_back": True})
    with service.http:
        yield made


def _is_found(machine: Any, broken: Callable[[Patch], None]) -> bool:
    with pytest.MonkeyPatch.context() as patch:
        broken(patch)
        try:
            run(machine, 0, HISTORIES)
        except (AssertionError, Problem, StoreError, Flaky) as found:
            print(f"\n{broken.__name__}: after {machine.told['histories']} histories, {type(found).__name__} {str(found)[:160]}")
            return True
    return False


LONG: Final = (pytest.mark.hunt, pytest.mark.timeout(0))


@pytest.mark.parametrize("broken", [pytest.param(one, marks=() if one in SOON_FOUND else LONG) for one in BROKEN])
def test_histories_find_a_broken_protocol(machine: Any, broken: Callable[[Patch], None]) -> None:
    assert _is_found(machine, broken)
