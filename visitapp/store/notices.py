"""What the service has told this person about her families: one that has gone, and one that she covers for somebody else."""

import json
from dataclasses import dataclass
from datetime import datetime

from visitapp.store.reading import Reading, milliseconds, moment, number, string
from visitapp.store.writing import Writing

_SEEN = "notices_seen"


@dataclass(frozen=True)
class GoneRow:
    """A family that is with somebody else now; which one is not kept on this laptop any more."""

    id: str
    to_name: str
    notes: int
    drafts: int
    at: datetime | None


@dataclass(frozen=True)
class CoverRow:
    """A family that this person has for somebody else, until a moment."""

    family: str
    for_name: str
    until: datetime


def families_gone(r: Reading) -> tuple[GoneRow, ...]:
    """Families that have gone and of which this person has not taken note, the latest first."""
    seen = set(json.loads(r.meta(_SEEN, "[]")))
    found = []
    for _, id_, body in r.of_kind("notice"):
        if string(body, "about") == "family_gone" and id_ not in seen:
            at_ms = milliseconds(body, "at")
            at = moment(at_ms) if at_ms is not None else None
            found.append(GoneRow(id_, string(body, "to_name"), number(body, "notes") or 0, number(body, "drafts") or 0, at))
    return tuple(sorted(found, key=lambda row: (row.at is not None, row.at, row.id), reverse=True))


def note_seen(w: Writing, notice: str) -> None:
    """Keep in mind that a notice was read, so that it is told once."""
    seen = {*json.loads(w.meta(_SEEN, "[]")), notice}
    w.meta_set(_SEEN, json.dumps(sorted(seen)))
    w.touched.kinds.add("notice")


def covers(r: Reading, now: datetime) -> tuple[CoverRow, ...]:
    """Families that this person has for somebody else at this moment."""
    found = []
    for _, _, body in r.of_kind("notice"):
        until_ms = milliseconds(body, "until")
        if string(body, "about") == "cover" and until_ms is not None and moment(until_ms) > now:
            found.append(CoverRow(string(body, "family"), string(body, "for_name"), moment(until_ms)))
    return tuple(found)
