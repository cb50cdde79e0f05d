"""The professional copy: the note as a colleague reads it, about one person or the family and its babies."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from visitapp.reports import page, wording
from visitapp.reports.document import (
    Addendum,
    PlanItem,
    PrintedPerson,
    Section,
    SectionKind,
    Strengths,
    SubjectKind,
    VisitDocument,
)
from visitapp.reports.fonts import Style
from visitapp.reports.lines import line_bands
from visitapp.reports.page import Band, Shape, paragraph, stack
from visitapp.reports.selection import Selection
from visitapp.reports.setting import Setting

_REMARKS = {
    SectionKind.OBSERVATION: f"{wording.NOT_A_TEST} {wording.AWAITING_REVIEW}",
    SectionKind.CONCERNS: wording.AWAITING_REVIEW,
    SectionKind.SCREENING: wording.SCORE_IS_AN_AID,
}


def professional_bands(doc: VisitDocument, selection: Selection, subject: PrintedPerson | None, setting: Setting) -> list[Band]:
    """The bands of a professional copy in reading order."""
    bands = [*_opening(doc, selection, subject, setting)]
    bands += _people(doc, selection, setting)
    bands += _facts(doc, setting)
    bands += _strengths(doc, selection, setting)
    for section in selection.sections:
        bands += _section(doc, section, setting)
    bands += _plan(doc, selection.plan, setting)
    bands += _addenda(selection.addenda, setting)
    bands += _signatures(doc, setting)
    if selection.elsewhere:
        count = "1 part" if selection.elsewhere == 1 else f"{selection.elsewhere} parts"
        bands.append(setting.wide(wording.ELSEWHERE.format(count=count), setting.small, above=setting.gap * 3))
    return bands


def _opening(doc: VisitDocument, selection: Selection, subject: PrintedPerson | None, setting: Setting) -> Iterator[Band]:
    started_on = wording.local_day(doc.started_at)
    yield setting.wide(f"Visit on {wording.weekday(started_on)}", setting.title, "H1", above=0.0)
    relation = subject.relation[:1].lower() + subject.relation[1:] if subject else ""
    about = f"Copy about {subject.name}, {relation}" if subject else f"Copy about the {doc.family_name} family"
    yield setting.wide(about, replace(setting.muted, size=setting.body.size * 1.1), above=2.0, below=setting.gap * 2)
    if doc.strike:
        when = wording.moment(doc.strike.at)
        strong = replace(setting.strong, colour=page.DANGER)
        yield setting.card(
            ((f"Entered in error: {doc.strike.reason}", strong), (f"{doc.strike.author}, {when}", setting.small)),
            danger=True,
        )
        yield setting.space(setting.gap * 2)
    if selection.has_restricted:
        yield setting.card(((wording.RESTRICTED, setting.body),))
        yield setting.space(setting.gap)


def _people(doc: VisitDocument, selection: Selection, setting: Setting) -> Iterator[Band]:
    if not selection.people:
        return
    if setting.stacked:
        for person in selection.people:
            born = f"born {_born(person)}" if person.born_on else _born(person)
            number = f"NHS {_number(person)}" if person.nhs_number else ""
            rights = f"parental responsibility: {_rights(person)}" if _rights(person) else ""
            said = ", ".join(part for part in (_ages(person), born, number, rights) if part)
            yield setting.pair(f"{person.name}, {person.relation}", setting.text(said))
        return
    left, width = setting.frame.left, setting.frame.width
    places = ((0.0, 0.31), (0.33, 0.20), (0.54, 0.13), (0.68, 0.15), (0.84, 0.16))
    heads = ("Name", "Age", "Born", "NHS number", "Parental responsibility")
    small = replace(setting.small, size=setting.body.size * 0.82)
    yield Band(
        above=setting.gap * 1.5,
        columns=tuple(paragraph(head, small, left + width * x, width * w) for head, (x, w) in zip(heads, places, strict=True)),
        keep_with_next=True,
    )
    for person in selection.people:
        cells = (_born(person), _number(person), _rights(person))
        style = replace(setting.body, size=setting.body.size * 0.94)
        named = stack(
            (
                paragraph(person.name, replace(style, cut=Style.SEMIBOLD), left, width * 0.31),
                paragraph(person.relation, small, left, width * 0.31),
            )
        )
        aged = paragraph(person.age, style, left + width * 0.33, width * 0.20)
        if person.corrected_age:
            aged = stack((aged, paragraph(person.corrected_age, small, left + width * 0.33, width * 0.20)))
        columns = [paragraph(cell, style, left + width * x, width * w) for cell, (x, w) in zip(cells, places[2:], strict=True)]
        yield Band((named, aged, *columns), above=setting.gap * 1.3, rule=page.HAIRLINE, whole=True)


def _ages(person: PrintedPerson) -> str:
    return f"{person.age} ({person.corrected_age})" if person.corrected_age else person.age


def _born(person: PrintedPerson) -> str:
    if person.born_on:
        return wording.short_day(person.born_on)
    return f"due {wording.short_day(person.due_on)}" if person.due_on else ""


def _number(person: PrintedPerson) -> str:
    return wording.nhs_number(person.nhs_number)


def _rights(person: PrintedPerson) -> str:
    if person.holds_parental_responsibility is None:
        return "not recorded" if person.kind is SubjectKind.PARENT else ""
    return "yes" if person.holds_parental_responsibility else "no"


def _facts(doc: VisitDocument, setting: Setting) -> Iterator[Band]:
    when = f"{wording.weekday(wording.local_day(doc.started_at))}, {wording.clock(doc.started_at)}"
    if doc.ended_at:
        when += f" to {wording.clock(doc.ended_at)} ({wording.duration(doc.started_at, doc.ended_at)})"
    facts = (
        ("When", when),
        ("Where", doc.place),
        ("Outcome", doc.outcome),
        ("Present", ", ".join(doc.present)),
        ("Baby", doc.baby_seen),
        ("Phase", doc.phase),
        ("Nurse", ", ".join(part for part in (doc.nurse, doc.nurse_role) if part)),
    )
    yield setting.heading("The visit")
    for label, said in facts:
        if said:
            yield setting.pair(label, setting.text(said), above=setting.gap * 0.6)


def _strengths(doc: VisitDocument, selection: Selection, setting: Setting) -> Iterator[Band]:
    """Strengths come first in every output, ahead of the sections they were written in."""
    found = [(s, line) for s in selection.sections for line in s.lines if isinstance(line, Strengths) and line.items]
    if not found:
        return
    yield setting.heading("Strengths seen")
    for section, line in found:
        for at, item in enumerate(line.items):
            label = _about(doc, section) if at == 0 else ""
            style = replace(setting.body, size=setting.body.size * 1.05)
            text = setting.text(item, style, shape=Shape.DOT, indent=setting.body.size * 1.3)
            yield setting.pair(label, text, above=setting.gap if at == 0 else setting.gap * 0.5)


def _section(doc: VisitDocument, section: Section, setting: Setting) -> Iterator[Band]:
    lines = [line for line in section.lines if not isinstance(line, Strengths)]
    if not lines:
        return
    about = _about(doc, section)
    is_said = all(name in section.title for name in about.split(" with "))
    yield setting.heading(section.title, "" if is_said else about)
    if section.kind in _REMARKS:
        yield setting.wide(_REMARKS[section.kind], setting.small, keep_with_next=True)
    for line in lines:
        yield from line_bands(line, setting)


def _about(doc: VisitDocument, section: Section) -> str:
    person = doc.person(section.subject.person)
    caregiver = doc.person(section.caregiver)
    if person and caregiver:
        return f"{person.first_name} with {caregiver.first_name}"
    return person.first_name if person else "Family"


def _plan(doc: VisitDocument, plan: tuple[PlanItem, ...], setting: Setting) -> Iterator[Band]:
    if not plan and doc.next_visit is None:
        return
    yield setting.heading("Plan")
    for item in plan:
        when = f"by {wording.short_day(item.by_on)}" if item.by_on else ""
        agreed = "agreed with the family" if item.agreed else "not marked as agreed with the family"
        details = ", ".join(part for part in (item.who, when, agreed) if part)
        indent = setting.body.size * 1.3
        what = setting.text(item.what, shape=Shape.FULL if item.agreed else Shape.RING, indent=indent)
        yield setting.pair("", stack((what, setting.text(details, setting.small, indent=indent))))
    if doc.next_visit is not None:
        at = f", {wording.time_of_day(doc.next_visit.at)}" if doc.next_visit.at else ""
        yield setting.pair("Next visit", setting.text(f"{wording.weekday(doc.next_visit.on)}{at}", setting.strong))


def _addenda(addenda: Iterable[Addendum], setting: Setting) -> Iterator[Band]:
    written = sorted(addenda, key=lambda addendum: addendum.written_at)
    if not written:
        return
    yield setting.heading("Added after signing")
    for addendum in written:
        kind = "Correction" if addendum.is_correction else "Addendum"
        who = ", ".join(part for part in (addendum.author, addendum.role) if part)
        parts = [setting.text(f"{who}, {wording.moment(addendum.written_at)}", setting.small)]
        if addendum.about:
            parts.append(setting.text(addendum.about, setting.strong))
        if addendum.text:
            parts.append(setting.text(addendum.text, setting.running))
        yield setting.pair(kind, *parts, above=setting.gap * 1.4)
        if addendum.is_correction:
            yield setting.pair("   was", setting.text(addendum.old or wording.UNANSWERED, setting.muted))
            yield setting.pair("   now", setting.text(addendum.new or wording.UNANSWERED, setting.strong))
        if addendum.reason:
            yield setting.pair("   because", setting.text(addendum.reason))


def _signatures(doc: VisitDocument, setting: Setting) -> Iterator[Band]:
    yield setting.heading("Signed")
    if doc.signature is None:
        yield setting.pair("Author", setting.text(f"{doc.nurse}: not signed yet"))
        return
    columns = [setting.text(wording.signed(doc.signature), setting.strong)]
    if doc.signature.is_late:
        reason = f": {doc.signature.late_reason}" if doc.signature.late_reason else ""
        columns.append(setting.text(f"Late entry{reason}"))
    yield setting.pair("Author", *columns)
    if doc.countersignature is not None:
        yield setting.pair("Countersigned", setting.text(wording.signed(doc.countersignature), setting.strong))
    if doc.content_hash:
        yield setting.pair("Content", setting.text(doc.content_hash, setting.small))
    if doc.questionnaires:
        yield setting.pair("Forms used", setting.text(", ".join(map(wording.form_name, doc.questionnaires)), setting.small))
