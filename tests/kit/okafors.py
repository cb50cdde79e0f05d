"""One invented family, with one baby or with twins, and the phone card of an invented service."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from visitapp.actions.people import new_family
from visitapp.actions.session import Desk
from visitapp.domain.ids import FamilyId

PHONES = (
    {"name": "Crisis line (invented)", "phone": "01632 960001", "hours": "day and night"},
    {"name": "Safeguarding lead (invented)", "phone": "01632 960002", "hours": "9 to 5"},
)
TWINS: Sequence[Mapping[str, Any]] = (
    {"role": "mother", "given_name": "Amina", "family_name": "Okafor", "born_on": "2007-03-01"},
    {"role": "father", "given_name": "Joel", "family_name": "Brandt"},
    {"role": "baby", "given_name": "Yusuf", "born_on": "2026-05-02", "gestation_days": 252, "colour": "teal"},
    {"role": "baby", "given_name": "Zara", "born_on": "2026-05-02", "gestation_days": 252, "colour": "amber"},
)
ONE_BABY: Sequence[Mapping[str, Any]] = (TWINS[0], {**TWINS[2], "colour": ""})


def the_okafors(desk: Desk, persons: Sequence[Mapping[str, Any]] = ONE_BABY) -> FamilyId:
    """Begin the family on a nurse's desk."""
    return new_family(desk, {"name": "Okafor"}, persons)


def with_phones(desk: Desk) -> Desk:
    """The desk with the phone card of an invented service."""
    return replace(desk, phone_cards=PHONES)
