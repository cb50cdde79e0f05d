"""What is doubtful or without effect in a questionnaire that can be used: named when it is loaded, never dropped."""

import time
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from visitapp.forms import extensions as ext
from visitapp.forms.expressions import is_readable
from visitapp.forms.facts import Fact, Severity
from visitapp.forms.items import Item

if TYPE_CHECKING:
    from visitapp.forms.definition import Questionnaire

_WITHOUT_OPTIONS = frozenset(("group", "display", "boolean", "attachment"))
_ELEMENTS = frozenset(
    (
        *("resourceType", "id", "meta", "implicitRules", "language", "text", "contained", "extension", "url"),
        *("modifierExtension", "identifier", "version", "name", "title", "derivedFrom", "status", "experimental"),
        *("subjectType", "date", "publisher", "contact", "description", "useContext", "jurisdiction", "purpose"),
        *("copyright", "approvalDate", "lastReviewDate", "effectivePeriod", "code", "item"),
    )
)
_ITEM_ELEMENTS = frozenset(
    (
        *("id", "extension", "modifierExtension", "linkId", "definition", "code", "prefix", "text", "type"),
        *("enableWhen", "enableBehavior", "required", "repeats", "readOnly", "maxLength", "answerValueSet"),
        *("answerOption", "initial", "item"),
    )
)
# What is understood where it stands beside a text: its translation, its format, its calculation.
_BESIDE = frozenset((ext.TRANSLATION, ext.STYLE, ext.MARKDOWN, ext.XHTML, ext.CQF_EXPRESSION))
_CALCULATED = frozenset(("_text", "_required", "_readOnly"))
# What other versions of FHIR call it: (what they have, which version, what R4 has); where it can't be done without.
_OF_OTHERS = {
    "group": ("group", "DSTU2", "item"),
    "option": ("option", "STU3", "answerOption"),
    "options": ("options", "STU3", "answerValueSet"),
}
_FLAGS = ("required", "repeats", "readOnly")
_WITH_LENGTH = frozenset(("boolean", "decimal", "integer", "string", "text", "url", "open-choice"))


def inspect(questionnaire: "Questionnaire") -> Iterator[Fact]:
    """Everything worth telling the author of the questionnaire; errors are what makes part of it meaningless."""
    status = questionnaire.raw.get("status")
    if status not in ("draft", "active", "retired", "unknown"):
        # Without one it is still clear what is asked; a wrong one may mean that it is not to be used.
        severity = Severity.WARNING if status is None else Severity.ERROR
        yield Fact(severity, "status", None, "Questionnaire.status")
    if not questionnaire.raw.get("url"):
        yield Fact(Severity.INFORMATION, "noUrl", None, "Questionnaire.url")
    yield from _unknown(questionnaire.raw, "Questionnaire", None, _ELEMENTS)
    yield from questionnaire.formulas.facts
    for item in questionnaire.all_items():
        yield from _unknown(item.raw, item.path, item.link_id, _ITEM_ELEMENTS)
        yield from _shape(item)
        yield from _conditions(item, questionnaire)
        yield from _value_sets(item, questionnaire)


def _unknown(part: Mapping[str, Any], path: str, link_id: str | None, elements: frozenset[str]) -> Iterator[Fact]:
    urls = [str(each.get("url")) for each in ext.of(part)]
    options = part.get("answerOption")
    if isinstance(options, list):
        urls += [str(each.get("url")) for option in options for each in ext.of(option)]
    for url in dict.fromkeys(urls):
        if url not in ext.UNDERSTOOD:
            # Where questions would be missing it is more than a remark.
            severity = Severity.WARNING if url in (ext.SUB_QUESTIONNAIRE, ext.SOURCE_QUERIES) else Severity.INFORMATION
            yield Fact(severity, "unsupported", link_id, path, {"what": url[:300]})
    for key in part:
        if key.startswith("_"):
            urls = [str(each.get("url")) for each in ext.of(part[key])]
            for url in dict.fromkeys(urls):
                if url not in _BESIDE or (url == ext.CQF_EXPRESSION and key not in _CALCULATED):
                    yield Fact(Severity.INFORMATION, "unsupported", link_id, f"{path}.{key[1:]}", {"what": url[:300]})
        if key in _OF_OTHERS:
            what, version, instead = _OF_OTHERS[key]
            detail = {"what": repr(what), "version": version, "instead": repr(instead)}
            yield Fact(Severity.ERROR, "otherVersion", link_id, path, detail)
        elif key.removeprefix("_") not in elements:
            yield Fact(Severity.INFORMATION, "unsupported", link_id, path, {"what": key[:300]})


def _shape(item: Item) -> Iterator[Fact]:
    def error(rule: str, **detail: Any) -> Fact:
        return Fact(Severity.ERROR, rule, item.link_id, item.path, detail)

    raw = item.raw
    if item.type == "question":
        # R4 allows the abstract type to be written down, but says that nothing can be answered by it.
        yield error("invalidType", type="question")
    if item.is_group and not item.items:
        yield Fact(Severity.WARNING, "emptyGroup", item.link_id, item.path)
    if item.type == "display" and any(not child.is_beside for child in item.items):
        yield error("displayWithItems")
    if item.type == "display" and any(key in raw for key in _FLAGS):
        yield Fact(Severity.WARNING, "displayWithRules", item.link_id, item.path)
    if "answerOption" in raw and "answerValueSet" in raw:
        yield error("optionsTwice")
    if ("answerOption" in raw or "answerValueSet" in raw) and item.type in _WITHOUT_OPTIONS:
        yield error("optionsNotAllowed", type=item.type)
    if isinstance(raw.get("answerOption"), list) and len(raw["answerOption"]) != len(item.options):
        yield error("optionNotReadable")
    if item.max_length is not None and item.type not in _WITH_LENGTH:
        yield Fact(Severity.WARNING, "maxLengthNotAllowed", item.link_id, item.path, {"type": item.type})
    for key in _FLAGS:
        if key in raw and not isinstance(raw[key], bool):
            yield error("structure", reason=f"{key}-is-not-a-boolean")
    initial = raw.get("initial")
    if isinstance(initial, list) and initial:
        yield from _initial(item, initial)


def _value_sets(item: Item, questionnaire: "Questionnaire") -> Iterator[Fact]:
    """What is chosen from is on this machine whole, or it is said that it can't be offered or checked."""
    for url in (item.answer_value_set, item.unit_value_set):
        if url is not None and questionnaire.value_sets.expansion(url).unlisted:
            yield Fact(Severity.WARNING, "valueSetElsewhere", item.link_id, item.path, {"set": url[:300]})


def unreadable(questionnaire: "Questionnaire", seconds: float = 0.8) -> Iterator[Fact]:
    """Expressions that are no FHIRPath, as far as they can be read in the time; the rest is judged when it is used."""
    until = time.monotonic() + seconds
    for item, found in questionnaire.formulas.all_expressions():
        if time.monotonic() > until:
            return
        if not is_readable(found.text):
            link_id, path = (item.link_id, item.path) if item else (None, "Questionnaire")
            yield Fact(Severity.ERROR, "expressionBroken", link_id, path, {"expression": found.text[:200]})


def _initial(item: Item, initial: list[Any]) -> Iterator[Fact]:
    if not item.is_question:
        yield Fact(Severity.ERROR, "initialNotAllowed", item.link_id, item.path, {"type": item.type})
    elif len(initial) > 1 and not item.repeats:
        yield Fact(Severity.ERROR, "initialTooMany", item.link_id, item.path, {"count": len(initial)})
    elif not item.initial:
        yield Fact(Severity.WARNING, "initialNotReadable", item.link_id, item.path)


def _conditions(item: Item, questionnaire: "Questionnaire") -> Iterator[Fact]:
    if len(item.conditions) > 1 and item.raw.get("enableBehavior") not in ("any", "all"):
        yield Fact(Severity.WARNING, "enableBehaviorMissing", item.link_id, item.path)
    for at, condition in enumerate(item.conditions):
        path = f"{item.path}.enableWhen[{at}]"
        target = questionnaire.item(condition.question)
        if target is None:
            detail = {"question": condition.question[:200]}
            # A part that is to be put into another form may look at what only that form has.
            severity = Severity.ERROR if questionnaire.extension(ext.ASSEMBLE) is None else Severity.WARNING
            yield Fact(severity, "enableWhenQuestionMissing", item.link_id, path, detail)
        elif not target.is_question:
            yield Fact(Severity.ERROR, "enableWhenNotAQuestion", item.link_id, path, {"question": target.link_id})
        elif questionnaire.dependencies.is_cyclic(item, condition):
            yield Fact(Severity.ERROR, "enableWhenCycle", item.link_id, path, {"question": target.link_id})
