"""The parts of signed visits: which questionnaire was answered about whom, and what was answered."""

from visitapp.store.reading import Reading, readable
from visitapp.store.rows import PartRow
from visitapp.store.sql import Row, text

_PARTS = text("SELECT * FROM part WHERE visit = :visit ORDER BY rowid")
_OF_QUESTIONNAIRE = text(
    "SELECT p.* FROM part p JOIN visit v ON v.id = p.visit WHERE p.family = :family AND p.questionnaire LIKE "
    ":like ESCAPE '\\' "
    "AND v.state <> 'in_error' ORDER BY v.started_ms DESC, p.id"
)


def parts(r: Reading, visit: str) -> tuple[PartRow, ...]:
    """The parts of a signed visit in the order it lists them; restricted ones only where this user holds them."""
    found = [part for part in (_part(r, row) for row in r.all(_PARTS, visit=visit)) if part]
    place = {id_: number for number, id_ in enumerate(_listed(r, visit))}
    return tuple(sorted(found, key=lambda part: place.get(part.id, len(place))))


def parts_of_questionnaire(r: Reading, family: str, url: str) -> tuple[PartRow, ...]:
    """A family's answers to one questionnaire in any version, newest visit first, struck visits left out."""
    escaped = url.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    rows = r.all(_OF_QUESTIONNAIRE, family=family, like=escaped + "|%")
    return tuple(part for part in (_part(r, row) for row in rows) if part)


_FAMILY = text("SELECT family FROM visit WHERE id = :visit")


def _listed(r: Reading, visit: str) -> list[str]:
    row = r.one(_FAMILY, visit=visit)
    body = r.body(f"f:{row.family}", visit) if row else None
    listed = body.get("parts") if body else None
    return [str(part.get("id")) for part in listed if isinstance(part, dict)] if isinstance(listed, list) else []


def _part(r: Reading, row: Row) -> PartRow | None:
    held = r.raw(row.scope, row.id)
    if held is None or held.deleted:
        return None
    answers = (readable(held.body) or {}).get("answers")
    return PartRow(
        id=row.id,
        scope=row.scope,
        visit=row.visit,
        section=row.section,
        questionnaire=row.questionnaire,
        subject_kind=row.subject_kind,
        subject=row.subject,
        subject_role=row.subject_role,
        caregiver=row.caregiver,
        restricted=bool(row.restricted),
        title=row.title,
        answers=tuple(item for item in answers if isinstance(item, dict)) if isinstance(answers, list) else (),
        body=held.body,
        hash=held.h.hex(),
    )
