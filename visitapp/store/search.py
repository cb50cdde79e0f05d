"""Finding families by any part of a name and notes by their words; both sides folded alike."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from visitapp.store.folding import excerpt, fold, spaced, words
from visitapp.store.reading import Reading, at, milliseconds, readable, string
from visitapp.store.sql import text

_TEXT_KEYS = {
    "addendum": ("text", "new", "reason"),
    "review": ("text", "quote"),
    "plan_item": ("text",),
    "referral": ("reason", "to"),
}


@dataclass(frozen=True)
class FoundFamily:
    """A family whose names hold what was sought; `people` are all its names, for the line under it."""

    id: str
    name: str
    people: tuple[str, ...]
    state: str


@dataclass(frozen=True)
class FoundNote:
    """A note with every word sought, with an excerpt. Kinds: part, addendum, review, draft, plan_item, referral."""

    kind: str
    id: str
    family: str
    family_name: str
    visit: str
    at: datetime | None
    excerpt: str
    restricted: bool


@dataclass(frozen=True)
class Entry:
    """What the word index should hold of one record; no words means nothing."""

    scope: str
    kind: str
    id: str
    family: str
    visit: str
    restricted: bool
    words: str


def entry(scope: str, kind: str, id: str, body: Mapping[str, Any] | None) -> Entry:  # noqa: A002
    """What a record adds to the word index. A draft's restricted sheets are never part of it."""
    family = scope[2:] if scope[:2] in ("f:", "r:") else string(body or {}, "family")
    visit = string(body, "visit") if body else ""
    restricted = scope.startswith("r:") or bool(body and body.get("restricted") is True)
    return Entry(scope, kind, id, family, visit, restricted, spaced(note_text(kind, body)) if body else "")


def note_text(kind: str, body: Mapping[str, Any]) -> str:
    """The words that somebody wrote in a record, as one text."""
    if kind == "part":
        return "\n".join(_written(body.get("answers")))
    if kind == "draft":
        sheets = body.get("sheets")
        open_sheets = [s for s in sheets if isinstance(s, dict) and not s.get("restricted")] if isinstance(sheets, list) else []
        return "\n".join(line for sheet in open_sheets for line in _written(sheet.get("answers")))
    return "\n".join(string(body, key) for key in _TEXT_KEYS.get(kind, ()))


def _written(items: Any, depth: int = 0) -> Iterator[str]:
    if not isinstance(items, list) or depth > 16:
        return
    for item in items:
        if not isinstance(item, dict):
            continue
        for answer in item.get("answer") or ():
            if isinstance(answer, dict):
                if isinstance(answer.get("valueString"), str):
                    yield answer["valueString"]
                yield from _written(answer.get("item"), depth + 1)
        yield from _written(item.get("item"), depth + 1)


_KNOWN = text(
    "SELECT s.scope, s.id, s.doc FROM json_each(:keys) j CROSS JOIN searched s ON s.scope = j.value->>0 AND s.id = j.value->>1"
)
_NEXT = text("SELECT coalesce(max(doc), 0) FROM searched")
_HELD = text("SELECT scope FROM cursor WHERE scope LIKE 'r:%' AND role <> '' AND lost = 0")
# One statement for all: the driver gives the interpreter away for as long as it lasts, and the next page is made ready meanwhile.
_ADD_DOCS = text(
    "INSERT INTO searched (doc, scope, id, kind, family, visit, restricted) SELECT :first + j.key, j.value->>0, j.value->>1, "
    "j.value->>2, j.value->>3, j.value->>4, j.value->>5 FROM json_each(:docs) j"
)
_ADD_WORDS = text("INSERT INTO word (rowid, text) SELECT :first + j.key, j.value FROM json_each(:words) j")
_NEW_WORDS = text("INSERT OR REPLACE INTO word (rowid, text) VALUES (:doc, :words)")
_DROP_DOC = text("DELETE FROM searched WHERE doc = :doc")
_DROP_WORDS = text("DELETE FROM word WHERE rowid = :doc")
_MERGES_AT_ONCE = text("SELECT 1 WHERE coalesce((SELECT v FROM word_config WHERE k = 'automerge'), 4) <> 0")
_MERGE_LATER = text("INSERT INTO word (word, rank) VALUES ('automerge', 0)")
_MERGE = text("INSERT INTO word (word, rank) VALUES ('merge', :pages)")


def index(r: Reading, entries: Sequence[Entry]) -> None:
    """Bring the word index up to these records in a few statements.

    Restricted words go in only while the user holds the family's restricted scope; the last entry of a record counts.
    """
    latest = {(e.scope, e.id): e for e in entries if e.kind in _TEXT_KEYS or e.kind in ("part", "draft")}
    if not latest:
        return
    if any(e.restricted and e.words for e in latest.values()):
        held = {row.scope[2:] for row in r.connection.execute(_HELD)}
        latest = {key: e for key, e in latest.items() if not e.restricted or not e.words or e.family in held}
    if r.one(_MERGES_AT_ONCE):
        # Else every few saves one of them pays for putting old pieces of the index together, some twenty times its own price.
        r.connection.execute(_MERGE_LATER)
    keys = json.dumps(list(latest))
    known = {(row.scope, row.id): row.doc for row in r.connection.execute(_KNOWN, {"keys": keys})}
    free = int(r.connection.execute(_NEXT).scalar_one()) + 1
    fresh: list[Entry] = []
    again: list[dict[str, Any]] = []
    gone: list[dict[str, Any]] = []
    for key, e in latest.items():
        doc = known.get(key)
        if not e.words:
            if doc is not None:
                gone.append({"doc": doc})
        elif doc is not None:
            again.append({"doc": doc, "words": e.words})
        else:
            fresh.append(e)
    _add(r, free, fresh)
    for statements, rows in (((_NEW_WORDS,), again), ((_DROP_DOC, _DROP_WORDS), gone)):
        for statement in statements if rows else ():
            r.connection.exec_driver_sql(statement.text, rows)


def _add(r: Reading, first: int, entries: Sequence[Entry]) -> None:
    if entries:
        docs = json.dumps([(e.scope, e.id, e.kind, e.family, e.visit, int(e.restricted)) for e in entries])
        r.connection.execute(_ADD_DOCS, {"first": first, "docs": docs})
        r.connection.execute(_ADD_WORDS, {"first": first, "words": json.dumps([e.words for e in entries], ensure_ascii=False)})


def merge(r: Reading, pages: int) -> bool:
    """Put together some pieces of the word index, so that a search has few to look into; False when there is nothing to be done."""
    raw = r.connection.raw
    before = raw.total_changes
    r.connection.execute(_MERGE, {"pages": pages})
    return bool(raw.total_changes - before >= 2)


_FORGET = text("SELECT doc FROM searched WHERE scope = :scope")


def forget(r: Reading, scope: str) -> None:
    """Take every word of a scope out of the index, and the bytes they stood on with it."""
    docs = [{"doc": row.doc} for row in r.connection.execute(_FORGET, {"scope": scope})]
    if docs:
        r.connection.execute(_DROP_WORDS, docs)
        r.connection.execute(_DROP_DOC, docs)
        # Without text of its own the index only marks words as gone; merging all of it drops them.
        r.connection.execute(text("INSERT INTO word (word) VALUES ('optimize')"))


_SCAN = "SELECT n.family, f.name, f.state FROM name n JOIN family f ON f.id = n.family WHERE {} ORDER BY f.fold LIMIT :many"


def find_families(r: Reading, sought: str, many: int = 50) -> tuple[FoundFamily, ...]:
    """Families of which some name holds every part sought ("luk ahm"), accents and case aside, in order of name."""
    parts = words(sought)
    if not parts:
        return ()
    clauses = " AND ".join(f"instr(n.fold, :p{number}) > 0" for number in range(len(parts)))
    rows = r.all(text(_SCAN.format(clauses)), many=many, **{f"p{number}": part for number, part in enumerate(parts)})
    return tuple(FoundFamily(row.family, row.name, _people(r, row.family), row.state) for row in rows)


_PEOPLE = text("SELECT given_name, known_as, family_name FROM person WHERE family = :family ORDER BY ord, id")


def _people(r: Reading, family: str) -> tuple[str, ...]:
    rows = r.all(_PEOPLE, family=family)
    return tuple(" ".join(part for part in (row.known_as or row.given_name, row.family_name) if part) for row in rows)


_FIND = text(
    "SELECT s.scope, s.id, s.kind, s.family, s.visit, s.restricted, coalesce(f.name, '') AS family_name, "
    "v.started_ms "
    "FROM word w JOIN searched s ON s.doc = w.rowid LEFT JOIN family f ON f.id = s.family LEFT JOIN visit v ON "
    "v.id = s.visit "
    "WHERE w.text MATCH :query AND (:family = '' OR s.family = :family) ORDER BY w.rowid DESC LIMIT :many"
)


def search_notes(r: Reading, sought: str, family: str = "", many: int = 50) -> tuple[FoundNote, ...]:
    """Notes that hold every word sought (the last one may be the beginning of a word), newest first, each with an excerpt."""
    parts = words(sought)
    if not parts:
        return ()
    query = " ".join(f'"{part}"' for part in parts[:-1]) + f' "{parts[-1]}"*'
    found = []
    for row in r.all(_FIND, query=query.strip(), family=family, many=many):
        held = r.raw(row.scope, row.id)
        body = readable(held.body) if held and not held.deleted else None
        if body is None:
            continue
        when = at(row.started_ms) or at(milliseconds(body, "written_at") or milliseconds(body, "started_at"))
        cut = excerpt(note_text(row.kind, body), parts)
        found.append(FoundNote(row.kind, row.id, row.family, row.family_name, row.visit, when, cut, bool(row.restricted)))
    return tuple(found)


def matches(folded_name: str, sought: str) -> bool:
    """Whether a name folded before holds every part sought; the instant filter of a list uses it."""
    return all(part in folded_name for part in words(sought))


def folded(parts: Iterable[str]) -> str:
    """Names as `matches` wants them."""
    return fold(" ".join(parts))
