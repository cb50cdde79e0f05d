"""Puts the Family screen and the pages that change a family together."""

from visitapp.actions.caseload import family_view
from visitapp.actions.session import Desk
from visitapp.actions.visits import start_visit
from visitapp.domain.review import UserRole
from visitapp.ui.family.form_pages import AddPerson, ChangeState, EditFamily, EditPerson, NewFamily, RecordBirth
from visitapp.ui.family.form_presenter import FormPresenter, Page
from visitapp.ui.family.opening import OpenRestricted
from visitapp.ui.family.presenter import FamilyPresenter
from visitapp.ui.family.refiling import RefilePerson
from visitapp.ui.family.view import FamilyScreen
from visitapp.ui.roles import Feed, Lanes, Navigate, Notices
from visitapp.ui.widgets.form import FormScreen


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


def build_family_pages(desk: Desk, lanes: Lanes, navigate: Navigate, notices: Notices) -> dict[str, FormScreen]:
    """Return the pages that change a family, by screen name.

    "new-family" opens without an argument, "edit-family", "add-person" and "family-state" and "open-restricted" with a family's id,
    "edit-person" and "birth" with "family/person".
    """
    pages: dict[str, tuple[str, Page]] = {
        "new-family": ("New family", NewFamily(desk)),
        "edit-family": ("Edit family", EditFamily(desk)),
        "add-person": ("Add a person", AddPerson(desk)),
        "edit-person": ("Edit person", EditPerson(desk)),
        "birth": ("Record the birth", RecordBirth(desk)),
        "family-state": ("Where the family stands", ChangeState(desk)),
        "refile-person": ("In the wrong family", RefilePerson(desk)),
        "open-restricted": ("Restricted section", OpenRestricted(desk)),
    }
    return {name: _form_screen(title, page, lanes, navigate, notices) for name, (title, page) in pages.items()}


def _form_screen(title: str, page: Page, lanes: Lanes, navigate: Navigate, notices: Notices) -> FormScreen:
    view = FormScreen(title)
    presenter = FormPresenter(view, page, lanes=lanes, navigate=navigate, notices=notices)
    view.presenter = presenter
    view.opened.connect(presenter.open)
    view.changed.connect(presenter.change)
    view.saved.connect(presenter.save)
    view.cancelled.connect(presenter.cancel)
    return view
