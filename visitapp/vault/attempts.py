"""How long somebody must wait after wrong passphrases."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

WAITS_S = (0, 0, 0, 5, 30, 60, 300, 900, 900)
"""Seconds to wait after the first, second, … ninth wrong passphrase in a row."""
SEALING_FAILURES = 10
LATEST_MS = 253_402_300_799_000
SEALED_WAIT_S = 24 * 60 * 60


@dataclass(frozen=True)
class Attempts:
    """Wrong passphrases in a row and when the last one was.

    Kept both in the secret store and in the header; the higher one counts, so that putting back either alone gains
    nothing. The tenth seals: where the master key is in escrow, the passphrase's slot is emptied; where it is not, that
    would destroy unsent notes, so a sealed vault only waits 24 hours before each further try.
    """

    failed: int = 0
    last_at: datetime | None = None

    def with_failure(self, at: datetime) -> "Attempts":
        """Return these attempts and one more wrong passphrase."""
        return Attempts(self.failed + 1, at)

    @property
    def is_sealed(self) -> bool:
        """Whether so many were wrong that only recovery or a long wait goes on."""
        return self.failed >= SEALING_FAILURES

    @property
    def wait_s(self) -> int:
        """How many seconds the last wrong passphrase costs."""
        if self.is_sealed:
            return SEALED_WAIT_S
        return WAITS_S[self.failed - 1] if self.failed else 0

    @property
    def left(self) -> int:
        """How many wrong passphrases remain before the vault is sealed."""
        return max(0, SEALING_FAILURES - self.failed)

    def remaining_s(self, now: datetime) -> int:
        """How many whole seconds are still to wait; a clock set back never makes it more than the full wait."""
        if self.last_at is None or not self.wait_s:
            return 0
        end = self.last_at + timedelta(seconds=self.wait_s)
        remaining = (end - now).total_seconds()
        return max(0, min(self.wait_s, int(-(-remaining // 1))))


NO_ATTEMPTS = Attempts()


def worse(left: Attempts, right: Attempts) -> Attempts:
    """Of two counts of the same attempts, return the one that counts: the higher, then the later."""
    return max(left, right, key=lambda each: (each.failed, each.last_at.timestamp() if each.last_at else 0.0))


def written(attempts: Attempts) -> dict[str, object]:
    """Give the attempts the shape they have in header and secret store (`last_ms`: since 1970, 0 = never)."""
    last_ms = round(attempts.last_at.timestamp() * 1000) if attempts.last_at else 0
    return {"failed": attempts.failed, "last_ms": last_ms}


def read(value: object) -> Attempts:
    """Take attempts from that shape; raises ValueError on any other."""
    if not isinstance(value, dict) or set(value) != {"failed", "last_ms"}:
        raise ValueError("attempts")
    failed, last_ms = value["failed"], value["last_ms"]
    if type(failed) is not int or type(last_ms) is not int or bool(failed) != bool(last_ms):
        raise ValueError("attempts")
    if not 0 <= failed <= 1_000_000 or not 0 <= last_ms <= LATEST_MS:
        raise ValueError("attempts")
    return Attempts(failed, datetime.fromtimestamp(last_ms / 1000, UTC) if last_ms else None)
