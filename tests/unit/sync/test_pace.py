"""How much goes into one request: it follows the line, falls when the line breaks, and is not led astray by small requests."""

from visitapp.sync.pace import Pace

KB, MB = 1024, 1024 * 1024


def test_quick_line_is_soon_used_whole() -> None:
    pace = Pace()
    for _ in range(3):
        pace.took(pace.bytes, 0.01)
    assert pace.bytes == 8 * MB


def test_slow_line_gets_what_it_carries_in_a_moment() -> None:
    pace = Pace()
    pace.took(pace.bytes, 16.0)
    assert pace.bytes == 16 * KB
    pace.took(16 * KB, 0.5)
    assert pace.bytes == 48 * KB


def test_small_answers_say_nothing_about_a_line_unless_they_were_slow() -> None:
    pace = Pace()
    before = pace.bytes
    pace.took(200, 0.001)
    assert pace.bytes == before
    pace.took(20 * KB, 3.0)
    assert pace.bytes == 16 * KB


def test_line_that_breaks_again_and_again_still_carries_something() -> None:
    pace = Pace()
    for _ in range(20):
        pace.broke()
    assert pace.bytes == 16 * KB
