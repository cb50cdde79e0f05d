"""The words for what the forms engine found wrong with an answer; the engine itself has none."""

from typing import Any, Protocol


class FactLike(Protocol):
    """What the wording needs of a fact."""

    @property
    def rule(self) -> str: ...
    @property
    def detail(self) -> Any: ...


_WORDS = {
    "required": "This needs an answer before the visit is signed.",
    "repeats": "Only one answer can be given here.",
    "minCount": "Please give at least {min} answers.",
    "maxCount": "Please give at most {max} answers.",
    "invalidNewLine": "Please keep this to one line.",
    "exclusiveAnswerOption": "This answer cannot stand beside another one.",
    "invalidAnswerOption": "Choose one of the answers offered.",
    "invalidCoding": "Choose one of the answers offered.",
    "minValue": "The lowest allowed is {limit}.",
    "maxValue": "The highest allowed is {limit}.",
    "maxDecimalPlaces": "At most {max} digits after the point.",
    "minLength": "Please write at least {min} characters.",
    "maxLength": "Please shorten this: {max} characters at most.",
    "regex": "This does not have the form expected here.",
    "invalidUnit": "Please give it in one of the units offered.",
    "minValueIncompatUnits": "Please give it in the unit that is asked for.",
    "maxValueIncompatUnits": "Please give it in one of the units offered.",
    "invalidUrlValue": "This is not a web address.",
    "invalidAttachmentType": "This kind of file is not taken here.",
    "maxAttachmentSize": "The file is too large: {max} bytes at most.",
    "tsError": "Whether this code is right can only be checked online.",
}


class _Blank(dict[str, object]):
    def __missing__(self, key: str) -> str:
        return "…"


def problem_text(fact: FactLike) -> str:
    """A sentence a nurse can act on; a questionnaire's own invariant speaks with its own words."""
    detail = dict(fact.detail or {})
    if human := detail.get("human") or detail.get("text"):
        return str(human)
    words = _WORDS.get(fact.rule)
    if words is None:
        return "Please check this answer."
    return words.format_map(_Blank(detail))


def rule_words(rule: str) -> str:
    """The sentence for a rule alone, where the figures are not at hand."""
    return "Check an answer: " + _WORDS.get(rule, "please look at it again").format_map(_Blank())
