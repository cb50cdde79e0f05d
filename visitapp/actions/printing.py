"""Printing a signed visit: the document is built once, each copy is made in memory, and making one is audited."""

from dataclasses import dataclass

from visitapp.actions.paper import file_stem, left_out, visit_document
from visitapp.actions.reading import read_visit
from visitapp.actions.session import Desk
from visitapp.domain.ids import VisitId
from visitapp.reports.document import CopyType, SubjectKind
from visitapp.reports.visit_summary import visit_summary


@dataclass(frozen=True)
class PrintChoices:
    """What can be printed of a visit: subjects for the professional copy, and what a family copy leaves out."""

    visit: VisitId
    subjects: tuple[tuple[str, str], ...]
    left_out: tuple[str, ...]
    practice: bool
    after_loss: bool


@dataclass(frozen=True)
class MadeCopy:
    """One copy, made in memory: PDF bytes and a file name without any identity."""

    pdf: bytes
    file_stem: str


def print_choices(desk: Desk, visit: VisitId, language: str = "en") -> PrintChoices:
    """Return what may be printed of a signed visit; subjects are (person id or "", label). Raises NoSuchVisit."""
    document = visit_document(desk, read_visit(desk, visit, language))
    people = {section.subject.person for section in document.sections if section.lines} | {
        section.caregiver for section in document.sections if section.caregiver
    }
    subjects = [("", "Family and baby")]
    subjects += [
        (person.id, f"{person.first_name} ({person.relation.lower()})")
        for person in document.people
        if person.id in people or person.kind is SubjectKind.PARENT
    ]
    return PrintChoices(visit, tuple(subjects), left_out(document), desk.practice, document.after_loss)


def preview_copy(
    desk: Desk, visit: VisitId, copy: CopyType, subject: str = "", *, large_print: bool = False, language: str = "en"
) -> MadeCopy:
    """Make a copy to look at, its questions in a language where they have it; nothing is written anywhere. Raises NoSuchVisit."""
    document = visit_document(desk, read_visit(desk, visit, language), as_corrected=copy is CopyType.FAMILY)
    pdf = visit_summary(document, copy, subject=subject or None, large_print=large_print)
    return MadeCopy(pdf, file_stem(copy.value, desk.clock.now()))


def note_copy_made(desk: Desk, visit: VisitId, copy: CopyType, how: str) -> None:
    """Write into the audit that a copy left the application: printed, saved or saved encrypted. Raises NoSuchVisit."""
    reading = read_visit(desk, visit)
    with desk.record.writing() as w:
        w.audit(f"copy_{how}", family=reading.family, visit=visit, copy=copy.value)
