"""What a filled-in form adds to the timeline: observations that it marks for it, its score, and its ribbons."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from visitapp.forms import extensions as ext
from visitapp.forms.answers import Answers, Spot
from visitapp.forms.calculation import LaunchContext
from visitapp.forms.definition import Questionnaire
from visitapp.forms.items import Item, codings
from visitapp.forms.scoring import Band, Score, band_of, score
from visitapp.forms.settling import Settling
from visitapp.forms.values import Coding, Value, write_value

_BARE = frozenset(("total", "score"))


@dataclass(frozen=True, slots=True)
class Extract:
    """One thing a form says for the timeline: a coded answer, the total, or how one construct was seen."""

    kind: Literal["answer", "score", "construct"]
    link_id: str | None
    codes: tuple[Coding, ...]
    value: Value
    construct: str | None = None
    side: str | None = None
    categories: tuple[Coding, ...] = ()
    score: Score | None = None
    text: str = ""
    band: Band | None = None


def extracts(questionnaire: Questionnaire, items: Sequence[Mapping[str, Any]]) -> tuple[Extract, ...]:
    """Everything response items say for the timeline, in the order of the form; what isn't asked is left out."""
    answers = Answers(questionnaire.items, items, complete=False)
    Settling(questionnaire, answers, LaunchContext()).settle_all()
    found = [each for spot in answers.spots() if spot.live for each in _of_spot(questionnaire, spot)]
    total = score(questionnaire, answers)
    if total is not None and total.value is not None:
        codes = codings(questionnaire.raw.get("code"))
        found.append(Extract("score", None, codes, total.value, score=total))
    return tuple(found)


def _of_spot(questionnaire: Questionnaire, spot: Spot) -> Iterator[Extract]:
    item = spot.item
    construct = item.extension(ext.OWN + "construct")
    if isinstance(construct, str):
        side = item.extension(ext.OWN + "side")
        for value in spot.values:
            named = side if isinstance(side, str) else None
            yield Extract("construct", item.link_id, item.codes, value, construct, named)
    if _is_extracted(questionnaire, item):
        categories = _categories(questionnaire, item)
        for value in spot.values:
            band = band_of(item, value)
            yield Extract("answer", item.link_id, item.codes, value, categories=categories, text=_named(item), band=band)


def _named(item: Item) -> str:
    """What an answer without a code is about: its own words, or those of its group where it only says "Total"."""
    own = item.text or item.short_text
    if own.casefold() in _BARE and item.parent is not None and item.parent.text:
        return item.parent.text
    return own


def _is_extracted(questionnaire: Questionnaire, item: Item) -> bool:
    """The nearest observationExtract counts: of the item, of one above it, of the form.

    A question without a code is taken only where it is marked itself: a form marked as a whole means those that have one.
    """
    if not item.codes:
        return item.is_question and item.extension(ext.EXTRACT) is True
    for each in (item, *item.ancestors()):
        said = each.extension(ext.EXTRACT)
        if isinstance(said, bool):
            return said
    return questionnaire.extension(ext.EXTRACT) is True


def _categories(questionnaire: Questionnaire, item: Item) -> tuple[Coding, ...]:
    for said in (*(each.extension(ext.EXTRACT_CATEGORY) for each in (item, *item.ancestors())),):
        if isinstance(said, Mapping):
            return codings(said.get("coding"))
    said = questionnaire.extension(ext.EXTRACT_CATEGORY)
    return codings(said.get("coding")) if isinstance(said, Mapping) else ()


def observation(extract: Extract, *, subject: str, effective: str, derived_from: str, issued: str | None = None) -> dict[str, Any]:
    """An extract as a FHIR R4 Observation; references and times are given as FHIR spells them."""
    value = extract.value
    if isinstance(value, Decimal) and value == value.to_integral_value():
        value = int(value)
    key, json = write_value(value)
    if key == "valueCoding":
        key, json = "valueCodeableConcept", {"coding": [json]}
    elif key == "valueDecimal":
        key, json = "valueQuantity", {"value": json}
    elif key in ("valueDate", "valueUri"):
        key = "valueDateTime" if key == "valueDate" else "valueString"
    made: dict[str, Any] = {"resourceType": "Observation", "status": "final"}
    if extract.categories:
        made["category"] = [{"coding": [write_value(each)[1] for each in extract.categories]}]
    made["code"] = {"coding": [write_value(each)[1] for each in extract.codes]}
    if not extract.codes and (text := extract.construct or extract.text):
        made["code"] = {"text": text}
    made |= {"subject": {"reference": subject}, "effectiveDateTime": effective}
    if issued:
        made["issued"] = issued
    return made | {key: json, "derivedFrom": [{"reference": derived_from}]}
