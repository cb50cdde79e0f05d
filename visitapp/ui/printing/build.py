"""Puts the print screen together with its presenter."""

from collections.abc import Callable

from visitapp.actions.session import Desk
from visitapp.ui.printing.presenter import PrintPresenter
from visitapp.ui.printing.view import PrintScreen
from visitapp.ui.roles import Lanes, Navigate, Notices


def build_print(
    desk: Desk, lanes: Lanes, navigate: Navigate, notices: Notices, language: Callable[[], str] = lambda: "en"
) -> PrintScreen:
    """Return the print screen, wired to its presenter; it opens with a signed visit's id, or "id|family"."""
    view = PrintScreen()
    presenter = PrintPresenter(view, desk, lanes, navigate, notices, language)
    view.presenter = presenter
    view.opened.connect(presenter.open)
    view.left.connect(presenter.leave)
    view.copy_chosen.connect(presenter.choose_copy)
    view.subject_chosen.connect(presenter.choose_subject)
    view.large_chosen.connect(presenter.choose_large_print)
    view.print_wanted.connect(presenter.print_it)
    view.was_printed.connect(presenter.printed)
    view.save_wanted.connect(presenter.save)
    view.save_plain_wanted.connect(presenter.save_plain)
    view.path_given.connect(presenter.write)
    view.back_wanted.connect(presenter.back)
    return view
