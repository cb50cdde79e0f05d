"""Scopes that were opened for a time with a reason: how they are held, and taking them off when the time is over."""

from datetime import datetime

from visitapp.store.incoming import purge_scope
from visitapp.store.reading import Reading, at
from visitapp.store.sql import text
from visitapp.store.writing import Writing

ROLE = "glass"
"""The service's word for a scope that is open for an hour."""
_KEY = "opened:"
_ROLE_IN = text("SELECT role FROM cursor WHERE scope = :scope AND lost = 0")
_OPENED = text("SELECT scope FROM cursor WHERE role = :role")
_TIMES = text("SELECT key, value FROM meta WHERE key >= 'opened:' AND key < 'opened;'")
_FORGET = text("DELETE FROM meta WHERE key = :key")


def role_in(r: Reading, scope: str) -> str:
    """As what this person holds a scope; nothing where she does not."""
    row = r.one(_ROLE_IN, scope=scope)
    return str(row.role) if row else ""


def opened_until(r: Reading, family: str) -> datetime | None:
    """Until when, by this laptop's clock, the family was opened last."""
    kept = r.meta(_KEY + family)
    return at(int(kept)) if kept else None


def note_opened(w: Writing, family: str, until: datetime) -> None:
    """Keep until when a family is open; the next exchange brings it."""
    w.meta_set(_KEY + family, str(_ms(until)))
    w.touched.sync = True
    w.touched.families.add(family)


def over(r: Reading, now: datetime) -> tuple[str, ...]:
    """Families whose time is over."""
    return tuple(row.key.removeprefix(_KEY) for row in r.all(_TIMES) if int(row.value) <= _ms(now))


def close_opened(w: Writing, family: str) -> None:
    """Take what was opened of a family off this laptop. What she holds of it otherwise stays."""
    held = {row.scope for row in w.all(_OPENED, role=ROLE)}
    for scope in (f"r:{family}", f"f:{family}"):
        if scope in held:
            purge_scope(w, scope)
    w.connection.execute(_FORGET, {"key": _KEY + family})
    w.touched.families.add(family)


def _ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
