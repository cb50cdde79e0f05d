"""Totals of weighted answers, and the band a total falls in; an incomplete form has no total."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from visitapp.forms import extensions as ext
from visitapp.forms.answers import Answers, Spot
from visitapp.forms.definition import Questionnaire
from visitapp.forms.items import Item
from visitapp.forms.ordering import is_equal
from visitapp.forms.values import Value


@dataclass(frozen=True, slots=True)
class Band:
    """A range of totals, both ends within it, and what it is called; `positive` where it asks for a next step."""

    low: Decimal
    high: Decimal
    label: str
    code: str | None = None
    positive: bool = False


@dataclass(frozen=True, slots=True)
class Score:
    """A total of `answered` of `of` weighted questions; `value` is None unless all of them are answered."""

    value: Decimal | None
    answered: int
    of: int
    band: Band | None = None


def bands(questionnaire: Questionnaire) -> tuple[Band, ...]:
    """The bands a questionnaire gives by the `score-band` extension, in its order."""
    return _bands(questionnaire.extensions(ext.SCORE_BAND))


def band_of(item: Item, value: Value) -> Band | None:
    """The band that a total entered by hand falls in, where its question gives bands."""
    if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
        return None
    return next((band for band in _bands(item.extensions(ext.SCORE_BAND)) if band.low <= value <= band.high), None)


def _bands(found: Iterable[Any]) -> tuple[Band, ...]:
    made = (_band(said) for said in found)
    return tuple(band for band in made if band is not None)


def _band(said: Any) -> Band | None:
    if not isinstance(said, Mapping):
        return None
    parts = ext.parts(said)
    low, high, label = parts.get("low"), parts.get("high"), parts.get("label") or parts.get("text")
    if isinstance(low, bool) or not isinstance(low, (int, float, Decimal)):
        return None
    top = high if isinstance(high, (int, float, Decimal)) else 10**9
    code = parts.get("code")
    return Band(
        Decimal(str(low)),
        Decimal(str(top)),
        str(label or ""),
        code if isinstance(code, str) else None,
        parts.get("positive") is True,
    )


def weight(questionnaire: Questionnaire, spot: Spot, value: Value) -> Decimal | None:
    """The weight of one answer; None where its option has none."""
    for option in questionnaire.options(spot.item):
        if is_equal(option.value, value):
            return option.weight
    return None


def score(questionnaire: Questionnaire, answers: Answers) -> Score | None:
    """The total of all questions that are asked and weighted; None where the form has no such question."""
    total = Decimal(0)
    answered = of = 0
    for spot in _scored(questionnaire, answers.spots()):
        of += 1
        weights = [weight(questionnaire, spot, value) for value in spot.values]
        known = [each for each in weights if each is not None]
        if known and len(known) == len(weights):
            answered += 1
            total += sum(known)
    if not of:
        return None
    if answered < of:
        return Score(None, answered, of)
    found = next((band for band in bands(questionnaire) if band.low <= total <= band.high), None)
    return Score(total, answered, of, found)


def _scored(questionnaire: Questionnaire, spots: Iterable[Spot]) -> Iterable[Spot]:
    return (spot for spot in spots if spot.live and questionnaire.is_scored(spot.item))
