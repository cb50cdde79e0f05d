"""What a copy may show: the one place that decides, before anything is set on a page."""

from dataclasses import dataclass, replace

from visitapp.reports.document import (
    Addendum,
    Answer,
    CopyType,
    Line,
    Narrative,
    PlanItem,
    PrintedPerson,
    Section,
    SectionKind,
    Strengths,
    Subject,
    SubjectKind,
    VisitDocument,
    Voice,
)

_NEVER_FOR_THE_FAMILY = frozenset({SectionKind.CONCERNS, SectionKind.SCREENING, SectionKind.PARENTS, SectionKind.RISKS})


class UnknownSubjectError(ValueError):
    """A copy was asked for about somebody who is not in the document."""


@dataclass(frozen=True, slots=True)
class Selection:
    """The part of a document that one copy shows; on a family copy people have first names and ages, and nothing else.

    `has_restricted` says that a restricted part about this subject exists; `elsewhere` counts the parts that belong in
    other people's copies.
    """

    people: tuple[PrintedPerson, ...]
    sections: tuple[Section, ...]
    plan: tuple[PlanItem, ...]
    addenda: tuple[Addendum, ...]
    has_restricted: bool
    elsewhere: int


def select(doc: VisitDocument, copy: CopyType, subject: str | None) -> Selection:
    """What `copy` shows of `doc`.

    A professional copy about a person holds the family's parts and that person's own, a parent's also the observations
    made with that parent; without a subject it holds the family's parts and the babies'. Restricted parts are in none.
    Raises UnknownSubjectError.
    """
    if subject is not None and doc.person(subject) is None:
        raise UnknownSubjectError("no such person in this document")
    if copy is CopyType.FAMILY:
        return _for_the_family(doc)
    own = [s for s in doc.sections if _belongs(s.subject, subject) or (subject and s.caregiver == subject)]
    addenda = [a for a in doc.addenda if _belongs(a.subject, subject)]
    plan = [p for p in doc.plan if _belongs(p.subject, subject) and _says_something(p)]
    hidden = any(s.restricted for s in own) or any(a.restricted for a in addenda) or any(p.restricted for p in plan)
    return Selection(
        people=doc.people,
        sections=tuple(s for s in own if not s.restricted and s.lines),
        plan=tuple(p for p in plan if not p.restricted),
        addenda=tuple(a for a in addenda if not a.restricted),
        has_restricted=hidden,
        elsewhere=sum(1 for s in doc.sections if s not in own and s.lines and not s.restricted),
    )


def _belongs(about: Subject, subject: str | None) -> bool:
    if about.kind is SubjectKind.FAMILY:
        return True
    if subject is None:
        return about.kind is SubjectKind.BABY
    return about.person == subject


def _for_the_family(doc: VisitDocument) -> Selection:
    """Strengths, the baby's voice, lines marked for the family and what was agreed; nothing about one parent alone."""
    kept: list[Section] = []
    for section in doc.sections:
        if section.restricted or section.subject.kind is SubjectKind.PARENT or section.kind in _NEVER_FOR_THE_FAMILY:
            continue
        lines = tuple(kept_line for line in section.lines if (kept_line := _for_family(line, section)) is not None)
        if lines:
            kept.append(replace(section, lines=lines))
    return Selection(
        people=tuple(_by_first_name(person, with_age=not doc.after_loss) for person in doc.people),
        sections=tuple(kept),
        plan=tuple(p for p in doc.plan if p.agreed and _is_the_familys(p) and _says_something(p)),
        addenda=(),
        has_restricted=False,
        elsewhere=0,
    )


def _is_the_familys(item: PlanItem) -> bool:
    return not item.restricted and item.subject.kind is not SubjectKind.PARENT


def _says_something(item: PlanItem) -> bool:
    """A row begun and left empty is no plan."""
    return bool(item.what.strip() or item.who.strip() or item.by_on)


def _for_family(line: Line, section: Section) -> Line | None:
    match line:
        case Strengths():
            return line
        case Voice(text=text):
            # Why the nurse thinks so, and what changes because of it, are her analysis.
            return Voice(text)
        case Answer(family_copy=True, unanswered=False) | Narrative(family_copy=True) if section.family_copy:
            return line
        case _:
            return None


def _by_first_name(person: PrintedPerson, *, with_age: bool) -> PrintedPerson:
    return PrintedPerson(
        id=person.id,
        kind=person.kind,
        name=person.first_name,
        first_name=person.first_name,
        relation=person.relation,
        age=person.age if with_age else "",
        corrected_age=person.corrected_age if with_age else "",
        lives_here=person.lives_here,
    )
