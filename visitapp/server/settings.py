"""What the service is told when it starts: values only, nothing read from the environment here."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from visitapp.server.providers import Provider


def now_ms() -> int:
    """The server's time in milliseconds since 1970."""
    return time.time_ns() // 1_000_000


@dataclass(frozen=True, slots=True)
class Settings:
    """The running service. `serving_url` must name a role without power; `key` is the 32-byte seed that signs receipts."""

    serving_url: str
    key: bytes
    owner_url: str = ""
    """The owner of the tables, for the little that no user may do to another's records; without it drafts wait for a person."""
    practice: bool = False
    late: timedelta = timedelta(days=90)
    """How long after the end of an assignment work done during it is still taken without asking anyone."""
    minimum_app: str = "0.1.0"
    latest_app: str = "0.1.0"
    pool: int = 10
    per_minute: int = 60
    burst: int = 120
    """How many requests a minute a device may make, and how many at once; handing in work is not counted. 0: no limit."""
    timeline: bool = False
    """Whether PostgreSQL's timeline may be read and is part of the epoch; found out when the service starts."""
    authority: bytes = b""
    """The certificate (PEM) of a private authority, which laptops fetch and compare with the pin in their address."""
    provider: Provider | None = None
    """The organisation's sign-in for the web administration, where there is one."""
    clock_ms: Callable[[], int] = now_ms

    def is_too_old(self, app: str) -> bool:
        """Whether a laptop's version is below the least that still gets anything; what is no version is taken for a new one."""
        asked, least = _numbers(app), _numbers(self.minimum_app)
        return bool(asked) and asked < least


def _numbers(version: str) -> tuple[int, ...]:
    try:
        return tuple(int(part) for part in version.split("."))
    except ValueError:
        return ()
