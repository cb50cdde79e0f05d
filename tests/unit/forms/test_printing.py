"""A response as lines to print, and the words it is shown in."""

from decimal import Decimal
from typing import Any

from visitapp.forms import Coding, Filling, Quantity, load_questionnaire
from visitapp.forms.printing import printable

CORE = "http://hl7.org/fhir/StructureDefinition/"


def in_welsh(text: str) -> dict[str, Any]:
    parts = [{"url": "lang", "valueCode": "cy"}, {"url": "content", "valueString": text}]
    return {"extension": [{"url": CORE + "translation", "extension": parts}]}


def a_form() -> Any:
    options = [
        {
            "valueCoding": {"code": str(n), "display": word, "_display": in_welsh(welsh)},
            "extension": [{"url": CORE + "itemWeight", "valueDecimal": n}],
        }
        for n, word, welsh in ((0, "No", "Na"), (1, "Yes", "Ie"))
    ]
    asked = [{"question": "mood", "operator": "=", "answerCoding": {"code": "1"}}]
    items = [
        {
            "linkId": "g",
            "type": "group",
            "text": "Mood",
            "_text": in_welsh("Hwyliau"),
            "item": [
                {"linkId": "mood", "prefix": "1.", "type": "choice", "text": "Low?", "answerOption": options},
                {"linkId": "more", "type": "text", "text": "How?", "enableWhen": asked},
            ],
        },
        {"linkId": "weight", "type": "quantity", "text": "Weight"},
        {"linkId": "note", "type": "display", "text": "Thank you"},
    ]
    raw = {"resourceType": "Questionnaire", "url": "urn:form", "status": "active", "title": "Form", "item": items}
    return load_questionnaire(raw)


def lines(form: Any, answers: Any, language: str = "en") -> list[tuple[int, str, str, str, bool]]:
    found = printable(form, answers, language)
    return [(line.depth, line.kind, line.text, line.value_text, line.unanswered) for line in found]


def test_unanswered_questions_are_marked_and_what_is_not_asked_is_left_out() -> None:
    assert lines(a_form(), ()) == [
        (0, "heading", "Mood", "", False),
        (1, "question", "1. Low?", "", True),
        (0, "question", "Weight", "", True),
        (0, "note", "Thank you", "", False),
        (0, "score", "", "0/1", True),
    ]


def test_answers_print_in_their_words_with_the_score() -> None:
    filling = Filling(a_form())
    filling.answer("mood", [Coding("1")])
    filling.answer("more", ["two\nlines"])
    filling.answer("weight", [Quantity(Decimal("3450"), "g")])
    assert lines(a_form(), filling.answers()) == [
        (0, "heading", "Mood", "", False),
        (1, "question", "1. Low?", "Yes", False),
        (1, "question", "How?", "two\nlines", False),
        (0, "question", "Weight", "3450 g", False),
        (0, "note", "Thank you", "", False),
        (0, "score", "", "1", False),
    ]


def test_a_form_is_shown_in_welsh_where_it_has_welsh() -> None:
    filling = Filling(a_form(), language="cy-GB")
    filling.answer("mood", [Coding("1")])
    assert filling.row("g").text == "Hwyliau"
    assert filling.row("mood").text == "Low?"
    assert filling.row("mood").options[1].text_in("cy") == "Ie"
    assert lines(a_form(), filling.answers(), "cy")[1][3] == "Ie"
