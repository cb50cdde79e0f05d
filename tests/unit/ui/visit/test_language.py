"""A sheet of a visit asks in the nurse's language, and what is kept is the same in both."""

import pytest

from visitapp.domain.ids import FamilyId, PersonId
from visitapp.domain.people import Person, Role
from visitapp.domain.visits import Sheet, Subject
from visitapp.forms.definition import Questionnaire, load_questionnaire
from visitapp.ui.visit.sheets import OpenSheet

WELSH = "http://hl7.org/fhir/StructureDefinition/translation"


def said(words: str) -> dict[str, object]:
    parts = [{"url": "lang", "valueCode": "cy"}, {"url": "content", "valueString": words}]
    return {"extension": [{"url": WELSH, "extension": parts}]}


@pytest.fixture
def questionnaire() -> Questionnaire:
    yes = {"valueCoding": {"code": "y", "display": "Awake", "_display": said("Effro")}}
    no = {"valueCoding": {"code": "n", "display": "Asleep"}}
    item = {"linkId": "q", "type": "choice", "text": "How was he?", "_text": said("Sut oedd e?"), "answerOption": [yes, no]}
    return load_questionnaire({"resourceType": "Questionnaire", "status": "active", "url": "urn:x", "version": "1", "item": [item]})


@pytest.mark.parametrize(
    ("language", "words", "options"), [("en", "How was he?", ("Awake", "Asleep")), ("cy", "Sut oedd e?", ("Effro", "Asleep"))]
)
def test_a_sheet_is_asked_in_the_language_chosen(
    questionnaire: Questionnaire, language: str, words: str, options: tuple[str, ...]
) -> None:
    sheet = OpenSheet(Sheet("k", "health", "urn:x|1", Subject("family", "f", "")), questionnaire, language)
    (row,) = sheet.rows()
    assert row.text == words
    assert tuple(option.text for option in row.options) == options
    sheet.answer("q", (row.options[0].value,))
    assert sheet.answers()[0]["answer"] == [{"valueCoding": {"code": "y", "display": "Awake"}}]


def test_a_reference_offers_the_people_of_the_family_in_fhirs_words() -> None:
    form = {
        "resourceType": "Questionnaire", "status": "active", "url": "urn:x", "version": "1",
        "item": [{"linkId": "q", "type": "reference", "text": "Who held the baby?"}],
    }  # fmt: skip
    people = (
        Person(PersonId("1"), FamilyId("f"), Role.MOTHER, given_name="Ayla"),
        Person(PersonId("2"), FamilyId("f"), Role.FATHER, given_name="Zoltan"),
    )
    sheet = OpenSheet(Sheet("k", "health", "urn:x|1", Subject("family", "f", "")), load_questionnaire(form), people=people)
    (row,) = sheet.rows()
    assert [option.text for option in row.options] == ["Ayla", "Zoltan"]
    sheet.answer("q", (row.options[1].value,))
    (answer,) = sheet.answers()[0]["answer"]
    assert answer == {"valueReference": {"reference": "RelatedPerson/2", "display": "Zoltan", "type": "RelatedPerson"}}
