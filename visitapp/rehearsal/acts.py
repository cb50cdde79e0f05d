"""What each person of the tour does, click by click, in the real window."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from PySide6.QtCore import Qt

from visitapp.rehearsal.driver import Driver, StuckError

CTRL = Qt.KeyboardModifier.ControlModifier
NARRATIVE = (
    "Yusuf was on the mat with the saucepan lid when I came. Amara waited, let him start the game and joined in. "
    "<Then> he tired, looked away, and she stopped: \"you've had enough\". Ŵyn and Łukasz next door were mentioned."
)
ADDENDUM = "Amara picked him up and he settled in under a minute; she said the lid game is theirs."
QUESTION = "What did Amara do in the minute after he looked away?"
COMMENT = "A lovely moment of noticing."
FAMILY = "Okafor"


@dataclass
class Played:
    """What an act leaves behind for the tour's report."""

    seconds: dict[str, float] = field(default_factory=dict)
    actions: int = 0
    done: list[str] = field(default_factory=list)
    pictures: list[str] = field(default_factory=list)
    pdfs: list[str] = field(default_factory=list)
    visit: str = ""


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


def nurse_records(stage: Stage) -> None:
    """Offline: unlock, look round, record and sign a routine visit, print both copies."""
    drive = stage.driver
    stage.unlock()
    drive.picture("today")
    _look_round(stage)
    drive.desktop.window.navigate("today")  # type: ignore[union-attr]
    drive.settle()
    before = drive.counter.count
    with stage.step("visit"):
        _routine_visit(stage)
    with stage.step("print"):
        _print_family_copy(stage)
    stage.played.actions = drive.counter.count - before
    stage.played.done = drive.counter.done[before:]
    _print_professional_copy(stage)


def _look_round(stage: Stage) -> None:
    drive = stage.driver
    for name in ("caseload", "sync", "help", "settings"):
        if name in drive.desktop.window._screens:  # type: ignore[union-attr]
            drive.desktop.window.navigate(name)  # type: ignore[union-attr]
            drive.picture(name)


def _routine_visit(stage: Stage) -> None:
    """A routine infancy visit: short-form observation, one measure, plan, signature."""
    drive = stage.driver
    drive.click(f"Start visit, {FAMILY}") if drive.has(f"Start visit, {FAMILY}") else _start_from_family(drive)
    drive.until(lambda: drive.screen == "visit", "the visit")
    stage.played.visit = drive.desktop.window._argument.split("|")[0]  # type: ignore[union-attr]
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
    drive.press(Qt.Key.Key_Return, CTRL)
    drive.picture("parents")
    drive.press(Qt.Key.Key_Return, CTRL)
    drive.picture("topics")
    drive.press(Qt.Key.Key_Return, CTRL)
    drive.click("No new risk identified today")
    drive.picture("risks")
    drive.press(Qt.Key.Key_Return, CTRL)
    drive.type("Sing at bath time")
    drive.picture("plan")
    drive.press(Qt.Key.Key_Return, CTRL)
    drive.until(lambda: drive.screen == "sign", "the sign screen")
    drive.picture("sign")
    drive.click("Sign and lock")
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
    drive.click("Print")
    drive.until(lambda: drive.screen == "print", "the print screen")
    drive.click("Family")
    drive.picture("print-family")


def _print_professional_copy(stage: Stage) -> None:
    raise StuckError("not written yet")


ACTS: dict[str, Callable[[Stage], None]] = {"nurse-records": nurse_records}
