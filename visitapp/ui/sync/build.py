"""Puts the Sync screen and the status bar's sentence together."""

from collections.abc import Callable

from visitapp.actions.disagreements import decide_for_mine, decide_for_theirs, disagreements
from visitapp.actions.session import Desk
from visitapp.actions.syncing import sync_overview
from visitapp.store.outbox import sync_counts
from visitapp.store.rows import SyncCounts
from visitapp.ui.app import MainWindow
from visitapp.ui.roles import Feed, Lanes, Notices
from visitapp.ui.sync.presenter import Loaded, SyncPresenter
from visitapp.ui.sync.status import SyncStatus
from visitapp.ui.sync.view import SyncScreen


def build_sync(desk: Desk, lanes: Lanes, feed: Feed, notices: Notices, *, sync_now: Callable[[], None]) -> SyncScreen:
    """Return the Sync screen, wired to its presenter."""
    view = SyncScreen()
    presenter = SyncPresenter(
        view,
        load=lambda: Loaded(sync_overview(desk), disagreements(desk)),
        sync_now=sync_now,
        decide_for_mine=lambda op: decide_for_mine(desk, op),
        decide_for_theirs=lambda op: decide_for_theirs(desk, op),
        now=desk.clock.now,
        lanes=lanes,
        feed=feed,
        notices=notices,
    )
    view.presenter = presenter
    view.opened.connect(presenter.open)
    view.left.connect(presenter.leave)
    view.sync_wanted.connect(presenter.sync)
    view.mine_chosen.connect(presenter.keep_mine)
    view.theirs_chosen.connect(presenter.take_theirs)
    return view


def follow_sync(window: MainWindow, desk: Desk, lanes: Lanes, feed: Feed) -> SyncStatus:
    """Keep the window's status bar true for as long as the window lives; call `show` each minute for the times."""

    def load() -> SyncCounts:
        with desk.record.reading() as r:
            return sync_counts(r)

    return SyncStatus(window, load=load, now=desk.clock.now, practice=desk.practice, lanes=lanes, feed=feed)
