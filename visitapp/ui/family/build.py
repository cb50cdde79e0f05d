"""Puts the Family screen together."""

from visitapp.actions.caseload import family_view
from visitapp.actions.session import Desk
from visitapp.actions.visits import start_visit
from visitapp.domain.review import UserRole
from visitapp.ui.family.presenter import FamilyPresenter
from visitapp.ui.family.view import FamilyScreen
from visitapp.ui.roles import Feed, Lanes, Navigate


def build_family(desk: Desk, lanes: Lanes, feed: Feed, navigate: Navigate) -> FamilyScreen:
    """Return the Family screen; open it with a family's id."""
    view = FamilyScreen()
    presenter = FamilyPresenter(
        view,
        load=lambda family: family_view(desk, family),
        start=lambda family: start_visit(desk, family),
        now=desk.clock.now,
        may_write=desk.user.role is UserRole.NURSE,
        lanes=lanes,
        feed=feed,
        navigate=navigate,
    )
    view.presenter = presenter
    view.opened.connect(presenter.open)
    view.left.connect(presenter.leave)
    view.start_wanted.connect(presenter.start_visit)
    view.asked_for.connect(presenter.go)
    view.asked_for_person.connect(presenter.go_for_person)
    view.event_chosen.connect(presenter.go)
    view.narrowed.connect(presenter.narrow)
    return view
