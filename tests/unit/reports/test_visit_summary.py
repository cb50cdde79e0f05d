"""The copies of a visit: who may read what, and what stands on every page."""

import subprocess
import sys
import threading
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO

import pikepdf
import pytest

from tests.kit.documents import (
    ABOUT_BABY,
    ABOUT_FATHER,
    ABOUT_MOTHER,
    BABY,
    FATHER,
    MOTHER,
    SCRIPTS,
    a_long_document,
    a_short_document,
    a_struck_document,
)
from tests.kit.paper import letters_of, names_in, page_count, words_of
from visitapp.reports.document import (
    Answer,
    CopyType,
    Heading,
    Narrative,
    NoteState,
    PlanItem,
    Remark,
    Section,
    SectionKind,
    Strengths,
    SubjectKind,
    Voice,
)
from visitapp.reports.selection import UnknownSubjectError, select
from visitapp.reports.visit_summary import visit_summary

PROFESSIONAL, FAMILY = CopyType.PROFESSIONAL, CopyType.FAMILY
EVERY_COPY = [
    pytest.param(PROFESSIONAL, None, id="professional-family"),
    pytest.param(PROFESSIONAL, MOTHER, id="professional-mother"),
    pytest.param(PROFESSIONAL, FATHER, id="professional-father"),
    pytest.param(PROFESSIONAL, BABY, id="professional-baby"),
    pytest.param(FAMILY, None, id="family"),
]


@pytest.mark.parametrize(("copy", "subject"), EVERY_COPY)
@pytest.mark.parametrize("large_print", [False, True])
def test_every_page_carries_identity_page_version_state_and_copy(copy: CopyType, subject: str | None, large_print: bool) -> None:
    pdf = visit_summary(a_long_document(), copy, subject=subject, large_print=large_print)
    count = page_count(pdf)
    for page in range(1, count + 1):
        words = words_of(pdf, page=page)
        assert f"Page {page} of {count}" in words
        assert "Version 1, countersigned, late entry" in words or (copy is FAMILY and "Version 1, signed" in words)
        assert ("Professional copy" if copy is PROFESSIONAL else "Family copy") in words
        assert "Invented families" in words
        if copy is FAMILY:
            assert "For Amina and Zofia" in words
        else:
            number = {None: "999 000 0034", MOTHER: "999 000 0018", FATHER: "999 000 0026", BABY: "999 000 0034"}[subject]
            assert number in words


def test_a_parents_confidential_matters_are_in_that_parents_copy_only() -> None:
    found = {}
    for subject in (None, MOTHER, FATHER, BABY):
        words = words_of(visit_summary(a_long_document(), PROFESSIONAL, subject=subject))
        found[subject] = ("CONFIDENTIAL-MOTHER" in words, "CONFIDENTIAL-FATHER" in words, "PHQ-9" in words.split("Signed")[0])
    assert found == {
        None: (False, False, False),
        MOTHER: (True, False, True),
        FATHER: (False, True, False),
        BABY: (False, False, False),
    }


@pytest.mark.parametrize(("copy", "subject"), EVERY_COPY)
def test_restricted_parts_are_in_no_copy(copy: CopyType, subject: str | None) -> None:
    words = words_of(visit_summary(a_long_document(), copy, subject=subject))
    assert "RESTRICTED-" not in words
    assert "Safe enquiry" not in words
    assert "feel safe" not in words


def test_only_the_copy_about_that_person_says_that_a_restricted_part_exists() -> None:
    says = {
        subject: "A restricted part of this note exists"
        in words_of(visit_summary(a_long_document(), PROFESSIONAL, subject=subject))
        for subject in (None, MOTHER, FATHER, BABY)
    }
    assert says == {None: False, MOTHER: True, FATHER: False, BABY: False}
    assert "restricted" not in words_of(visit_summary(a_long_document(), FAMILY)).lower()


def test_family_copy_has_strengths_voice_agreed_plan_and_next_visit_in_that_order() -> None:
    words = words_of(visit_summary(a_long_document(), FAMILY))
    parts = ("dimmed the light", "sing the bus song", "6,240 g", "Danuta comes", "Saturday 5 December 2026 at 10:00")
    places = [words.index(part) for part in parts]
    assert places == sorted(places)
    assert "Discuss the X1 observation" not in words


@pytest.mark.parametrize(
    "hidden",
    [
        "999", "Łukaszewska", "Nowak", "2007", "Søren", "PHQ", "11 of 27", "moderate", "GAD", "X1", "hard to reach", "level 2",
        "Not seen", "Emerging", "IN13", "CONFIDENTIAL", "RESTRICTED", "restricted", "sertraline", "Safe enquiry", "protective",
        "counted to sixty", "cries less", "My view", "Immunisations", "stilled, watched", "leave a pause", "telephoned",
        "supervis", "countersigned", "late", "Olwen", "Hale", "grandmother", "3f9a",
    ],
)  # fmt: skip
def test_family_copy_never_shows(hidden: str) -> None:
    assert hidden not in words_of(visit_summary(a_long_document(), FAMILY))


@pytest.mark.parametrize("kind", [SectionKind.CONCERNS, SectionKind.SCREENING, SectionKind.PARENTS, SectionKind.RISKS])
def test_some_sections_never_reach_the_family_whatever_their_marks(kind: SectionKind) -> None:
    lines = (Answer("Secret", "LEAK", family_copy=True), Narrative("LEAK", family_copy=True), Strengths(("LEAK",)), Voice("LEAK"))
    doc = replace(a_short_document(), sections=(Section(kind, "Marked by mistake", lines, family_copy=True),))
    assert not select(doc, FAMILY, None).sections
    assert "LEAK" not in words_of(visit_summary(doc, FAMILY))


@pytest.mark.parametrize("subject", [ABOUT_MOTHER, ABOUT_FATHER])
def test_nothing_about_one_parent_alone_reaches_the_family(subject: object) -> None:
    lines = (Answer("Secret", "LEAK", family_copy=True),)
    doc = replace(
        a_short_document(),
        sections=(Section(SectionKind.OTHER, "Parent", lines, subject, family_copy=True),),  # type: ignore[arg-type]
        plan=(PlanItem("LEAK", agreed=True, subject=subject),),  # type: ignore[arg-type]
    )
    assert "LEAK" not in words_of(visit_summary(doc, FAMILY))


def test_a_line_reaches_the_family_only_if_line_and_section_are_both_marked() -> None:
    lines = (
        Answer("Q1", "SHOWN", family_copy=True),
        Answer("Q2", "HIDDEN"),
        Answer("Q3", "GAP", unanswered=True, family_copy=True),
    )
    marked = Section(SectionKind.HEALTH, "Health", lines, ABOUT_BABY, family_copy=True)
    both = select(replace(a_short_document(), sections=(marked,)), FAMILY, None)
    assert [line.answer for s in both.sections for line in s.lines if isinstance(line, Answer)] == ["SHOWN"]
    assert not select(replace(a_short_document(), sections=(replace(marked, family_copy=False),)), FAMILY, None).sections


def test_an_agreed_but_restricted_plan_item_reaches_nobody() -> None:
    doc = replace(a_short_document(), plan=(PlanItem("LEAK", agreed=True, restricted=True),))
    for copy in CopyType:
        assert "LEAK" not in words_of(visit_summary(doc, copy))
    assert select(doc, PROFESSIONAL, None).has_restricted


def test_the_father_is_not_shown_the_observation_made_with_the_mother() -> None:
    doc = a_long_document()
    kinds = {s: {part.kind for part in select(doc, PROFESSIONAL, s).sections} for s in (MOTHER, FATHER, BABY)}
    assert SectionKind.OBSERVATION in kinds[MOTHER]
    assert SectionKind.OBSERVATION in kinds[BABY]
    assert SectionKind.OBSERVATION not in kinds[FATHER]


def test_a_twins_parts_stay_out_of_the_other_twins_copy() -> None:
    doc = a_long_document()
    twin = replace(doc.people[2], id="baby-2", name="Ola Nowak", first_name="Ola")
    about_twin = replace(ABOUT_BABY, person="baby-2")
    section = Section(SectionKind.HEALTH, "Health", (Answer("Weight", "TWIN-WEIGHT"),), about_twin)
    doc = replace(doc, people=(*doc.people, twin), sections=(*doc.sections, section))
    assert "TWIN-WEIGHT" in words_of(visit_summary(doc, PROFESSIONAL, subject="baby-2"))
    assert "TWIN-WEIGHT" not in words_of(visit_summary(doc, PROFESSIONAL, subject=BABY))


def test_a_copy_about_somebody_unknown_is_refused() -> None:
    with pytest.raises(UnknownSubjectError):
        visit_summary(a_short_document(), PROFESSIONAL, subject="nobody")


def test_every_word_of_the_note_is_in_its_professional_copy() -> None:
    doc = a_long_document()
    selection = select(doc, PROFESSIONAL, MOTHER)
    printed = letters_of(words_of(visit_summary(doc, PROFESSIONAL, subject=MOTHER)))
    for section in selection.sections:
        for line in section.lines:
            match line:
                case Narrative(text=text) | Heading(text=text) | Remark(text=text):
                    assert all(letters_of(part) in printed for part in text.split("\n"))
                case Answer(question=question) if question == "Both ways in one line":
                    assert letters_of("to Zofia, and नमस्ते to me.") in printed
                case Answer(question=question, answer=answer):
                    # Beside its answer a long question is read line by line.
                    assert all(letters_of(word) in printed for word in question.split())
                    assert letters_of(answer) in printed
                case Strengths(items=items):
                    assert all(letters_of(item) in printed for item in items)
                case _:
                    continue
    assert all(letters_of(phrase) in printed for phrase in SCRIPTS.values())


def test_scores_show_raw_answers_and_no_total_while_any_is_missing() -> None:
    words = words_of(visit_summary(a_long_document(), PROFESSIONAL, subject=MOTHER))
    assert "11 of 27, moderate" in words
    assert "Nearly every day" in words
    assert "No total: 5 of 7 answered." in words
    assert "not a test" in words


def test_corrections_show_old_and_new_with_reason_and_lateness_is_said() -> None:
    words = words_of(visit_summary(a_long_document(), PROFESSIONAL, subject=BABY))
    assert "was 6,240 g now 6,420 g because digits turned round" in words
    assert "Late entry: called to another family" in words
    assert "Countersigned Olwen Pryce, Supervisor, 24 Nov 2026, 14:10" in words


def test_times_are_those_of_the_united_kingdom() -> None:
    doc = replace(a_short_document(), started_at=datetime(2026, 6, 30, 23, 30, tzinfo=UTC))
    assert "Wednesday 1 July 2026, 00:30" in words_of(visit_summary(doc, PROFESSIONAL))


@pytest.mark.parametrize("copy", list(CopyType))
def test_a_struck_note_says_so_on_every_page(copy: CopyType) -> None:
    pdf = visit_summary(a_struck_document(), copy)
    for page in range(1, page_count(pdf) + 1):
        words = words_of(pdf, page=page)
        assert "Entered in error: do not rely on this note" in words
        assert "Version 1, entered in error" in words


def test_a_draft_says_so_and_has_no_signature() -> None:
    doc = replace(a_short_document(), state=NoteState.DRAFT, signature=None, content_hash="")
    for copy in CopyType:
        words = words_of(visit_summary(doc, copy))
        assert "Draft: not signed, may still change" in words
        assert "Version 1, draft, not signed" in words


def test_only_practice_copies_say_invented() -> None:
    assert "Invented" not in words_of(visit_summary(replace(a_short_document(), is_practice=False), PROFESSIONAL))


def test_after_a_loss_the_family_copy_speaks_of_no_ages() -> None:
    doc = a_long_document()
    assert all(not person.age for person in select(replace(doc, after_loss=True), FAMILY, None).people)
    assert "For Amina Our visit" in words_of(visit_summary(replace(doc, after_loss=True), FAMILY))


def test_a_visit_that_did_not_take_place_says_so_gently() -> None:
    words = words_of(visit_summary(replace(a_short_document(), took_place=False, outcome="No access"), FAMILY))
    assert "We did not meet this time" in words
    assert "No access" not in words


@pytest.mark.parametrize("copy", list(CopyType))
def test_the_file_names_nobody_and_does_nothing(copy: CopyType) -> None:
    pdf = visit_summary(a_long_document(), copy)
    with pikepdf.open(BytesIO(pdf)) as document:
        info = {key: str(value) for key, value in document.docinfo.items()}
        assert str(document.Root.Lang) == "en-GB"
    said = " ".join(info.values())
    assert not any(name in said for name in ("Nowak", "Amina", "Zofia", "Ruth", "anonymous"))
    assert not names_in(pdf) & {"/JS", "/JavaScript", "/URI", "/Launch", "/OpenAction", "/AA", "/EmbeddedFile", "/GoToR"}


def test_hostile_text_in_every_field_prints_as_text() -> None:
    hostile = "<img src='/etc/hostname'/> <b>x</b> ]]> \\) Tj (\x00 \ud800 javascript:1"
    doc = a_short_document()
    lines = (Answer(hostile, hostile), Heading(hostile), Narrative(hostile, hostile))
    person = replace(doc.people[0], name=hostile, first_name=hostile, relation=hostile, age=hostile, nhs_number=hostile)
    doc = replace(
        doc, family_name=hostile, people=(person,), nurse=hostile, nurse_role=hostile, outcome=hostile, place=hostile,
        present=(hostile,), phase=hostile, printed_by=hostile, printed_for=hostile, content_hash="",
        sections=(Section(SectionKind.NARRATIVE, hostile, lines),),
        plan=(PlanItem(hostile, hostile, agreed=True),),
    )  # fmt: skip
    expected = letters_of(hostile.replace("\x00", "\ufffd").replace("\ud800", "\ufffd"))
    for copy in CopyType:
        pdf = visit_summary(doc, copy, subject=person.id if copy is PROFESSIONAL else None)
        assert expected in letters_of(words_of(pdf))
        assert not names_in(pdf) & {"/JS", "/JavaScript", "/URI", "/Launch"}


def test_a_note_of_a_million_characters_is_printed_whole() -> None:
    text = "Every word of a long note is kept. " * 30_000
    section = Section(SectionKind.NARRATIVE, "What happened", (Narrative(text),))
    pdf = visit_summary(replace(a_short_document(), sections=(section,)), PROFESSIONAL)
    assert words_of(pdf).count("Every word") >= 29_000
    assert page_count(pdf) > 100


def test_the_door_is_light_and_the_libraries_behind_it_load_on_first_use() -> None:
    code = (
        "import sys; import visitapp.reports.visit_summary, visitapp.reports.encryption; "
        "print({'reportlab', 'pikepdf', 'uharfbuzz', 'bidi'} & set(sys.modules)); "
        "visitapp.reports.visit_summary.prepare(); "
        "print('reportlab' in sys.modules)"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert said.split("\n")[:2] == ["set()", "True"]


def test_the_same_document_gives_the_same_bytes() -> None:
    assert visit_summary(a_long_document(), FAMILY) == visit_summary(a_long_document(), FAMILY)


def test_two_threads_may_print_at_once() -> None:
    expected = visit_summary(a_long_document(), PROFESSIONAL, subject=MOTHER)
    made: list[bytes] = []

    def make() -> None:
        made.extend(visit_summary(a_long_document(), PROFESSIONAL, subject=MOTHER) for _ in range(5))

    threads = [threading.Thread(target=make) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert made == [expected] * 15


def test_people_on_the_family_copy_have_first_names_and_nothing_that_identifies_them() -> None:
    for person in select(a_long_document(), FAMILY, None).people:
        assert person.name == person.first_name
        assert not person.nhs_number
        assert person.born_on is None
        assert person.kind in SubjectKind


@pytest.mark.parametrize("field", ["family_name", "nurse", "printed_by", "outcome"])
def test_an_endless_name_does_not_push_the_text_off_the_page(field: str) -> None:
    endless = "name " * 20_000
    for copy in CopyType:
        pdf = visit_summary(replace(a_short_document(), **{field: endless}), copy)  # type: ignore[arg-type]
        assert f"Page 1 of {page_count(pdf)}" in words_of(pdf, page=1)
        if copy is PROFESSIONAL and field != "printed_by":
            assert words_of(pdf).count("name") >= 20_000


def test_a_restricted_part_reaches_no_family_whatever_its_kind() -> None:
    lines = (Strengths(("LEAK",)), Voice("LEAK"), Answer("Secret", "LEAK", family_copy=True))
    section = Section(SectionKind.OTHER, "Third party", lines, restricted=True, family_copy=True)
    doc = replace(a_short_document(), sections=(section,))
    assert not select(doc, FAMILY, None).sections
    assert "LEAK" not in words_of(visit_summary(doc, FAMILY))


def test_the_pages_for_a_family_are_not_even_given_the_nurses_reasons() -> None:
    voices = [line for s in select(a_long_document(), FAMILY, None).sections for line in s.lines if isinstance(line, Voice)]
    assert [(voice.because, voice.change) for voice in voices] == [("", "")]


def test_every_face_is_embedded() -> None:
    with pikepdf.open(BytesIO(visit_summary(a_long_document(), PROFESSIONAL))) as document:
        descriptors = [o for o in document.objects if isinstance(o, pikepdf.Dictionary) and o.get("/Type") == "/FontDescriptor"]
        names = {str(descriptor.FontName).partition("+")[2] for descriptor in descriptors}
        assert all("/FontFile2" in descriptor for descriptor in descriptors)
    assert {"NotoSans-Regular", "NotoSans-SemiBold", "NotoSansArabic-Regular", "NotoSansTamil-Regular"} <= names


def test_a_row_of_the_plan_that_was_left_empty_is_not_printed() -> None:
    doc = replace(a_short_document(), plan=(PlanItem("", agreed=True), PlanItem("Sing", agreed=True), PlanItem("", "Ruth")))
    assert [item.what or item.who for item in select(doc, PROFESSIONAL, None).plan] == ["Sing", "Ruth"]
    assert [item.what for item in select(doc, FAMILY, None).plan] == ["Sing"]
