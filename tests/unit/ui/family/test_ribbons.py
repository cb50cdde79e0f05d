"""What was seen of each construct, on the Family screen: marks with words for them, and no grade anywhere."""

from dataclasses import replace
from datetime import timedelta

from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QLabel

from tests.unit.ui.invented import NOW, caseload_row, family_view
from visitapp.actions.extracts import FamilyExtracts, Ribbons, Said
from visitapp.domain.observation import Scale
from visitapp.domain.people import FamilyState
from visitapp.ui.family.page import Kind, page_of
from visitapp.ui.family.ribbon_card import RibbonMarks, ribbon_card
from visitapp.ui.family.ribbons import SHOWN_VISITS, strips_of

SEEN, EMERGING, NOT_SEEN, NONE = Scale.SEEN, Scale.EMERGING, Scale.NOT_SEEN, Scale.NO_OPPORTUNITY


def ribbons(days_ago: int, baby: str = "p2", **seen: tuple[Scale, ...]) -> Ribbons:
    return Ribbons(f"v{days_ago}", baby, "p1", NOW - timedelta(days=days_ago), seen)


def extracts() -> FamilyExtracts:
    return FamilyExtracts(
        (Said("v9", "p1", NOW - timedelta(days=9), "PHQ-9", "8, mild"),),
        (ribbons(9, joy=(SEEN, EMERGING), repair=(NOT_SEEN,)), ribbons(23, joy=(EMERGING, NONE))),
    )


def test_each_baby_with_each_caregiver_has_a_strip_in_the_order_of_time() -> None:
    given = (*extracts().ribbons, ribbons(9, "p3", joy=(SEEN,)))
    strips = strips_of(given, family_view().people, NOW)
    assert [strip.who for strip in strips] == ["Zofia with Łukasz", "Zofia with Zuzanna"]
    joy, repair = strips[0].rows
    assert joy.marks == ((EMERGING, NONE), (SEEN, EMERGING)), "the latest stands at the right"
    assert repair.marks == ((), (NOT_SEEN,))
    assert joy.words.startswith("Joy and reciprocity. ")
    assert "emerging, no opportunity; " in joy.words
    assert joy.words.endswith("seen, emerging")


def test_only_the_latest_visits_are_shown() -> None:
    given = [ribbons(day, joy=(SEEN,)) for day in range(1, SHOWN_VISITS + 4)]
    assert len(strips_of(given, family_view().people, NOW)[0].rows[0].marks) == SHOWN_VISITS


def test_a_total_is_an_entry_of_the_timeline_that_leads_to_its_note() -> None:
    page = page_of(family_view(extracts=extracts()), NOW, frozenset({Kind.SCORE}), may_write=True)
    (event,) = page.events
    assert event.title == "PHQ-9: 8, mild · Zofia"
    assert (event.screen, event.argument) == ("note", "v9")
    assert event.detail == "An aid, not a diagnosis."


def test_a_family_with_a_loss_is_not_shown_what_was_seen() -> None:
    view = family_view(extracts=extracts(), row=replace(caseload_row(), state=FamilyState.BABY_DIED))
    assert page_of(view, NOW, may_write=True).strips == ()


def test_the_card_tells_every_mark_in_words_and_each_by_its_shape(dressed: QApplication) -> None:
    card = ribbon_card(strips_of(extracts().ribbons, family_view().people, NOW))
    card.resize(360, card.sizeHint().height())
    marks = [found for found in card.findChildren(RibbonMarks) if found.accessibleName()]
    assert len(marks) == 2 + 4, "two constructs and the key to the four shapes"
    shapes = set()
    for scale in Scale:
        mark = RibbonMarks([[scale]], scale.value)
        mark.resize(mark.sizeHint())
        shapes.add(bytes(mark.grab().toImage().convertToFormat(QImage.Format.Format_Grayscale8).constBits()))
    assert len(shapes) == 4, "told apart without colour"
    said = " ".join(label.text() for label in card.findChildren(QLabel))
    assert "grades nobody" in said
    assert "%" not in said


def test_a_visit_at_which_a_construct_was_not_looked_at_leaves_its_place_empty(dressed: QApplication) -> None:
    full = RibbonMarks([[Scale.SEEN], [Scale.SEEN], [Scale.SEEN]], "all")
    gap = RibbonMarks([[Scale.SEEN], [], [Scale.SEEN]], "not the second time")
    assert gap.sizeHint() == full.sizeHint()
    pictures = []
    for marks in (full, gap):
        marks.resize(marks.sizeHint())
        pictures.append(marks.grab().toImage())
    width = full.sizeHint().width()
    same = [
        all(pictures[0].pixel(x, y) == pictures[1].pixel(x, y) for y in range(full.sizeHint().height())) for x in range(width)
    ]
    assert same[: width // 4] == [True] * (width // 4)
    assert same[-(width // 4) :] == [True] * (width // 4)
    assert not all(same)
