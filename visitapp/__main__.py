"""The command line: opens visitapp, its server, its tour and its doctor; each door imports only what it needs."""

import gc
import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from visitapp import __version__

if TYPE_CHECKING:
    from visitapp.actions.opening import Opened
    from visitapp.actions.session import Shipped
    from visitapp.domain.clock import Clock
    from visitapp.domain.problems import Problem

USAGE = """\
visitapp: the visit record of family nurses

  visitapp [--data DIR]                    open the application
  visitapp --scratch                       open a throw-away practice record with invented families
  visitapp rehearse [--data DIR]           an invented caseload with its own server, nurse and supervisor side by side
  visitapp tour --out DIR [--size small|real|large]
                                           walk through the whole work by itself and leave pictures and PDFs in DIR
  visitapp doctor [--data DIR] [--json]    what is wrong with this installation or data folder
  visitapp forms check QUESTIONNAIRE [--response RESPONSE] [--json]
                                           judge a questionnaire, or a response against it
  visitapp forms show QUESTIONNAIRE [--response RESPONSE] [--png OUT] [--lang cy]
                                           the form as the nurse would see it
  visitapp forms pack DIR [--key FILE] [--out PACK]
                                           build, check and sign a pack of questionnaires; a PACK alone is verified
  visitapp recovery new-key|open           the organisation's recovery key, on an offline machine: make it in halves, open a record
  visitapp serve [--data DIR] [--port N]   the central server
  visitapp server COMMAND ...              what an administrator does: add-team, add-user, enrol, assign, list, ...
  visitapp --version
"""


def _desktop(argv: list[str]) -> int:
    # What is made at the start stays: looking it through for rubbish would be a tenth of the time to the first window.
    gc.disable()
    from visitapp.desktop import main as run

    def practise(clinical: "Shipped", clock: "Clock") -> "Opened":
        # Knows the whole record: the first window does without.
        from visitapp.rehearsal.scratch import scratch_record

        return scratch_record(clinical, clock)

    return run(argv, practise=practise)


def _rehearse(argv: list[str]) -> int:
    from visitapp.rehearsal.side_by_side import main as run

    return run(argv)


def _tour(argv: list[str]) -> int:
    from visitapp.rehearsal.tour import main as run

    return run(argv)


def _doctor(argv: list[str]) -> int:
    from visitapp.doctor import main as run

    return run(argv)


def _forms(argv: list[str]) -> int:
    if argv[:1] == ["show"]:
        from visitapp.ui.questionnaires.door import show

        return show(argv[1:])
    if argv[:1] == ["pack"]:
        from visitapp.actions.packing import main as pack

        return pack(argv[1:])
    from visitapp.forms.door import main as run

    return run(argv)


def _recovery(argv: list[str]) -> int:
    from visitapp.ui.wording import words_for
    from visitapp.vault.recovery_door import main as run

    def say(problem: "Problem") -> str:
        words = words_for(problem)
        return " ".join(part for part in (words.happened, words.safe, words.do) if part)

    return run(argv, say=say)


def _serve(argv: list[str]) -> int:
    from visitapp.server.door import serve

    return serve(argv)


def _server(argv: list[str]) -> int:
    from visitapp.server.door import administer

    return administer(argv)


DOORS: dict[str, Callable[[list[str]], int]] = {
    "recovery": _recovery,
    "rehearse": _rehearse, "tour": _tour, "doctor": _doctor, "forms": _forms, "serve": _serve, "server": _server,
}  # fmt: skip


def main(argv: list[str] | None = None) -> int:
    """Open one of visitapp's doors; returns its exit code."""
    words = sys.argv[1:] if argv is None else argv
    if words[:1] in (["-h"], ["--help"], ["help"]):
        print(USAGE, end="")
        return 0
    if words[:1] == ["--version"]:
        print(f"visitapp {__version__}")
        return 0
    if words and words[0] in DOORS:
        return DOORS[words[0]](words[1:])
    if words and not words[0].startswith("-"):
        print(f"visitapp has no door called {words[0]!r}.\n\n{USAGE}", end="", file=sys.stderr)
        return 2
    return _desktop(words)


def run() -> None:
    """Open a door and end; whoever stops reading what is printed (`| head`) ends it without a word."""
    try:
        code = main()
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    sys.exit(code)


if __name__ == "__main__":
    run()
