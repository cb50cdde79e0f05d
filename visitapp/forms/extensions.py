"""The extension urls the engine understands; any other is named when a questionnaire is loaded, and kept."""

from collections.abc import Mapping, Sequence
from typing import Any

_CORE = "http://hl7.org/fhir/StructureDefinition/"
_SDC = "http://hl7.org/fhir/uv/sdc/StructureDefinition/"
OWN = "https://visitapp.example/fhir/StructureDefinition/"

HIDDEN = _CORE + "questionnaire-hidden"
ITEM_CONTROL = _CORE + "questionnaire-itemControl"
ORIENTATION = _CORE + "questionnaire-choiceOrientation"
MIN_OCCURS = _CORE + "questionnaire-minOccurs"
MAX_OCCURS = _CORE + "questionnaire-maxOccurs"
MIN_VALUE = _CORE + "minValue"
MAX_VALUE = _CORE + "maxValue"
MIN_QUANTITY = _SDC + "sdc-questionnaire-minQuantity"
MAX_QUANTITY = _SDC + "sdc-questionnaire-maxQuantity"
MAX_DECIMAL_PLACES = _CORE + "maxDecimalPlaces"
MIN_LENGTH = _CORE + "minLength"
REGEX = _CORE + "regex"
ENTRY_FORMAT = _CORE + "entryFormat"
MIME_TYPE = _CORE + "mimeType"
MAX_SIZE = _CORE + "maxSize"
UNIT = _CORE + "questionnaire-unit"
UNIT_OPTION = _CORE + "questionnaire-unitOption"
UNIT_OPEN = _SDC + "sdc-questionnaire-unitOpen"
UNIT_VALUE_SET = _CORE + "questionnaire-unitValueSet"
REFERENCE_RESOURCE = _CORE + "questionnaire-referenceResource"
OPTION_EXCLUSIVE = _CORE + "questionnaire-optionExclusive"
OPTION_PREFIX = _CORE + "questionnaire-optionPrefix"
ORDINAL = (_CORE + "itemWeight", _CORE + "ordinalValue", _CORE + "questionnaire-ordinalValue")
SUPPORT_LINK = _CORE + "questionnaire-supportLink"
SLIDER_STEP = _CORE + "questionnaire-sliderStepValue"
DISPLAY_CATEGORY = _CORE + "questionnaire-displayCategory"
CONSTRAINT = _CORE + "questionnaire-constraint"
TARGET_CONSTRAINT = _CORE + "targetConstraint"
TRANSLATION = _CORE + "translation"
STYLE = _CORE + "rendering-style"
MARKDOWN = _CORE + "rendering-markdown"
XHTML = _CORE + "rendering-xhtml"
STYLE_SENSITIVE = _CORE + "rendering-styleSensitive"
VARIABLE = _CORE + "variable"
CQF_EXPRESSION = _CORE + "cqf-expression"
CQF_CALCULATED = _CORE + "cqf-calculatedValue"
CALCULATED = _SDC + "sdc-questionnaire-calculatedExpression"
INITIAL = _SDC + "sdc-questionnaire-initialExpression"
ENABLE_WHEN = _SDC + "sdc-questionnaire-enableWhenExpression"
ANSWER = _SDC + "sdc-questionnaire-answerExpression"
LAUNCH_CONTEXT = _SDC + "sdc-questionnaire-launchContext"
POPULATING = (_SDC + "sdc-questionnaire-itemPopulationContext", _SDC + "sdc-questionnaire-itemContext")
SOURCE_QUERIES = _SDC + "sdc-questionnaire-sourceQueries"
ASSEMBLE_CONTEXT = _SDC + "sdc-questionnaire-assembleContext"
ALLOCATE_ID = _SDC + "sdc-questionnaire-extractAllocateId"
ASSEMBLE = _SDC + "sdc-questionnaire-assemble-expectation"
SUB_QUESTIONNAIRE = _SDC + "sdc-questionnaire-subQuestionnaire"
OPEN_LABEL = _SDC + "sdc-questionnaire-openLabel"
SHORT_TEXT = _SDC + "sdc-questionnaire-shortText"
WIDTH = _SDC + "sdc-questionnaire-width"
COLLAPSIBLE = _SDC + "sdc-questionnaire-collapsible"
EXTRACT = _SDC + "sdc-questionnaire-observationExtract"
EXTRACT_CATEGORY = _SDC + "sdc-questionnaire-observation-extract-category"
SCORE_BAND = OWN + "score-band"

_DESCRIPTIVE = (
    # These say something about the document and change nothing in how it is filled in.
    _CORE + "artifact-versionAlgorithm",
    _CORE + "designNote",
    _CORE + "display",
    _CORE + "structuredefinition-fmm",
    _CORE + "structuredefinition-standards-status",
    _CORE + "structuredefinition-wg",
    _CORE + "valueset-reference",
    _SDC + "sdc-questionnaire-endpoint",
    _SDC + "sdc-questionnaire-performerType",
    _SDC + "sdc-questionnaire-preferredTerminologyServer",
)

_OWN_NAMES = (
    "agreed-item",
    "band",
    "construct",
    "family-copy",
    "level",
    "licence",
    "restricted",
    "rests-on",
    "safety-flow",
    "score-band",
    "section",
    "short-form",
    "side",
    "source",
    "strength",
    "subject",
)

# Only the names they give are understood; what they ask for is not done here.
_ONLY_NAMED = ("SOURCE_QUERIES", "ASSEMBLE_CONTEXT", "ALLOCATE_ID", "ASSEMBLE", "SUB_QUESTIONNAIRE")

UNDERSTOOD = frozenset(
    value
    for name, value in list(globals().items())
    if name.isupper() and isinstance(value, str) and name not in ("OWN", "_CORE", "_SDC", *_ONLY_NAMED)
) | frozenset((*ORDINAL, *_DESCRIPTIVE, *(OWN + name for name in _OWN_NAMES)))


def of(part: Any) -> Sequence[Mapping[str, Any]]:
    """The extensions on a JSON element, whatever shape it has; those without a url are passed over."""
    found = part.get("extension") if isinstance(part, Mapping) else None
    if not isinstance(found, list):
        return ()
    return [each for each in found if isinstance(each, Mapping) and isinstance(each.get("url"), str)]


def parts(extension: Any) -> dict[str, Any]:
    """What each part of an extension says, by the part's url."""
    return {piece["url"]: content(piece) for piece in of(extension)}


def first(part: Any, *urls: str) -> Mapping[str, Any] | None:
    """The first extension that has one of the urls."""
    for each in of(part):
        if each.get("url") in urls:
            return each
    return None


def content(extension: Mapping[str, Any] | None) -> Any:
    """What an extension says: its value[x] as JSON, or the whole where it is made of parts, or None."""
    if extension is None:
        return None
    for key, value in extension.items():
        if key.startswith("value"):
            return value
    return extension


def says(part: Any, *urls: str) -> Any:
    """What the first extension with one of the urls says, or None."""
    return content(first(part, *urls)) if isinstance(part, Mapping) and "extension" in part else None


def translated(part: Mapping[str, Any], key: str, language: str) -> str | None:
    """The translation of a primitive element in a language, by the translation extension on its `_key` sibling."""
    for each in of(part.get("_" + key)):
        if each.get("url") != TRANSLATION:
            continue
        pair = parts(each)
        lang, text = pair.get("lang"), pair.get("content")
        if isinstance(lang, str) and isinstance(text, str) and _primary(lang) == _primary(language):
            return text
    return None


def _primary(language: str) -> str:
    return language.partition("-")[0].lower()
