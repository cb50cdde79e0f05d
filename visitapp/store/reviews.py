"""What came after a signature: reviews, addenda, error marks, and the queue of notes that wait for a supervisor."""

import json

from visitapp.store.reading import Reading, at, moment, readable, string
from visitapp.store.rows import AddendumRow, ErrorMarkRow, QueueRow, ReviewRow
from visitapp.store.sql import text

_REVIEWS = text(
    "SELECT w.*, EXISTS (SELECT 1 FROM review a WHERE a.replies_to = w.id AND a.action = 'resolved') AS resolved "
    "FROM review w WHERE w.visit = :visit ORDER BY w.at_ms, w.id"
)
_ADDENDA = text("SELECT * FROM addendum WHERE visit = :visit ORDER BY written_ms, id")
_ERROR_MARK = text("SELECT * FROM error_mark WHERE visit = :visit ORDER BY at_ms, id LIMIT 1")
_QUEUE = text(
    "SELECT v.*, coalesce(f.name, '') AS family_name FROM visit v LEFT JOIN family f ON f.id = v.family "
    "WHERE v.state IN ('signed', 'received') OR (v.state = 'returned' AND v.answered = 1) "
    "ORDER BY v.flagged DESC, v.started_ms, v.id"
)


def reviews(r: Reading, visit: str) -> tuple[ReviewRow, ...]:
    """Every step of a visit's review, oldest first."""
    found = []
    for row in r.all(_REVIEWS, visit=visit):
        held = r.raw(f"f:{row.family}", row.id)
        body = readable(held.body) if held else None
        if held is None or body is None:
            continue
        found.append(
            ReviewRow(
                id=row.id,
                visit=row.visit,
                visit_hash=string(body, "visit_hash"),
                action=row.action,
                text=string(body, "text"),
                part=string(body, "part"),
                link_id=string(body, "link_id"),
                quote=string(body, "quote"),
                author=row.author,
                author_name=string(body, "author_name"),
                author_role=string(body, "author_role"),
                at=moment(row.at_ms),
                replies_to=row.replies_to,
                resolved=bool(row.resolved),
                state=held.state,
            )
        )
    return tuple(found)


def addenda(r: Reading, visit: str) -> tuple[AddendumRow, ...]:
    """The addenda and corrections of a visit, oldest first; restricted ones only where this user holds them."""
    found = []
    for row in r.all(_ADDENDA, visit=visit):
        held = r.raw(row.scope, row.id)
        body = readable(held.body) if held else None
        if held is None or body is None:
            continue
        found.append(
            AddendumRow(
                id=row.id,
                visit=row.visit,
                kind=string(body, "kind") or "addendum",
                text=string(body, "text"),
                part=string(body, "part"),
                link_id=string(body, "link_id"),
                old=_shown(body.get("old")),
                new=_shown(body.get("new")),
                reason=string(body, "reason"),
                author=row.author,
                author_name=string(body, "author_name"),
                author_role=string(body, "author_role"),
                written_at=moment(row.written_ms),
                replies_to=row.replies_to,
                state=held.state,
            )
        )
    return tuple(found)


def _shown(value: object) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def error_mark(r: Reading, visit: str) -> ErrorMarkRow | None:
    """The mark that a visit was entered in error, or None."""
    row = r.one(_ERROR_MARK, visit=visit)
    body = r.body(f"f:{row.family}", row.id) if row else None
    if row is None or body is None:
        return None
    return ErrorMarkRow(
        row.id,
        row.visit,
        string(body, "reason"),
        string(body, "author"),
        string(body, "author_name"),
        moment(row.at_ms),
    )


def queue(r: Reading) -> tuple[QueueRow, ...]:
    """Notes that nobody has judged yet, and returned ones that were answered: flags first, then the oldest."""
    return tuple(
        QueueRow(
            visit=row.id,
            family=row.family,
            family_name=row.family_name,
            author=row.author,
            author_name=row.author_name,
            started_at=moment(row.started_ms),
            signed_at=moment(row.signed_ms),
            received_at=at(row.received_ms),
            outcome=row.outcome,
            late=bool(row.late),
            summary=row.summary,
            flags=tuple(json.loads(row.flags)),
            state=row.state,
            answered=bool(row.answered),
        )
        for row in r.all(_QUEUE)
    )
