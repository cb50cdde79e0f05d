"""Puts the page of a lease that is over together."""

from collections.abc import Callable

from visitapp.actions.offline import families_named, offline_view
from visitapp.actions.session import Desk
from visitapp.actions.visits import start_visit
from visitapp.domain.ids import FamilyId
from visitapp.domain.review import UserRole
from visitapp.ui.lease.presenter import LeasePresenter
from visitapp.ui.lease.view import LeaseScreen
from visitapp.ui.roles import Feed, Lanes, Navigate, Notices


def build_lease(
    desk: Desk, lanes: Lanes, feed: Feed, navigate: Navigate, notices: Notices, sync_now: Callable[[], None]
) -> LeaseScreen:
    """Return the page, wired to its presenter."""
    view = LeaseScreen()
    presenter = LeasePresenter(
        view,
        load=lambda: offline_view(desk),
        find=lambda name: families_named(desk, name),
        start=lambda family: start_visit(desk, FamilyId(family)),
        sync_now=sync_now,
        now=desk.clock.now,
        lanes=lanes,
        feed=feed,
        navigate=navigate,
        notices=notices,
        may_visit=desk.user.role is UserRole.NURSE,
    )
    view.presenter = presenter
    view.opened.connect(presenter.open)
    view.sync_wanted.connect(presenter.sync)
    view.family_looked_for.connect(presenter.look_for)
    view.family_chosen.connect(presenter.start_visit)
    view.work_chosen.connect(presenter.choose)
    return view
