"""Every test finds the process as the one before it found it: what a start of the client or the server sets is put back.

A client or a server that starts changes its process for good, and should: where temporary files lie, what happens to a
signal, where the log goes. In a test that process is pytest's own, and the next test's.
"""

import contextlib
import ctypes
import gc
import locale
import logging
import os
import resource
import signal
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGUSR1, signal.SIGALRM, signal.SIGCHLD, signal.SIGPIPE)
_GET_DUMPABLE, _SET_DUMPABLE = 3, 4
_OF_PYTEST = ("PYTEST_CURRENT_TEST",)


def _environment() -> Callable[[], None]:
    found = dict(os.environ)

    def put_back() -> None:
        for name in set(os.environ) - set(found) - set(_OF_PYTEST):
            del os.environ[name]
        for name, value in found.items():
            if name not in _OF_PYTEST and os.environ.get(name) != value:
                os.environ[name] = value

    return put_back


def _files() -> Callable[[], None]:
    temporary, folder = tempfile.tempdir, os.getcwd()
    mask = os.umask(0o077)
    os.umask(mask)

    def put_back() -> None:
        tempfile.tempdir = temporary
        os.chdir(folder)
        os.umask(mask)

    return put_back


def _process() -> Callable[[], None]:
    cores = resource.getrlimit(resource.RLIMIT_CORE)
    files = resource.getrlimit(resource.RLIMIT_NOFILE)
    size = resource.getrlimit(resource.RLIMIT_FSIZE)
    signals = {number: signal.getsignal(number) for number in _SIGNALS}
    words, collects = locale.setlocale(locale.LC_ALL), gc.isenabled()
    dumpable = _libc().prctl(_GET_DUMPABLE, 0, 0, 0, 0) if sys.platform == "linux" else -1

    def put_back() -> None:
        for number, handler in signals.items():
            if handler is not None and signal.getsignal(number) != handler:
                signal.signal(number, handler)
        for limit, was in ((resource.RLIMIT_CORE, cores), (resource.RLIMIT_NOFILE, files), (resource.RLIMIT_FSIZE, size)):
            # Only root may raise a ceiling again.
            with contextlib.suppress(ValueError, OSError):
                resource.setrlimit(limit, was)
        if dumpable >= 0:
            _libc().prctl(_SET_DUMPABLE, dumpable, 0, 0, 0)
        locale.setlocale(locale.LC_ALL, words)
        (gc.enable if collects else gc.disable)()

    return put_back


def _hooks() -> Callable[[], None]:
    main, threads, unraisable = sys.excepthook, threading.excepthook, sys.unraisablehook

    def put_back() -> None:
        sys.excepthook, threading.excepthook, sys.unraisablehook = main, threads, unraisable

    return put_back


def _logs() -> Callable[[], None]:
    found = {logger: (logger.level, logger.propagate, logger.disabled, logger.handlers[:]) for logger in _loggers()}

    def put_back() -> None:
        for logger in _loggers():
            level, propagates, disabled, handlers = found.get(logger, (logging.NOTSET, True, False, []))
            for handler in logger.handlers:
                if handler not in handlers:
                    handler.close()
            if logger.level != level:
                logger.setLevel(level)
            logger.propagate, logger.disabled = propagates, disabled
            if logger.handlers != handlers:
                logger.handlers[:] = handlers

    return put_back


def _windows() -> Callable[[], None]:
    # A test that knows no Qt does not pay for it.
    there = set(sys.modules["PySide6.QtWidgets"].QApplication.topLevelWidgets()) if "PySide6.QtWidgets" in sys.modules else set()

    def put_back() -> None:
        if "PySide6.QtWidgets" not in sys.modules:
            return
        core, app = sys.modules["PySide6.QtCore"], sys.modules["PySide6.QtWidgets"].QApplication.instance()
        if app is None:
            return
        app.setLayoutDirection(core.Qt.LayoutDirection.LeftToRight)
        app.setQuitOnLastWindowClosed(True)
        for window in set(app.topLevelWidgets()) - there:
            window.hide()
            window.deleteLater()
        # Without a running loop nothing is deleted later, and each new style sheet dresses every widget of the tests before.
        core.QCoreApplication.sendPostedEvents(None, core.QEvent.Type.DeferredDelete.value)

    return put_back


def _loggers() -> list[logging.Logger]:
    return [logging.root, *(one for one in logging.root.manager.loggerDict.values() if isinstance(one, logging.Logger))]


def _libc() -> Any:
    return ctypes.CDLL(None, use_errno=True)


_PARTS = (_environment, _files, _process, _hooks, _logs, _windows)


@pytest.fixture(autouse=True)
def process_as_found() -> Iterator[None]:
    """Put back what a test changed of the process it shares with the next."""
    back = [part() for part in _PARTS]
    yield
    for put_back in back:
        put_back()
