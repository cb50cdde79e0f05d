"""PUSH: every op of a batch judged, carried out or refused with a receipt, in one transaction."""

import json
import logging
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import Connection, text

from visitapp.domain.visits import content_hash
from visitapp.protocol.codec import read_json
from visitapp.protocol.messages import ACCEPTED, Head, Op, Outcome, Receipt
from visitapp.server import records
from visitapp.server.access import Assignment, Assignments, judge, read_assignments
from visitapp.server.answers import KnownForms
from visitapp.server.decision import Decision, Way
from visitapp.server.gate import Denial
from visitapp.server.ledger import Ledger, Posting
from visitapp.server.operations import of_push
from visitapp.server.records import Statement
from visitapp.server.seals import broken_seals
from visitapp.server.settings import Settings
from visitapp.server.signin import Caller, is_signed_by_user
from visitapp.server.validation import PROVABLE, is_nameable, what_is_wrong

_log: Final = logging.getLogger(__name__)


def without_answers(receipts: Sequence[Receipt]) -> tuple[Receipt, ...]:
    """Receipts for a laptop that is to be wiped: nothing that it does not have; all but what was accepted is unsent there still."""

    def told(receipt: Receipt) -> Receipt:
        is_done = receipt.outcome in ACCEPTED and receipt.record is None
        return receipt if is_done else replace(receipt, outcome="retry", code="wipe", record=None)

    return tuple(told(receipt) for receipt in receipts)


_WITH_RECORD: Final[frozenset[Outcome]] = frozenset({"merged", "conflict", "frozen", "gone"})


_UNREAD: Final = object()


@dataclass(slots=True)
class _Item:
    """An op on its way through: what was judged of it, and its receipt once there is one."""

    op: Op
    decision: Decision = Decision("no", "id")
    wrong: str = ""
    author: str = ""
    note: str = ""
    receipt: Receipt | None = None
    replayed: bool = False
    nameable: bool = False
    content: Any = _UNREAD

    def read(self) -> Any:
        """The body's content, parsed once. Raises Malformed."""
        if self.content is _UNREAD:
            self.content = read_json(self.op.body)
        return self.content

    @property
    def judgement(self) -> Way:
        """How the op may be carried out."""
        return self.decision.way


@dataclass(frozen=True, slots=True)
class Pushed:
    """A batch carried out: what its sender holds, receipts in the order of the ops, heads, and what was not allowed."""

    assignments: Assignments
    receipts: tuple[Receipt, ...]
    heads: tuple[Head, ...]
    denials: tuple[Denial, ...]


def carry_out(
    connection: Connection, caller: Caller, settings: Settings, ops: Sequence[Op], forms: KnownForms | None = None
) -> Pushed:
    """Carries out a batch inside the caller's transaction."""
    assignments = read_assignments(connection, caller, settings, pushing=True)
    items = [_Item(op) for op in ops]
    _judge(items, caller, assignments)
    _attribute(connection, items)
    _open_families(connection, caller, assignments, items)
    _judge_signed(connection, caller, items, forms or KnownForms())
    by_scope = _by_scope(item for item in items if assignments.of(item.op.scope) and item.nameable)
    ledger = _ledger(connection, caller, settings, by_scope)
    _settle(ledger, items)
    records.run(connection, [*ledger.statements(), *_filing(caller, by_scope)])
    return Pushed(assignments, _with_records(connection, items), ledger.heads(), tuple(_denials(items)))


def _denials(items: Iterable[_Item]) -> Iterator[Denial]:
    for item in items:
        if item.judgement == "no" and not item.replayed:
            yield Denial(of_push(item.op.act, item.op.kind), item.decision.reason, item.op.scope)


def _judge(items: Iterable[_Item], caller: Caller, assignments: Assignments) -> None:
    for item in items:
        op = item.op
        item.nameable = item.nameable or is_nameable(op)
        if not item.nameable:
            continue
        made_at = datetime.fromtimestamp(max(0, min(op.at_ms + op.offset_ms, _LATEST_MS)) / 1000, UTC)
        item.decision = judge(caller, assignments, op, made_at)
        item.wrong = what_is_wrong(op, caller, item.read) if item.judgement != "no" else ""


_LATEST_MS: Final = 253_402_300_799_000


def _attribute(connection: Connection, items: Iterable[_Item]) -> None:
    """What a restored server lost keeps its author, whoever brings it back; its signature must prove it."""
    for item in items:
        op = item.op
        if op.act != "assert" or op.kind not in PROVABLE or item.wrong or item.judgement not in ("yes", "late"):
            continue
        body = item.read()
        item.author = str(body.get("author"))
        if not is_signed_by_user(connection, item.author, content_hash(body), str(body.get("signature"))):
            item.wrong = "signature"


def _judge_signed(connection: Connection, caller: Caller, items: Iterable[_Item], forms: KnownForms) -> None:
    """Nothing is stored as signed whose seal does not hold, or whose answers its questionnaire does not allow."""
    judged = {item.op.op: item for item in items if item.judgement in ("yes", "late") and not item.wrong and item.op.body}
    for op, why in broken_seals(connection, caller.user, [item.op for item in judged.values()]).items():
        judged[op].wrong = why
    missed: set[str] = set()
    for item in judged.values():
        if item.op.kind == "part" and not item.wrong:
            fit = forms.judge(connection, item.read(), missed)
            item.wrong = fit if fit == "answers" else ""
            item.note = "unjudged" if fit == "unknown" else ""


def _open_families(connection: Connection, caller: Caller, assignments: Assignments, items: Sequence[_Item]) -> None:
    opened: set[str] = set()
    for item in items:
        if item.judgement == "opens" and not item.wrong and item.op.scope not in opened:
            if open_family(connection, caller, item.op.id):
                opened.add(item.op.scope)
                assignments.add(Assignment(f"f:{item.op.id}", "nurse", assignments.now, None))
                assignments.add(Assignment(f"r:{item.op.id}", "restricted", assignments.now, None))
            else:
                item.decision = Decision("no", "relation")
    if opened:
        _judge([item for item in items if f"f:{item.op.scope[2:]}" in opened], caller, assignments)
    for item in items:
        if item.judgement == "opens":
            item.decision = Decision("no", "relation")


def open_family(connection: Connection, caller: Caller, family: str) -> bool:
    """Makes a family's two scopes and lets in its nurse and her team's reviewers; False if the id is taken."""
    scopes = [f"f:{family}", f"r:{family}"]
    made = connection.execute(
        text("insert into opening(scope, opened_by) select u, :user from unnest(cast(:scopes as text[])) u on conflict do nothing"),
        {"scopes": scopes, "user": caller.user},
    )
    if made.rowcount != len(scopes):
        return False
    connection.execute(
        text("insert into scope(id, team) select u, :team from unnest(cast(:scopes as text[])) u"),
        {"scopes": scopes, "team": caller.team},
    )
    reviewers = connection.execute(
        text("select id from member where team = :team and role = 'supervisor' and active"), {"team": caller.team}
    ).scalars()
    rows = [
        {"user": caller.user, "scope": f"f:{family}", "role": "nurse"},
        {"user": caller.user, "scope": f"r:{family}", "role": "restricted"},
        *({"user": reviewer, "scope": f"f:{family}", "role": "review"} for reviewer in reviewers),
    ]
    connection.execute(text("insert into assignment(user_id, scope, role) values (:user, :scope, :role)"), rows)
    return True


def _by_scope(items: Iterable[_Item]) -> dict[str, list[_Item]]:
    """Scopes in the order in which everybody locks them."""
    found: dict[str, list[_Item]] = {}
    for item in items:
        found.setdefault(item.op.scope, []).append(item)
    return dict(sorted(found.items()))


def _ledger(connection: Connection, caller: Caller, settings: Settings, by_scope: dict[str, list[_Item]]) -> Ledger:
    asked = {
        scope: records.Asked(
            [item.op.op for item in items],
            [item.op.id for item in items],
            lock=any(item.judgement in ("yes", "late") for item in items),
        )
        for scope, items in by_scope.items()
    }
    found = records.lock_and_read(connection, asked)
    for scope, items in by_scope.items():
        for item in items:
            item.receipt = found[scope].receipts.get(item.op.op)
            item.replayed = item.receipt is not None
    states = {scope: inside.state for scope, inside in found.items() if inside.state}
    ledger = Ledger(connection, caller, settings.clock_ms(), states)
    for scope in states:
        ledger.load(scope, found[scope].outlines)
    return ledger


def _settle(ledger: Ledger, items: Sequence[_Item]) -> None:
    groups: dict[str, list[_Item]] = {}
    for item in items:
        if item.op.group:
            groups.setdefault(item.op.group, []).append(item)
    known: dict[str, Receipt] = {}
    for item in items:
        if item.receipt is None:
            if item.op.op in known:
                item.receipt, item.replayed = known[item.op.op], True
            else:
                _settle_unit(ledger, groups[item.op.group] if item.op.group else [item])
        assert item.receipt is not None
        known[item.op.op] = item.receipt


def _settle_unit(ledger: Ledger, items: Sequence[_Item]) -> None:
    """One op, or all ops of a group. What was settled by an earlier try stays as it was."""
    open_ones = [item for item in items if item.receipt is None]
    _pair_moves(items)
    first = next((refusal for refusal in map(_refusal, open_ones) if refusal), None)
    if first:
        for item in open_ones:
            outcome, code = _refusal(item) or (first[0], "group")
            item.receipt = Receipt(item.op.op, outcome, 0, 0, code)
        return
    postings = [Posting(item.op, item.judgement == "late", item.author, item.note) for item in open_ones]
    try:
        receipts = ledger.post_together(postings)
    except (ValueError, TypeError, KeyError, RecursionError) as trouble:
        # One op that this server stumbles over must not keep the others from landing.
        _log.error("op failed", extra={"kind": open_ones[0].op.kind, "error": type(trouble).__name__})
        receipts = [Receipt(item.op.op, "retry", 0, 0, "failed") for item in open_ones]
    for item, receipt in zip(open_ones, receipts, strict=True):
        item.receipt = receipt


def _pair_moves(items: Sequence[_Item]) -> None:
    """A record leaves one scope only as it comes to another."""
    moves = [item for item in items if item.op.act == "move"]
    if not moves:
        return
    gone = Counter((item.op.kind, item.op.id) for item in moves if not item.op.body)
    come = Counter((item.op.kind, item.op.id) for item in moves if item.op.body)
    for item in moves:
        key = (item.op.kind, item.op.id)
        if not item.wrong and (gone[key], come[key]) != (1, 1):
            item.wrong = "move"


def _refusal(item: _Item) -> tuple[Outcome, str] | None:
    if item.judgement == "no":
        return "denied", "" if item.nameable else "id"
    if item.judgement == "held":
        return "held", "assignment"
    if item.wrong:
        return "held", f"body:{item.wrong}"
    return None


def _filing(caller: Caller, by_scope: dict[str, list[_Item]]) -> Iterator[Statement]:
    for scope, items in by_scope.items():
        filed = {}
        for item in items:
            receipt = item.receipt
            if receipt is None or item.replayed or receipt.outcome == "retry" or item.judgement == "no":
                continue
            filed[receipt.op] = receipt
            if receipt.outcome == "held":
                op = item.op
                meta = json.dumps([op.group, op.kind, op.id, op.base, op.act, op.at_ms, op.offset_ms, op.schema])
                yield records.hold(scope, op.op, caller.user, caller.device, receipt.code, meta, op.body)
        if filed:
            yield records.file_receipts(scope, caller.user, list(filed.values()))


def _with_records(connection: Connection, items: Sequence[_Item]) -> tuple[Receipt, ...]:
    wanted: dict[str, set[str]] = {}
    for item in items:
        if _shows_record(item):
            wanted.setdefault(item.op.scope, set()).add(item.op.id)
    found = {scope: records.current(connection, scope, ids) for scope, ids in wanted.items()}
    receipts = []
    for item in items:
        assert item.receipt is not None
        record = found[item.op.scope].get(item.op.id) if wanted and _shows_record(item) else None
        receipts.append(item.receipt if record is item.receipt.record else replace(item.receipt, record=record))
    return tuple(receipts)


def _shows_record(item: _Item) -> bool:
    # Someone whose assignment has ended may still hand in her work, but is not shown what others wrote since.
    return item.receipt is not None and item.receipt.outcome in _WITH_RECORD and item.judgement == "yes"


def left_behind(assignments: Assignments, ops: Sequence[Op], receipts: Sequence[Receipt]) -> set[str]:
    """The families that a push brought drafts of although they are the sender's no more."""
    found = set()
    for op, receipt in zip(ops, receipts, strict=True):
        if op.kind == "draft" and op.body and receipt.outcome in ACCEPTED:
            family = str(read_json(op.body).get("family"))
            scope = f"f:{family}"
            if assignments.of(scope) and "nurse" not in assignments.roles_at(scope, assignments.now):
                found.add(family)
    return found


def counts(receipts: Iterable[Receipt]) -> dict[str, int]:
    """How many receipts of each outcome, for the log."""
    found: dict[str, int] = {}
    for receipt in receipts:
        name = receipt.outcome if receipt.outcome not in ACCEPTED else "accepted"
        found[name] = found.get(name, 0) + 1
    return found
