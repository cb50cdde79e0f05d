"""A passphrase must last against somebody who guesses and knows whom she guesses at."""

import pytest

from visitapp.vault.strength import strength


@pytest.mark.parametrize(
    "passphrase",
    [
        "",
        "12345678",
        "19840312",
        "password1",
        "Summer2026!",
        "visitapp visitapp visitapp visitapp",
        "correct horse battery staple",
        "Correct-Horse-Battery-Staple",
        "one one one one",
        "qwertyuiop",
    ],
)
def test_what_would_be_guessed_soon_is_not_acceptable(passphrase):
    assert not strength(passphrase).acceptable


@pytest.mark.parametrize(
    "passphrase", ["kettle harbour violin moss", "Żaba kocha zielony las", "v9#Lq2!xT7pz", "a1" + "é" * 9 + "kXw"]
)
def test_words_of_chance_or_enough_of_it_are_acceptable(passphrase):
    assert strength(passphrase).acceptable


def test_four_words_count_only_when_they_are_not_what_the_guesser_knows():
    hints = ("gwendolen.ellis", "Riverside Health")
    assert not strength("gwendolen ellis riverside health", hints).acceptable
    assert strength("gwendolen kettle harbour violin moss", hints).acceptable


def test_score_grows_with_what_is_typed():
    scores = [strength(text).score for text in ("moss", "moss kettle", "moss kettle harbour violin dune")]
    assert scores == sorted(scores)
    assert scores[-1] == 4


def test_a_very_long_passphrase_is_judged_and_an_endless_one_refused():
    assert strength("kettle harbour violin moss " * 20).acceptable
    assert not strength("x" * 5000).acceptable
