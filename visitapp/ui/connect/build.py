"""Puts the connect screen together with its presenter."""

from collections.abc import Callable

from visitapp.actions.connecting import connect
from visitapp.actions.session import Desk
from visitapp.ui.connect.presenter import ConnectPresenter
from visitapp.ui.connect.view import ConnectScreen
from visitapp.ui.roles import Lanes, Navigate, Notices


def build_connect(desk: Desk, lanes: Lanes, navigate: Navigate, notices: Notices, sync_now: Callable[[], None]) -> ConnectScreen:
    """Return the connect screen."""
    view = ConnectScreen()
    presenter = ConnectPresenter(
        view,
        connect=lambda address, code: connect(desk, address, code),
        sync_now=sync_now,
        lanes=lanes,
        navigate=navigate,
        notices=notices,
    )
    view.presenter = presenter
    view.asked.connect(presenter.connect)
    return view
