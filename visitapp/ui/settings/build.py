"""Puts the Settings screen together."""

import platform
from collections.abc import Callable
from importlib.metadata import version

from PySide6.QtCore import qVersion

from visitapp.actions.session import Desk
from visitapp.config.settings import Settings
from visitapp.ui.roles import Lanes, Navigate
from visitapp.ui.settings.presenter import SettingsPresenter, installed_parts
from visitapp.ui.settings.view import SettingsScreen


def build_settings(
    desk: Desk, lanes: Lanes, navigate: Navigate, *, settings: Callable[[], Settings], change: Callable[[Settings], None]
) -> SettingsScreen:
    """Return the Settings screen; each choice is handed to `change` at once, which keeps and applies it."""
    view = SettingsScreen()
    facts = [
        ("Version", version("visitapp")),
        ("Signed in", f"{desk.user.name}, {desk.user.job_title or desk.user.role.value}"),
        ("Team", desk.user.team_name),
        ("Record", "practice, with invented families" if desk.practice else "your service's"),
        ("Runs on", f"Python {platform.python_version()}, Qt {qVersion()}, {platform.system()}"),
    ]
    presenter = SettingsPresenter(
        view,
        settings=settings,
        change=change,
        facts=[(label, value) for label, value in facts if value],
        parts=installed_parts,
        lanes=lanes,
    )
    view.presenter = presenter
    view.opened.connect(presenter.open)
    view.theme_chosen.connect(presenter.choose_theme)
    view.size_chosen.connect(presenter.choose_size)
    view.language_chosen.connect(presenter.choose_language)
    view.idle_chosen.connect(presenter.choose_idle)
    view.questionnaires_asked.connect(lambda: navigate("questionnaires"))
    view.passphrase_asked.connect(lambda: navigate("passphrase"))
    view.backups_asked.connect(lambda: navigate("backups"))
    return view
