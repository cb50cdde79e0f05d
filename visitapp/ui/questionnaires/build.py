"""Puts the Questionnaires screen together."""

from visitapp.actions.questionnaires import accept, judge_file, loaded
from visitapp.actions.session import Desk
from visitapp.ui.questionnaires.presenter import QuestionnairesPresenter
from visitapp.ui.questionnaires.view import QuestionnairesScreen
from visitapp.ui.roles import Feed, Lanes, Notices


def build_questionnaires(desk: Desk, lanes: Lanes, feed: Feed, notices: Notices) -> QuestionnairesScreen:
    """Return the Questionnaires screen."""
    view = QuestionnairesScreen()
    presenter = QuestionnairesPresenter(
        view,
        loaded=lambda: loaded(desk),
        judge=lambda name, raw: judge_file(desk, name, raw),
        accept=lambda candidate: accept(desk, candidate),
        lanes=lanes,
        notices=notices,
    )
    view.presenter = presenter
    view.opened.connect(presenter.open)
    view.chosen.connect(presenter.choose)
    view.brought.connect(presenter.bring)
    view.put_away.connect(presenter.put_away)
    view.use_asked.connect(presenter.use)
    feed.follow(view, presenter.heard)
    return view
