"""Two versions of one record: where they differ, which words differ, and the text made from both. Pure; every kind of body."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Literal

from visitapp.domain.bodies import Body

Path = tuple[str, ...]
Side = Literal["mine", "theirs", "both", "text"]

_KEYED = {"sheets": "key"}
"""Lists of which each entry has a name of its own."""
_WRITTEN = frozenset(
    {
        "name", "given_name", "family_name", "known_as", "pronouns", "note", "safe_contact", "gp", "line", "town",
        "text", "reason", "summary", "who", "to", "evidence",
    }
)  # fmt: skip
"""Fields in which people write freely, so that a text may be made from both; a date or a number is one or the other."""
_LONG = 4_000


@dataclass(frozen=True)
class Difference:
    """One place at which two versions say different things; None where a version has nothing there."""

    path: Path
    mine: Any
    theirs: Any

    @property
    def is_written(self) -> bool:
        """Whether both are free text, so that one may be written from both."""
        sides = [side for side in (self.mine, self.theirs) if side is not None]
        return bool(sides) and all(_written(self.path, side) is not None for side in sides)

    @property
    def is_list(self) -> bool:
        """Whether both are lists, so that one may hold the entries of both."""
        return isinstance(self.mine, list) and isinstance(self.theirs, list) and "answers" not in self.path


@dataclass(frozen=True)
class Chosen:
    """What was decided about one difference; `text` is what was written where the side is "text"."""

    side: Side
    text: str = ""


def differences(mine: Mapping[str, Any], theirs: Mapping[str, Any]) -> tuple[Difference, ...]:
    """Return every place at which two versions of a record differ, in the order of the record; answers question by question."""
    return tuple(_walk((), _unfolded(mine), _unfolded(theirs)))


def _walk(path: Path, mine: Mapping[str, Any], theirs: Mapping[str, Any]) -> Iterator[Difference]:
    for key in dict.fromkeys([*mine, *theirs]):
        left, right = mine.get(key), theirs.get(key)
        if left == right:
            continue
        if isinstance(left, Mapping) and isinstance(right, Mapping) and type(left) is type(right):
            yield from _walk((*path, key), left, right)
        else:
            yield Difference((*path, key), left, right)


def settled(mine: Mapping[str, Any], theirs: Mapping[str, Any], chosen: Mapping[Path, Chosen]) -> Body:
    """Return the record as decided: what both say alike, and at each difference what was chosen; theirs where nothing was.

    Lists taken from both hold theirs first, then what only mine has.
    """
    found: dict[str, Any] = _unfolded(theirs)
    for each in differences(mine, theirs):
        choice = chosen.get(each.path, Chosen("theirs"))
        if choice.side != "theirs":
            _set(found, each.path, _value(each, choice))
    return _folded(found)


def _value(each: Difference, choice: Chosen) -> Any:
    match choice.side:
        case "text" if each.is_written:
            return _with_text(each, choice.text)
        case "both" if each.is_list:
            return [*each.theirs, *(entry for entry in each.mine if entry not in each.theirs)]
        case "both" if each.is_written:
            return _with_text(each, both_texts(text_of(each.path, each.mine), text_of(each.path, each.theirs)))
        case "theirs":
            return each.theirs
        case _:
            return each.mine


def _set(tree: dict[str, Any], path: Path, value: Any) -> None:
    for key in path[:-1]:
        tree = tree.setdefault(key, {})
    if value is None:
        tree.pop(path[-1], None)
    else:
        tree[path[-1]] = value


# A body with its lists of named things as mappings: sheets by their key, answers by their question.


class _Named(dict[str, Any]):
    """Sheets by their key."""


class _Asked(dict[str, Any]):
    """Answers by their question."""


def _unfolded(body: Mapping[str, Any]) -> dict[str, Any]:
    return {key: _open(key, value) for key, value in body.items()}


def _open(key: str, value: Any) -> Any:
    if isinstance(value, Mapping):
        return _unfolded(value)
    if not isinstance(value, list | tuple) or not all(isinstance(entry, Mapping) for entry in value):
        return list(value) if isinstance(value, tuple) else value
    names = [str(entry.get(_KEYED[key], "")) for entry in value] if key in _KEYED else []
    if names and len(set(names)) == len(names) and all(names):
        return _Named({name: _unfolded(entry) for name, entry in zip(names, value, strict=True)})
    if key in ("answers", "item") and value and all("linkId" in entry for entry in value):
        return _by_question(value)
    return list(value)


def _by_question(items: Sequence[Mapping[str, Any]]) -> _Asked:
    found: dict[str, list[Mapping[str, Any]]] = {}
    for item in items:
        found.setdefault(str(item["linkId"]), []).append(item)
    return _Asked({name: _unfolded(these[0]) if _is_lone_group(these) else these for name, these in found.items()})


def _is_lone_group(items: Sequence[Mapping[str, Any]]) -> bool:
    return len(items) == 1 and bool(items[0].get("item")) and not items[0].get("answer")


def _folded(tree: Mapping[str, Any]) -> Body:
    return {key: _closed(value) for key, value in tree.items()}


def _closed(value: Any) -> Any:
    match value:
        case _Named():
            return [_folded(entry) for entry in value.values()]
        case _Asked():
            return [item for these in value.values() for item in (these if isinstance(these, list) else [_folded(these)])]
        case Mapping():
            return _folded(value)
        case _:
            return value


# Texts


def text_of(path: Path, value: Any) -> str:
    """Return the free text at a place, "" where there is none."""
    return _written(path, value) or ""


def _written(path: Path, value: Any) -> str | None:
    if isinstance(value, str):
        return value if path[-1] in _WRITTEN else None
    if isinstance(value, list) and len(value) == 1 and isinstance(value[0], Mapping):
        answers: list[Any] = value[0].get("answer") or []
        if len(answers) == 1 and isinstance(answers[0].get("valueString"), str) and not answers[0].get("item"):
            return str(answers[0]["valueString"])
    return None


def _with_text(each: Difference, text: str) -> Any:
    like = each.theirs if each.theirs is not None else each.mine
    if isinstance(like, str):
        return text
    return [{**like[0], "answer": [{"valueString": text}]}] if text.strip() else None


_SENTENCES = re.compile(r".+?(?:[.!?]+(?=\s|\Z)|\n|\Z)\s*", re.DOTALL)


def both_texts(mine: str, theirs: str) -> str:
    """Return one text with every sentence of both: what they share once, and where they differ theirs, then mine.

    Whole sentences, so that no sentence says what nobody wrote.
    """
    if not mine.strip() or mine.strip() in theirs:
        return theirs
    if not theirs.strip() or theirs.strip() in mine:
        return mine
    left, right = (_SENTENCES.findall(text) for text in (theirs, mine))
    found: list[str] = []
    for tag, start, end, other, last in SequenceMatcher(None, _plain(left), _plain(right), autojunk=False).get_opcodes():
        found += left[start:end]
        found += right[other:last] if tag != "equal" else []
    return "".join(part if part[-1:].isspace() else part + " " for part in found).strip()


@dataclass(frozen=True)
class Piece:
    """Some words of a text; `differs` if the other version does not have them."""

    text: str
    differs: bool


def marked(mine: str, theirs: str) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
    """Return both texts in pieces, the words that only one of them has marked. Joined, the pieces are the text."""
    pattern = r"\S+\s*|\s+" if len(mine) + len(theirs) < 2 * _LONG * 6 else r"[^\n]*\n?"
    left, right = (re.findall(pattern, text) for text in (mine, theirs))
    here: list[Piece] = []
    there: list[Piece] = []
    for tag, a, b, c, d in SequenceMatcher(None, _plain(left), _plain(right), autojunk=len(left) > _LONG).get_opcodes():
        here += [Piece("".join(left[a:b]), tag != "equal")] if a < b else []
        there += [Piece("".join(right[c:d]), tag != "equal")] if c < d else []
    return tuple(here), tuple(there)


def _plain(parts: Sequence[str]) -> list[str]:
    return [part.strip() for part in parts]


def in_words(value: Any, shown: Callable[[str], str] = str) -> str:
    """Return any value of a record as text: lists with semicolons, answers by what was answered; `shown` words a single text."""
    if value is None:
        return ""
    if isinstance(value, Mapping):
        return _mapping_in_words(value, shown)
    if isinstance(value, list | tuple):
        return "; ".join(part for part in (in_words(each, shown) for each in value) if part)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return shown(str(value))


_SILENT = frozenset({"linkId", "system", "code", "version", "unit", "definition", "text"})


def _mapping_in_words(value: Mapping[str, Any], shown: Callable[[str], str]) -> str:
    if "display" in value or ("code" in value and "value" not in value and "text" not in value):
        return shown(str(value.get("display") or value.get("code")))
    if "value" in value and ("unit" in value or "code" in value):
        return f"{value['value']} {value.get('unit') or value.get('code')}".strip()
    silent = _SILENT if "linkId" in value else frozenset({"code"} if "text" in value else ())
    return ", ".join(part for part in (in_words(inner, shown) for key, inner in value.items() if key not in silent) if part)
