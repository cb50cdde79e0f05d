"""Puts the screen of two versions together."""

from visitapp.actions.disagreements import decide, decided, disagreements
from visitapp.actions.session import Desk
from visitapp.ui.disagreement.presenter import DisagreementPresenter
from visitapp.ui.disagreement.view import DisagreementScreen
from visitapp.ui.roles import Lanes, Navigate, Notices


def build_disagreement(desk: Desk, lanes: Lanes, navigate: Navigate, notices: Notices) -> DisagreementScreen:
    """Return the screen of two versions, wired to its presenter."""
    view = DisagreementScreen()
    presenter = DisagreementPresenter(
        view,
        waiting=lambda: disagreements(desk),
        past=lambda: decided(desk, many=1000),
        decide=lambda op, chosen: decide(desk, op, chosen),
        now=desk.clock.now,
        lanes=lanes,
        navigate=navigate,
        notices=notices,
    )
    view.presenter = presenter
    view.opened.connect(presenter.open)
    view.chosen.connect(presenter.choose)
    view.written.connect(presenter.write)
    view.all_chosen.connect(presenter.choose_all)
    view.saved.connect(presenter.save)
    view.put_off.connect(presenter.later)
    return view
