"""CHECK: one scope compared record by record, when a server or a laptop was restored or a digest does not agree."""

from typing import Final

from sqlalchemy import Connection

from visitapp.protocol.digest import hash_start
from visitapp.protocol.messages import CheckAnswer, CheckAsk, Flag, Greeting, Rec
from visitapp.server import records
from visitapp.server.decision import Decision

_CHUNK: Final = 200
_MAX_BYTES: Final = 8 * 1024 * 1024


def answer(connection: Connection, decision: Decision, ask: CheckAsk, greeting: Greeting) -> CheckAnswer:
    """What to put, and what the server wants back, inside a REPEATABLE READ transaction.

    flag is "gone" for a scope that is not the asker's, and "resync" when there was more to put than fits: then check again.
    """
    head = records.head(connection, ask.scope) if decision.allowed else None
    if head is None:
        return CheckAnswer(greeting, ask.scope, 0, 0, 0, "gone", (), (), ())
    theirs = {holding.id: holding for holding in ask.holdings}
    put, want = [], []
    for id_, outline in records.all_outlines(connection, ask.scope).items():
        holding = theirs.pop(id_, None)
        level = holding is not None and (holding.rev, holding.hash_start) == (outline.rev, hash_start(outline.hash))
        if level:
            continue
        if holding is None or holding.rev <= outline.rev:
            put.append(id_)
        if holding is not None and holding.rev >= outline.rev:
            want.append(id_)
    found, whole = _bodies(connection, ask.scope, put)
    flag: Flag = "" if whole else "resync"
    wanted = (*want, *theirs)
    return CheckAnswer(greeting, ask.scope, head.seq, head.count, head.digest, flag, found, (), wanted)


def _bodies(connection: Connection, scope: str, ids: list[str]) -> tuple[tuple[Rec, ...], bool]:
    found: list[Rec] = []
    size = 0
    for start in range(0, len(ids), _CHUNK):
        for rec in records.current(connection, scope, ids[start : start + _CHUNK]).values():
            found.append(rec)
            size += len(rec.body)
        if size > _MAX_BYTES:
            return tuple(found), start + _CHUNK >= len(ids)
    return tuple(found), True
