"""Desks on real encrypted records, for nurse and supervisor, with the questionnaires and programmes that ship."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from visitapp.actions.session import Desk, Profile
from visitapp.domain.clock import Clock, FixedClock
from visitapp.domain.ids import DeviceId, Ids, TeamId, UserId
from visitapp.domain.programme import Programme
from visitapp.domain.review import UserRole
from visitapp.forms.definition import load_questionnaire
from visitapp.forms.library import Library
from visitapp.store.record import Record
from visitapp.vault.device import DeviceKey

RESOURCES = Path(__file__).parents[2] / "resources"
MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@cache
def shipped_library() -> Library:
    """Return every questionnaire that ships."""
    return Library(load_questionnaire(path.read_bytes()) for path in sorted((RESOURCES / "questionnaires").glob("*.json")))


@cache
def shipped_programmes() -> tuple[Programme, ...]:
    """Return every programme pack that ships."""
    packs = sorted((RESOURCES / "programmes").glob("*.json"))
    return tuple(Programme.from_pack(json.loads(path.read_bytes())) for path in packs)


def a_desk(
    folder: Path, *, role: UserRole = UserRole.NURSE, name: str = "Nia Morgan", clock: Clock | None = None, practice: bool = False
) -> Desk:
    """Return a desk on a new, empty, encrypted record in a folder."""
    clock = clock or FixedClock(MONDAY)
    ids = Ids(clock)
    record = Record.create(folder / "record.db", b"k" * 32, clock=clock)
    profile = Profile(UserId(ids()), name, role, "Family nurse" if role is UserRole.NURSE else "Supervisor", TeamId(ids()), "Port Larkin")
    return Desk(
        record=record,
        clock=clock,
        ids=ids,
        user=profile,
        device=DeviceId(ids()),
        sign=DeviceKey.generate().sign,
        library=shipped_library(),
        programmes=shipped_programmes(),
        practice=practice,
    )


def as_supervisor(desk: Desk, name: str = "Sue Pemberton") -> Desk:
    """Return a supervisor's desk on the same record: what she would see once everything has been synced."""
    return replace(desk, user=Profile(UserId(desk.ids()), name, UserRole.SUPERVISOR, "Supervisor", desk.user.team, desk.user.team_name))
