"""The screen of two versions, on a real record: both are shown, nothing is chosen beforehand, what is decided is signed."""

import pytest

from tests.kit.disagreeing import a_colleague, family_in_two_versions
from visitapp.actions.disagreements import decided, disagreements
from visitapp.actions.people import family_at
from visitapp.domain.differences import Piece
from visitapp.ui.disagreement.build import build_disagreement
from visitapp.ui.disagreement.labels import field_label, value_words
from visitapp.ui.disagreement.view import MarkedText, PlaceCard
from visitapp.ui.widgets.buttons import Button, PrimaryButton
from visitapp.ui.widgets.text import Text

MINE = {"note": "Ring twice. The dog is kept in the yard.", "phone": "01632 960 555"}
THEIRS = {"note": "Ring twice. The dog is kept in the kitchen.", "phone": "01632 960 777"}


@pytest.fixture
def family(desk):
    return family_in_two_versions(desk, MINE, THEIRS, a_colleague(desk, "Ruth Bell"))


@pytest.fixture
def screen(desk, lanes, told, dressed):
    made = build_disagreement(desk, lanes, told, told)
    made.resize(1100, 700)
    yield made
    made.deleteLater()


def said(screen):
    return [label.text() for label in screen.findChildren(Text)]


def buttons(screen, words):
    return [button for button in screen.findChildren(Button) if button.text() == words and button.isVisibleTo(screen)]


def test_both_texts_stand_with_who_and_when_and_the_words_that_differ_are_marked(screen, family):
    screen.open()
    texts = said(screen)
    assert any(text.startswith("You, on this laptop, ") for text in texts)
    assert any(text.startswith("Ruth Bell, at the server, ") for text in texts)
    [mine, theirs] = [label for label in screen.findChildren(MarkedText) if "dog" in label.text()]
    assert "<b><u>yard.</u></b>" in mine.text()
    assert "<b><u>kitchen.</u></b>" in theirs.text()
    assert "Only here: yard." in mine.accessibleName()


def test_nothing_is_chosen_beforehand_and_an_undecided_place_keeps_the_decision_from_being_signed(screen, family, desk):
    screen.open()
    [sign] = screen.findChildren(PrimaryButton)
    assert not sign.isEnabled()
    buttons(screen, "Use this text")[0].click()
    assert not sign.isEnabled()
    assert "1 place still to decide" in said(screen)
    assert len(disagreements(desk)) == 1


def test_one_text_is_made_from_both_and_stands_as_it_was_changed(screen, family, desk, told):
    screen.open()
    note = next(card for card in screen.findChildren(PlaceCard) if card.accessibleName() == "Note")
    buttons(note, "Write one from both")[0].click()
    assert note._text.toPlainText() == "Ring twice. The dog is kept in the kitchen. The dog is kept in the yard."
    note._text.setPlainText("Ring twice. The dog is now kept in the kitchen.")
    phone = next(card for card in screen.findChildren(PlaceCard) if card is not note)
    buttons(phone, "Use this text")[1].click()
    screen.findChildren(PrimaryButton)[0].click()
    now = family_at(desk, family)
    assert (now["note"], now["phone"]) == ("Ring twice. The dog is now kept in the kitchen.", "01632 960 777")
    assert told.places == [("sync", "")]


def test_a_decision_is_read_again_with_every_text_that_was_not_kept(screen, family, desk):
    screen.open()
    buttons(screen, "Use the server's text, everywhere")[0].click()
    screen.findChildren(PrimaryButton)[0].click()
    [one] = decided(desk, family)
    screen.open(f"decided/{one.id}")
    assert MINE["note"] in said(screen)
    assert any("signed and cannot be changed" in text for text in said(screen))


def test_typed_text_is_never_markup(dressed):
    label = MarkedText((Piece("<img src=x> & ", False), Piece("<b>bold</b>", True)), "", "You")
    assert label.text() == "&lt;img src=x&gt; &amp; <b><u>&lt;b&gt;bold&lt;/b&gt;</u></b>"
    label.deleteLater()


def test_an_argument_that_waits_no_more_says_so(screen, desk):
    screen.open("gone")
    assert "There is nothing to decide here" in said(screen)


@pytest.mark.parametrize(
    ("path", "words"),
    [(("nhs_number",), "NHS number"), (("address", "line"), "Address: Street and number"), (("safe_contact",), "Safe contact")],
)
def test_places_are_named_as_a_nurse_would(path, words):
    assert field_label(path) == words


def test_dates_and_numbers_are_written_as_people_read_them():
    assert value_words(("born_on",), "2025-01-03") == "3 Jan 2025"
    assert value_words(("nhs_number",), "9434765919") == "943 476 5919"
