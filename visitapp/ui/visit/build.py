"""Puts the visit screen together with its presenter."""

from collections.abc import Callable

from visitapp.actions.session import Desk
from visitapp.ui.roles import Lanes, Navigate, Notices
from visitapp.ui.visit.carrying import CarryPresenter
from visitapp.ui.visit.moving import MovePresenter
from visitapp.ui.visit.presenter import VisitPresenter
from visitapp.ui.visit.view import VisitScreen, once_later


def build_visit(
    desk: Desk, lanes: Lanes, navigate: Navigate, notices: Notices, language: Callable[[], str] = lambda: "en"
) -> VisitScreen:
    """Return the visit screen, wired to its presenter, which lives as long as the screen; it opens with a draft's id.

    `language` gives the language to ask in, asked anew with every draft that is opened.
    """
    view = VisitScreen()
    presenter = VisitPresenter(view, desk, lanes, navigate, notices, once_later(view), language)
    view.opened.connect(presenter.open_argument)
    view.went_away.connect(presenter.leave)
    view.ticked.connect(presenter.tick)
    view.step_chosen.connect(presenter.go_to)
    view.answered.connect(presenter.answer)
    view.group_added.connect(presenter.add_group)
    view.group_removed.connect(presenter.remove_group)
    view.questionnaire_wanted.connect(presenter.add_questionnaire)
    view.questionnaire_unwanted.connect(presenter.remove_questionnaire)
    view.alone_said.connect(presenter.say_alone)
    view.field_left.connect(presenter.field_left)
    view.next_wanted.connect(presenter.next_step)
    view.previous_wanted.connect(presenter.previous_step)
    view.sign_wanted.connect(presenter.sign)
    view.discard_wanted.connect(presenter.discard)
    moving = MovePresenter(view, desk, lanes, notices, presenter.open_visit)

    def begin_moving() -> None:
        view.show_moving()
        presenter.move(moving.begin)

    view.move_wanted.connect(begin_moving)
    view.moving.family_looked_for.connect(moving.look_for)
    view.moving.family_chosen.connect(moving.choose)
    view.moving.move_wanted.connect(moving.move)
    view.moving.closed.connect(view.close_moving)
    carrying = CarryPresenter(view, desk, lanes, notices, presenter.open_visit)
    view.opened.connect(carrying.look)

    def begin_carrying() -> None:
        view.show_carrying()
        presenter.move(carrying.begin)

    view.carry_wanted.connect(begin_carrying)
    view.carrying.carry_wanted.connect(carrying.carry)
    view.carrying.closed.connect(view.close_moving)
    view.presenter = (presenter, moving, carrying)
    return view
