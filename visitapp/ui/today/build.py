"""Puts the Today screen together."""

from visitapp.actions.caseload import today_view
from visitapp.actions.session import Desk
from visitapp.actions.visits import start_visit
from visitapp.ui.roles import Feed, Lanes, Navigate
from visitapp.ui.today.presenter import TodayPresenter
from visitapp.ui.today.view import TodayScreen
from visitapp.ui.wording import LONDON


def build_today(desk: Desk, lanes: Lanes, feed: Feed, navigate: Navigate) -> TodayScreen:
    """Return the Today screen, wired to its presenter, which lives as long as the screen."""
    view = TodayScreen()
    presenter = TodayPresenter(
        view,
        load=lambda: today_view(desk),
        start=lambda family: start_visit(desk, family),
        now=lambda: desk.clock.now().astimezone(LONDON),
        lanes=lanes,
        feed=feed,
        navigate=navigate,
    )
    view.presenter = presenter
    view.opened.connect(presenter.open)
    view.left.connect(presenter.leave)
    view.line_chosen.connect(presenter.choose)
    view.visit_wanted.connect(presenter.start_visit)
    view.all_due_wanted.connect(presenter.show_all_due)
    view.caseload_wanted.connect(lambda: navigate("caseload"))
    return view
