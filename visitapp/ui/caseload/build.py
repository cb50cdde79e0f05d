"""Puts the Caseload screen together."""

from PySide6.QtCore import QSettings

from visitapp.actions.caseload import caseload, find
from visitapp.actions.session import Desk
from visitapp.domain.review import UserRole
from visitapp.ui.caseload.presenter import CaseloadPresenter
from visitapp.ui.caseload.view import CaseloadScreen
from visitapp.ui.roles import Feed, Lanes, Navigate


def build_caseload(desk: Desk, lanes: Lanes, feed: Feed, navigate: Navigate, *, memory: QSettings | None = None) -> CaseloadScreen:
    """Return the Caseload screen; `memory` keeps column widths (see `ui/app.py: remembered`)."""
    view = CaseloadScreen(may_begin=desk.user.role is UserRole.NURSE, memory=memory)
    presenter = CaseloadPresenter(
        view,
        load=lambda: caseload(desk),
        find=lambda text: find(desk, text),
        now=desk.clock.now,
        lanes=lanes,
        feed=feed,
        navigate=navigate,
    )
    view.presenter = presenter
    view.opened.connect(presenter.open)
    view.left.connect(presenter.leave)
    view.searched.connect(presenter.search)
    view.narrowed.connect(presenter.narrow)
    view.family_chosen.connect(presenter.choose)
    view.family_wanted.connect(presenter.begin_family)
    return view
