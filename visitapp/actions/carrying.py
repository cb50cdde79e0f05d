"""Carrying a sheet of a draft to the version that is asked now, with a list of what moved and what could not."""

from dataclasses import dataclass

from visitapp.actions.session import Desk
from visitapp.actions.visits import open_draft
from visitapp.domain.bodies import Body
from visitapp.domain.clock import iso
from visitapp.domain.ids import VisitId
from visitapp.domain.problems import NoSuchVisit
from visitapp.domain.visits import Sheet
from visitapp.forms.carrying import Carried, Move, carry
from visitapp.forms.library import version_key
from visitapp.forms.values import write_value


@dataclass(frozen=True)
class Newer:
    """A sheet that was begun with an older version than the one asked now, and what carrying it would do."""

    key: str
    title: str
    old: str
    new: str
    carried: Carried


def newer_versions(desk: Desk, visit: VisitId) -> tuple[Newer, ...]:
    """List the sheets of a draft that can be carried to a newer version; nothing is changed. Raises NoSuchVisit."""
    return tuple(found for sheet in open_draft(desk, visit).sheets if (found := _newer(desk, sheet)) is not None)


def carry_sheet(desk: Desk, visit: VisitId, key: str) -> Carried:
    """Carry one sheet of a draft to the version asked now and return what became of each answer.

    What could not be taken along stays in the draft, under `left_behind` of its sheet. Raises NoSuchVisit.
    """
    sheet = next((each for each in open_draft(desk, visit).sheets if each.key == key), None)
    found = _newer(desk, sheet) if sheet is not None else None
    if found is None:
        raise NoSuchVisit
    with desk.record.writing() as w:
        body = w.body(desk.drafts_scope, visit)
        if body is None:
            raise NoSuchVisit
        sheets = [_carried(each, found) if each["key"] == key else each for each in body["sheets"]]
        w.put(desk.drafts_scope, "draft", visit, {**body, "sheets": sheets, "updated_at": iso(desk.clock.now())})
        w.audit("sheet_carried", visit=visit, family=body["family"])
    return found.carried


def _newer(desk: Desk, sheet: Sheet) -> Newer | None:
    old = desk.library.get(sheet.questionnaire) if "|" in sheet.questionnaire else None
    new = desk.library.latest(old.url, desk.clock.today()) if old is not None else None
    if old is None or new is None or version_key(new.version) <= version_key(old.version):
        return None
    return Newer(sheet.key, new.title, old.canonical, new.canonical, carry(old, new, sheet.answers))


def _carried(sheet: Body, found: Newer) -> Body:
    left = [*(sheet.get("left_behind") or []), *(_left(move, found.old) for move in found.carried.lost)]
    return {**sheet, "questionnaire": found.new, "answers": found.carried.answers, **({"left_behind": left} if left else {})}


def _left(move: Move, old: str) -> Body:
    answer = [dict([write_value(value)]) for value in move.values]
    return {"questionnaire": old, "linkId": move.link_id, "text": move.text, "why": str(move.loss or ""), "answer": answer}
