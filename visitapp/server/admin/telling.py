"""What the service tells nurses about their families: whom one covers for and until when, and that a family has gone elsewhere.

A notice that a family has gone names neither the family nor anybody in it: it stays on a laptop from which that family is purged.
"""

import uuid
from datetime import UTC, datetime
from typing import Final

from sqlalchemy import Connection, text

from visitapp.server import records
from visitapp.server.admin.publishing import publish

_COVERED_FOR: Final = text(
    "select m.name from assignment a join member m on m.id = a.user_id where a.scope = :scope and a.role = 'nurse'"
    " and a.user_id <> :user and a.from_at <= now() and coalesce(a.until_at, 'infinity') > :until"
    " order by a.until_at nulls first, a.from_at limit 1"
)
_ENDED: Final = text(
    "select max(a.until_at) from assignment a where a.scope = :scope and a.user_id = :user and a.role = 'nurse'"
    " having bool_and(coalesce(a.until_at, 'infinity') <= now()) and max(a.until_at) > now() - interval '2 days'"
)
_NOW_WITH: Final = text(
    "select m.name from assignment a join member m on m.id = a.user_id where a.scope = :scope and a.role = 'nurse'"
    " and a.user_id <> :user and a.from_at <= now() and coalesce(a.until_at, 'infinity') > now() order by a.from_at desc limit 1"
)
_NOTES: Final = text("select count(*) from rec where scope = :scope and kind = 'visit' and author = :user and not del")
_HAS_SCOPE: Final = text("select 1 from scope where id = :scope")


_SPACE: Final = uuid.UUID("018f3a00-0000-7000-8000-76697369740b")


def tell_of_cover(connection: Connection, family: str, user: str, until_at: datetime) -> bool:
    """Tell a nurse whom she covers for, where somebody else keeps the family for longer; False where nobody does."""
    found = connection.execute(_COVERED_FOR, {"scope": f"f:{family}", "user": user, "until": until_at}).first()
    if found is None:
        return False
    body = {"about": "cover", "family": family, "for_name": found.name, "until": _iso(until_at)}
    return publish(connection, f"u:{user}", "notice", _id(f"cover {family} {user}"), body)


def tell_of_gone(connection: Connection, family: str, user: str, drafts: int) -> bool:
    """Tell a nurse, once, that a family is with somebody else now: how many of her notes arrived, and drafts went along."""
    scope = f"f:{family}"
    ended = connection.execute(_ENDED, {"scope": scope, "user": user}).scalar()
    if ended is None or connection.execute(_HAS_SCOPE, {"scope": f"u:{user}"}).first() is None:
        return False
    id_ = _id(f"gone {family} {user} {_iso(ended)}")
    if records.current(connection, f"u:{user}", [id_]):
        return False
    to = connection.execute(_NOW_WITH, {"scope": scope, "user": user}).scalar() or ""
    notes = connection.execute(_NOTES, {"scope": scope, "user": user}).scalar_one()
    body = {"about": "family_gone", "to_name": to, "notes": notes, "drafts": drafts, "at": _iso(ended)}
    return publish(connection, f"u:{user}", "notice", id_, body)


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _id(name: str) -> str:
    return str(uuid.uuid5(_SPACE, name))
