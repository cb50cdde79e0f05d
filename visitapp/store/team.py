"""What a supervisor's own scope holds about her team: how each nurse's sync stands, and what was handed to her."""

from dataclasses import dataclass
from datetime import datetime

from visitapp.store.reading import Reading, milliseconds, moment, number, string


@dataclass(frozen=True)
class HealthRow:
    """How somebody's sync stood when the service last heard from her; it is told a few times a day."""

    user: str
    name: str
    last_sync_at: datetime | None
    unsent: int


@dataclass(frozen=True)
class HandedRow:
    """A text that could not land and was given to this supervisor."""

    id: str
    sender: str
    sender_name: str
    kind: str
    family: str
    family_name: str
    text: str
    number: str
    written_at: datetime | None
    handed_at: datetime | None


def sync_health(r: Reading) -> tuple[HealthRow, ...]:
    """How sync stands for everybody the service has told about, in order of name."""
    found = []
    for _, _, body in r.of_kind("sync_health"):
        at_ms = milliseconds(body, "last_sync_at")
        last = moment(at_ms) if at_ms is not None else None
        found.append(HealthRow(string(body, "user"), string(body, "name"), last, number(body, "unsent") or 0))
    return tuple(sorted(found, key=lambda row: (row.name, row.user)))


def handed_on(r: Reading) -> tuple[HandedRow, ...]:
    """What was given to this person and has not been dealt with, newest first."""
    done = {string(body, "record") for scope, _, body in r.of_kind("decision") if scope.startswith("u:")}
    found = []
    for _, id_, body in r.of_kind("notice"):
        if string(body, "about") != "handed_on" or id_ in done:
            continue
        written, handed = milliseconds(body, "written_at"), milliseconds(body, "at")
        found.append(
            HandedRow(
                id=id_,
                sender=string(body, "from"),
                sender_name=string(body, "from_name"),
                kind=string(body, "kind"),
                family=string(body, "family"),
                family_name=string(body, "family_name"),
                text=string(body, "text"),
                number=string(body, "number"),
                written_at=moment(written) if written is not None else None,
                handed_at=moment(handed) if handed is not None else None,
            )
        )
    return tuple(sorted(found, key=lambda row: (row.handed_at is not None, row.handed_at, row.id), reverse=True))
