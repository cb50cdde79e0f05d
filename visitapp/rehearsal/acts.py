"""What each person of the tour does, click by click, in the real window."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from PySide6.QtCore import Qt

from visitapp.rehearsal.driver import Driver
from visitapp.rehearsal.script import ADDENDUM, COMMENT, FAMILY, NARRATIVE, QUESTION
from visitapp.store.outbox import sync_counts
from visitapp.sync.state import Idle

CTRL = Qt.KeyboardModifier.ControlModifier


@dataclass
class Played:
    """What an act leaves behind for the tour's report."""

    seconds: dict[str, float] = field(default_factory=dict)
    actions: int = 0
    done: list[str] = field(default_factory=list)
    pictures: list[str] = field(default_factory=list)
    pdfs: list[str] = field(default_factory=list)
    visit: str = ""
    draft: str = ""


class Stage:
    """One person's window with what is needed to play an act in it."""

    def __init__(self, driver: Driver, out: Path, user: str, passphrase: str, extra: dict[str, str]) -> None:
        self.driver = driver
        self.out = out
        self.user = user
        self.passphrase = passphrase
        self.extra = extra
        self.played = Played()

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Measure how long a step of the act takes."""
        began = time.perf_counter()
        yield
        self.played.seconds[name] = round(time.perf_counter() - began, 3)

    def unlock(self) -> None:
        """Unlock with the keys of a person in a hurry."""
        drive = self.driver
        drive.picture("unlock")
        with self.step("unlock"):
            field_ = drive.find("Passphrase")
            drive.click_on(field_)
            drive.type(self.passphrase)
            drive.press(Qt.Key.Key_Return)
            drive.until(lambda: self.driver.desktop.window is not None, "the record to open")
            drive.come_forward()
            drive.settle()


def first_start(stage: Stage) -> None:
    """The very first window: two ways to begin, the service's address, a passphrase that is judged while it is typed."""
    drive = stage.driver
    drive.picture("welcome")
    drive.click("Connect")
    drive.type("visits.example.org")
    drive.press(Qt.Key.Key_Return)
    drive.type("ABCD-EFGH-JKLM")
    drive.picture("address-and-code")
    drive.press(Qt.Key.Key_Return)
    drive.type(stage.user)
    drive.click("Passphrase")
    drive.type("lantern orchard")
    drive.picture("passphrase-two-words")
    drive.type(" quiet saucepan")
    drive.picture("passphrase-strong")


def nurse_records(stage: Stage) -> None:
    """Offline: unlock, look round, record and sign a routine visit, print both copies."""
    drive = stage.driver
    stage.unlock()
    drive.picture("today")
    _look_round(stage)
    drive.go("today")
    before = drive.counter.count
    with stage.step("visit"):
        _routine_visit(stage)
    with stage.step("print"):
        _print_family_copy(stage)
    stage.played.actions = drive.counter.count - before
    stage.played.done = drive.counter.done[before:]
    _print_professional_copy(stage)
    _a_visit_to_twins(stage)


def _a_visit_to_twins(stage: Stage) -> None:
    """Begin another visit, to see the steps that a routine one passes over; it is left as a draft."""
    drive = stage.driver
    drive.press(Qt.Key.Key_K, CTRL)
    drive.type("Begum")
    drive.settle()
    drive.press(Qt.Key.Key_Return)
    drive.until(lambda: drive.screen == "family", "the family")
    drive.picture("family-twins")
    drive.click("Start visit")
    drive.until(lambda: drive.screen == "visit", "the visit")
    stage.played.draft = drive.argument.split("|")[0]
    for number, name in ((3, "twins-observation"), (5, "twins-health"), (6, "parents"), (7, "topics")):
        drive.press(Qt.Key(Qt.Key.Key_0.value + number), Qt.KeyboardModifier.AltModifier)
        drive.picture(name)
    for name in ("new-family", "connect"):
        drive.go(name)
        drive.picture(name)


def _look_round(stage: Stage) -> None:
    drive = stage.driver
    for name in ("caseload", "sync", "help", "settings"):
        if drive.knows(name):
            drive.go(name)
            drive.picture(name)


def _routine_visit(stage: Stage) -> None:
    """A routine infancy visit: short-form observation, one measure, plan, signature."""
    drive = stage.driver
    start = f"Start visit: {FAMILY}"
    if drive.has(start):
        drive.click(start)
    else:
        _start_from_family(drive)
    drive.until(lambda: drive.screen == "visit", "the visit")
    stage.played.visit = drive.argument.split("|")[0]
    drive.picture("arrival")
    drive.click("Seen awake")
    drive.press(Qt.Key.Key_Return, CTRL)
    drive.type(NARRATIVE)
    drive.picture("what-happened")
    drive.press(Qt.Key.Key_Return, CTRL)
    drive.type("Waited for his turn and got one.")
    drive.press(Qt.Key.Key_Return)
    drive.type("Stopped when he looked away, and said so.")
    drive.press(Qt.Key.Key_Return)
    drive.picture("observation")
    for key in (Qt.Key.Key_1, Qt.Key.Key_1, Qt.Key.Key_1, Qt.Key.Key_4, Qt.Key.Key_1, Qt.Key.Key_1):
        drive.press(key)
    drive.picture("observation-answered")
    drive.press(Qt.Key.Key_Return, CTRL)
    drive.type("I like it when you wait for me.")
    drive.picture("voice")
    drive.press(Qt.Key.Key_Return, CTRL)
    drive.type("7350")
    drive.picture("health")
    drive.press(Qt.Key.Key_8, Qt.KeyboardModifier.AltModifier)
    drive.press(Qt.Key.Key_Space)
    drive.picture("risks")
    drive.press(Qt.Key.Key_Return, CTRL)
    drive.type("Sing at bath time")
    drive.press(Qt.Key.Key_Return)
    drive.press(Qt.Key.Key_Space)
    drive.picture("plan")
    drive.press(Qt.Key.Key_Return, CTRL)
    drive.until(lambda: drive.screen == "sign", "the sign screen")
    drive.picture("sign")
    drive.press(Qt.Key.Key_Space)
    drive.until(lambda: drive.screen == "note", "the signed note")
    drive.picture("signed")


def _start_from_family(drive: Driver) -> None:
    drive.press(Qt.Key.Key_K, CTRL)
    drive.type(FAMILY)
    drive.settle()
    drive.press(Qt.Key.Key_Return)
    drive.until(lambda: drive.screen == "family", "the family")
    drive.click("Start visit")


def _print_family_copy(stage: Stage) -> None:
    drive = stage.driver
    drive.click("Family copy")
    drive.until(lambda: drive.screen == "print", "the print screen")
    drive.picture("print-family")
    _save_copy(stage, "family-copy.pdf")


def _print_professional_copy(stage: Stage) -> None:
    drive = stage.driver
    drive.press(Qt.Key.Key_R, Qt.KeyboardModifier.AltModifier)
    drive.picture("print-professional")
    _save_copy(stage, "professional-copy.pdf")


def _save_copy(stage: Stage, name: str) -> None:
    """Save the copy that shows through the file dialog, as a person without a printer would."""
    drive, path = stage.driver, stage.out / name
    drive.click("Save encrypted")
    drive.click("Save without a passphrase")
    drive.until(lambda: drive.dialog is not None, "the file dialog")
    drive.type_into_dialog(str(path))
    drive.until(path.exists, "the saved copy")
    drive.settle()
    stage.played.pdfs.append(str(path))


def nurse_connects(stage: Stage) -> None:
    """Online at last: connect to the service and send everything."""
    drive = stage.driver
    stage.unlock()
    with stage.step("connect"):
        drive.go("connect")
        drive.picture("connect")
        drive.type(stage.extra["address"])
        drive.press(Qt.Key.Key_Return)
        drive.type(stage.extra["code"])
        drive.press(Qt.Key.Key_Return)
        drive.until(lambda: drive.screen == "sync", "the sync screen")
    with stage.step("sync"):
        drive.until(lambda: _is_level(drive), "everything to be received", 240)
    drive.picture("sync-received")
    drive.go("note", stage.extra["visit"])
    drive.picture("received")


def _is_level(drive: Driver) -> bool:
    opened, sync = drive.desktop.opened, drive.desktop.sync
    if opened is None or sync is None:
        return False
    with opened.record.reading() as r:
        counts = sync_counts(r)
    return counts.unsent == 0 and counts.arriving == 0 and isinstance(sync.state, Idle) and sync.state.last_at is not None


def _sync_now(stage: Stage) -> None:
    """Press the one button of the Sync screen and wait until both sides are level."""
    drive = stage.driver
    drive.go("sync")
    sync = drive.desktop.sync
    before = sync.state.last_at if sync is not None and isinstance(sync.state, Idle) else None
    if drive.has("Sync now"):
        drive.click("Sync now")
    drive.until(
        lambda: sync is not None and isinstance(sync.state, Idle) and sync.state.last_at != before and _is_level(drive),
        "an exchange", 240,
    )  # fmt: skip


def supervisor_returns(stage: Stage) -> None:
    """Sync, open the note from the queue, comment on a line of it, return it with a question."""
    drive = stage.driver
    stage.unlock()
    drive.picture("today")
    with stage.step("sync"):
        _sync_now(stage)
    drive.picture("sync")
    for name in ("caseload",):
        drive.go(name)
        drive.picture(name)
    with stage.step("review"):
        drive.go("review")
        drive.picture("queue")
        drive.go("review", stage.extra["visit"])
        drive.picture("note")
        for _ in range(5):
            drive.press(Qt.Key.Key_Down)
        drive.press(Qt.Key.Key_C)
        drive.type(COMMENT)
        drive.picture("comment")
        drive.press(Qt.Key.Key_Return, CTRL)
        drive.go("review", stage.extra["visit"])
        drive.press(Qt.Key.Key_R)
        drive.type(QUESTION)
        drive.picture("return")
        drive.press(Qt.Key.Key_Return, CTRL)
        drive.settle()
    with stage.step("sync again"):
        _sync_now(stage)
    _dark(stage)


def nurse_answers(stage: Stage) -> None:
    """Sync, find the returned note under "needs you", answer by an addendum, sync."""
    drive = stage.driver
    stage.unlock()
    with stage.step("sync"):
        _sync_now(stage)
    drive.go("today")
    drive.picture("needs-you")
    with stage.step("answer"):
        drive.go("note", stage.extra["visit"])
        drive.picture("returned")
        drive.click("Answer" if drive.has("Answer") else "Add to it")
        drive.type(ADDENDUM)
        drive.picture("addendum")
        drive.press(Qt.Key.Key_Return, CTRL)
        drive.settle()
        drive.picture("answered")
    with stage.step("sync again"):
        _sync_now(stage)
    _dark(stage)


def supervisor_countersigns(stage: Stage) -> None:
    """Sync, read the answer, countersign, sync."""
    drive = stage.driver
    stage.unlock()
    with stage.step("sync"):
        _sync_now(stage)
    with stage.step("countersign"):
        drive.go("review", stage.extra["visit"])
        drive.picture("answered")
        drive.press(Qt.Key.Key_K, Qt.KeyboardModifier.ShiftModifier)
        drive.settle()
    with stage.step("sync again"):
        _sync_now(stage)
    drive.go("note", stage.extra["visit"])
    drive.picture("countersigned")


def _dark(stage: Stage) -> None:
    """Every screen once more in the dark theme."""
    drive = stage.driver
    desktop = drive.desktop
    desktop.change_settings(replace(desktop.settings, theme="dark"))
    drive.settle()
    for name in ("today", "caseload", "review", "sync", "help", "settings", "new-family", "connect"):
        if drive.knows(name):
            drive.go(name)
            drive.picture(f"dark-{name}")
    for name, shown in (("note", "visit"), ("print", "visit"), ("visit", "draft"), ("sign", "draft")):
        if drive.knows(name) and stage.extra.get(shown):
            drive.go(name, stage.extra[shown])
            drive.picture(f"dark-{name}")
    desktop.change_settings(replace(desktop.settings, theme="light"))


ACTS: dict[str, Callable[[Stage], None]] = {
    "first-start": first_start,
    "nurse-records": nurse_records,
    "nurse-connects": nurse_connects,
    "supervisor-returns": supervisor_returns,
    "nurse-answers": nurse_answers,
    "supervisor-countersigns": supervisor_countersigns,
}
