"""The recovery key on an offline machine, by typing: make one in halves, and answer a laptop's request."""

import argparse
import sys
from collections.abc import Iterator, Sequence

from visitapp.domain.problems import Problem
from visitapp.vault.recovery import answered, new_recovery_key


def main(argv: Sequence[str]) -> int:
    """Make a recovery key, or answer a request; returns the exit code. Nothing is written to a file."""
    parser = argparse.ArgumentParser(prog="visitapp recovery", description="The organisation's recovery key.")
    verbs = parser.add_subparsers(dest="verb", required=True)
    make = verbs.add_parser("make", help="make a key and show its halves once, to be written down by one administrator each")
    make.add_argument("--needed", type=int, default=2, help="how many halves open a vault")
    make.add_argument("--of", type=int, default=3, help="how many halves there are")
    verbs.add_parser("answer", help="answer the request that a laptop shows")
    told = parser.parse_args(list(argv))
    try:
        return _make(told.needed, told.of) if told.verb == "make" else _answer()
    except Problem as problem:
        sys.stderr.write(f"{problem}\n")
        return 1


def _make(needed: int, of: int) -> int:
    try:
        key = new_recovery_key(needed=needed, of=of)
    except ValueError:
        sys.stderr.write("At least 2 halves are needed, and there are at most 9.\n")
        return 2
    sys.stdout.write(f"Public key, for the service: {key.public.hex()}\n")
    for number, half in enumerate(key.halves, 1):
        sys.stdout.write(f"Half {number}, for one administrator alone: {half}\n")
    return 0


def _answer() -> int:
    request = input("What the laptop shows: ")
    check = input("The eight digits, read out by the nurse on a number you know: ")
    sys.stdout.write(answered(request, check, tuple(_halves())) + "\n")
    return 0


def _halves() -> Iterator[str]:
    while half := input("A half of the recovery key (nothing when all are in): ").strip():
        yield half
