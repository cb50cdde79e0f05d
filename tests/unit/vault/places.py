"""Stand-ins that the vault's tests share: a secret store in memory, a clock, and the cheapest permitted derivation."""

from datetime import UTC, datetime

from visitapp.domain.clock import FixedClock
from visitapp.vault.keys import FLOOR

CHEAP = FLOOR
PASSPHRASE = "kettle harbour violin moss"


class MemorySecretStore:
    """A secret store that forgets with the test; counts how often it was written."""

    reduced = False

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}
        self.writes = 0

    def get(self, vault_id: str) -> str | None:
        return self.kept.get(vault_id)

    def set(self, vault_id: str, secret: str) -> None:
        self.writes += 1
        self.kept[vault_id] = secret

    def delete(self, vault_id: str) -> None:
        self.kept.pop(vault_id, None)

    def self_test(self) -> None:
        """Memory keeps what it is given."""


def a_clock() -> FixedClock:
    return FixedClock(datetime(2026, 11, 2, 9, 30, 0, 400_000, tzinfo=UTC))


def typed(text: str = PASSPHRASE) -> bytearray:
    return bytearray(text.encode())
