"""Fields that two people changed at once, where the newest text counts: both texts, until somebody has looked at them."""

from dataclasses import dataclass
from datetime import datetime

from visitapp.domain.bodies import Body
from visitapp.store.reading import Reading, milliseconds, moment, string


@dataclass(frozen=True)
class OverlapRow:
    """One such place. `was` and `now` hold the fields' texts; `now` still stands in the record."""

    id: str
    family: str
    record: str
    kind: str
    was: Body
    now: Body
    was_by: str
    now_by: str
    now_by_name: str
    was_at: datetime | None
    at: datetime | None


def overlaps(r: Reading, family: str = "") -> tuple[OverlapRow, ...]:
    """What nobody has decided about and what still stands, of one family or of all, the latest first."""
    scope = f"f:{family}" if family else ""
    decided = {string(body, "record") for _, _, body in r.of_kind("decision", scope)}
    found = []
    for held, id_, body in r.of_kind("overlap", scope):
        was, now = body.get("was"), body.get("now")
        standing = r.body(held, string(body, "record"))
        if id_ in decided or standing is None or not isinstance(was, dict) or not isinstance(now, dict):
            continue
        # What was changed again since has been looked at.
        names = [name for name in {**was, **now} if standing.get(name) == now.get(name)]
        if names:
            found.append(_row(held[2:], id_, body, {n: was[n] for n in names if n in was}, {n: now[n] for n in names if n in now}))
    return tuple(sorted(found, key=lambda row: (row.at is not None, row.at, row.id), reverse=True))


def _row(family: str, id_: str, body: Body, was: Body, now: Body) -> OverlapRow:
    was_ms, at_ms = milliseconds(body, "was_at"), milliseconds(body, "at")
    return OverlapRow(
        id=id_,
        family=family,
        record=string(body, "record"),
        kind=string(body, "kind"),
        was=was,
        now=now,
        was_by=string(body, "was_by"),
        now_by=string(body, "now_by"),
        now_by_name=string(body, "now_by_name"),
        was_at=moment(was_ms) if was_ms is not None else None,
        at=moment(at_ms) if at_ms is not None else None,
    )
