"""What the service does on the occasion of somebody's contact: it tells supervisors how sync stands, passes texts on to them, and
hands on the drafts of assignments that ran out by the clock.

Each writes with the owner's role, because no caller may write to another person's scope. How sync stands goes to the supervisors'
own scopes and not to the team's: a nurse's laptop would otherwise have something to fetch after each of its own syncs. It is
written when the number of a laptop's unsent changes became another, and otherwise a few times a day: an exchange with nothing to do
stays one.
"""

import logging
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Any, Final

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import SQLAlchemyError

from visitapp.protocol.codec import read_json
from visitapp.protocol.messages import ACCEPTED, Op, Receipt
from visitapp.server import records
from visitapp.server.admin.handover import hand_drafts_on
from visitapp.server.admin.people import record_id
from visitapp.server.admin.publishing import publish
from visitapp.server.admin.telling import tell_of_gone
from visitapp.server.database import administering
from visitapp.server.settings import now_ms
from visitapp.server.signin import Caller

_log: Final = logging.getLogger(__name__)

TOLD_EVERY_MS: Final = 6 * 3600 * 1000
LOOKED_EVERY_MS: Final = 5 * 60 * 1000
_FORGOTTEN_AFTER: Final = timedelta(days=14)
_WATCHERS: Final = ("nurse",)
_SUPERVISORS: Final = text(
    "select m.id from member m where m.team = :team and m.role = 'supervisor' and m.active"
    " and exists (select 1 from scope s where s.id = 'u:' || m.id) order by m.id"
)
_RUN_OUT: Final = text(
    "select distinct a.user_id, substr(a.scope, 3) as family from assignment a join scope s on s.id = a.scope"
    " where s.team = :team and a.role = 'nurse' and a.scope like 'f:%' and a.until_at <= now()"
    " and (a.until_at > now() - interval '2 days' or (a.until_at > now() - interval '90 days'"
    " and exists (select 1 from rec r where r.scope = 'u:' || a.user_id and r.kind = 'draft' and not r.del)))"
)


@dataclass(frozen=True, slots=True)
class _Told:
    at_ms: int
    unsent: int


@dataclass(slots=True)
class Contacts:
    """Remembers, for this process, whom it heard from and when it last looked at a team."""

    owner: Engine | None
    told_every_ms: int = TOLD_EVERY_MS
    looked_every_ms: int = LOOKED_EVERY_MS
    _told: dict[str, _Told] = field(default_factory=dict)
    _looked: dict[str, int] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def heard(self, caller: Caller, unsent: int) -> None:
        """Take note that somebody asked for what is new, with so many changes that the service has not taken."""
        now = now_ms()
        if self.owner is None:
            return
        with self._lock:
            told = self._told.get(caller.device)
            tell = caller.role in _WATCHERS and (told is None or told.unsent != unsent or now - told.at_ms >= self.told_every_ms)
            look = now - self._looked.get(caller.team, 0) >= self.looked_every_ms
            if tell:
                self._told[caller.device] = _Told(now, unsent)
            if look:
                self._looked[caller.team] = now
        if tell or look:
            self._write(caller, unsent, tell=tell, look=look)

    def pass_on(self, caller: Caller, ops: Sequence[Op], receipts: Iterable[Receipt]) -> None:
        """Give what somebody handed to her supervisors to each of them."""
        taken = {receipt.op for receipt in receipts if receipt.outcome in ACCEPTED}
        handed = [op for op in ops if op.kind == "handed_on" and op.body and op.op in taken]
        if not handed or self.owner is None:
            return
        with administering(self.owner) as connection:
            for op in handed:
                _give(connection, caller, op.id, read_json(op.body))

    def _write(self, caller: Caller, unsent: int, *, tell: bool, look: bool) -> None:
        assert self.owner is not None
        try:
            with administering(self.owner) as connection:
                if tell:
                    tell_supervisors(connection, caller, unsent, self.told_every_ms)
                if look:
                    hand_on_what_ran_out(connection, caller.team)
        except (SQLAlchemyError, LookupError) as trouble:
            # Whoever syncs gets her answer; it is written at the next contact.
            _log.error("health", extra={"error": type(trouble).__name__})
            with self._lock:
                self._told.pop(caller.device, None)
                self._looked.pop(caller.team, None)


def tell_supervisors(connection: Connection, caller: Caller, unsent: int, every_ms: int) -> int:
    """Write how somebody's sync stands for each supervisor of the team; answers how many records changed."""
    now = datetime.now(UTC)
    said = now.replace(microsecond=0).isoformat().replace("+00:00", "Z")
    id_ = record_id(f"sync health {caller.user}")
    written = 0
    for supervisor in connection.execute(_SUPERVISORS, {"team": caller.team}).scalars().all():
        scope = f"u:{supervisor}"
        known = records.current(connection, scope, [id_]).get(id_)
        laptops = _laptops(read_json(known.body), caller.device, now) if known and not known.deleted else {}
        told = laptops.get(caller.device, {})
        # Another process of the service may have told the same not long ago.
        if known and told.get("unsent") == unsent and now.timestamp() * 1000 - known.received_ms < every_ms:
            continue
        laptops[caller.device] = {"unsent": unsent, "at": said}
        total = sum(int(laptop["unsent"]) for laptop in laptops.values())
        body = {
            "user": caller.user, "name": caller.name, "role": caller.role,
            "unsent": total, "last_sync_at": said, "laptops": laptops,
        }  # fmt: skip
        written += publish(connection, scope, "sync_health", id_, body)
    return written


def _laptops(body: Mapping[str, Any], own: str, now: datetime) -> dict[str, dict[str, Any]]:
    """What each of somebody's laptops last said: told as one number, two of them would contradict each other at every contact."""
    oldest = (now - _FORGOTTEN_AFTER).isoformat()
    found = body.get("laptops")
    told: dict[str, dict[str, Any]] = found if isinstance(found, dict) else {}
    # A laptop that went out of use, or that got another device id, says nothing any more.
    return {device: said for device, said in told.items() if device == own or str(said.get("at", "")) >= oldest}


def hand_on_what_ran_out(connection: Connection, team: str) -> int:
    """Pass the drafts of a team's families on whose assignment has ended by the clock alone, and tell who had them; how many."""
    moved = 0
    for row in connection.execute(_RUN_OUT, {"team": team}).all():
        drafts = hand_drafts_on(connection, row.user_id, [row.family])
        tell_of_gone(connection, row.family, row.user_id, drafts)
        moved += drafts
    return moved


def _give(connection: Connection, caller: Caller, id_: str, told: Mapping[str, Any]) -> None:
    kept = {key: told.get(key) for key in ("kind", "family", "family_name", "record", "text", "number", "written_at", "at")}
    body = {**kept, "from": caller.user, "from_name": caller.name}
    for supervisor in connection.execute(_SUPERVISORS, {"team": caller.team}).scalars().all():
        notice = str(uuid.uuid5(uuid.UUID(id_), supervisor))
        publish(connection, f"u:{supervisor}", "notice", notice, {"about": "handed_on", **body})
