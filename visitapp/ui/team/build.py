"""Puts the Team screen together."""

from visitapp.actions.session import Desk
from visitapp.actions.team import deal_with, team_view
from visitapp.ui.roles import Feed, Lanes, Navigate, Notices
from visitapp.ui.team.presenter import TeamPresenter
from visitapp.ui.team.view import TeamScreen


def build_team(desk: Desk, lanes: Lanes, feed: Feed, navigate: Navigate, notices: Notices) -> TeamScreen:
    """Return the Team screen, wired to its presenter."""
    view = TeamScreen()
    presenter = TeamPresenter(
        view,
        load=lambda: team_view(desk),
        deal_with=lambda handed: deal_with(desk, handed),
        now=desk.clock.now,
        lanes=lanes,
        feed=feed,
        navigate=navigate,
        notices=notices,
    )
    view.presenter = presenter
    view.opened.connect(presenter.open)
    view.left.connect(presenter.leave)
    view.figure_chosen.connect(presenter.choose)
    view.family_chosen.connect(presenter.open_family)
    view.dealt_with.connect(presenter.deal_with)
    return view
