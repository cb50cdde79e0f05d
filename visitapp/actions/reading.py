"""Reading a signed visit: its parts as lines, what was added, what was said of it, and whether it is what was signed."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from visitapp.actions.people import family_scope, people, restricted_scope
from visitapp.actions.session import Desk
from visitapp.domain.bodies import Body, load, sha256
from visitapp.domain.ids import FamilyId, VisitId
from visitapp.domain.people import Person
from visitapp.domain.problems import NoSuchVisit, QuestionnaireNotHere, SignatureDoesNotVerify
from visitapp.domain.visits import NoteState, check_seal
from visitapp.forms.printing import PrintLine, left_behind, printable
from visitapp.store.reviews import addenda, error_mark, reviews
from visitapp.store.rows import AddendumRow, ErrorMarkRow, ReviewRow, VisitRow
from visitapp.store.visits import visit as visit_row


@dataclass(frozen=True)
class ReadPart:
    """One part of a signed visit, ready to be read."""

    id: str
    section: str
    title: str
    questionnaire: str
    subject: Person | None
    caregiver: Person | None
    restricted: bool
    held: bool
    lines: tuple[PrintLine, ...]
    body: Body

    @property
    def heading(self) -> str:
        """The part's title with whom it is about: "Baby's voice · Amina"."""
        names = [person.short_name for person in (self.caregiver, self.subject) if person]
        return " · ".join([self.title, " with ".join(names)]) if names else self.title


@dataclass(frozen=True)
class VisitReading:
    """A signed visit with everything that belongs to it."""

    visit: VisitId
    family: FamilyId
    family_name: str
    people: tuple[Person, ...]
    row: VisitRow
    body: Body
    record_hash: str
    state: NoteState
    parts: tuple[ReadPart, ...]
    added: tuple[AddendumRow, ...]
    said: tuple[ReviewRow, ...]
    struck: ErrorMarkRow | None
    genuine: bool
    language: str = "en"

    @property
    def flags(self) -> tuple[str, ...]:
        """What a supervisor must see first."""
        return tuple(self.body.get("flags") or ())

    def is_about_this_version(self, said: ReviewRow) -> bool:
        """Tell whether a step of the review was made on the version shown here."""
        return said.visit_hash in ("", self.record_hash)

    def person(self, id_: str) -> Person | None:
        """Return a person of the family, or None."""
        return next((person for person in self.people if person.id == id_), None)


def read_visit(desk: Desk, visit: VisitId, language: str = "en") -> VisitReading:
    """Return a signed visit to read, its questions in a language where they have it. Raises NoSuchVisit."""
    with desk.record.reading() as r:
        row = visit_row(r, visit)
        held = r.raw(family_scope(row.family), visit) if row else None
        if row is None or held is None:
            raise NoSuchVisit
        if row.received_at is not None or row.author != desk.user.user:
            desk.must_read()
        desk.must_write()
        body = load(held.body)
        members = people(r, row.family)
        raws = {
            part["id"]: raw.body
            for part in body["parts"]
            if (raw := r.raw(restricted_scope(row.family) if part["restricted"] else family_scope(row.family), part["id"]))
        }
        added, said, struck = addenda(r, visit), reviews(r, visit), error_mark(r, visit)
        family = r.body(family_scope(row.family), row.family) or {}
    by_id: dict[str, Person] = {person.id: person for person in members}
    digest = sha256(held.body)
    return VisitReading(
        visit=visit,
        family=FamilyId(row.family),
        family_name=str(family.get("name", "")),
        people=members,
        row=row,
        body=body,
        record_hash=digest,
        state=NoteState(row.state),
        parts=tuple(_read_part(desk, part, raws.get(part["id"]), by_id, language) for part in body["parts"]),
        added=added,
        said=said,
        struck=struck,
        genuine=_is_genuine(body, raws),
        language=language,
    )


def note_view(desk: Desk, visit: VisitId) -> None:
    """Write into the audit that this person opened this visit."""
    with desk.record.writing() as w:
        row = visit_row(w, visit)
        if row is not None:
            w.audit("visit_read", family=row.family, visit=visit)


def _is_genuine(body: Mapping[str, Any], raws: Mapping[str, bytes]) -> bool:
    try:
        check_seal(body, raws)
    except SignatureDoesNotVerify:
        return False
    return True


def _read_part(
    desk: Desk, told: Mapping[str, Any], raw: bytes | None, by_id: Mapping[str, Person], language: str
) -> ReadPart:
    body = load(raw) if raw else {}
    lines: Sequence[PrintLine] = ()
    title = ""
    if body:
        with suppress(QuestionnaireNotHere):
            questionnaire = desk.questionnaire(body["questionnaire"])
            title = questionnaire.title_in(language) if language != "en" else ""
            lines = printable(questionnaire, body.get("answers") or (), language)
    return ReadPart(
        id=told["id"],
        section=told["section"],
        title=title or str(body.get("title") or told.get("title") or ""),
        questionnaire=str(body.get("questionnaire") or ""),
        subject=by_id.get(told["subject"]["id"]),
        caregiver=by_id.get(str(body.get("caregiver") or "")),
        restricted=bool(told["restricted"]),
        held=raw is not None,
        lines=(*lines, *left_behind(body.get("left_behind") or ())),
        body=body,
    )
