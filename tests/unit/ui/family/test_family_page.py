"""What the Family screen says; no Qt."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.unit.ui import invented
from visitapp.actions.disagreements import Decided
from visitapp.domain.ids import FamilyId, RecordId
from visitapp.domain.people import FamilyState, Role
from visitapp.domain.problems import NoSuchFamily
from visitapp.store.changes import Changes
from visitapp.store.notices import CoverRow
from visitapp.store.rows import AlertRow, BegunRow, MeasurementRow, OutboxRow
from visitapp.ui.family.page import Kind, page_of
from visitapp.ui.family.presenter import FamilyPresenter


def page(kinds=frozenset(), may_write=True, **changes):
    return page_of(invented.family_view(**changes), invented.NOW, kinds, may_write=may_write)


class View:
    def __init__(self):
        self.pages = []
        self.gone = False

    def show_page(self, shown):
        self.pages.append(shown)

    def show_gone(self):
        self.gone = True


@pytest.fixture
def view():
    return View()


def presenter(view, lanes, feed, told, load=lambda family: invented.family_view()):
    return FamilyPresenter(
        view,
        load=load,
        start=lambda family: f"visit-of-{family}",
        now=lambda: invented.NOW,
        may_write=True,
        lanes=lanes,
        feed=feed,
        navigate=told,
    )


def test_twins_are_two_cards_with_two_names_and_two_colours():
    assert [(card.name, card.colour) for card in page().children] == [
        ("Łukasz Wiśniewska", "teal"), ("Zuzanna Wiśniewska", "amber")
    ]  # fmt: skip


def test_father_who_lives_elsewhere_is_there_and_says_so():
    father = page().adults[1]
    assert father.name == "Marek Nowak"
    assert [chip[0] for chip in father.chips] == ["parental responsibility", "lives elsewhere"]


def test_facts_say_how_to_contact_safely_and_who_interprets():
    facts = dict(page().facts)
    assert facts["Safe contact"] == "Text first. Not after six."
    assert facts["Interpreter"] == "needed, Polish; same woman if possible"
    assert facts["Social worker"] == "J. Abara, 01632 960 200"


def test_nhs_number_is_written_as_people_read_it():
    assert ("NHS number", "999 000 0026") in page().children[0].facts


def test_alert_says_who_told_it_and_when_it_is_to_be_reviewed():
    assert page().warned[0].detail == "home visit · review by 10 Jan 2026"


def test_alert_past_its_review_says_so():
    stale = replace(invented.DOG, review_on=invented.TODAY - timedelta(days=3))
    shown = page(row=invented.caseload_row(alerts=(stale,)))
    assert "review was due 21 Nov" in shown.warned[0].detail


def test_restricted_alert_is_shown_only_when_asked_for():
    alert = AlertRow("da", "Not to be said aloud", restricted=True)
    assert page(row=invented.caseload_row(alerts=(alert,))).warned[0].is_hidden


def test_colleagues_unsigned_visit_is_told_without_its_content():
    mark = BegunRow("v9", "f1", "Wiśniewska", "u2", "Ruth Gale", invented.NOW - timedelta(days=1))
    assert page(begun_elsewhere=(mark,)).warned[-1].words == "Ruth Gale has begun a visit that is not signed"


def test_timeline_has_drafts_visits_and_measures_newest_first():
    weight = MeasurementRow("m1", "f1", "p2", "v1", "weight", 9450.0, "g", invented.TODAY - timedelta(days=30))
    events = page(drafts=(invented.draft_row(),), measurements=(weight,)).events
    assert [event.title for event in events] == [
        "Visit begun", "Visit at home, baby seen awake", "No access", "Weight 9,450 g · Łukasz",
        "Visit at home, baby seen awake", "Visit at home, baby seen awake",
    ]  # fmt: skip


def test_timeline_narrows_to_visits_at_which_nobody_was_seen():
    assert [event.argument for event in page(kinds=frozenset({Kind.NOT_SEEN})).events] == ["v2"]


def test_struck_visit_stays_readable_and_says_so():
    struck = page().events[-1]
    assert struck.chips[0][0] == "entered in error"
    assert (struck.screen, struck.argument) == ("note", "v4")


@pytest.mark.parametrize("state", [FamilyState.BABY_DIED, FamilyState.PREGNANCY_ENDED])
def test_after_a_loss_nothing_asks_reminds_or_congratulates(state):
    view = invented.family_view(
        row=invented.caseload_row(state=state, next_due=None), due=(), unseen_twice=True,
        people=(invented.person(), invented.person("p2", Role.UNBORN, "", due_on=invented.TODAY)),
    )  # fmt: skip
    shown = page_of(view, invented.NOW, may_write=True)
    assert shown.due == ()
    assert shown.due_empty == "No contact is asked for. Visits can still be written."
    assert not any("awake" in warned.words for warned in shown.warned)
    assert not shown.children[0].may_be_born


def test_supervisor_reads_and_does_not_write():
    shown = page(may_write=False)
    assert (shown.start, shown.may_write) == ("", False)


def test_visit_begun_here_is_gone_on_with(view, lanes, feed, told):
    drafted = invented.family_view(drafts=(invented.draft_row(),))
    screen = presenter(view, lanes, feed, told, load=lambda family: drafted)
    screen.open("f1")
    assert view.pages[0].start == "Go on writing"
    screen.start_visit()
    assert told.places == [("visit", "d1")]


def test_start_visit_begins_one_and_opens_it(view, lanes, feed, told):
    screen = presenter(view, lanes, feed, told)
    screen.open("f1")
    screen.start_visit()
    assert told.places == [("visit", "visit-of-f1")]


def test_only_changes_of_this_family_reload_it(view, lanes, feed, told):
    screen = presenter(view, lanes, feed, told)
    screen.open("f1")
    feed.tell(Changes(kinds=frozenset({"visit"}), families=frozenset({"f2"})))
    assert len(view.pages) == 1
    feed.tell(Changes(kinds=frozenset({"visit"}), families=frozenset({"f1"})))
    assert len(view.pages) == 2


def test_family_that_left_says_so(view, lanes, feed, told):
    def gone(family):
        raise NoSuchFamily

    presenter(view, lanes, feed, told, load=gone).open("f1")
    assert view.gone


def test_a_family_read_too_late_is_not_shown_over_the_next_one(view, feed, told):
    class Slow:
        def __init__(self):
            self.waiting = []

        def on_record(self, asker, work, done, failed=None):
            self.waiting.append((work, done))

        slowly = on_record

    slow = Slow()
    screen = presenter(view, slow, feed, told, load=lambda family: invented.family_view(row=invented.caseload_row(family, family)))
    screen.open("f1")
    screen.open("f2")
    for work, done in slow.waiting:
        done(work())
    assert [shown.name for shown in view.pages] == ["f2"]


def test_people_pages_are_told_the_family_and_the_person(view, lanes, feed, told):
    screen = presenter(view, lanes, feed, told)
    screen.open("f1")
    screen.go_for_person("edit-person", "p2")
    screen.go("edit-family")
    assert told.places == [("edit-person", "f1/p2"), ("edit-family", "f1")]


def test_a_cover_says_for_whom_and_until_when():
    cover = CoverRow("f1", "Ruth Bell", invented.NOW + timedelta(days=9))
    words = [warned.words for warned in page(cover=cover).warned]
    assert words[1] == "You cover this family for Ruth Bell until 3 Dec"


def test_a_draft_that_was_left_to_her_says_by_whom():
    draft = replace(invented.draft_row(), left_by="Ruth Bell")
    assert page(drafts=(draft,)).events[0].title == "Visit begun by Ruth Bell, left to you"


@pytest.mark.parametrize(("state", "leads"), [("conflict", ("disagreement", "op1")), ("denied", ("sync", "op1"))])
def test_a_change_that_waits_is_told_with_a_way_to_it(state, leads):
    op = OutboxRow("op1", "", "f:f1", "person", "p1", "f1", "put", state, "", 0, invented.NOW, None, 10)
    warned = next(warned for warned in page(stuck=(op,)).warned if warned.button)
    assert (warned.screen, warned.argument) == leads


def test_a_decision_stands_in_the_timeline_and_opens():
    one = Decided(RecordId("d1"), FamilyId("f1"), "", "person", "Amina", "theirs", invented.NOW, "Nia", "Ruth", "", "", ())
    event = next(event for event in page(decided=(one,)).events if event.screen == "disagreement")
    assert (event.title, event.argument) == ("Person: Amina: the server's text was kept", "decided/d1")
