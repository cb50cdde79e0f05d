"""A visit from its beginning to its review, on a real encrypted record."""

import subprocess
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.kit.desks import a_desk, as_supervisor
from visitapp.actions.addenda import add_addendum, add_correction, strike_visit
from visitapp.actions.caseload import caseload, family_view, find, today_view
from visitapp.actions.people import Birth, add_person, new_family, people, record_birth, set_family_state
from visitapp.actions.printing import preview_copy, print_choices
from visitapp.actions.reading import read_visit
from visitapp.actions.reviews import comment, countersign, open_review, return_to_author, review_queue
from visitapp.actions.session import Desk
from visitapp.actions.signing import preview_signing, sign_visit
from visitapp.actions.visits import (
    add_sheet,
    discard_draft,
    move_draft,
    offers,
    open_draft,
    restore_draft,
    save_answers,
    start_visit,
)
from visitapp.domain.ids import FamilyId, VisitId
from visitapp.domain.people import FamilyState
from visitapp.domain.problems import AlreadySigned, NoSuchVisit, NotAllowed, ReasonNeeded, VisitNotComplete
from visitapp.domain.visits import NoteState
from visitapp.reports.document import CopyType


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = a_desk(tmp_path)
    yield desk
    desk.record.close()


def a_family(desk: Desk, name: str = "Okafor", baby: str = "Yusuf") -> FamilyId:
    return new_family(
        desk,
        {"name": name, "address": {"line": "4 Larkspur Court", "town": "Port Larkin"}},
        [
            {"role": "mother", "given_name": "Amara", "family_name": name, "parental_responsibility": True},
            {"role": "baby", "given_name": baby, "born_on": "2026-06-20", "gestation_days": 280},
        ],
    )


def answered(link_id: str, **value: object) -> dict[str, object]:
    return {"linkId": link_id, "answer": [value]}


def coding(desk: Desk, name: str, link_id: str, code: str) -> dict[str, object]:
    item = desk.questionnaire(f"https://visitapp.example/fhir/Questionnaire/{name}").item(link_id)
    assert item is not None
    option = next(option.raw["valueCoding"] for option in item.options if option.raw["valueCoding"]["code"] == code)
    return {"valueCoding": dict(option)}


def a_filled_visit(desk: Desk, family: FamilyId, story: str = "Yusuf laughed at the lid.") -> VisitId:
    visit = start_visit(desk, family)
    sheets = {sheet.questionnaire.split("/")[-1].split("|")[0]: sheet for sheet in open_draft(desk, visit).sheets}
    save_answers(
        desk,
        visit,
        {
            sheets["visit-arrival"].key: [
                *sheets["visit-arrival"].answers,
                answered("baby-seen", **coding(desk, "visit-arrival", "baby-seen", "awake")),
            ],
            sheets["visit-narrative"].key: [answered("story", valueString=story)],
            sheets["visit-risks"].key: [answered("risks-none", valueBoolean=True)],
            sheets["voice-of-infant"].key: [answered("voice", valueString="I like the lid.")],
            sheets["visit-plan"].key: [
                {
                    "linkId": "plan-item",
                    "item": [answered("plan-what", valueString="Sing at bath time"), answered("plan-agreed", valueBoolean=True)],
                },
                answered("next-on", valueDate="2026-12-07"),
            ],
        },
    )
    return visit


def test_a_visit_is_signed_read_reviewed_answered_and_countersigned(desk: Desk) -> None:
    family = a_family(desk)
    visit = a_filled_visit(desk, family)
    assert preview_signing(desk, visit).missing == ()
    signed = sign_visit(desk, visit)
    assert not signed.late
    reading = read_visit(desk, visit)
    assert reading.genuine
    assert reading.state is NoteState.SIGNED
    assert "Yusuf laughed at the lid." in [line.value_text for part in reading.parts for line in part.lines]
    supervisor = as_supervisor(desk)
    assert [row.visit for row in review_queue(supervisor)] == [visit]
    narrative = next(part for part in reading.parts if part.section == "narrative")
    comment(supervisor, visit, "What did she do then?", part=narrative.id, link_id="story")
    returned = return_to_author(supervisor, visit, "Please say more.")
    assert read_visit(desk, visit).state is NoteState.RETURNED
    assert [need.kind for need in today_view(desk).needs] == ["returned"]
    add_addendum(desk, visit, "She picked him up.", replies_to=returned)
    assert today_view(desk).needs == ()
    countersign(supervisor, visit)
    reading = read_visit(desk, visit)
    assert reading.state is NoteState.COUNTERSIGNED
    assert [said.action for said in reading.said] == ["comment", "returned", "countersigned"]
    assert review_queue(supervisor) == ()
    assert open_review(supervisor, visit).previous is None


def test_nobody_countersigns_her_own_note(desk: Desk) -> None:
    visit = a_filled_visit(desk, a_family(desk))
    sign_visit(desk, visit)
    with pytest.raises(NotAllowed):
        countersign(desk, visit)


def test_a_visit_cannot_be_signed_while_risks_are_not_recorded(desk: Desk) -> None:
    visit = start_visit(desk, a_family(desk))
    assert "risks" in {missing.section for missing in preview_signing(desk, visit).missing}
    with pytest.raises(VisitNotComplete):
        sign_visit(desk, visit)


def test_a_signed_visit_is_a_draft_no_more(desk: Desk) -> None:
    visit = a_filled_visit(desk, a_family(desk))
    sign_visit(desk, visit)
    with pytest.raises((NoSuchVisit, AlreadySigned)):
        save_answers(desk, visit, {})


def test_a_late_entry_needs_a_reason_and_says_so(desk: Desk) -> None:
    visit = a_filled_visit(desk, a_family(desk))
    desk.clock.move(timedelta(hours=30))
    with pytest.raises(ReasonNeeded):
        sign_visit(desk, visit)
    assert sign_visit(desk, visit, "Called to an emergency.").late
    assert read_visit(desk, visit).body["late_reason"] == "Called to an emergency."


def test_minutes_that_do_not_add_up_are_named(desk: Desk) -> None:
    visit = a_filled_visit(desk, a_family(desk))
    draft = open_draft(desk, visit)
    arrival = next(sheet for sheet in draft.sheets if sheet.section == "arrival")
    topics = next(sheet for sheet in draft.sheets if sheet.section == "topics")
    times = [answered("started", valueTime="09:00:00"), answered("ended", valueTime="10:00:00")]
    save_answers(desk, visit, {arrival.key: [*arrival.answers, *times], topics.key: [answered("min-maternal", valueInteger=45)]})
    assert [(m.why, m.text) for m in preview_signing(desk, visit).missing] == [("minutes", "45 of 60")]
    save_answers(desk, visit, {topics.key: [answered("min-maternal", valueInteger=60)]})
    assert preview_signing(desk, visit).missing == ()


def test_item_nine_above_zero_asks_for_the_risk_page_before_signing(desk: Desk) -> None:
    family = a_family(desk)
    visit = a_filled_visit(desk, family)
    mother = next(person for person in open_draft(desk, visit).people if person.is_parent)
    key = add_sheet(desk, visit, "phq-9", mother.id)
    save_answers(desk, visit, {key: [answered("phq9-9", **coding(desk, "phq-9", "phq9-9", "1"))]})
    assert "risk-now" in [missing.why for missing in preview_signing(desk, visit).missing]
    risk = add_sheet(desk, visit, "risk-now", mother.id)
    outcome = answered("rn-outcome", **coding(desk, "risk-now", "rn-outcome", "safe-plan"))
    save_answers(desk, visit, {risk: [answered("rn-today", valueString="Stays with her sister."), outcome]})
    assert "risk-now" not in [missing.why for missing in preview_signing(desk, visit).missing]


def test_a_discarded_draft_comes_back_to_the_letter(desk: Desk) -> None:
    visit = a_filled_visit(desk, a_family(desk))
    before = open_draft(desk, visit).sheets
    discard_draft(desk, visit)
    with pytest.raises(NoSuchVisit):
        open_draft(desk, visit)
    restore_draft(desk, visit)
    assert open_draft(desk, visit).sheets == before


def test_a_draft_about_the_wrong_family_moves_whole(desk: Desk) -> None:
    wrong, right = a_family(desk), a_family(desk, "Evans", "Siân")
    visit = a_filled_visit(desk, wrong, "Siân slept.")
    with desk.record.reading() as r:
        old = next(p for p in people(r, wrong) if p.is_child)
        new = next(p for p in people(r, right) if p.is_child)
    move_draft(desk, visit, right, {old.id: new.id})
    draft = open_draft(desk, visit)
    assert draft.family == right
    assert [baby.id for baby in draft.babies] == [new.id]
    assert {sheet.subject.id for sheet in draft.sheets if sheet.section == "voice"} == {new.id}
    sign_visit(desk, visit)
    assert [row.id for row in family_view(desk, right).visits] == [visit]
    assert family_view(desk, wrong).visits == ()


def test_a_struck_visit_stays_readable_and_counts_no_more(desk: Desk) -> None:
    family = a_family(desk)
    visit = a_filled_visit(desk, family)
    sign_visit(desk, visit)
    strike_visit(desk, visit, "Written for the wrong baby.")
    reading = read_visit(desk, visit)
    assert reading.state is NoteState.IN_ERROR
    assert reading.struck is not None
    assert family_view(desk, family).row.last_visit_at is None


def test_a_correction_keeps_old_and_new(desk: Desk) -> None:
    visit = a_filled_visit(desk, a_family(desk))
    sign_visit(desk, visit)
    part = next(part for part in read_visit(desk, visit).parts if part.section == "narrative")
    add_correction(desk, visit, part.id, "story", old="Yusuf laughed at the lid.", new="Yusuf cried at the lid.", reason="Slip")
    added = read_visit(desk, visit).added
    assert [(a.kind, a.old, a.new) for a in added] == [("correction", "Yusuf laughed at the lid.", "Yusuf cried at the lid.")]


def test_twins_each_get_a_record_and_the_first_keeps_the_history(desk: Desk) -> None:
    family = new_family(desk, {"name": "Begum"}, [{"role": "mother", "given_name": "Nasrin"}])
    unborn = add_person(desk, family, {"role": "unborn", "due_on": "2026-12-20"})
    born = date(2026, 11, 20)
    babies = record_birth(desk, family, unborn, [Birth("Ayaan", born, 252), Birth("Amina", born, 252)])
    assert babies[0] == unborn
    with desk.record.reading() as r:
        children = [person for person in people(r, family) if person.is_child]
    assert [child.given_name for child in children] == ["Ayaan", "Amina"]
    assert len({child.colour for child in children}) == 2


def test_after_a_pregnancy_ended_a_visit_asks_about_no_baby(desk: Desk) -> None:
    family = new_family(
        desk, {"name": "Whitlock"}, [{"role": "mother", "given_name": "Jade"}, {"role": "unborn", "due_on": "2027-03-01"}]
    )
    set_family_state(desk, family, FamilyState.PREGNANCY_ENDED, date(2026, 11, 20))
    draft = open_draft(desk, start_visit(desk, family))
    assert draft.babies == ()
    assert not {"observation", "voice", "health", "concerns"} & set(draft.sections)
    assert list(family_view(desk, family).ages.values()) == [""]


def test_twins_share_the_programme_visit_and_have_reviews_of_their_own(desk: Desk) -> None:
    born = {"born_on": "2026-11-10", "gestation_days": 259}
    family = new_family(
        desk,
        {"name": "Begum"},
        [
            {"role": "mother", "given_name": "Nasrin"},
            {"role": "baby", "given_name": "Ayaan", **born},
            {"role": "baby", "given_name": "Amina", **born},
        ],
    )
    due = family_view(desk, family).due
    assert len([d for d in due if d.contact.for_family]) == 1
    assert {d.person_name for d in due if d.contact.statutory} == {"Ayaan", "Amina"}


def test_every_questionnaire_that_ships_is_offered_or_begun(desk: Desk) -> None:
    offered = {offer.name for offer in offers(desk)}
    assert {"phq-9", "epds-score", "hark", "third-party", "feeding"} <= offered
    assert {offer.name for offer in offers(desk) if offer.restricted} >= {"hark", "safe-enquiry", "third-party"}
    visit = start_visit(desk, a_family(desk))
    mother = next(person for person in open_draft(desk, visit).people if person.is_parent)
    key = add_sheet(desk, visit, "hark", mother.id)
    assert next(sheet for sheet in open_draft(desk, visit).sheets if sheet.key == key).restricted


def test_a_family_that_lost_its_baby_is_due_nothing(desk: Desk) -> None:
    family = a_family(desk)
    assert family_view(desk, family).due
    set_family_state(desk, family, FamilyState.BABY_DIED, date(2026, 11, 20))
    assert family_view(desk, family).due == ()
    assert caseload(desk)[0].next_due is None


def test_families_are_found_without_accents_and_notes_by_word(desk: Desk) -> None:
    family = a_family(desk, "Łukaszewicz", "Łukasz")
    sign_visit(desk, a_filled_visit(desk, family, "He banged the saucepan."))
    assert [found.family for found in find(desk, "lukasz") if found.kind == "family"] == [family]
    assert [found.family for found in find(desk, "saucepan") if found.kind == "note"] == [family]


def words_of(pdf: bytes) -> str:
    done = subprocess.run(["pdftotext", "-", "-"], input=pdf, capture_output=True, check=True)
    return " ".join(done.stdout.decode().split())


def test_the_family_copy_says_what_was_corrected_as_it_is_now(desk: Desk) -> None:
    visit = a_filled_visit(desk, a_family(desk))
    sign_visit(desk, visit)
    part = next(part for part in read_visit(desk, visit).parts if part.section == "voice")
    add_correction(desk, visit, part.id, "voice", old="I like the lid.", new="I like the spoon.", reason="It was the spoon.")
    family = words_of(preview_copy(desk, visit, CopyType.FAMILY).pdf)
    assert "I like the spoon." in family
    assert "I like the lid." not in family
    professional = words_of(preview_copy(desk, visit, CopyType.PROFESSIONAL).pdf)
    assert "I like the lid." in professional
    assert "I like the spoon." in professional


def test_the_family_copy_shows_what_was_agreed_and_no_address(desk: Desk) -> None:
    visit = a_filled_visit(desk, a_family(desk))
    sign_visit(desk, visit)
    family = words_of(preview_copy(desk, visit, CopyType.FAMILY).pdf)
    assert "Sing at bath time" in family
    assert "Larkspur" not in family
    assert "risk" not in family.lower()


def test_the_family_copy_leaves_out_what_the_screen_lists(desk: Desk) -> None:
    visit = a_filled_visit(desk, a_family(desk))
    sign_visit(desk, visit)
    choices = print_choices(desk, visit)
    assert "Risks and actions" in choices.left_out
    assert preview_copy(desk, visit, CopyType.FAMILY).pdf.startswith(b"%PDF")
    assert preview_copy(desk, visit, CopyType.PROFESSIONAL).pdf.startswith(b"%PDF")


def test_a_scored_questionnaire_is_signed_and_printed_with_its_band(desk: Desk) -> None:
    visit = a_filled_visit(desk, a_family(desk))
    mother = next(person for person in open_draft(desk, visit).people if person.is_parent)
    key = add_sheet(desk, visit, "phq-9", mother.id)
    answers = [answered(f"phq9-{n}", **coding(desk, "phq-9", f"phq9-{n}", "0" if n == 9 else "1")) for n in range(1, 10)]
    save_answers(desk, visit, {key: [{"linkId": "phq9", "item": answers}]})
    sign_visit(desk, visit)
    part = next(part for part in read_visit(desk, visit).parts if "phq-9" in part.questionnaire)
    assert part.body["score"] == {"value": 8, "answered": 9, "of": 9, "band": "mild"}
    professional = words_of(preview_copy(desk, visit, CopyType.PROFESSIONAL, mother.id).pdf)
    assert "mild" in professional
    assert "PHQ" not in words_of(preview_copy(desk, visit, CopyType.FAMILY).pdf)
    assert "PHQ" not in words_of(preview_copy(desk, visit, CopyType.PROFESSIONAL).pdf)
