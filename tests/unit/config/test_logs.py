"""The log tells where and what kind, and never a text that was passed in."""

import logging
import stat
import sys
from enum import Enum

import pytest

from visitapp.config.logs import RedactingFormatter, start_logging

CANARY = "Blodwen Hughes said the key safe is 4711"


def line(name, message, *args, error=None):
    record = logging.LogRecord(name, logging.ERROR, __file__, 10, message, args, error)
    return RedactingFormatter().format(record)


def failing():
    try:
        try:
            raise ValueError(CANARY)
        except ValueError as first:
            raise RuntimeError(f"about {CANARY}") from first
    except RuntimeError:
        return sys.exc_info()


def test_numbers_are_shown_and_texts_withheld():
    assert line("visitapp.sync", "pushed %d of %s in %.1f s", 3, CANARY, 0.25).endswith(
        "pushed 3 of (withheld) in 0.2 s"
    )
    assert "(withheld)" in line("visitapp.sync", "%(what)s", {"what": CANARY})


def test_a_text_where_a_number_was_meant_is_withheld_too():
    assert CANARY not in line("visitapp.sync", "pushed %d", CANARY)


def test_an_exception_is_told_by_type_and_lines_only():
    told = line("visitapp.store", "could not save", error=failing())
    assert CANARY not in told
    assert "builtins.RuntimeError" in told
    assert "builtins.ValueError" in told
    assert "config/test_logs.py:" in told
    assert "/root" not in told
    assert "/home" not in told


def test_messages_of_other_libraries_are_withheld():
    assert CANARY not in line("sqlalchemy.engine", f"INSERT {CANARY}")


def test_objects_that_print_themselves_are_withheld():
    class Note:
        def __str__(self):
            return CANARY

    class Theirs(Enum):
        NOTE = CANARY

    told = line("visitapp.ui", "%s %s %s %r", Note(), Theirs.NOTE, Note, [CANARY])
    assert CANARY not in told


@pytest.fixture
def quiet_root():
    root = logging.getLogger()
    before = list(root.handlers), root.level
    yield root
    for handler in root.handlers[:]:
        if handler not in before[0]:
            root.removeHandler(handler)
            handler.close()
    root.setLevel(before[1])


def test_the_file_is_private_and_holds_no_text(tmp_path, quiet_root):
    path = tmp_path / "log" / "visitapp.log"
    start_logging(path)
    logging.getLogger("visitapp.x").info("opened %d of %s", 2, CANARY)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert "opened 2 of (withheld)" in path.read_text()
    assert CANARY not in path.read_text()


def test_a_folder_that_cannot_be_written_does_not_stop_the_program(tmp_path, quiet_root):
    (tmp_path / "log").write_text("a file in the way")
    assert start_logging(tmp_path / "log" / "visitapp.log") is None
