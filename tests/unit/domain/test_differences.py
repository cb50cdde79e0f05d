"""Two versions of a record: differences, words, and a text made from both."""

from hypothesis import given
from hypothesis import strategies as st

from visitapp.domain.differences import Chosen, both_texts, differences, in_words, marked, settled


def story(words, **more):
    return {"key": "story", "section": "narrative", "answers": [{"linkId": "story", "answer": [{"valueString": words}]}], **more}


def draft(*sheets, **more):
    return {"visit": "v", "sheets": list(sheets), **more}


def test_a_draft_differs_question_by_question():
    mine = draft(
        story("Yusuf smiled."), {"key": "plan", "answers": [{"linkId": "next-on", "answer": [{"valueDate": "2026-12-01"}]}]}
    )
    theirs = draft(story("Yusuf slept."), {"key": "plan", "answers": []})
    found = differences(mine, theirs)
    assert [each.path[-1] for each in found] == ["story", "answers"]
    assert found[0].is_written


def test_groups_that_stand_once_are_looked_into_and_repeated_ones_are_not():
    def group(*whats):
        return [{"linkId": "g", "item": [{"linkId": "what", "answer": [{"valueString": what}]}]} for what in whats]

    [inside] = differences({"answers": group("a")}, {"answers": group("b")})
    assert inside.path == ("answers", "g", "item", "what")
    [whole] = differences({"answers": group("a", "b")}, {"answers": group("a", "c")})
    assert whole.path == ("answers", "g")


def test_what_is_chosen_is_what_comes_out():
    mine = draft(story("Mine."), step="plan", updated_at="2")
    theirs = draft(story("Theirs."), step="arrival", updated_at="1")
    place = ("sheets", "story", "answers", "story")
    assert settled(mine, theirs, {}) == theirs
    assert settled(mine, theirs, {place: Chosen("text", "One text.")}) == draft(story("One text."), step="arrival", updated_at="1")
    assert settled(mine, theirs, {each.path: Chosen("mine") for each in differences(mine, theirs)}) == mine


def test_lists_of_both_hold_theirs_first_and_nothing_twice():
    mine, theirs = {"languages": ["en", "pl"]}, {"languages": ["en", "cy"]}
    [one] = differences(mine, theirs)
    assert one.is_list
    assert settled(mine, theirs, {one.path: Chosen("both")}) == {"languages": ["en", "cy", "pl"]}


def test_a_date_is_one_or_the_other_and_never_written_from_both():
    [one] = differences({"born_on": "2025-01-03"}, {"born_on": "2025-01-04"})
    assert not one.is_written
    assert not one.is_list


def test_words_that_differ_are_marked_and_the_rest_is_not():
    mine, theirs = marked("The cot stands by the window.", "The cot stands by the radiator.")
    assert [piece.text for piece in mine if piece.differs] == ["window."]
    assert [piece.text for piece in theirs if piece.differs] == ["radiator."]


@given(st.text(max_size=80), st.text(max_size=80))
def test_pieces_joined_are_the_texts(mine, theirs):
    left, right = marked(mine, theirs)
    assert ("".join(p.text for p in left), "".join(p.text for p in right)) == (mine, theirs)


def test_a_text_of_both_has_every_sentence_once():
    mine = "Amina rested. Feeding went well today. Cot is safe."
    theirs = "Amina rested. Weight was 4.2 kg. Cot is safe."
    assert both_texts(mine, theirs) == "Amina rested. Weight was 4.2 kg. Feeding went well today. Cot is safe."
    assert both_texts("", theirs) == theirs
    assert both_texts(mine, "Amina rested.") == mine


BODIES = st.dictionaries(
    st.sampled_from(["name", "phone", "alerts", "address", "sheets"]),
    st.one_of(
        st.text(max_size=5),
        st.lists(st.text(max_size=3), max_size=3),
        st.dictionaries(st.sampled_from(["line", "town"]), st.text(max_size=5), max_size=2),
        st.lists(st.fixed_dictionaries({"key": st.sampled_from("ab"), "answers": st.just([])}), max_size=2),
    ),
    max_size=4,
)


@given(BODIES, BODIES)
def test_taking_one_side_everywhere_gives_that_side(mine, theirs):
    assert settled(mine, theirs, {}) == theirs
    everywhere = {each.path: Chosen("mine") for each in differences(mine, theirs)}
    found = settled(mine, theirs, everywhere)
    assert {key: value for key, value in found.items() if value} == {key: value for key, value in mine.items() if value}


def test_answers_are_said_as_they_were_answered():
    said = [{"linkId": "mode", "answer": [{"valueCoding": {"system": "s", "code": "home", "display": "at home"}}]}]
    assert in_words(said) == "at home"
    assert in_words([{"linkId": "w", "answer": [{"valueQuantity": {"value": 4.2, "unit": "kg", "code": "kg"}}]}]) == "4.2 kg"
    assert in_words([{"code": "dog", "text": "Dog in the yard", "risk": "to others"}]) == "Dog in the yard, to others"
