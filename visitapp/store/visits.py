"""Visits signed, visits being written, and visits that somebody has begun."""

import json

from visitapp.domain.bodies import Body
from visitapp.store.reading import Reading, at, moment
from visitapp.store.rows import BegunRow, DraftRow, VisitRow
from visitapp.store.sql import Row, text

_VISITS = text("SELECT * FROM visit WHERE family = :family ORDER BY started_ms DESC, id DESC")
_VISIT = text("SELECT * FROM visit WHERE id = :id")
_BETWEEN = text(
    "SELECT * FROM visit WHERE started_ms >= :since AND started_ms < :until ORDER BY started_ms DESC, id DESC LIMIT :many"
)
_UNSENT = text(
    "SELECT v.*, coalesce(f.name, '') AS family_name FROM visit v LEFT JOIN family f ON f.id = v.family "
    "WHERE v.received_ms IS NULL ORDER BY v.started_ms DESC, v.id"
)
_DRAFTS = text(
    "SELECT d.*, coalesce(f.name, '') AS family_name FROM draft d LEFT JOIN family f ON f.id = d.family ORDER BY d.started_ms, d.id"
)
_DRAFT = text("SELECT d.*, coalesce(f.name, '') AS family_name FROM draft d LEFT JOIN family f ON f.id = d.family WHERE d.id = :id")
_BEGUN = text(
    "SELECT b.*, coalesce(f.name, '') AS family_name FROM begun b LEFT JOIN family f ON f.id = b.family WHERE "
    "b.closed = 0 "
    "AND (:family = '' OR b.family = :family) AND NOT EXISTS (SELECT 1 FROM visit v WHERE v.id = b.visit) ORDER "
    "BY b.started_ms"
)


def visits(r: Reading, family: str) -> tuple[VisitRow, ...]:
    """The signed visits of a family, newest first; those entered in error are among them and say so."""
    return tuple(_visit(row) for row in r.all(_VISITS, family=family))


def visits_between(r: Reading, since_ms: int, until_ms: int, many: int = 10_000) -> tuple[VisitRow, ...]:
    """Signed visits of all families that started in a span of time (milliseconds since 1970), newest first."""
    return tuple(_visit(row) for row in r.all(_BETWEEN, since=since_ms, until=until_ms, many=many))


def unsent(r: Reading) -> tuple[tuple[VisitRow, str], ...]:
    """Signed visits that the server has not received, newest first, each with its family's name."""
    return tuple((_visit(row), row.family_name) for row in r.all(_UNSENT))


def visit(r: Reading, id: str) -> VisitRow | None:  # noqa: A002
    """One signed visit, or None."""
    row = r.one(_VISIT, id=id)
    return _visit(row) if row else None


def visit_body(r: Reading, id: str) -> Body | None:  # noqa: A002
    """What was signed: the visit's whole content."""
    row = r.one(_VISIT, id=id)
    return r.body(f"f:{row.family}", id) if row else None


def drafts(r: Reading) -> tuple[DraftRow, ...]:
    """Every visit that is being written on this laptop, oldest first."""
    return tuple(_draft(row) for row in r.all(_DRAFTS))


def draft(r: Reading, visit_id: str) -> DraftRow | None:
    """One visit being written, or None."""
    row = r.one(_DRAFT, id=visit_id)
    return _draft(row) if row else None


def draft_body(r: Reading, visit_id: str) -> Body | None:
    """The whole content of a visit being written."""
    row = r.one(_DRAFT, id=visit_id)
    return r.body(row.scope, visit_id) if row else None


def begun(r: Reading, family: str = "") -> tuple[BegunRow, ...]:
    """Visits that somebody began and has not signed, of one family or of all, oldest first."""
    rows = r.all(_BEGUN, family=family)
    return tuple(
        BegunRow(row.visit, row.family, row.family_name, row.author, row.author_name, moment(row.started_ms)) for row in rows
    )


def _visit(row: Row) -> VisitRow:
    return VisitRow(
        id=row.id,
        family=row.family,
        state=row.state,
        author=row.author,
        author_name=row.author_name,
        author_role=row.author_role,
        started_at=moment(row.started_ms),
        ended_at=at(row.ended_ms),
        signed_at=moment(row.signed_ms),
        received_at=at(row.received_ms),
        outcome=row.outcome,
        mode=row.mode,
        late=bool(row.late),
        babies_seen=row.babies_seen,
        baby_ids=tuple(json.loads(row.baby_ids)),
        phase=row.phase,
        summary=row.summary,
        flags=tuple(json.loads(row.flags)),
        version=row.version,
        answered=bool(row.answered),
        hash=row.h,
    )


def _draft(row: Row) -> DraftRow:
    return DraftRow(
        visit=row.id,
        scope=row.scope,
        owner=row.scope[2:],
        family=row.family,
        family_name=row.family_name,
        author=row.author,
        started_at=moment(row.started_ms),
        updated_at=moment(row.updated_ms),
        step=row.step,
        outcome=row.outcome,
        mode=row.mode,
        baby_ids=tuple(json.loads(row.baby_ids)),
    )
