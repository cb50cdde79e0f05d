"""The leave to work without the service: taken in with a sync, kept in the record, judged before a family is shown."""

import base64
from datetime import UTC, datetime, timedelta
from typing import Final

from visitapp.domain.bodies import load
from visitapp.protocol.papers import Lease
from visitapp.store.reading import Reading
from visitapp.store.record import Record
from visitapp.vault.lease import Standing, checked_lease, judged, latest, replaces
from visitapp.vault.problems import LeaseRefused

_NOTE_EVERY: Final = timedelta(minutes=10)


def take_lease(record: Record, text: str) -> Lease:
    """Take in a lease that the service sent, and judge from its time on; an older one than that held changes nothing.

    Raises LeaseRefused for one that is forged or somebody else's.
    """
    with record.reading() as r:
        new, held = _read(r, text), held_lease(r)
    if not replaces(new, held):
        assert held is not None
        return held
    with record.writing() as w:
        w.meta_set("lease", text)
        # What a clock that ran ahead once showed is forgiven by the service's own time.
        w.meta_set("clock_seen_ms", str(new.issued_ms))
        w.meta_set("policy_epoch", str(max(new.epoch, int(w.meta("policy_epoch", "0")))))
        w.audit("lease_taken", epoch=new.epoch, expires=new.expires_ms)
    return new


def take_policy(record: Record, epoch: int, at: datetime) -> None:
    """Note that the service named a newer access policy, and when; a lease of an older one is over from then on."""
    with record.reading() as r:
        known = int(r.meta("policy_epoch", "0"))
    if epoch > known:
        with record.writing() as w:
            w.meta_set("policy_epoch", str(epoch))
            w.meta_set("policy_at_ms", str(_ms(at)))
            w.audit("policy_changed", epoch=epoch)


def lease_standing(record: Record, *, locked_at: datetime | None = None) -> Standing:
    """Judge the lease of a record now, and keep the highest time its clock has shown.

    `locked_at` is the time that the keyring keeps from the last lock; it is handed in once, at unlock. A clock that was set back is
    a link of the audit chain.
    """
    now = record.clock.now()
    with record.reading() as r:
        lease = held_lease(r)
        seen, policy_at = (int(r.meta(key, "0")) for key in ("clock_seen_ms", "policy_at_ms"))
        epoch, was_back = int(r.meta("policy_epoch", "0")), r.meta("clock_is_back") == "1"
    highest = latest(_moment(seen), locked_at) if seen else locked_at
    standing = judged(lease, now, seen=highest, epoch=epoch, epoch_at=_moment(policy_at) if policy_at else None)
    if record.rolled_back is None and (standing.at - _moment(seen) >= _NOTE_EVERY or standing.set_back != was_back):
        with record.writing() as w:
            w.meta_set("clock_seen_ms", str(_ms(standing.at)))
            w.meta_set("clock_is_back", "1" if standing.set_back else "0")
            if standing.set_back and not was_back:
                w.audit("clock_set_back", seconds=int((standing.at - now).total_seconds()))
    return standing


def held_lease(r: Reading) -> Lease | None:
    """The lease in a record, or None; one from before the laptop was connected anew is none."""
    text = r.meta("lease")
    try:
        return _read(r, text) if text else None
    except LeaseRefused:
        return None


def _read(r: Reading, text: str) -> Lease:
    user = str(load(r.meta("profile").encode())["user"])
    return checked_lease(text, base64.b64decode(r.meta("service_key")), user=user, device=r.meta("device"))


def _ms(at: datetime) -> int:
    return round(at.timestamp() * 1000)


def _moment(ms: int) -> datetime:
    return datetime.fromtimestamp(ms / 1000, UTC)
