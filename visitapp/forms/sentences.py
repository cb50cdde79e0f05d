"""What the command line says of each rule; the screens have words of their own."""

from collections.abc import Mapping
from typing import Any

from visitapp.forms.facts import Fact

SENTENCES: Mapping[str, str] = {
    "attachmentSizeInconsistent": "the file says it has {size} bytes, but {sent} were sent",
    "displayAnswer": "display items can't be answered",
    "displayWithItems": "a display item can't have items below it",
    "displayWithRules": "required, repeats and readOnly mean nothing on a display item",
    "emptyGroup": "the group has nothing in it",
    "enableBehaviorMissing": "several enableWhen need an enableBehavior; all of them have to be met",
    "enableWhenCycle": "whether this is asked depends on itself, by way of {question!r}",
    "enableWhenNotAQuestion": "enableWhen looks at {question!r}, which can't be answered",
    "enableWhenQuestionMissing": "enableWhen looks at {question!r}, which isn't in the questionnaire",
    "exclusiveAnswerOption": "{option!r} stands alone and can't be chosen with others",
    "expressionBroken": "the expression can't be read: {expression!r}",
    "expressionCycle": "the calculation depends on itself",
    "expressionElsewhere": "can't be worked out here: it needs %{name}, which comes from elsewhere: {expression!r}",
    "expressionFailed": "the expression could not be evaluated: {expression!r}",
    "expressionTimeout": "the expression took too long: {expression!r}",
    "expressionVariable": "nothing defines %{name}, so this is not worked out: {expression!r}",
    "groupShouldNotHaveAnswers": "a group is not answered itself; what is below it belongs in 'item'",
    "implicitRules": "it is to be read by rules of its own, which aren't known here: {url}",
    "initialNotAllowed": "a {type} can't have an initial value",
    "initialNotReadable": "an initial value is not of a type that can be used",
    "initialTooMany": "{count} initial values for a question that takes one answer",
    "invalidAnswerOption": "{value!r} is not one of the options",
    "invalidAnswerType": "an answer of type {found} where the question is of type {type}",
    "invalidAttachmentType": "a file of type {found!r}; allowed are {allowed}",
    "invalidCoding": "{value!r} is not a valid choice from {set}",
    "invalidLinkId": "there is no such linkId at this place of the questionnaire",
    "invalidNewLine": "a question of type 'string' takes one line",
    "invalidRefResourceType": "{type!r} is no kind of FHIR R4 resource",
    "invalidRefResourceTypeRestriction": "a reference to {type}; allowed are {allowed}",
    "invalidRefValue": "{value!r} is not a reference",
    "invalidType": "the type {type!r} can't be used for an item",
    "invalidUnit": "{value!r} is in none of the units {units}",
    "invalidUnitValueSet": "the unit of {value!r} is not in the value set",
    "invalidUrlValue": "{value!r} is not a url",
    "invariant": "{human}",
    "invariantExecution": "the constraint {key!r} could not be evaluated",
    "itemNotBelowAnswer": "what is below a question belongs below its answer",
    "itemOrder": "it comes later than the questionnaire has it",
    "linkIdMissing": "the item has no linkId",
    "linkIdTwice": "the linkId is used more than once",
    "maxAttachmentSize": "at most {max} bytes, found {size}",
    "maxCount": "at most {max} answers, found {count}",
    "maxDecimalPlaces": "at most {max} decimal places, found {places}",
    "maxLength": "at most {max} characters, found {length}",
    "maxLengthNotAllowed": "maxLength means nothing on a {type}",
    "maxValue": "at most {limit}, found {value}",
    "maxValueIncompatUnits": "{value} can't be compared with the maximum {limit}",
    "minCount": "at least {min} answers, found {count}",
    "minLength": "at least {min} characters, found {length}",
    "minValue": "at least {limit}, found {value}",
    "minValueIncompatUnits": "{value} can't be compared with the minimum {limit}",
    "modifierExtension": "a modifier extension that isn't understood forbids using this: {url}",
    "noUrl": "without a url the questionnaire can't be named by its answers",
    "notAQuestionnaire": "this is no Questionnaire but {found!r}",
    "notAResponse": "this is no QuestionnaireResponse but {found!r}",
    "notEnabled": "answered although it was not asked",
    "notReadable": "not readable: {reason}",
    "optionNotReadable": "an answerOption has no value that can be used",
    "optionsNotAllowed": "a {type} can't have options",
    "optionsTwice": "answerOption and answerValueSet can't be used together",
    "otherVersion": "{what} is of FHIR {version}; here FHIR R4 is read, which has {instead}",
    "packChecksum": "{name} is not what the pack's list says it is",
    "packFormat": "this is no pack of questionnaires",
    "packManifest": "the pack does not say its {element}",
    "packNeeded": "a questionnaire alone can be looked at here; to be used in visits it has to come in a signed pack",
    "packSignature": "the signature by {key!r} is not good",
    "packSigner": "your service has not published anything that was signed by {key}",
    "packTwice": "{name} is in the pack twice",
    "packUnsigned": "nobody has signed the pack",
    "questionnaireDraft": "the questionnaire is a draft",
    "questionnaireInactive": "answered outside the time in which the questionnaire is in use",
    "questionnaireMismatch": "the response was given to another questionnaire, {found}",
    "questionnaireNotFound": "the questionnaire {found!r} isn't on this machine",
    "questionnaireRetired": "the questionnaire is retired",
    "questionnaireVersion": "the response was given to version {found!r}",
    "regex": "{value!r} is not of the form asked for {format}",
    "regexTimeout": "it took too long to find out whether the answer is of the form asked for",
    "regexUnusable": "the regular expression can't be used, so the answer was not checked against it",
    "repeats": "{count} answers to a question that takes one",
    "required": "an answer is required",
    "status": "the status is missing or none of FHIR's",
    "structure": "the shape is wrong: {reason}",
    "tooDeep": "items are nested deeper than {limit}",
    "tooManyItems": "more than {limit} items",
    "tsError": "can't be checked here: {set} needs a terminology server",
    "valueSetElsewhere": "not all of {set} is on this machine: the rest can't be offered, nor checked without a terminology server",
    "versionTaken": "{name} is here already with other content; a changed questionnaire needs a new version",
    "unsupported": "not supported, kept as it is: {what}",
}


# What stops a file from being read at all, and what is wrong with a shape, in words.
REASONS: Mapping[str, str] = {
    "answer-is-not-a-list": "'answer' has to be a list",
    "answer-is-not-an-object": "an answer has to be an object",
    "enableWhen-without-operator-or-answer": "a condition needs an operator, and an answer of the type that its key says",
    "enableWhen-without-question": "a condition needs the linkId of a question",
    "item-is-not-a-list": "'item' has to be a list",
    "item-is-not-an-object": "an item has to be an object",
    "item-without-linkId": "an item needs a linkId",
    "no-json-in-folder": "there is no .json file in the folder",
    "no-response": "without a questionnaire a response has to be given with --response",
    "no-such-file": "there is no such file, or it may not be read",
    "not-an-object": "it is JSON, but no FHIR resource",
    "not-json": "it is no JSON",
    "not-unfolded": "what was folded to travel can't be unfolded",
    "not-utf8": "it is no text in UTF-8",
    "number-too-long": "it holds a number of more digits than any measurement has",
    "too-deep": "it is nested deeper than any form",
    "too-large": "it is larger than 32 MB",
    "xml": "it is XML; here FHIR's JSON is read",
}


class _Details(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return ""


def sentence(fact: Fact) -> str:
    """What is wrong, in one sentence that names the item."""
    details = _Details(fact.detail)
    reason = details.get("reason")
    if isinstance(reason, str):
        details["reason"] = REASONS.get(reason, reason)
    said = SENTENCES.get(fact.rule, fact.rule).format_map(details).strip()
    return f"{fact.link_id}: {said}" if fact.link_id else said
