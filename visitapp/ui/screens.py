"""The table of screens: which there are for whom, and what each is built from."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

from visitapp.actions.caseload import find
from visitapp.actions.keeping import Keeping
from visitapp.actions.session import Desk
from visitapp.config.settings import Settings
from visitapp.domain.review import UserRole
from visitapp.ui.app import MainWindow, remembered
from visitapp.ui.background import BackgroundLanes
from visitapp.ui.caseload.build import build_caseload
from visitapp.ui.connect.build import build_connect
from visitapp.ui.disagreement.build import build_disagreement
from visitapp.ui.family.build import build_family, build_family_pages
from visitapp.ui.feed import ScreenFeed
from visitapp.ui.help.build import build_help
from visitapp.ui.questionnaires.build import build_questionnaires
from visitapp.ui.review.build import build_review
from visitapp.ui.roles import Navigate, Notices
from visitapp.ui.settings.build import build_settings
from visitapp.ui.sign.build import build_note, build_sign
from visitapp.ui.sync.build import build_sync
from visitapp.ui.team.build import build_team
from visitapp.ui.today.build import build_today
from visitapp.ui.visit.build import build_visit
from visitapp.ui.widgets.finder import FindFamilies, Found
from visitapp.ui.widgets.screen import Screen
from visitapp.vault.lease import Leave

FAMILY_PAGES = ("new-family", "edit-family", "add-person", "edit-person", "birth", "family-state", "refile-person")


@dataclass(frozen=True)
class Surroundings:
    """What the screens of one signed-in person are built from."""

    desk: Desk
    lanes: BackgroundLanes
    feed: ScreenFeed
    navigate: Navigate
    notices: Notices
    resources: Path
    settings: Callable[[], Settings]
    change_settings: Callable[[Settings], None]
    sync_now: Callable[[], None]
    window_file: Path
    keeping: Keeping
    restore: Callable[[datetime], None]


def main_window(around: Surroundings) -> MainWindow:
    """The window of one record, with the screens and the finder that its user may use."""
    user = around.desk.user
    reads = first_screen(around) == "today"
    return MainWindow(
        build_screens(around),
        who=f"{user.name}, {user.job_title or user.role.value}",
        practice=around.desk.practice,
        find_families=find_families(around) if reads else None,
        actions=finder_actions(around) if reads else (),
    )


def build_screens(around: Surroundings) -> dict[str, Callable[[], Screen]]:
    """Return how to build every screen of the signed-in person, by name; few where her leave to be offline is over."""
    screens = _all_screens(around)
    if around.desk.leave in (Leave.FREE, Leave.WARN):
        return screens
    kept = {"sync", "help", "settings", "connect", "passphrase", "backups"}
    if around.desk.leave is Leave.WRITE_ONLY:
        kept |= {"visit", "sign", "note"}
    return {"lease": partial(_lease_screen, around), **{name: made for name, made in screens.items() if name in kept}}


def first_screen(around: Surroundings) -> str:
    """The screen that shows after unlocking."""
    return "today" if around.desk.leave in (Leave.FREE, Leave.WARN) else "lease"


def _lease_screen(around: Surroundings) -> Screen:
    from visitapp.ui.lease.build import build_lease

    return build_lease(around.desk, around.lanes, around.feed, around.navigate, around.notices, around.sync_now)


def _all_screens(around: Surroundings) -> dict[str, Callable[[], Screen]]:
    desk, lanes, feed, navigate, notices = around.desk, around.lanes, around.feed, around.navigate, around.notices

    def language() -> str:
        return around.settings().language

    screens: dict[str, Callable[[], Screen]] = {
        "today": lambda: build_today(desk, lanes, feed, navigate),
        "caseload": lambda: build_caseload(desk, lanes, feed, navigate, memory=remembered(around.window_file)),
        "family": lambda: build_family(desk, lanes, feed, navigate),
        "note": lambda: build_note(desk, lanes, feed, navigate, notices, language),
        "print": partial(_print_screen, around),
        "sync": lambda: build_sync(desk, lanes, feed, navigate, notices, sync_now=around.sync_now),
        "disagreement": lambda: build_disagreement(desk, lanes, navigate, notices),
        "help": lambda: build_help(around.resources, lanes),
        "settings": lambda: build_settings(desk, lanes, navigate, settings=around.settings, change=around.change_settings),
        "passphrase": partial(_passphrase_screen, around),
        "backups": partial(_backups_screen, around),
        "questionnaires": lambda: build_questionnaires(desk, lanes, feed, notices),
        "connect": lambda: build_connect(desk, lanes, navigate, notices, around.sync_now),
        "open-restricted": partial(_family_page, around, "open-restricted"),
    }
    if desk.user.role is UserRole.NURSE:
        screens["visit"] = lambda: build_visit(desk, lanes, navigate, notices, language)
        screens["sign"] = lambda: build_sign(desk, lanes, navigate, notices, language)
        for name in FAMILY_PAGES:
            screens[name] = partial(_family_page, around, name)
    else:
        screens["review"] = lambda: build_review(desk, lanes, feed, navigate, notices)
        screens["team"] = lambda: build_team(desk, lanes, feed, navigate, notices)
    return screens


def _passphrase_screen(around: Surroundings) -> Screen:
    from visitapp.ui.keeping.build import build_passphrase

    return build_passphrase(around.desk, around.keeping, around.lanes, around.navigate, around.notices)


def _backups_screen(around: Surroundings) -> Screen:
    from visitapp.ui.keeping.build import build_backups

    return build_backups(around.desk, around.keeping, around.lanes, around.notices, around.restore)


def _print_screen(around: Surroundings) -> Screen:
    # Brings Qt's PDF library along, for which most sessions have no use.
    from visitapp.ui.printing.build import build_print

    return build_print(around.desk, around.lanes, around.navigate, around.notices, lambda: around.settings().language)


def _family_page(around: Surroundings, name: str) -> Screen:
    return build_family_pages(around.desk, around.lanes, around.navigate, around.notices)[name]


def finder_actions(around: Surroundings) -> tuple[Found, ...]:
    """Return what Ctrl+K can begin, beside the screens it leads to."""
    if around.desk.user.role is not UserRole.NURSE:
        return ()
    return (
        Found("New family", "action", "new-family", icon="add"),
        Found("Connect to your service", "action", "connect", icon="sync"),
    )


def find_families(around: Surroundings) -> FindFamilies:
    """Return the search behind Ctrl+K: families by any part of a name, notes by word."""

    def search(words: str, answer: Callable[[Sequence[Found]], None]) -> None:
        def told(found: Sequence[Found]) -> None:
            answer(found)

        def work() -> list[Found]:
            return [
                Found(each.family_name, each.text, "family" if each.kind == "family" or not each.visit else "note",
                      each.family if each.kind == "family" or not each.visit else each.visit)
                for each in find(around.desk, words)
            ]  # fmt: skip

        around.lanes.on_record(around.desk, work, told)

    return search
