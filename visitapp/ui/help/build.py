"""Puts the Help screen together."""

from pathlib import Path

from visitapp.ui.help.presenter import HelpPage, HelpPresenter, page_from
from visitapp.ui.help.view import HelpScreen
from visitapp.ui.roles import Lanes


def build_help(resources: Path, lanes: Lanes) -> HelpScreen:
    """Return the Help screen over the pages in `resources/help`."""

    def load() -> tuple[HelpPage, ...]:
        return tuple(page_from(path.stem, path.read_text("utf-8")) for path in sorted((resources / "help").glob("*.md")))

    view = HelpScreen()
    presenter = HelpPresenter(view, load=load, lanes=lanes)
    view.presenter = presenter
    view.opened.connect(presenter.open)
    view.searched.connect(presenter.search)
    view.page_chosen.connect(presenter.choose)
    return view
