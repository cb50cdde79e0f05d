"""The recovery key on an offline machine, by typing: make one in halves, and answer a laptop's request."""

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence

from visitapp.domain.problems import Problem
from visitapp.vault.recovery import answered, new_recovery_key

_GROUP = 6


def main(argv: Sequence[str], *, say: Callable[[Problem], str] = str) -> int:
    """Make a recovery key, or answer a request; returns the exit code. Nothing is written to a file.

    `say` words a problem.
    """
    parser = argparse.ArgumentParser(prog="visitapp recovery", description="The organisation's recovery key.")
    verbs = parser.add_subparsers(dest="verb", required=True)
    make = verbs.add_parser(
        "new-key", aliases=["make"], help="make a key and show its halves once, to be written down by one administrator each"
    )
    make.add_argument("--needed", type=int, default=2, help="how many halves open a vault")
    make.add_argument("--of", type=int, default=3, help="how many halves there are")
    verbs.add_parser("open", aliases=["answer"], help="answer the request that a laptop shows")
    told = parser.parse_args(list(argv))
    try:
        return _make(told.needed, told.of) if told.verb in ("new-key", "make") else _answer()
    except Problem as problem:
        sys.stderr.write(f"{say(problem)}\n")
        return 1
    except EOFError:
        sys.stderr.write("Nothing was opened.\n")
        return 1


def _make(needed: int, of: int) -> int:
    try:
        key = new_recovery_key(needed=needed, of=of)
    except ValueError:
        sys.stderr.write("At least 2 halves are needed, and there are at most 9.\n")
        return 2
    sys.stdout.write(f"Public key, for `visitapp server recovery-key`: {key.public.hex()}\n")
    for number, half in enumerate(key.halves, 1):
        sys.stdout.write(f"Half {number}, for one administrator alone: {half}\n")
    return 0


def _answer() -> int:
    request = input("What the laptop shows: ")
    check = input("The eight digits, read out by the nurse on a number you know: ")
    answer = answered(request, check, tuple(_halves()))
    sys.stdout.write("For the nurse, who types it into the page that she kept open (spaces do not matter, small and large do):\n")
    sys.stdout.write(" ".join(answer[at : at + _GROUP] for at in range(0, len(answer), _GROUP)) + "\n")
    return 0


def _halves() -> Iterator[str]:
    while half := input("A half of the recovery key (nothing when all are in): ").strip():
        yield half
