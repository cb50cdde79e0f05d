"""Expressions rewritten so that the items they name by linkId are handed to them instead of searched for.

The search is exact but slow: it evaluates a condition at every item of the response, for every name.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from visitapp.forms.items import Item

_ROOT = re.compile(r"(?<![%\w.'`\"])QuestionnaireResponse(?=\s*\.)")
_NAMED = re.compile(
    r"%(?:resource|rootResource)"
    r"(?P<way>(?:\s*\.\s*item\b)+|\s*\.\s*descendants\s*\(\s*\)|\s*\.\s*repeat\s*\(\s*item\s*\))"
    r"\s*\.\s*where\s*\(\s*linkId\s*=\s*'(?P<one>[^'\\]*)'\s*\)"
)


@dataclass(frozen=True, slots=True)
class Shortened:
    """An expression with variables in the place of searches, and the linkId each variable stands for."""

    text: str
    items: tuple[tuple[str, str], ...]


@lru_cache(maxsize=2048)
def _searches(text: str) -> tuple[str, tuple[tuple[str, str, str], ...]]:
    """The text with each search replaced, and (variable, way, linkId) of each."""
    found: list[tuple[str, str, str]] = []

    def replaced(match: re.Match[str]) -> str:
        name = f"item_{len(found)}_"
        found.append((name, re.sub(r"\s", "", match["way"]), match["one"]))
        return f"%{name}"

    return _NAMED.sub(replaced, _ROOT.sub("%resource", text)), tuple(found)


def shortened(text: str, known: Callable[[str], Item | None]) -> Shortened:
    """The expression with every search for one linkId replaced; a search that could find nothing stands for ""."""
    made, searches = _searches(text)
    items = []
    for name, way, link_id in searches:
        item = known(link_id)
        items.append((name, link_id if item is not None and _finds(way, item) else ""))
    return Shortened(made, tuple(items))


def _finds(way: str, item: Item) -> bool:
    """Whether a way down from the response leads to where the item is."""
    if way == ".descendants()":
        return True
    above = list(item.ancestors())
    if not all(each.is_group for each in above):
        return False
    return way == ".repeat(item)" or way.count(".item") == len(above) + 1
