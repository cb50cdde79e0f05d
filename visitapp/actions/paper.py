"""Puts a signed visit into the words that are printed; what a copy may show of it is decided in `reports`."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from typing import Any

from visitapp.actions.reading import ReadPart, VisitReading
from visitapp.actions.session import Desk
from visitapp.actions.signing import plan_items
from visitapp.domain.bodies import Body
from visitapp.domain.clock import LONDON, moment
from visitapp.domain.people import FamilyState, Person, Role
from visitapp.domain.programme import age_text
from visitapp.domain.visits import EXTENSIONS, Outcome, first_answer, questionnaire_name
from visitapp.forms.items import Item
from visitapp.forms.printing import PrintLine, left_behind, printable
from visitapp.reports.document import (
    THE_FAMILY,
    Addendum,
    Answer,
    Concern,
    Heading,
    Line,
    Narrative,
    NextVisit,
    NoteState,
    PlanItem,
    PrintedPerson,
    Remark,
    Scale,
    ScaleItem,
    Score,
    ScoreAnswer,
    Section,
    SectionKind,
    Signature,
    Strengths,
    Strike,
    Subject,
    SubjectKind,
    VisitDocument,
    Voice,
)
from visitapp.store.rows import AddendumRow

SCREENINGS = frozenset({"whooley", "phq-2", "phq-9", "gad-2", "gad-7"})
HIGHEST = {"phq-2": 6, "phq-9": 27, "gad-2": 6, "gad-7": 21}
SECTION_KINDS = {kind.value: kind for kind in SectionKind}
TOLD_ABOVE = frozenset({"outcome", "mode", "present", "baby-seen", "started", "ended"})
"""Answers of the arrival sheet that stand in the block "The visit" already."""
FAMILY_COPY = EXTENSIONS + "family-copy"


@dataclass(frozen=True)
class _Words:
    """The printed words of codes that have no questionnaire at hand."""

    outcome: str
    place: str
    seen: str


def visit_document(desk: Desk, reading: VisitReading, *, as_corrected: bool = False) -> VisitDocument:
    """Return a signed visit as a document to print, all of it, with every part marked whom it is about.

    `as_corrected` puts corrected words in the place of the old ones: a family copy prints no corrections, so it must not
    repeat what was wrong.
    """
    if as_corrected:
        corrected = (_as_corrected(desk, part, reading.added, reading.language) for part in reading.parts)
        reading = replace(reading, parts=tuple(corrected))
    body = reading.body
    started = moment(body["started_at"])
    words = _words(reading)
    family_state = _family_state(desk, reading)
    return VisitDocument(
        family_name=reading.family_name,
        people=tuple(_printed(person, started.astimezone(LONDON).date()) for person in reading.people),
        nurse=body["author_name"],
        nurse_role=body["author_role"],
        started_at=started,
        ended_at=moment(body["ended_at"]) if body.get("ended_at") else None,
        outcome=words.outcome,
        took_place=body["outcome"] == Outcome.COMPLETED,
        place=words.place,
        present=_present(reading),
        baby_seen=words.seen,
        phase=str(body.get("phase") or "").capitalize(),
        sections=tuple(_section(part) for part in reading.parts if part.section != "plan"),
        plan=_plan(reading),
        next_visit=_next_visit(reading),
        addenda=tuple(_addendum(reading, added) for added in reading.added),
        strike=_strike(reading),
        state=NoteState(reading.state.value),
        version=int(body.get("version", 1)),
        signature=Signature(
            body["author_name"], body["author_role"], moment(body["signed_at"]), bool(body.get("late")),
            str(body.get("late_reason") or ""),
        ),
        countersignature=_countersignature(reading),
        content_hash=str(body.get("content_hash", "")),
        printed_by=desk.user.name,
        printed_at=desk.clock.now(),
        after_loss=family_state in (FamilyState.BABY_DIED, FamilyState.PREGNANCY_ENDED),
        is_practice=desk.practice,
        questionnaires=tuple(dict.fromkeys(part.questionnaire for part in reading.parts if part.questionnaire)),
    )  # fmt: skip


def _as_corrected(desk: Desk, part: ReadPart, added: Sequence[AddendumRow], language: str) -> ReadPart:
    corrections = {each.link_id: each.new for each in added if each.kind == "correction" and each.part == part.id}
    if not corrections or not part.held:
        return part
    answers = [_with_new_words(item, corrections) for item in part.body.get("answers") or ()]
    lines = (
        *printable(desk.questionnaire(part.questionnaire), answers, language),
        *left_behind(part.body.get("left_behind") or ()),
    )
    return replace(part, body={**part.body, "answers": answers}, lines=lines)


def _with_new_words(item: Mapping[str, Any], corrections: Mapping[str, str]) -> Body:
    """Return an item with corrected words where a text was answered; a choice that was corrected is left out."""
    told = {**item}
    if "item" in told:
        told["item"] = [_with_new_words(child, corrections) for child in told["item"]]
    if told.get("linkId") in corrections:
        words = corrections[told["linkId"]]
        told["answer"] = [{"valueString": words}] if any("valueString" in a for a in told.get("answer") or ()) else []
    return told


def _family_state(desk: Desk, reading: VisitReading) -> str:
    with desk.record.reading() as r:
        family = r.body(f"f:{reading.family}", reading.family) or {}
    return str(family.get("state") or "")


def _printed(person: Person, on: date) -> PrintedPerson:
    kind = SubjectKind.BABY if person.is_child else SubjectKind.PARENT
    age, _, corrected = age_text(person, on).partition(" (") if person.is_child else ("", "", "")
    return PrintedPerson(
        id=person.id,
        kind=kind,
        name=person.full_name,
        first_name=person.short_name,
        relation=_relation(person),
        age=age,
        corrected_age=corrected.rstrip(")"),
        born_on=person.born_on,
        due_on=person.due_on if person.role is Role.UNBORN else None,
        nhs_number=person.nhs_number,
        lives_here=person.lives_here,
        holds_parental_responsibility=person.parental_responsibility if person.is_parent else None,
    )


def _relation(person: Person) -> str:
    return {Role.UNBORN: "Unborn baby"}.get(person.role, person.role.value.capitalize())


def _part(reading: VisitReading, section: str) -> ReadPart | None:
    return next((part for part in reading.parts if part.section == section and part.held), None)


def _questions(part: ReadPart) -> list[tuple[PrintLine, Item]]:
    """Return the answered questions of a part."""
    return [(line, line.item) for line in part.lines if line.item and line.kind == "question" and not line.unanswered]


def _value(part: ReadPart | None, link_id: str) -> str:
    found = _questions(part) if part else []
    return next((line.value_text for line, item in found if item.link_id == link_id), "")


def _words(reading: VisitReading) -> _Words:
    arrival = _part(reading, "arrival")
    return _Words(
        outcome=_value(arrival, "outcome") or str(reading.body["outcome"]).replace("-", " ").capitalize(),
        place=_value(arrival, "mode") or str(reading.body.get("mode") or "").replace("-", " ").capitalize(),
        seen=_value(arrival, "baby-seen"),
    )


def _present(reading: VisitReading) -> tuple[str, ...]:
    said = _value(_part(reading, "arrival"), "present")
    return tuple(name.strip() for name in said.splitlines() if name.strip())


def _subject(part: ReadPart) -> Subject:
    if part.subject is None:
        return THE_FAMILY
    return Subject(SubjectKind.BABY if part.subject.is_child else SubjectKind.PARENT, part.subject.id)


def _section(part: ReadPart) -> Section:
    name = questionnaire_name(part.questionnaire)
    build: Callable[[ReadPart], Sequence[Line]] = _plain_lines
    kind = SECTION_KINDS.get(part.section, SectionKind.OTHER)
    if name.startswith("observation-"):
        build = _observation_lines
    elif name == "voice-of-infant":
        build = _voice_lines
    elif name in SCREENINGS:
        build, kind = _score_lines, SectionKind.SCREENING
    elif name == "concern-markers":
        build = _concern_lines
    return Section(
        kind=kind,
        title=part.heading,
        lines=tuple(build(part)) if part.held and not part.restricted else (),
        subject=_subject(part),
        caregiver=part.caregiver.id if part.caregiver else "",
        restricted=part.restricted,
        family_copy=any(_for_family(item) for _, item in _questions(part)),
    )


def _plain_lines(part: ReadPart) -> list[Line]:
    """Return answered questions as they were asked; long texts as running words; unanswered ones stay off the page."""
    found: list[Line] = []
    for line in part.lines:
        if line.kind == "heading":
            found.append(Heading(line.text))
        elif line.kind == "question" and line.item is None:
            found.append(Answer(line.text, line.value_text))
        elif line.kind != "question" or line.unanswered or line.item is None or line.item.link_id in TOLD_ABOVE:
            continue
        elif line.item.type == "text":
            found.append(Narrative(line.value_text, line.text, _for_family(line.item)))
        else:
            found.append(Answer(line.text, _spoken(line, line.item), False, _for_family(line.item)))
    return [*_without_empty_headings(found), *_not_answered(part)]


def _not_answered(part: ReadPart) -> list[Line]:
    """Return in one line what was asked on a checklist and left open; of the visit's own pages nobody answers every line."""
    if questionnaire_name(part.questionnaire).startswith("visit-"):
        return []
    left = [line.text for line in part.lines if line.item and line.kind == "question" and line.unanswered]
    return [Answer("Not answered", "; ".join(left))] if left else []


def _without_empty_headings(lines: Sequence[Line]) -> list[Line]:
    kept = []
    for here, following in zip(lines, [*lines[1:], None], strict=True):
        if isinstance(here, Heading) and (following is None or isinstance(following, Heading)):
            continue
        kept.append(here)
    return kept


def _spoken(line: PrintLine, item: Item) -> str:
    """Return an answer as a person would say it: yes and no for a tick."""
    if item.type == "boolean":
        return {"true": "Yes", "false": "No"}.get(line.value_text, line.value_text)
    return line.value_text


def _for_family(item: Item) -> bool:
    return item.extension(FAMILY_COPY) is True


def _observation_lines(part: ReadPart) -> list[Line]:
    answers = part.body.get("answers") or ()
    strengths = [str(first_answer(answers, key, "")).strip() for key in ("strength-1", "strength-2")]
    found: list[Line] = [Strengths(tuple(words for words in strengths if words))] if any(strengths) else []
    context: list[Line] = []
    items: list[Line] = []
    for line, item in _questions(part):
        link_id = item.link_id
        code = first_answer(answers, link_id)
        if link_id.startswith("ctx-"):
            context.append(Answer(line.text, line.value_text))
        elif code in {scale.value for scale in Scale}:
            evidence = str(first_answer(answers, f"{link_id}-evidence", ""))
            items.append(ScaleItem(link_id, item.text, Scale(code), evidence))
    return [*found, *context, *items]


def _voice_lines(part: ReadPart) -> list[Line]:
    answers = part.body.get("answers") or ()
    voice = str(first_answer(answers, "voice", "")).strip()
    spoken = {"voice", "voice-because", "voice-change"}
    found: list[Line] = []
    if voice:
        because = str(first_answer(answers, "voice-because", ""))
        found.append(Voice(voice, because, str(first_answer(answers, "voice-change", ""))))
    found += [
        Answer(line.text, line.value_text)
        for line, item in _questions(part)
        if item.link_id not in spoken
    ]
    return found


def _score_lines(part: ReadPart) -> list[Line]:
    name = questionnaire_name(part.questionnaire)
    answers = [
        ScoreAnswer(line.text, line.value_text, _points(part, item.link_id)) for line, item in _questions(part)
    ]
    score = part.body.get("score")
    if not score or name not in HIGHEST:
        return [Answer(answer.question, answer.answer) for answer in answers]
    value = score.get("value")
    return [
        Score(
            name=part.title, value=int(value) if value is not None else None, highest=HIGHEST[name],
            answered=int(score.get("answered", len(answers))), asked=int(score.get("of", len(answers))),
            band=str(score.get("band") or ""), answers=tuple(answers),
        )
    ]  # fmt: skip


def _points(part: ReadPart, link_id: str) -> int | None:
    code = first_answer(part.body.get("answers") or (), link_id)
    return int(code) if isinstance(code, str) and code.isdecimal() else None


def _concern_lines(part: ReadPart) -> list[Line]:
    answers = part.body.get("answers") or ()
    found: list[Line] = []
    for line, item in _questions(part):
        code = item.link_id
        seen = first_answer(answers, code)
        if "-" in code or seen in (None, "none"):
            continue
        details = {key: _value(part, f"{code}-{key}") for key in ("words", "level", "action", "told", "outcome")}
        found.append(Concern(code=code, text=item.text, seen=line.value_text, **details))
    return found or [Remark("No concern marked.")]


def _plan(reading: VisitReading) -> tuple[PlanItem, ...]:
    part = _part(reading, "plan")
    if part is None:
        return ()
    return tuple(
        PlanItem(
            what=str(item["text"]),
            who=str(item.get("who") or ""),
            by_on=date.fromisoformat(item["due_on"]) if item.get("due_on") else None,
            agreed=bool(item.get("agreed")),
        )
        for item in plan_items(reading.visit, part.body.get("answers") or ())
        if item["kind"] != "next_visit"
    )


def _next_visit(reading: VisitReading) -> NextVisit | None:
    part = _part(reading, "plan")
    answers = part.body.get("answers") or () if part else ()
    on = first_answer(answers, "next-on")
    if not on:
        return None
    at = first_answer(answers, "next-at")
    return NextVisit(date.fromisoformat(on), time.fromisoformat(at) if at else None)


def _addendum(reading: VisitReading, added: AddendumRow) -> Addendum:
    part = next((part for part in reading.parts if part.id == added.part), None)
    about = next((line.text for line, item in _questions(part) if item.link_id == added.link_id), "") if part else ""
    return Addendum(
        author=added.author_name, role=added.author_role, written_at=added.written_at,
        text="" if added.kind == "correction" else added.text, is_correction=added.kind == "correction",
        about=about or (part.title if part else ""), old=added.old, new=added.new, reason=added.reason,
        subject=_subject(part) if part else THE_FAMILY, restricted=bool(part and part.restricted),
    )  # fmt: skip


def _strike(reading: VisitReading) -> Strike | None:
    struck = reading.struck
    return Strike(struck.reason, struck.author_name, struck.at) if struck else None


def _countersignature(reading: VisitReading) -> Signature | None:
    signed = next((said for said in reversed(reading.said) if said.action == "countersigned"), None)
    return Signature(signed.author_name, signed.author_role, signed.at) if signed else None


def left_out(document: VisitDocument) -> tuple[str, ...]:
    """Return the titles of what a family copy leaves out, for the screen (never the paper) to list."""
    never = {SectionKind.CONCERNS, SectionKind.SCREENING, SectionKind.PARENTS, SectionKind.RISKS}
    return tuple(
        section.title
        for section in document.sections
        if section.lines and (section.restricted or section.kind in never or section.subject.kind is SubjectKind.PARENT)
    )


def file_stem(copy: str, at: datetime) -> str:
    """Return a file name without any identity: "visit-family-copy-2026-11-22"."""
    return f"visit-{copy}-copy-{at.astimezone(LONDON):%Y-%m-%d}"


