"""Records of which two versions exist: both are read place by place, one is chosen or made from both, and that is signed.

Nothing that was typed goes: what was not chosen stands in the decision, which is a record of its own in the family's history
(a draft's in its author's own scope), and the whole text is kept aside on this laptop.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from visitapp.actions.people import people
from visitapp.actions.session import Desk
from visitapp.domain.bodies import Body, changed, dump, load
from visitapp.domain.clock import iso
from visitapp.domain.differences import Chosen, Path, differences, in_words, settled, text_of
from visitapp.domain.ids import FamilyId, RecordId
from visitapp.domain.people import Person
from visitapp.domain.problems import QuestionnaireNotHere
from visitapp.domain.review import UserRole
from visitapp.domain.visits import questionnaire_name, sealed
from visitapp.protocol.messages import MAX_BODY
from visitapp.store.deciding import DecisionRow, decisions
from visitapp.store.directory import colleagues
from visitapp.store.outbox import disagreements as waiting
from visitapp.store.outbox import outbox_rows
from visitapp.store.overlaps import OverlapRow, overlaps
from visitapp.store.people import family
from visitapp.store.reading import Reading
from visitapp.store.rows import Disagreement
from visitapp.store.settlement import NothingToDecide, keep_mine, take_theirs, write_again
from visitapp.store.writing import Writing

OVERLAP = "overlap/"
"""What the name of a disagreement begins with in which the newest text counts already."""
_OWN_AFFAIRS = frozenset({"id", "family", "rev", "order", "twin_of", "author", "visit"})
"""What no person decides about."""
_LONGEST = 60 * 1024


@dataclass(frozen=True)
class Told:
    """One place at which two versions differ. `question` is empty where the place has a name of its own (the last of `path`)."""

    path: Path
    question: str
    sheet: str
    mine: str
    theirs: str
    is_written: bool
    is_list: bool


@dataclass(frozen=True)
class TwoVersions:
    """A change that the server did not take: what was written here, and what the server has (None: nothing any more).

    `theirs_by` is who wrote the server's version, "" where this laptop does not know the name.
    """

    op: str
    kind: str
    why: str
    code: str
    family: FamilyId
    family_name: str
    mine: Body
    theirs: Body | None
    theirs_at: datetime | None
    theirs_by: str = ""
    mine_at: datetime | None = None
    about: str = ""
    act: str = "put"
    record: str = ""
    scope: str = ""
    places: tuple[Told, ...] = ()
    mine_by: str = ""
    """Who wrote `mine`, where that was not this person on this laptop."""


def disagreements(desk: Desk) -> tuple[TwoVersions, ...]:
    """Return every change that waits for this person's decision, with both texts."""
    with desk.record.reading() as r:
        names = {row.user: row.name for row in colleagues(r)} | {desk.user.user: desk.user.name}
        made = {row.op: row for row in outbox_rows(r)}
        found = []
        for each in waiting(r):
            row = family(r, each.family)
            two = TwoVersions(
                op=each.op,
                kind=each.kind,
                why=each.outcome,
                code=each.code,
                family=FamilyId(each.family),
                family_name=row.name if row else "",
                mine=_read(each.mine),
                theirs=_read(each.theirs) if each.theirs else None,
                theirs_at=each.theirs_at,
                theirs_by=names.get(each.theirs_author, ""),
                mine_at=made[each.op].made_at if each.op in made else None,
                about=_about(r, each),
                act=made[each.op].act if each.op in made else "put",
                record=each.id,
                scope=each.scope,
            )
            found.append(replace(two, places=_places(desk, r, two)))
        found += [replace(two, places=_places(desk, r, two)) for two in (_of_overlap(r, row, names) for row in overlaps(r))]
    return tuple(found)


def _of_overlap(r: Reading, row: OverlapRow, names: Mapping[str, str]) -> TwoVersions:
    """Two texts of which the newest counts already: choosing the other changes the record like any edit."""
    known = family(r, row.family)
    body = r.body(f"f:{row.family}", row.record) or {}
    return TwoVersions(
        op=f"{OVERLAP}{row.id}",
        kind=row.kind,
        why="overlap",
        code="overlap",
        family=FamilyId(row.family),
        family_name=known.name if known else "",
        mine=row.now,
        theirs=row.was,
        theirs_at=row.was_at,
        theirs_by=names.get(row.was_by, ""),
        mine_at=row.at,
        about=_name_of(row.kind, body),
        record=row.record,
        scope=f"f:{row.family}",
        mine_by=row.now_by_name or names.get(row.now_by, ""),
    )


def disagreement(desk: Desk, op: str) -> TwoVersions:
    """Return one change that waits for a decision. Raises NothingToDecide."""
    found = next((two for two in disagreements(desk) if two.op == op), None)
    if found is None:
        raise NothingToDecide
    return found


def _read(raw: bytes) -> Body:
    with suppress(ValueError):
        return load(raw) if raw else {}
    return {}


def _about(r: Reading, each: Disagreement) -> str:
    """Whom or what a record is about, in a name: a person, a referral's recipient, the words of a plan item."""
    return _name_of(each.kind, _read(each.mine) or _read(each.theirs or b""))


def _name_of(kind: str, body: Body) -> str:
    if kind == "person":
        return str(body.get("known_as") or body.get("given_name") or "")
    return str(body.get("to") or body.get("text") or "")[:60] if kind in ("referral", "plan_item") else ""


def _places(desk: Desk, r: Reading, two: TwoVersions) -> tuple[Told, ...]:
    if two.theirs is None:
        return ()
    members = {str(person.id): person for person in people(r, two.family)}
    found = []
    for each in differences(two.mine, two.theirs):
        if each.path[0] in _OWN_AFFAIRS or each.path[-1].endswith(("_id", "updated_at", "started_at", "step", "nurse")):
            continue
        sheet, question = _asked(desk, two, each.path, members)
        if each.is_written:
            texts = (text_of(each.path, each.mine), text_of(each.path, each.theirs))
        else:
            texts = (in_words(each.mine), in_words(each.theirs))
        found.append(Told(each.path, question, sheet, *texts, each.is_written, each.is_list))
    return tuple(found)


def _asked(desk: Desk, two: TwoVersions, path: Path, members: Mapping[str, Person]) -> tuple[str, str]:
    """Which sheet of a draft a place lies in and which question it answers; both empty outside a draft."""
    if path[0] != "sheets" or len(path) < 2:
        return "", ""
    sides = [body.get("sheets") or () for body in (two.mine, two.theirs or {})]
    sheet: Body = next((sheet for side in sides for sheet in side if sheet.get("key") == path[1]), {})
    canonical = str(sheet.get("questionnaire") or "")
    title, question = questionnaire_name(canonical), ""
    with suppress(QuestionnaireNotHere):
        told = desk.questionnaire(canonical)
        title = told.title or title
        item = told.item(path[-1]) if len(path) > 3 else None
        question = (item.text or "") if item else ""
    person = members.get(str((sheet.get("subject") or {}).get("id")))
    return " · ".join(part for part in (title, person.short_name if person else "") if part), question


def decide(desk: Desk, op: str, chosen: Mapping[Path, Chosen]) -> RecordId:
    """Decide place by place between two versions; what was not chosen stands in the signed decision.

    A place that is not named is decided for the server's text. Raises NothingToDecide.
    """
    two = disagreement(desk, op)
    if op.startswith(OVERLAP):
        return _decide_overlap(desk, two, chosen)
    sides = {choice.side for choice in chosen.values()} | ({"theirs"} if len(chosen) < len(two.places) else set())
    # What nobody is asked about (the time of saving, the open step) goes with what was written here, unless all of it is put away.
    silent = {
        each.path: Chosen("mine")
        for each in differences(two.mine, two.theirs or {})
        if each.path not in {place.path for place in two.places}
    }
    body = settled(two.mine, two.theirs or {}, {**silent, **chosen})
    with desk.record.writing() as w:
        if two.theirs is not None and (sides == {"theirs"} or dump(body) == dump(two.theirs)):
            take_theirs(w, op)
            word = "theirs"
        else:
            write_again(w, op, body)
            word = "mine" if sides == {"mine"} else "combined"
        return _note_decision(desk, w, two, word, chosen)


def _decide_overlap(desk: Desk, two: TwoVersions, chosen: Mapping[Path, Chosen]) -> RecordId:
    """Keep the newest text of a field, or put the other one back; nothing else of the record changes."""
    desk.must_be(UserRole.NURSE)
    left_alone = {place.path: Chosen("mine") for place in two.places}
    fields = settled(two.mine, two.theirs or {}, {**left_alone, **chosen})
    with desk.record.writing() as w:
        standing = w.body(two.scope, two.record)
        if standing is None:
            raise NothingToDecide
        gone = {name: None for name in {**two.mine, **(two.theirs or {})} if name not in fields}
        if any(choice.side != "mine" for choice in chosen.values()):
            w.put(two.scope, two.kind, two.record, changed(standing, {**fields, **gone}))
        sides = {choice.side for choice in chosen.values()} or {"mine"}
        word = next(iter(sides)) if sides in ({"mine"}, {"theirs"}) else "combined"
        return _note_decision(desk, w, replace(two, record=two.op.removeprefix(OVERLAP)), word, {**left_alone, **chosen})


def decide_for_mine(desk: Desk, op: str) -> RecordId:
    """Send again what was written here, upon the server's version, which is kept aside. Raises NothingToDecide."""
    two = disagreement(desk, op)
    with desk.record.writing() as w:
        keep_mine(w, op)
        return _note_decision(desk, w, two, "mine", {place.path: Chosen("mine") for place in two.places})


def decide_for_theirs(desk: Desk, op: str) -> RecordId:
    """Take the server's version; what was written here is kept aside. Raises NothingToDecide."""
    two = disagreement(desk, op)
    with desk.record.writing() as w:
        take_theirs(w, op)
        return _note_decision(desk, w, two, "theirs", {})


def _note_decision(desk: Desk, w: Writing, two: TwoVersions, word: str, chosen: Mapping[Path, Chosen]) -> RecordId:
    fields = [_field(place, chosen.get(place.path, Chosen("theirs"))) for place in two.places]
    if not two.places and two.theirs is None and word != "mine":
        fields = [{"path": "", "label": "", "chosen": "theirs", "mine": _kept(in_words(two.mine))}]
    return note_decision(desk, w, two.scope, _decision(desk, two, word, fields))


def _field(place: Told, choice: Chosen) -> Body:
    """One place of a decision: the texts that were not chosen, word for word; what was chosen stands in the record itself."""
    found: Body = {
        "path": "/".join(place.path),
        "label": " · ".join(p for p in (place.sheet, place.question) if p),
        "chosen": choice.side,
    }
    if choice.side != "mine":
        found["mine"] = _kept(place.mine)
    if choice.side != "theirs":
        found["theirs"] = _kept(place.theirs)
    return found


def _kept(text: str) -> str:
    """A text as long as the service takes one; the rest of a longer one is kept on this laptop alone."""
    raw = text.encode("utf-8", "replace")
    return text if len(raw) <= _LONGEST else raw[:_LONGEST].decode("utf-8", "ignore") + " …"


def _decision(desk: Desk, two: TwoVersions, word: str, fields: list[Body]) -> Body:
    return {
        "record": two.record, "kind": two.kind, "family": two.family, "about": two.about, "chosen": word, "fields": fields,
        "why": two.why, "mine_at": iso(two.mine_at) if two.mine_at else "", "theirs_by_name": two.theirs_by,
        "theirs_at": iso(two.theirs_at) if two.theirs_at else "",
    }  # fmt: skip


def note_decision(desk: Desk, w: Writing, scope: str, told: Body) -> RecordId:
    """Write a signed decision beside the record it is about, or among one's own where that scope is not held any more."""
    id_ = RecordId(desk.ids())
    body: Body = {
        **told, "author": desk.user.user, "author_name": desk.user.name, "author_role": desk.user.job_title or desk.user.role.value,
        "device": desk.device, "at": iso(desk.clock.now()),
    }  # fmt: skip
    if len(dump(body)) > MAX_BODY - 1024:
        # Both texts are kept whole on this laptop; the decision says so instead of not being written at all.
        body["fields"] = [{key: field[key] for key in ("path", "label", "chosen")} for field in told.get("fields", ())]
    held = scope[:2] in ("f:", "r:") and w.body(f"f:{scope[2:]}", scope[2:]) is not None
    w.put(scope if held else desk.drafts_scope, "decision", id_, sealed(body, desk.sign))
    return id_


@dataclass(frozen=True)
class DecidedField:
    """One place that was decided: which text was chosen, and the texts that were not (None where it was chosen or was not kept)."""

    path: Path
    label: str
    chosen: str
    mine: str | None
    theirs: str | None


@dataclass(frozen=True)
class Decided:
    """One decision of the past, as its history shows it."""

    id: RecordId
    family: FamilyId
    family_name: str
    kind: str
    about: str
    chosen: str
    at: datetime
    by: str
    theirs_by: str
    theirs_at: str
    mine_at: str
    fields: tuple[DecidedField, ...]
    reason: str = ""


def decided(desk: Desk, family_id: str = "", many: int = 50) -> tuple[Decided, ...]:
    """Return decisions that were taken, newest first, with every text that was not chosen."""
    with desk.record.reading() as r:
        return tuple(decided_row(r, row) for row in decisions(r, family_id)[:many])


def decided_row(r: Reading, row: DecisionRow) -> Decided:
    """Return one decision shaped for a screen."""
    body = row.body
    known = family(r, row.family)

    def text(key: str) -> str:
        return str(body.get(key) or "")

    return Decided(
        id=RecordId(row.id),
        family=FamilyId(row.family),
        family_name=known.name if known else "",
        kind=text("kind"),
        about=text("about"),
        chosen=text("chosen"),
        at=row.at,
        by=text("author_name"),
        theirs_by=text("theirs_by_name"),
        theirs_at=text("theirs_at"),
        mine_at=text("mine_at"),
        fields=tuple(_decided_field(field) for field in body.get("fields") or () if isinstance(field, Mapping)),
        reason=text("reason"),
    )


def _decided_field(field: Mapping[str, Any]) -> DecidedField:
    mine, theirs = field.get("mine"), field.get("theirs")
    return DecidedField(
        tuple(str(field.get("path") or "").split("/")),
        str(field.get("label") or ""),
        str(field.get("chosen") or ""),
        None if mine is None else str(mine),
        None if theirs is None else str(theirs),
    )
