"""How long a laptop may be used without its service, judged by a clock that cannot be set back to gain time."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final

from visitapp.protocol.papers import Lease, read_paper
from visitapp.protocol.problems import Malformed
from visitapp.vault.device import verify
from visitapp.vault.problems import LeaseRefused

GRACE: Final = timedelta(days=7)
WARN_AFTER: Final = 10 / 14
JUMP: Final = timedelta(minutes=5)


class Leave(StrEnum):
    """What may be done offline now.

    WRITE_ONLY keeps a nurse safe who stands in a home when her lease ends: she writes the visit and reads what she has not sent,
    and nothing else. SEALED leaves only sending and asking for a new lease.
    """

    FREE = "free"
    WARN = "warn"
    WRITE_ONLY = "write-only"
    SEALED = "sealed"


@dataclass(frozen=True)
class Standing:
    """The judgement of a lease: what may be done, until when the next step down is put off, and the time it was judged at.

    `set_back` says that the clock is behind what it has shown before.
    """

    leave: Leave
    at: datetime
    until: datetime | None = None
    set_back: bool = False

    @property
    def may_read_caseload(self) -> bool:
        """Whether families and notes that came from the server may be shown."""
        return self.leave in (Leave.FREE, Leave.WARN)

    @property
    def may_write(self) -> bool:
        """Whether a visit may be begun, written and signed, and own unsent notes read."""
        return self.leave is not Leave.SEALED


def checked_lease(text: str, service_key: bytes, *, user: str, device: str) -> Lease:
    """Take up a lease that the service signed for this person on this device. Raises LeaseRefused."""
    try:
        lease = read_paper("lease", text, lambda signature, message: verify(service_key, signature, message))
    except Malformed:
        raise LeaseRefused(reason="forged") from None
    assert isinstance(lease, Lease)
    if (lease.user, lease.device) != (user, device):
        raise LeaseRefused(reason="somebody-elses")
    if lease.expires_ms <= lease.issued_ms:
        raise LeaseRefused(reason="forged")
    return lease


def replaces(new: Lease, held: Lease | None) -> bool:
    """Say whether a lease may take the place of the one held: an older one put forward again gains nothing."""
    return held is None or (new.epoch, new.issued_ms) > (held.epoch, held.issued_ms)


def latest(now: datetime, *seen: datetime | None) -> datetime:
    """Return the time to judge by: the clock's, or the highest it has ever shown if that is later."""
    return max([now, *(each for each in seen if each is not None)])


def judged(
    lease: Lease | None, now: datetime, *, seen: datetime | None = None, epoch: int = 0, epoch_at: datetime | None = None
) -> Standing:
    """Judge a lease.

    `seen` is the highest time ever shown in record or keyring since the lease was taken in; `epoch` the newest policy that the
    service has named, `epoch_at` when it did. A record that never had a lease belongs to a service that gives none.
    """
    issued = _moment(lease.issued_ms) if lease else None
    # The service's own time is a floor too: a clock that was behind when the lease came is behind still.
    at = latest(now, seen, issued)
    set_back = at - now > JUMP
    if lease is None or issued is None:
        return Standing(Leave.FREE, at, None, set_back)
    expires = _moment(lease.expires_ms)
    if epoch > lease.epoch:
        expires = min(expires, epoch_at or issued)
    if at >= expires + GRACE:
        return Standing(Leave.SEALED, at, None, set_back)
    if at >= expires:
        return Standing(Leave.WRITE_ONLY, at, expires + GRACE, set_back)
    warn = issued + (expires - issued) * WARN_AFTER
    if at >= warn:
        return Standing(Leave.WARN, at, expires, set_back)
    return Standing(Leave.FREE, at, warn, set_back)


def _moment(ms: int) -> datetime:
    return datetime.fromtimestamp(ms / 1000, UTC)
