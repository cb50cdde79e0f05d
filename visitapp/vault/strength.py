"""How long a passphrase would last against somebody who guesses."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

LONGEST_JUDGED = 72
LONGEST_ALLOWED = 1024
ENOUGH_SCORE = 3
ENOUGH_WORDS = 4
SHORTEST_WORD = 3
SHORTEST_OF_WORDS = 16
# Four words out of a book everybody has read are one guess, not four.
_FAMOUS = frozenset({"correct horse battery staple", "the quick brown fox jumps over the lazy dog"})
_OWN_WORDS = ("visitapp", "visit", "nurse", "family", "health", "midwife", "baby", "passphrase", "password")


@dataclass(frozen=True)
class Strength:
    """How good a passphrase is: `score` 0 (guessed at once) to 4, whether it will do, and about how many guesses."""

    score: int
    acceptable: bool
    guesses: int
    words: int = 0


def strength(passphrase: str, hints: Sequence[str] = ()) -> Strength:
    """Judge a passphrase; `hints` are words a guesser knows (user name, service).

    Acceptable is a zxcvbn score of 3 or more, or four different words of three letters or more that are not in a hint.
    """
    text = unicodedata.normalize("NFKC", passphrase)
    if not text or len(text) > LONGEST_ALLOWED:
        return Strength(0, False, 1)
    known = [part for hint in hints for part in (hint, *re.split(r"\W+", hint)) if len(part) >= SHORTEST_WORD]
    score, guesses = min(_judged(text, known), _judged(_without(text, known), known))
    words = _independent_words(text, known)
    is_famous = " ".join(re.findall(r"\w+", text.casefold())) in _FAMOUS
    acceptable = not is_famous and (score >= ENOUGH_SCORE or (words >= ENOUGH_WORDS and len(text) >= SHORTEST_OF_WORDS))
    return Strength(min(score, 1) if is_famous else score, acceptable, guesses, words)


def _judged(text: str, known: Sequence[str]) -> tuple[int, int]:
    if not text.strip():
        return 0, 1
    # Its dictionaries take longer to load than the first window.
    from zxcvbn import zxcvbn

    judged = zxcvbn(text[:LONGEST_JUDGED], user_inputs=[*known, *_OWN_WORDS], max_length=LONGEST_JUDGED)
    return int(judged["score"]), int(judged["guesses"])


def _without(text: str, known: Sequence[str]) -> str:
    # zxcvbn charges billions of guesses for the order of words that the guesser knows all of.
    for hint in known:
        text = re.sub(re.escape(hint), "", text, flags=re.IGNORECASE)
    return text


def _independent_words(text: str, known: Sequence[str]) -> int:
    words = {word for word in re.split(r"[\W\d_]+", text.casefold()) if len(word) >= SHORTEST_WORD}
    return len(words - {word.casefold() for word in known})
