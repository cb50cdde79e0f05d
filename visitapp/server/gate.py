"""The gate before every route: asks the decision, and keeps in mind who was turned away, so that it is written down."""

import logging
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from visitapp.server.decision import Question, State, decide
from visitapp.server.logs import hashed
from visitapp.server.operations import OPERATIONS, Relation, Subject
from visitapp.server.signin import Caller, Refused

_log: Final = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Denial:
    """One thing that was not allowed. `about` is an id or a scope, empty for none."""

    operation: str
    reason: str
    about: str = ""


class Forbidden(Refused):
    """What was asked is not for this account; who it was is known."""

    def __init__(self, user: str, device: str, denial: Denial) -> None:
        super().__init__("forbidden", 403)
        self.user = user
        self.device = device
        self.denial = denial


def require(
    caller: Caller,
    operation: str,
    subject: Subject = "admin",
    relation: Relation = "own",
    *,
    state: State = "active",
    about: str = "",
) -> None:
    """Goes on only if this account may do it. Raises Forbidden."""
    decision = decide(Question(operation, caller.role, subject, relation, state=state))
    if not decision.allowed:
        raise Forbidden(caller.user, caller.device, Denial(operation, decision.reason, about))


def require_reader(caller: Caller, operation: str) -> None:
    """Goes on only if this account may have anything at all read to it. Raises Forbidden."""
    if caller.role not in OPERATIONS[operation].roles:
        raise Forbidden(caller.user, caller.device, Denial(operation, "role"))


def log_denials(user: str, denials: Iterable[Denial]) -> None:
    """Writes into the log what was not allowed, alike things together; ids are hashed and mean nothing the next day."""
    for (operation, reason), times in Counter((denial.operation, denial.reason) for denial in denials).items():
        _log.warning("denied", extra={"operation": operation, "reason": reason, "user": hashed(user), "times": times})
