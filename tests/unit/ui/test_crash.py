"""The crash report says where, and nothing about whom."""

from datetime import UTC, datetime

from PySide6.QtWidgets import QApplication

from visitapp.domain.problems import NoSuchFamily
from visitapp.ui.crash import CrashCatcher, crash_report
from visitapp.ui.crash_dialog import CrashDialog

AT = datetime(2025, 7, 3, 12, tzinfo=UTC)


def _fail(name):
    try:
        raise KeyError(name)
    except KeyError as cause:
        raise ValueError(f"no family called {name}") from cause


def _caught():
    try:
        _fail("Wisniewska")
    except ValueError as error:
        return error


def test_report_names_places_and_types_but_no_value():
    report = crash_report(_caught(), AT)
    assert "ValueError" in report
    assert "KeyError" in report
    assert "_fail" in report
    assert "Wisniewska" not in report
    assert "/home" not in report


def test_a_bug_opens_one_dialog_however_often_it_comes(qtbot, dressed, caplog):
    catcher = CrashCatcher(lambda: AT)
    for _ in range(3):
        catcher.take(_caught())

    def dialogs():
        return [w for w in QApplication.topLevelWidgets() if isinstance(w, CrashDialog) and w.isVisible()]

    qtbot.waitUntil(lambda: bool(dialogs()))
    qtbot.wait(20)
    assert len(dialogs()) == 1
    dialogs()[0].accept()
    assert "Wisniewska" not in caplog.text
    caplog.clear()


def test_a_problem_that_came_so_far_is_said_in_words_instead(qtbot, dressed):
    catcher = CrashCatcher(lambda: AT)
    with qtbot.waitSignal(catcher.problem_met) as met:
        catcher.take(NoSuchFamily())
    assert isinstance(met.args[0], NoSuchFamily)
