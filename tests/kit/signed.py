"""Signed visits of the invented family, made by the same actions that the screens use."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from visitapp.actions.session import Desk
from visitapp.actions.signing import sign_visit
from visitapp.actions.visits import open_draft, save_answers, start_visit
from visitapp.domain.clock import FixedClock
from visitapp.domain.ids import FamilyId, VisitId
from visitapp.forms.filling import Filling

USUAL: Mapping[str, Mapping[str, Any]] = {
    "arrival": {"baby-seen": 0},
    "narrative": {"story": "We talked about sleep.", "client-words": "I was tired, but he is lovely."},
    "observation": {"strength-1": "He turns to her voice", "IN1": 0, "IN3": 1},
    "voice": {"voice": "I like it when you wait."},
    "risks": {"risks-none": True},
}


def a_written_visit(desk: Desk, family: FamilyId, answers: Mapping[str, Mapping[str, Any]] = USUAL) -> VisitId:
    """Write a visit that could be signed; answers by section and linkId, an option by its number."""
    visit = start_visit(desk, family)
    saved = {}
    for sheet in open_draft(desk, visit).sheets:
        told = answers.get(sheet.section, {})
        if not told or sheet.key in saved:
            continue
        filling = Filling(desk.questionnaire(sheet.questionnaire), sheet.answers)
        for link_id, value in told.items():
            row = next((row for row in filling.rows() if row.item.link_id == link_id), None)
            if row is not None:
                filling.answer(row.place, (row.options[value].value if row.options else value,))
        saved[sheet.key] = filling.answers()
    save_answers(desk, visit, saved)
    return visit


def a_signed_visit(
    desk: Desk, family: FamilyId, answers: Mapping[str, Mapping[str, Any]] = USUAL, *, then: timedelta = timedelta(days=3)
) -> VisitId:
    """Write and sign a visit; answers by section and linkId, an option by its number. Afterwards time passes."""
    visit = a_written_visit(desk, family, answers)
    assert isinstance(desk.clock, FixedClock)
    desk.clock.move(timedelta(hours=1))
    sign_visit(desk, visit)
    desk.clock.move(then)
    return visit
