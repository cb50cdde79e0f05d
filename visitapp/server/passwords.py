"""Passwords of accounts: which are refused, and how they are kept."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST: Final = 12
LONGEST: Final = 128
_DIFFERENT: Final = 6
_PATIENCE_S: Final = 5.0
_COMMON: Final = frozenset(
    (
        "password", "passwort", "passw0rd", "qwerty", "letmein", "welcome", "iloveyou", "administrator", "administration",
        "changeme", "correcthorsebatterystaple", "trustno1", "football", "liverpool", "familynurse", "healthvisitor", "visitapp",
        "nhsnhs", "summer", "winter", "spring", "autumn", "monday", "january", "secret", "abcdefghijklmnopqrstuvwxyz",
        "qwertyuiop", "asdfghjkl", "zxcvbnm", "123456789", "0123456789", "987654321",
    )
)  # fmt: skip
"""What half of all guesses begin with. A password is one of these and little else, or it is not."""


def why_refused(password: str, *about: str) -> str:
    """Why a password cannot be taken, in a plain sentence; empty if it can. `about` is what anyone knows of its owner."""
    plain = "".join(letter for letter in password.lower() if letter.isalnum())
    if len(password) < SHORTEST:
        return (
            f"A password needs at least {SHORTEST} characters. Four words that have nothing to do with each other are a good one."
        )
    if len(password) > LONGEST:
        return f"A password may have at most {LONGEST} characters."
    if len(set(password)) < _DIFFERENT:
        return "This password repeats itself too much. Choose one that is harder to guess."
    rest = plain
    for known in sorted((*_COMMON, *_words(about)), key=len, reverse=True):
        rest = rest.replace(known, "")
    if len(rest.strip("0123456789")) < SHORTEST // 2:
        return "This password is one that many people choose, or has your own name in it. Choose one that is harder to guess."
    return ""


def _words(about: tuple[str, ...]) -> set[str]:
    parts = {part for told in about for part in "".join(c if c.isalnum() else " " for c in told.lower()).split()}
    return {part for part in parts if len(part) >= 3}


class Crowded(Exception):
    """So many passwords are being compared that this one finds no place in time."""


class Passwords:
    """Makes and compares what is kept of passwords (Argon2id), two at a time: each takes 64 MiB for a moment."""

    def __init__(self, *, memory_kib: int = 64 * 1024, rounds: int = 3) -> None:
        self._hasher = PasswordHasher(time_cost=rounds, memory_cost=memory_kib, parallelism=4)
        self._at_once = threading.BoundedSemaphore(2)

    @cached_property
    def _nobody(self) -> str:
        """Compared with where there is no such account, so that both take equally long; made when it is first needed."""
        return self._hasher.hash("nobody's password")

    @contextmanager
    def _place(self) -> Iterator[None]:
        # Whoever waits here holds a thread that laptops need.
        if not self._at_once.acquire(timeout=_PATIENCE_S):
            raise Crowded
        try:
            yield
        finally:
            self._at_once.release()

    def kept(self, password: str) -> str:
        """What to keep of a password."""
        with self._place():
            return self._hasher.hash(password)

    def matches(self, kept: str, password: str) -> bool:
        """Whether it is the password of which this is kept; `kept` is empty where there is no account. Raises Crowded."""
        with self._place():
            try:
                return self._hasher.verify(kept or self._nobody, password[: LONGEST + 1]) and bool(kept)
            except (VerificationError, InvalidHashError):
                return False
