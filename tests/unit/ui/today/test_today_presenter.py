"""What the Today screen says and where it leads; no Qt."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.unit.ui import invented
from visitapp.actions.needs import Need
from visitapp.domain.ids import FamilyId
from visitapp.domain.review import UserRole
from visitapp.store.changes import Changes
from visitapp.ui.today.presenter import SHOWN_DUE, TodayPresenter, page_of


class View:
    def __init__(self):
        self.pages = []

    def show_page(self, page):
        self.pages.append(page)


@pytest.fixture
def screen(lanes, feed, told):
    view = View()
    started = []
    presenter = TodayPresenter(
        view,
        load=invented.today_view,
        start=lambda family: started.append(family) or "new-visit",
        now=lambda: invented.NOW,
        lanes=lanes,
        feed=feed,
        navigate=told,
    )
    return view, presenter, started


def page(**changes):
    return page_of(invented.today_view(**changes), invented.NOW)


def test_overdue_contact_says_its_window_and_how_far_over():
    assert page().due[0].detail == "12-month review, due by 19 Nov, 5 days over"


def test_contact_inside_its_window_says_by_when():
    assert page().due[1].detail == "2-year review, due by 27 Nov"


def test_planned_visit_shows_alert_and_unfinished_notes_in_words():
    visits = page().visits
    assert visits[0].row.marks[0][0] == "notes not finished"
    assert visits[1].row.marks[0][0] == "Large dog: ring first"


def test_time_between_starts_is_said_where_both_are_known():
    assert [visit.gap for visit in page().visits] == ["", "1 h 30 min later", "3 h 30 min later"]
    first, second, _ = invented.today_view().planned
    assert page(planned=(first, replace(second, at=""))).visits[1].gap == ""


def test_long_due_list_is_cut_and_says_how_many_more():
    shown = page(due=tuple(invented.due(f"f{n}") for n in range(SHOWN_DUE + 3)))
    assert (len(shown.due), shown.more_due) == (SHOWN_DUE, 3)


def test_what_needs_her_leads_to_the_right_screen():
    assert [(line.screen, line.argument) for line in page().needs] == [
        ("note", "v7"), ("family", "f1"), ("visit", "v1")
    ]  # fmt: skip


def test_reviews_are_told_to_supervisors_only():
    assert page(reviews_waiting=4).reviews == ""
    assert page(role=UserRole.SUPERVISOR, reviews_waiting=4).reviews == "4 notes to review"


def test_starting_a_planned_visit_begins_one_and_going_on_opens_its_draft(screen, told):
    view, presenter, started = screen
    presenter.open()
    go_on, begin, _ = view.pages[0].visits
    presenter.start_visit(go_on)
    assert started == []
    presenter.start_visit(begin)
    assert started == ["f1"]
    assert told.places == [("visit", "v1"), ("visit", "new-visit")]


def test_changes_reload_at_once_in_front_and_later_when_not(screen, feed):
    view, presenter, _ = screen
    presenter.open()
    feed.tell(Changes(kinds=frozenset({"visit"})))
    assert len(view.pages) == 2
    presenter.leave()
    feed.tell(Changes(kinds=frozenset({"visit"})))
    assert len(view.pages) == 2
    presenter.open()
    assert len(view.pages) == 3


def test_nothing_is_read_again_when_nothing_changed(screen, feed):
    view, presenter, _ = screen
    presenter.open()
    feed.tell(Changes(sync=True))
    presenter.leave()
    presenter.open()
    assert len(view.pages) == 1


def test_a_new_day_is_read_anew(lanes, feed, told):
    view, now = View(), [invented.NOW]
    presenter = TodayPresenter(view, load=invented.today_view, start=str, now=lambda: now[0], lanes=lanes, feed=feed, navigate=told)
    presenter.open()
    now[0] += timedelta(days=1)
    presenter.open()
    assert len(view.pages) == 2


def test_a_supervisor_sees_the_teams_day_and_begins_no_visit() -> None:
    shown = page_of(replace(invented.today_view(), role=UserRole.SUPERVISOR), invented.NOW)
    assert shown.visits
    assert {visit.begin for visit in shown.visits} == {""}


@pytest.mark.parametrize(
    ("kind", "leads"),
    [("conflict", ("disagreement", "op1")), ("overlap", ("disagreement", "op1")), ("stuck", ("sync", ""))],
)
def test_texts_to_decide_about_lead_to_where_it_is_done_in_words(kind, leads):
    need = Need(kind, FamilyId("f1"), "Okafor", None, None, "plan_item", "op1")
    line = page_of(replace(invented.today_view(), needs=(need,)), invented.NOW).needs[0]
    assert (line.screen, line.argument) == leads
    assert "plan item" in line.detail
