"""From bodies to the columns that screens sort and filter by, one function per kind; a foreign or broken body never raises."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from visitapp.domain.bodies import sha256
from visitapp.protocol.rules import MOVABLE
from visitapp.store import search
from visitapp.store.changes import Changes
from visitapp.store.folding import fold
from visitapp.store.reading import Reading, milliseconds, number, readable, string, strings, texts
from visitapp.store.sql import Statement, text

Values = dict[str, Any]


@dataclass(frozen=True)
class Shown:
    """The newest version of one record on this laptop; `body` None for one that is gone."""

    scope: str
    kind: str
    id: str
    body: bytes | None


@dataclass
class Touched:
    """What a transaction has touched so far: what to announce, and what to work out again before it ends."""

    kinds: set[str] = field(default_factory=set)
    families: set[str] = field(default_factory=set)
    visits: set[str] = field(default_factory=set)
    drafts: set[str] = field(default_factory=set)
    sync: bool = False
    named: set[str] = field(default_factory=set)
    sought: list[search.Entry] = field(default_factory=list)

    def changes(self) -> Changes:
        """The announcement."""
        return Changes(frozenset(self.kinds), frozenset(self.families), frozenset(self.visits), frozenset(self.drafts), self.sync)


def family_of(scope: str) -> str:
    """The family that a scope belongs to, or ""."""
    return scope[2:] if scope[:2] in ("f:", "r:") else ""


def _flag(body: Mapping[str, Any], key: str) -> int:
    return int(body.get(key) is True)


def _family(scope: str, body: Mapping[str, Any], raw: bytes) -> Values:
    address = body.get("address")
    address = address if isinstance(address, dict) else {}
    interpreter = body.get("interpreter")
    interpreter = interpreter if isinstance(interpreter, dict) else {}
    languages = texts(body, "languages")
    alerts = body.get("alerts")
    return {
        "name": string(body, "name"),
        "fold": fold(string(body, "name")),
        "state": string(body, "state") or "active",
        "state_on": string(body, "state_on"),
        "enrolled_on": string(body, "enrolled_on"),
        "line": string(address, "line"),
        "town": string(address, "town"),
        "postcode": string(address, "postcode"),
        "phone": string(body, "phone"),
        "safe_contact": string(body, "safe_contact"),
        "nurse": string(body, "nurse"),
        "nurse_name": string(body, "nurse_name"),
        "programmes": json.dumps(texts(body, "programmes")),
        "alerts": json.dumps([alert for alert in alerts if isinstance(alert, dict)] if isinstance(alerts, list) else []),
        "interpreter": _flag(interpreter, "needed"),
        "gp": string(body, "gp"),
        "language": string(interpreter, "language") or (languages[0] if languages else ""),
    }


_PERSON_TEXTS = (
    "given_name",
    "family_name",
    "known_as",
    "pronouns",
    "born_on",
    "due_on",
    "died_on",
    "nhs_number",
    "sex",
    "phone",
    "language",
    "colour",
    "twin_of",
    "note",
)


def _person(scope: str, body: Mapping[str, Any], raw: bytes) -> Values:
    names = (string(body, key) for key in ("given_name", "known_as", "family_name"))
    return {
        "family": family_of(scope),
        "role": string(body, "role") or "other",
        "gestation_days": number(body, "gestation_days"),
        "parental_responsibility": _flag(body, "parental_responsibility"),
        "lives_here": int(body.get("lives_here") is not False),
        "ord": number(body, "order") or 0,
        "fold": fold(" ".join(name for name in names if name)),
        **strings(body, _PERSON_TEXTS),
    }


def _visit(scope: str, body: Mapping[str, Any], raw: bytes) -> Values:
    flags = texts(body, "flags")
    started = milliseconds(body, "started_at") or 0
    return {
        "family": family_of(scope),
        "state": "signed",
        "author": string(body, "author"),
        "author_name": string(body, "author_name"),
        "author_role": string(body, "author_role"),
        "started_ms": started,
        "ended_ms": milliseconds(body, "ended_at"),
        "signed_ms": milliseconds(body, "signed_at") or started,
        "outcome": string(body, "outcome"),
        "mode": string(body, "mode"),
        "late": _flag(body, "late"),
        "babies_seen": string(body, "babies_seen"),
        "baby_ids": json.dumps(texts(body, "baby_ids")),
        "phase": string(body, "phase"),
        "summary": string(body, "summary"),
        "flags": json.dumps(flags),
        "flagged": int(bool(flags)),
        "version": number(body, "version") or 1,
        "answered": 0,
        "h": sha256(raw),
        "received_ms": None,
    }


_PART_TEXTS = ("visit", "section", "questionnaire", "caregiver", "title")


def _part(scope: str, body: Mapping[str, Any], raw: bytes) -> Values:
    subject = body.get("subject")
    subject = subject if isinstance(subject, dict) else {}
    return {
        "scope": scope,
        "family": family_of(scope),
        **strings(body, _PART_TEXTS),
        "subject_kind": string(subject, "kind"),
        "subject": string(subject, "id"),
        "subject_role": string(subject, "role"),
        "restricted": int(scope.startswith("r:") or body.get("restricted") is True),
    }


def _addendum(scope: str, body: Mapping[str, Any], raw: bytes) -> Values:
    return {
        "scope": scope,
        "family": family_of(scope),
        "visit": string(body, "visit"),
        "author": string(body, "author"),
        "written_ms": milliseconds(body, "written_at") or 0,
        "replies_to": string(body, "replies_to"),
    }


def _error_mark(scope: str, body: Mapping[str, Any], raw: bytes) -> Values:
    return {"family": family_of(scope), "visit": string(body, "visit"), "at_ms": milliseconds(body, "at") or 0}


def _review(scope: str, body: Mapping[str, Any], raw: bytes) -> Values:
    return {
        "family": family_of(scope),
        "visit": string(body, "visit"),
        "action": string(body, "action"),
        "author": string(body, "author"),
        "at_ms": milliseconds(body, "at") or 0,
        "replies_to": string(body, "replies_to"),
    }


def _begun(scope: str, body: Mapping[str, Any], raw: bytes) -> Values:
    return {
        "family": family_of(scope),
        "visit": string(body, "visit"),
        "author": string(body, "author"),
        "author_name": string(body, "author_name"),
        "started_ms": milliseconds(body, "started_at") or 0,
        "closed": _flag(body, "closed"),
    }


def _draft(scope: str, body: Mapping[str, Any], raw: bytes) -> Values:
    started = milliseconds(body, "started_at") or 0
    return {
        "scope": scope,
        "family": string(body, "family"),
        "author": string(body, "author"),
        "started_ms": started,
        "updated_ms": milliseconds(body, "updated_at") or started,
        "step": string(body, "step"),
        "outcome": string(body, "outcome"),
        "mode": string(body, "mode"),
        "baby_ids": json.dumps(texts(body, "baby_ids")),
    }


def _referral(scope: str, body: Mapping[str, Any], raw: bytes) -> Values:
    return {
        "family": family_of(scope),
        "person": string(body, "person"),
        "recipient": string(body, "to"),
        "state": string(body, "state"),
        "state_on": string(body, "state_on"),
    }


def _measurement(scope: str, body: Mapping[str, Any], raw: bytes) -> Values:
    value = body.get("value")
    return {
        "family": family_of(scope),
        "person": string(body, "person"),
        "visit": string(body, "visit"),
        "code": string(body, "code"),
        "value": str(value) if isinstance(value, int | float | str) else "",
        "unit": string(body, "unit"),
        "taken_on": string(body, "taken_on"),
        "replaces": string(body, "replaces"),
    }


def _plan_item(scope: str, body: Mapping[str, Any], raw: bytes) -> Values:
    return {
        "family": family_of(scope),
        "what": string(body, "text"),
        "kind": string(body, "kind"),
        "who": string(body, "who"),
        "due_on": string(body, "due_on"),
        "done_on": string(body, "done_on"),
        "agreed": _flag(body, "agreed"),
        "from_visit": string(body, "from_visit"),
        "at": string(body, "at") or string(body, "due_at"),
    }


# Each into the table of the same name.
PROJECTORS: dict[str, Callable[[str, Mapping[str, Any], bytes], Values]] = {
    "family": _family,
    "person": _person,
    "visit": _visit,
    "part": _part,
    "addendum": _addendum,
    "error_mark": _error_mark,
    "review": _review,
    "begun": _begun,
    "draft": _draft,
    "referral": _referral,
    "measurement": _measurement,
    "plan_item": _plan_item,
}

_ABOUT_A_VISIT = frozenset({"part", "addendum", "error_mark", "review", "begun"})
_CHANGES_A_STATE = frozenset({"visit", "addendum", "error_mark", "review"})


_INSERTS: dict[str, str] = {}


def _insert(kind: str, values: Values) -> str:
    # A projector names every column of its table, whatever the body says.
    if kind not in _INSERTS:
        _INSERTS[kind] = f"INSERT OR REPLACE INTO {kind} ({', '.join(values)}) VALUES (:{', :'.join(values)})"  # noqa: S608
    return _INSERTS[kind]


def _delete(kind: str) -> Statement:
    # What may move is gone only from the family that it left: it may stand in its new one already.
    return text(f"DELETE FROM {kind} WHERE id = :gone{' AND family = :left' if kind in MOVABLE else ''}")  # noqa: S608


_DELETES = {kind: _delete(kind) for kind in PROJECTORS}


@dataclass(slots=True)
class Laid:
    """One record parsed and laid out in columns and words: all of showing it that needs no look at what is there already.

    `visit` and `family` are those that its content names. What was parsed is not kept: thousands of bodies at a time keep the
    interpreter looking for cycles in them.
    """

    shown: Shown
    visit: str
    family: str
    entry: search.Entry
    values: Values | None


def laid(item: Shown) -> Laid:
    """Parse a record and lay it out. Ids of a family are filed under the scope they travel in, whatever the body claims."""
    body = readable(item.body) if item.body is not None else None
    entry = search.entry(item.scope, item.kind, item.id, body)
    projector = PROJECTORS.get(item.kind)
    values = {"id": item.id, **projector(item.scope, body, item.body or b"")} if projector and body is not None else None
    return Laid(item, string(body or {}, "visit"), family_of(item.scope) or string(body or {}, "family"), entry, values)


def project(r: Reading, shown: Iterable[Shown | Laid], touched: Touched) -> None:
    """Bring columns up to these records, and work out states again where they depend on them; `finish_words` does the rest."""
    made: dict[str, list[Values]] = {}
    gone: dict[str, list[Values]] = {}
    judged: set[str] = set()
    for each in shown:
        ready = each if isinstance(each, Laid) else laid(each)
        item = ready.shown
        _note_touched(ready, touched)
        touched.sought.append(ready.entry)
        if ready.values is not None:
            made.setdefault(item.kind, []).append(ready.values)
        elif item.kind in PROJECTORS:
            left = {"left": family_of(item.scope)} if item.kind in MOVABLE else {}
            gone.setdefault(item.kind, []).append({"gone": item.id, **left})
        if item.kind in ("family", "person"):
            touched.named.add(family_of(item.scope))
        if item.kind in _CHANGES_A_STATE:
            judged.add(item.id if item.kind == "visit" else ready.visit)
    for kind, rows in gone.items():
        r.connection.execute(_DELETES[kind], rows)
    for kind, rows in made.items():
        r.connection.exec_driver_sql(_insert(kind, rows[0]), rows)
    if judged:
        refresh_states(r, judged)


def finish_words(r: Reading, touched: Touched) -> None:
    """Bring names and word index up to all that was projected in this transaction; done once, before it ends.

    The index comes last: nearly any other statement after it makes the engine write out the small piece gathered so far.
    """
    named, touched.named = touched.named, set()
    sought, touched.sought = touched.sought, []
    if named:
        refresh_names(r, named)
    search.index(r, sought)


def _note_touched(ready: Laid, touched: Touched) -> None:
    item = ready.shown
    touched.kinds.add(item.kind)
    if ready.family:
        touched.families.add(ready.family)
    if item.kind == "draft":
        touched.drafts.add(item.id)
    elif item.kind == "visit":
        touched.visits.add(item.id)
    elif item.kind in _ABOUT_A_VISIT and ready.visit:
        touched.visits.add(ready.visit)


_NAMES = text(
    "INSERT OR REPLACE INTO name (family, fold) SELECT f.id, f.fold || ' ' || "
    "coalesce((SELECT group_concat(p.fold, ' ') FROM person p WHERE p.family = f.id), '') "
    "FROM family f WHERE f.id IN (SELECT value FROM json_each(:ids))"
)


def refresh_names(r: Reading, families: Iterable[str]) -> None:
    """Work out again which names a family is found by."""
    r.connection.execute(_NAMES, {"ids": json.dumps(sorted(families))})


_STATES = text(
    """UPDATE visit SET received_ms = (SELECT r.received_ms FROM rec r WHERE r.scope = 'f:' || visit.family AND r.id = visit.id),
    answered = EXISTS ( SELECT 1 FROM addendum a WHERE a.visit = visit.id AND a.author = visit.author AND a.written_ms >= (SELECT
    max(w.at_ms) FROM review w WHERE w.visit = visit.id AND w.action = 'returned')), state = CASE WHEN EXISTS (SELECT 1 FROM
    error_mark m WHERE m.visit = visit.id) THEN 'in_error' ELSE coalesce( (SELECT w.action FROM review w WHERE w.visit = visit.id
    AND w.action IN ('seen', 'returned', 'countersigned') ORDER BY w.at_ms DESC, w.id DESC LIMIT 1), CASE WHEN EXISTS (SELECT 1
    FROM rec r WHERE r.scope = 'f:' || visit.family AND r.id = visit.id) THEN 'received' ELSE 'signed' END) END WHERE id IN
    (SELECT value FROM json_each(:ids))
    """
)


def refresh_states(r: Reading, visits: Iterable[str]) -> None:
    """Work out again how far these notes have come."""
    r.connection.execute(_STATES, {"ids": json.dumps(sorted(visits))})
