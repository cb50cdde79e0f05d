"""The Team screen on a real record: figures, the families behind them, sync health by risk, and what was handed to the supervisor."""

from datetime import timedelta

import pytest

from tests.kit.desks import MONDAY, as_supervisor
from tests.kit.disagreeing import a_colleague
from tests.kit.okafors import ONE_BABY
from visitapp.actions.people import new_family
from visitapp.actions.team import Figure, Risk, deal_with, risk_of, team_view
from visitapp.actions.visits import start_visit
from visitapp.domain.bodies import dump
from visitapp.domain.clock import iso
from visitapp.domain.problems import NotAllowed
from visitapp.store.acknowledged import Acknowledged, put_rows
from visitapp.ui.team.build import build_team
from visitapp.ui.team.view import TeamScreen
from visitapp.ui.widgets.buttons import Button
from visitapp.ui.widgets.rows import RowButton
from visitapp.ui.widgets.text import Text

DAY = timedelta(days=1)


def put(desk, scope, kind, body):
    with desk.record.writing() as w:
        put_rows(w, [Acknowledged(scope, desk.ids(), kind, 1, False, "", 0, dump(body))])


def a_nurse_with_work(desk, name="Ruth Bell", families=2, last=3 * DAY, unsent=5, visits_today=2):
    """A nurse of the supervisor's team: her families, what is planned, and how her sync stands."""
    user = a_colleague(desk, name)
    made = [new_family(desk, {"name": f"{name} {n}", "nurse": user, "nurse_name": name}, ONE_BABY) for n in range(families)]
    with desk.record.writing() as w:
        for family in made[:visits_today]:
            body = {"text": "Next visit", "kind": "next_visit", "due_on": desk.clock.today().isoformat()}
            w.put(f"f:{family}", "plan_item", desk.ids(), body)
    told = {"user": user, "name": name, "unsent": unsent, "last_sync_at": iso(desk.clock.now() - last)}
    put(desk, f"u:{desk.user.user}", "sync_health", told)
    return user, made


@pytest.fixture
def team(desk):
    """Two nurses, one of whom has not been heard of for three days with two visits today; as their supervisor sees it."""
    a_nurse_with_work(desk, "Amy Cole", families=1, last=timedelta(hours=1), unsent=0, visits_today=0)
    a_nurse_with_work(desk)
    return as_supervisor(desk)


@pytest.fixture
def screen(team, lanes, feed, told, dressed):
    made = build_team(team, lanes, feed, told, told)
    made.resize(1000, 700)
    yield made
    made.deleteLater()


def said(screen):
    return [label.text() for label in screen.findChildren(Text)]


def button(screen, name):
    return next(b for b in screen.findChildren(Button) if b.accessibleName() == name)


def test_the_nurse_whose_sync_is_the_greatest_risk_comes_first_and_it_is_said_why(screen):
    screen.open()
    names = [card.accessibleName() for card in screen.findChildren(type(screen._nurses.itemAt(0).widget()))]
    assert names[0] == "Ruth Bell: 2 visits today, last sync 3 days ago, 5 changes not sent"
    assert names[1] == "Amy Cole: Last sync today"
    assert "1 nurse to ring: work may be on her laptop only." in said(screen)


def test_a_figure_leads_to_the_families_behind_it(screen, told):
    screen.open()
    button(screen, "Ruth Bell: 2 families, show the families").click()
    rows = [row for row in screen.findChildren(RowButton) if not row.isHidden()]
    assert [row.accessibleName() for row in rows] == ["Ruth Bell 0", "Ruth Bell 1"]
    rows[0].click()
    assert told.places[0][0] == "family"


def test_visits_begun_more_than_a_day_ago_are_told_and_younger_ones_are_not(desk):
    family = new_family(desk, {"name": "Okafor"}, ONE_BABY)
    start_visit(desk, family)
    supervisor = as_supervisor(desk)
    [line] = team_view(supervisor).nurses
    assert line.figures[Figure.UNSIGNED] == ()
    desk.clock.move(DAY + timedelta(minutes=1))
    [line] = team_view(supervisor).nurses
    assert [behind.name for behind in line.figures[Figure.UNSIGNED]] == ["Okafor"]


def test_what_a_nurse_handed_on_is_read_and_then_noted_as_dealt_with(screen, team, told):
    handed = {
        "about": "handed_on", "from": "n", "from_name": "Ruth Bell", "kind": "person", "family_name": "Okafor",
        "text": "note: Lives with her aunt now.", "number": "4A21 0D55", "written_at": iso(MONDAY), "at": iso(MONDAY),
    }  # fmt: skip
    put(team, f"u:{team.user.user}", "notice", handed)
    screen.open()
    assert "note: Lives with her aunt now." in said(screen)
    button(screen, "I have dealt with it: Okafor · Person").click()
    assert team_view(team).handed == ()
    assert told.words


def test_a_nurse_has_no_team_screen(desk):
    with pytest.raises(NotAllowed):
        team_view(desk)
    with pytest.raises(NotAllowed):
        deal_with(desk, "x")


@pytest.mark.parametrize(
    ("days", "unsent", "today", "risk"),
    [
        (0, 0, 2, Risk.NONE), (0, 3, 0, Risk.LATE), (3, 0, 0, Risk.LATE), (3, 0, 1, Risk.HIGH), (3, 5, 0, Risk.HIGH),
        (None, 0, 0, Risk.NONE), (None, 0, 1, Risk.HIGH),
    ],
)  # fmt: skip
def test_risk_is_silence_together_with_something_at_stake(days, unsent, today, risk):
    last = None if days is None else MONDAY - days * DAY
    assert risk_of(last, unsent, today, MONDAY) is risk


def test_without_a_team_it_says_what_will_be_here(dressed, lanes, feed, told, desk):
    made = build_team(as_supervisor(desk), lanes, feed, told, told)
    assert isinstance(made, TeamScreen)
    made.open()
    assert "Nobody is here yet" in said(made)
    made.deleteLater()
