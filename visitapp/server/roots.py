"""A day of the audit in one number: the root of a tree over its hashes, signed, to be kept where nobody here can change it."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime

from sqlalchemy import Connection

from visitapp.server import audit
from visitapp.server.signin import ServerKey, is_signed_by_key


@dataclass(frozen=True, slots=True)
class DayRoot:
    """One day (UTC) of the audit: its first and last entry, the last one's hash, and the root over all of them; hashes in hex."""

    day: str
    first: int
    last: int
    head: str
    root: str
    signature: str = ""

    def text(self) -> bytes:
        """What the service signs."""
        return f"visitapp-audit-day-1|{self.day}|{self.first}|{self.last}|{self.head}|{self.root}".encode()


def merkle_root(leaves: Sequence[bytes]) -> bytes:
    """The root over hashes, leaves and inner nodes told apart as in RFC 6962; an odd one goes up as it is."""
    level = [hashlib.sha256(b"\0" + leaf).digest() for leaf in leaves]
    while len(level) > 1:
        pairs = [hashlib.sha256(b"\1" + level[at] + level[at + 1]).digest() for at in range(0, len(level) - 1, 2)]
        level = pairs + level[len(level) - len(level) % 2 :]
    return level[0] if level else hashlib.sha256(b"").digest()


def days(connection: Connection, after: int, until: date) -> Iterator[DayRoot]:
    """The days that are over before `until` and begin after an entry, not signed yet; days without entries are left out."""
    today: list[audit.Entry] = []
    for entry in audit.entries(connection, after):
        if today and _day(entry) != _day(today[0]):
            yield _root(today)
            today = []
        if _day(entry) >= until:
            return
        today.append(entry)
    if today:
        yield _root(today)


def _day(entry: audit.Entry) -> date:
    return entry.at.astimezone(UTC).date()


def _root(entries: Sequence[audit.Entry]) -> DayRoot:
    root = merkle_root([entry.hash for entry in entries])
    return DayRoot(_day(entries[0]).isoformat(), entries[0].n, entries[-1].n, entries[-1].hash.hex(), root.hex())


def read_roots(text: str) -> list[DayRoot]:
    """What was exported, one JSON object a line. Raises ValueError."""
    try:
        return [DayRoot(**json.loads(line)) for line in text.splitlines() if line.strip()]
    except TypeError:
        raise ValueError("no export of an audit") from None


def new_lines(connection: Connection, key: ServerKey, known: Sequence[DayRoot], now: datetime) -> str:
    """The lines to add to an export, signed; empty where no further day is over."""
    found = days(connection, known[-1].last if known else 0, now.astimezone(UTC).date())
    signed = (DayRoot(**{**asdict(day), "signature": key.sign(day.text())}) for day in found)
    return "".join(json.dumps(asdict(day)) + "\n" for day in signed)


def first_wrong(connection: Connection, key: ServerKey, known: Iterable[DayRoot]) -> DayRoot | None:
    """The first day whose entries are not those it was exported with, or which this service did not sign; None if all agree."""
    from visitapp.protocol.requests import from_base64

    public = f"ed25519:{from_base64(key.public).hex()}"
    expected = 1
    for day in known:
        entries = audit.between(connection, day.first, day.last)
        numbers = [entry.n for entry in entries]
        whole = bool(entries) and numbers == list(range(day.first, day.last + 1)) and day.first == expected
        same = whole and _root(entries) == DayRoot(day.day, day.first, day.last, day.head, day.root)
        if not same or not is_signed_by_key(public, day.text(), from_base64(day.signature)):
            return day
        expected = day.last + 1
    return None
