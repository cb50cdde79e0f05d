"""What an expression looks at, told from its text: the linkIds it names, or any answer at all."""

import re
from functools import lru_cache

_LINK_ID = re.compile(r"""linkId\s*[=~]\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")""")
# A linkId that only says which way to go on to another one.
_WAY = re.compile(
    r"linkId\s*[=~]\s*(?:'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")\s*\)"
    r"(?=(?:\s*\.\s*(?:answer|value|item|first\s*\(\s*\)|last\s*\(\s*\)))*"
    r"\s*\.\s*(?:item|descendants\s*\(\s*\)|repeat\s*\(\s*item\s*\))\s*\.\s*where\s*\(\s*linkId\s*[=~])"
)
# A step into the items that isn't followed by a linkId may look at any answer.
_ANY_ITEM = re.compile(
    r"(?:^|[\s(,+\-*/=|<>~])(?:(?:%resource|%context|%rootResource|QuestionnaireResponse|\$this)\s*\.\s*)?item\b"
    r"(?!\s*\.\s*where\s*\(\s*linkId\s*[=~]\s*['\"])"
    r"|(?:descendants\s*\(\s*\)|children\s*\(\s*\)|repeat\s*\(\s*[\w.|\s]*\))(?!\s*\.\s*where\s*\(\s*linkId\s*[=~]\s*['\"])"
    r"|where\s*\(\s*linkId\s*(?![=~\s])"
)
_WHOLE = re.compile(r"%(?:resource|rootResource)\b(?!\s*\.)|(?:^|[\s(,])QuestionnaireResponse\b(?!\s*\.)")


@lru_cache(maxsize=4096)
def looks_at(text: str) -> frozenset[str] | None:
    """The linkIds an expression names as what it looks at, not as a way to others; None where it may look at any."""
    if _ANY_ITEM.search(text) or _WHOLE.search(text):
        return None
    found = _LINK_ID.findall(_WAY.sub("", text))
    return frozenset((first or second).replace("\\'", "'") for first, second in found)


def names_link_id(text: str, link_id: str) -> bool:
    """Whether an expression looks at an item by its linkId."""
    return any((first or second).replace("\\'", "'") == link_id for first, second in _LINK_ID.findall(_WAY.sub("", text)))
