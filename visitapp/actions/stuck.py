"""Changes that wait for a person: what each may still become, and the doing of it. Nothing is thrown away by any of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from visitapp.actions.addenda import addendum_body
from visitapp.actions.disagreements import note_decision
from visitapp.actions.session import Desk
from visitapp.domain.bodies import Body
from visitapp.domain.clock import iso
from visitapp.domain.differences import in_words
from visitapp.domain.ids import FamilyId, RecordId, VisitId
from visitapp.domain.problems import NoSuchVisit, NotAllowed
from visitapp.domain.visits import questionnaire_name
from visitapp.store.deciding import Stuck, put_aside, standing_body, stuck_unit, take_away_all_the_same, write_as_new
from visitapp.store.outbox import outbox_rows, send_again
from visitapp.store.people import family
from visitapp.store.reading import Reading
from visitapp.store.rows import OutboxRow
from visitapp.store.settlement import keep_mine, take_theirs
from visitapp.store.visits import visit as visit_row
from visitapp.store.writing import Writing

RECEIPT_LETTERS = 8
_LONGEST = 48_000


class Way(StrEnum):
    """What a person may do with a change that waits for her."""

    DECIDE = "decide"
    ADDENDUM = "addendum"
    ANEW = "anew"
    AGAIN = "again"
    MOVE = "move"
    STAY = "stay"
    SIGN = "sign"
    HAND_ON = "hand_on"
    ASIDE = "aside"


WAITS = frozenset({"conflict", "gone", "frozen", "denied", "parked", "held"})
"""States of a change that only a person moves on."""
_NEW_NAMES = frozenset({"addendum", "review", "error_mark", "measurement", "decision", "handed_on"})
_NOT_HANDED_ON = frozenset({"decision", "handed_on"})
Ways = tuple[Way, ...]
_IN_CONFLICT: Mapping[str, Ways] = {"move": (Way.MOVE, Way.STAY), "del": (Way.SIGN, Way.ASIDE)}


def ways_of(state: str, kind: str, act: str, code: str = "", *, restricted: bool = False, is_signed: bool = False) -> Ways:
    """Return what may be done with a change, the best first; never nothing.

    `restricted` says that something of it may be read by few, so that it is not handed to a supervisor. `is_signed` says that the
    visit whose draft this is stands here as signed.
    """
    on = () if restricted or kind in _NOT_HANDED_ON else (Way.HAND_ON,)
    if state == "conflict":
        return _IN_CONFLICT.get(act, (Way.DECIDE,))
    if state == "parked":
        return (Way.AGAIN, *on)
    if state == "held":
        return on or (Way.ASIDE,)
    return (*_instead(state, kind, act, code, on, is_signed=is_signed), Way.ASIDE)


def _instead(state: str, kind: str, act: str, code: str, on: Ways, *, is_signed: bool) -> Ways:
    """What else may become of a change that the server will never take as it is."""
    if kind == "draft" and act != "del":
        return (Way.ADDENDUM, Way.ANEW) if is_signed else (Way.ANEW,)
    if state == "denied" and code in ("kept", "server-only"):
        return ()
    if state == "frozen" and kind == "visit":
        return (Way.ADDENDUM,)
    return (Way.ANEW,) if state == "frozen" and kind in _NEW_NAMES else on


@dataclass(frozen=True)
class Waiting:
    """One change that waits for a person, with what may be done about it.

    `number` is the receipt number by which the service desk finds it.
    """

    op: str
    kind: str
    act: str
    about: str
    family: FamilyId
    family_name: str
    state: str
    code: str
    made_at: datetime
    number: str
    ways: Ways


def receipt_number(op: str) -> str:
    """Return the number of a receipt as people read it out: the end of the change's own id, in fours."""
    end = op.replace("-", "")[-RECEIPT_LETTERS:].upper()
    return f"{end[:4]} {end[4:]}"


def needs_attention(desk: Desk) -> tuple[Waiting, ...]:
    """Return every change that waits for a person, in the order in which they were made; what came along in a group is not told
    apart.
    """
    with desk.record.reading() as r:
        rows = outbox_rows(r)
        return tuple(_waiting(r, row, rows) for row in rows if row.state in WAITS and row.code != "group")


def _waiting(r: Reading, row: OutboxRow, rows: Sequence[OutboxRow]) -> Waiting:
    unit = [other for other in rows if other is row or (row.group and other.group == row.group)]
    known = next((found for other in unit if other.family and (found := family(r, other.family))), None)
    restricted = any(other.scope[:2] == "r:" for other in unit)
    is_signed = row.kind == "draft" and visit_row(r, row.id) is not None
    body = r.body(row.scope, row.id) or {}
    name = str(body.get("known_as") or body.get("given_name") or body.get("to") or "")
    return Waiting(
        op=row.op,
        kind=row.kind,
        act=row.act,
        about=name,
        family=FamilyId(known.id if known else row.family),
        family_name=known.name if known else "",
        state=row.state,
        code=row.code,
        made_at=row.made_at,
        number=receipt_number(row.op),
        ways=ways_of(row.state, row.kind, row.act, row.code, restricted=restricted, is_signed=is_signed),
    )


def act_on(desk: Desk, op: str, way: Way) -> None:
    """Do one of the ways that were offered. Raises NothingToDecide, NoSuchVisit, NotAllowed."""
    match way:
        case Way.AGAIN:
            with desk.record.writing() as w:
                send_again(w, op)
        case Way.ADDENDUM:
            file_as_addendum(desk, op)
        case Way.ANEW:
            keep_as_new(desk, op)
        case Way.HAND_ON:
            hand_on(desk, op)
        case Way.MOVE | Way.STAY | Way.SIGN | Way.ASIDE:
            _settle(desk, op, way)
        case _:
            raise NotAllowed(way.value)


def _settle(desk: Desk, op: str, way: Way) -> None:
    with desk.record.writing() as w:
        unit = stuck_unit(w, op)
        theirs = _standing_text(desk, w, unit, op) if way is Way.SIGN else ""
        if way is Way.MOVE:
            keep_mine(w, op)
        elif way is Way.STAY:
            take_theirs(w, op)
        elif way is Way.SIGN:
            take_away_all_the_same(w, op)
        else:
            put_aside(w, op)
        left = "mine" if way in (Way.MOVE, Way.SIGN) else "aside"
        _note(desk, w, unit, op, left, theirs=theirs)


def file_as_addendum(desk: Desk, op: str) -> RecordId:
    """Turn a note that came too late to be signed under its visit into an addendum to the one that is.

    A second signature's restricted parts become an addendum among the restricted ones. Raises NothingToDecide, NoSuchVisit.
    """
    with desk.record.writing() as w:
        unit = stuck_unit(w, op)
        one = next(item for item in unit if item.op == op)
        visit = VisitId(one.id)
        put_aside(w, op)
        row = visit_row(w, visit)
        if row is None:
            raise NoSuchVisit
        made = RecordId("")
        for scope in (f"f:{row.family}", f"r:{row.family}"):
            texts = (_text(desk, item, restricted=scope[0] == "r") for item in unit if _lies_in(item, scope))
            text = "\n\n".join(filter(None, texts))
            if text:
                lead = "Written on another laptop for the same visit:\n\n"
                body = addendum_body(desk, visit, {"kind": "addendum", "text": _cut(lead + text), "restricted": scope[0] == "r"})
                made = RecordId(desk.ids())
                w.put(scope, "addendum", made, body)
        w.audit("addendum_added", family=row.family, visit=visit)
        _note(desk, w, unit, op, "addendum", with_text=False)
        return made


def _lies_in(item: Stuck, scope: str) -> bool:
    return item.kind == "draft" or (item.kind == "part" and item.scope == scope)


def keep_as_new(desk: Desk, op: str) -> RecordId:
    """Keep a text that cannot land under its own id as a new record: a draft as a new draft. Raises NothingToDecide."""
    with desk.record.writing() as w:
        unit = stuck_unit(w, op)
        one = next(item for item in unit if item.op == op)
        id_ = RecordId(desk.ids())
        write_as_new(w, op, id_, {"visit": id_} if one.kind == "draft" else {})
        _note(desk, w, unit, op, "anew", with_text=False)
        return id_


def hand_on(desk: Desk, op: str) -> RecordId:
    """Give a text that cannot land to one's supervisors, who get it with the next sync; it then waits here no more.

    Raises NothingToDecide, NotAllowed (something of it is restricted).
    """
    with desk.record.writing() as w:
        unit = stuck_unit(w, op)
        one = next(item for item in unit if item.op == op)
        if any(item.scope[:2] == "r:" for item in unit):
            raise NotAllowed(desk.user.role.value)
        known = family(w, one.family)
        id_ = RecordId(desk.ids())
        body: Body = {
            "kind": one.kind, "family": one.family, "family_name": known.name if known else "", "record": one.id,
            "text": _cut("\n\n".join(filter(None, (_text(desk, item) for item in unit)))), "number": receipt_number(op),
            "written_at": iso(one.made_at), "author": desk.user.user, "author_name": desk.user.name, "at": iso(desk.clock.now()),
        }  # fmt: skip
        w.put(desk.drafts_scope, "handed_on", id_, body)
        put_aside(w, op)
        _note(desk, w, unit, op, "handed_on")
        return id_


def _note(desk: Desk, w: Writing, unit: Sequence[Stuck], op: str, word: str, *, theirs: str = "", with_text: bool = True) -> None:
    """Write the signed step; what is put aside stands in it word for word, so that it is read in the history."""
    one = next(item for item in unit if item.op == op)
    open_ones = [item for item in unit if item.scope[:2] != "r:"]
    text = _cut("\n\n".join(filter(None, (_text(desk, item) for item in open_ones)))) if with_text and word != "mine" else ""
    field: Body = {"path": "", "label": "", "chosen": "mine" if theirs else "theirs"}
    fields = [field | ({"theirs": theirs} if theirs else {"mine": text})] if text or theirs else []
    scope = desk.drafts_scope if one.kind == "draft" else one.scope
    told: Body = {
        "record": one.id, "kind": one.kind, "family": next((item.family for item in unit if item.family), ""), "about": "",
        "chosen": word, "fields": fields, "why": one.state, "mine_at": iso(one.made_at),
    }  # fmt: skip
    note_decision(desk, w, scope, told)


def _standing_text(desk: Desk, w: Writing, unit: Sequence[Stuck], op: str) -> str:
    """What the server has of a draft that was signed here: written on another laptop meanwhile."""
    one = next(item for item in unit if item.op == op)
    held = standing_body(w, one.scope, one.id)
    return _cut(_sheets_text(desk, held or {}))


def _text(desk: Desk, item: Stuck, *, restricted: bool = False) -> str:
    """One record as people read it; of a draft the restricted sheets or the others."""
    body = item.body
    if item.kind == "draft":
        return _sheets_text(desk, body, restricted=restricted)
    if item.kind == "part":
        return "\n".join([str(body.get("title") or ""), *_answers(desk, body)]).strip()
    if item.kind in ("visit", "begun", "decision"):
        return ""
    lines = (f"{key.replace('_', ' ')}: {in_words(value)}" for key, value in body.items() if key not in _UNTOLD)
    return "\n".join(lines)


_UNTOLD = frozenset(
    {
        "id", "family", "visit", "signature", "author", "rev", "nurse", "content_hash", "order", "colour", "twin_of", "device",
        "person", "part", "link_id", "visit_hash", "from_visit",
    }
)  # fmt: skip


def _sheets_text(desk: Desk, body: Body, *, restricted: bool = False) -> str:
    found = []
    for sheet in body.get("sheets") or ():
        lines = _answers(desk, sheet) if bool(sheet.get("restricted")) == restricted else []
        if lines:
            found.append("\n".join([_title(desk, sheet), *lines]))
    return "\n\n".join(found)


def _title(desk: Desk, sheet: Body) -> str:
    canonical = str(sheet.get("questionnaire") or "")
    found = desk.library.get(canonical) if "|" in canonical else None
    return (found.title if found else "") or questionnaire_name(canonical)


def _answers(desk: Desk, sheet: Body) -> list[str]:
    canonical = str(sheet.get("questionnaire") or "")
    told = desk.library.get(canonical) if "|" in canonical else None
    found = []

    def walk(items: Sequence[Body]) -> None:
        for entry in items:
            link = str(entry.get("linkId") or "")
            item = told.item(link) if told else None
            said = in_words(entry.get("answer") or [])
            if said:
                found.append(f"{(item.text if item else '') or link}: {said}")
            walk(entry.get("item") or ())

    walk(sheet.get("answers") or ())
    return found


def _cut(text: str) -> str:
    """A text as long as the service takes one; the whole of a longer one is kept on this laptop."""
    return text if len(text) <= _LONGEST else text[:_LONGEST] + " …"
