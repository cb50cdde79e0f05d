"""Puts the Sync screen and the status bar's sentence together."""

from collections.abc import Callable

from visitapp.actions.session import Desk
from visitapp.actions.stuck import act_on
from visitapp.actions.syncing import names_held, sync_overview, take_note
from visitapp.store.outbox import sync_counts
from visitapp.store.rows import SyncCounts
from visitapp.ui.app import MainWindow
from visitapp.ui.roles import Feed, Lanes, Navigate, Notices
from visitapp.ui.sync.presenter import SyncPresenter
from visitapp.ui.sync.status import SyncStatus
from visitapp.ui.sync.view import SyncScreen


def build_sync(
    desk: Desk, lanes: Lanes, feed: Feed, navigate: Navigate, notices: Notices, *, sync_now: Callable[[], None]
) -> SyncScreen:
    """Return the Sync screen, wired to its presenter."""
    view = SyncScreen()
    presenter = SyncPresenter(
        view,
        load=lambda: sync_overview(desk),
        sync_now=sync_now,
        act_on=lambda op, way: act_on(desk, op, way),
        take_note=lambda notice: take_note(desk, notice),
        now=desk.clock.now,
        lanes=lanes,
        feed=feed,
        navigate=navigate,
        notices=notices,
    )
    view.presenter = presenter
    view.opened.connect(presenter.open)
    view.left.connect(presenter.leave)
    view.sync_wanted.connect(presenter.sync)
    view.way_chosen.connect(presenter.act)
    view.gone_read.connect(presenter.read_gone)
    view.decision_chosen.connect(presenter.read_decision)
    return view


def follow_sync(window: MainWindow, desk: Desk, lanes: Lanes, feed: Feed) -> SyncStatus:
    """Keep the window's status bar true for as long as the window lives; call `show` each minute for the times."""

    def load() -> SyncCounts:
        with desk.record.reading() as r:
            return sync_counts(r)

    return SyncStatus(
        window, load=load, names=lambda: names_held(desk), now=desk.clock.now, practice=desk.practice, lanes=lanes, feed=feed
    )
