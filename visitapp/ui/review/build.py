"""Puts the review screen together with its presenter."""

from visitapp.actions.session import Desk
from visitapp.ui.review.presenter import ReviewPresenter
from visitapp.ui.review.view import ReviewScreen
from visitapp.ui.roles import Feed, Lanes, Navigate, Notices


def build_review(desk: Desk, lanes: Lanes, feed: Feed, navigate: Navigate, notices: Notices) -> ReviewScreen:
    """Return the review screen, wired to its presenter; it opens with nothing (the queue) or a visit's id."""
    view = ReviewScreen()
    presenter = ReviewPresenter(view, desk, lanes, feed, navigate, notices)
    view.presenter = presenter
    view.opened.connect(presenter.open)
    view.left.connect(presenter.leave)
    view.note_chosen.connect(presenter.open_note)
    view.queue_wanted.connect(presenter.show_queue)
    view.family_wanted.connect(presenter.open_family)
    view.commented.connect(presenter.comment)
    view.returned.connect(presenter.give_back)
    view.seen.connect(presenter.seen)
    view.countersigned.connect(presenter.countersign)
    view.next_wanted.connect(presenter.next_note)
    return view
