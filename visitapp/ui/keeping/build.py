"""Puts the screens about passphrase and backups together."""

from collections.abc import Callable
from datetime import datetime

from visitapp.actions.keeping import Keeping
from visitapp.actions.session import Desk
from visitapp.ui.keeping.presenter import BackupsPresenter, PassphrasePresenter
from visitapp.ui.keeping.view import BackupsScreen, PassphraseScreen
from visitapp.ui.roles import Lanes, Navigate, Notices


def build_passphrase(desk: Desk, keeping: Keeping, lanes: Lanes, navigate: Navigate, notices: Notices) -> PassphraseScreen:
    """Return the screen that changes the passphrase."""
    view = PassphraseScreen()
    presenter = PassphrasePresenter(
        view, change=keeping.change_passphrase, user=desk.user.name, lanes=lanes, navigate=navigate, notices=notices
    )
    view.presenter = presenter
    view.typed.connect(presenter.judge)
    view.asked.connect(presenter.change)
    return view


def build_backups(
    desk: Desk, keeping: Keeping, lanes: Lanes, notices: Notices, restore: Callable[[datetime], None]
) -> BackupsScreen:
    """Return the screen about backups; `restore` goes back to the one of a moment."""
    view = BackupsScreen()
    presenter = BackupsPresenter(
        view,
        load=keeping.view,
        back_up=keeping.back_up,
        check=keeping.check,
        restore=restore,
        now=desk.clock.now,
        lanes=lanes,
        notices=notices,
    )
    view.presenter = presenter
    view.opened.connect(presenter.open)
    view.backup_wanted.connect(presenter.back_up)
    view.check_wanted.connect(presenter.check)
    view.restore_wanted.connect(presenter.restore)
    return view
