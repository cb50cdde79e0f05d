"""What a push does, worked out in memory against locked scopes, and written at the end in a few statements per scope."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from visitapp.protocol.digest import add, body_hash, term
from visitapp.protocol.messages import ACCEPTED, Head, Op, Receipt
from visitapp.protocol.rules import Standing, Verdict, decide, needs_bodies
from visitapp.server import records
from visitapp.server.overlaps import is_told, overlap_body, overlap_id
from visitapp.server.records import Outline, ScopeState, Statement, Version
from visitapp.server.signin import Caller

Key = tuple[str, str]
_Written = tuple["Posting", Verdict, bytes, None]


@dataclass(frozen=True, slots=True)
class Posting:
    """An op that may be carried out, with what the judgement on it adds."""

    op: Op
    late: bool = False
    author: str = ""
    """Who wrote what comes back after a restore; empty for the caller's own."""
    note: str = ""
    """What the receipt says where nothing else has to be said."""


class Ledger:
    """The books of one push. `post` works out one op; `statements` make everything so."""

    def __init__(self, connection: Connection, caller: Caller, received_ms: int, scopes: dict[str, ScopeState]) -> None:
        self._connection = connection
        self._caller = caller
        self._received_ms = received_ms
        self._scopes = scopes
        self._outlines: dict[Key, Outline] = {}
        self._stored: set[Key] = set()
        self._fresh: dict[Key, Version] = {}
        self._passed: dict[tuple[str, str], list[Version]] = defaultdict(list)
        self._refused: dict[tuple[str, str], list[Version]] = defaultdict(list)

    def load(self, scope: str, outlines: Mapping[str, Outline]) -> None:
        """Takes in what the ops of one scope will meet."""
        for id_, outline in outlines.items():
            self._outlines[scope, id_] = outline
            self._stored.add((scope, id_))

    def post_together(self, postings: Sequence[Posting]) -> list[Receipt]:
        """Works out ops that land together or not at all; the receipts say which one was in the way."""
        if len(postings) == 1:
            return [self.post(postings[0])]
        before = (
            {scope: replace(state) for scope, state in self._scopes.items()},
            self._outlines.copy(),
            self._fresh.copy(),
            {place: versions.copy() for place, versions in self._passed.items()},
        )
        receipts = [self.post(posting) for posting in postings]
        refused = next((receipt for receipt in receipts if receipt.outcome not in ACCEPTED), None)
        if refused is None:
            return receipts
        scopes, self._outlines, self._fresh, passed = before
        self._scopes.clear()
        self._scopes.update(scopes)
        self._passed = defaultdict(list, passed)
        return [
            receipt if receipt.outcome not in ACCEPTED else Receipt(receipt.op, refused.outcome, 0, 0, "group")
            for receipt in receipts
        ]

    def post(self, posting: Posting) -> Receipt:
        """Works out one op: its receipt, and in these books what it changes."""
        op = posting.op
        key = (op.scope, op.id)
        outline = self._outlines.get(key)
        if outline is not None and outline.kind != op.kind:
            return Receipt(op.op, "frozen", outline.rev, outline.seq, "kind")
        standing = Standing(outline.rev, outline.hash, outline.deleted) if outline else None
        base_body = None
        if standing and needs_bodies(op, standing):
            standing = replace(standing, body=self._body(key))
            base_body = self._base_body(key, op.base, standing)
        verdict = decide(op, standing, base_body)
        if verdict.code == "restored" and op.kind == "draft" and op.act != "assert" and self._was_dropped(key):
            verdict = Verdict("gone", op.base)
        if verdict.body is None:
            lost = verdict.code if verdict.code == "newer" else verdict.outcome
            if lost in ("conflict", "frozen", "gone", "newer") and op.body:
                self._refused[op.scope, lost].append(self._version(posting, op.body, verdict.rev, 0))
            return Receipt(op.op, verdict.outcome, verdict.rev, outline.seq if outline else 0, verdict.code)
        told = self._overlap(posting, verdict, standing) if is_told(op.kind, verdict.code) else None
        seq = self._accept(posting, verdict, verdict.body, outline)
        if told is not None:
            self._accept(*told)
        late = "late" if posting.late else posting.note
        return Receipt(op.op, verdict.outcome, verdict.rev, seq, verdict.code or late)

    def _overlap(self, posting: Posting, verdict: Verdict, standing: Standing | None) -> _Written | None:
        """What is to be written down about a merge in which the newest of two texts counts; only of the fields both changed."""
        op, id_ = posting.op, overlap_id(posting.op.op)
        if standing is None or not standing.body or (op.scope, id_) in self._outlines:
            return None
        before = self._fresh.get((op.scope, op.id))
        rec = before or records.current(self._connection, op.scope, [op.id])[op.id]
        names = verdict.code.removeprefix("overlap:").split(",")
        body = overlap_body(op, standing.body, verdict.body or b"", rec.author, rec.received_ms, self._caller, names)
        mark = replace(op, op=overlap_id(id_), id=id_, kind="overlap", base=0, act="put", group="", body=body)
        return Posting(mark, posting.late), Verdict("ok", 1, body), body, None

    def _accept(self, posting: Posting, verdict: Verdict, body: bytes, outline: Outline | None) -> int:
        op = posting.op
        key = (op.scope, op.id)
        state = self._scopes[op.scope]
        version = self._version(posting, body, verdict.rev, state.seq + 1, deleted=verdict.deleted)
        state.seq += 1
        if outline is None:
            state.count += 1
        else:
            state.digest = add(state.digest, -term(op.id, outline.rev, outline.hash))
        state.digest = add(state.digest, term(op.id, version.rev, version.hash))
        if key in self._fresh:
            self._passed[op.scope, "ok"].append(self._fresh[key])
        if verdict.outcome == "merged":
            # The text as the nurse typed it stays in history beside the merged one.
            self._passed[op.scope, "sent"].append(self._version(posting, op.body, verdict.rev, 0))
        self._fresh[key] = version
        self._outlines[key] = Outline(op.kind, version.seq, version.rev, version.hash, version.deleted)
        return version.seq

    def _version(self, posting: Posting, body: bytes, rev: int, seq: int, *, deleted: bool = False) -> Version:
        op = posting.op
        return Version(
            id=op.id,
            kind=op.kind,
            seq=seq,
            rev=rev,
            hash=body_hash(body),
            deleted=deleted,
            author=posting.author or self._caller.user,
            device=self._caller.device,
            op=op.op,
            at_ms=op.at_ms + op.offset_ms,
            received_ms=self._received_ms,
            late=posting.late,
            via=self._caller.user,
            restored=op.act == "assert",
            body=body,
        )

    def _was_dropped(self, key: Key) -> bool:
        """Whether a record that isn't there is in history: then its tombstone was dropped, and nothing was lost."""
        return records.has_past(self._connection, *key)

    def _body(self, key: Key) -> bytes:
        if key in self._fresh:
            return self._fresh[key].body
        return records.current(self._connection, key[0], [key[1]])[key[1]].body

    def _base_body(self, key: Key, rev: int, standing: Standing) -> bytes | None:
        if rev == standing.rev:
            return standing.body
        for version in self._passed[key[0], "ok"]:
            if (version.id, version.rev) == (key[1], rev):
                return version.body
        stored = self._outlines[key]
        if key in self._fresh and key in self._stored and stored.rev != rev:
            found = records.current(self._connection, key[0], [key[1]]).get(key[1])
            if found and found.rev == rev:
                return found.body
        return records.past_body(self._connection, key[0], key[1], rev)

    def statements(self) -> Iterator[Statement]:
        """Everything that was accepted, history first."""
        fresh: dict[str, list[Version]] = defaultdict(list)
        for (scope, _), version in self._fresh.items():
            fresh[scope].append(version)
        for (scope, outcome), versions in (*self._passed.items(), *self._refused.items()):
            if versions:
                yield records.keep(scope, outcome, versions)
        for scope, versions in fresh.items():
            replaced = [version.id for version in versions if (scope, version.id) in self._stored]
            if replaced:
                yield records.supersede(scope, replaced)
            yield records.put(scope, versions)
            yield records.advance(scope, self._scopes[scope])

    def heads(self) -> tuple[Head, ...]:
        """Where every scope of the push stood before and stands now."""
        return tuple(Head(scope, state.before, state.seq, state.count, state.digest) for scope, state in self._scopes.items())
