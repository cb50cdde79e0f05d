"""The rules an answered question is judged by: one function each, listed once at the end."""

import base64
import binascii
import re
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal

from visitapp.forms import patterns
from visitapp.forms.answers import Branch, Spot
from visitapp.forms.facts import Fact, Severity
from visitapp.forms.items import Item, Option
from visitapp.forms.judging import Judging, at_answer, at_spot
from visitapp.forms.ordering import is_equal, order
from visitapp.forms.resources import RESOURCE_TYPES
from visitapp.forms.terminology import Verdict, fold
from visitapp.forms.values import Attachment, Coding, Quantity, Reference, Url, Value, value_text

Rule = Callable[[Spot, Judging], Iterable[Fact]]

_TEXTUAL = ("string", "text", "url", "open-choice")
_REFERENCE = re.compile(
    r"(?:(?:https?|ftp)://[^\s/]+/(?:[^\s]*/)?)?(?P<type>[A-Z][A-Za-z]+)/(?P<id>[A-Za-z0-9\-.]{1,64})"
    r"(?:/_history/[A-Za-z0-9\-.]{1,64})?(?:#\S+)?"
)
_UUID = re.compile(r"urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_OID = re.compile(r"urn:oid:[0-2](\.(0|[1-9][0-9]*))+")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:")


def required(spot: Spot, judging: Judging) -> Iterator[Fact]:
    """A required question needs an answer; a required group at least one answer somewhere below."""
    item = spot.item
    if not judging.is_required(spot):
        return
    if item.is_group:
        below = [each for each in spot.walk() if each.live and each.item.is_question]
        if below and not any(each.slots for each in below):
            yield at_spot(spot, "required", group=True)
    elif item.is_question and item.type != "question" and not spot.slots and not spot.faulty:
        yield at_spot(spot, "required", group=False)


def repeats(spot: Spot, judging: Judging) -> Iterator[Fact]:
    """Only a repeating item may have more than one answer or occurrence."""
    count = len(spot.slots) or len(spot.occurrences)
    if count > 1 and not spot.item.repeats:
        yield at_spot(spot, "repeats", count=count)


def min_count(spot: Spot, judging: Judging) -> Iterator[Fact]:
    """minOccurs counts only once there is something: whether there has to be anything is for `required`."""
    least = spot.item.min_occurs
    count = _occurs(spot)
    if least is not None and 0 < count < least:
        yield at_spot(spot, "minCount", min=least, count=count)


def max_count(spot: Spot, judging: Judging) -> Iterator[Fact]:
    """maxOccurs."""
    most = spot.item.max_occurs
    count = _occurs(spot)
    if most is not None and count > most:
        yield at_spot(spot, "maxCount", max=most, count=count)


def _occurs(spot: Spot) -> int:
    if not spot.item.is_group:
        return len(spot.slots)
    return sum(_has_answers(branch) or bool((branch.raw or {}).get("item")) for branch in spot.occurrences)


def _has_answers(branch: Branch) -> bool:
    return any(each.slots for child in branch.spots.values() for each in child.walk())


def exclusive(spot: Spot, judging: Judging) -> Iterator[Fact]:
    """An exclusive option stands alone."""
    if len(spot.slots) > 1 and any(option.exclusive for option in spot.item.options):
        for at, slot in enumerate(spot.slots):
            chosen = next((each for each in spot.item.options if _is_option(slot.value, each)), None)
            if chosen is not None and chosen.exclusive:
                yield at_answer(spot, at, "exclusiveAnswerOption", option=chosen.text)


def option(spot: Spot, judging: Judging) -> Iterator[Fact]:
    """With answerOptions an answer is one of them; an open choice may be text of its own."""
    options = judging.options(spot) if spot.item.answer_value_set is None else ()
    if not options:
        return
    for at, slot in enumerate(spot.slots):
        if spot.item.type == "open-choice" and type(slot.value) is str:
            continue
        if not any(_is_option(slot.value, each) for each in options):
            yield at_answer(spot, at, "invalidAnswerOption", value=_shown(slot.value))


def _is_option(value: Value, option: Option) -> bool:
    wanted = option.value
    if isinstance(value, Coding) and isinstance(wanted, Coding):
        if value.code is None and wanted.code is None:
            return fold(value.display or "") == fold(wanted.display or "")
        if value.code != wanted.code or (value.system and value.system != wanted.system):
            return False
        # A code shown under another option's name is a risk to the family, so the words count too.
        return not (value.display and wanted.display) or fold(value.display) in _names(option)
    return is_equal(value, wanted)


def _names(option: Option) -> set[str]:
    coding = option.raw.get("valueCoding")
    names = {fold(option.text)}
    for each in (coding.get("_display") or {}).get("extension", ()) if isinstance(coding, dict) else ():
        names.update(fold(part["valueString"]) for part in each.get("extension", ()) if "valueString" in part)
    return names


def value_set(spot: Spot, judging: Judging) -> Iterator[Fact]:
    """With an answerValueSet a coding is in it and is called what it is called there."""
    url = spot.item.answer_value_set
    if url is None:
        return
    for at, slot in enumerate(spot.slots):
        if isinstance(slot.value, Coding):
            match judging.value_sets.expansion(url).judge(slot.value):
                case Verdict.NOT_A_MEMBER | Verdict.WRONG_DISPLAY:
                    yield at_answer(spot, at, "invalidCoding", value=_shown(slot.value), set=url)
                case Verdict.UNKNOWN:
                    yield at_answer(spot, at, "tsError", severity=Severity.WARNING, set=url, value=_shown(slot.value))


def bounds(spot: Spot, judging: Judging) -> Iterator[Fact]:
    """minValue and maxValue: numbers, dates, times and quantities in comparable units."""
    least, most = judging.limits(spot)
    if least is None and most is None:
        return
    for at, slot in enumerate(spot.slots):
        for limit, rule, wrong in ((least, "minValue", -1), (most, "maxValue", 1)):
            if limit is None:
                continue
            sign = order(slot.value, _as_limit(limit, slot.value))
            if sign is None:
                if isinstance(slot.value, Quantity):
                    yield at_answer(spot, at, rule + "IncompatUnits", value=_shown(slot.value), limit=_shown(limit))
            elif sign == wrong:
                yield at_answer(spot, at, rule, value=_shown(slot.value), limit=_shown(limit))


def _as_limit(limit: Value, value: Value) -> Value:
    # A plain number bounds a quantity in whatever unit it has.
    if isinstance(value, Quantity) and isinstance(limit, (int, Decimal)):
        return Quantity(Decimal(limit), value.unit, value.system, value.code)
    return limit


def decimal_places(spot: Spot, judging: Judging) -> Iterator[Fact]:
    """maxDecimalPlaces, as the number was written."""
    most = spot.item.max_decimal_places
    if most is None:
        return
    for at, slot in enumerate(spot.slots):
        number = slot.value.value if isinstance(slot.value, Quantity) else slot.value
        if isinstance(number, Decimal):
            exponent = number.as_tuple().exponent
            places = max(0, -exponent) if isinstance(exponent, int) else 0
            if places > most:
                yield at_answer(spot, at, "maxDecimalPlaces", max=most, places=places)


def length(spot: Spot, judging: Judging) -> Iterator[Fact]:
    """minLength and maxLength, in characters."""
    least, most = spot.item.min_length, spot.item.max_length
    if least is None and most is None:
        return
    for at, slot in enumerate(spot.slots):
        text = _text(spot.item, slot.value)
        if text is None:
            continue
        if least is not None and len(text) < least:
            yield at_answer(spot, at, "minLength", min=least, length=len(text))
        if most is not None and len(text) > most:
            yield at_answer(spot, at, "maxLength", max=most, length=len(text))


def new_line(spot: Spot, judging: Judging) -> Iterator[Fact]:
    """A `string` is one line; `text` may have more."""
    if spot.item.type == "string":
        for at, slot in enumerate(spot.slots):
            if isinstance(slot.value, str) and ("\n" in slot.value or "\r" in slot.value):
                yield at_answer(spot, at, "invalidNewLine", structural=True)


def pattern(spot: Spot, judging: Judging) -> Iterator[Fact]:
    """The regex extension, within a time limit."""
    wanted = spot.item.regex
    if wanted is None:
        return
    for at, slot in enumerate(spot.slots):
        text = _text(spot.item, slot.value)
        if text is None:
            continue
        if judging.is_exhausted:
            yield at_answer(spot, at, "regexTimeout", severity=Severity.WARNING)
            continue
        try:
            if not patterns.matches(wanted, text):
                yield at_answer(spot, at, "regex", value=text[:80], format=spot.item.entry_format)
        except patterns.PatternTimeout:
            judging.timeouts += 1
            yield at_answer(spot, at, "regexTimeout", severity=Severity.WARNING)
        except patterns.BadPattern:
            yield at_answer(spot, at, "regexUnusable", severity=Severity.WARNING)


def _text(item: Item, value: Value) -> str | None:
    if isinstance(value, str) and item.type in _TEXTUAL:
        return str(value)
    if isinstance(value, (int, Decimal)) and not isinstance(value, bool):
        return getattr(value, "spelling", None) or str(value)
    return None


def unit(spot: Spot, judging: Judging) -> Iterator[Fact]:
    """unitOption and unitValueSet: a quantity is in one of the units, by system and code."""
    units, url = spot.item.units, spot.item.unit_value_set
    if (not units and url is None) or spot.item.is_unit_open:
        return
    for at, slot in enumerate(spot.slots):
        if not isinstance(slot.value, Quantity):
            continue
        found = Coding(slot.value.code, slot.value.system)
        if any(found.code is not None and (found.code, found.system) == (each.code, each.system) for each in units):
            continue
        verdict = judging.value_sets.expansion(url).judge(found) if url else Verdict.NOT_A_MEMBER
        if verdict is Verdict.UNKNOWN:
            yield at_answer(spot, at, "tsError", severity=Severity.WARNING, set=url, value=_shown(slot.value))
        elif verdict is Verdict.NOT_A_MEMBER:
            names = [each.display or each.code or "" for each in units]
            rule = "invalidUnit" if units else "invalidUnitValueSet"
            yield at_answer(spot, at, rule, value=_shown(slot.value), units=names)


def attachment(spot: Spot, judging: Judging) -> Iterator[Fact]:
    """mimeType and maxSize, and that the size said is the size sent."""
    if spot.item.type != "attachment":
        return
    for at, slot in enumerate(spot.slots):
        file = slot.value
        if not isinstance(file, Attachment):
            continue
        yield from _mime_type(spot, at, file)
        sent = _sent(file)
        if sent is not None and file.size is not None and sent != file.size:
            yield at_answer(spot, at, "attachmentSizeInconsistent", size=file.size, sent=sent)
        size = max(sent or 0, file.size or 0)
        most = spot.item.max_size
        if most is not None and size > most:
            yield at_answer(spot, at, "maxAttachmentSize", max=str(most), size=size)


def _mime_type(spot: Spot, at: int, file: Attachment) -> Iterator[Fact]:
    allowed = spot.item.mime_types
    if not allowed:
        return
    found = (file.content_type or "").split(";")[0].strip().lower()
    kinds = (found, found.split("/")[0] + "/*", "*/*") if found else ()
    if not any(kind in allowed for kind in kinds):
        yield at_answer(spot, at, "invalidAttachmentType", found=found, allowed=list(allowed))


def _sent(file: Attachment) -> int | None:
    if file.data is None:
        return None
    try:
        return len(base64.b64decode("".join(file.data.split()), validate=True))
    except (binascii.Error, ValueError):
        return None


def reference(spot: Spot, judging: Judging) -> Iterator[Fact]:
    """A reference is well formed, to a kind of record that exists and that the question allows."""
    if spot.item.type != "reference":
        return
    for at, slot in enumerate(spot.slots):
        if isinstance(slot.value, Reference):
            yield from _reference(spot, at, slot.value)


def _reference(spot: Spot, at: int, value: Reference) -> Iterator[Fact]:
    kind = value.type
    if value.reference is not None:
        found = _REFERENCE.fullmatch(value.reference)
        if found:
            kind = found["type"]
        elif not _is_other_reference(value.reference):
            yield at_answer(spot, at, "invalidRefValue", value=value.reference[:80])
            return
    if kind is not None and kind not in RESOURCE_TYPES:
        yield at_answer(spot, at, "invalidRefResourceType", type=kind[:80])
    elif kind is not None and spot.item.reference_types and kind not in spot.item.reference_types:
        yield at_answer(spot, at, "invalidRefResourceTypeRestriction", type=kind, allowed=list(spot.item.reference_types))


def _is_other_reference(text: str) -> bool:
    if text.startswith("#") or _UUID.fullmatch(text) or _OID.fullmatch(text):
        return True
    return _SCHEME.match(text) is not None and not any(character.isspace() for character in text)


def url(spot: Spot, judging: Judging) -> Iterator[Fact]:
    """A url has no white space; a urn:uuid or urn:oid is one."""
    if spot.item.type != "url":
        return
    for at, slot in enumerate(spot.slots):
        value = slot.value
        if not isinstance(value, Url):
            continue
        lower = value.lower()
        is_bad = (
            any(character.isspace() for character in value)
            or (lower.startswith("urn:uuid:") and not _UUID.fullmatch(value))
            or (lower.startswith("urn:oid:") and not _OID.fullmatch(value))
            or any(character in '<>"{}|\\^`' for character in value)
        )
        if is_bad:
            yield at_answer(spot, at, "invalidUrlValue", value=value[:80])


def invariants(spot: Spot, judging: Judging) -> Iterable[Fact]:
    """constraint and targetConstraint, once there is something to judge."""
    calculation = judging.calculation
    if calculation is None or not (spot.slots or any(map(_has_answers, spot.occurrences))):
        return ()
    constraints = judging.questionnaire.formulas.constraints.get(spot.item.link_id, ())
    return calculation.broken(constraints, spot.item, spot, spot.path) if constraints else ()


def _shown(value: Value) -> str:
    return value_text(value)[:80]


RULES: tuple[Rule, ...] = (
    required,
    repeats,
    min_count,
    max_count,
    new_line,
    exclusive,
    option,
    value_set,
    bounds,
    decimal_places,
    length,
    pattern,
    unit,
    attachment,
    reference,
    url,
    invariants,
)
