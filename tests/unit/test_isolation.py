"""What a test changes of the process is put back before the next one."""

import logging
import os
import resource
import signal
import sys
import tempfile
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from tests.kit.isolation import _PARTS


def test_environment_files_signals_hooks_limits_and_logs_come_back(tmp_path: Path) -> None:
    before = (dict(os.environ), tempfile.tempdir, os.getcwd(), signal.getsignal(signal.SIGTERM), sys.excepthook)
    cores, root = resource.getrlimit(resource.RLIMIT_CORE), logging.getLogger()
    handlers, level = root.handlers[:], root.level
    back = [part() for part in _PARTS]
    os.environ["TMPDIR"] = tempfile.tempdir = str(tmp_path)
    del os.environ["PATH"]
    os.chdir(tmp_path)
    os.umask(0)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    sys.excepthook = print
    resource.setrlimit(resource.RLIMIT_CORE, (0, cores[1]))
    left = logging.FileHandler(tmp_path / "left.log")
    root.addHandler(left)
    root.setLevel(1)
    for put_back in back:
        put_back()
    assert (dict(os.environ), tempfile.tempdir, os.getcwd(), signal.getsignal(signal.SIGTERM), sys.excepthook) == before
    assert (root.handlers, root.level) == (handlers, level)
    assert left.stream is None or left.stream.closed
    assert resource.getrlimit(resource.RLIMIT_CORE) == cores
    mask = os.umask(0o077)
    os.umask(mask)
    assert mask != 0


def test_a_window_goes_with_its_test(qtbot: QtBot, qapp: QApplication) -> None:
    back = [part() for part in _PARTS]
    window = QWidget()
    window.show()
    gone: list[bool] = []
    window.destroyed.connect(lambda: gone.append(True))
    qapp.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    for put_back in back:
        put_back()
    assert gone == [True]
    assert qapp.layoutDirection() is Qt.LayoutDirection.LeftToRight
