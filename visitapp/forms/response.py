"""A QuestionnaireResponse made of answers, naming the version of the questionnaire they were given in."""

from collections.abc import Mapping, Sequence
from typing import Any

from visitapp.forms.definition import Questionnaire


def response(questionnaire: Questionnaire, items: Sequence[Mapping[str, Any]], **meta: Any) -> dict[str, Any]:
    """The whole resource; `meta` are its other elements by their FHIR names, `status` is "completed" unless given."""
    made: dict[str, Any] = {"resourceType": "QuestionnaireResponse"}
    for key in ("id", "meta", "identifier"):
        if key in meta:
            made[key] = meta.pop(key)
    made["questionnaire"] = questionnaire.canonical
    made["status"] = meta.pop("status", "completed")
    made |= {key: value for key, value in meta.items() if value is not None}
    if items:
        made["item"] = list(items)
    return made
