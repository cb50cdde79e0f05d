"""What a user holds: her assignments, what she is to a scope by them, and the questions that `decision` answers of it."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, text

from visitapp.protocol.messages import CaseloadEntry, Op, is_scope
from visitapp.server.database import driver_of
from visitapp.server.decision import Decision, Question, State, Tense, decide
from visitapp.server.operations import Relation, Subject, of_push
from visitapp.server.settings import Settings
from visitapp.server.signin import Caller

_SUBJECTS: Final[Mapping[str, Subject]] = {
    "f": "clinical",
    "r": "restricted",
    "u": "personal",
    "t": "shared",
    "g": "shared",
}
# The strongest first: whoever has several assignments to a scope is what the first of them makes her.
_RELATIONS: Final[Mapping[str, Relation]] = {
    "nurse": "own",
    "own": "own",
    "review": "review",
    "restricted": "restricted",
    "all": "shared",
    "team": "shared",
    "glass": "glass",
}


@dataclass(frozen=True, slots=True)
class Assignment:
    """One scope a user holds, or held, from one moment until another."""

    scope: str
    role: str
    from_at: datetime
    until_at: datetime | None

    def covers(self, moment: datetime) -> bool:
        """Whether the user held the scope at that moment."""
        return self.from_at <= moment and (self.until_at is None or moment < self.until_at)


class Assignments:
    """Everything one user holds or ever held, with the database's time and epoch when it was read."""

    def __init__(self, role: str, rows: Iterable[Assignment], now: datetime, late: timedelta, epoch: str = "") -> None:
        self._role = role
        self.now = now
        self.epoch = epoch
        self._late = late
        self._by_scope: dict[str, list[Assignment]] = {}
        self._caseload: tuple[CaseloadEntry, ...] | None = None
        for row in rows:
            self._by_scope.setdefault(row.scope, []).append(row)

    def of(self, scope: str) -> Sequence[Assignment]:
        """The assignments of one scope, past and present."""
        return self._by_scope.get(scope, ())

    def add(self, row: Assignment) -> None:
        """Takes in an assignment that this transaction has made."""
        self._by_scope.setdefault(row.scope, []).append(row)
        self._caseload = None

    def caseload(self) -> tuple[CaseloadEntry, ...]:
        """What the user may read now, in a stable order; of several assignments the strongest."""
        if self._caseload is None:
            self._caseload = tuple(self._listed())
        return self._caseload

    def _listed(self) -> Iterable[CaseloadEntry]:
        for scope in sorted(self._by_scope):
            held = strongest(self.roles_at(scope, self.now))
            if held and self.reading("pull", scope).allowed:
                yield CaseloadEntry(scope, held)

    def reading(self, operation: str, scope: str) -> Decision:
        """Whether the user may have a scope read to her."""
        if not is_scope(scope):
            return Decision("no", "scope")
        held = strongest(self.roles_at(scope, self.now))
        return decide(Question(operation, self._role, subject_of(scope), _RELATIONS.get(held, "other")))

    def roles_at(self, scope: str, moment: datetime) -> frozenset[str]:
        """The roles the user had in a scope at a moment."""
        return frozenset(held.role for held in self.of(scope) if held.covers(moment))

    def may_still_write(self, scope: str) -> bool:
        """Whether the last assignment ended so recently that work done during it is taken without asking."""
        ends = [held.until_at for held in self.of(scope)]
        return any(end is None or end > self.now - self._late for end in ends)


def strongest(roles: frozenset[str]) -> str:
    """Of the roles that someone has in a scope the one that lets her do most; empty for none."""
    return next((role for role in _RELATIONS if role in roles), "")


def subject_of(scope: str) -> Subject:
    """What a scope is, by its letter."""
    return _SUBJECTS[scope[:1]]


def version_of(caseload: Sequence[CaseloadEntry]) -> int:
    """A number that changes whenever the list does, also when an assignment ends by the clock alone."""
    listed = "\n".join(f"{entry.scope}|{entry.role}" for entry in caseload).encode()
    return int.from_bytes(hashlib.blake2b(listed, digest_size=6).digest(), "big") + 1


_IDENTITY: Final = (
    "select set_config('visitapp.user', %s, true), set_config('visitapp.team', %s, true),"
    " set_config('visitapp.device', %s, true), set_config('visitapp.grace', %s, true)"
)
_HELD: Final = """
select e.id, e.now, a.scope, a.role, a.from_at, a.until_at
from (select id, now() as now from epoch) e left join assignment a on a.user_id = %s
"""
_TIMELINE: Final = "select timeline_id from pg_control_checkpoint()"


def may_read_timeline(connection: Connection) -> bool:
    """Whether PostgreSQL tells this role its timeline, which changes with every failover and point-in-time restore."""
    words = "select has_function_privilege('pg_control_checkpoint()', 'execute')"
    return bool(connection.execute(text(words)).scalar_one())


def epoch_of(connection: Connection, kept: str, *, timeline: bool) -> str:
    """The name of the database's present history: another one means that it was restored from a backup or a standby."""
    return _named(kept, driver_of(connection).execute(_TIMELINE).fetchone() if timeline else None)


def _named(kept: str, timeline: tuple[Any, ...] | None) -> str:
    return f"{kept}.{timeline[0]}" if timeline else kept


def read_assignments(connection: Connection, caller: Caller, settings: Settings, *, pushing: bool) -> Assignments:
    """Says who asks (row-level security hears it too) and reads what she holds.

    While pushing, the walls also let her reach scopes whose assignment ended less than `settings.late` ago.
    """
    grace = f"{int(settings.late.total_seconds())} seconds" if pushing else "0"
    driver = driver_of(connection)
    with driver.pipeline():
        driver.execute(_IDENTITY, (caller.user, caller.team, caller.device, grace))
        asked = driver.execute(_HELD, (caller.user,), binary=True)
        timeline = driver.execute(_TIMELINE) if settings.timeline else None
    rows = asked.fetchall()
    held = [Assignment(*row[2:]) for row in rows if row[2] is not None]
    epoch = _named(rows[0][0], timeline.fetchone() if timeline else None)
    return Assignments(caller.role, held, rows[0][1], settings.late, epoch)


def judge(caller: Caller, assignments: Assignments, op: Op, moment: datetime) -> Decision:
    """Whether an op may be carried out. `moment` is when it was made, by the server's clock.

    yes: assigned now. late: assigned when it was made. held: assigned once, so a person has to look. opens: the first word of
    a family begun offline. no: everything else, whether the scope exists or not.
    """
    if not is_scope(op.scope):
        return Decision("no", "scope")

    def asked(relation: Relation, tense: Tense = Tense.NOW) -> Decision:
        state: State = "wipe" if caller.leaving else "active"
        return decide(Question(of_push(op.act, op.kind), caller.role, subject_of(op.scope), relation, tense, state))

    present = assignments.roles_at(op.scope, assignments.now)
    once = frozenset(past.role for past in assignments.of(op.scope)) - {"glass"}
    if not once:
        # Whoever opened a family with a reason may look, and nothing else.
        return asked("glass" if present else "new" if _opens(op) and not assignments.of(op.scope) else "other")
    if present - {"glass"}:
        return asked(_RELATIONS[strongest(present)])
    covered = strongest(assignments.roles_at(op.scope, moment) - {"glass"})
    if covered and assignments.may_still_write(op.scope):
        late = asked(_RELATIONS[covered], Tense.LATE)
        if late.allowed:
            return late
    return asked(_RELATIONS[strongest(once)], Tense.ONCE)


def _opens(op: Op) -> bool:
    return op.scope == f"f:{op.id}" and op.kind == "family" and op.act == "put" and op.base == 0
