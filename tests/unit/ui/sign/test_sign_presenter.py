"""Signing: what is missing, what will be locked, late entries, and signing once."""

from datetime import timedelta
from typing import Any

import pytest

from tests.kit.okafors import the_okafors
from visitapp.actions.reading import read_visit
from visitapp.actions.session import Desk
from visitapp.actions.visits import open_draft, save_answers, start_visit
from visitapp.domain.clock import FixedClock
from visitapp.domain.ids import VisitId
from visitapp.domain.problems import NoSuchVisit
from visitapp.ui.sign.presenter import SignPage, SignPresenter


class Seen:
    """Stands in for the screen."""

    def __init__(self) -> None:
        self.page: SignPage | None = None
        self.working: list[bool] = []
        self.reason_asked = 0

    def show_page(self, page: SignPage) -> None:
        self.page = page

    def show_working(self, working: bool) -> None:
        self.working.append(working)

    def show_reason_needed(self) -> None:
        self.reason_asked += 1


@pytest.fixture
def view() -> Seen:
    return Seen()


@pytest.fixture
def visit(desk: Desk) -> VisitId:
    return start_visit(desk, the_okafors(desk))


def say_no_new_risk(desk: Desk, visit: VisitId) -> None:
    key = next(sheet.key for sheet in open_draft(desk, visit).sheets if sheet.section == "risks")
    save_answers(desk, visit, {key: [{"linkId": "risks-none", "answer": [{"valueBoolean": True}]}]})


def test_what_is_missing_is_a_way_to_it(desk: Desk, view: Seen, visit: VisitId, lanes: Any, told: Any) -> None:
    presenter = SignPresenter(view, desk, lanes, told, told)
    presenter.open(visit)
    assert view.page is not None
    assert not view.page.can_sign
    line = next(line for line in view.page.missing if line.step == "Risks and actions")
    presenter.go_to(line)
    screen, argument = told.places[-1]
    assert screen == "visit"
    assert argument.startswith(f"{visit}|risks|visit-risks")


def test_nothing_is_signed_while_something_is_missing(desk: Desk, view: Seen, visit: VisitId, lanes: Any, told: Any) -> None:
    presenter = SignPresenter(view, desk, lanes, told, told)
    presenter.open(visit)
    presenter.sign("")
    assert told.places == []
    assert open_draft(desk, visit).visit == visit


def test_signing_locks_the_visit_and_leads_to_the_note(desk: Desk, view: Seen, visit: VisitId, lanes: Any, told: Any) -> None:
    say_no_new_risk(desk, visit)
    presenter = SignPresenter(view, desk, lanes, told, told)
    presenter.open(visit)
    assert view.page is not None
    assert view.page.can_sign
    assert "Risks and actions" in [part.title for part in view.page.locked]
    presenter.sign("")
    assert told.places == [("note", f"{visit}|signed")]
    assert read_visit(desk, visit).row.id == visit
    with pytest.raises(NoSuchVisit):
        open_draft(desk, visit)


def test_asked_twice_it_signs_once(desk: Desk, view: Seen, visit: VisitId, told: Any) -> None:
    waiting: list[Any] = []

    class SlowLanes:
        def on_record(self, _asker: object, work: Any, done: Any, _failed: Any = None) -> None:
            waiting.append((work, done))

        slowly = on_record

    say_no_new_risk(desk, visit)
    presenter = SignPresenter(view, desk, SlowLanes(), told, told)
    presenter.open(visit)
    work, done = waiting.pop()
    done(work())
    presenter.sign("")
    presenter.sign("")
    assert len(waiting) == 1


def test_a_late_entry_needs_a_reason_and_keeps_it(desk: Desk, view: Seen, visit: VisitId, lanes: Any, told: Any) -> None:
    say_no_new_risk(desk, visit)
    assert isinstance(desk.clock, FixedClock)
    desk.clock.move(timedelta(days=2))
    presenter = SignPresenter(view, desk, lanes, told, told)
    presenter.open(visit)
    assert view.page is not None
    assert "late entry" in view.page.late
    presenter.sign("  ")
    assert view.reason_asked == 1
    assert told.places == []
    presenter.sign("The laptop was being mended.")
    body = read_visit(desk, visit).body
    assert body["late"] is True
    assert body["late_reason"] == "The laptop was being mended."


def test_coming_back_to_a_visit_that_is_signed_leads_to_the_note(
    desk: Desk, view: Seen, visit: VisitId, lanes: Any, told: Any
) -> None:
    say_no_new_risk(desk, visit)
    presenter = SignPresenter(view, desk, lanes, told, told)
    presenter.open(visit)
    presenter.sign("")
    presenter.open(visit)
    assert told.places[-1] == ("note", visit)
    assert told.problems == []


def test_a_draft_that_is_gone_is_a_problem_in_words(desk: Desk, view: Seen, lanes: Any, told: Any) -> None:
    SignPresenter(view, desk, lanes, told, told).open("01900000-0000-7000-8000-00000000dead")
    assert [type(problem) for problem in told.problems] == [NoSuchVisit]
