"""One person of the tour as a process of its own: the real client on a data folder, driven through one act."""

import argparse
import json
import os
import sys
import traceback
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer

if TYPE_CHECKING:
    from visitapp.desktop import Desktop


def main(argv: list[str]) -> int:
    """Play one act; writes what came of it to `--report` and returns 0 only when it was played to its end."""
    parser = argparse.ArgumentParser(prog="visitapp.rehearsal.actor")
    for name in ("act", "data", "out", "user", "passphrase", "report", "prefix"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--extra", default="{}")
    told = parser.parse_args(argv)
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from visitapp.config.options import Options
    from visitapp.desktop import Desktop
    from visitapp.rehearsal.acts import ACTS, Stage
    from visitapp.rehearsal.driver import Driver

    desktop = Desktop(Options(Path(told.data)), replace_with=lambda arguments: None)
    # A bug must end the tour with its place, not wait in a dialog that nobody closes.
    sys.excepthook = lambda kind, error, trace: _tell_bug(error, desktop)
    desktop.lanes.bug_met.connect(lambda error: _tell_bug(error, desktop))
    outcome = {"code": 1}

    def play() -> None:
        driver = Driver(desktop, Path(told.out), told.prefix)
        stage = Stage(driver, Path(told.out), told.user, told.passphrase, json.loads(told.extra))
        try:
            driver.come_forward()
            ACTS[told.act](stage)
            outcome["code"] = 0
        except Exception:  # noqa: BLE001 - the tour has to say what went wrong in which act
            traceback.print_exc()
            driver.picture("stuck")
        stage.played.pictures = driver.taken
        Path(told.report).write_text(json.dumps(asdict(stage.played)), "utf-8")
        desktop.app.quit()

    QTimer.singleShot(300, play)
    desktop.run()
    return outcome["code"]


def _tell_bug(error: BaseException, desktop: "Desktop") -> None:
    traceback.print_exception(error)
    desktop.app.exit(3)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
