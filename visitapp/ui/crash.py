"""What happens when visitapp itself is at fault: a calm dialog and a report that holds no personal data."""

import logging
import sys
import threading
import traceback
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

import PySide6
from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtWidgets import QApplication, QWidget

from visitapp import __version__
from visitapp.domain.problems import Problem

if TYPE_CHECKING:
    from visitapp.ui.crash_dialog import CrashDialog

_ROOT = Path(__file__).parents[1]
log = logging.getLogger(__name__)


def crash_report(error: BaseException, at: datetime) -> str:
    """Describe a bug by versions, exception types and places in our code.

    Never an exception's text, a variable or a path of the user: they may hold a name or a sentence of a note.
    """
    import platform

    lines = [
        f"visitapp {__version__}",
        f"when {at:%Y-%m-%dT%H:%M:%SZ}",
        f"python {platform.python_version()}, PySide6 {PySide6.__version__}, {platform.system()} {platform.machine()}",
        f"thread {threading.current_thread().name}",
    ]
    seen: BaseException | None = error
    while seen is not None:
        lines.append(f"{type(seen).__module__}.{type(seen).__qualname__}")
        lines += [f"  {_place(frame.filename)}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(seen.__traceback__)]
        seen = seen.__cause__ or (None if seen.__suppress_context__ else seen.__context__)
    return "\n".join(lines)


def _place(file: str) -> str:
    path = Path(file)
    if path.is_relative_to(_ROOT):
        return str(path.relative_to(_ROOT.parent))
    return "/".join(path.parts[-2:]) if "site-packages" in path.parts else path.name


class CrashCatcher(QObject):
    """Takes every exception nobody expected, on whichever thread, and opens one dialog at a time.

    A Problem that came this far is not a bug: `problem_met` hands it on to be said in words.
    """

    problem_met = Signal(object)
    _caught = Signal(object)

    def __init__(self, now: Callable[[], datetime], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._now = now
        self._window = parent
        self._open: CrashDialog | None = None
        self._caught.connect(self._show, Qt.ConnectionType.QueuedConnection)

    def install(self) -> None:
        """Become the place where uncaught exceptions end."""
        sys.excepthook = self._from_main
        threading.excepthook = lambda args: self.take(args.exc_value) if args.exc_value is not None else None

    def take(self, error: BaseException) -> None:
        """Take an exception; from any thread."""
        self._caught.emit(error)

    def _from_main(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            QApplication.quit()
            return
        self.take(error)

    @Slot(object)
    def _show(self, error: BaseException) -> None:
        if isinstance(error, Problem):
            log.info("a problem reached the last resort: %s", type(error).__name__)
            self.problem_met.emit(error)
            return
        report = crash_report(error, self._now())
        log.error("bug\n%s", report)
        # One at a time: a fault in a paint event would otherwise open a dialog for each repaint.
        if self._open is None:
            from visitapp.ui.crash_dialog import CrashDialog

            self._open = CrashDialog(report, self._window)
            self._open.finished.connect(self._put_away)
            self._open.open()

    def _put_away(self) -> None:
        dialog, self._open = self._open, None
        if dialog is not None:
            dialog.deleteLater()
