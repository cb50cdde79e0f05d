"""What to call an answer and when two answers are the same; no Qt."""

from visitapp.forms.items import Option
from visitapp.forms.values import Coding, Value, value_text

LONGEST_ANSWER = 500
"""A form from elsewhere may hold a megabyte in one answer to choose, and Qt would lay it out for a minute."""


def value_label(value: Value) -> str:
    """The words for a value."""
    if isinstance(value, bool):
        return "Yes" if value else "No"
    return value_text(value)


def option_label(option: Option) -> str:
    """The words of an answer to choose, with the prefix the form gives it."""
    words = option.text if len(option.text) <= LONGEST_ANSWER else f"{option.text[:LONGEST_ANSWER]}…"
    return f"{option.prefix[:LONGEST_ANSWER]} {words}" if option.prefix else words


def same_value(first: Value, second: Value) -> bool:
    """Whether two values are the same answer; codings are told by their codes, not by their words."""
    if isinstance(first, Coding) and isinstance(second, Coding):
        return first.means(second)
    return isinstance(first, bool) == isinstance(second, bool) and first == second
