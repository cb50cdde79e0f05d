"""When to lock and how: the idle clock, what the system says of sleep and sessions, and replacing this process.

Closing a record leaves its text in the memory of the process (Python and Qt free it without overwriting). So locking
replaces the process: the new one never held a key or a note. What must be saved first is the caller's business.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

from PySide6.QtCore import SLOT, QCoreApplication, QEvent, QObject, Qt, QTimer, Signal, Slot
from PySide6.QtDBus import QDBusConnection, QDBusMessage, QDBusObjectPath, QDBusPendingCallWatcher, QDBusVariant

Seconds = Callable[[], float]
"""Says how many seconds have passed since some fixed moment, time asleep included."""

_ACTIVITY = frozenset(
    {
        QEvent.Type.KeyPress,
        QEvent.Type.MouseButtonPress,
        QEvent.Type.MouseMove,
        QEvent.Type.Wheel,
        QEvent.Type.TouchBegin,
        QEvent.Type.TouchUpdate,
        QEvent.Type.TabletMove,
        QEvent.Type.TabletPress,
        QEvent.Type.InputMethod,
    }
)
_LOOKS_EVERY_MS = 1_000
# A tick that comes this late means that the laptop slept: whoever opened the lid may be somebody else.
_SLEPT_S = 30.0
_EXEC_FAILED = 70
_ANSWERS_WITHIN_MS = 2_000
_PROPERTIES = "org.freedesktop.DBus.Properties"
_WHY = ["sleep", "visitapp", "Lock before sleep", "delay"]


def replace_process(arguments: Sequence[str]) -> NoReturn:
    """End this process and start the interpreter anew with the arguments, in its place where the system can.

    Comes back in no case: where the new process cannot be started, this one still ends, for it holds keys. Handed in
    wherever it is used, so that tests survive it.
    """
    command = [sys.executable, *arguments]
    try:
        if os.name == "nt":
            subprocess.Popen(command, close_fds=True)  # noqa: S603 - our own interpreter, no shell
            os.kill(os.getpid(), signal.SIGTERM)
        else:
            # Libraries open files without close-on-exec; the record's would keep it locked for the next process.
            os.closerange(3, 65_536)
            os.execv(sys.executable, command)  # noqa: S606 - our own interpreter, no shell
    finally:
        os._exit(_EXEC_FAILED)


def seconds_awake_or_asleep() -> float:
    """Return seconds on a clock that nobody can set and that goes on while the laptop sleeps, where there is one."""
    boot_time = getattr(time, "CLOCK_BOOTTIME", None)
    return time.clock_gettime(boot_time) if boot_time is not None else time.monotonic()


class IdleWatch(QObject):
    """Watches whether anybody uses the application and says once when nobody has for a while."""

    idle = Signal()
    """Nobody used the application for the whole time, or the laptop slept; not said again before somebody does."""

    def __init__(self, after_s: float, *, seconds: Seconds = seconds_awake_or_asleep, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._after_s = after_s
        self._seconds = seconds
        self._used_at = self._looked_at = seconds()
        self._said = False
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(_LOOKS_EVERY_MS)
        self._timer.timeout.connect(self.look)

    def start(self) -> None:
        """Begin to watch every window of the application."""
        self.used()
        app = QCoreApplication.instance()
        if app is not None:
            app.installEventFilter(self)
        self._timer.start()

    def stop(self) -> None:
        """Watch no more."""
        self._timer.stop()
        app = QCoreApplication.instance()
        if app is not None:
            app.removeEventFilter(self)

    def set_after(self, after_s: float) -> None:
        """Change the time, from now on."""
        self._after_s = after_s

    def used(self) -> None:
        """Take note that somebody is there."""
        self._used_at = self._looked_at = self._seconds()
        self._said = False

    def look(self) -> None:
        """Say `idle` if it is time; the timer calls this every second."""
        now = self._seconds()
        slept = now - self._looked_at > _SLEPT_S
        self._looked_at = now
        if not self._said and (slept or now - self._used_at >= self._after_s):
            self._said = True
            self.idle.emit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Notice keys, clicks, moves and touches anywhere; none is kept from its goal."""
        # An event that wakes the laptop must not pass for somebody who was there all the time.
        if event.type() in _ACTIVITY and self._seconds() - self._looked_at <= _SLEPT_S:
            self._used_at = self._seconds()
            self._said = False
        return False


class SystemWatch(QObject):
    """Hears from the desktop that it is about to sleep, locks its screen or changes user; silent where nobody says so.

    Listens to logind on the system bus and to the screen saver on the session bus. Windows and macOS have no such bus:
    there the idle watch notices sleep on waking.
    """

    leaving = Signal(str)
    """Lock now; the word says why: "sleep", "screen-lock" or "user-switch"."""

    _LOGIND = "org.freedesktop.login1"
    _LOGIND_PATH = "/org/freedesktop/login1"
    _SAVERS = (
        ("org.freedesktop.ScreenSaver", "/org/freedesktop/ScreenSaver"),
        ("org.freedesktop.ScreenSaver", "/ScreenSaver"),
        ("org.gnome.ScreenSaver", "/org/gnome/ScreenSaver"),
    )

    def __init__(
        self,
        *,
        system: QDBusConnection | None = None,
        session: QDBusConnection | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._system = system
        self._session = session
        self._inhibitor: QDBusMessage | None = None
        self._session_path = ""

    def start(self) -> None:
        """Begin to listen on the buses there are."""
        if not sys.platform.startswith("linux"):
            return
        system = self._system or QDBusConnection.systemBus()
        if system.isConnected():
            self._listen_to_logind(system)
        session = self._session or QDBusConnection.sessionBus()
        if session.isConnected():
            for interface, path in self._SAVERS:
                session.connect("", path, interface, "ActiveChanged", self, _slot("_saver(bool)"))

    def _listen_to_logind(self, bus: QDBusConnection) -> None:
        self._ask(bus, self._LOGIND_PATH, f"{self._LOGIND}.Manager", "Inhibit", _WHY, self._granted)
        bus.connect("", self._LOGIND_PATH, f"{self._LOGIND}.Manager", "PrepareForSleep", self, _slot("_sleeping(bool)"))
        name = os.environ.get("XDG_SESSION_ID", "")
        if name:
            self._ask(bus, self._LOGIND_PATH, f"{self._LOGIND}.Manager", "GetSession", [name], self._found_session)

    def _ask(
        self,
        bus: QDBusConnection,
        path: str,
        interface: str,
        method: str,
        arguments: list[str],
        told: Callable[[QDBusMessage], None],
    ) -> None:
        """Ask logind something without waiting; a refusal is silence."""
        call = QDBusMessage.createMethodCall(self._LOGIND, path, interface, method)
        call.setArguments(arguments)
        pending = QDBusPendingCallWatcher(bus.asyncCall(call, _ANSWERS_WITHIN_MS), self)

        def finished(watcher: QDBusPendingCallWatcher) -> None:
            answer = watcher.reply()
            watcher.deleteLater()
            if answer.type() == QDBusMessage.MessageType.ReplyMessage and answer.arguments():
                told(answer)

        pending.finished.connect(finished)

    def _granted(self, answer: QDBusMessage) -> None:
        # The descriptor in it is what makes logind wait with sleeping; it goes when this process is replaced.
        self._inhibitor = answer

    def _found_session(self, answer: QDBusMessage) -> None:
        bus = self._system or QDBusConnection.systemBus()
        found = answer.arguments()[0]
        self._session_path = found.path() if isinstance(found, QDBusObjectPath) else str(found)
        bus.connect("", self._session_path, f"{self._LOGIND}.Session", "Lock", self, _slot("_locked()"))
        bus.connect("", self._session_path, _PROPERTIES, "PropertiesChanged", self, _slot("_changed()"))

    def _in_front(self, answer: QDBusMessage) -> None:
        found = answer.arguments()[0]
        if (found.variant() if isinstance(found, QDBusVariant) else found) is False:
            self.leaving.emit("user-switch")

    @Slot(bool)
    def _sleeping(self, begins: bool) -> None:
        if begins:
            self.leaving.emit("sleep")

    @Slot()
    def _locked(self) -> None:
        self.leaving.emit("screen-lock")

    @Slot(bool)
    def _saver(self, on: bool) -> None:
        if on:
            self.leaving.emit("screen-lock")

    @Slot()
    def _changed(self) -> None:
        # What changed comes as a map that Qt for Python cannot unpack, so the one value of interest is asked for.
        bus = self._system or QDBusConnection.systemBus()
        self._ask(bus, self._session_path, _PROPERTIES, "Get", [f"{self._LOGIND}.Session", "Active"], self._in_front)


def _slot(signature: str) -> Any:
    # PySide6's stubs ask for bytes here and its run time refuses them.
    return SLOT(signature)
