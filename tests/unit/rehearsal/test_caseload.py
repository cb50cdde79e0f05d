"""The invented caseload holds what it promises and judges right by the very forms it answers."""

from pathlib import Path

from tests.kit.desks import a_desk
from visitapp.actions.caseload import caseload, today_view
from visitapp.actions.reading import read_visit
from visitapp.domain.bodies import Body
from visitapp.domain.ids import VisitId
from visitapp.forms.response import response
from visitapp.forms.validation import validate
from visitapp.rehearsal.caseload import Inventor, families_of, size_named
from visitapp.store.visits import visits_between


def test_twenty_five_families_with_life_in_them(tmp_path: Path) -> None:
    desk = a_desk(tmp_path, practice=True)
    parts: list[Body] = []

    with desk.record.writing() as w:

        def put(scope: str, kind: str, id_: str, body: Body, group: str) -> None:
            w.put(scope, kind, id_, body, group=group, type="sign" if kind == "visit" else "put")
            if kind == "part":
                parts.append(body)

        inventor = Inventor(desk, put)
        size = size_named("small")
        for told in families_of(0, size):
            inventor.family(told, size.visits_each)
    rows = caseload(desk)
    assert len(rows) == 25
    assert {row.state.value for row in rows} == {"active", "baby_died", "graduated"}
    assert any(len(row.babies) == 2 for row in rows)
    assert any(baby.unborn for row in rows for baby in row.babies)
    assert any("corrected" in baby.age for row in rows for baby in row.babies)
    assert any(row.alerts for row in rows)
    assert today_view(desk).due
    for body in parts:
        questionnaire = desk.questionnaire(body["questionnaire"])
        answered = response(questionnaire, body["answers"])
        errors = [fact for fact in validate(questionnaire, answered) if fact.severity == "error"]
        assert not errors, (body["questionnaire"], errors)
    with desk.record.reading() as r:
        notes = visits_between(r, 0, 1 << 52, 10_000)
    assert len(notes) >= 100
    assert all(read_visit(desk, VisitId(note.id)).genuine for note in notes[:20])
    desk.record.close()
