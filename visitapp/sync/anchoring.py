"""The head of this laptop's audit, left signed with the service after an exchange: a log cut short or written anew is found out."""

import logging
from typing import Final, Protocol

from visitapp.domain.problems import Problem
from visitapp.protocol.messages import AnchorKept
from visitapp.store import audit
from visitapp.store.record import Record

_log = logging.getLogger(__name__)

_LEFT: Final = "anchor_left"
_KNOWN: Final = "anchobefore"


class Keeper(Protocol):
    """The way to whoever keeps heads."""

    def leave_anchor(self, number: int, head: bytes) -> AnchorKept:
        """Leave a head; learn of the furthest that was ever left."""
        ...


def leave_anchor(record: Record, keeper: Keeper) -> bool:
    """Leave the head if it moved since the last time; False if this audit is behind, or not the one that was left before.

    A service that cannot be asked now, or does not know how, is asked again after the next exchange.
    """
    with record.reading() as r:
        head, left, before = audit.head(r), r.meta(_LEFT), r.meta(_KNOWN)
    told = f"{head.seq}:{head.hash.hex()}"
    if not head.seq or told == left:
        return True
    try:
        known = keeper.leave_anchor(head.seq, head.hash)
    except Problem as problem:
        _log.info("audit head not left", extra={"problem": type(problem).__name__})
        return True
    agrees = (known.n, known.head) == (head.seq, head.hash.hex())
    with record.writing() as w:
        w.meta_set(_LEFT, told)
        if not agrees and before != f"{known.n}:{known.head}":
            w.meta_set(_KNOWN, f"{known.n}:{known.head}")
            w.audit("audit-behind", here=head.seq, known=known.n)
    return agrees
