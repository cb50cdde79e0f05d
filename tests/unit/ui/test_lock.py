"""Nobody there, or the laptop going to sleep, is noticed; and a replaced process really is another program."""

import os
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit

from visitapp.ui.lock import IdleWatch, seconds_awake_or_asleep

ROOT = Path(__file__).parents[3]


class Seconds:
    """A clock of seconds that a test moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def seconds():
    return Seconds()


@pytest.fixture
def watch(qapp, seconds):
    watch = IdleWatch(300, seconds=seconds)
    watch.start()
    yield watch
    watch.stop()


@pytest.fixture
def said(watch):
    found = []
    watch.idle.connect(lambda: found.append(True))
    return found


def pass_time(watch, seconds, total_s):
    for _ in range(total_s):
        seconds.now += 1
        watch.look()


def test_idle_is_said_once_after_the_time_and_not_before(watch, seconds, said):
    pass_time(watch, seconds, 299)
    assert said == []
    pass_time(watch, seconds, 1)
    assert said == [True]
    pass_time(watch, seconds, 400)
    assert said == [True]


def test_a_key_in_any_window_starts_the_time_again(watch, seconds, said, qtbot):
    field = QLineEdit()
    qtbot.addWidget(field)
    pass_time(watch, seconds, 299)
    qtbot.keyClick(field, Qt.Key.Key_A)
    assert field.text() == "a"
    pass_time(watch, seconds, 299)
    assert said == []
    pass_time(watch, seconds, 1)
    assert said == [True]


def test_a_laptop_that_slept_is_idle_on_waking_even_when_a_key_woke_it(watch, seconds, said, qtbot):
    field = QLineEdit()
    qtbot.addWidget(field)
    pass_time(watch, seconds, 10)
    seconds.now += 45
    qtbot.keyClick(field, Qt.Key.Key_A)
    watch.look()
    assert said == [True]


def test_the_time_can_be_changed(watch, seconds, said):
    watch.set_after(60)
    pass_time(watch, seconds, 60)
    assert said == [True]


def test_nothing_is_said_after_stopping(watch, seconds, said):
    watch.stop()
    assert not watch._timer.isActive()


def test_the_clock_goes_forward():
    assert 0 <= seconds_awake_or_asleep() - seconds_awake_or_asleep() + 1 <= 1


def in_a_process(code: str, **surroundings: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)],
        cwd=ROOT,
        env={**os.environ, **surroundings},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return f"{done.stdout.strip()} {done.returncode}"


def test_a_replaced_process_keeps_its_place_and_nothing_else(tmp_path):
    found = in_a_process(
        f"""
        import os, socket
        from visitapp.ui.lock import replace_process
        left, right = socket.socketpair()
        os.set_inheritable(left.fileno(), True)
        print(os.getpid(), flush=True)
        replace_process(["-c", "import os, sys; print(os.getpid(), sys.argv[1:]);"
                         "os.fstat({{}})".format(left.fileno()), "--data", {str(tmp_path)!r}])
        """
    )
    before, after, *rest = found.split(maxsplit=2)
    assert before == after
    # The descriptor is gone: asking for it ends the new program with an error.
    assert rest == [f"['--data', '{tmp_path}'] 1"]


def test_a_process_that_cannot_be_replaced_ends_all_the_same():
    found = in_a_process(
        """
        import sys
        from visitapp.ui.lock import replace_process
        sys.executable = "/nowhere/python"
        try:
            replace_process(["-c", "print('never')"])
        except BaseException:
            print("came back", flush=True)
        """
    )
    assert found == " 70"


BUS = shutil.which("dbus-run-session")

DESKTOP = """
import os
from PySide6.QtCore import QCoreApplication, QTimer
from PySide6.QtDBus import (
    QDBusConnection, QDBusMessage, QDBusObjectPath, QDBusUnixFileDescriptor, QDBusVariant, QDBusVirtualObject
)
from visitapp.ui.lock import SystemWatch
LOGIND = "/org/freedesktop/login1"
app = QCoreApplication([])
reading, writing = os.pipe()
active = True

class Logind(QDBusVirtualObject):
    def introspect(self, path):
        return ""
    def handleMessage(self, message, connection):
        answers = {
            "Inhibit": lambda: QDBusUnixFileDescriptor(writing),
            "GetSession": lambda: QDBusObjectPath(LOGIND + "/session/_7"),
            "Get": lambda: QDBusVariant(active),
        }
        asked.append((message.member(), message.arguments()))
        reply = message.createReply()
        reply.setArguments([answers[message.member()]()])
        return connection.send(reply)

asked, heard = [], []
theirs = QDBusConnection.connectToBus(QDBusConnection.BusType.SessionBus, "theirs")
logind = Logind()
theirs.registerVirtualObject(LOGIND, logind, QDBusConnection.VirtualObjectRegisterOption.SubPath)
theirs.registerService("org.freedesktop.login1")
ours = QDBusConnection.sessionBus()
watch = SystemWatch(system=ours, session=ours)
watch.leaving.connect(heard.append)
watch.start()

def say(path, interface, member, *arguments):
    message = QDBusMessage.createSignal(path, interface, member)
    message.setArguments(list(arguments))
    assert theirs.send(message)

def go_on(ms=200):
    QTimer.singleShot(ms, app.quit)
    app.exec()

go_on()
"""


def on_a_bus(code: str) -> str:
    done = subprocess.run(
        [BUS or "", "--", sys.executable, "-c", DESKTOP + textwrap.dedent(code)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), "XDG_SESSION_ID": "7", "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


needs_a_bus = pytest.mark.skipif(BUS is None or sys.platform != "linux", reason="needs dbus-run-session")


@needs_a_bus
def test_going_to_sleep_locks_first_and_waking_does_not():
    found = on_a_bus(
        """
        say(LOGIND, "org.freedesktop.login1.Manager", "PrepareForSleep", True)
        go_on()
        say(LOGIND, "org.freedesktop.login1.Manager", "PrepareForSleep", False)
        go_on()
        print(heard, [name for name, _ in asked], asked[0][1][0], watch._inhibitor is not None)
        """
    )
    assert found == "['sleep'] ['Inhibit', 'GetSession'] sleep True"


@needs_a_bus
def test_locking_the_own_session_is_heard_and_anothers_is_not():
    found = on_a_bus(
        """
        say(LOGIND + "/session/_8", "org.freedesktop.login1.Session", "Lock")
        go_on()
        others = list(heard)
        say(LOGIND + "/session/_7", "org.freedesktop.login1.Session", "Lock")
        go_on()
        print(others, heard)
        """
    )
    assert found == "[] ['screen-lock']"


@needs_a_bus
def test_a_switch_to_another_user_is_heard():
    found = on_a_bus(
        """
        session = LOGIND + "/session/_7"
        say(session, "org.freedesktop.DBus.Properties", "PropertiesChanged", "org.freedesktop.login1.Session")
        go_on()
        still_here, active = list(heard), False
        say(session, "org.freedesktop.DBus.Properties", "PropertiesChanged", "org.freedesktop.login1.Session")
        go_on()
        print(still_here, heard)
        """
    )
    assert found == "[] ['user-switch']"


@needs_a_bus
@pytest.mark.parametrize(
    ("path", "interface"),
    [
        ("/org/gnome/ScreenSaver", "org.gnome.ScreenSaver"),
        ("/ScreenSaver", "org.freedesktop.ScreenSaver"),
        ("/org/freedesktop/ScreenSaver", "org.freedesktop.ScreenSaver"),
    ],
)
def test_the_screen_saver_is_heard_when_it_comes_on(path, interface):
    found = on_a_bus(
        f"""
        say({path!r}, {interface!r}, "ActiveChanged", False)
        go_on()
        off = list(heard)
        say({path!r}, {interface!r}, "ActiveChanged", True)
        go_on()
        print(off, heard)
        """
    )
    assert found == "[] ['screen-lock']"


def test_without_a_bus_nothing_is_heard_and_nothing_breaks():
    found = in_a_process(
        """
        from PySide6.QtCore import QCoreApplication
        from visitapp.ui.lock import SystemWatch
        app = QCoreApplication([])
        SystemWatch().start()
        print("quiet")
        """,
        DBUS_SESSION_BUS_ADDRESS="unix:path=/nowhere",
        DBUS_SYSTEM_BUS_ADDRESS="unix:path=/nowhere",
    )
    assert found == "quiet 0"


def copies_in_memory(process: int, needle: bytes) -> int:
    found = 0
    regions = [line.split() for line in Path(f"/proc/{process}/maps").read_text().splitlines()]
    with open(f"/proc/{process}/mem", "rb", buffering=0) as memory:
        for region in regions:
            if not region[1].startswith("rw"):
                continue
            start, end = (int(part, 16) for part in region[0].split("-"))
            try:
                memory.seek(start)
                found += memory.read(end - start).count(needle)
            except OSError:
                continue
    return found


HOLDER = """
import sys
from visitapp.ui.lock import replace_process
canary = bytes(byte ^ 0x55 for byte in bytes.fromhex(sys.argv[1]))
kept = [canary + str(number).encode() for number in range(100)]
print("holding", flush=True)
sys.stdin.readline()
replace_process(["-c", "import sys; print('replaced', flush=True); sys.stdin.readline()"])
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads memory as Linux shows it")
def test_nothing_of_what_was_held_is_left_in_a_replaced_process():
    canary = b"Blodwen-canary-" + os.urandom(8).hex().encode()
    # Handed over changed, so that the command line itself holds no copy.
    hidden = bytes(byte ^ 0x55 for byte in canary).hex()
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, hidden], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT
    ) as held:
        assert held.stdout is not None
        assert held.stdin is not None
        assert held.stdout.readline() == "holding\n"
        try:
            before = copies_in_memory(held.pid, canary)
        except PermissionError:
            held.kill()
            pytest.skip("this system lets no process read another's memory")
        held.stdin.write("\n")
        held.stdin.flush()
        assert held.stdout.readline() == "replaced\n"
        after = copies_in_memory(held.pid, canary)
        held.stdin.write("\n")
        held.stdin.flush()
    assert before >= 100
    assert after == 0
