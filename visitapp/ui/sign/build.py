"""Puts the sign screen and the screen of a signed visit together with their presenters."""

from collections.abc import Callable

from visitapp.actions.session import Desk
from visitapp.reports.visit_summary import prepare
from visitapp.ui.roles import Feed, Lanes, Navigate, Notices
from visitapp.ui.sign.note_presenter import NotePresenter
from visitapp.ui.sign.note_view import NoteScreen
from visitapp.ui.sign.presenter import SignPresenter
from visitapp.ui.sign.view import SignScreen


def build_sign(
    desk: Desk, lanes: Lanes, navigate: Navigate, notices: Notices, language: Callable[[], str] = lambda: "en"
) -> SignScreen:
    """Return the sign screen, wired to its presenter; it opens with a draft's id. `language` is the one to ask in."""
    view = SignScreen()
    presenter = SignPresenter(view, desk, lanes, navigate, notices, language)
    view.presenter = presenter
    view.opened.connect(presenter.open)
    view.signed.connect(presenter.sign)
    view.missing_chosen.connect(presenter.go_to)
    view.back_wanted.connect(presenter.back)
    return view


def build_note(
    desk: Desk, lanes: Lanes, feed: Feed, navigate: Navigate, notices: Notices, language: Callable[[], str] = lambda: "en"
) -> NoteScreen:
    """Return the screen of a signed visit, wired to its presenter; it opens with the visit's id."""
    view = NoteScreen()
    presenter = NotePresenter(view, desk, lanes, feed, navigate, notices, language)
    view.presenter = presenter
    view.opened.connect(presenter.open)
    view.left.connect(presenter.leave)
    view.print_wanted.connect(presenter.print_note)
    view.family_wanted.connect(presenter.open_family)
    view.added.connect(presenter.add)
    view.corrected.connect(presenter.correct)
    view.struck.connect(presenter.strike)
    # Whoever reads a note may want a copy of it: what makes PDFs is large, and loaded no sooner than now.
    lanes.slowly(view, prepare, lambda _none: None)
    return view
