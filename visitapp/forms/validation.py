"""Judging a whole response by its questionnaire: the same code on the client, at signing and on the server."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from visitapp.forms.answers import Answers, Spot
from visitapp.forms.calculation import LaunchContext
from visitapp.forms.definition import Questionnaire
from visitapp.forms.facts import Fact, Severity
from visitapp.forms.judging import Judging, at_spot
from visitapp.forms.rules import RULES
from visitapp.forms.settling import Settling

STATUSES = frozenset(("in-progress", "completed", "amended", "entered-in-error", "stopped"))
MAX_FACTS = 2000


def validate(questionnaire: Questionnaire, response: Mapping[str, Any], context: LaunchContext | None = None) -> tuple[Fact, ...]:
    """Everything a response breaks, with rule, linkId, path and severity.

    While a response is in progress, what later answers can mend is a warning. Expressions that ask what today is get
    the day the response was written.
    """
    facts = list(_of_response(questionnaire, response))
    answers = Answers(questionnaire.items, response.get("item"), complete=False)
    settling = Settling(questionnaire, answers, context or LaunchContext(at=_moment(response.get("authored"))))
    settling.settle_all()
    facts += answers.facts
    facts += judged(answers, Judging(questionnaire, questionnaire.value_sets, settling.calculation), is_response=True)
    facts += settling.facts
    if response.get("status") == "in-progress":
        facts = [_softened(fact) for fact in facts]
    return tuple(facts[:MAX_FACTS])


def _moment(authored: Any) -> datetime | None:
    try:
        return datetime.fromisoformat(authored) if isinstance(authored, str) else None
    except ValueError:
        return None


def judged(answers: Answers, judging: Judging, *, is_response: bool = False) -> Iterator[Fact]:
    """What the rules say of every spot that is asked, in the order of the form.

    On the screen an answer to a question no longer asked is only kept in mind; in a response it is out of place.
    """
    if judging.calculation is not None:
        judging.calculation.begin()
    spots = list(answers.root.spots.values())[::-1]
    while spots:
        spot = spots.pop()
        if spot.live:
            yield from judge(spot, judging)
            below = (branch for branch in spot.branches() if not branch.imagined)
            spots.extend([each for branch in below for each in branch.spots.values()][::-1])
        elif is_response and any(each.slots for each in spot.walk()):
            yield at_spot(spot, "notEnabled", severity=Severity.WARNING)
    if judging.calculation is not None:
        constraints = judging.questionnaire.formulas.root_constraints
        yield from judging.calculation.broken(constraints, None, None, "QuestionnaireResponse")


def judge(spot: Spot, judging: Judging) -> Iterable[Fact]:
    """What the rules say of one spot."""
    for rule in RULES:
        yield from rule(spot, judging)


def _softened(fact: Fact) -> Fact:
    if fact.severity is Severity.ERROR and not fact.structural:
        return replace(fact, severity=Severity.WARNING)
    return fact


def _of_response(questionnaire: Questionnaire, response: Mapping[str, Any]) -> Iterator[Fact]:
    def fact(severity: Severity, rule: str, element: str, **detail: Any) -> Fact:
        return Fact(severity, rule, None, f"QuestionnaireResponse.{element}", detail, structural=True)

    if response.get("resourceType", "QuestionnaireResponse") != "QuestionnaireResponse":
        yield fact(Severity.ERROR, "notAResponse", "resourceType", found=str(response.get("resourceType"))[:80])
    status = response.get("status")
    if status is not None and not (isinstance(status, str) and status in STATUSES):
        yield fact(Severity.ERROR, "status", "status", found=str(status)[:80])
    named = response.get("questionnaire")
    if isinstance(named, str) and not named.startswith("#") and questionnaire.raw.get("url"):
        url, _, version = named.partition("|")
        if url != questionnaire.url:
            yield fact(Severity.WARNING, "questionnaireMismatch", "questionnaire", found=named[:300])
        elif version and questionnaire.version and version != questionnaire.version:
            yield fact(Severity.WARNING, "questionnaireVersion", "questionnaire", found=version[:80])
    yield from _of_status(questionnaire, response)


def _of_status(questionnaire: Questionnaire, response: Mapping[str, Any]) -> Iterator[Fact]:
    if questionnaire.status == "draft":
        yield Fact(Severity.INFORMATION, "questionnaireDraft", None, "QuestionnaireResponse.questionnaire")
    elif questionnaire.status == "retired":
        yield Fact(Severity.WARNING, "questionnaireRetired", None, "QuestionnaireResponse.questionnaire")
    authored = response.get("authored")
    period = questionnaire.raw.get("effectivePeriod")
    if isinstance(authored, str) and isinstance(period, Mapping):
        start, end = period.get("start"), period.get("end")
        is_early = isinstance(start, str) and authored[: len(start)] < start[: len(authored)]
        is_late = isinstance(end, str) and authored[: len(end)] > end[: len(authored)]
        if is_early or is_late:
            yield Fact(Severity.WARNING, "questionnaireInactive", None, "QuestionnaireResponse.authored")
